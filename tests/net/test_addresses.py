"""From a name to addresses, by the system or by a resolver."""

import asyncio
import socket
import threading
from dataclasses import dataclass

import pytest

from mailgui.net import addresses as addresses_module
from mailgui.net.addresses import addresses_of
from mailgui.net.errors import NetworkFault
from mailgui.transcript import Outcome, Stage


@dataclass(frozen=True)
class FakeAnswer:
    status: str
    records: tuple[str, ...] = ()


class Table:
    """A resolver that answers from a table."""

    def __init__(self, a, aaaa):
        self._answers = {"A": a, "AAAA": aaaa}
        self.asked = 0

    async def ask(self, name, rdtype, *, recorder=None):
        self.asked += 1
        return self._answers[rdtype]


NODATA = FakeAnswer("nodata")


def resolve(host, recorder, *, timeout=5, **kwargs):
    return asyncio.run(addresses_of(host, recorder=recorder, timeout=timeout, **kwargs))


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (None, ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "192.0.2.3"]),
        ("ipv6", ["2001:db8::1", "2001:db8::2"]),
        ("ipv4", ["192.0.2.1", "192.0.2.2", "192.0.2.3"]),
    ],
)
def test_families_alternate_unless_only_one_is_wanted(recorder, only, expected):
    table = Table(
        FakeAnswer("found", ("192.0.2.1", "192.0.2.2", "192.0.2.3")),
        FakeAnswer("found", ("2001:db8::1", "2001:db8::2")),
    )
    assert resolve("mx.example", recorder, resolver=table, only=only) == expected


@pytest.mark.parametrize("host", ["mx.example", "192.0.2.1"])
def test_a_host_without_an_address_of_the_wanted_family(recorder, host):
    table = Table(FakeAnswer("found", ("192.0.2.1",)), NODATA)
    with pytest.raises(NetworkFault, match=r"has no IPv6 address, and no other is to be used") as e:
        resolve(host, recorder, resolver=table, only="ipv6")
    assert e.value.kind == "name_not_found"


@pytest.mark.parametrize(
    ("a", "aaaa", "kind"),
    [
        (FakeAnswer("nxdomain"), FakeAnswer("nxdomain"), "name_not_found"),
        (NODATA, NODATA, "name_not_found"),
        (FakeAnswer("timeout"), FakeAnswer("timeout"), "name_timeout"),
        (NODATA, FakeAnswer("timeout"), "name_timeout"),
        (FakeAnswer("servfail"), NODATA, "name_failed"),
        (FakeAnswer("refused"), FakeAnswer("refused"), "name_failed"),
    ],
)
def test_what_a_resolver_may_say(recorder, a, aaaa, kind):
    with pytest.raises(NetworkFault) as caught:
        resolve("mx.example", recorder, resolver=Table(a, aaaa))
    assert (caught.value.stage, caught.value.kind) == (Stage.DNS, kind)
    assert "mx.example" in caught.value.sentence


def test_one_family_is_enough(recorder):
    table = Table(FakeAnswer("found", ("192.0.2.1",)), FakeAnswer("servfail"))
    assert resolve("mx.example", recorder, resolver=table) == ["192.0.2.1"]


def test_localhost_is_never_asked_of_a_resolver(recorder):
    table = Table(FakeAnswer("found", ("192.0.2.1",)), NODATA)
    found = resolve("localhost", recorder, resolver=table)
    assert table.asked == 0
    assert set(found) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (socket.EAI_NONAME, "name_not_found"),
        (socket.EAI_AGAIN, "name_failed"),
        (socket.EAI_FAIL, "name_failed"),
    ],
)
def test_what_the_system_may_say(recorder, monkeypatch, code, kind):
    def getaddrinfo(*args, **kwargs):
        raise socket.gaierror(code, "no")

    monkeypatch.setattr(addresses_module.socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(NetworkFault) as caught:
        resolve("mx.example", recorder)
    assert caught.value.kind == kind
    assert recorder.finish(Outcome.FAILED).phases[0].failed


def test_a_hanging_lookup_ends_in_time_and_holds_nobody_up(recorder, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(
        addresses_module.socket, "getaddrinfo", lambda *args, **kwargs: release.wait()
    )
    try:
        with pytest.raises(NetworkFault) as caught:
            resolve("mx.example", recorder, timeout=0.01)
    finally:
        release.set()
    assert caught.value.kind == "name_timeout"


def test_what_is_no_name_is_refused_before_it_is_asked(recorder):
    with pytest.raises(NetworkFault) as caught:
        resolve("a b", recorder)
    assert caught.value.kind == "name_failed"
