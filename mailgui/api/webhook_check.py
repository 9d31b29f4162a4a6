"""Whether the ``[webhooks]`` table of a provider file means something."""

import re
from collections.abc import Iterator

from mailgui.api.check_definition import Misfit
from mailgui.api.definition import Provider
from mailgui.api.template import parse_path, placeholders
from mailgui.api.webhook_definition import CONTENT_NAMES, SAMPLE_NAMES, Signature, Webhooks, listed

_PATHS = ("event", "detail", "message_id", "recipient", "time", "reason", "items", "unwrap")


def check_webhooks(provider: Provider) -> None:
    """Raise Misfit for the first thing in the provider's webhooks that cannot be right."""
    webhooks = provider.webhooks
    if webhooks is None:
        return
    for name, path in _paths(webhooks):
        try:
            parse_path(path)
        except ValueError as fault:
            raise Misfit(f"webhooks.{name}", str(fault)) from None
    if webhooks.id_pattern:
        try:
            groups = re.compile(webhooks.id_pattern).groups
        except re.error as fault:
            reason = f"The regular expression is malformed: {fault.msg}."
            raise Misfit("webhooks.id_pattern", reason) from None
        if not groups:
            raise Misfit("webhooks.id_pattern", "A group, in (), says which part is the id.")
    for name, sample in webhooks.samples.items():
        for used in placeholders(sample):
            if used not in SAMPLE_NAMES:
                raise Misfit(f"webhooks.samples.{name}", f"“{{{used}}}” is no placeholder here.")
    _check_signature(webhooks.signature)
    _check_certificates(webhooks.signature)


def _check_signature(signature: Signature) -> None:
    used = set(placeholders(signature.content))
    for name in used - CONTENT_NAMES:
        raise Misfit("webhooks.signature.content", f"“{{{name}}}” is no placeholder here.")
    for name in used & {"timestamp", "id"}:
        if not getattr(signature, name):
            raise Misfit(f"webhooks.signature.{name}", "It is signed: say where it stands.")
    keyed = signature.scheme in {"hmac", "ecdsa", "rsa"}
    if keyed and bool(signature.header) == bool(signature.path):
        raise Misfit("webhooks.signature", "It needs either a “header” or a “path”.")
    if signature.scheme == "token" and not signature.header:
        raise Misfit("webhooks.signature.header", "Say which header has the token.")
    if signature.scheme == "md5_in_body" and not signature.path:
        raise Misfit("webhooks.signature.path", "Say where in the body the digest stands.")
    if signature.scheme in {"ecdsa", "rsa"} and signature.key != "public_key":
        raise Misfit("webhooks.signature.key", "This scheme has a “public_key”.")


def _check_certificates(signature: Signature) -> None:
    try:
        re.compile(signature.certificate_path)
    except re.error as fault:
        reason = f"The regular expression is malformed: {fault.msg}."
        raise Misfit("webhooks.signature.certificate_path", reason) from None
    for number, url in enumerate(signature.certificate_authorities):
        if not url.startswith("https://"):
            place = f"webhooks.signature.certificate_authorities[{number}]"
            raise Misfit(place, "It begins with “https://”: what comes otherwise proves nothing.")


def _paths(webhooks: Webhooks) -> Iterator[tuple[str, str]]:
    for name in _PATHS:
        for path in listed(getattr(webhooks, name)):
            yield name, path
    signature = webhooks.signature
    for name in ("path", "timestamp", "id"):
        path = getattr(signature, name)
        if path and not path.startswith("header:"):
            yield f"signature.{name}", path
