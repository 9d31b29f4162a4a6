"""The Domain page's tools: reports, records to make, servers compared."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mailgui.ui.screenshots import Stage

_ROW = (
    "<record><row><source_ip>{0}</source_ip><count>{1}</count><policy_evaluated>"
    "<disposition>none</disposition><dkim>{2}</dkim><spf>{3}</spf></policy_evaluated></row>"
    "<identifiers><header_from>good.example</header_from></identifiers><auth_results><spf>"
    "<domain>{4}</domain><result>pass</result></spf></auth_results></record>"
)
_ROWS = (
    ("192.0.2.10", 4210, "pass", "pass", "good.example"),
    ("192.0.2.11", 980, "pass", "fail", "bounces.good.example"),
    ("198.51.100.24", 312, "fail", "pass", "good.example"),
    ("203.0.113.77", 190, "fail", "fail", "mail.newsletter.example"),
    ("2001:db8:7::19", 14, "fail", "fail", "forwarder.example"),
)


def states(stage: "Stage") -> None:
    """Draw them."""
    stage.window.show_page("domain")
    room: Any = stage.window.page("domain")
    room.show_page("several")
    several = room.page("several")
    stage.shoot("domain-several-new")
    several.domains.setPlainText("good.example\nbroken.example\nmissing.example")
    several.ask.restore([], "sandbox")
    several.check()
    stage.wait("checking several", lambda: not several.busy)
    stage.shoot("domain-several")
    room.show_page("reports")
    stage.shoot("domain-reports-new")
    reports = room.page("reports")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "receiver.example!good.example.xml.gz"
        path.write_bytes(gzip.compress(_report().encode()))
        reports.open_paths([path])
        stage.wait("reading reports", lambda: reports.summary is not None and not reports.busy)
    stage.shoot("domain-reports")
    room.show_page("records")
    records = room.page("records")
    records.domain.setText("good.example")
    records.dmarc.form.set_text("rua", "dmarc@good.example")
    records.dmarc.form.set_chosen("p", "reject")
    records.dmarc.form.changed.emit()
    records.key.make_pair()
    stage.wait("making a key", lambda: records.key.pair is not None)
    stage.shoot("domain-records")
    room.show_page("servers")
    servers = room.page("servers")
    stage.shoot("domain-servers-new")
    servers.name.setText("_dmarc.good.example")
    servers.ask.restore([], "sandbox")
    servers.compare()
    stage.wait("comparing servers", lambda: servers.result is not None)
    stage.shoot("domain-servers")
    room.show_page("checks")


def _report() -> str:
    rows = "".join(_ROW.format(*row) for row in _ROWS)
    return (
        "<feedback><report_metadata><org_name>receiver.example</org_name><report_id>1</report_id>"
        "<date_range><begin>1795478400</begin><end>1795564799</end></date_range></report_metadata>"
        f"<policy_published><domain>good.example</domain><p>none</p></policy_published>{rows}"
        "</feedback>"
    )
