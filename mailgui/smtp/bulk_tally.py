"""What a bulk run has come to so far: counts, the detail of failures, and the whole transcript."""

import time
from collections import Counter
from collections.abc import Collection

from mailgui.message.outgoing import Envelope
from mailgui.smtp.bulk_control import BulkControl, Progress
from mailgui.smtp.faults import SessionEnd
from mailgui.smtp.reply import ServerReply
from mailgui.transcript import (
    Layer,
    Outcome,
    RecipientResult,
    Recorder,
    Reply,
    Stage,
    Transcript,
)

KEPT = 20  # failures told in full, connections named
WORST = (
    Outcome.UNKNOWN,
    Outcome.FAILED,
    Outcome.REFUSED,
    Outcome.TEMPORARY,
    Outcome.CANCELLED,
)


def whole_outcome(outcomes: Collection[Outcome]) -> Outcome:
    """Return what several outcomes come to: partial if only some are good, else the worst."""
    if set(outcomes) == {Outcome.ACCEPTED}:
        return Outcome.ACCEPTED
    if Outcome.ACCEPTED in outcomes or Outcome.PARTIAL in outcomes:
        return Outcome.PARTIAL
    return next((outcome for outcome in WORST if outcome in outcomes), Outcome.FAILED)


class Tally:
    """Counts the messages of a run.

    Attributes:
        recorder: of the whole run.
        failures: the first transcripts of messages that were not accepted for all recipients.
    """

    def __init__(self, count: int, recorder: Recorder, control: BulkControl) -> None:
        self.recorder = recorder
        self.failures: list[Transcript] = []
        self._count = count
        self._control = control
        self._accepted = 0
        self._others: Counter[Outcome] = Counter()
        self._line = b""  # the last that accepted a message
        self._envelope: Envelope | None = None
        self._wholly = 0  # messages accepted for all of that envelope's recipients
        self._recipients: dict[str, Counter[Outcome]] = {}
        self._replies: dict[str, Reply | None] = {}
        self._decisive: SessionEnd | None = None
        self._opening: Transcript | None = None
        self._connections = 0
        self._remarks = 0
        self._began = 0.0
        self._ended = 0.0

    @property
    def outcomes(self) -> Counter[Outcome]:
        """How many messages ended how."""
        return self._others + Counter({Outcome.ACCEPTED: self._accepted})

    @property
    def outcome(self) -> Outcome:
        """What those that ended so far come to."""
        return whole_outcome([each for each, count in self.outcomes.items() if count])

    @property
    def seconds(self) -> float:
        """From the first connection's readiness to the last answer."""
        return max(self._ended - self._began, 0.0)

    def opened(self, opening: Recorder, transcript: Transcript) -> None:
        """A connection is ready; of the first one the whole opening is shown."""
        self._connections += 1
        self._opening = transcript
        if self._connections == 1:
            self._began = time.perf_counter()
            self.recorder.peer = self.recorder.peer or opening.peer
            self.recorder.take_over(opening)
        else:
            self._remark(f"Connection {self._connections} is open.", Stage.CONNECT)

    def not_opened(self, opening: Recorder, ending: SessionEnd) -> None:
        """A connection could not be made ready."""
        self.recorder.take_over(opening, phases=not self._connections)
        self._worsen(ending)

    def sent_again(self, ending: SessionEnd) -> None:
        """A message goes out again over a new connection: the server surely does not have it."""
        self._remark(
            f"{ending.sentence} The message is sent again over a new connection.",
            ending.stage or Stage.MAIL,
        )
        self._worsen(ending)

    def accepted(self, recorder: Recorder, envelope: Envelope, line: bytes) -> None:
        """The server took one message for all its recipients, saying ``line``."""
        if not self._accepted:
            self._show_first(recorder)
        elif recorder.notes:
            self.recorder.note_all(recorder)
        self._accepted += 1
        self._line = line
        if envelope is not self._envelope:
            self._settle()
            self._envelope = envelope
        self._wholly += 1
        self._counted()

    def ended(self, recorder: Recorder, ending: SessionEnd, transcript: Transcript) -> None:
        """One message went the general way, well or not."""
        for result in transcript.recipients:
            self._add(result.address, result.outcome, result.reply)
        if transcript.outcome is Outcome.ACCEPTED:
            if not self._accepted:
                self._show_first(recorder)
            self.recorder.note_all(recorder)
            self._accepted += 1
            reply = transcript.reply
            if reply is not None:
                words = f"{reply.code} {reply.enhanced or ''} {reply.text}"
                self._line = " ".join(words.split()).encode()
        else:
            self._others[transcript.outcome] += 1
            self._worsen(ending)
            if len(self.failures) < KEPT:
                self.failures.append(transcript)
                self.recorder.take_over(recorder, phases=False)
                if len(self.failures) == KEPT:
                    self._say(f"After {KEPT} messages that did not go well only their number.")
        self._counted()

    def because(self, ending: SessionEnd) -> None:
        """Something keeps messages from being sent; the gravest such is told."""
        self._worsen(ending)

    def leave(self, count: int, envelope: Envelope, *, cancelled: bool) -> None:
        """So many messages were never begun."""
        if cancelled or self._decisive is None:
            sentence = "Cancelled before all messages were sent."
            self._decisive = self._decisive or SessionEnd(
                Stage.MAIL, sentence, outcome=Outcome.CANCELLED
            )
            outcome, reply = Outcome.CANCELLED, None
        else:
            outcome, reply = self._decisive.outcome, self._decisive.reply
        for address in envelope.recipients:
            self._add(address, outcome, reply, count)
        self._others[outcome] += count

    def transcript(self) -> Transcript:
        """Return the transcript of the whole run."""
        self._settle()
        outcomes = self.outcomes
        wanted = outcomes.total()
        outcome = self.outcome
        taken = self._accepted + self._others[Outcome.PARTIAL]
        sentence = f"The server accepted {taken:,} of {wanted:,} messages."
        decisive = self._decisive if outcome is not Outcome.ACCEPTED else None
        if outcome is Outcome.ACCEPTED:
            sentence = f"The server accepted all {wanted:,} messages."
        self._say(sentence)
        if decisive is not None:
            sentence += f" {decisive.sentence}"
        opening = self._opening
        return self.recorder.finish(
            outcome,
            stage=decisive.stage if decisive is not None else Stage.MESSAGE,
            reply=decisive.reply if decisive is not None else self._last_yes,
            summary=sentence,
            recipients=tuple(
                RecipientResult(address, whole_outcome(outcomes), self._replies.get(address))
                for address, outcomes in self._recipients.items()
            ),
            fault=decisive.slug if decisive is not None else None,
            tls=opening.tls if opening is not None else None,
            ehlo=opening.ehlo if opening is not None else (),
        )

    @property
    def _last_yes(self) -> Reply | None:
        line = self._line
        return ServerReply(int(line[:3]), (line[4:].strip(),)).to_reply() if line else None

    def _show_first(self, recorder: Recorder) -> None:
        self.recorder.take_over(recorder)
        if self._count > 1:
            self._say("From here on only what does not go well is shown.")

    def _settle(self) -> None:
        """Put down the messages that were accepted for all recipients of one envelope."""
        if self._envelope is not None and self._wholly:
            for address in self._envelope.recipients:
                self._add(address, Outcome.ACCEPTED, self._last_yes, self._wholly)
        self._wholly = 0

    def _add(self, address: str, outcome: Outcome, reply: Reply | None, count: int = 1) -> None:
        self._recipients.setdefault(address, Counter())[outcome] += count
        if outcome is not Outcome.ACCEPTED or address not in self._replies:
            self._replies[address] = reply

    def _worsen(self, ending: SessionEnd) -> None:
        def rank(end: SessionEnd) -> int:
            return WORST.index(end.outcome) if end.outcome in WORST else len(WORST)

        if self._decisive is None or rank(ending) < rank(self._decisive):
            self._decisive = ending

    def _counted(self) -> None:
        self._ended = time.perf_counter()
        tell = self._control.on_progress
        if tell is not None:
            taken = self._accepted + self._others[Outcome.PARTIAL]
            done = self._accepted + self._others.total()
            per_second = taken / self.seconds if self.seconds else 0.0
            tell(Progress(done, taken, self._count, per_second))

    def _remark(self, text: str, stage: Stage) -> None:
        """Say what may happen often, up to a bound."""
        self._remarks += 1
        if self._remarks <= KEPT:
            self.recorder.info(text, layer=Layer.SMTP, stage=stage)

    def _say(self, text: str) -> None:
        self.recorder.info(text, layer=Layer.SMTP, stage=Stage.MESSAGE)
