"""What a provider's answer means: accepted or not, by whose fault, and for which recipients."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

from mailgui.api.answer_body import AnswerBody, find_all, find_text, header, read_body, shown
from mailgui.api.answer_model import Answer, ApiError, single_errors
from mailgui.api.definition import Provider, SilentFailure
from mailgui.api.error_kinds import ErrorKind
from mailgui.api.rate_limit import read_rate_limit
from mailgui.api.recipients import partly, recipient_results
from mailgui.api.webhook_time import ago
from mailgui.transcript import HttpExchange, Outcome, RecipientResult, Reply

_STATUS_KINDS = {
    401: ErrorKind.AUTHENTICATION,
    402: ErrorKind.QUOTA,
    403: ErrorKind.PERMISSION,
    407: ErrorKind.NETWORK,
    408: ErrorKind.TIMEOUT,
    413: ErrorKind.CONTENT,
    429: ErrorKind.RATE_LIMIT,
    504: ErrorKind.TIMEOUT,
}
# What no vendor has a code of its own for, but all say alike: tried where their code or status
# tells no more than that the request was refused.
_PLAIN_WORDS = (
    (ErrorKind.QUOTA, ErrorKind.RATE_LIMIT, re.compile(r"\b(quota|credits)\b", re.IGNORECASE)),
    (
        ErrorKind.SENDER,
        None,
        re.compile(r"(domain|sender|from)\b.*\b(not|isn.t|un)[ -]?(been )?verified", re.IGNORECASE),
    ),
)
_TOO_MUCH = (ErrorKind.RATE_LIMIT, ErrorKind.QUOTA)
_VAGUE = (ErrorKind.VALIDATION, ErrorKind.PERMISSION)
_GATEWAY_FAULTS = (502, 504)  # behind a gateway the provider may have taken the message
_SAYS = {
    ErrorKind.AUTHENTICATION: "refused the API key",
    ErrorKind.PERMISSION: "does not allow this with this key",
    ErrorKind.VALIDATION: "refused the request as invalid",
    ErrorKind.SENDER: "refused the sender",
    ErrorKind.RECIPIENT: "refused the recipients",
    ErrorKind.CONTENT: "refused the message’s content",
    ErrorKind.RATE_LIMIT: "asks for fewer requests",
    ErrorKind.QUOTA: "says that the account’s quota is used up",
    ErrorKind.NETWORK: "was not reached by the proxy",
    ErrorKind.TIMEOUT: "took too long",
    ErrorKind.SERVER: "had a fault of its own",
}
_TOLD = 2048  # characters in which patterns are looked for: a hostile text must not keep them busy
_LONGEST = 65_536  # a list of addresses may be long
_MOST_ERRORS = 100
_EXACT = 300  # seconds
_UNREADABLE = {
    "empty": "an empty body",
    "html": "an HTML page in place of JSON",
    "text": "plain text in place of JSON",
    "not_utf8": "a body that is not UTF-8",
    "too_deep": "JSON that is nested too deeply to be read",
    "malformed": "malformed JSON",
}


def understand(
    provider: Provider,
    exchange: HttpExchange,
    recipients: tuple[str, ...] = (),
    *,
    ids: Sequence[str] | None = None,
) -> Answer:
    """Return what the answer of ``exchange`` (which has a status) means for ``recipients``.

    ``ids`` are the places of which a success must have one, those of a message's id unless given.
    """
    reader = _Reader(provider, exchange, recipients)
    success = provider.success
    reader.ids = ids if ids is not None else () if success.empty_body else success.id
    return reader.read()


class _Reader:
    """Reads one answer."""

    def __init__(
        self, provider: Provider, exchange: HttpExchange, recipients: tuple[str, ...]
    ) -> None:
        self.provider = provider
        self.exchange = exchange
        self.recipients = recipients
        self.status = exchange.status or 0
        self.body: AnswerBody = read_body(exchange)
        self.rate_limit = read_rate_limit(provider, exchange, body=self.body)
        errors = provider.errors
        self.code = self.text(errors.code)
        self.request_id = self.text(errors.request_id)
        self.errors = self._single_errors()
        self.ids: Sequence[str] = ()

    def read(self) -> Answer:
        if 300 <= self.status < 400:
            return self._redirected()
        if not 200 <= self.status < 300:
            return self._error(self.kind(), self._error_outcome)
        if self.body.problem and not self._fine_without_body():
            return self._unreadable()
        silent = self._silent_failure()
        if silent:
            return self._silent(silent)
        return self._accepted()

    def text(self, paths: list[str]) -> str:
        return find_text(self.exchange, self.body, paths)

    def find(self, path: str) -> list[Any]:
        return find_all(self.exchange, self.body, path)

    def kind(self) -> ErrorKind:
        """Return whose fault it is, by message, code and status: the most particular first."""
        errors = self.provider.errors
        told = " ".join((self.code, self._message(), *(str(e) for e in self.errors)))[:_TOLD]
        for pattern in errors.patterns:
            # With 429 the words may name who is to slow down; that is not why.
            late = self.status == 429 and pattern.kind not in _TOO_MUCH
            if not late and re.search(pattern.match, told, re.IGNORECASE):
                return pattern.kind
        kind = errors.codes.get(self.code) or self._kind_by_status()
        for better, instead_of, words in _PLAIN_WORDS:
            if (kind is instead_of or kind in _VAGUE) and words.search(told):
                return better
        return kind

    def _kind_by_status(self) -> ErrorKind:
        errors = self.provider.errors
        by_status = errors.statuses.get(str(self.status)) or _STATUS_KINDS.get(self.status)
        return by_status or (ErrorKind.SERVER if self.status >= 500 else ErrorKind.VALIDATION)

    def _single_errors(self) -> tuple[ApiError, ...]:
        errors = self.provider.errors
        found: list[ApiError] = []
        for value in self.find(errors.details):
            items = value if isinstance(value, list) else [value]
            for item in items[:_MOST_ERRORS]:
                found += single_errors(item, errors.detail_field, errors.detail_message)
        return tuple(found[:_MOST_ERRORS])

    def _message(self) -> str:
        told = self.text(self.provider.errors.message)
        if not told and self.errors:
            told = shown("; ".join(error.message for error in self.errors if error.message))
        return told or (self.body.text if self.body.problem == "text" else "")

    def _error_outcome(self, kind: ErrorKind) -> Outcome:
        if self.status in _GATEWAY_FAULTS and kind in (ErrorKind.SERVER, ErrorKind.TIMEOUT):
            return Outcome.UNKNOWN
        passing = kind in (ErrorKind.RATE_LIMIT, ErrorKind.SERVER, ErrorKind.TIMEOUT)
        if passing or self.status in (429, 503):
            return Outcome.TEMPORARY
        return Outcome.REFUSED

    def _error(self, kind: ErrorKind, outcome_of: Any) -> Answer:
        message = self._message()
        outcome: Outcome = outcome_of(kind)
        fault = f"api.{kind.value}"
        sentence = f"{self.provider.name} {_SAYS[kind]} ({self._told()})"
        if self.body.problem == "html" and self.status not in (401, 403, 429):
            fault = "api.not_json"
            sentence = f"{self.provider.name} answered with an HTML page ({self._told()})"
            message = self.body.text
        sentence += f": {message}" if message else ""
        wait = self.rate_limit.wait if self.rate_limit else None
        if outcome is Outcome.TEMPORARY and wait:
            sentence = f"{sentence.rstrip('.')}; it may be tried again in {_span(wait)}"
        return self._answer(outcome, _stop(sentence), message, kind=kind, fault=fault)

    def _told(self) -> str:
        return f"{self.status} {self.code}".strip()

    def _redirected(self) -> Answer:
        where = shown(header(self.exchange, "location"))
        sentence = (
            f"{self.provider.name} redirects to {where} ({self.status}): not followed, since the "
            "key would go there too. Check the base URL."
        )
        if not where:
            sentence = (
                f"{self.provider.name} answered {self.status}, a redirect that leads nowhere: this "
                "is not its API. Check the base URL."
            )
        return self._answer(Outcome.FAILED, sentence, "", fault="api.redirect")

    def _fine_without_body(self) -> bool:
        success = self.provider.success
        headers = [path for path in success.id if path.startswith("header:")]
        return self.body.problem in {"empty", "text"} and (
            success.empty_body or bool(self.text(headers))
        )

    def _unreadable(self) -> Answer:
        what = _UNREADABLE[self.body.problem]
        name = self.provider.name
        if self.body.problem == "html":
            title = f" (“{self.body.text}”)" if self.body.text else ""
            sentence = (
                f"{name} answered {self.status} with {what}{title}: this is not its API. "
                "Check the base URL, and whether a proxy answers in its place."
            )
            return self._answer(Outcome.FAILED, sentence, "", fault="api.not_json")
        sentence = (
            f"{name} answered {self.status} with {what}, so it is not known whether it took the "
            "message."
        )
        return self._answer(Outcome.UNKNOWN, sentence, "", fault="api.unreadable")

    def _silent_failure(self) -> SilentFailure | None:
        for failure in self.provider.success.silent_failures:
            found = self.find(failure.path)
            hit = any(_is_one(value, failure.is_) for value in found)
            if failure.is_not:
                hit = any(not _is_one(value, failure.is_not) for value in found)
                # That nothing is told of refusals does not mean that some were.
                whole = failure.outcome != "partial"
                hit |= whole and not found and not self.find(failure.or_found)
            if failure.matches:
                hit = any(self._matches(failure))
            if hit:
                return failure
        return None

    def _matches(self, failure: SilentFailure) -> Iterator[re.Match[str]]:
        for value in self.find(failure.path):
            match = re.search(failure.matches, value[:_LONGEST]) if isinstance(value, str) else None
            if match:
                yield match

    def _refused_by(self, failure: SilentFailure) -> list[str]:
        """Return the addresses that a partial failure is about; none where it does not tell."""
        if failure.addresses or not failure.matches:
            return [str(address) for address in self.find(failure.addresses)]
        groups = [match.group(1) for match in self._matches(failure) if match.re.groups]
        return [each.strip() for group in groups for each in group.split(",")]

    def _silent(self, failure: SilentFailure) -> Answer:
        kind = failure.kind or self.kind()
        outcome = Outcome(failure.outcome)
        if outcome is Outcome.PARTIAL:
            refused = self._refused_by(failure)
            reply = Reply(self.status, self.text(self.provider.success.message))
            return self._by_recipient(partly(self.recipients, refused, reply), kind)
        message = self._message() or self.text(self.provider.success.message)
        if kind in (ErrorKind.RATE_LIMIT, ErrorKind.SERVER):
            outcome = Outcome.TEMPORARY
        name = self.provider.name
        sentence = f"{name} {_SAYS[kind]}, although its status is {self.status} ({self._told()})"
        sentence += f": {message}" if message else ""
        fault = f"api.{kind.value}"
        return self._answer(outcome, _stop(sentence), message, kind=kind, fault=fault)

    def _accepted(self) -> Answer:
        results = recipient_results(self.provider, self.exchange, self.body, self.recipients)
        if results is not None and any(r.outcome is not Outcome.ACCEPTED for r in results):
            return self._by_recipient(results, ErrorKind.RECIPIENT)
        if self.ids and not self.text(list(self.ids)):
            return self._without_id()
        count = len(self.recipients)
        whom = f" for {count} recipients" if count > 1 else ""
        remote_id = self._remote_id()
        named = f"; its id is {remote_id}" if remote_id else ""
        message = self.text(self.provider.success.message) or self.exchange.reason
        held = self._held()
        but = f", but {held}" if held else ""
        sentence = f"{self.provider.name} accepted the message{whom}{but}{named}."
        return replace(self._answer(Outcome.ACCEPTED, sentence, message), held=bool(held))

    def _without_id(self) -> Answer:
        """Return that a success does not say under which id the message was taken."""
        sentence = (
            f"{self.provider.name} answered {self.status} without the id that it gives every "
            "message, so it is not known whether it took this one."
        )
        return self._answer(Outcome.UNKNOWN, sentence, "", fault="api.unreadable")

    def _held(self) -> str:
        """Return why the provider does not send on what it took, or ""."""
        for held in self.provider.success.held:
            if any(_is_one(value, held.is_) for value in self.find(held.path)):
                return held.why
        return ""

    def _by_recipient(self, results: tuple[RecipientResult, ...], kind: ErrorKind) -> Answer:
        accepted = [r for r in results if r.outcome is Outcome.ACCEPTED]
        refused = [r for r in results if r.outcome is Outcome.REFUSED]
        name, total = self.provider.name, len(results)
        if refused and not accepted:
            outcome = Outcome.REFUSED
            sentence = f"{name} refused every recipient, although its status is {self.status}"
        elif refused:
            outcome = Outcome.PARTIAL
            whom = ", ".join(r.address for r in refused)
            sentence = f"{name} refused {len(refused)} of {total} recipients: {shown(whom)}"
        else:
            outcome = Outcome.PARTIAL
            sentence = f"{name} refused some recipients and does not say which"
        reason = next((r.reply.text for r in refused if r.reply and r.reply.text), "")
        sentence += f" ({reason})" if reason else ""
        message = self.text(self.provider.success.message) or reason
        answer = self._answer(
            outcome, _stop(sentence), message, kind=kind, fault=f"api.{kind.value}"
        )
        return replace(answer, recipients=results)

    def _remote_id(self) -> str | None:
        return self.text(self.provider.success.id) or None

    def _answer(
        self,
        outcome: Outcome,
        summary: str,
        message: str,
        *,
        kind: ErrorKind | None = None,
        fault: str | None = None,
    ) -> Answer:
        reply = Reply(self.status, message or self.exchange.reason)
        taken = outcome in (Outcome.ACCEPTED, Outcome.PARTIAL)
        return Answer(
            outcome,
            reply,
            summary,
            kind,
            fault,
            self.code,
            message,
            self._remote_id() if taken else None,
            self.request_id,
            tuple(RecipientResult(address, outcome, reply) for address in self.recipients),
            self.errors,
            self.rate_limit,
        )


def _is_one(value: Any, choices: list[str | int | bool | None]) -> bool:
    return any(type(value) is type(choice) and value == choice for choice in choices)


def _span(seconds: float) -> str:
    """Return a time to wait as a person reads it: exact where that is short."""
    whole = ceil(seconds)
    return f"{whole} s" if whole <= _EXACT else ago(whole)


def _stop(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "…")) else sentence + "."
