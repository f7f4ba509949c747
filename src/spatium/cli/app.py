"""The command group, and the exit codes and error messages of all commands."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="spatium")
def application() -> None:
    """Activation functions and activation maps for NumPy."""


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
    if isinstance(sys.stdout, io.TextIOWrapper):  # formulas contain Greek letters, which some consoles cannot print
        sys.stdout.reconfigure(errors="replace")
    try:
        code = application.main(args=arguments, prog_name="spatium", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):  # click turns Ctrl-C into Abort
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:  # `spatium list | head` is not an error, and nothing can be printed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:  # for example, standard output is on a full disk
        click.echo(f"Error: {error.strerror or error}", err=True)
        return 1
    except MemoryError as error:
        click.echo(f"Error: out of memory: {error}".rstrip(": "), err=True)
        return 1
    return code if isinstance(code, int) else 0  # a command that ends with Exit(1) has already printed its error


def _terminate(signal_number: int, frame: FrameType | None) -> None:
    sys.exit(128 + signal_number)
