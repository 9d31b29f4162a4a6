"""What many requests have come to: counts, the detail of failures, and the whole transcript."""

import time
from collections import Counter

from mailgui.smtp.bulk_control import BulkControl, Progress
from mailgui.smtp.bulk_tally import KEPT, WORST, whole_outcome
from mailgui.transcript import Layer, Outcome, RecipientResult, Recorder, Stage, Transcript


class RequestTally:
    """Counts the messages of a run through an e-mail API.

    Attributes:
        failures: the first transcripts of messages that were not accepted for all recipients.
        outcomes: how many messages ended how.
    """

    def __init__(self, count: int, recorder: Recorder, control: BulkControl) -> None:
        self.failures: list[Transcript] = []
        self.outcomes: Counter[Outcome] = Counter()
        self._count = count
        self._recorder = recorder
        self._control = control
        self._recipients: dict[str, Counter[Outcome]] = {}
        self._last: dict[str, RecipientResult] = {}
        self._worst: Transcript | None = None
        self._good: Transcript | None = None
        self._began = self._ended = time.perf_counter()

    @property
    def taken(self) -> int:
        """How many were accepted, for all recipients or some."""
        return self.outcomes[Outcome.ACCEPTED] + self.outcomes[Outcome.PARTIAL]

    @property
    def messages_per_second(self) -> float:
        """Accepted messages in a second, connecting and all."""
        seconds = self._ended - self._began
        return self.taken / seconds if seconds > 0 else 0.0

    def add(self, transcript: Transcript, recorder: Recorder) -> None:
        """One message was sent, well or not."""
        first = not self.outcomes
        self.outcomes[transcript.outcome] += 1
        self._ended = time.perf_counter()
        for result in transcript.recipients:
            self._recipients.setdefault(result.address, Counter())[result.outcome] += 1
            if result.outcome is not Outcome.ACCEPTED or result.address not in self._last:
                self._last[result.address] = result
        bad = transcript.outcome is not Outcome.ACCEPTED
        if bad:
            if self._worst is None or _rank(transcript) < _rank(self._worst):
                self._worst = transcript
        else:
            self._good = transcript
        if first or (bad and len(self.failures) < KEPT):
            self._recorder.peer = self._recorder.peer or recorder.peer
            self._recorder.take_over(recorder, phases=first)
        if first and self._count > 1:
            self._say("From here on only what does not go well is shown.")
        if bad and len(self.failures) < KEPT:
            self.failures.append(transcript)
        tell = self._control.on_progress
        if tell is not None:
            done = self.outcomes.total()
            tell(Progress(done, self.taken, self._count, self.messages_per_second))

    def transcript(self) -> Transcript:
        """Return the transcript of the whole run; what was never begun counts as cancelled."""
        left = self._count - self.outcomes.total()
        if left:
            self.outcomes[Outcome.CANCELLED] += left
            for outcomes in self._recipients.values():
                outcomes[Outcome.CANCELLED] += left
        outcome = whole_outcome([each for each, count in self.outcomes.items() if count])
        sentence = f"The API accepted {self.taken:,} of {self._count:,} messages."
        if outcome is Outcome.ACCEPTED:
            sentence = f"The API accepted all {self._count:,} messages."
        self._say(sentence)
        decisive = self._good if outcome is Outcome.ACCEPTED else self._worst
        if decisive is None:
            return self._recorder.finish(outcome, summary=sentence)
        if decisive is self._worst:
            sentence += f" {decisive.summary}"
        return self._recorder.finish(
            outcome,
            stage=decisive.stage,
            reply=decisive.reply,
            summary=sentence,
            recipients=tuple(
                RecipientResult(address, whole_outcome(outcomes), self._last[address].reply)
                for address, outcomes in self._recipients.items()
            ),
            exchanges=decisive.exchanges,
            fault=decisive.fault,
            tls=decisive.tls,
        )

    def _say(self, text: str) -> None:
        self._recorder.info(text, layer=Layer.HTTP, stage=Stage.RECEIVE)


def _rank(transcript: Transcript) -> int:
    return WORST.index(transcript.outcome) if transcript.outcome in WORST else len(WORST)
