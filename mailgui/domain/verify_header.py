"""What is odd about a received message's header: faults of form, and what forgers make use of."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from mailgui.domain.dkim_verify import DkimResult
from mailgui.domain.names import organizational_by_suffix_list
from mailgui.domain.verify_sender import address_of, author_domains
from mailgui.findings import Finding, Severity
from mailgui.message.raw_message import MAX_FIELDS, Field, RawMessage
from mailgui.transcript import octets_to_text, visible

# RFC 5322, section 3.6: at most one of each.
_ONCE = (
    "Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To",
    "References", "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
)  # fmt: skip
_TARGET = re.compile(r"<([^<>]*)>")
_LONGEST_LINE = 998  # RFC 5322, section 2.1.1


def header_findings(message: RawMessage, signatures: Sequence[DkimResult]) -> list[Finding]:
    """Return what is worth telling about the header, and about the message's form."""
    findings = [
        *_form(message),
        *_senders(message),
        *_doubled(message),
        *_missing(message),
        *_unsubscribe(message, signatures),
    ]
    if message.all("dkim2-signature") or message.all("message-instance"):
        findings.append(
            Finding(
                "verify.dkim2.present",
                Severity.INFO,
                "The message carries DKIM2 fields",
                "DKIM2 is a draft of the IETF; its fields are shown in the source and not judged.",
            )
        )
    return findings


def _form(message: RawMessage) -> Iterator[Finding]:
    if message.converted:
        mixed = message.kept > 0
        yield Finding(
            "verify.form.mixed_line_ends" if mixed else "verify.form.lf",
            Severity.ATTENTION if mixed else Severity.INFO,
            f"{message.converted:,} lines end in a bare LF"
            if mixed
            else "The file has LF line ends",
            "Some lines end in LF and some in CRLF. They were all read as CRLF; if the message "
            "travelled like this, signatures may fail for that reason alone."
            if mixed
            else "That is how Unix keeps mail. It was read with the CRLF that it was sent with.",
        )
    if message.postmark:
        yield Finding(
            "verify.form.postmark",
            Severity.INFO,
            "The file begins with an mbox “From ” line",
            "It is no part of the message and was passed over.",
        )
    if message.junk:
        yield Finding(
            "verify.form.junk",
            Severity.BROKEN,
            "Lines in the header are no header fields",
            "Servers disagree on where the header of such a message ends, so that what one checks "
            "may not be what another shows.",
            evidence=tuple(octets_to_text(line[:200]) for line in message.junk[:3]),
        )
    if message.left_out:
        yield Finding(
            "verify.form.too_many_fields",
            Severity.ATTENTION,
            f"The header has {len(message.fields) + message.left_out:,} fields",
            f"{message.left_out:,} of them were not read: after the first {MAX_FIELDS:,}, no more "
            "than a few of each kind are. A signature over one of them cannot be checked.",
        )
    eight_bit = [field for field in message.fields if not field.raw.isascii()]
    if eight_bit:
        yield _eight_bit(eight_bit)
    if any(len(line) > _LONGEST_LINE for f in message.fields for line in f.raw.split(b"\r\n")):
        yield Finding(
            "verify.form.long_line",
            Severity.ATTENTION,
            "A line of the header is longer than 998 octets",
            "Servers may fold or refuse it, which breaks signatures over it (RFC 5322, 2.1.1).",
        )


def _eight_bit(fields: Sequence[Field]) -> Finding:
    names = ", ".join(dict.fromkeys(_name(field) for field in fields[:5]))
    try:
        for field in fields:
            field.raw.decode("utf-8")
    except UnicodeDecodeError:
        return Finding(
            "verify.form.eight_bit",
            Severity.BROKEN,
            "The header has octets beyond ASCII that are not UTF-8",
            f"In {names}. Such text shows differently in every program; it must be encoded "
            "(RFC 2047).",
        )
    return Finding(
        "verify.form.utf8_header",
        Severity.ATTENTION,
        "The header has text beyond ASCII that is not encoded",
        f"In {names}. Only SMTPUTF8 carries that (RFC 6532); other servers refuse or spoil it.",
    )


