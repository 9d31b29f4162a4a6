"""``python -m mailgui`` and the ``mailgui`` command."""

import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    from mailgui.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
