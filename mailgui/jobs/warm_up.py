"""Loads what the first send will need, so that a person does not wait for imports and tables."""

import asyncio


async def warm_up() -> None:
    """Load the SMTP engine, the knowledge base and the system's certificate store."""
    from mailgui.net.tls_context import TlsSettings, context_for

    await asyncio.to_thread(_load)
    await context_for(TlsSettings())


def _load() -> None:
    import mailgui.smtp.session  # noqa: F401
    from mailgui.findings.knowledge import knowledge

    knowledge()
