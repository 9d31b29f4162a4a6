"""The name servers that this machine is set up to use."""

from mailgui.net.dns_address import ServerAddress
from mailgui.net.threads import in_daemon_thread

_MOST = 3  # as the C library does


async def system_servers() -> tuple[ServerAddress, ...]:
    """Return the system's name servers in their order; the empty tuple when it has none.

    Read in a thread: on Windows it means asking the registry.
    """
    return await in_daemon_thread(_read)


def _read() -> tuple[ServerAddress, ...]:
    import dns.exception
    import dns.resolver

    try:
        configured = dns.resolver.Resolver(configure=True)
    except (dns.exception.DNSException, OSError):
        return ()
    hosts = [str(server) for server in configured.nameservers][:_MOST]
    return tuple(ServerAddress("udp", host, configured.port) for host in hosts)
