"""``spatium plot``: draw one or several activations to a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from spatium.activations import Activation
from spatium.cli.shared import ACTIVATION, FILE, check_free, drawing_to, force_option

__all__ = ["plot"]


@click.command()
@click.argument("activations", type=ACTIVATION, nargs=-1, required=True, metavar="ACTIVATION...")
@click.option(
    "--output", "-o", type=FILE, help="A .png, .pdf or .svg file. [default: the first name, .png or _error.png]"
)
@force_option
@click.option("--error", is_flag=True, help="Draw the error of float32 in ulp, for one activation.")
@click.option("--interval", type=(float, float), metavar="LOW HIGH", help="Range of x. [default: depends on the plot]")
def plot(
    activations: tuple[Activation, ...],
    output: Path | None,
    force: bool,
    error: bool,
    interval: tuple[float, float] | None,
) -> None:
    """Draw activations with their derivatives to a file.

    ACTIVATION is a name, optionally with parameters, such as gelu or elu:alpha=0.5, or your own function of arrays as
    MODULE:FUNCTION. Several activations are drawn side by side.
    """
    from spatium import plots

    if error and len(activations) > 1:
        raise click.UsageError("--error draws one activation")
    path = output or Path(f"{re.sub('[^a-zA-Z0-9_.-]', '_', activations[0].name)}{'_error' if error else ''}.png")
    check_free(path, force, "--output")
    keywords: dict[str, Any] = {} if interval is None else {"interval": interval}
    with drawing_to(path, "spatium plot") as draw:
        if len(activations) > 1:
            axes = plots.activations(activations, **keywords)[0]
        else:
            axes = (plots.ulp_error if error else plots.activation)(activations[0], **keywords)
        draw(axes.figure)
    click.echo(path)
