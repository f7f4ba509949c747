"""The command line. Its dependencies, click and rich, are imported only when it runs."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the ``spatium`` command and exit: 0, 1 for findings, 2 for a wrong option, 3 for a failure, 130: Ctrl-C."""
    try:
        from spatium.cli.app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("click", "rich"):
            raise
        print('spatium needs click and rich (extra "cli"): python -m pip install click rich', file=sys.stderr)
        sys.exit(3)
    except KeyboardInterrupt:  # during the imports
        sys.exit(130)
    sys.exit(run())
