"""What is known of SMTP servers in the wild, line by line, and the tests that show each.

A name without a path is one of this folder's; ``wild: …`` is a case of ``test_wild.py``.
"""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.hostile.test_wild import CASES

ROOT = Path(__file__).parents[2]
WINDOW = "tests/ui/compose/test_named_faults.py"
POSING = "test_posing.py"
DRAFTS = "tests/jobs/test_captured_draft.py"
PAGE = "tests/ui/sandbox/test_page.py"
SINK = "tests/servers/test_smtp_sink.py::test_its_faults_at_each_command"

FACTS: dict[str, dict[str, list[str]]] = {
    "faults that no other program names, in the window's words": {
        "a bare 250": [
            f"{WINDOW}::test_a_bare_250_is_taken_and_remarked_upon",
            "test_replies.py::test_bare_code_is_taken_and_remarked_upon",
            "wild: bare codes",
        ],
        "an extra reply after MAIL, then 550 to RCPT": [
            f"{WINDOW}::test_an_extra_reply_after_mail_is_blamed_and_not_data",
            "wild: extra reply after MAIL, then 550 to RCPT",
        ],
        "mixed codes in one reply": [
            f"{WINDOW}::test_mixed_codes_are_two_answers_in_one",
            "wild: mixed codes in one reply",
        ],
        "plaintext injected before the handshake": [
            f"{WINDOW}::test_octets_before_the_handshake_are_refused_and_named",
            f"{WINDOW}::test_the_console_names_the_injection_too",
            "wild: plaintext before the handshake",
        ],
    },
    "replies": {
        "split in mid-code and mid-CRLF": [
            "test_replies.py::test_split_everywhere_and_several_in_one_packet",
            "test_splits.py::test_no_split_of_a_dialogue_changes_what_is_told",
            "tests/smtp/test_protocol.py::test_the_split_does_not_matter",
            "wild: split in the middle of everything",
        ],
        "several in one packet": [
            "test_replies.py::test_split_everywhere_and_several_in_one_packet"
        ],
        "LF only": [
            "test_replies.py::test_line_feeds_alone_end_lines",
            "wild: lines that end with LF",
        ],
        "bare code": ["test_replies.py::test_bare_code_is_taken_and_remarked_upon"],
        "a continuation that never ends": [
            "test_replies.py::test_a_reply_that_does_not_end_in_time",
            "wild: a reply that drips and never ends",
        ],
        "mixed codes": ["test_replies.py::test_mixed_codes_in_one_reply"],
        "not ASCII": [
            "test_replies.py::test_text_that_is_not_ascii_and_controls_are_made_visible",
            "tests/servers/test_swaks.py::test_octets_that_are_no_utf8_are_written_out",
            "wild: octets that are no text",
        ],
        "none or several enhanced codes": [
            "test_replies.py::test_enhanced_codes",
            "wild: two enhanced codes",
        ],
        "lines over 512 octets": ["wild: a line of 4 KiB"],
        "endless multi-line, capped": [
            "test_replies.py::test_endless_replies_are_cut_off",
            "tests/smtp/test_reply.py::test_caps",
            "wild: a reply without an end",
            "wild: a line without an end",
        ],
        "unsolicited": [
            "test_replies.py::test_extra_reply_inside_a_pipelined_group",
            "test_replies.py::test_extra_reply_behind_the_go_ahead_keeps_the_message_back",
            "test_replies.py::test_extra_reply_that_shows_only_at_quit",
            "test_replies.py::test_contradicting_reply_after_a_refusal_leaves_it_unknown",
        ],
        "late, after a time-out": [
            "test_replies.py::test_a_reply_after_the_time_out_is_not_used",
            "tests/smtp/test_protocol.py::test_after_giving_up_a_late_reply_counts_for_nothing",
            "wild: a late reply",
        ],
        "judged by first digit and stage, by no list of codes": [
            "test_replies.py::test_any_code_of_the_right_digit_will_do",
            "test_replies.py::test_codes_from_outside_the_range",
        ],
    },
    "greeting": {
        "554": ["wild: greeting 554"],
        "421": ["wild: greeting 421"],
        "of several lines": ["test_opening.py::test_banner_of_several_lines_that_comes_slowly"],
        "15 s late": [
            "test_wild.py::test_a_greeting_may_take_as_long_as_postscreens",
            "wild: no greeting, silence",
            "wild: a greeting that drips",
        ],
        "punishes talking before it": [
            "test_opening.py::test_nothing_is_said_before_the_banner",
            "wild: greeting punishes those who talk first",
        ],
        "closed without one": ["wild: no greeting, closed"],
        "a TLS port spoken to in plaintext": ["wild: TLS where plaintext was due"],
        "a plaintext port spoken to in TLS": ["wild: plaintext where TLS was due"],
    },
    "EHLO": {
        "500, 502, 504, 550: back to HELO": [
            "test_opening.py::test_ehlo_refused_falls_back_to_helo",
            "wild: EHLO and HELO refused",
        ],
        "421: not back to HELO": [
            "test_opening.py::test_421_to_ehlo_does_not_fall_back",
            "wild: EHLO 421",
        ],
        "AUTH= of old, leading blanks": [
            "test_opening.py::test_capabilities_however_they_are_written",
            "tests/smtp/test_capabilities.py::test_auth_old_and_new_style_together",
        ],
        "SIZE with nothing, 0 or garbage": ["test_opening.py::test_a_size_that_limits_nothing"],
        "other capabilities inside TLS": ["test_tls.py::test_capabilities_that_change_inside_tls"],
        "other answers on another connection": [
            "test_several.py::test_a_second_connection_that_offers_less_is_believed"
        ],
    },
    "421": {
        "at every verb, with and without close": [
            "test_refusals.py::test_421_at_every_stage",
            SINK,
            "wild: 421 to MAIL",
            "wild: 421 to RCPT",
            "wild: 421 to DATA",
        ],
        "during DATA": ["wild: 421 while the message goes out"],
        "after the dot": ["wild: 421 after the dot"],
        "idle, before the next command": [
            "test_refusals.py::test_notice_of_closing_before_the_next_command",
            "test_several.py::test_an_idle_421_opens_a_new_connection",
            "wild: 421 while idle",
        ],
    },
    "refusals": {
        "greylisting of one among several": [
            "test_refusals.py::test_one_of_several_is_greylisted",
            "wild: one of two greylisted",
            "wild: greylisted",
        ],
        "some accepted, some refused, each reported": [
            "test_refusals.py::test_one_of_several_is_greylisted",
            "tests/servers/test_postfix.py::test_some_addresses_are_refused",
        ],
        "452 too many recipients": [
            "test_refusals.py::test_too_many_recipients",
            "wild: too many recipients",
        ],
        "251 and 252": ["wild: will forward", "wild: cannot verify"],
        "552 by SIZE": ["wild: too big at MAIL", "wild: too big by its own word"],
        "530, 534, 535, 454 to AUTH": [
            "test_auth.py::test_refused",
            "wild: 534 to AUTH",
            "wild: 530 to MAIL",
            "wild: 530 to AUTH",
            "wild: 535 to AUTH",
            "wild: 454 to AUTH",
        ],
    },
    "DATA": {
        "250 in place of 354": [
            "test_refusals.py::test_250_in_place_of_354",
            "wild: 250 in place of 354",
        ],
        "354 although all were refused: a lone dot": [
            "test_refusals.py::test_354_after_every_recipient_was_refused_gets_a_lone_dot",
            "wild: 354 although all were refused",
        ],
        "refused while still sending": [
            "test_content.py::test_refused_while_still_sending",
            "test_content.py::test_refused_right_behind_the_go_ahead",
            "tests/servers/test_smtp_sink.py::test_one_that_refuses_in_the_middle_of_the_message",
            "wild: refused while sending",
            "wild: closed while sending",
        ],
        "blocked writes": ["test_content.py::test_a_server_that_stops_reading"],
        "closed between the dot and its reply: unknown, not retried": [
            "test_refusals.py::test_lost_at_every_stage",
            "test_several.py::test_a_lost_message_is_not_sent_again_by_itself",
            "tests/jobs/test_smtp_attempts.py::test_what_is_never_tried_again",
            "tests/smtp/test_bulk.py::test_what_the_server_may_have_taken_is_never_sent_again",
            "wild: closed after the dot",
            "wild: silent after the dot",
        ],
        "LMTP's reply for each recipient": [
            "test_lmtp.py::test_a_fate_for_each_recipient",
            "test_lmtp.py::test_lost_between_the_two",
        ],
    },
    "content": {
        "a dot first on the first line, a lone dot": [
            "test_content.py::test_dots_arrive_as_they_were"
        ],
        "no CRLF at the end": ["test_content.py::test_missing_last_line_end_is_added"],
        "bare CR, bare LF, CR CR LF, NUL, lines over 998": [
            "test_content.py::test_odd_octets_are_neither_mended_nor_taken_for_the_end"
        ],
        "eight bits without 8BITMIME": [
            "test_content.py::test_eight_bit_with_and_without_the_extension"
        ],
        "SMTPUTF8 refused": ["wild: SMTPUTF8 not offered", "wild: SMTPUTF8 offered and refused"],
        "IDN": [
            "test_content.py::test_international_addresses",
            "tests/servers/test_other_servers.py::test_exim_takes_an_international_address",
        ],
        "other ends of data (smuggling)": [
            "test_content.py::test_odd_octets_are_neither_mended_nor_taken_for_the_end",
            "tests/sandbox/test_smtp_session.py::test_only_crlf_dot_crlf_ends_a_message",
        ],
    },
    "PIPELINING and BDAT": {
        "offered but broken": ["wild: PIPELINING offered and broken"],
        "early pipelining rejected": ["wild: PIPELINING offered and punished"],
        "a failure in the middle of a group": [
            "test_refusals.py::test_mail_refused_in_a_group",
            "wild: the second of a group refused",
        ],
        "BDAT rejected, its octets consumed": [
            "test_content.py::test_bdat_in_several_pieces_the_second_refused",
            "wild: BDAT refused, its octets taken",
            "wild: BDAT refused, its octets read as commands",
        ],
        "LAST of zero length": ["test_content.py::test_bdat_of_nothing"],
        "BDAT after a failed RCPT": [
            "test_content.py::test_no_bdat_after_every_recipient_was_refused"
        ],
    },
    "AUTH": {
        "LOGIN with empty or odd prompts": ["test_auth.py::test_login_whatever_the_prompts_say"],
        "no initial response taken": ["test_auth.py::test_plain_that_wants_no_initial_response"],
        "XOAUTH2's JSON, answered by an empty line": [
            "test_auth.py::test_xoauth2_failure_gets_an_empty_line_and_its_json_is_told"
        ],
        "endless challenges, capped at 10": [
            "test_auth.py::test_challenges_are_capped_at_ten",
            "wild: endless challenges",
        ],
        "only after TLS": [
            "wild: no AUTH before TLS",
            "tests/servers/test_postfix.py::test_starttls_is_offered_and_auth_only_after_it",
        ],
    },
    "TLS": {
        "injection": [
            "test_tls.py::test_octets_waiting_before_the_handshake_are_refused",
            "test_tls.py::test_injection_is_refused_where_tls_is_optional_too",
        ],
        "stripping": ["test_tls.py::test_stripped", "wild: STARTTLS stripped"],
        "454, 502, 354 to STARTTLS": [
            *["wild: STARTTLS 454", "wild: STARTTLS 502", "wild: STARTTLS 354"],
        ],
        "a failed handshake where TLS is optional": [
            "test_tls.py::test_optional_tls_whose_handshake_fails_goes_on_in_plaintext",
            "test_tls.py::test_a_server_that_closes_in_place_of_the_handshake",
        ],
        "expired": ["tests/net/test_tls.py::test_dates"],
        "self-signed": ["tests/net/test_tls.py::test_a_self_signed_certificate_and_its_pinning"],
        "for another host": [
            "test_tls.py::test_a_certificate_for_another_host",
            "tests/net/test_tls.py::test_another_host",
        ],
        "without its intermediate": ["tests/net/test_tls.py::test_a_missing_intermediate"],
        "with a common name only": ["tests/net/test_tls.py::test_a_host_in_the_common_name_only"],
        "a default one without SNI": [
            "tests/net/test_tls.py::test_the_name_asked_for_can_be_chosen",
            "tests/servers/test_send_extensions.py::test_another_name_is_asked_for_and_expected",
        ],
        "a client certificate asked for": [
            "tests/net/test_tls.py::test_a_demanded_client_certificate_is_missed_at_the_first_read",
            "tests/servers/test_send_extensions.py::test_a_client_certificate",
        ],
        "old protocols only": ["tests/net/test_tls.py::test_a_server_that_is_too_old"],
        "closed without close_notify after QUIT": [
            "test_tls.py::test_close_without_a_farewell_after_quit",
            "tests/net/test_tls.py::test_an_end_without_close_notify_is_an_end",
        ],
    },
    "network and policy": {
        "IPv6 black holes": [
            "tests/net/test_connect.py::test_a_silent_address_does_not_delay_the_next"
        ],
        "several MX, the first one down": [
            "tests/servers/test_routes.py::test_the_first_exchanger_is_dead_and_the_second_takes_it"
        ],
        "null MX": [
            "tests/jobs/test_direct.py::test_a_domain_without_a_way_to_it",
            "tests/jobs/test_direct.py::test_a_null_mx_beside_others_is_passed_over",
        ],
        "MX that is a CNAME": ["tests/jobs/test_direct.py::test_an_alias_is_followed"],
        "slow drip": ["wild: a reply that drips and never ends", "wild: a greeting that drips"],
        "MTA-STS enforce and testing": [
            "tests/jobs/test_direct.py::test_enforce_passes_over_a_host_that_is_not_named",
            "tests/jobs/test_direct.py::test_testing_delivers_and_tells",
        ],
        "DANE match and mismatch": [
            "tests/jobs/test_direct.py::test_dane_is_met",
            "tests/jobs/test_direct.py::test_a_certificate_that_does_not_fit_leads_to_the_next_host",
            "tests/servers/test_routes.py::test_dane_against_postfixs_own_certificate",
        ],
        "an unsigned zone": ["tests/jobs/test_direct.py::test_unsigned_records_do_not_count"],
    },
    "injection": {
        "CR, LF, NUL in any argument": [
            "test_injection.py::test_refused_before_anything_is_written",
            "test_injection.py::test_nul_in_a_password",
            f"{POSING}::test_a_line_break_in_an_attribute_is_refused_before_anything_is_written",
        ],
    },
    "asked of the peers in vain": {
        "OAuth2": ["tests/smtp/test_sasl.py::test_oauthbearer"],
        "BDAT": ["test_content.py::test_bdat_in_one_piece"],
        "SCRAM": ["test_tls.py::test_scram", "test_tls.py::test_scram_bound_to_the_connection"],
        "SMTPUTF8": ["test_content.py::test_international_addresses"],
        "DSN": ["tests/servers/test_send_extensions.py::test_a_delivery_report_is_asked_for"],
        "every MX with a time-out of its own": [
            "tests/jobs/test_direct.py::test_each_address_of_a_host_is_tried_before_the_next_host"
        ],
        "rules broken on purpose": ["test_broken_rules.py::test_in_the_message"],
        "a small language for transactions": [
            "test_broken_rules.py::test_lines_of_ones_own_go_out_as_they_are",
            "tests/smtp/test_step_words.py::test_lines_of_ones_own",
        ],
        "REQUIRETLS": ["test_extensions.py::test_requiretls_inside_verified_tls"],
        "TLS verification in detail": ["test_tls.py::test_a_certificate_that_nobody_trusts"],
        "compose and reply": [
            f"{DRAFTS}::test_an_answer_goes_back_and_quotes",
            f"{DRAFTS}::test_html_alone_is_quoted_by_its_words",
            f"{DRAFTS}::test_the_same_again_with_its_hidden_recipients",
            f"{DRAFTS}::test_what_swaks_sent_is_answered_and_arrives",
            f"{PAGE}::test_a_captured_message_becomes_a_draft",
        ],
        "messages that cannot be parsed": [
            "tests/jobs/test_captured_problems.py::test_why_what_could_be_read_and_the_source",
            f"{PAGE}::test_a_message_that_cannot_be_parsed_says_why_and_shows_what_there_is",
            "tests/jobs/test_captured.py::test_any_octets_are_shown",
        ],
        "a rate limit": [
            "tests/sandbox/test_rate_limit.py::test_in_no_stretch_of_time_is_more_let_through",
            "tests/sandbox/test_rate_limit.py::test_smtp_beyond_the_rate",
            "tests/sandbox/test_rate_limit.py::test_each_api_beyond_the_rate",
            "tests/cli/test_sandbox.py::test_swaks_beyond_the_rate",
            "tests/cli/test_sandbox.py::test_a_rate_counts_messages",
            "tests/ui/sandbox/test_orders_tab.py::test_a_rate_is_ordered",
        ],
        "reply codes at each stage": [
            "tests/sandbox/test_stage_replies.py::test_each_stage_says_what_is_ordered",
            "tests/sandbox/test_stage_replies.py::test_swaks_ends_as_it_should",
            "tests/cli/test_sandbox.py::test_each_stage_answers_as_ordered",
            "tests/ui/sandbox/test_orders_tab.py::test_a_reply_is_ordered_and_taken_back",
        ],
        "a captured message's SPF, DKIM and DMARC": [f"{PAGE}::test_a_captured_message_is_checked"],
        "lists without bodies": [
            "tests/sandbox/test_mailbox.py::test_newest_first_and_bodies_apart"
        ],
    },
    "lessons from the peers' code": {
        "one queue of commands for lock-step and PIPELINING": [
            "tests/smtp/test_protocol.py::test_lock_step",
            "tests/smtp/test_protocol.py::test_a_group",
        ],
        "a plan of steps at the core": ["tests/smtp/test_plan.py::test_an_experts_own_order"],
        "QUIT and the end of the connection": [
            "test_refusals.py::test_quit_cannot_spoil_what_was_accepted"
        ],
        "one refused recipient does not end it": [
            "test_refusals.py::test_one_of_several_is_greylisted"
        ],
        "AUTH never traced": ["test_canary.py::test_a_server_that_echoes_what_it_heard"],
        "swaks' exit codes": ["tests/servers/test_swaks.py::test_our_exit_code_and_document"],
    },
}

