"""AUTH (RFC 4954): a SASL mechanism carried over SMTP, with nothing secret left in any record."""

import asyncio
import base64
import binascii
from collections.abc import Callable
from typing import TypeVar

from mailgui.smtp import commands
from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.faults import Refusal, SmtpFault
from mailgui.smtp.parameters import on_purpose
from mailgui.smtp.protocol import ReplyReceived, Verdict
from mailgui.smtp.sasl import Credentials, Mechanism, SaslFault, choose, make
from mailgui.smtp.sasl.choice import MECHANISMS
from mailgui.smtp.wire import Wire
from mailgui.transcript import Layer, Stage

T = TypeVar("T")

MAX_CHALLENGES = 10  # more is no sign-in but a loop
_MAX_LINE = 512  # with CRLF; a longer initial response goes out after a 334 (RFC 4954, section 4)


class Authenticator:
    """Signs in over a wire.

    Attributes:
        allowed: whether secrets may travel over this connection at all.
    """

    def __init__(
        self,
        wire: Wire,
        offers: Capabilities,
        credentials: Credentials,
        *,
        has_secret: bool,
        allowed: bool,
        although_not_offered: bool = False,
    ) -> None:
        self.allowed = allowed
        self._wire = wire
        self._offered = offers.auth_mechanisms
        self._credentials = credentials
        self._has_secret = has_secret
        self._anyway = although_not_offered

    async def run(self, wanted: str | None) -> str:
        """Sign in with the mechanism ``wanted``, or the strongest offered; return its name.

        Raises SessionEnd. Nothing secret is written unless the connection may carry it.
        """
        with self._wire.recorder.phase("auth") as phase:
            tried: list[str] = []
            while True:
                name = wanted.upper() if wanted else self._choose(tried)
                self._permit(name)
                phase.note = name
                received = await self._attempt(name)
                if received.verdict is Verdict.OK:
                    return name
                tried.append(name)
                if wanted or not self._unknown_to_server(received, tried):
                    raise self._refusal(name, received)

    def _choose(self, tried: list[str]) -> str:
        if not self._offered and self._anyway:
            return "PLAIN"
        if not self._offered:
            hint = "" if self._wire.recorder.tls else " It may do so only after TLS has begun."
            raise SmtpFault(
                Stage.AUTH,
                "auth_not_offered",
                f"The server does not offer any sign-in (no AUTH in its EHLO answer).{hint}",
                usable=True,
            )
        choice = choose(self._offered, can_bind=self._can_bind, without=tried)
        if choice is None:
            offered = ", ".join(self._offered)
            raise SmtpFault(
                Stage.AUTH,
                "auth_mechanism_not_offered",
                f"MailGUI cannot use any of the sign-in mechanisms that the server offers by "
                f"itself: {offered}.",
                usable=True,
            )
        self._say(choice.reason)
        return choice.name

    @property
    def _can_bind(self) -> bool:
        return self._credentials.binding is not None

    def _permit(self, name: str) -> None:
        """Refuse, before anything is written, what must not or cannot be done."""
        if name not in self._offered and self._anyway:
            self._say(on_purpose(f"AUTH {name}, although the server does not offer it"))
        elif name not in self._offered:
            offered = ", ".join(self._offered) or "none"
            slug = "auth_mechanism_not_offered" if self._offered else "auth_not_offered"
            sentence = f"The server does not offer {name} for signing in; it offers {offered}."
            raise SmtpFault(Stage.AUTH, slug, sentence, usable=True)
        mechanism = MECHANISMS.get(name)
        if mechanism is None or not mechanism.carries_secret:
            return
        if not self.allowed:
            raise SmtpFault(
                Stage.AUTH,
                "insecure_credentials",
                "The password was not sent: the connection is not encrypted with a verified "
                "certificate, and anyone on the way could read it. Use STARTTLS or implicit TLS.",
                usable=True,
            )
        if not self._has_secret:
            raise SmtpFault(
                Stage.AUTH,
                "password_missing",
                f"There is no password to sign in with as {self._credentials.username}; enter it.",
                usable=True,
            )

    async def _attempt(self, name: str) -> ReplyReceived:
        received = await self._exchange(name, initial_response=True)
        if received.verdict is Verdict.REFUSED and received.reply.code // 10 == 50:
            mechanism = MECHANISMS.get(name)
            if mechanism is not None and mechanism.client_first:
                # A syntax error: some servers want the mechanism alone on the first line.
                self._say(f"The server does not take {name} in one line; trying it in two.")
                return await self._exchange(name, initial_response=False)
        return received

    async def _exchange(self, name: str, *, initial_response: bool) -> ReplyReceived:
        mechanism = self._guarded(lambda: make(name, self._credentials, self._offered))
        first: bytes | None = None
        command = commands.auth(name, None)
        if mechanism.client_first:
            first = self._guarded(mechanism.initial)
            self._hide(mechanism)
            if initial_response:
                one_line = commands.auth(name, _encode(first).decode() or "=")
                if len(one_line.octets) <= _MAX_LINE:
                    command, first = one_line, None
        received = await self._wire.exchange(command)
        for _ in range(MAX_CHALLENGES):
            if received.reply.digit != 3:
                break
            if first is not None:
                answer, first = first, None
            else:
                answer = await self._answer(mechanism, received)
            received = await self._wire.exchange(commands.auth_answer(name, _encode(answer)))
        if received.reply.digit == 3:
            raise await self._break_off(
                name,
                SaslFault(
                    "auth_endless",
                    f"The server asked more than {MAX_CHALLENGES} times during {name} and did not "
                    "come to an end.",
                ),
            )
        self._tell(mechanism)
        if received.verdict is Verdict.OK and (objection := mechanism.objection()):
            raise self._fault(objection)
        return received

    async def _answer(self, mechanism: Mechanism, received: ReplyReceived) -> bytes:
        text = b"".join(received.reply.texts).strip()
        try:
            challenge = base64.b64decode(text, validate=True)
        except binascii.Error:
            challenge = text  # LOGIN's prompts come as plain words from some servers
        try:
            if mechanism.busy:
                loop = asyncio.get_running_loop()
                answer = await loop.run_in_executor(None, mechanism.respond, challenge)
            else:
                answer = mechanism.respond(challenge)
        except SaslFault as fault:
            self._tell(mechanism)
            raise await self._break_off(mechanism.name, fault) from None
        self._hide(mechanism)
        return answer

    async def _break_off(self, name: str, fault: SaslFault) -> SmtpFault:
        await self._wire.exchange(commands.auth_cancel(name))
        return self._fault(fault)

    def _guarded(self, make_it: Callable[[], T]) -> T:
        try:
            return make_it()
        except SaslFault as fault:
            raise self._fault(fault) from None

    def _fault(self, fault: SaslFault) -> SmtpFault:
        return SmtpFault(Stage.AUTH, fault.slug, fault.sentence, usable=True)

    def _hide(self, mechanism: Mechanism) -> None:
        """Keep what was derived from the secret out of the record, though the server echo it."""
        masker = self._wire.recorder.masker
        for secret in mechanism.secrets:
            masker.add(secret)
        mechanism.secrets.clear()

    def _tell(self, mechanism: Mechanism) -> None:
        if mechanism.diagnosis:
            self._say(f"The server's reason, given in {mechanism.name}: {mechanism.diagnosis}.")
            mechanism.diagnosis = ""

    def _unknown_to_server(self, received: ReplyReceived, tried: list[str]) -> bool:
        """Whether the server does not know what it offers (504), and another is left to try."""
        left = choose(self._offered, can_bind=self._can_bind, without=tried)
        return received.reply.code // 10 == 50 and left is not None

    def _refusal(self, name: str, received: ReplyReceived) -> Refusal:
        who = self._credentials.username
        return Refusal(received, f"The server refused the sign-in as {who} (AUTH {name})")

    def _say(self, sentence: str) -> None:
        self._wire.recorder.info(sentence, layer=Layer.SMTP, stage=Stage.AUTH)


def _encode(octets: bytes) -> bytes:
    return base64.b64encode(octets)
