import re
import subprocess
import sys
from itertools import pairwise

import pytest

from mailgui import __version__
from mailgui.cli.main import COMMANDS


def test_version(cli):
    assert cli("--version")[:2] == (0, f"mailgui {__version__}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(cli, command):
    code, out, _ = cli(command, "--help")
    assert code == 0
    assert out.startswith(f"usage: mailgui {command}")


def test_unknown_command(cli):
    code, _, err = cli("nonsense")
    assert code == 64
    assert len(err.strip().splitlines()) == 1


def test_no_display_is_said_in_a_sentence(cli, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    code, _, err = cli()
    assert code == 69
    assert "demo" in err


def test_the_command_line_loads_no_qt():
    script = (
        "import sys; from mailgui.cli.main import run; run(['request', '--provider', 'resend', "
        "'--from', 'a@b.test', '--to', 'c@d.test']); "
        "assert not any('PySide6' in name for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


@pytest.mark.parametrize(
    "words", [[], *([name] for name in COMMANDS), ["profile", "add"], ["profile", "test"]]
)
def test_help_fits_eighty_columns_and_says_something_of_everything(cli, words, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = cli(*words, "--help")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert max(map(len, lines)) <= 80
    assert [
        line
        for line, following in pairwise([*lines, ""])
        if line.startswith("  -")
        and not re.search(r"\S {2,}\S", line)
        and not following.startswith(" " * 9)
    ] == []
