"""Sets MailGUI up on a machine with nothing but Python, then runs, tests or builds it.

Only the standard library is used here, and only what Python 3.8 knows: this runs before anything
is installed.
"""

import sys

from announce import SetupFault, say


def main() -> int:
    """Run the command named first; returns the exit code."""
    command, arguments = sys.argv[1], sys.argv[2:]
    try:
        if command == "run":
            import run_window as job
        elif command == "test":
            import run_checks as job
        else:
            import build_wheel as job
        return job.main(arguments)
    except SetupFault as fault:
        say(str(fault))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
