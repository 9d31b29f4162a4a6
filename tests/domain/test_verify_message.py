import pytest

from mailgui.domain.verify_json import to_json_dict
from mailgui.domain.verify_message import verify
from tests.support.asking import against
from tests.support.name_server import Zone
from tests.support.signing import MESSAGE, ed25519_key, record, rsa_key, sign

ZONE = """
good.example TXT v=spf1 ip4:192.0.2.25 -all
_dmarc.good.example TXT v=DMARC1; p=reject; adkim=s
sub.good.example TXT v=spf1 ip4:192.0.2.26 -all
mailer.example TXT v=spf1 ip4:198.51.100.7 -all
_dmarc.com TXT v=DMARC1; p=none; psd=y
example.org A 192.0.2.1
"""
RECEIVED = (
    b"Return-Path: <ann@good.example>\r\n"
    b"Received: from relay.inside ([10.0.0.1]) by box.inside with LMTP; "
    b"Tue, 03 Nov 2026 12:00:07 +0000\r\n"
    b"Received: from mail.good.example (mail.good.example [192.0.2.25]) by mx.example.org with "
    b"ESMTPS; Tue, 03 Nov 2026 12:00:05 +0000\r\n"
    b"Received: from desk.inside ([192.168.1.2]) by mail.good.example with ESMTPSA; "
    b"Tue, 03 Nov 2026 12:00:01 +0000\r\n"
)


def zone(extra=""):
    served = Zone(ZONE + extra)
    for domain in ("good.example", "sub.good.example", "mailer.example"):
        served.add(f"s1._domainkey.{domain}", "TXT", record(rsa_key()))
    return served


def check(message, served=None, **known):
    return against(served or zone(), lambda resolver: verify(message, resolver=resolver, **known))


def ids(report):
    return {finding.id for finding in report.findings}


def test_a_good_message():
    report = check(RECEIVED + sign())
    document = to_json_dict(report)
    assert [each["result"] for each in document["dkim"]] == ["pass"]
    assert set(document["dkim"][0]) >= {
        "result",
        "domain",
        "selector",
        "algorithm",
        "bits",
        "reason",
    }
    assert document["arc"]["result"] == "none"
    assert (document["spf"]["result"], document["spf"]["ip"]) == ("pass", "192.0.2.25")
    assert document["dmarc"]["result"] == "pass"
    assert document["dmarc"]["disposition"] == "deliver"
    assert [hop["by"] for hop in document["hops"]] == [
        "mail.good.example",
        "mx.example.org",
        "box.inside",
    ]
    assert report.findings == ()


def test_what_is_guessed_is_said_to_be():
    guessed = check(RECEIVED + sign())
    assert guessed.spf.clues.ip.source == "guessed from the Received field by mx.example.org"
    assert guessed.spf.clues.mail_from.source == "read from Return-Path"
    given = check(RECEIVED + sign(), ip="203.0.113.1", mail_from="x@good.example", helo="h.example")
    assert (given.spf.result, given.spf.clues.ip.source) == ("fail", "given")
    bare = check(MESSAGE, ip="192.0.2.25")
    assert "a guess" in bare.dmarc.reason


def test_without_an_address_spf_stays_open():
    report = check(sign())
    assert (report.spf.result, report.dmarc.result) == (None, "pass")
    assert "verify.spf.unknown" in ids(report)
    assert to_json_dict(report)["spf"]["result"] is None


def test_the_null_sender_is_judged_by_its_greeting():
    message = RECEIVED.replace(b"<ann@good.example>", b"<>") + MESSAGE
    report = check(message, helo="good.example")
    assert (report.spf.clues.domain, report.spf.result) == ("good.example", "pass")


