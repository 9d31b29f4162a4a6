"""MTA-STS: what a domain's policy says about its mail exchangers, and fetching it (RFC 8461)."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, cast

from mailgui.net.addresses import Pinned
from mailgui.net.errors import NetworkFault
from mailgui.net.hosts import ascii_host
from mailgui.transcript import Kind, Layer, Recorder, Stage, TlsSummary, octets_to_text, visible

if TYPE_CHECKING:
    from mailgui.net.addresses import Resolver
    from mailgui.net.mta_sts_cache import KeptPolicy, PolicyCache
    from mailgui.transcript import HttpExchange

Mode = Literal["enforce", "testing", "none"]
MAX_POLICY = 64 * 1024  # octets; RFC 8461, section 3.3
MAX_AGE_LIMIT = 31_557_600  # seconds, one year; section 3.2
_TIMEOUT = 60.0  # seconds; section 3.3 suggests one minute
_MAX_PATTERNS = 1000
_PATH = "/.well-known/mta-sts.txt"
_MODES = ("enforce", "testing", "none")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_PATTERN = re.compile(
    r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*"
)
_RECORD = re.compile(r"v\s*=\s*STSv1\s*(;|$)")
_RECORD_ID = re.compile(r";\s*id\s*=\s*([A-Za-z0-9]{1,32})\s*(;|$)")


class PolicyProblem(ValueError):
    """A policy that no sender can use; its text is one sentence for a person."""

    @property
    def sentence(self) -> str:
        """What is wrong."""
        return str(self)


@dataclass(frozen=True, slots=True)
class MtaStsPolicy:
    """A domain's policy.

    Attributes:
        mx: the names that its mail exchangers must have, in lower case; ``*.`` stands for exactly
            one label.
        max_age: seconds that a sender keeps it.
        text: the policy as it was served, but for its line ends; control characters made visible.
    """

    mode: Mode
    mx: tuple[str, ...]
    max_age: int
    text: str


@dataclass(frozen=True, slots=True)
class PolicyFetch:
    """What came of fetching a policy.

    Attributes:
        problem: why there is no policy, in a sentence; empty when there is one.
        kind: the same for programs: ``dns record syntax status media_type encoding`` or the kind of
            a NetworkFault; empty when there is a policy.
        tls: the handshake, also a refused one, with its chain.
        duration: seconds.
        kept: whether it was not fetched, but is one that was fetched before and still holds.
    """

    url: str
    policy: MtaStsPolicy | None = None
    problem: str = ""
    http_status: int | None = None
    tls: TlsSummary | None = None
    duration: float = 0.0
    kind: str = ""
    kept: bool = False


def policy_url(domain: str) -> str:
    """Return where the policy of ``domain`` stands (section 3.3). Raises ValueError."""
    return f"https://mta-sts.{ascii_host(domain).lower()}{_PATH}"


def parse_policy(text: str) -> MtaStsPolicy:
    """Return the policy that ``text`` is (section 3.2). Raises PolicyProblem.

    Unknown keys are ignored; of a key other than ``mx`` that comes twice, the first counts. Blank
    lines are passed over, as senders do.
    """
    text = text.replace("\r\n", "\n")
    fields, patterns = _fields(text)
    if "version" not in fields:
        raise PolicyProblem("The policy has no line “version: STSv1”.")
    if fields["version"] != "STSv1":
        said = visible(fields["version"])[:40]
        raise PolicyProblem(f"The policy's version is “{said}”; only STSv1 is known.")
    mode = fields.get("mode")
    if mode is None:
        raise PolicyProblem("The policy has no line “mode:”.")
    if mode not in _MODES:
        said = visible(mode)[:40]
        raise PolicyProblem(f"The policy's mode “{said}” is none of enforce, testing and none.")
    max_age = _max_age(fields.get("max_age"))
    if not patterns and mode != "none":
        raise PolicyProblem(f"The policy has mode {mode}, but no line “mx:”.")
    return MtaStsPolicy(
        cast("Mode", mode), tuple(patterns), max_age, visible(text, keep_newlines=True)
    )


def mx_matches(policy: MtaStsPolicy, host: str) -> bool:
    """Return whether the policy names the mail exchanger ``host`` (section 4.1)."""
    try:
        name = ascii_host(host).lower()
    except ValueError:
        return False
    label, dot, parent = name.partition(".")
    wildcard = f"*.{parent}" if label and dot else None
    return any(pattern in (name, wildcard) for pattern in policy.mx)


def record_id(records: Sequence[str]) -> str | None:
    """Return the id of the MTA-STS record among the TXT records of ``_mta-sts.DOMAIN``.

    None where the domain has none, or several, which senders take for none (section 3.1).
    """
    found = [record for record in records if _RECORD.match(record)]
    match = _RECORD_ID.search(found[0]) if len(found) == 1 else None
    return match[1] if match else None


async def discover_policy(
    domain: str,
    *,
    resolver: Resolver,
    recorder: Recorder | None = None,
    timeout: float = _TIMEOUT,
    ca_file: str | None = None,
    address: tuple[str, int] | None = None,
    cache: PolicyCache | None = None,
) -> PolicyFetch | None:
    """Return the policy of a domain that announces one in the DNS, or None where it does not.

    As a sender does it (section 3.1): first the TXT record, then ``fetch_policy``. A policy in
    ``cache`` that still holds is used where the record's id is the same, or no new one can be had
    (section 5.1). A DNS that does not answer is a problem of kind ``dns``.
    """
    kept = cache.get(domain) if cache is not None else None
    answer = await resolver.ask(f"_mta-sts.{domain}", "TXT", recorder=recorder)
    known = str(answer.status) in ("found", "nodata", "nxdomain")
    announced = record_id(answer.records) if known else None
    if kept is not None and announced in (None, kept.record_id):
        return _of_kept(domain, kept, recorder)
    if not known:
        problem = f"The MTA-STS record of {domain} could not be looked up ({answer.status})."
        return PolicyFetch(policy_url(domain), problem=problem, kind="dns")
    if announced is None:
        return None
    fetched = await fetch_policy(
        domain,
        resolver=resolver,
        recorder=recorder,
        timeout=timeout,
        ca_file=ca_file,
        address=address,
    )
    if fetched.policy is None and kept is not None:
        return _of_kept(domain, kept, recorder)
    if fetched.policy is not None and cache is not None:
        cache.put(domain, announced, fetched.policy)
    return fetched


def _of_kept(domain: str, kept: KeptPolicy, recorder: Recorder | None) -> PolicyFetch:
    if recorder is not None:
        when = datetime.fromtimestamp(kept.fetched, UTC)
        recorder.info(
            f"The MTA-STS policy of {domain}, fetched at {when:%Y-%m-%d %H:%M:%S} UTC, still holds "
            f"for {max(0, round(kept.until - time.time())):,} seconds.",
            layer=Layer.DNS,
            stage=Stage.DNS,
        )
    return PolicyFetch(policy_url(domain), kept.policy, kept=True)


async def fetch_policy(
    domain: str,
    *,
    resolver: Resolver | None,
    recorder: Recorder | None = None,
    timeout: float = _TIMEOUT,
    ca_file: str | None = None,
    address: tuple[str, int] | None = None,
) -> PolicyFetch:
    """Fetch the policy of ``domain`` as section 3.3 wants it; never raises for what goes wrong.

    The certificate must be valid for ``mta-sts.DOMAIN``, redirects are not followed, the answer is
    200, text/plain and at most 64 KiB, and all of it takes at most ``timeout`` seconds. ``ca_file``
    is trusted beside the system's store. ``address`` (host, port) stands in for what the DNS says.
    ``recorder`` takes the whole exchange.
    """
    started = time.perf_counter()
    try:
        url = policy_url(domain)
    except ValueError as error:
        return PolicyFetch(
            f"https://mta-sts.{visible(domain)}{_PATH}", None, str(error), kind="dns"
        )
    fetching = _Fetch(url, resolver, ca_file, address, timeout)
    own = Recorder(Kind.HTTP)  # the exchange's own: its TLS is not that of the caller's dialogue
    try:
        policy = await fetching.run(own)
        problem, kind = "", ""
    except NetworkFault as fault:
        policy, problem, kind = None, fault.sentence, fault.kind
        fetching.tls = fault.tls or fetching.tls
        own.error(fault.sentence, layer=Layer.HTTP, stage=fault.stage)
    except _Unfit as unfit:
        policy, problem, kind = None, unfit.sentence, unfit.kind
        own.error(unfit.sentence, layer=Layer.HTTP)
    finally:
        if recorder is not None:
            recorder.take_over(own, phases=False)
    duration = time.perf_counter() - started
    return PolicyFetch(url, policy, problem, fetching.status, fetching.tls, duration, kind)


class _Unfit(Exception):
    """An answer that is no policy."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence


