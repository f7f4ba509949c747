"""``spatium check``: the linter for activations of the library and of the user."""

from __future__ import annotations

import contextlib
import json
import sys

import click

import spatium
from spatium.cli.shared import ACTIVATION, function_named, one_line

__all__ = ["check"]


@click.command()
@click.argument("target", metavar="MODULE:FUNCTION", shell_complete=ACTIVATION.shell_complete)
@click.option("--derivative", metavar="MODULE:FUNCTION", help="The derivative of the function.")
@click.option("--jump", "jumps", type=float, multiple=True, help="Where the value is meant to jump; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def check(target: str, derivative: str | None, jumps: tuple[float, ...], as_json: bool) -> None:
    """Check an activation: derivatives, overflow, jumps, lost digits.

    MODULE:FUNCTION is a function of NumPy arrays in a module that can be imported from the current directory, or an
    activation of the library, such as gelu or elu:alpha=0.5. The exit code is 1 if there are errors or warnings.
    """
    # What the user's function prints goes to standard error, so that standard output is the report.
    with contextlib.redirect_stdout(sys.stderr):
        value = function_named(target)
        slope = None if derivative is None else function_named(derivative)
        name = None if isinstance(value, spatium.Activation) else target
        try:
            report = spatium.check_activation(value, slope, name=name, jumps=jumps)
        except TypeError as error:  # for example, the target is a class
            raise click.ClickException(one_line(error)) from error
    click.echo(json.dumps(report.to_dict(), indent=2) if as_json else str(report))
    if not report.ok:
        raise click.exceptions.Exit(1)
