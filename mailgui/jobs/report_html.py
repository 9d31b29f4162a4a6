"""A domain's report as one HTML page that needs nothing beside it: no script, no font, no image."""

from datetime import datetime
from typing import TYPE_CHECKING

from mailgui import __version__, resources
from mailgui.jobs.report_words import section_title, verdict_words
from mailgui.transcript import visible

if TYPE_CHECKING:
    from jinja2 import Template

    from mailgui.domain.report import DomainReport


def report_html(report: "DomainReport", *, made: datetime | None = None) -> str:
    """Return the page; ``made`` is the moment that it names, now unless given."""
    moment = made or datetime.now().astimezone()
    return _template().render(
        report=report,
        made=moment.strftime("%Y-%m-%d %H:%M %Z").strip(),
        version=__version__,
    )


def _template() -> "Template":
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["seen"] = lambda text: visible(str(text), keep_newlines=True)
    environment.filters["section_title"] = section_title
    environment.filters["verdict_words"] = verdict_words
    source = resources.path("templates", "domain_report.html").read_text(encoding="utf-8")
    return environment.from_string(source)
