"""``spatium plot``: draw one or several activations to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from spatium.activations import Activation
from spatium.cli.shared import activation_named, drawing_to

__all__ = ["plot"]


@click.command()
@click.argument("activations", type=activation_named, nargs=-1, required=True, metavar="ACTIVATION...")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="A .png, .pdf or .svg file. [default: the first name, .png]"
)
@click.option("--error", is_flag=True, help="Draw the error of float32 in ulp, for one activation.")
@click.option("--interval", type=(float, float), metavar="LOW HIGH", help="Range of x. [default: depends on the plot]")
def plot(
    activations: tuple[Activation, ...], output: Path | None, error: bool, interval: tuple[float, float] | None
) -> None:
    """Draw ACTIVATION, such as gelu or elu:alpha=0.5, with its derivatives; draw several activations side by side."""
    from spatium import plots

    if error and len(activations) > 1:
        raise click.UsageError("--error draws one activation")
    path = output or Path(f"{activations[0].name}.png")
    keywords: dict[str, Any] = {} if interval is None else {"interval": interval}
    with drawing_to(path, "spatium plot") as draw:
        if len(activations) > 1:
            axes = plots.activations(activations, **keywords)[0]
        else:
            axes = (plots.ulp_error if error else plots.activation)(activations[0], **keywords)
        draw(axes.figure)
    click.echo(path)