@pytest.mark.parametrize(
    ("signed", "author", "policy", "aligned", "outcome"),
    [
        ("good.example", b"good.example", "", True, "pass"),
        ("good.example", b"sub.good.example", "adkim=r", True, "pass"),
        ("sub.good.example", b"good.example", "adkim=r", True, "pass"),
        ("sub.good.example", b"good.example", "adkim=s", False, "fail"),
        ("mailer.example", b"good.example", "adkim=r", False, "fail"),
    ],
)
def test_alignment(signed, author, policy, aligned, outcome):
    served = zone().add("sub.good.example", "A", "192.0.2.1")
    served.records[(b"_dmarc", b"good", b"example")].clear()
    served.add("_dmarc.good.example", "TXT", f"v=DMARC1; p=reject; {policy}")
    message = sign(MESSAGE.replace(b"ann@good.example", b"ann@" + author), domain=signed)
    report = check(message, served)
    (identifier,) = report.dmarc.identifiers
    assert (identifier.aligned, report.dmarc.result) == (aligned, outcome)
    assert (identifier.strict, report.dmarc.disposition) == (
        "adkim=s" in policy,
        "deliver" if aligned else "reject",
    )


def test_a_failing_message_meets_the_policy():
    report = check(RECEIVED + sign().replace(b"noon?", b"one?"), ip="203.0.113.1")
    assert (report.dmarc.result, report.dmarc.policy, report.dmarc.disposition) == (
        "fail",
        "reject",
        "reject",
    )
    assert {"verify.dmarc.fail", "verify.dkim.fail", "verify.spf.fail"} <= ids(report)


def test_spf_of_another_domain_does_not_help():
    report = check(MESSAGE, ip="198.51.100.7", mail_from="bounce@mailer.example")
    assert (report.spf.result, report.dmarc.result) == ("pass", "fail")
    assert report.dmarc.reason == "What passed, SPF for mailer.example, is not of good.example."


def test_no_policy():
    report = check(MESSAGE.replace(b"good.example", b"nothing.test"), zone())
    assert (report.dmarc.result, report.dmarc.disposition) == ("none", "deliver")


def test_silence_of_the_policy_is_a_temperror():
    served = zone("_dmarc.good.example @servfail\n")
    served.records.pop((b"_dmarc", b"good", b"example"))
    assert check(sign(), served).dmarc.result == "temperror"


def test_a_key_that_cannot_be_asked_for_leaves_dmarc_open():
    served = zone("s1._domainkey.good.example @servfail\n")
    report = check(sign(), served)
    assert (report.signatures[0].result, report.dmarc.result) == ("temperror", "temperror")
    assert report.dmarc.disposition == "retry"


def test_expiry_counts_from_the_border():
    signed = sign(t="1793700000", x="1793800000")  # received 2026-11-03, expired 2026-11-04
    assert check(RECEIVED + signed).signatures[0].passed
    late = RECEIVED.replace(b"03 Nov", b"05 Nov").replace(b"Tue,", b"Thu,")
    assert check(late + signed).signatures[0].result == "fail"


@pytest.mark.parametrize(
    ("was", "now", "finding"),
    [
        (b"Date: ", b"X-Date: ", "verify.missing.date"),
        (b"Message-ID: ", b"X-Id: ", "verify.missing.message_id"),
        (b"To: Bob", b"From: c@other.example\r\nTo: Bob", "verify.from.domains"),
        (b"To: Bob", b"Subject: another\r\nTo: Bob", "verify.doubled.subject"),
        (b"To: Bob", b"Reply-To: x@evil.test\r\nTo: Bob", "verify.header.reply_to"),
        (b"To: Bob", b"Return-Path: <x@evil.test>\r\nTo: Bob", "verify.header.return_path"),
        (b"To: Bob", b"X: caf\xe9\r\nTo: Bob", "verify.form.eight_bit"),
        (b"To: Bob", "X: café\r\nTo: Bob".encode(), "verify.form.utf8_header"),
        (b"To: Bob", b"no field at all\r\nTo: Bob", "verify.form.junk"),
        (b"Hello Bob,\r\n", b"Hello Bob,\n", "verify.form.mixed_line_ends"),
        (b"From: ", b"From x Tue\r\nFrom: ", "verify.form.postmark"),
        (b"To: Bob", b"X: " + b"a" * 999 + b"\r\nTo: Bob", "verify.form.long_line"),
        (b"To: Bob", b"DKIM2-Signature: x\r\nTo: Bob", "verify.dkim2.present"),
    ],
)
def test_oddities_of_the_header(was, now, finding):
    assert finding in ids(check(MESSAGE.replace(was, now, 1)))
    assert finding not in ids(check(MESSAGE))