class _Fetch:
    """One fetching, and what is known of it so far."""

    def __init__(
        self,
        url: str,
        resolver: Resolver | None,
        ca_file: str | None,
        address: tuple[str, int] | None,
        timeout: float,
    ) -> None:
        self.status: int | None = None
        self.tls: TlsSummary | None = None
        self._url = url
        self._host = url.removeprefix("https://").partition("/")[0]
        self._resolver = resolver if address is None else Pinned(address[0])
        self._port = 443 if address is None else address[1]
        self._ca_file = ca_file
        self._timeout = timeout

    async def run(self, recorder: Recorder) -> MtaStsPolicy:
        """Return the policy. Raises NetworkFault and _Unfit."""
        from mailgui.net.http import HttpClient, HttpSettings

        settings = HttpSettings(ca_file=self._ca_file, timeout=self._timeout, max_body=MAX_POLICY)
        url = self._url
        if self._port != 443:
            url = url.replace(self._host, f"{self._host}:{self._port}", 1)
        headers = [("Host", self._host), ("Accept", "text/plain"), ("User-Agent", "MailGUI")]
        async with HttpClient(settings, resolver=self._resolver) as client:
            try:
                async with asyncio.timeout(self._timeout):
                    exchange = await client.request("GET", url, headers, recorder=recorder)
            except TimeoutError:
                raise _Unfit("timed_out", self._late()) from None
            finally:
                self.tls = client.tls_for(url)
        return self._read(exchange)

    def _late(self) -> str:
        return f"{self._host} had not served the whole policy after {self._timeout:g} seconds."

    def _read(self, exchange: HttpExchange) -> MtaStsPolicy:
        self.status = exchange.status
        headers = {name.lower(): value for name, value in exchange.response_headers}
        if exchange.status is not None and 300 <= exchange.status < 400:
            target = visible(headers.get("location", "elsewhere"))[:200]
            sentence = (
                f"{self._host} redirects to {target}; senders do not follow redirects for a policy "
                "(RFC 8461, section 3.3)."
            )
            raise _Unfit("http_redirect", sentence)
        if exchange.status != 200:
            raise _Unfit("status", f"{self._host} answered with status {exchange.status}, not 200.")
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "text/plain":
            said = f"as “{visible(media_type)[:80]}”" if media_type else "without a Content-Type"
            sentence = f"{self._host} serves the policy {said}; it must be text/plain."
            raise _Unfit("media_type", sentence)
        try:
            return parse_policy(_text(exchange.response_body))
        except PolicyProblem as problem:
            raise _Unfit("syntax", problem.sentence) from None