LEFT_OUT = {
    "asked of the peers in vain: a dark preview": "There is no preview of HTML yet.",
    "asked of the peers in vain: the dialogue by which a captured message came": (
        "Its tab Session tells by whom and how; the lines are shown to who sends by MailGUI."
    ),
}
"""Lines without a test, and why they have none."""

LINES = [
    (f"{topic}: {line}", tests) for topic, lines in FACTS.items() for line, tests in lines.items()
]


@pytest.mark.parametrize(("line", "tests"), LINES, ids=[line for line, _ in LINES])
def test_each_line_has_tests_that_exist(line, tests):
    assert tests, line
    for each in tests:
        if each.startswith("wild: "):
            assert each.removeprefix("wild: ") in CASES
            continue
        path, _, name = each.partition("::")
        assert name in names(path if "/" in path else f"tests/hostile/{path}"), each


@pytest.mark.parametrize("line", LEFT_OUT)
def test_what_is_left_out_says_why_and_is_nowhere_else(line):
    assert LEFT_OUT[line].endswith(".")
    assert line not in dict(LINES)


def test_each_case_in_the_wild_belongs_to_a_line():
    named = {each for _, tests in LINES for each in tests if each.startswith("wild: ")}
    assert named == {f"wild: {case}" for case in CASES}


@cache
def names(path: str) -> frozenset[str]:
    """Return the names of the tests in a file."""
    text = (ROOT / path).read_text("utf-8")
    return frozenset(re.findall(r"^def (test_\w+)\(", text, re.MULTILINE))
