import json

import pytest

from mailgui.cli.main import run
from tests.support.sandbox import running_sandbox


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox() as running:
        yield running


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def cli(capsys):
    """Run ``mailgui`` with the given words; returns (exit code, stdout, stderr)."""

    def call(*words):
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def cli_json(cli):
    """Run with ``--json``; returns (exit code, document). Nothing else may be on stdout."""

    def call(*words):
        code, out, _ = cli(*words, "--json")
        return code, json.loads(out)

    return call
