"""A proxy's address with and without its password, which is kept apart like every secret."""

from urllib.parse import quote, urlsplit, urlunsplit

PROXY_PASSWORD = "proxy_password"


def without_password(proxy: str) -> tuple[str, str]:
    """Return a proxy's address without the password in it, and the password.

    Raises ValueError with a sentence that does not repeat the address.
    """
    from mailgui.net.proxy import parse_proxy

    password = parse_proxy(proxy).password
    parts = urlsplit(proxy)
    user, at, place = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}{at}{place}"
    return urlunsplit(parts._replace(netloc=netloc)), password


def with_password(proxy: str, password: str | None) -> str:
    """Return the address with the password of the user it names; as it is where it names none."""
    if not password or not names_proxy_user(proxy):
        return proxy
    parts = urlsplit(proxy)
    user, _, place = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}:{quote(password, safe='')}@{place}"
    return urlunsplit(parts._replace(netloc=netloc))


def names_proxy_user(proxy: str) -> bool:
    """Return whether a proxy's address says who to be there, so that a password is wanted."""
    try:
        return bool(urlsplit(proxy).username)
    except ValueError:
        return False
