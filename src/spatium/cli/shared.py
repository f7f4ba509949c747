"""Functions for several commands: activations by name, threads, progress, tables of hits, plots, error messages."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from click.shell_completion import CompletionItem
from numpy.typing import ArrayLike, NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

import spatium
from spatium._files import atomic_file
from spatium.activations import Activation
from spatium.activations.names import is_name

__all__ = [
    "ACTIVATION",
    "FILE",
    "OutputConsole",
    "activation_named",
    "check_free",
    "check_writable",
    "custom_functions",
    "custom_option",
    "drawing_to",
    "errors_in_one_line",
    "force_option",
    "function_named",
    "hits_table",
    "one_line",
    "progress_bar",
    "threads_set",
]


def function_named(text: str) -> Callable[..., Any]:
    """Return the activation of a name such as ``gelu``, or the function or activation of ``MODULE:FUNCTION``."""
    module, colon, path = text.partition(":")
    if not colon or "=" in path or is_name(module):
        return _activation_of(text)
    if "" not in sys.path:
        sys.path.insert(0, "")  # the current directory, as for python -m
    try:
        found: Any = importlib.import_module(module)
        for name in path.split("."):
            found = getattr(found, name)
    except Exception as error:  # importing a user's module can raise any exception
        raise click.ClickException(f"{text}: {one_line(error)}") from error
    if not callable(found):
        raise click.ClickException(f"{text} is {found!r}, expected a function of an array")
    return found  # type: ignore[no-any-return]


def activation_named(text: str) -> Activation:
    """Return the activation of ``gelu``, ``leaky_relu:negative_slope=0.2``, or ``MODULE:FUNCTION``."""
    found = function_named(text)
    if isinstance(found, Activation):
        return found
    try:
        return spatium.Custom(found, name=text)
    except TypeError as error:
        raise click.BadParameter(one_line(error)) from error


class ActivationType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4
    """An activation by its name, optionally with parameters, or a function as MODULE:FUNCTION."""

    name = "activation"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Activation:
        """Return the activation of a text."""
        return value if isinstance(value, Activation) else activation_named(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names of activations that begin like the incomplete word."""
        return [CompletionItem(name) for name in spatium.activations() if name.startswith(incomplete.lower())]


ACTIVATION = ActivationType()


class FilePath(click.Path):
    """The name of a file, which is not empty: Path would take an empty name for the current directory."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path of a name."""
        if value == "":
            self.fail("the name of the file is empty", param, ctx)
        return super().convert(value, param, ctx)


FILE = FilePath(path_type=Path)


def custom_functions(entries: Sequence[str]) -> dict[str, Activation]:
    """Return the activations of --custom by their names in the file: NAME=MODULE:FUNCTION, or MODULE:FUNCTION alone."""
    found = {}
    for entry in entries:
        name, equals, text = entry.partition("=")
        found[name] = activation_named(text if equals else entry)
    return found


custom_option = click.option(
    "--custom",
    multiple=True,
    metavar="[NAME=]MODULE:FUNCTION",
    help="A custom activation of the file, by its name there; may be repeated.",
)


def _activation_of(text: str) -> Activation:
    name, _, given = text.partition(":")
    parameters: dict[str, Any] = {}
    for part in filter(None, given.split(",")):
        key, equals, value = part.partition("=")
        if not equals:
            raise click.BadParameter(f"{part!r} is not parameter=value")
        try:
            parameters[key.strip()] = float(value)
        except ValueError:
            parameters[key.strip()] = value.strip()
    try:
        return spatium.activation(name.strip(), **parameters)
    except (TypeError, ValueError) as error:
        raise click.BadParameter(one_line(error)) from error


class OutputConsole(Console):
    """What a command prints. A closed pipe is left to the application, which ends the command for it."""

    def on_broken_pipe(self) -> None:
        """Raise the BrokenPipeError that is handled, instead of exiting with code 1."""
        raise


force_option = click.option("--force", is_flag=True, help="Replace files that exist.")


def check_writable(path: Path, option: str) -> None:
    """Raise an error if no file can be written there, before anything is computed for it."""
    folder = path.resolve().parent
    if not folder.is_dir():
        raise click.UsageError(f"{option}: there is no folder {folder}")
    if path.exists() and not path.is_file():
        raise click.UsageError(f"{option}: {path} is not a regular file")
    if not os.access(folder, os.W_OK):
        raise click.ClickException(f"{path}: no permission to write in the folder {folder}")


def check_free(path: Path, force: bool, option: str) -> None:
    """Raise BadParameter if a file exists that the user has not allowed to be replaced."""
    if path.is_file() and not force:
        raise click.BadParameter(f"{path} exists; --force replaces it", param_hint=option)


@contextlib.contextmanager
def threads_set(number: int | None) -> Iterator[None]:
    """Set the number of Spatium's threads, which also compute the matrix products of networks."""
    with contextlib.nullcontext() if number is None else spatium.num_threads(number):
        yield


@contextlib.contextmanager
def progress_bar(what: str, n_rows: int, quiet: bool) -> Iterator[Callable[..., None]]:
    """Show a progress bar on stderr if that is a terminal; yield a function that advances it and shows a text."""
    console = Console(stderr=True)
    state = TextColumn("{task.fields[state]}")
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), state, TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task(what, total=n_rows, state="")
        yield lambda rows, state="": progress.update(task, advance=rows, state=state)


def hits_table(counts: ArrayLike, title: str) -> Table:
    """Return a table of the hits per cell; colors show large and small counts."""
    hits: NDArray[Any] = np.asarray(counts)
    table = Table(title=title, show_lines=False)
    table.add_column("", style="dim")
    for column in range(8):
        table.add_column(str(column), justify="right")
    middle = np.median(hits[hits > 0]) if hits.any() else 0
    for row in range(8):
        cells = []
        for count in hits[row]:
            style = "red" if count == 0 else "bold green" if count > 2 * middle else "green" if count > middle else ""
            cells.append(f"[{style}]{count:,}[/{style}]" if style else f"{count:,}")
        table.add_row(str(row), *cells)
    return table


@contextlib.contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Convert errors that a user can cause to error messages of one line."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, ValueError, TypeError, IndexError) as error:
        raise click.ClickException(one_line(error)) from error


@contextlib.contextmanager
def drawing_to(path: Path, who: str, kind: str | None = None) -> Iterator[Callable[[Any], None]]:
    """Yield a function that writes a figure to the file, completely or not at all, without a window.

    `kind` is png, pdf or svg; by default it is the suffix of the file.
    """
    try:
        import matplotlib as mpl
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise click.ClickException(
            f'{who} needs matplotlib (extra "plots"): python -m pip install matplotlib'
        ) from error
    kind = kind or path.suffix[1:].lower() or "png"
    if kind not in ("png", "pdf", "svg"):
        raise click.UsageError(f"{path} ends in {path.suffix}, expected .png, .pdf or .svg")
    mpl.use("agg")
    import matplotlib.pyplot as plt

    def write(figure: Any) -> None:
        try:
            with atomic_file(path) as file:
                figure.savefig(file, format=kind, dpi=150)
        finally:
            plt.close(figure)

    with errors_in_one_line():
        yield write


def one_line(error: BaseException) -> str:
    """Return the message of an error, without the number in brackets with which the text of an OSError starts."""
    if isinstance(error, OSError) and error.strerror:
        name = f"{error.filename}: " if error.filename is not None else ""
        return f"{name}{error.strerror}"
    return " ".join(str(error).split())
