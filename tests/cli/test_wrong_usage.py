"""What cannot be carried out ends in 64 with one sentence and nothing on stdout."""

import pytest

PEOPLE = ["--from", "a@good.example", "--to", "b@good.example"]
SEND = ["send", *PEOPLE, "--server"]
API = ["send", *PEOPLE, "--provider", "resend"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*SEND, "h:0"], "“0” is not a port"),
        ([*SEND, "[::1"], "“[::1” lacks its closing bracket"),
        ([*SEND, ""], "There is no server"),
        ([*SEND, "a b:25"], "a b"),
        ([*SEND, "h:25", "--helo", "x\r\nQUIT"], ""),
        ([*SEND, "h:25", "--resolver", ""], "The name server “” lacks its address"),
        ([*SEND, "h:25", "--timeout", "x"], "Argument --timeout: “x” is not a number of seconds"),
        ([*SEND, "h:25", "--count", "x"], "Argument --count: “x” is not a whole number above 0"),
        ([*SEND, "h:25", "--count", "9" * 5000], "Argument --count"),
        ([*API, "--base-url", ""], "Argument --base-url: “” is not a web address"),
        ([*API, "--base-url", "http://[::1"], "Argument --base-url"),
        (["profile", "add", "P", "--server", "h:25", "--timeout", "nan"], "Argument --timeout"),
        ([*SEND, "h:25", "--stop-after", "x"], "Argument --stop-after: “x” is none of: dns, conn"),
        ([*SEND, "h:25", "--source", "eth0"], "Argument --source: “eth0” is not an IP address"),
        ([*SEND, "h:25", "--step", " "], "--step takes a step or a line to send; one is empty."),
        ([*SEND, "h:25", "--token-env", "X"], "--token-env goes with --auth-all."),
        ([*SEND, "h:25", "--helo", "\udcff"], "is not UTF-8 text; nothing was sent."),
        ([*API, "--inline-secret"], "--inline-secret goes with --as."),
        (["send", "--server", "h:25", "--to", "b@good.example"], "no sender: give --from."),
        (["send", "--server", "h:25", "--from", "b@good.example"], "send to: give --to, --cc or"),
        ([*API, "--text", "x"], "without its API key: name the variable that holds it with --key-"),
        ([*API, "--send-at", "0001-01-01T00:00:00"], "--send-at takes a time such as"),
        ([*API, "--attach-url", "http://["], "“http://[” is not the address of a file"),
        ([*SEND, "h:25", "--hold-until", "0001-01-01T00:00:00"], "--hold-until takes a time such"),
        ([*SEND, "h:25", "--deliver-by=--5"], "--deliver-by takes seconds and N or R"),
        ([*API, "--as", "cobol"], "Argument --as: “cobol” is none of: curl, httpx, requests"),
        ([*SEND, "h:25", "--mt-priority", "x"], "Argument --mt-priority: “x” is not a number."),
        (["compare", "A", "B", "--price", "x", "1"], "Argument --price: “x” is not a number."),
        (["profile", "add", "P", "--provider", "resend", "--base-url", "x"], "Argument --base-url"),
    ],
)
def test_it_is_told_in_a_sentence(cli, home, words, said):
    code, out, err = cli(*words, "--json")
    assert (code, out) == (64, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "inside"),
    [
        ([*SEND, "127.0.0.1:1"], "mailgui.jobs.send.send_by_smtp"),
        ([*SEND, "127.0.0.1:1", "--as", "curl"], "mailgui.jobs.code.export_code"),
        (["request", *PEOPLE, "--provider", "resend"], "mailgui.jobs.request.render_request"),
        (["check", "good.example", "--dns-only"], "mailgui.jobs.check.check_domain"),
        (["spf", "good.example"], "mailgui.jobs.spf.evaluate"),
        (["profile", "list"], "mailgui.store.profiles.ProfileStore.load"),
    ],
)
def test_a_fault_of_mailgui_s_own_is_not_called_wrong_usage(cli, home, monkeypatch, words, inside):
    def broken(*_, **__):
        return int("not a number")

    monkeypatch.setattr(inside, broken)
    with pytest.raises(ValueError, match="invalid literal"):
        cli(*words)


def test_a_folder_cannot_be_attached(cli, home):
    code, _, err = cli(*SEND, "127.0.0.1:1", "--attach", home)
    assert (code, err) == (64, f"{home} is a folder; attach a file.\n")