def _text(body: bytes) -> str:
    try:
        return body.decode("ascii")
    except UnicodeDecodeError as error:
        near = octets_to_text(body[max(error.start - 10, 0) : error.start + 10])
        raise PolicyProblem(f"The policy holds octets beyond ASCII, near “{near}”.") from None


def _fields(text: str) -> tuple[dict[str, str], list[str]]:
    """Return the first value of each key, and all values of ``mx``. Raises PolicyProblem."""
    fields: dict[str, str] = {}
    patterns: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip(" \t"):
            continue
        key, colon, value = line.partition(":")
        if not colon or not _KEY.fullmatch(key):
            said = visible(line)[:60]
            raise PolicyProblem(f"Line {number} of the policy is not “key: value”: “{said}”.")
        value = value.strip(" \t")
        if key == "mx":
            patterns.append(_pattern(value, number))
            if len(patterns) > _MAX_PATTERNS:
                raise PolicyProblem(f"The policy has more than {_MAX_PATTERNS} lines “mx:”.")
        else:
            fields.setdefault(key, value)
    return fields, patterns


def _pattern(value: str, number: int) -> str:
    pattern = value.lower()
    if pattern.endswith(".") or len(pattern) > 255 or not _PATTERN.fullmatch(pattern):
        said = visible(value)[:60]
        raise PolicyProblem(
            f"Line {number} of the policy names no mail exchanger: “{said}”. It must be a host "
            "name without a final dot, or *. before one."
        )
    return pattern


def _max_age(value: str | None) -> int:
    if value is None:
        raise PolicyProblem("The policy has no line “max_age:”.")
    if not re.fullmatch(r"[0-9]{1,10}", value):
        said = visible(value)[:40]
        raise PolicyProblem(f"The policy's max_age “{said}” is not a number of seconds.")
    if int(value) > MAX_AGE_LIMIT:
        raise PolicyProblem(f"The policy's max_age is over a year ({MAX_AGE_LIMIT} seconds).")
    return int(value)
