import os
import subprocess
import sys
from pathlib import Path


def test_the_demo_shows_both_roads_a_report_and_screenshots(tmp_path):
    """In a process of its own, as a person runs it: with no display and a home of its own."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "MAILGUI_HOME")
    }
    environment["HOME"] = str(tmp_path / "home")
    done = subprocess.run(
        [sys.executable, "-m", "mailgui", "demo", "--out", str(tmp_path / "out")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for shown in (" -> EHLO", "354 ", '"subject"', '"id"', "good.example", "v=spf1", "DMARC"):
        assert shown in done.stdout
    pictures = [Path(line) for line in done.stdout.splitlines() if line.endswith(".png")]
    assert len(pictures) >= 12
    assert done.stderr == ""
    assert all(picture.stat().st_size > 5_000 for picture in pictures)
    assert not (tmp_path / "home").exists()  # nothing of it lands among a person's own files
