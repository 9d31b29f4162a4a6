"""``mailgui demo``: what MailGUI does, with no display, account or network."""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mailgui.cli.output import print_json, print_text
from mailgui.cli.usage import UsageProblem, say

if TYPE_CHECKING:
    from mailgui.jobs.demo import Demonstration
    from mailgui.jobs.reports import SendReport


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``demo``."""
    parser.add_argument(
        "--out", metavar="DIR", default="mailgui-demo", help="the folder for the screenshots"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Run the demonstration, print it, write the screenshots."""
    folder = Path(options.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise UsageProblem(f"{folder} cannot be made: {reason}.") from None
    with _home_of_its_own():
        shown = asyncio.run(_demonstrate())
        if not options.json:
            _print_text(shown)
            print_text(_title("Screenshots"))  # they take a while
        pictures = _screenshots(folder)
    if options.json:
        print_json(_document(shown, pictures))
    else:
        print_text("".join(f"{path}\n" for path in pictures))
    good = all(report.transcript.outcome == "accepted" for report in (shown.smtp, shown.api))
    return 0 if good and pictures else 1


@contextmanager
def _home_of_its_own() -> Iterator[None]:
    """Keep a person's profiles, drafts and history out of it."""
    before = os.environ.get("MAILGUI_HOME")
    with tempfile.TemporaryDirectory(prefix="mailgui-demo-") as home:
        os.environ["MAILGUI_HOME"] = home
        try:
            yield
        finally:
            if before is None:
                del os.environ["MAILGUI_HOME"]
            else:
                os.environ["MAILGUI_HOME"] = before


async def _demonstrate() -> "Demonstration":
    from mailgui.jobs.demo import demonstrate
    from mailgui.jobs.services import Services

    services = Services()
    try:
        return await demonstrate(services)
    finally:
        await services.close()


def _screenshots(folder: Path) -> list[Path]:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # nothing shall flash up on a screen
    os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")  # what that lacks is no news
    try:
        from mailgui.ui.screenshots import NotReached, render_all
    except ImportError as missing:
        say(f"No screenshots: Qt cannot be loaded ({missing}). `./packaging/run` installs it.")
        return []
    try:
        return render_all(folder, main_only=True)
    except NotReached as problem:
        say(f"Not all screenshots could be made. {problem}")
        return []


def _title(words: str) -> str:
    return f"\n{words}\n{'=' * len(words)}\n"


def _print_text(shown: "Demonstration") -> None:
    from mailgui.jobs.report_text import report_text
    from mailgui.transcript.export_text import to_text

    print_text(_title("A message by SMTP, to the embedded server") + to_text(shown.smtp.transcript))
    print_text(_title("The same message through an e-mail API") + to_text(shown.api.transcript))
    print_text(_bodies(shown.api))
    for report in shown.domains:
        print_text(_title(f"The domain {report.domain}") + report_text(report) + "\n")


def _bodies(report: "SendReport") -> str:
    """Return the JSON of a request and its answer."""
    from mailgui.transcript import visible

    lines: list[str] = []
    for exchange in report.transcript.exchanges:
        bodies = (("Request", exchange.request_body), ("Response", exchange.response_body))
        for words, body in bodies:
            text = visible(body.decode("utf-8", "backslashreplace"), keep_newlines=True)
            lines += [f"--- {words} body", text]
    return "\n".join(lines) + "\n"


def _document(shown: "Demonstration", pictures: list[Path]) -> dict[str, object]:
    from mailgui.domain.report import to_json_dict

    return {
        "smtp": shown.smtp.to_json_dict(),
        "api": shown.api.to_json_dict(),
        "check": [to_json_dict(report) for report in shown.domains],
        "screenshots": [str(path) for path in pictures],
    }
