"""``packaging/build``: the wheel and the source distribution, tried in a fresh environment."""

import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import List

import environment
import uv_tool
from announce import SetupFault, say
from checkout import BUILD, DIST, ROOT, environment_program


def main(arguments: List[str]) -> int:
    """Build into ``dist/``, check, print the paths of what was built. Raises SetupFault."""
    if arguments:
        raise SetupFault("packaging/build takes no arguments.")
    environment.make(development=False)
    uv = uv_tool.find()
    shutil.rmtree(str(DIST), ignore_errors=True)
    # uv makes the wheel from the source distribution: a file that the latter lacks shows here.
    _must(
        uv,
        "build",
        "--quiet",
        "--out-dir",
        str(DIST),
        str(ROOT),
        fault="The build failed; see above.",
    )
    (wheel,) = DIST.glob("*.whl")
    check_contents(wheel)
    say(f"The wheel holds all resources; trying it in a fresh environment says: {_try(uv, wheel)}")
    for built in sorted(DIST.iterdir()):
        if built.suffix in {".whl", ".gz"}:
            print(built)
    return 0


def check_contents(wheel: Path) -> None:
    """Raise SetupFault unless the wheel holds every module and resource, and no tests."""
    with zipfile.ZipFile(str(wheel)) as archive:
        held = set(archive.namelist())
    sources = [path for path in (ROOT / "mailgui").rglob("*.py") if "__pycache__" not in path.parts]
    wanted = {path.relative_to(ROOT).as_posix() for path in sources}
    resources = ROOT / "resources"
    files = (path for path in resources.rglob("*") if path.is_file())
    wanted |= {f"mailgui/_resources/{path.relative_to(resources).as_posix()}" for path in files}
    lacking = sorted(wanted - held)
    if lacking:
        raise SetupFault(f"The wheel lacks {len(lacking)} files, among them {lacking[0]}.")
    if any(name.split("/")[0] == "tests" for name in held):
        raise SetupFault("The wheel holds tests, which belong to the source distribution only.")


def _try(uv: str, wheel: Path) -> str:
    """Install the wheel, with the locked versions, into a new environment and start it there.

    Returns what ``mailgui --version`` says.
    """
    place = BUILD / "wheel-check"
    python = str(place / "bin" / "python")
    locked = BUILD / "locked.txt"
    BUILD.mkdir(exist_ok=True)
    export = [
        "export",
        "--quiet",
        "--frozen",
        "--no-dev",
        "--no-emit-project",
        "--no-hashes",
        "-o",
        str(locked),
    ]
    fault = "The wheel could not be installed; see above."
    _must(uv, *export, "--project", str(ROOT), fault=fault)
    _must(
        uv,
        "venv",
        "--quiet",
        "--clear",
        "--python",
        environment_program("python"),
        str(place),
        fault=fault,
    )
    install = [
        "pip",
        "install",
        "--quiet",
        "--python",
        python,
        "--constraint",
        str(locked),
        str(wheel),
    ]
    _must(uv, *install, fault=fault)
    with (
        tempfile.TemporaryDirectory()
    ) as elsewhere:  # away from the checkout, whose folders must not help
        find = "import mailgui.resources as r; assert r.root().name == '_resources', r.root()"
        _must(
            python,
            "-I",
            "-c",
            find,
            fault="The installed wheel does not find its resources.",
            folder=elsewhere,
        )
        program = str(place / "bin" / "mailgui")
        fault = "mailgui --version fails when installed from the wheel."
        return _must(program, "--version", fault=fault, folder=elsewhere).strip()


def _must(*command: str, fault: str, folder: str = str(ROOT)) -> str:
    """Run a command; return what it printed, or raise SetupFault with the sentence given."""
    done = subprocess.run(
        command, cwd=folder, env=environment.sync_variables(), stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise SetupFault(fault)
    return done.stdout.decode("utf-8", "replace")
