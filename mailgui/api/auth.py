"""Proving whose a request is: the last step, so that no key lies about before it."""

import base64
import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mailgui.api import sigv4
from mailgui.api.bodies import json_octets
from mailgui.api.definition import Provider
from mailgui.api.template import fill, put


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A request that is complete but for its proof of identity.

    ``values`` are the account's options; ``public_secret`` is a test key of the provider's in place
    of the person's own.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: Any = field(repr=False)
    content: bytes = field(repr=False)
    values: Mapping[str, str] = field(default_factory=dict)
    public_secret: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Signed:
    """What goes out. Its repr is that of any object: it holds the key."""

    headers: tuple[tuple[str, str], ...]
    body: Any
    content: bytes


def named_secrets(provider: Provider, key: str | Mapping[str, str] | None) -> dict[str, str]:
    """Return the secrets by the names of the provider file.

    One string is the first of them; where several are needed, they stand in it one after another,
    in the file's order, with colons between.
    """
    if isinstance(key, str):
        key = key.strip()  # a line's end is easily copied along
    if not key:
        return {}
    names = [secret.name for secret in provider.auth.secrets]
    if not isinstance(key, str):
        given = {name: value.strip() for name, value in key.items() if value.strip()}
        if "key" in given and "key" not in names:
            given = {**named_secrets(provider, given.pop("key")), **given}
        elif len(names) > 1 and set(given) == {"key"}:
            return named_secrets(provider, given["key"])
        return given
    if len(names) == 1:
        return {names[0]: key}
    return dict(zip(names, key.split(":", len(names) - 1), strict=False))


def placeholder(name: str) -> str:
    """Return what stands for a secret that is not given."""
    return "YOUR_API_KEY" if name == "key" else f"YOUR_{name.upper()}"


def missing_secrets(provider: Provider, secrets: Mapping[str, str]) -> list[str]:
    """Return the labels of the secrets that are needed and not given."""
    if provider.auth.scheme == "none":
        return []
    return [
        secret.label
        for secret in provider.auth.secrets
        if not secret.optional and not secrets.get(secret.name)
    ]


def sign(
    provider: Provider,
    request: Unsigned,
    secrets: Mapping[str, str],
    *,
    now: datetime | None = None,
) -> Signed:
    """Return the request as it goes out; placeholders stand for secrets that are not given."""
    auth = provider.auth
    known: dict[str, str | None] = {
        secret.name: secrets.get(secret.name)
        or (None if secret.optional else placeholder(secret.name))
        for secret in auth.secrets
    }
    if request.public_secret:
        known[auth.secrets[0].name] = request.public_secret
    values = {**request.values, **known}
    headers, body, content = list(request.headers), request.body, request.content
    if auth.scheme == "bearer":
        headers.append((auth.header, f"Bearer {fill(auth.format, values)}"))
    elif auth.scheme == "header":
        headers.append((auth.header, str(fill(auth.format, values))))
    elif auth.scheme == "basic":
        complete = not missing_secrets(provider, secrets)
        headers.append(("Authorization", _basic(provider, values, complete=complete)))
    elif auth.scheme == "body":
        body = copy.copy(body)
        _put_first(body, auth.path, fill(auth.format, values))
        content = json_octets(body)
    elif auth.scheme == "sigv4":
        headers += _sigv4(provider, request, values, known, now or datetime.now(UTC))
    return Signed(tuple(headers), body, content)


def _put_first(body: dict[str, Any], path: str, value: Any) -> None:
    """Put the key into a body that shares its members with the unsigned one."""
    first = path.partition(".")[0]
    if first in body:
        body[first] = copy.deepcopy(body[first])
    put(body, path, value)


def _basic(provider: Provider, values: Mapping[str, Any], *, complete: bool) -> str:
    user = str(fill(provider.auth.username, values))
    password = str(fill(provider.auth.password, values))
    if not complete:
        return f"Basic base64({user}:{password})"  # legible: it is not to be sent
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _sigv4(
    provider: Provider,
    request: Unsigned,
    values: Mapping[str, Any],
    secrets: Mapping[str, str | None],
    now: datetime,
) -> Iterable[tuple[str, str]]:
    return sigv4.sign(
        request.method,
        request.url,
        [pair for pair in request.headers if pair[0].lower() == "content-type"],
        request.content,
        access_key=secrets["access_key"] or "",
        secret_key=secrets["secret_key"] or "",
        session_token=secrets.get("session_token"),
        region=str(fill(provider.auth.region, values)),
        service=provider.auth.service,
        now=now,
    )


def secret_forms(provider: Provider, signed: Signed, secrets: Mapping[str, str]) -> set[str]:
    """Return everything in a signed request that has to be kept out of records.

    The secrets themselves, HTTP Basic's credentials as a whole and the signature of ``sigv4``.
    """
    forms = {value for value in secrets.values() if value}
    for name, value in signed.headers:
        if name.lower() != "authorization":
            continue
        if provider.auth.scheme == "basic":
            forms.add(value.partition(" ")[2])
        elif provider.auth.scheme == "sigv4":
            forms.add(value.rpartition("Signature=")[2])
    return forms