def test_several_authors_cannot_be_judged():
    message = MESSAGE.replace(b"To: Bob", b"From: c@other.example\r\nTo: Bob")
    assert check(message).dmarc.result == "permerror"
    assert check(MESSAGE.replace(b"From: ", b"X-From: ")).dmarc.result == "permerror"


UNSUBSCRIBE = b"List-Unsubscribe: <https://good.example/u>\r\n"
POST = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
BOTH = "From:Subject:Date:To:List-Unsubscribe:List-Unsubscribe-Post"


@pytest.mark.parametrize(
    ("fields", "names", "finding"),
    [
        (UNSUBSCRIBE + POST, BOTH, "verify.unsubscribe.one_click"),
        (UNSUBSCRIBE + POST, "From", "verify.unsubscribe.broken"),
        (UNSUBSCRIBE, BOTH, "verify.unsubscribe.not_one_click"),
        (POST, BOTH, "verify.unsubscribe.broken"),
        (UNSUBSCRIBE.replace(b"https:", b"mailto:") + POST, BOTH, "verify.unsubscribe.broken"),
        (UNSUBSCRIBE + POST.replace(b"One-", b"Two-"), BOTH, "verify.unsubscribe.broken"),
    ],
)
def test_one_click_unsubscribing(fields, names, finding):
    found = {i for i in ids(check(sign(fields + MESSAGE, h=names))) if "unsubscribe" in i}
    assert found == {finding}


@pytest.mark.parametrize(
    ("message", "finding"),
    [
        (RECEIVED.replace(b"12:00:07", b"12:20:07"), "verify.hops.slow"),
        (RECEIVED.replace(b"12:00:07", b"11:00:07"), "verify.hops.clock"),
        (RECEIVED.replace(b"with ESMTPS;", b"with ESMTP;"), "verify.hops.clear"),
    ],
)
def test_the_way(message, finding):
    assert finding in ids(check(message + sign()))


@pytest.mark.parametrize(
    ("tags", "finding"),
    [
        ({"h": "From"}, "verify.dkim.unsigned_fields"),
        ({"l": "5"}, "verify.dkim.length"),
    ],
)
def test_signatures_that_hold_and_leave_something_open(tags, finding):
    assert finding in ids(check(sign(**tags)))


def test_a_weak_key_and_one_in_test_mode():
    served = zone()
    served.records.pop((b"s1", b"_domainkey", b"good", b"example"))
    served.add("s1._domainkey.good.example", "TXT", record(rsa_key(1024), t="y"))
    report = check(sign(key=rsa_key(1024)), served)
    assert {"verify.dkim.weak", "verify.dkim.testing"} <= ids(report)


def test_what_the_receiver_had_seen():
    told = b"Authentication-Results: mx.example.org; dkim=pass header.d=good.example\r\n"
    report = check(told + sign().replace(b"noon?", b"one?"))
    assert "verify.claims.changed" in ids(report)
    assert report.claims[0].results[0].property("header.d") == "good.example"


def test_the_gravest_comes_first():
    report = check(sign().replace(b"noon?", b"one?").replace(b"\r\n", b"\n"))
    order = ["broken", "attention", "info"]
    places = [order.index(finding.severity) for finding in report.findings]
    assert places == sorted(places)


def test_both_algorithms_side_by_side():
    served = zone().add("ed._domainkey.good.example", "TXT", record(ed25519_key()))
    report = check(sign(sign(), ed25519_key(), selector="ed"), served)
    assert [r.signature.algorithm for r in report.signatures] == ["ed25519-sha256", "rsa-sha256"]
    assert all(r.passed for r in report.signatures)


@pytest.mark.parametrize(
    ("message", "known", "words"),
    [(b"", {}, "not a message"), (b"\x00\x01", {}, "not a message"), (MESSAGE, {"ip": "x"}, "“x”")],
)
def test_what_cannot_be_judged(message, known, words):
    with pytest.raises(ValueError, match=words):
        check(message, **known)
