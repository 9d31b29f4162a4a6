"""What an embedded API refuses before it takes a message, in the vendor's own names."""

from mailgui.api.definition import Provider
from mailgui.api.fields import AddressPlace, ValuePlace, places
from mailgui.sandbox.api_answers import HttpAnswer, make_answer
from mailgui.sandbox.api_request import ApiRequest, ReadMessage

_ADDRESS_FORM = (
    "The email address needs to follow the `email@example.com` or "
    "`Name <email@example.com>` format."
)


class Refused(Exception):
    """The call is answered with an error."""

    def __init__(self, answer: HttpAnswer) -> None:
        super().__init__()
        self.answer = answer


def invalid(provider: Provider, sentence: str, name: str) -> Refused:
    """Return a validation error that says ``sentence`` about the field ``name``."""
    values = {"message": sentence, "field": name}
    return Refused(make_answer(provider, "validation", values))


def vendor_name(provider: Provider, name: str) -> str:
    """Return what a vendor calls a field."""
    found = places(provider.fields, name)
    return found[0].path or found[0].header if found else name


def validate(message: ReadMessage) -> None:
    """Raise Refused for what every vendor refuses."""
    provider = message.provider
    if not isinstance(message.tree, dict):
        raise invalid(provider, "The request body must be an object.", "body")
    for name in ("from", "to"):
        if not message.mailboxes(name):
            field = vendor_name(provider, name)
            raise invalid(provider, f"Missing `{field}` field.", field)
    for name in ("from", "to", "cc", "bcc", "reply_to"):
        boxes = message.mailboxes(name)
        field = vendor_name(provider, name)
        if any(not box.valid for box in boxes):
            raise invalid(provider, f"Invalid `{field}` field. {_ADDRESS_FORM}", field)
        limits = [p.max for p in places(provider.fields, name) if isinstance(p, AddressPlace)]
        if limits and limits[0] is not None and len(boxes) > limits[0]:
            sentence = f"Too many addresses in `{field}`: at most {limits[0]}."
            raise invalid(provider, sentence, field)
    most = provider.limits.recipients
    if most is not None and len(message.recipients) > most:
        raise invalid(provider, f"Too many recipients: at most {most}.", "to")
    if not any(any(message.values(name)) for name in ("text", "html", "template_id")):
        field = vendor_name(provider, "html")
        raise invalid(provider, f"Missing `{field}` or `text` field.", field)
    if not message.text("subject") and not any(message.values("template_id")):
        field = vendor_name(provider, "subject")
        raise invalid(provider, f"Missing `{field}` field.", field)


def idempotency_key(request: ApiRequest) -> str | None:
    """Return the key that a call carries, or None. Raises Refused for one that is none."""
    place = next(iter(places(request.provider.fields, "idempotency_key")), None)
    if place is None or not place.header or place.header.lower() not in request.headers:
        return None
    key = request.headers[place.header.lower()]
    longest = place.max if isinstance(place, ValuePlace) and place.max else 256
    if not 0 < len(key) <= longest:
        values = {"message": f"The key must be between 1-{longest} chars."}
        code = _known_code(request.provider, "invalid_idempotency_key")
        raise Refused(make_answer(request.provider, "validation", values, status=400, code=code))
    return key


def key_in_use(provider: Provider, *, running: bool) -> HttpAnswer:
    """Return the answer to a call whose idempotency key belongs to another one."""
    code = "concurrent_idempotent_requests" if running else "invalid_idempotent_request"
    message = (
        "Same idempotency key used while original request is still in progress."
        if running
        else "Same idempotency key used with a different request payload."
    )
    code = _known_code(provider, code)
    return make_answer(provider, "conflict", {"message": message}, code=code)


def _known_code(provider: Provider, code: str) -> str:
    return code if code in provider.errors.codes else ""
