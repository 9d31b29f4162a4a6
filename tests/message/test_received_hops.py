from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.message.raw_message import read_raw
from mailgui.message.received_hops import parse_hop, read_hops

POSTFIX = (
    "from mail.good.example (mail.good.example [192.0.2.25]) (using TLSv1.3 with cipher "
    "TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519) (No client certificate requested) "
    "by mx.example.org (Postfix) with ESMTPS id 4XYZ for <bob@example.org>; "
    "Tue,  3 Nov 2026 12:00:05 +0000 (UTC)"
)
GMAIL = (
    "from out.good.example (out.good.example. [2001:db8::25]) by mx.google.com with ESMTPS id "
    "a1-20020a05 for <bob@gmail.com> (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128); "
    "Tue, 03 Nov 2026 04:00:05 -0800 (PST)"
)
EXIM = (
    "from [198.51.100.7] (helo=client.example) by mx.example.org with esmtpsa (TLS1.2) tls "
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 (Exim 4.96) (envelope-from <ann@good.example>) id "
    "1abc-0002 for bob@example.org; Tue, 03 Nov 2026 12:00:05 +0000"
)
EXCHANGE = (
    "from AM0PR01.eurprd01.prod.exchangelabs.com (2603:10a6:208::1) by "
    "AS8PR02.eurprd02.prod.outlook.com (2603:10a6:20b::2) with Microsoft SMTP Server "
    "(version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.1.2; "
    "Tue, 3 Nov 2026 12:00:05 +0000"
)
QMAIL = (
    "from unknown (HELO box.example) (203.0.113.9) by mx.example.org with SMTP; "
    "3 Nov 2026 12:00:05 -0000"
)
INTERNAL = "by 2002:a05:6402:1234 with SMTP id x1csp; Tue, 3 Nov 2026 12:00:05 +0000"


AES_128, AES_256 = "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"
ECDHE = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
SENT_BY = "AM0PR01.eurprd01.prod.exchangelabs.com"


@pytest.mark.parametrize(
    ("text", "sender", "ip", "by", "protocol"),
    [
        (POSTFIX, "mail.good.example", "192.0.2.25", "mx.example.org", "ESMTPS"),
        (GMAIL, "out.good.example", "2001:db8::25", "mx.google.com", "ESMTPS"),
        (EXIM, "client.example", "198.51.100.7", "mx.example.org", "esmtpsa"),
        (
            EXCHANGE,
            SENT_BY,
            "2603:10a6:208::1",
            "AS8PR02.eurprd02.prod.outlook.com",
            "Microsoft SMTP Server",
        ),
        (QMAIL, "box.example", "203.0.113.9", "mx.example.org", "SMTP"),
        (INTERNAL, "", None, "2002:a05:6402:1234", "SMTP"),
    ],
)
def test_each_server_writes_in_its_own_manner(text, sender, ip, by, protocol):
    hop = parse_hop(text)
    assert (hop.sender, hop.ip, hop.by, hop.protocol) == (sender, ip, by, protocol)
    assert hop.time == datetime(2026, 11, 3, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "tls", "version", "cipher"),
    [
        (POSTFIX, True, "TLSv1.3", AES_256),
        (GMAIL, True, "TLSv1.3", AES_128),
        (EXIM, True, "TLSv1.2", ECDHE),
        (EXCHANGE, True, "TLSv1.2", ECDHE),
        (QMAIL, False, "", ""),
        ("from a by b with UTF8SMTPSA; x", True, "", ""),
        ("from a by b with HTTP; x", None, "", ""),
        ("from a by b (version=SSLv3); x", True, "SSLv3", ""),
    ],
)
def test_encryption(text, tls, version, cipher):
    hop = parse_hop(text)
    assert (hop.tls, hop.tls_version, hop.cipher) == (tls, version, cipher)


def test_what_else_a_field_tells():
    assert parse_hop(POSTFIX).reverse == "mail.good.example"
    assert (parse_hop(POSTFIX).recipient, parse_hop(POSTFIX).identifier) == (
        "bob@example.org",
        "4XYZ",
    )
    assert parse_hop(EXIM).envelope_from == "ann@good.example"
    assert parse_hop(QMAIL).reverse == ""


def test_addresses_of_private_networks_are_not_the_internet():
    assert parse_hop("from a ([10.0.0.1]) by b; x").public_ip is None
    assert parse_hop("from a ([127.0.0.1]) by b; x").public_ip is None
    assert parse_hop("from a ([8.8.8.8]) by b; x").public_ip == "8.8.8.8"
    assert parse_hop("from a ([IPv6:::ffff:192.0.2.1]) by b; x").ip == "192.0.2.1"


def test_delays_and_clocks():
    head = "".join(
        f"Received: from a by {name} with ESMTP; Tue, 03 Nov 2026 {time} +0000\r\n"
        for name, time in (("c", "12:00:01"), ("b", "12:05:00"), ("a", "12:00:00"))
    )
    hops = read_hops(read_raw(head.encode() + b"\r\n").all("received"))
    assert [(hop.by, hop.delay) for hop in hops] == [("a", None), ("b", 300.0), ("c", -299.0)]


def test_a_hop_without_a_time_is_passed_over_in_the_reckoning():
    head = (
        b"Received: by c; Tue, 03 Nov 2026 12:00:09 +0000\r\nReceived: by b; whenever\r\n"
        b"Received: by a; Tue, 03 Nov 2026 12:00:00 +0000\r\n\r\n"
    )
    hops = read_hops(read_raw(head).all("received"))
    assert [hop.delay for hop in hops] == [None, None, 9.0]


@given(st.text(max_size=300))
def test_nothing_makes_it_fail(text):
    assert parse_hop(text).text == text


def test_a_long_field_is_read_in_good_time():
    assert parse_hop("(" * 100_000).text == "(" * 8_000
