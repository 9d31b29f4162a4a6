"""What is known of a request before it is sent: missing account fields and broken limits."""

from collections.abc import Iterable, Mapping

from mailgui.api.definition import Provider
from mailgui.api.settings import ApiSettings
from mailgui.api.template import placeholders
from mailgui.findings import Finding, Severity
from mailgui.message.attachments import human_size
from mailgui.message.draft import Address


def missing_options(
    provider: Provider, names: list[str], values: Mapping[str, str]
) -> list[Finding]:
    """Return a finding for each of the account fields ``names`` that has no value."""
    labels = {option.name: option for option in provider.options}
    found = []
    for name in names:
        if values.get(name):
            continue
        option = labels.get(name)
        help_text = option.help if option else ""
        found.append(
            Finding(
                f"api.option.{name}",
                Severity.BROKEN,
                f"{provider.name} needs the account field “{name}”",
                help_text or "The request cannot be made without it.",
                f"Fill it in, or give --option {name}=….",
            )
        )
    return found


def option_findings(
    provider: Provider, settings: ApiSettings, values: Mapping[str, str]
) -> list[Finding]:
    """Return findings about the account fields: missing, not a choice, or unknown."""
    request, auth_ = provider.request, provider.auth
    used = {
        *placeholders([request.path, request.headers, request.constants]),
        *placeholders([auth_.format, auth_.username, auth_.password, auth_.region]),
    }
    if not settings.base_url:
        used |= set(placeholders(provider.base_url(values)))
    needed = [option.name for option in provider.options if option.required]
    found = missing_options(provider, [name for name in needed if name in used], values)
    for option in provider.options:
        value = values.get(option.name, "")
        if option.choices and value and value not in option.choices:
            can = ", ".join(option.choices)
            title = f"{provider.name} has no {option.name} “{value}”"
            found.append(
                Finding(f"api.option.{option.name}", Severity.BROKEN, title, f"There are: {can}.")
            )
    known = {option.name for option in provider.options}
    for name in settings.options:
        if name not in known:
            title = f"{provider.name} has no account field “{name}”"
            found.append(Finding("api.option.unknown", Severity.ATTENTION, title, "It is ignored."))
    return found


def people_findings(provider: Provider, to: int) -> list[Finding]:
    """Return a finding when nobody is in To: APIs, unlike SMTP, ask for somebody there."""
    if to:
        return []
    return [
        Finding(
            "api.missing.to",
            Severity.ATTENTION,
            f"{provider.name} may refuse a message without a To recipient",
            "Almost every e-mail API asks for at least one.",
            "Put one recipient, such as your own address, into To.",
        )
    ]


def address_findings(provider: Provider, addresses: Iterable[Address]) -> list[Finding]:
    """Return a finding for each address that has other letters than ASCII where none may be."""
    if not provider.limits.ascii_addresses:
        return []
    return [
        Finding(
            "api.invalid.address",
            Severity.BROKEN,
            f"{provider.name} does not take the address {each.address}",
            "It does not support other letters than ASCII before the @ (RFC 6531).",
            "Use another address of this person, or send by an SMTP server with SMTPUTF8.",
        )
        for each in addresses
        if not each.address.isascii()
    ]


def size_findings(provider: Provider, octets: int, recipients: int) -> list[Finding]:
    """Return findings about the request's size in octets and its number of recipients."""
    limits, found = provider.limits, []
    if limits.recipients is not None and recipients > limits.recipients:
        found.append(
            Finding(
                "api.limit.recipients",
                Severity.BROKEN,
                f"{provider.name} takes at most {limits.recipients} recipients in one request",
                f"This message has {recipients}, so the request will be refused.",
                "Send it in several requests.",
            )
        )
    if limits.request_octets is not None and octets > limits.request_octets:
        found.append(
            Finding(
                "api.limit.size",
                Severity.BROKEN,
                f"{provider.name} takes at most {human_size(limits.request_octets)}",
                f"This request has {human_size(octets)}, so it will be refused.",
                "Make the attachments smaller, or link to them.",
            )
        )
    return found
