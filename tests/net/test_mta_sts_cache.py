"""Policies are kept for as long as they say, and fetched anew when the record's id changes."""

import asyncio

import pytest

from mailgui.net.mta_sts import PolicyFetch, discover_policy, parse_policy
from mailgui.net.mta_sts_cache import PolicyCache, cache_of
from mailgui.net.resolver import Resolver
from mailgui.transcript import Kind, Recorder
from tests.support.https_files import File, https_files
from tests.support.name_server import NameServer, Zone

PATH = "/.well-known/mta-sts.txt"
TEXT = "version: STSv1\nmode: enforce\nmx: a.good.example\nmax_age: 86400\n"
OTHER = TEXT.replace("a.good", "b.good")
RECORD = "_mta-sts.good.example TXT v=STSv1; id={}"


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_policy_holds_for_as_long_as_it_says() -> None:
    clock = Clock()
    cache = PolicyCache(clock)
    assert cache.get("good.example") is None
    cache.put("Good.Example.", "1", parse_policy(TEXT))
    clock.now += 86_399
    kept = cache.get("good.example")
    assert kept is not None
    assert (kept.record_id, kept.until - kept.fetched) == ("1", 86_400)
    clock.now += 1
    assert cache.get("good.example") is None


def test_only_so_many_are_kept() -> None:
    cache = PolicyCache()
    for number in range(1_001):
        cache.put(f"d{number}.example", "1", parse_policy(TEXT))
    assert cache.get("d0.example") is None
    assert cache.get("d1000.example") is not None


def test_each_resolver_has_its_own() -> None:
    one, two = Resolver("127.0.0.1"), Resolver("127.0.0.1")
    assert cache_of(one) is cache_of(one)
    assert cache_of(one) is not cache_of(two)


@pytest.fixture
def pair(ca, tmp_path):
    """The paths of a certificate for the policy's host, and of its key."""
    leaf = ca.issue_cert("mta-sts.good.example")
    leaf.private_key_and_cert_chain_pem.write_to_path(tmp_path / "pair.pem")
    return (str(tmp_path / "pair.pem"),) * 2


@pytest.mark.parametrize(
    ("second", "zone", "served", "host", "kept"),
    [
        ("the same id", RECORD.format(1), File(OTHER.encode()), "a", True),
        ("another id", RECORD.format(2), File(OTHER.encode()), "b", False),
        ("another id, no policy", RECORD.format(2), File(b"", status=500), "a", True),
        ("no record", "good.example A 127.0.0.1", File(OTHER.encode()), "a", True),
        ("no DNS", "_mta-sts.good.example @servfail", File(OTHER.encode()), "a", True),
    ],
)
def test_what_is_used_the_second_time(pair, ca_file, second, zone, served, host, kept) -> None:
    files = {PATH: File(TEXT.encode())}
    recorder = Recorder(Kind.SMTP)

    async def discover(text: str, cache: PolicyCache, port: int) -> PolicyFetch | None:
        async with NameServer(Zone(text)) as names:
            resolver = Resolver(names.address)
            try:
                return await discover_policy(
                    "good.example", resolver=resolver, recorder=recorder, ca_file=ca_file,
                    address=("127.0.0.1", port), timeout=20, cache=cache,
                )  # fmt: skip
            finally:
                await resolver.close()

    async def main(port: int) -> tuple[PolicyFetch | None, PolicyFetch | None]:
        cache = PolicyCache()
        first = await discover(RECORD.format(1), cache, port)
        files[PATH] = served
        return first, await discover(zone, cache, port)

    with https_files(files, *pair) as port:
        first, again = asyncio.run(main(port))
    assert first is not None
    assert again is not None
    assert first.policy == parse_policy(TEXT)
    assert again.policy is not None
    assert (again.policy.mx, again.kept) == ((f"{host}.good.example",), kept), second
    told = [event.text for event in recorder.events if "still holds" in event.text]
    assert len(told) == int(kept)


def test_without_a_cache_every_time_is_the_first(pair, ca_file) -> None:
    files = {PATH: File(TEXT.encode())}

    async def main(port: int) -> list[PolicyFetch | None]:
        found = []
        async with NameServer(Zone(RECORD.format(1))) as names:
            resolver = Resolver(names.address)
            for text in (TEXT, OTHER):
                files[PATH] = File(text.encode())
                found.append(
                    await discover_policy(
                        "good.example",
                        resolver=resolver,
                        ca_file=ca_file,
                        timeout=20,
                        address=("127.0.0.1", port),
                    )
                )
            await resolver.close()
        return found

    with https_files(files, *pair) as port:
        found = asyncio.run(main(port))
    assert [f.policy.mx if f and f.policy else None for f in found] == [
        ("a.good.example",),
        ("b.good.example",),
    ]
