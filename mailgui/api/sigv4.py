"""AWS Signature Version 4 for one request with its whole body at hand.

Source: "Create a signed AWS API request", AWS Identity and Access Management User Guide.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"


def sign(
    method: str,
    url: str,
    headers: Sequence[tuple[str, str]],
    content: bytes,
    *,
    access_key: str,
    secret_key: str,
    session_token: str | None,
    region: str,
    service: str,
    now: datetime,
) -> list[tuple[str, str]]:
    """Return the headers to add: X-Amz-Date, X-Amz-Security-Token if any, and Authorization.

    ``headers`` are all that are to be signed besides Host and those.
    """
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    added = [("X-Amz-Date", stamp)]
    if session_token:
        added.append(("X-Amz-Security-Token", session_token))
    names, request = canonical_request(method, url, [*headers, *added], content)
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    to_sign = "\n".join((ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = b"AWS4" + secret_key.encode()
    for part in (stamp[:8], region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    value = f"{ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={names}, "
    return [*added, ("Authorization", f"{value}Signature={signature}")]


def canonical_request(
    method: str, url: str, headers: Sequence[tuple[str, str]], content: bytes
) -> tuple[str, str]:
    """Return the names of the signed headers and the canonical form of a request."""
    parts = urlsplit(url)
    fields = {name.lower(): " ".join(value.split()) for name, value in headers}
    # As it goes out in Host: HTTP clients leave the scheme's own port away (RFC 9110 section 7.2).
    own_port = {"https": ":443", "http": ":80"}.get(parts.scheme, "")
    fields["host"] = parts.netloc.removesuffix(own_port) if own_port else parts.netloc
    names = ";".join(sorted(fields))
    query = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    lines = (
        method,
        quote(parts.path or "/", safe="/-_.~"),
        "&".join(f"{name}={value}" for name, value in query),
        *(f"{name}:{fields[name]}" for name in sorted(fields)),
        "",
        names,
        hashlib.sha256(content).hexdigest(),
    )
    return names, "\n".join(lines)
