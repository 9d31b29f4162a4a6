"""What servers in the wild do, and all that a person and a script are told of it.

A case a line: what the server does, how it ends, where, by which reply, the sentence, the banner's
words, the finding and the exit code.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from mailgui.findings.diagnose import diagnose
from mailgui.findings.headline import headline
from mailgui.smtp.exit_codes import exit_code
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Outcome, Stage
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Drip,
    Flood,
    Hear,
    HearData,
    HearOctets,
    Hold,
    Octets,
    Say,
    Step,
    Trickle,
    envelope,
    hello,
    play,
)


@dataclass(frozen=True)
class Case:
    """A server and what must be told of it; ``summary`` and ``banner`` are parts of sentences."""

    script: list[Step]
    outcome: str
    stage: str
    code: int | None
    exit_code: int
    finding: str | None
    summary: str
    banner: str
    options: dict[str, Any] = field(default_factory=dict)
    message: Any = field(default_factory=Octets)


LOCKSTEP = {"plan": Plan(pipelining=False)}
QUICK = {"timeout": 0.2}
SIGN_IN = {"username": "ann", "password": "correct horse"}
TLS = {"tls": TlsMode.STARTTLS}
UP_TO_MAIL = [*hello(), Hear("MAIL")]
UP_TO_RCPT = [*UP_TO_MAIL, Say("250 2.1.0 Ok"), Hear("RCPT")]
UP_TO_DATA = [*hello(), *envelope(), Hear("DATA")]
UP_TO_DOT = [*UP_TO_DATA, Say("354 Go"), HearData()]
UP_TO_AUTH = [*hello("AUTH PLAIN"), Hear("AUTH")]
TOGETHER = [*hello("PIPELINING"), Hear("MAIL"), Hear("RCPT"), Hear("DATA")]
BIG = Octets(b"0123456789abcdef0123456789abcd\r\n" * (1 << 19))
TWO = Octets(recipients=("b@good.example", "c@good.example"))
BINARY = Octets(b"Subject: caf\xc3\xa9\r\n\r\nx\r\n", needs_smtputf8=True, needs_8bitmime=True)

CASES = {
    "extra reply after MAIL, then 550 to RCPT": Case(
        [*UP_TO_MAIL, Say(b"250 2.1.0 Ok\r\n250 2.0.0 Extra\r\n"), Hear("RCPT"),
         Say("550 5.1.1 No such user"), Hold()],
        "failed", "mail", 250, 23, "protocol.unsolicited_reply",
        "extra reply that no command had asked for (“250 2.0.0 Extra”) after its answer",
        "Not sent: the server sent a reply that nobody asked for",
        options=LOCKSTEP),
    "mixed codes in one reply": Case(
        [*UP_TO_MAIL, Say(b"250-a\r\n550 b\r\n"), Hold()],
        "failed", "mail", None, 23, "protocol.mixed_codes",
        "began a reply with code 250 and went on with 550: mixed codes",
        "Not sent: the server gave two answers in one reply"),
    "bare codes": Case(
        [*UP_TO_MAIL, Say("250"), Hear("RCPT"), Say("250"), *TAKEN, *GOODBYE],
        "accepted", "message", 250, 0, "note.bare_code",
        "The server accepted the message for b@good.example. Its queue id there is 4Xyz12",
        "Accepted by the server in"),
    "plaintext before the handshake": Case(
        [*hello("STARTTLS"), Hear("STARTTLS"), Say(b"220 Go\r\n250 injected\r\n"), Hold()],
        "failed", "starttls", None, 29, "tls.starttls_injection",
        "waiting in plaintext behind the server's answer to STARTTLS, before the TLS",
        "Not sent: plain text was slipped in before the encryption",
        options=TLS),
    "a reply without an end": Case(
        [*UP_TO_MAIL, Say(b"250-"), Flood(b"250-and on\r\n" * 100)],
        "failed", "mail", None, 23, "protocol.endless_reply",
        "longer than 32 KiB and still goes on",
        "Not sent: the server's reply does not end"),
    "a line without an end": Case(
        [*UP_TO_MAIL, Flood(b"x" * 4096)],
        "failed", "mail", None, 23, "protocol.endless_reply",
        "a line longer than 8 KiB",
        "Not sent: the server's reply does not end"),
    "a line of 4 KiB": Case(
        [*UP_TO_MAIL, Say(b"550 5.7.1 " + b"x" * 4096 + b"\r\n"), *GOODBYE],
        "refused", "mail", 550, 23, "enhanced.policy.not_authorised",
        "refused the sender a@good.example: 550 5.7.1 xxxx",
        "Refused: the server refuses by its rules"),
    "a reply that drips and never ends": Case(
        [*UP_TO_MAIL, Trickle(b"250-slow\r\n")],
        "failed", "mail", None, 23, "net.timed_out.reply",
        "did not end its answer to MAIL within 0.2 s",
        "Not sent: the server stopped answering",
        options=QUICK),
    "a late reply": Case(
        [*UP_TO_MAIL, Hold()],
        "failed", "mail", None, 23, "net.timed_out.reply",
        "did not answer MAIL within 0.2 s",
        "Not sent: the server stopped answering",
        options=QUICK),
    "greeting 554": Case(
        [Say("554 5.7.1 No service"), *GOODBYE],
        "refused", "banner", 554, 21, "enhanced.policy.not_authorised",
        "The server refused the connection in its greeting: 554 5.7.1 No service",
        "Refused: the server refuses by its rules"),
    "greeting 421": Case(
        [Say("421 4.7.0 Too many connections")],
        "temporary", "banner", 421, 21, "server.rate_limited",
        "The server refused the connection in its greeting: 421 4.7.0 Too many connections",
        "Refused for now: you send more than the server allows"),
    "greeting punishes those who talk first": Case(
        [Say("554 5.5.0 SMTP synchronization error"), *GOODBYE],
        "refused", "banner", 554, 21, "server.synchronization",
        "The server refused the connection in its greeting: 554 5.5.0 SMTP",
        "Refused: the server saw commands before it was ready for them"),
    "no greeting, closed": Case(
        [],
        "failed", "banner", None, 6, "net.lost.banner",
        "closed the connection before any greeting; a server that expects TLS",
        "Not sent: the server hung up before greeting"),
    "no greeting, silence": Case(
        [Hold()],
        "failed", "banner", None, 21, "net.timed_out.banner",
        "sent no greeting within 0.2 s",
        "Not sent: Connected, but the server did not greet",
        options=QUICK),
    "a greeting that drips": Case(
        [Trickle(b"220-welcome\r\n")],
        "failed", "banner", None, 21, "net.timed_out.banner",
        "sent no greeting within 0.2 s",
        "Not sent: Connected, but the server did not greet",
        options=QUICK),
    "TLS where plaintext was due": Case(
        [Say(b"\x15\x03\x01\x00\x02\x02\x46"), Hold()],
        "failed", "banner", None, 21, "tls.on_plain_port",
        "this port expects TLS from the first octet",
        "expects TLS from the first octet"),
    "plaintext where TLS was due": Case(
        [Say("220 mx ESMTP"), Hold()],
        "failed", "tls", None, 29, "tls.plaintext_peer",
        "answered in plain text (“220 mx ESMTP”), not TLS",
        "does not speak TLS from the start",
        options={"tls": TlsMode.IMPLICIT}),
    "EHLO and HELO refused": Case(
        [Say("220 mx"), Hear("EHLO"), Say("502 5.5.1 No"), Hear("HELO"),
         Say("550 5.7.1 Bad name"), *GOODBYE],
        "refused", "ehlo", 550, 22, "smtp.ehlo.refused",
        "The server refused HELO me.good.example: 550 5.7.1 Bad name",
        "Refused: the server does not accept this machine's greeting"),
    "EHLO 421": Case(
        [Say("220 mx"), Hear("EHLO"), Say("421 4.3.2 Busy"), Hold()],
        "temporary", "ehlo", 421, 22, "enhanced.system.not_accepting",
        "The server refused EHLO me.good.example: 421 4.3.2 Busy",
        "Refused for now: the server takes no mail at present"),
    "421 to MAIL": Case(
        [*UP_TO_MAIL, Say("421 4.3.2 Shutting down")],
        "temporary", "mail", 421, 23, "enhanced.system.not_accepting",
        "The server refused the sender a@good.example: 421 4.3.2 Shutting down",
        "Refused for now: the server takes no mail at present"),
    "421 to RCPT": Case(
        [*UP_TO_RCPT, Say("421 4.7.0 Too fast"), Hold()],
        "temporary", "rcpt", 421, 24, "enhanced.policy.delay",
        "The server broke off at the recipient b@good.example: 421 4.7.0 Too fast",
        "Refused for now: the server puts the message off by its rules"),
    "421 to DATA": Case(
        [*UP_TO_DATA, Say("421 4.3.2 Shutting down")],
        "temporary", "data", 421, 25, "enhanced.system.not_accepting",
        "The server refused DATA: 421 4.3.2 Shutting down",
        "Refused for now: the server takes no mail at present"),
    "421 while the message goes out": Case(
        [*UP_TO_DATA, Say("354 Go"), HearOctets(100_000), Say("421 4.3.2 Shutting down")],
        "temporary", "message", 421, 26, "enhanced.system.not_accepting",
        "The server refused the message while it was still being sent: 421 4.3.2",
        "Refused for now: the server takes no mail at present",
        message=BIG),
    "421 after the dot": Case(
        [*UP_TO_DOT, Say("421 4.3.2 Shutting down")],
        "temporary", "message", 421, 26, "enhanced.system.not_accepting",
        "The server refused the message: 421 4.3.2 Shutting down",
        "Refused for now: the server takes no mail at present"),
    "421 while idle": Case(
        [Say("220 mx"), Hear("EHLO"), Say(b"250 mx\r\n421 4.4.2 Idle too long\r\n")],
        "temporary", "ehlo", 421, 22, "smtp.idle",
        "The server ended the session on its own: 421 4.4.2 Idle too long",
        "Refused for now: the server closed a connection on which nothing was said",
        options=LOCKSTEP),
    "greylisted": Case(
        [*UP_TO_RCPT, Say("450 4.2.0 Greylisted"), *GOODBYE],
        "temporary", "rcpt", 450, 24, "server.greylisted",
        "The server put off the recipient b@good.example: 450 4.2.0 Greylisted",
        "Refused for now: the server greylists senders it does not know yet"),
    "one of two greylisted": Case(
        [*UP_TO_RCPT, Say("451 4.7.1 Greylisted"), Hear("RCPT"), Say("250 Ok"), *TAKEN, *GOODBYE],
        "partial", "message", 250, 0, "server.greylisted",
        "The server accepted the message for 1 of 2 recipients. Its queue id there is 4Xyz12",
        "Accepted for 1 of 2 recipients",
        message=TWO),
    "too many recipients": Case(
        [*UP_TO_RCPT, Say("250 Ok"), Hear("RCPT"), Say("452 4.5.3 Too many recipients"), *TAKEN,
         *GOODBYE],
        "partial", "message", 250, 0, "smtp.too_many_recipients",
        "The server accepted the message for 1 of 2 recipients. Its queue id there is 4Xyz12",
        "Accepted for 1 of 2 recipients",
        message=TWO),
    "will forward": Case(
        [*UP_TO_RCPT, Say("251 2.1.5 User not local; will forward"), *TAKEN, *GOODBYE],
        "accepted", "message", 250, 0, None,
        "The server accepted the message for b@good.example. Its queue id there is 4Xyz12",
        "Accepted by the server in"),
    "cannot verify": Case(
        [*UP_TO_RCPT, Say("252 2.1.5 Cannot VRFY"), *TAKEN, *GOODBYE],
        "accepted", "message", 250, 0, None,
        "The server accepted the message for b@good.example. Its queue id there is 4Xyz12",
        "Accepted by the server in"),
    "too big at MAIL": Case(
        [*hello("SIZE 1000000"), Hear("MAIL"), Say("552 5.3.4 Message size exceeds fixed limit"),
         *GOODBYE],
        "refused", "mail", 552, 23, "server.message_size",
        "refused the sender a@good.example: 552 5.3.4 Message size exceeds fixed limit",
        "Refused: the message is too large"),
    "too big by its own word": Case(
        [*hello("SIZE 10"), *GOODBYE],
        "failed", "mail", None, 23, "protocol.size_exceeded",
        "24 octets; the server takes at most 10",
        "Not sent: the message is larger than the server takes"),
    "530 to MAIL": Case(
        [*UP_TO_MAIL, Say("530 5.7.0 Authentication required"), *GOODBYE],
        "refused", "mail", 530, 23, "smtp.auth.required",
        "The server refused the sender a@good.example: 530 5.7.0 Authentication required",
        "Refused: the server wants you to sign in first"),
    "530 to AUTH": Case(
        [*UP_TO_AUTH, Say("530 5.7.0 Must issue a STARTTLS command first"), *GOODBYE],
        "refused", "auth", 530, 28, "tls.required_first",
        "the sign-in as ann (AUTH PLAIN): 530 5.7.0 Must issue a STARTTLS command first",
        "Refused: the server wants an encrypted connection first",
        options=SIGN_IN),
    "534 to AUTH": Case(
        [*UP_TO_AUTH, Say("534 5.7.9 Mechanism too weak"), *GOODBYE],
        "refused", "auth", 534, 28, "smtp.auth.too_weak",
        "The server refused the sign-in as ann (AUTH PLAIN): 534 5.7.9 Mechanism too weak",
        "Refused: the server wants a stronger kind of sign-in",
        options=SIGN_IN),
    "535 to AUTH": Case(
        [*UP_TO_AUTH, Say("535 5.7.8 Authentication failed"), *GOODBYE],
        "refused", "auth", 535, 28, "smtp.auth.rejected",
        "The server refused the sign-in as ann (AUTH PLAIN): 535 5.7.8 Authentication failed",
        "Refused: the server did not accept user name and password",
        options=SIGN_IN),
    "454 to AUTH": Case(
        [*UP_TO_AUTH, Say("454 4.7.0 Temporary authentication failure"), *GOODBYE],
        "temporary", "auth", 454, 28, "smtp.auth.temporary",
        "the sign-in as ann (AUTH PLAIN): 454 4.7.0 Temporary authentication failure",
        "Refused for now: the server cannot check passwords just now",
        options=SIGN_IN),
    "250 in place of 354": Case(
        [*UP_TO_DATA, Say("250 Ok"), *GOODBYE],
        "failed", "data", 250, 25, "protocol.data_not_awaited",
        "The server answered DATA with 250, where 3xx was due: 250 Ok",
        "Not sent: the server did not ask for the message"),
    "354 although all were refused": Case(
        [*TOGETHER, Say(b"250 Ok\r\n550 5.1.1 Unknown user\r\n354 Go\r\n"), HearData(),
         Say("554 5.5.1 No valid recipients"), *GOODBYE],
        "refused", "rcpt", 550, 24, "server.unknown_user",
        "The server refused the recipient b@good.example: 550 5.1.1 Unknown user",
        "Refused: there is no such mailbox"),
    "refused while sending": Case(
        [*UP_TO_DATA, Say("354 Go"), HearOctets(100_000), Say("552 5.3.4 Too big")],
        "refused", "message", 552, 26, "server.message_size",
        "The server refused the message while it was still being sent: 552 5.3.4 Too big",
        "Refused: the message is too large",
        message=BIG),
    "closed while sending": Case(
        [*UP_TO_DATA, Say("354 Go"), HearOctets(100_000)],
        "failed", "message", None, 6, "net.lost",
        "was lost before the server answered the message",
        "Not sent: the connection was lost",
        message=BIG),
    "closed after the dot": Case(
        UP_TO_DOT,
        "unknown", "message", None, 6, "net.unknown_after_data",
        "may or may not have taken it, so it is not sent again by itself",
        "Not known whether it was accepted; check before sending again"),
    "silent after the dot": Case(
        [*UP_TO_DOT, Hold()],
        "unknown", "message", None, 26, "net.unknown_after_data",
        "did not answer the message within 0.2 s. The whole message had gone out",
        "Not known whether it was accepted; check before sending again",
        options=QUICK),
    "SMTPUTF8 not offered": Case(
        [*hello("8BITMIME"), *GOODBYE],
        "failed", "mail", None, 23, "protocol.smtputf8_header_missing",
        "no SMTPUTF8 in its EHLO answer",
        "Not sent: the server cannot carry a header in UTF-8",
        message=BINARY),
    "SMTPUTF8 offered and refused": Case(
        [*hello("8BITMIME", "SMTPUTF8"), Hear("MAIL FROM:<.*SMTPUTF8"),
         Say("555 5.5.4 Unsupported option: SMTPUTF8"), *GOODBYE],
        "refused", "mail", 555, 23, "smtp.parameter_unknown",
        "The server refused the sender a@good.example: 555 5.5.4 Unsupported option: SMTPUTF8",
        "Refused: the server rejects a parameter that it offered itself",
        message=BINARY),
    "PIPELINING offered and broken": Case(
        [*hello("PIPELINING"), Hear("MAIL"), Say("250 Ok"), Hold()],
        "failed", "rcpt", None, 24, "net.timed_out.reply",
        "answered only 1 of 3 commands that were sent together, although it offers PIPELINING",
        "Not sent: the server stopped answering",
        options=QUICK),
    "PIPELINING offered and punished": Case(
        [*TOGETHER, Say("554 5.5.0 Error: improper command pipelining")],
        "refused", "mail", 554, 23, "server.synchronization",
        "refused the sender a@good.example: 554 5.5.0 Error: improper command pipelining",
        "Refused: the server saw commands before it was ready for them"),
    "the second of a group refused": Case(
        [*TOGETHER, Say(b"250 Ok\r\n550 5.1.1 Unknown user\r\n503 5.5.1 No recipients\r\n"),
         *GOODBYE],
        "refused", "rcpt", 550, 24, "server.unknown_user",
        "The server refused the recipient b@good.example: 550 5.1.1 Unknown user",
        "Refused: there is no such mailbox"),
    "BDAT refused, its octets taken": Case(
        [*hello("CHUNKING"), *envelope(), Hear("BDAT 24 LAST"), HearOctets(24),
         Say("552 5.3.4 Too big"), *GOODBYE],
        "refused", "message", 552, 26, "server.message_size",
        "The server refused the message: 552 5.3.4 Too big",
        "Refused: the message is too large",
        options={"plan": Plan(chunking=True)}),
    "BDAT refused, its octets read as commands": Case(
        [*hello("CHUNKING"), *envelope(), Hear("BDAT 24 LAST"), Say("502 5.5.1 Unknown"),
         HearOctets(24), Say("500 5.5.2 What"), Hear("QUIT"), Say("221 Bye")],
        "refused", "message", 502, 26, "enhanced.protocol.invalid_command",
        "The server refused the message: 502 5.5.1 Unknown",
        "Refused: the server does not accept this command here",
        options={"plan": Plan(chunking=True)}),
    "endless challenges": Case(
        [*UP_TO_AUTH, Say("334 bW9yZQ=="), Hear(), Say("501 Cancelled"), *GOODBYE],
        "failed", "auth", None, 28, "protocol.auth_endless",
        "kept asking after PLAIN had said all",
        "Not sent: the sign-in does not come to an end",
        options=SIGN_IN),
    "no AUTH before TLS": Case(
        [*hello(), *GOODBYE],
        "failed", "auth", None, 28, "protocol.auth_not_offered",
        "It may do so only after TLS has begun",
        "Not sent: the server offers no sign-in",
        options=SIGN_IN),
    "STARTTLS 454": Case(
        [*hello("STARTTLS"), Hear("STARTTLS"), Say("454 4.7.0 TLS not available"), *GOODBYE],
        "temporary", "starttls", 454, 29, "tls.starttls_refused",
        "The server refused STARTTLS: 454 4.7.0 TLS not available",
        "Refused for now: the server offered encryption and then refused it",
        options=TLS),
    "STARTTLS 502": Case(
        [*hello("STARTTLS"), Hear("STARTTLS"), Say("502 5.5.1 Unknown"), *GOODBYE],
        "refused", "starttls", 502, 29, "tls.starttls_refused",
        "The server refused STARTTLS: 502 5.5.1 Unknown",
        "Refused: the server offered encryption and then refused it",
        options=TLS),
    "STARTTLS 354": Case(
        [*hello("STARTTLS"), Hear("STARTTLS"), Say("354 Go on"), *GOODBYE],
        "failed", "starttls", 354, 29, "protocol.unexpected_reply",
        "The server answered STARTTLS with 354, where 2xx was due: 354 Go on",
        "Not sent: the server's reply is no answer to the command",
        options=TLS),
    "STARTTLS stripped": Case(
        [*hello(), *GOODBYE],
        "failed", "starttls", None, 29, "tls.starttls_not_offered",
        "Someone on the way may also have removed the offer",
        "Not sent: the server offers no encryption",
        options=TLS),
    "octets that are no text": Case(
        [*UP_TO_MAIL, Say(b"550 5.7.1 caf\xe9 \x1b[31m\r\n"), *GOODBYE],
        "refused", "mail", 550, 23, "enhanced.policy.not_authorised",
        "The server refused the sender a@good.example: 550 5.7.1 caf\\xe9 \\x1b[31m",
        "Refused: the server refuses by its rules"),
    "two enhanced codes": Case(
        [*UP_TO_RCPT, Say("550 5.1.1 5.7.1 Two of them"), *GOODBYE],
        "refused", "rcpt", 550, 24, "server.unknown_user",
        "The server refused the recipient b@good.example: 550 5.1.1 5.7.1 Two of them",
        "Refused: there is no such mailbox"),
    "lines that end with LF": Case(
        [Say(b"220 mx\n"), Hear("EHLO"), Say(b"250 mx\n"), *envelope(), *TAKEN, *GOODBYE],
        "accepted", "message", 250, 0, "note.bare_lf",
        "The server accepted the message for b@good.example. Its queue id there is 4Xyz12",
        "Accepted by the server in"),
    "split in the middle of everything": Case(
        [Drip(b"220 mx\r\n"), *hello()[1:], *envelope(), *TAKEN, *GOODBYE],
        "accepted", "message", 250, 0, None,
        "The server accepted the message for b@good.example. Its queue id there is 4Xyz12",
        "Accepted by the server in"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_told(case):
    transcript, _ = play(case.script, case.message, **case.options)
    findings = diagnose(transcript)
    told = headline(transcript, findings)
    reply = transcript.reply
    assert (transcript.outcome, transcript.stage) == (Outcome(case.outcome), Stage(case.stage))
    assert (reply.code if reply else None) == case.code
    assert case.summary in transcript.summary
    assert case.banner in told.sentence
    assert (findings[0].id if findings else None) == case.finding
    assert exit_code(transcript) == case.exit_code
    for each in findings:
        assert each.title
        assert each.explanation
        assert each.fix


def test_a_greeting_may_take_as_long_as_postscreens():
    assert SmtpSettings("mx.good.example").timeout > 15
