"""``spatium analyze``: the properties of activations, side by side."""

from __future__ import annotations

import json
import math
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from spatium import analysis
from spatium._tables import number
from spatium.activations import Activation
from spatium.cli.shared import ACTIVATION, OutputConsole, one_line

__all__ = ["analyze"]


@click.command()
@click.argument("activations", type=ACTIVATION, nargs=-1, required=True, metavar="ACTIVATION...")
@click.option(
    "--interval",
    nargs=2,
    type=float,
    default=(-5.0, 5.0),
    show_default=True,
    metavar="LOW HIGH",
    help="The interval for the mean gradient.",
)
@click.option("--cost", is_flag=True, help="Also measure the time relative to relu.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def analyze(activations: tuple[Activation, ...], interval: tuple[float, float], cost: bool, as_json: bool) -> None:
    """Print properties of activations: range, kinks, slopes, memory.

    ACTIVATION is a name, optionally with parameters, such as gelu or leaky_relu:negative_slope=0.2, or your own
    function of arrays as MODULE:FUNCTION. `spatium list` prints all names.
    """
    chosen = list(dict.fromkeys(activations))
    try:
        reports = _reports(chosen, interval, cost)
    except ValueError as error:
        raise click.ClickException(one_line(error)) from error
    if as_json:
        click.echo(json.dumps([report["json"] for report in reports], indent=2))
        return
    table = Table(show_header=True)
    table.add_column("")
    for report in reports:
        table.add_column(Text(report["name"]), overflow="fold")
    for i, (label, _) in enumerate(reports[0]["rows"]):
        # Text, because rich would interpret "[0, inf)" as markup.
        table.add_row(Text(label), *(Text(report["rows"][i][1]) for report in reports))
    OutputConsole(highlight=False).print(table)


def _reports(chosen: list[Activation], interval: tuple[float, float], cost: bool) -> list[dict[str, Any]]:
    """Return the name, the rows of text, and the part of the JSON document for each activation."""
    flow = analysis.gradient_flow(chosen, interval)
    costs = analysis.relative_cost(chosen) if cost else None
    where = f"from {number(interval[0])} to {number(interval[1])}"
    reports = []
    for i, act in enumerate(chosen):
        found, moments = analysis.properties(act), analysis.gain(act)
        bytes_kept = analysis.memory_footprint(act, 8)
        gradients = dict(zip(flow.columns, flow.rows[i], strict=True))
        rows = [
            *found.rows(),
            ("gain", number(moments)),
            ("E f′² of N(0, 1)", number(moments.slope_moment if moments.slope_moment is not None else math.nan)),
            (f"mean |f′| {where}", number(gradients["mean_gradient"])),
            ("|f′| < 0.01 there", f"{gradients['vanishing_share']:.1%}"),
            ("float32 bytes kept", ", ".join(f"{save} {n / 8:g}" for save, n in bytes_kept.policies.items())),
        ]
        part = {
            **found.to_dict(),
            "gain": moments.to_dict(),
            "gradient_flow": flow.to_dict()["rows"][i],
            "bytes_per_element": {save: n / 8 for save, n in bytes_kept.policies.items()},
        }
        if costs is not None:
            measured = dict(zip(costs.columns, costs.rows[i], strict=True))
            rows.append(("time of the value, relu 1", number(measured["value"], 3)))
            rows.append(("time of the derivative", number(measured["derivative"], 3)))
            part["cost"] = costs.to_dict()["rows"][i]
        reports.append({"name": gradients["activation"], "rows": rows, "json": part})
    return reports
