"""README's table of extensions names flags and tests that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAG = r"--[a-z0-9-]+"
HEAD = "### SMTP: extensions, AUTH, TLS"


def rows():
    text = (ROOT / "README.md").read_text("utf-8").partition(HEAD)[2].partition("\n### ")[0]
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return cells[1:]


@pytest.mark.parametrize(("what", "flag", "test"), rows())
def test_each_row_names_a_test_that_there_is(what, flag, test):
    path, _, name = test.strip("`").partition("::")
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), what


USUAL = {
    *["--helo", "--timeout", "--count", "--connections", "--raw"],
    *["--user", "--password-env", "--allow-insecure-auth"],
    *["--auth-all", "--auth-not-offered", "--token-env"],
}


def test_the_table_and_the_help_name_the_same_flags(cli):
    _, text, _ = cli("send", "--help")
    others = "mailgui check"
    of_check = {f for _, flags, _ in rows() if others in flags for f in re.findall(FLAG, flags)}
    assert of_check <= set(re.findall(FLAG, cli("check", "--help")[1]))
    named = {f for _, flags, _ in rows() if others not in flags for f in re.findall(FLAG, flags)}
    assert named <= set(re.findall(FLAG, text))
    groups = re.findall(r"\n(?:SMTP|from where)[^\n]*:\n(.*?)(?=\n\n\S|\Z)", text, re.DOTALL)
    flags = {f for group in groups for f in re.findall(r"^ +(--[a-z0-9-]+)", group, re.MULTILINE)}
    flags = {flag for flag in flags if not flag.startswith("--xclient-")}
    assert len(groups) >= 8
    assert flags - named - USUAL == set()