def _senders(message: RawMessage) -> Iterator[Finding]:
    domains = author_domains(message)
    if len(domains) > 1:
        yield Finding(
            "verify.from.domains",
            Severity.BROKEN,
            "From names several domains",
            f"{', '.join(map(visible, domains))}: DMARC cannot tell whose policy counts, and many "
            "receivers refuse such mail.",
            "Write one author's address in From, and the others into Reply-To.",
        )
    if len(domains) != 1:
        return
    author = domains[0]
    for name, identity, severity, text in (
        ("Reply-To", "reply_to", Severity.ATTENTION, "Answers go to another domain than From's"),
        ("Return-Path", "return_path", Severity.INFO, "Bounces go to another domain than From's"),
    ):
        address = address_of(message.first(name))
        other = address.rpartition("@")[2].lower() if address else author
        if _organization(other) != _organization(author):
            why = (
                "Forgers do that, and so do mailing lists and ticket systems."
                if identity == "reply_to"
                else "SPF then speaks for that domain, and does not count for DMARC."
            )
            yield Finding(
                f"verify.header.{identity}",
                severity,
                text,
                f"{name} is at {visible(other)}, From at {visible(author)}. {why}",
            )


def _organization(domain: str) -> str:
    return organizational_by_suffix_list(domain.lower().rstrip("."))


def _doubled(message: RawMessage) -> Iterator[Finding]:
    for name in _ONCE:
        count = len(message.all(name))
        if count > 1:
            broken = name in ("From", "Date", "Subject", "Content-Type", "Sender", "Reply-To")
            yield Finding(
                f"verify.doubled.{name.lower().replace('-', '_')}",
                Severity.BROKEN if broken else Severity.ATTENTION,
                f"There are {count} {name} fields",
                "One is allowed (RFC 5322, 3.6). A signature may cover one and a mail program show "
                "another; receivers may refuse the message.",
            )


def _missing(message: RawMessage) -> Iterator[Finding]:
    for name, severity, why in (
        ("From", Severity.BROKEN, "Every message must have it (RFC 5322, 3.6)."),
        ("Date", Severity.BROKEN, "Every message must have it (RFC 5322, 3.6)."),
        ("Message-ID", Severity.ATTENTION, "Large receivers refuse or mark mail without it."),
    ):
        if not message.all(name):
            yield Finding(
                f"verify.missing.{name.lower().replace('-', '_')}",
                severity,
                f"There is no {name} field",
                why,
                "Let the sending program write it.",
            )


def _unsubscribe(message: RawMessage, signatures: Sequence[DkimResult]) -> Iterator[Finding]:
    """One-click unsubscribing: RFC 8058."""
    targets = _TARGET.findall(message.first("list-unsubscribe") or "")
    post = (message.first("list-unsubscribe-post") or "").replace(" ", "")
    secure = any(urlsplit_scheme(target) == "https" for target in targets)
    if post and not targets:
        yield _no_one_click("List-Unsubscribe-Post stands there without List-Unsubscribe.")
    if not targets:
        return
    if not post:
        yield Finding(
            "verify.unsubscribe.not_one_click",
            Severity.INFO,
            "Unsubscribing takes more than one click",
            "There is a List-Unsubscribe field but no List-Unsubscribe-Post. Large receivers ask "
            "senders of bulk mail for both (RFC 8058).",
        )
    elif post != "List-Unsubscribe=One-Click":
        yield _no_one_click("List-Unsubscribe-Post must say List-Unsubscribe=One-Click.")
    elif not secure:
        yield _no_one_click("List-Unsubscribe names no https address.")
    else:
        wanted = {b"list-unsubscribe", b"list-unsubscribe-post"}
        if any(r.passed and wanted <= set(r.signature.headers) for r in signatures):
            yield Finding(
                "verify.unsubscribe.one_click",
                Severity.INFO,
                "Unsubscribing takes one click",
                "Both fields are there, the address is https, and a valid signature covers them.",
            )
        else:
            yield _no_one_click("No valid DKIM signature covers both fields, as RFC 8058 asks.")


def urlsplit_scheme(target: str) -> str:
    """Return the scheme of a URI, "" where it is none."""
    try:
        return urlsplit(target.strip()).scheme.lower()
    except ValueError:
        return ""


def _no_one_click(why: str) -> Finding:
    return Finding(
        "verify.unsubscribe.broken",
        Severity.ATTENTION,
        "One-click unsubscribing does not work",
        why,
        "Send List-Unsubscribe with an https address and List-Unsubscribe-Post: "
        "List-Unsubscribe=One-Click, and sign both.",
    )


def _name(field: Field) -> str:
    return octets_to_text(field.raw.partition(b":")[0])
