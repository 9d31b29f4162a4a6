"""The rules of the house that no single room can keep: what imports what, where things lie."""

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mailgui"
APPLICATION_ID = "org.mailgui.MailGUI"
TOP_LEVEL = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "docs",
    "mailgui",
    "packaging",
    "pyproject.toml",
    "resources",
    "tests",
    "uv.lock",
}
MOST_LINES = 400
# Half a second and more of start-up that only some of the work needs.
HEAVY = {"PySide6", "aiosmtpd", "cryptography", "dns", "httpx", "hypercorn", "keyring", "pygments"}


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call with its dotted name, such as ``QtWidgets.QLabel``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def run_python(code: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_only_the_window_imports_qt():
    outside = [path for path in sources(PACKAGE) if (PACKAGE / "ui") not in path.parents]
    guilty = [
        short(path)
        for path in outside
        for name in imported(ast.parse(path.read_text("utf-8")))
        if name.split(".")[0] in {"PySide6", "shiboken6"}
    ]
    assert guilty == []


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_every_room_has_its_place():
    """The contracts that hold the imports name each room: a new one is not left out."""
    contracts = {each["name"]: each for each in project()["tool"]["importlinter"]["contracts"]}
    layers = contracts["Imports point one way"]["layers"]
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    there = {f"mailgui.{path.parent.name}" for path in PACKAGE.glob("*/__init__.py")}
    there |= {f"mailgui.{path.stem}" for path in PACKAGE.glob("[!_]*.py")}
    assert placed | {"mailgui.worker"} == there
    without_qt = set(contracts["Only the window knows Qt"]["source_modules"])
    assert without_qt == there - {"mailgui.ui", "mailgui.cli"}
    assert set(contracts["The worker knows no room"]["forbidden_modules"]) >= there - {
        "mailgui.worker",
        "mailgui.resources",
    }


def test_every_library_is_declared():
    """What is imported is asked for, by itself or through what it always comes with."""
    comes_with = {"h11": "httpcore", "socksio": "httpcore", "shiboken6": "pyside6_essentials"}
    modules = {
        name.split(".")[0]
        for path in sources(PACKAGE)
        for name in imported(ast.parse(path.read_text("utf-8")))
    }
    asked = {
        re.match(r"[\w.-]+", each)[0].lower().replace("-", "_")
        for each in project()["project"]["dependencies"]
    }
    homes = packages_distributions()
    used: set[str] = set()
    for name in modules - sys.stdlib_module_names - {"mailgui"}:
        found = {home.lower().replace("-", "_") for home in homes[name]}
        found = {comes_with[name]} if name in comes_with else found
        assert found & asked, name
        used |= found
    assert asked <= used


def test_the_rooms_import_one_way_only():
    run_python("from importlinter.cli import lint_imports; raise SystemExit(lint_imports())")


def test_the_command_line_starts_without_heavy_imports():
    loaded = run_python(
        "import sys, mailgui.cli.main; print(*{name.split('.')[0] for name in sys.modules})"
    )
    assert HEAVY & set(loaded.split()) == set()


def test_the_window_starts_without_heavy_imports():
    loaded = run_python(
        "import sys, mailgui.ui.application; print(*{name.split('.')[0] for name in sys.modules})"
    )
    assert (HEAVY - {"PySide6"}) & set(loaded.split()) == set()


def test_no_module_outgrows_the_house():
    long = {short(path): len(path.read_text("utf-8").splitlines()) for path in sources(PACKAGE)}
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}


def _makes_rich_labels(path: Path) -> Iterator[str]:
    """Yield the places where a label is made that could take a stranger's text for HTML.

    Qt guesses (Qt.TextFormat.AutoText) unless told otherwise. A class derived from QLabel says so
    itself; a bare QLabel must be told in the function that makes it.
    """
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        plain = "setTextFormat" in (text := ast.unparse(node)) and "PlainText" in text
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
            if bases & {"QLabel", "QMessageBox"} and not plain:
                yield f"{short(path)}:{node.lineno} class {node.name}"
        elif isinstance(node, ast.FunctionDef):
            for name, call in calls(node):
                if name.rpartition(".")[2] in {"QLabel", "QMessageBox"} and not plain:
                    yield f"{short(path)}:{call.lineno} {name}"


def test_every_label_shows_plain_text():
    assert [place for path in sources(PACKAGE / "ui") for place in _makes_rich_labels(path)] == []


