"""What DANE and MTA-STS demand of a connection to a mail exchanger, and who wins (RFC 8461,
section 2: DANE does).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from mailgui.net.mta_sts import MtaStsPolicy, mx_matches
from mailgui.net.tlsa import TlsaAnswer, find_tlsa, is_trusted_resolver
from mailgui.smtp.settings import SmtpSettings, TlsMode

if TYPE_CHECKING:
    from mailgui.net.resolver import Resolver
    from mailgui.net.tls import PeerCheck
    from mailgui.smtp.routing import MailExchanger, Route
    from mailgui.transcript import CertificateSummary, Recorder

Demand = Literal["nothing", "dane", "dane_encrypted", "mta_sts", "mta_sts_testing", "forbidden"]


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence on it; ``slug`` names it where it is worth a finding, such as
    ``mta_sts.not_named``, and is empty elsewhere.
    """

    slug: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Protection:
    """What is demanded of the connection to one host.

    Attributes:
        demand: ``dane`` (TLS with a certificate that fits the TLSA records), ``dane_encrypted``
            (TLS with any: none of the records can be used), ``mta_sts`` (TLS with a certificate
            valid for the host), ``mta_sts_testing`` (the same, but only told), ``forbidden`` (the
            host must not be used) or ``nothing``.
        remarks: why, as far as there is something to say.
        named: whether the MTA-STS policy names the host; None without one.
        tlsa: what the DNS says about its TLSA records; None where that was not asked.
    """

    host: str
    domain: str
    demand: Demand = "nothing"
    remarks: tuple[Remark, ...] = ()
    named: bool | None = None
    tlsa: TlsaAnswer | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names that a certificate from a CA of DANE's may have (RFC 7672, section 3.2.2)."""
        base = self.tlsa.base if self.tlsa else ""
        return tuple(dict.fromkeys(filter(None, (base, self.host, self.domain))))

    def settings(self, settings: SmtpSettings) -> SmtpSettings:
        """Return the settings for a connection that meets the demand."""
        if self.demand == "dane":
            base = self.tlsa.base if self.tlsa else self.host
            return replace(
                settings, tls=TlsMode.STARTTLS, tls_verify=False, tls_server_name=base or self.host
            )
        if self.demand == "dane_encrypted":
            return replace(settings, tls=TlsMode.STARTTLS, tls_verify=False)
        if self.demand in ("mta_sts", "mta_sts_testing"):
            return replace(settings, tls=TlsMode.STARTTLS, tls_verify=True)
        return settings

    def check(self) -> PeerCheck | None:
        """Return who decides about the certificate where the system's trust does not."""
        tlsa = self.tlsa
        if self.demand != "dane" or tlsa is None:
            return None

        def fits(chain: tuple[CertificateSummary, ...]) -> str:
            from mailgui.net.dane import match_chain

            match = match_chain(tlsa.records, [each.der for each in chain], self.names)
            return "" if match.ok else f"DANE: {match.reason}"

        return fits


async def protection_of(
    exchanger: MailExchanger,
    route: Route,
    policy: MtaStsPolicy | None,
    resolver: Resolver,
    *,
    port: int = 25,
    dane: bool = True,
    trust_ad: bool | None = None,
    recorder: Recorder | None = None,
) -> Protection:
    """Return what to demand of ``exchanger``. ``policy``: None to leave MTA-STS out; ``dane``:
    whether to ask for TLSA records; ``trust_ad``: as in ``find_tlsa``.
    """
    host = exchanger.host
    protection = Protection(host, route.domain)
    if policy is not None:
        protection = replace(protection, named=mx_matches(policy, host))
    if dane:
        tlsa = await find_tlsa(host, port, resolver, trust_ad=trust_ad, recorder=recorder)
        protection = replace(protection, tlsa=tlsa)
        by_dane = _by_dane(protection, _route_is_secure(route, trust_ad))
        if by_dane.demand != "nothing":
            return by_dane
        protection = by_dane
    return _by_policy(protection, policy) if policy is not None else protection


def _route_is_secure(route: Route, trust_ad: bool | None) -> bool:
    believed = is_trusted_resolver(route.server) if trust_ad is None else trust_ad
    return route.secure and believed


def _by_dane(protection: Protection, secure_route: bool) -> Protection:
    """RFC 7672, section 2.2: what the state of the TLSA records means."""
    tlsa, host = protection.tlsa, protection.host
    assert tlsa is not None  # noqa: S101 - narrows the type
    if tlsa.status == "none":
        return protection
    if tlsa.status == "bogus":
        why = f"{tlsa.problem} So {host} is passed over."
        return _with(protection, "dane.bogus", why, "forbidden")
    if tlsa.status in ("insecure", "unknown"):
        told = tlsa.records or tlsa.status == "unknown"
        return _with(protection, f"dane.{tlsa.status}", tlsa.problem) if told else protection
    if not secure_route:
        why = (
            f"{host} has TLSA records, but the MX records of {protection.domain} are not "
            "protected by DNSSEC, so they do not apply."
        )
        return _with(protection, "dane.mx_insecure", why)
    if not tlsa.usable:
        why = (
            f"None of the TLSA records of {host} can be used, so TLS is required, with whatever "
            f"certificate. {tlsa.problem}"
        )
        return _with(protection, "dane.unusable", why.rstrip(), "dane_encrypted")
    count = len(tlsa.usable)
    records = f"one of {count} TLSA records" if count > 1 else f"TLSA {tlsa.usable[0].brief}"
    why = f"TLS is required, with a certificate that fits {records}."
    return _with(protection, "", f"DANE: {why}", "dane")


def _by_policy(protection: Protection, policy: MtaStsPolicy) -> Protection:
    """RFC 8461, section 5."""
    host = protection.host
    if policy.mode == "none":
        return protection
    if policy.mode == "testing":
        if protection.named:
            return replace(protection, demand="mta_sts_testing")
        why = f"{host} is not named by the policy; under “enforce” it would be passed over."
        return _with(protection, "mta_sts.not_named", f"MTA-STS testing: {why}")
    if not protection.named:
        why = f"MTA-STS enforce: {host} is not named by the policy, so it is passed over."
        return _with(protection, "mta_sts.not_named", why, "forbidden")
    why = f"MTA-STS enforce: TLS is required, with a certificate valid for {host}."
    return _with(protection, "", why, "mta_sts")


def _with(
    protection: Protection, slug: str, sentence: str, demand: Demand | None = None
) -> Protection:
    if slug.startswith("dane"):
        sentence = f"DANE: {sentence}"
    remarks = (*protection.remarks, Remark(slug, sentence))
    return replace(protection, remarks=remarks, demand=demand or protection.demand)
