from mailgui.findings import Verdict
from mailgui.jobs.demo import DOMAINS, demonstrate
from mailgui.transcript import Outcome


def test_it_sends_by_both_roads_and_checks_both_domains(with_services):
    shown = with_services(demonstrate)
    assert shown.smtp.transcript.outcome is Outcome.ACCEPTED
    assert shown.api.transcript.outcome is Outcome.ACCEPTED
    assert [report.domain for report in shown.domains] == list(DOMAINS)
    verdicts = [
        {section.name: section.verdict for section in report.sections} for report in shown.domains
    ]
    assert verdicts[0]["spf"] is Verdict.PASS
    assert verdicts[1]["spf"] is Verdict.BROKEN
