"""``spatium list``: the activations of the registry."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.table import Table
from rich.text import Text

import spatium
from spatium import _engine
from spatium.activations.base import number_text
from spatium.cli.shared import OutputConsole

__all__ = ["list_activations"]


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def list_activations(as_json: bool) -> None:
    """List all activations with their formulas.

    The other columns are the code, the name, the parameters, and the data that the gradient needs.
    """
    entries = [_describe(record.code, record.name) for record in _engine.registry()]
    if as_json:
        click.echo(json.dumps(entries, indent=2))
        return
    table = Table(title=f"{len(entries)} activations")
    table.add_column("code", justify="right")
    table.add_column("name", style="bold", no_wrap=True)
    table.add_column("parameters", overflow="fold")
    table.add_column("gradient from", no_wrap=True)
    table.add_column("formula", overflow="fold", ratio=1)
    for entry in entries:
        # Text, because rich would interpret "[x > 0]" as markup.
        parameters = ", ".join(f"{name}={number_text(value, 6)}" for name, value in entry["parameters"].items())
        cells = (str(entry["code"]), entry["name"], parameters, entry["gradient_from"], entry["formula"])
        table.add_row(*map(Text, cells))
    OutputConsole(highlight=False).print(table)


def _describe(code: int, name: str) -> dict[str, Any]:
    """Return the entry of one activation with its default parameters."""
    activation = spatium.activation(name)
    return {
        "code": code,
        "name": name,
        "object": type(activation).__name__,
        "parameters": dict(activation.parameters),
        "gradient_from": activation.gradient_from,
        "formula": activation._formula(name),
    }
