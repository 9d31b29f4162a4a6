"""Host names and addresses: which are this machine, which are literal, how they are written."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from mailgui.wrong_input import WrongInput


def is_loopback(host: str) -> bool:
    """Return whether ``host`` names this machine itself and cannot lead elsewhere (RFC 6761)."""
    if host.rstrip(".").lower() == "localhost":
        return True
    address = literal_address(host)
    return address is not None and address.is_loopback


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that ``host`` is, brackets and zone allowed, or None for a name."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def ascii_host(host: str) -> str:
    """Return ``host`` as it is asked for: A-labels (IDNA 2008), no trailing dot, no brackets.

    Raises ValueError when it cannot be a host name.
    """
    host = host.strip().strip("[]").rstrip(".")
    if not host:
        raise WrongInput("The host name is empty.")
    if host.isascii():
        labels = host.split(".")
        if len(host) > 253 or any(not 0 < len(label) < 64 for label in labels):
            raise WrongInput(f"“{host}” is not a host name.")
        if not host.isprintable() or " " in host:
            raise WrongInput("A host name holds no blanks and no control characters.")
        return host
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise WrongInput(f"“{host}” is not a host name.") from error
