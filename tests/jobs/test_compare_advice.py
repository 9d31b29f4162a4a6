from mailgui.jobs.compare_advice import advice
from mailgui.jobs.compare_numbers import Sample, Side
from mailgui.transcript import Kind, Outcome


def row(name, kind, delivery, *, opening=0.0, sent=500, price=None, batched=None, bad=0):
    samples = [
        Sample(
            Outcome.ACCEPTED,
            delivery + number / 100 + (opening if number == 0 else 0.0),
            number == 0,
            {"connect": opening, "message": delivery} if number == 0 else {"message": delivery},
            sent,
            100,
            4 if kind is Kind.SMTP else 1,
        )
        for number in range(10)
    ]
    samples += [Sample(Outcome.REFUSED, 1.0, False, {}, 0, 0, 0)] * bad
    return Side(name, kind, tuple(samples), price, batched=batched)


def ids(first, second, **more):
    return [finding.id for finding in advice((first, second), **{"fresh": False, **more})]


def test_a_clear_difference_names_the_faster_one():
    slow, fast = row("slow", Kind.SMTP, 90.0), row("fast", Kind.HTTP, 30.0)
    first = advice((slow, fast), fresh=False)[0]
    assert first.id == "compare.faster"
    assert first.title.startswith("fast takes a message 3.0 times as fast")


def test_a_small_difference_is_none():
    assert ids(row("a", Kind.SMTP, 30.0), row("b", Kind.HTTP, 33.0)) == ["compare.even"]


def test_what_opening_and_missing_pipelining_cost():
    smtp = row("a", Kind.SMTP, 30.0, opening=200.0, batched=False)
    found = ids(smtp, row("b", Kind.HTTP, 30.0))
    assert "compare.opening.smtp" in found
    assert "compare.no_pipelining" in found
    assert "compare.no_pipelining" not in ids(row("a", Kind.SMTP, 3.0, batched=True), smtp)[:1]


def test_prices_octets_and_failures_are_told():
    first = row("a", Kind.SMTP, 30.0, price=0.1, sent=2000, bad=2)
    found = ids(first, row("b", Kind.HTTP, 30.0, price=0.4))
    assert {"compare.cost", "compare.octets", "compare.failures.smtp"} <= set(found)


def test_nothing_taken_compares_nothing():
    nothing = Side("a", Kind.SMTP, (Sample(Outcome.FAILED, 0.0, False, {}, 0, 0, 0),))
    assert ids(nothing, row("b", Kind.HTTP, 30.0)) == ["compare.failures.smtp"]
