"""What exported code cannot carry of what was asked for, in sentences for its top."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailgui.smtp.plan import Plan
    from mailgui.smtp.wanted import Wanted

_PLAN = {
    "stop_after": "the stop before the message's end",
    "drop": "dropping the connection without QUIT",
    "greeting": "the way to greet",
    "sign_in": "going without the sign-in",
    "pipelining": "going without PIPELINING",
    "chunking": "BDAT in place of DATA",
    "use": "leaving extensions unused",
    "dsn": "the request for delivery reports (DSN)",
    "mail_parameters": "further parameters of MAIL",
    "rcpt_parameters": "further parameters of RCPT",
    "proxy": "the PROXY protocol's header",
    "xclient": "XCLIENT",
    "xclient_before_tls": "XCLIENT before STARTTLS",
    "reset_between": "RSET between messages",
    "breaks": "the rules that are broken on purpose",
    "steps": "the steps in an order of one's own",
}
_WANTED = {
    "require_tls": "REQUIRETLS",
    "priority": "the priority (MT-PRIORITY)",
    "deliver_by": "the time limit (DELIVERBY)",
    "hold_for": "holding the message back (FUTURERELEASE)",
    "hold_until": "holding the message back (FUTURERELEASE)",
    "binary": "BINARYMIME",
}


def plan_left_out(plan: "Plan | None") -> list[str]:
    """Return a sentence about what code does without of a plan; none for the usual one."""
    if plan is None:
        return []
    from mailgui.smtp.plan import Plan

    usual = Plan()
    lost = [words for name, words in _PLAN.items() if getattr(plan, name) != getattr(usual, name)]
    return left_out([*lost, *_wanted(plan.wanted)])


def _wanted(wanted: "Wanted") -> Iterator[str]:
    for field in fields(wanted):
        if getattr(wanted, field.name) != field.default:
            yield _WANTED[field.name]


def left_out(what: Sequence[str]) -> list[str]:
    """Return the sentence that says so; none where there is nothing."""
    if not what:
        return []
    return [f"Asked for, but not in this code: {', '.join(dict.fromkeys(what))}."]
