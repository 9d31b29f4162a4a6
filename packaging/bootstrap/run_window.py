"""``packaging/run``: the window, or without a display the demo."""

import os
import tempfile
from pathlib import Path
from typing import List

import display
import environment
from announce import say
from checkout import BUILD


def main(arguments: List[str]) -> int:
    """Set up, then become MailGUI.

    With arguments it is the command line that they name, display or not.
    """
    environment.make(development=False)
    if arguments or display.available():
        environment.replace_by(environment.mailgui_command(*arguments))
    say("There is no display to open a window on, so here is the demo, which needs none.")
    environment.replace_by(environment.mailgui_command("demo", "--out", str(_demo_folder())))
    return 1  # never reached: this process has become another


def _demo_folder() -> Path:
    """Return the folder for the screenshots: in the checkout if that can be written, else new."""
    folder = BUILD / "demo"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="mailgui-demo-"))
    return (
        folder
        if os.access(str(folder), os.W_OK)
        else Path(tempfile.mkdtemp(prefix="mailgui-demo-"))
    )
