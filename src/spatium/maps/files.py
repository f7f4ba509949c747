"""The contents of a map's file: the palette as JSON, and the requirements for the arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from spatium._files import Header
from spatium.activations import Activation, Custom, activation
from spatium.activations.base import check_activation
from spatium.maps.grid import GRID


def grids_of_a_file(headers: Mapping[str, Header], _: object) -> tuple[str, str]:
    """Return the names of the arrays of a map, after checking their headers."""
    for name in ("cells", "hit_counts"):
        if name not in headers:
            raise ValueError(f"the array {name!r} is missing")
    cells, hits = headers["cells"], headers["hit_counts"]
    if cells.dtype.kind not in "iu":
        raise ValueError(f"cells has dtype {cells.dtype}, expected integers")
    if cells.shape[-2:] != GRID:
        raise ValueError(f"cells has shape {cells.shape}, expected (..., 8, 8)")
    if hits.shape != cells.shape or hits.dtype.newbyteorder("=") != np.uint64:
        raise ValueError(f"hit_counts is {hits.dtype} of shape {hits.shape}, expected uint64 of shape {cells.shape}")
    return "cells", "hit_counts"


def palette_to_json(palette: tuple[Activation, ...]) -> str:
    """Return the palette as text: names and parameters, and only the name of a custom activation."""
    names = [entry.name for entry in set(palette) if isinstance(entry, Custom)]
    if len(set(names)) < len(names):
        raise ValueError(f"two custom activations share a name, expected unique names: {', '.join(sorted(names))}")
    return json.dumps(
        [
            {"name": entry.name, "parameters": dict(entry.parameters), "custom": isinstance(entry, Custom)}
            for entry in palette
        ]
    )


def palette_from_json(text: str, source: str, custom: Mapping[str, Activation] | None = None) -> tuple[Activation, ...]:
    """Return the palette from the `text` of a file; errors name the file."""
    try:
        entries = json.loads(text)
        described = [(str(e["name"]), dict(e["parameters"]), bool(e["custom"])) for e in entries]
    except (AttributeError, TypeError, KeyError, ValueError, RecursionError) as error:
        raise ValueError(f"{source}: the palette is not readable: {error!r}") from None
    palette = []
    for name, parameters, is_custom in described:
        if is_custom:
            if custom is None or name not in custom:
                need = f"load(path, custom={{{name!r}: ...}})"
                raise ValueError(f"{source}: contains the custom activation {name!r}: use {need}")
            palette.append(check_activation(f"custom[{name!r}]", custom[name]))
        else:
            try:
                palette.append(activation(name, **parameters))
            except (TypeError, ValueError) as error:
                raise ValueError(f"{source}: palette entry {name!r}: {error}") from None
    return tuple(palette)
