"""``spatium list``: the catalogue, as the registry and the value objects have it."""

from __future__ import annotations

import inspect
import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

import spatium
from spatium import _engine
from spatium.activations import Activation

__all__ = ["list_activations"]


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def list_activations(as_json: bool) -> None:
    """List every activation: code, name, parameters, what its gradient needs, formula."""
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
        # As Text, because rich would read "[x > 0]" as markup.
        parameters = ", ".join(
            name if value is None else f"{name}={value:.6g}" for name, value in entry["parameters"].items()
        )
        cells = (str(entry["code"]), entry["name"], parameters, entry["gradient_from"] or "", entry["formula"])
        table.add_row(*map(Text, cells))
    Console(highlight=False).print(table)


def _describe(code: int, name: str) -> dict[str, Any]:
    """One entry. A parameter without a default, and what depends on it, is None."""
    try:
        activation = spatium.activation(name)
    except TypeError:  # it has a required parameter: its class knows all but the value
        kind = _class_of(name)
        signature = inspect.signature(kind).parameters.values()
        parameters = {item.name: None if item.default is item.empty else item.default for item in signature}
        return _entry(code, name, parameters, None, kind)
    return _entry(code, name, dict(activation.parameters), activation.gradient_from, type(activation))


def _entry(
    code: int, name: str, parameters: dict[str, Any], gradient_from: str | None, kind: type[Activation]
) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        "object": kind.__name__,
        "parameters": parameters,
        "gradient_from": gradient_from,
        "formula": kind._formula(name),
    }


def _class_of(name: str) -> type[Activation]:
    """The value object's class: the function's name without its underscores."""
    wanted = name.replace("_", "")
    kinds = (getattr(spatium, other) for other in spatium.__all__ if other.lower() == wanted)
    return next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Activation))
