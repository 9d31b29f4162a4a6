import subprocess
import sys

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
