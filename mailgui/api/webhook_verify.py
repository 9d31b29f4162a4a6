"""Whether a webhook request is the provider's, by the scheme that its provider file names."""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from mailgui.api.definition import Provider
from mailgui.api.template import fill
from mailgui.api.webhook_content import (
    SignatureProblem,
    given_signatures,
    mac,
    md5_of,
    signature_text,
    signed_content,
)
from mailgui.api.webhook_definition import Signature, Webhooks
from mailgui.api.webhook_diagnosis import Memory, why_wrong
from mailgui.api.webhook_keys import (
    KeyProblem,
    ec_public_key,
    from_base64,
    rsa_public_key,
    secret_octets,
)
from mailgui.api.webhook_request import BodyProblem, WebhookRequest, value_at
from mailgui.api.webhook_sns import verify_sns
from mailgui.api.webhook_time import ago, moment
from mailgui.api.webhook_verdict import (
    Reason,
    Verification,
    WebhookVerdict,
    forged,
    unchecked,
)


@dataclass(frozen=True, slots=True)
class Case:
    """One request to judge.

    Attributes:
        key: the signing key, or what else the scheme asks for; "" where none is known.
        now: the moment that its age is measured at.
        memory: what was seen before, where that is kept.
        others: the providers whose signature it might carry instead.
        certificate: of ``sns``: the signing certificate as PEM, fetched from where it may be;
            ``authorities`` are those that the provider file names.
    """

    provider: Provider
    request: WebhookRequest
    key: str = field(repr=False)
    now: datetime
    memory: Memory | None = None
    others: Iterable[Provider] = ()
    certificate: bytes | None = None
    authorities: tuple[bytes, ...] = ()

    @property
    def webhooks(self) -> Webhooks:
        """The provider's webhooks; the provider has some."""
        return self.provider.webhooks or Webhooks()

    @property
    def signature(self) -> Signature:
        """How they are signed."""
        return self.webhooks.signature


def verify(case: Case) -> Verification:
    """Return the verdict on a request. Never raises, whatever the request holds."""
    try:
        found = _SCHEMES[case.signature.scheme](case)
    except KeyProblem as problem:
        return forged(Reason.BAD_KEY, str(problem))
    except SignatureProblem as problem:
        return forged(Reason.MALFORMED, str(problem))
    except BodyProblem as problem:
        return forged(Reason.UNREADABLE, f"What is signed cannot be put together: {problem}")
    if case.memory is not None:
        repeated = case.memory.note(case, genuine=found.genuine)
        return replace(found, repeated=repeated and found.genuine)
    return found


def _none(case: Case) -> Verification:
    note = case.signature.note or f"{case.provider.name} does not sign its webhooks."
    return unchecked(Reason.NO_SIGNATURE, f"{note} Nobody can tell who sent this.")


def _shared(case: Case) -> Verification:
    """Check a user name and password, or a token."""
    signature = case.signature
    header = "Authorization" if signature.scheme == "basic" else signature.header
    given = case.request.header(header)
    if not given:
        return _missing(case, header)
    if not case.key:
        return _no_key(case)
    expected = _expected(signature, case.key)
    if signature.scheme == "basic":
        scheme, _, encoded = given.partition(" ")
        if scheme.lower() != "basic":
            sentence = f"The header {header} is of the kind “{scheme[:20]}”: Basic was due."
            return forged(Reason.WRONG_SCHEME, sentence)
        decoded = from_base64(encoded)
        if decoded is None:
            raise SignatureProblem("The user name and password in the request are not base64.")
        given_octets = decoded
    else:
        given_octets = given.encode("utf-8", "surrogateescape")
    what = "user name and password are" if signature.scheme == "basic" else "token is"
    if not hmac.compare_digest(given_octets, expected.encode()):
        return forged(Reason.WRONG_KEY, f"The {what} not the one that was entered here.")
    return Verification(
        WebhookVerdict.GENUINE,
        Reason.SHARED_SECRET,
        f"The {what} right. {case.provider.name} signs nothing: whoever knows this could have "
        "written the body.",
    )


def _expected(signature: Signature, key: str) -> str:
    if signature.scheme == "basic":
        return key
    return str(fill(signature.format, {"key": key.strip()}))


def _hmac(case: Case) -> Verification:
    signature = case.signature
    key = secret_octets(signature, case.key) if case.key else b""

    def fits(given: bytes, content: bytes) -> bool:
        return hmac.compare_digest(given, mac(signature, key, content))

    return _signed(case, fits)


