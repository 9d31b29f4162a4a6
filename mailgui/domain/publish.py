"""Records as they go into a zone file, ready to copy."""

_STRING = 255  # octets in one string of a TXT record (RFC 1035, section 3.3)


def txt_record(name: str, text: str) -> str:
    """Return ``name. IN TXT "…"``, cut into as many strings as it needs."""
    octets = text.encode()
    pieces = [octets[at : at + _STRING] for at in range(0, len(octets), _STRING)] or [b""]
    return f"{name}. IN TXT " + " ".join(map(_quoted, pieces))


def mx_record(name: str, preference: int, host: str) -> str:
    """Return ``name. IN MX preference host.``; the host "." makes the null MX of RFC 7505."""
    return f"{name}. IN MX {preference} {host.rstrip('.')}."


def _quoted(octets: bytes) -> str:
    text = "".join(
        f"\\{o:03d}" if not 0x20 <= o < 0x7F else f"\\{chr(o)}" if o in b'"\\' else chr(o)
        for o in octets
    )
    return f'"{text}"'
