"""What each provider can carry, as a table for README.md: ``python -m mailgui.api.matrix``.

The table stands between two marks, so that a test can say whether it is current.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from mailgui.api.abilities import Support, most, supports
from mailgui.api.definition import Provider
from mailgui.api.provider import load_providers
from mailgui.message.attachments import human_size

BEGIN = "<!-- providers: made by python -m mailgui.api.matrix -->"
END = "<!-- /providers -->"
_COLUMNS = {
    "template_id": "template",
    "send_at": "schedule",
    "tags": "tags",
    "metadata": "metadata",
    "track_opens": "tracking",
    "idempotency_key": "idempotency",
    "sandbox": "sandbox mode",
    "batch": "batch",
    "inline": "inline images",
    "attachment_urls": "files by URL",
    "headers": "own headers",
    "reply_to": "Reply-To",
}
_SIGNS = {Support.YES: "✓", Support.GUESS: "✓?", Support.NO: "–"}
_COUNTED = ("tags", "reply_to")
_LEGEND = (
    "✓ carried · ✓? the vendor's documentation does not confirm how · – not carried, and said "
    "before sending. A number is the most there may be."
)


def table(providers: Iterable[Provider]) -> str:
    """Return the table as Markdown, a row a provider."""
    rows = sorted(providers, key=lambda each: (each.id == "generic", each.name.casefold()))
    heads = ["", *_COLUMNS.values(), "request at most"]
    lines = [_row(heads), _row(["---", *[":-:"] * len(_COLUMNS), "--:"])]
    lines += [_row(_cells(provider)) for provider in rows]
    return "\n".join((*lines, "", _LEGEND))


def written_into(text: str, made: str) -> str:
    """Return ``text`` with ``made`` between the marks. Raises ValueError where they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The marks are missing: {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


def _cells(provider: Provider) -> list[str]:
    cells = [_cell(provider, field) for field in _COLUMNS]
    limit = provider.limits.request_octets
    return [f"**{provider.name}**", *cells, human_size(limit) if limit else ""]


def _cell(provider: Provider, field: str) -> str:
    support = supports(provider, field)
    limit = most(provider, field) if field in _COUNTED else None
    if field == "batch" and provider.batch is not None:
        limit = provider.batch.max or provider.batch.recipients
    sign = _SIGNS[support]
    return f"{sign} {limit:,}" if limit and support is not Support.NO else sign


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Write the table into README.md of the folder that this is run in."""
    path = Path("README.md")
    path.write_text(
        written_into(path.read_text("utf-8"), table(load_providers().values())), "utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
