import pytest

from mailgui.ui.domain.facts import tables_of
from mailgui.ui.domain.facts_panel import FactsPanel

PROBE = {"host": "mx.x", "address": "192.0.2.1", "reach": "open", "starttls": True,
         "tls": "TLSv1.3", "certificate": "valid",
         "expires": "2027-01-02T00:00:00+00:00"}  # fmt: skip


def rows(key: str, **details: object) -> dict[str, tuple[tuple[str, ...], ...]]:
    return {table.name: table.rows for table in tables_of(key, details)}


def test_mail_hosts() -> None:
    shown = rows("mx", probes=[PROBE, {**PROBE, "reach": "refused"}])["mx-probes"]
    encryption = "TLSv1.3, certificate holds until 2027-01-02"
    assert shown[0] == ("mx.x", "192.0.2.1", "answers", encryption)
    assert shown[1][2:4] == ("refuses", "–")
    plain = rows("mx", probes=[{**PROBE, "starttls": False, "certificate": "none"}])["mx-probes"]
    assert plain[0][3] == "not offered"
    assert rows("mx", probes="unchecked") == {}


def test_networks_of_spf() -> None:
    network = {"network": "192.0.2.0/24", "qualifier": "+", "path": ["include:a.x", "ip4:…"]}
    shown = rows("spf", networks=[network])["spf-networks"]
    assert shown == (("192.0.2.0/24", "yes", "include:a.x → ip4:…"),)


def test_the_policy_of_mta_sts() -> None:
    policy = {"mode": "enforce", "mx": ["*.x"], "max_age": 864000}
    shown = rows("mta_sts", policy=policy, policy_url="https://u", hosts=[{"host": "a.x",
                 "named": True}])  # fmt: skip
    assert shown["mta-sts-policy"][:3] == (
        ("Mode", "enforce"),
        ("Kept for", "10.0 days"),
        ("Mail hosts named", "*.x"),
    )
    assert shown["mta-sts-hosts"] == (("a.x", "named"),)
    assert rows("mta_sts", policy="unchecked") == {}


def test_dane() -> None:
    host = {"host": "a.x", "status": "secure", "records": ["3 1 1 " + "ab" * 32],
            "addresses": [{"address": "192.0.2.1", "matches": False}]}  # fmt: skip
    shown = rows("dane", hosts=[host, {**host, "addresses": "unchecked"}])["dane-hosts"]
    assert shown[0] == ("a.x", "3 1 1 abababab…", "validated", "192.0.2.1 does not fit")
    assert shown[1][3] == "not looked at"


def test_dnssec() -> None:
    details = {"state": "secure", "validated_by": "MailGUI", "days_left": 12.5,
               "keys": [{"words": "1 ED25519"}],
               "chain": [{"zone": ".", "keys": ["k"], "fault": None},
                         {"zone": "x", "keys": [], "fault": "expired"}]}  # fmt: skip
    shown = rows("dnssec", **details)
    assert ("Signatures end in", "12.5 days") in shown["dnssec-state"]
    assert shown["dnssec-chain"] == (("the root", "k", "holds"), ("x", "–", "fails: expired"))
    assert rows("dnssec", state="insecure", keys=[], chain=[]) == {}


def test_block_lists_with_listings_first() -> None:
    entries = [
        {"list": "A", "target": "x", "status": "clean"},
        {"list": "B", "target": "x", "status": "listed", "meanings": ["spam"]},
        {"list": "C", "target": "x", "status": "unchecked", "reason": "It refuses."},
    ]
    shown = rows("blocklists", entries=entries)["blocklist-entries"]
    assert [row[0] for row in shown] == ["B", "A", "C"]
    assert [row[3] for row in shown] == ["spam", "–", "It refuses."]


def test_foreign_text_is_made_visible() -> None:
    shown = rows("caa", entries=[{"tag": "issue", "value": "a\x1b[31m\nb", "fault": None}])
    assert "\x1b" not in shown["caa-records"][0][1]


@pytest.mark.parametrize("key", ["mx", "spf", "mta_sts", "dane", "dnssec", "blocklists", "bimi",
                                 "caa", "tls_rpt"])  # fmt: skip
def test_details_of_another_shape_do_no_harm(key: str) -> None:
    for junk in (None, 3, "x", [3], [None], {"a": 1}):
        names = ("probes", "networks", "policy", "hosts", "entries", "logo", "certificate",
                 "keys", "chain", "days_left")  # fmt: skip
        tables_of(key, dict.fromkeys(names, junk))


def test_the_panel_shows_what_it_is_given_and_hides_when_that_is_nothing(qtbot) -> None:
    panel = FactsPanel()
    qtbot.addWidget(panel)
    panel.show_tables(tables_of("mx", {"probes": [PROBE]}))
    assert panel.isVisibleTo(None)
    assert panel.grids["mx-probes"].rows[0][2] == "answers"
    assert panel.grids["mx-probes"].accessibleName() == "What the hosts do"
    panel.show_tables(())
    assert not panel.isVisibleTo(None)
    assert panel.grids == {}
