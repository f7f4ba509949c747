"""``spatium check``: the linter for activations of the library and of the user."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

import click

import spatium
from spatium.cli.shared import activation_named, one_line

__all__ = ["check"]


@click.command()
@click.argument("target", metavar="MODULE:FUNCTION")
@click.option("--derivative", metavar="MODULE:FUNCTION", help="The derivative of the function.")
@click.option("--jump", "jumps", type=float, multiple=True, help="Where the value is meant to jump; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def check(target: str, derivative: str | None, jumps: tuple[float, ...], as_json: bool) -> None:
    """Check an activation for wrong derivatives, overflow, jumps, kinks and lost digits.

    MODULE:FUNCTION is a function of NumPy arrays in a module that can be imported from the current directory, or an
    activation of the library, such as gelu or elu:alpha=0.5. The exit code is 1 if there are errors or warnings.
    """
    value = _function(target)
    slope = None if derivative is None else _function(derivative)
    name = None if isinstance(value, spatium.Activation) else target
    try:
        report = spatium.check_activation(value, slope, name=name, jumps=jumps)
    except TypeError as error:  # for example, the target is a class
        raise click.ClickException(one_line(error)) from error
    click.echo(json.dumps(report.to_dict(), indent=2) if as_json else str(report))
    if not report.ok:
        raise click.exceptions.Exit(1)


def _function(target: str) -> Callable[..., Any]:
    """Return the function or activation that MODULE:FUNCTION refers to."""
    module, colon, path = target.partition(":")
    if not colon or "=" in path or module in (*spatium.activations(), "silu"):
        return activation_named(target)
    if "" not in sys.path:
        sys.path.insert(0, "")  # the current directory, as for python -m
    try:
        found: Any = importlib.import_module(module)
        for name in path.split("."):
            found = getattr(found, name)
    except Exception as error:  # importing a user's module can raise any exception
        raise click.ClickException(f"{target}: {one_line(error)}") from error
    if not callable(found):
        raise click.ClickException(f"{target} is {found!r}, expected a function of an array")
    return found  # type: ignore[no-any-return]
