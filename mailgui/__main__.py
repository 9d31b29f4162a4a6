"""``python -m mailgui`` and the ``mailgui`` command."""

import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    try:
        from mailgui.cli.main import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # while the first modules were being read
        return 130


if __name__ == "__main__":
    sys.exit(main())
