"""The command group, and the exit codes and error messages of all commands."""

from __future__ import annotations

import codecs
import io
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

import click

from spatium import __version__
from spatium.cli.analyze import analyze
from spatium.cli.bench import bench
from spatium.cli.check import check
from spatium.cli.infer import infer
from spatium.cli.lab import lab
from spatium.cli.list import list_activations
from spatium.cli.map import map_commands
from spatium.cli.plot import plot
from spatium.cli.train import train

__all__ = ["application", "run"]

FAILURE = 3


class Failure(click.ClickException):
    """Any failure but a wrong option."""

    exit_code = FAILURE


class Application(click.Group):
    """The command group, with the exit codes 2 for a wrong option and 3 for any other failure.

    The code 1 remains for `spatium check`: it says that the command has worked and that there are findings.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except click.UsageError:
            raise
        except BrokenPipeError:  # `spatium list | head` is not an error, and nothing can be printed
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(128 + 13) from None  # what a shell reports for a command that SIGPIPE ended
        except click.ClickException as error:
            raise Failure(error.format_message()) from error


@click.group(cls=Application, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="spatium")
def application() -> None:
    """Activation functions and activation maps for NumPy.

    \b
    The exit code is
      0 success,
      1 findings of `spatium check`,
      2 wrong options or arguments,
      3 any other failure, such as a file that cannot be read,
      128 + n if signal n ended the command (130 after Ctrl-C).
    """  # noqa: D301 - click needs the character \b before lines that it must not join


application.add_command(analyze)
application.add_command(bench)
application.add_command(check)
application.add_command(infer)
application.add_command(lab)
application.add_command(list_activations)
application.add_command(map_commands)
application.add_command(plot)
application.add_command(train)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    # A batch system sends SIGTERM at its time limit, and a closed terminal sends SIGHUP. As exceptions, both trigger
    # the same cleanup as Ctrl-C.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _terminate)
    if isinstance(sys.stdout, io.TextIOWrapper):  # some terminals cannot print minus signs and Greek letters
        codecs.register_error("spelled", _spelled)
        sys.stdout.reconfigure(errors="spelled")
    try:
        code = application.main(args=arguments, prog_name="spatium", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):  # click turns Ctrl-C into Abort
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except OSError as error:  # for example, standard output is on a full disk
        click.echo(f"Error: {error.strerror or error}", err=True)
        return FAILURE
    except MemoryError as error:
        click.echo(f"Error: out of memory: {error}".rstrip(": "), err=True)
        return FAILURE
    return code if isinstance(code, int) else 0  # a command that ends with Exit(1) has already printed its error


# How characters of tables and formulas are written on terminals that do not have them.
_SPELLINGS = {
    "−": "-", "–": "-", "×": "x", "·": "*", "′": "'", "″": "''", "²": "^2", "³": "^3", "∞": "inf", "≤": "<=", "≥": ">=",
    "√": "sqrt", "…": "...", "█": "#", "π": "pi", "α": "alpha", "β": "beta", "γ": "gamma", "λ": "lambda", "σ": "sigma",
    "Φ": "Phi", "φ": "phi", "ω": "omega", "θ": "theta", "τ": "tau", "μ": "mu", "χ": "chi",
}  # fmt: skip


def _spelled(error: UnicodeError) -> tuple[str, int]:
    """Return the spelling of the characters that an encoding does not have, for the codecs module."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_SPELLINGS.get(character, "?") for character in error.object[error.start : error.end]), error.end


def _terminate(signal_number: int, frame: FrameType | None) -> None:
    sys.exit(128 + signal_number)
