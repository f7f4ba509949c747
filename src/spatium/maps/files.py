"""The file of a map: cells and hits as arrays, and the palette as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spatium._arrays import Array
from spatium._files import Header, check_header, read_npz, write_npz
from spatium.activations import Activation, Custom, activation
from spatium.activations.base import check_activation
from spatium.maps.grid import GRID

_FORMAT, _VERSION = "spatium-activation-map", 1


def write(
    path: str | os.PathLike[str],
    cells: NDArray[np.uint8],
    palette: tuple[Activation, ...],
    hits: NDArray[np.uint64],
) -> None:
    """Write the file of a map completely or not at all."""
    arrays = {"cells": cells, "palette": palette_to_json(palette), "hit_counts": hits}
    write_npz(path, {"format": _FORMAT, "version": _VERSION, **arrays})


def read(
    path: str | os.PathLike[str], custom: Mapping[str, Activation] | None
) -> tuple[Array, tuple[Activation, ...], Array]:
    """Return cells, palette and hits from the file of a map. Errors name the file."""
    arrays = read_npz(path, format=_FORMAT, version=_VERSION, required={"palette": (np.str_, ())}, select=_grids)
    palette = palette_from_json(str(arrays["palette"]), os.fspath(path), custom)
    return arrays["cells"], palette, arrays["hit_counts"]


def _grids(headers: Mapping[str, Header], _: object) -> tuple[str, str]:
    """Return the names of the arrays of a map, after checking their headers."""
    cells = check_header(headers, "cells", np.integer, (..., *GRID))
    check_header(headers, "hit_counts", np.uint64, cells.shape)
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
