"""What can be known to be wrong before anything is connected to or written."""

from mailgui.message.outgoing import Outgoing
from mailgui.smtp.arguments import check_address, check_argument, check_word
from mailgui.smtp.faults import SmtpFault
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Stage


def check_before(settings: SmtpSettings, plan: Plan, message: Outgoing | None) -> None:
    """Refuse settings, plan and envelope that could not be put on the wire as they stand.

    Raises SmtpFault, whose sentence says what to mend.
    """
    if not settings.host.strip() and not settings.unix_socket:
        raise SmtpFault(Stage.CONNECT, "malformed_argument", "There is no server to connect to.")
    if settings.host or not settings.unix_socket:
        check_word(settings.host, "server's name", Stage.CONNECT)
    if settings.helo is not None:
        check_word(settings.helo, "name to greet with", Stage.EHLO)
    if settings.auth is not None:
        check_word(settings.auth, "sign-in mechanism", Stage.AUTH)
    check_argument(settings.username, "user name", Stage.AUTH)
    for path in (settings.unix_socket, settings.tls_server_name, settings.source):
        check_argument(path or "", "address to connect to or from", Stage.CONNECT)
    _check_parameters(plan)
    _check_poses(plan)
    if message is not None:
        _check_envelope(message)


def _check_parameters(plan: Plan) -> None:
    for parameter in plan.mail_parameters:
        check_word(parameter, "MAIL parameter", Stage.MAIL)
    for parameter in plan.rcpt_parameters:
        check_word(parameter, "RCPT parameter", Stage.RCPT)
    if plan.dsn:
        for word in (*plan.dsn.notify, plan.dsn.ret or "FULL"):
            check_word(word, "notification option", Stage.MAIL)
        check_argument(plan.dsn.envid or "", "envelope's identifier", Stage.MAIL)


def _check_poses(plan: Plan) -> None:
    for pose in plan.xclient:
        check_argument(pose.raw, "XCLIENT command", Stage.EHLO)
        for name, value in pose.attributes:
            check_word(name, "XCLIENT attribute's name", Stage.EHLO)
            check_argument(value, "XCLIENT attribute", Stage.EHLO)


def _check_envelope(message: Outgoing) -> None:
    envelope = message.envelope
    check_address(envelope.sender, "sender's", Stage.MAIL)
    if not envelope.recipients:
        raise SmtpFault(
            Stage.RCPT, "no_recipients", "There is nobody to send to; name a recipient."
        )
    for recipient in envelope.recipients:
        if not recipient:
            raise SmtpFault(Stage.RCPT, "malformed_address", "A recipient's address is empty.")
        check_address(recipient, "recipient's", Stage.RCPT)