def _ecdsa(case: Case) -> Verification:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    key = ec_public_key(case.key) if case.key else None

    def fits(given: bytes, content: bytes) -> bool:
        try:
            if key is not None:
                key.verify(given, content, ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return key is not None

    return _signed(case, fits)


def _rsa(case: Case) -> Verification:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    key = rsa_public_key(case.key) if case.key else None
    kinds: dict[str, hashes.HashAlgorithm] = {
        "sha1": hashes.SHA1(),  # noqa: S303 - the vendor's choice
        "sha256": hashes.SHA256(),
        "sha512": hashes.SHA512(),
    }

    def fits(given: bytes, content: bytes) -> bool:
        try:
            if key is not None:
                key.verify(given, content, PKCS1v15(), kinds[case.signature.digest])
        except InvalidSignature:
            return False
        return key is not None

    return _signed(case, fits)


def _signed(case: Case, fits: Callable[[bytes, bytes], bool]) -> Verification:
    """Check a signature that stands in a header or in the body."""
    signature, request = case.signature, case.request
    text = signature_text(case.webhooks, request)
    if not text:
        return _missing(case, signature.header or f"{signature.path} (in the body)")
    for name in ("timestamp", "id"):
        place = getattr(signature, name)
        needed = f"{{{name}}}" in signature.content
        if needed and not value_at(request, place, case.webhooks.form_field):
            return _missing(case, place.removeprefix("header:"))
    if not case.key:
        return _no_key(case)
    given = given_signatures(signature, text)
    content = signed_content(case.webhooks, request)
    if not any(fits(each, content) for each in given):
        return why_wrong(case, given, fits)
    stamp = value_at(request, signature.timestamp, case.webhooks.form_field)
    signed_at = moment(stamp) if "{timestamp}" in signature.content else None
    return _in_time(case, stamp, signed_at) or _good(case, signed_at)


def _in_time(case: Case, stamp: str, signed_at: datetime | None) -> Verification | None:
    """Return the verdict on a request whose signature is right and whose time is not, or None."""
    tolerance = case.signature.tolerance
    if tolerance is None:
        return None
    if signed_at is None:
        return forged(Reason.MALFORMED, f"Its timestamp “{stamp[:40]}” is not a moment.")
    age = (case.now - signed_at).total_seconds()
    if abs(age) <= tolerance:
        return None
    bound = f"{case.provider.name} allows {ago(tolerance)}"
    if age > 0:
        sentence = f"It was signed {ago(age)} ago; {bound}. It may be a replay."
        return forged(Reason.OLD, f"The signature is right, but too old. {sentence}", signed_at)
    sentence = f"It says that it was signed {ago(age)} from now; {bound}. Check this clock."
    return forged(Reason.FUTURE, f"The signature is right, but early. {sentence}", signed_at)


def _good(case: Case, signed_at: datetime | None) -> Verification:
    signature = case.signature
    sentence = f"The signature is {case.provider.name}'s."
    if not signature.signs_body:
        sentence += " It does not cover the event, which could have been put in its place."
    elif signed_at is None:
        sentence += " Nothing in it says when it was made, so it can be repeated."
    return Verification(WebhookVerdict.GENUINE, Reason.SIGNED, sentence, signed_at)


def _md5(case: Case) -> Verification:
    if not signature_text(case.webhooks, case.request):
        return _missing(case, f"{case.signature.path} (in the body)")
    if not case.key:
        return _no_key(case)
    given, due = md5_of(case.webhooks, case.request, case.key)
    if hmac.compare_digest(given, due):
        return _good(case, None)

    def fits(octets: bytes, _content: bytes) -> bool:
        return False

    return why_wrong(case, [given.encode()], fits)


def _sns(case: Case) -> Verification:
    return verify_sns(
        case.request,
        case.signature,
        case.certificate,
        case.now,
        topic=case.key.strip(),
        authorities=case.authorities,
    )


def _missing(case: Case, what: str) -> Verification:
    other = next(
        (
            other
            for other in case.others
            if other.id != case.provider.id
            and other.webhooks is not None
            and other.webhooks.signature.header
            and other.webhooks.signature.scheme not in {"basic", "token"}
            and case.request.has(other.webhooks.signature.header)
        ),
        None,
    )
    if other is not None and other.webhooks is not None:
        header = other.webhooks.signature.header
        sentence = (
            f"It carries {header}, which is how {other.name} signs, and not {what}, which "
            f"{case.provider.name} uses. Choose {other.name}."
        )
        return forged(Reason.WRONG_SCHEME, sentence)
    sentence = (
        f"{what} is missing: {case.provider.name} did not sign this, or something on the way "
        "took it out."
    )
    return forged(Reason.MISSING_HEADER, sentence)


def _no_key(case: Case) -> Verification:
    label = case.signature.key_label.lower()
    return unchecked(Reason.NO_KEY, f"Enter the {label} to have it checked.")


_SCHEMES: dict[str, Callable[[Case], Verification]] = {
    "none": _none,
    "basic": _shared,
    "token": _shared,
    "hmac": _hmac,
    "ecdsa": _ecdsa,
    "rsa": _rsa,
    "sns": _sns,
    "md5_in_body": _md5,
}


def now() -> datetime:
    """Return the moment that ages are measured at."""
    return datetime.now(UTC)
