"""Which addresses the Internet cannot reach."""

from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network

# Private networks (RFC 1918, RFC 6598, RFC 4193), this host, this link, nobody. Networks set aside
# for documentation (RFC 5737, RFC 3849) are left out: examples are no faults.
_UNREACHABLE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
    "169.254.0.0/16", "0.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128", "::/128",
)  # fmt: skip


def is_unreachable(network: str) -> bool:
    """Return whether an address, or a whole network, never reaches the Internet."""
    wanted = ip_network(network)
    return any(
        wanted.version == each.version and wanted.subnet_of(each)  # type: ignore[arg-type]
        for each in _networks()
    )


@cache
def _networks() -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(map(ip_network, _UNREACHABLE))