def test_the_rule_for_labels_sees_both_ways(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    bad = tmp_path / "bad.py"
    bad.write_text("class A(QLabel):\n    pass\n\ndef make():\n    return QtWidgets.QLabel('x')\n")
    assert list(_makes_rich_labels(bad)) == ["bad.py:1 class A", "bad.py:5 QtWidgets.QLabel"]
    good = tmp_path / "good.py"
    good.write_text(
        "def make():\n    label = QLabel()\n    label.setTextFormat(Qt.TextFormat.PlainText)\n"
    )
    assert list(_makes_rich_labels(good)) == []


def test_no_ready_made_message_boxes():
    """Their static functions guess rich text and stop everything else until they are answered."""
    ready_made = re.compile(r"QMessageBox\.(about|critical|information|question|warning)$")
    guilty = [
        f"{short(path)}:{call.lineno}"
        for path in sources(PACKAGE / "ui")
        for name, call in calls(ast.parse(path.read_text("utf-8")))
        if ready_made.search(name)
    ]
    assert guilty == []


def test_tests_wait_for_states_and_not_for_time():
    waits = {"time.sleep", "qtbot.wait", "QTest.qWait", "QtTest.QTest.qWait"}
    bounded_polling = {"tests/servers/process.py"}
    guilty = [
        f"{short(path)}:{call.lineno}"
        for path in sources(ROOT / "tests")
        for name, call in calls(ast.parse(path.read_text("utf-8")))
        if name in waits and short(path) not in bounded_polling
    ]
    assert guilty == []


def test_test_folders_are_no_packages():
    assert list((ROOT / "tests").rglob("__init__.py")) == []
    # A package of that name would hide the library that half of Python's tools use.
    assert list((ROOT / "packaging").glob("*.py")) == []


def test_the_checkout_shows_only_what_belongs_there():
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.check_output([git, "-C", str(ROOT), "ls-files"], text=True).splitlines()
    visible = {name.split("/")[0] for name in listed if not name.startswith(".")}
    assert visible - TOP_LEVEL == set()


def test_resources_are_found_in_the_checkout():
    from mailgui import resources

    assert resources.root() == ROOT / "resources"
    assert resources.path("icons").is_dir()


def test_resources_are_found_in_a_wheel(tmp_path):
    """The layout that pyproject.toml gives a wheel; packaging/build tries a real one."""
    targets = project()["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert targets == {"resources": "mailgui/_resources"}
    installed = tmp_path / "mailgui"
    (installed / "_resources" / "icons").mkdir(parents=True)
    for name in ("__init__.py", "resources.py"):
        shutil.copy(PACKAGE / name, installed / name)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
    code += "import mailgui.resources as found; print(found.root())"
    assert run_python(code) == str(installed / "_resources")


def test_none_survives_calls_into_qt():
    """PySide6 6.12.0 takes a reference to None with each call that returns it; then Python aborts.

    PYSIDE-3474; only before Python 3.12, where None cannot be used up.
    """
    lost = run_python(
        "import sys\n"
        "from PySide6.QtWidgets import QApplication, QLabel\n"
        "application = QApplication([])\n"
        "label = QLabel()\n"
        "before = sys.getrefcount(None)\n"
        "for number in range(200): label.setText(str(number))\n"
        "print(before - sys.getrefcount(None))\n",
        QT_QPA_PLATFORM="offscreen",
    )
    assert int(lost) < 100


def test_the_desktop_knows_the_program_by_one_name():
    folder = ROOT / "packaging" / "linux"
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(folder / f"{APPLICATION_ID}.desktop", "utf-8")
    desktop = entry["Desktop Entry"]
    assert desktop["Exec"].split()[0] == "mailgui"
    assert desktop["Icon"] == APPLICATION_ID
    assert (folder / f"{APPLICATION_ID}.svg").is_file()
    component = ET.parse(folder / f"{APPLICATION_ID}.metainfo.xml").getroot()
    assert component.findtext("id") == APPLICATION_ID
    assert component.findtext("launchable") == f"{APPLICATION_ID}.desktop"
    assert component.findtext("provides/binary") == "mailgui"


def test_the_version_is_the_same_everywhere():
    import mailgui

    version = project()["project"]["version"]
    assert mailgui.__version__ == version
    metainfo = ROOT / "packaging" / "linux" / f"{APPLICATION_ID}.metainfo.xml"
    release = ET.parse(metainfo).getroot().find("releases/release")
    assert release is not None
    assert release.get("version") == version
    heading = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heading is not None
    assert heading[1] in {"Unreleased", version}
