"""Whether a call to an embedded API proves whose it is, in the way its provider file says."""

import base64
import binascii
import hmac

from mailgui.api.template import fill
from mailgui.sandbox.api_request import ApiRequest, dig


def is_authentic(request: ApiRequest, key: str, tree: object = None) -> bool:
    """Return whether ``request`` carries the sandbox's ``key`` wherever the provider wants one.

    Each of a provider's secrets has the same value here. ``tree`` is the body, for providers
    that want the key in it. A signature of AWS's is not recomputed: its access key counts.
    """
    auth = request.provider.auth
    options = request.provider.option_values(request.values)
    values = {**options, **{secret.name: key for secret in auth.secrets}}
    given = request.headers.get(auth.header.lower(), "")
    if auth.scheme == "none":
        return True
    if auth.scheme == "bearer":
        return _same(given, f"Bearer {fill(auth.format, values)}")
    if auth.scheme == "header":
        return _same(given, str(fill(auth.format, values)))
    if auth.scheme == "basic":
        pair = f"{fill(auth.username, values)}:{fill(auth.password, values)}"
        return _same(_basic(request.headers.get("authorization", "")), pair)
    if auth.scheme == "body":
        return _same(str(dig(tree, auth.path)), str(fill(auth.format, values)))
    return f"Credential={key}/" in request.headers.get("authorization", "")


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _basic(header: str) -> str:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""
