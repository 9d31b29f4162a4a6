"""The set-up behind packaging/run, test and build, short of installing anything."""

import ast
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGING = ROOT / "packaging"
BOOTSTRAP = PACKAGING / "bootstrap"
COMMANDS = ["build", "run", "test"]


@pytest.fixture
def bootstrap(monkeypatch):
    """Import a module of the set-up, which is no package, and forget it afterwards."""
    monkeypatch.syspath_prepend(str(BOOTSTRAP))
    before = set(sys.modules)
    yield __import__
    for name in set(sys.modules) - before:
        if (BOOTSTRAP / f"{name}.py").exists():
            del sys.modules[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_commands_can_be_run(name):
    path = PACKAGING / name
    assert path.stat().st_mode & stat.S_IXUSR
    subprocess.run(["/bin/sh", "-n", str(path)], check=True)


def test_ci_runs_the_same_command():
    path = ROOT / ".ci" / "run"
    assert path.stat().st_mode & stat.S_IXUSR
    assert "packaging/test" in path.read_text("utf-8")


def test_without_python_one_sentence_says_what_to_install(tmp_path):
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    done = subprocess.run(
        ["/bin/sh", str(PACKAGING / "run")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("MailGUI needs Python 3.11 or later")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("path", sorted(BOOTSTRAP.glob("*.py")), ids=lambda path: path.name)
def test_the_set_up_is_plain_old_python(path):
    """It runs before anything is installed, on whatever python3 there is from 3.8 on."""
    tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
    known = sys.stdlib_module_names | {other.stem for other in BOOTSTRAP.glob("*.py")}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= known
        elif isinstance(node, ast.ImportFrom):
            assert str(node.module).split(".")[0] in known


@pytest.mark.parametrize(
    ("answer", "enough"),
    [("uv 0.8.0", True), ("uv 1.0.1 (abc)", True), ("uv 0.4.27", False), ("", False)],
)
def test_an_old_uv_is_passed_over(bootstrap, answer, enough):
    assert bootstrap("uv_tool").new_enough(answer) is enough


def test_a_library_that_is_missing_names_its_package(bootstrap, monkeypatch):
    requirements = bootstrap("requirements")
    libraries = {"libc.so.6": "libc6", "libnosuch.so.1": "libnosuch1"}
    monkeypatch.setattr(requirements, "QT_LIBRARIES", libraries)
    monkeypatch.setattr(requirements, "CERTIFICATES", ROOT)
    assert requirements.missing_qt_packages() == ["libnosuch1"]


def test_without_rights_the_line_to_type_is_said(bootstrap, monkeypatch):
    debian, announce = bootstrap("debian"), bootstrap("announce")
    monkeypatch.setattr(debian, "is_root", lambda: False)
    monkeypatch.setattr(debian, "has_apt", lambda: True)
    monkeypatch.setattr(debian, "ask", lambda question: False)
    with pytest.raises(announce.SetupFault) as fault:
        debian.need(["libegl1", "libgl1"])
    assert "sudo apt-get install --no-install-recommends libegl1 libgl1" in str(fault.value)


def test_another_system_is_told_what_it_lacks(bootstrap, monkeypatch):
    debian, announce = bootstrap("debian"), bootstrap("announce")
    monkeypatch.setattr(debian, "has_apt", lambda: False)
    with pytest.raises(announce.SetupFault, match=r"counterparts.*libegl1"):
        debian.need(["libegl1"])


def test_services_stay_off_while_packages_are_installed(bootstrap, monkeypatch, tmp_path):
    debian = bootstrap("debian")
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(debian, "POLICY", policy)
    with debian.services_stay_off():
        assert subprocess.run([str(policy), "postfix", "start"], check=False).returncode == 101
    assert not policy.exists()
    policy.write_text("the machine's own")
    with debian.services_stay_off():
        pass
    assert policy.read_text() == "the machine's own"


def test_the_environment_is_made_again_when_the_lock_changes(bootstrap, monkeypatch, tmp_path):
    environment = bootstrap("environment")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "uv.lock").write_text("one")
    first = environment.fingerprint()
    assert environment.fingerprint() == first
    (tmp_path / "uv.lock").write_text("two")
    assert environment.fingerprint() != first


def test_tests_spread_over_the_processors_unless_told_otherwise(bootstrap, monkeypatch):
    run_checks = bootstrap("run_checks")
    monkeypatch.setattr(run_checks.os, "cpu_count", lambda: 2)
    assert run_checks.spread(["-k", "foo"]) == ["-n", "auto", "--dist", "loadgroup"]
    for argument in ("-n0", "--pdb", "-s"):
        assert run_checks.spread([argument]) == []
    monkeypatch.setattr(run_checks.os, "cpu_count", lambda: 1)
    assert run_checks.spread([]) == []


@pytest.mark.parametrize(("value", "ci"), [("true", True), ("1", True), ("", False), ("0", False)])
def test_ci_is_recognised(bootstrap, value, ci):
    assert bootstrap("run_checks").in_ci({"CI": value}) is ci


def test_a_display_must_answer(bootstrap, tmp_path):
    display = bootstrap("display")
    assert not display.available({})
    assert not display.available({"DISPLAY": ":987654"})
    assert not display.available({"DISPLAY": "nonsense"})
    assert not display.available({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)})
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "wayland-0"))
        compositor.listen()
        variables = {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}
        assert display.available(variables)


def test_the_display_of_an_x_server_answers(bootstrap, display):
    assert bootstrap("display").available({"DISPLAY": display.name})
