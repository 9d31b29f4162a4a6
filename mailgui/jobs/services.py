"""What the jobs of one process share: the stores, the sandbox and the resolvers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailgui.domain.own_servers import OwnServers
    from mailgui.jobs.webhooks import WebhookDesk
    from mailgui.net.resolver import Resolver
    from mailgui.sandbox.sandbox import Sandbox
    from mailgui.store.history import History
    from mailgui.store.profiles import ProfileStore
    from mailgui.store.secrets import SecretStore

OWN_SERVERS = "own"  # in place of a server: whoever is authoritative for the name asked for


class Services:
    """The parts that live as long as the process. Each is made when it is first asked for.

    Its methods and everything it holds belong to the engine's event loop, except ``profiles``,
    which any thread may read.

    Attributes:
        on_sandbox: told when the sandbox has started, on the engine's thread; may be set.
    """

    def __init__(self) -> None:
        self.on_sandbox: Callable[[Sandbox], None] | None = None
        self._profiles: ProfileStore | None = None
        self._secrets: SecretStore | None = None
        self._history: History | None = None
        self._sandbox: Sandbox | None = None
        self._webhooks: WebhookDesk | None = None
        self._resolvers: dict[str | None, Resolver] = {}
        self._own_servers: OwnServers | None = None

    @property
    def profiles(self) -> ProfileStore:
        """The profiles on disk."""
        if self._profiles is None:
            from mailgui.store.profiles import ProfileStore

            self._profiles = ProfileStore()
        return self._profiles

    @property
    def secrets(self) -> SecretStore:
        """The passwords and keys, in the system's keyring or in memory."""
        if self._secrets is None:
            from mailgui.store.secrets import SecretStore

            self._secrets = SecretStore()
        return self._secrets

    @property
    def history(self) -> History:
        """The transcripts of what was sent."""
        if self._history is None:
            from mailgui.store.history import History

            self._history = History()
        return self._history

    @property
    def sandbox(self) -> Sandbox:
        """The embedded servers, running or not; see ``start_sandbox``."""
        if self._sandbox is None:
            from mailgui.sandbox.sandbox import Sandbox

            self._sandbox = Sandbox()
            self._sandbox.webhooks.handler = self.webhooks.handle
        return self._sandbox

    @property
    def webhooks(self) -> WebhookDesk:
        """What takes webhooks, from the sandbox's server or pasted."""
        if self._webhooks is None:
            from mailgui.jobs.webhooks import WebhookDesk

            self._webhooks = WebhookDesk(self)
        return self._webhooks

    async def start_sandbox(self) -> Sandbox:
        """Return the embedded servers, started if they were not running yet."""
        sandbox = self.sandbox
        if not sandbox.running:
            await sandbox.start()
            if self.on_sandbox:
                self.on_sandbox(sandbox)
        return sandbox

    def resolver(self, server: str | None = None) -> Resolver:
        """Return the resolver that asks ``server`` (None: the system's servers), with its cache.

        Raises ValueError with a sentence when ``server`` is not an address or URL of one.
        """
        if server not in self._resolvers:
            from mailgui.net.resolver import Resolver

            self._resolvers[server] = Resolver(server)
        return self._resolvers[server]

    def asker(self, server: str | None = None) -> Resolver | OwnServers:
        """Return who asks ``server`` as ``resolver`` does, or, for OWN_SERVERS, each domain's own
        name servers.
        """
        if server != OWN_SERVERS:
            return self.resolver(server)
        if self._own_servers is None:
            from mailgui.domain.own_servers import OwnServers

            self._own_servers = OwnServers(self.resolver(None), self.resolver)
        return self._own_servers

    async def close(self) -> None:
        """Stop the sandbox and close what is open."""
        if self._own_servers is not None:
            await self._own_servers.close()
        for resolver in self._resolvers.values():
            await resolver.close()
        self._resolvers.clear()
        if self._sandbox is not None:
            await self._sandbox.stop()
        if self._history is not None:
            await self._history.close()
        if self._secrets is not None:
            await self._secrets.close()
