"""The file of a map: cells and hits as arrays, and the palette as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium._arrays import Array
from spatium._files import MissingError, open_npz, write_npz
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
    with open_npz(path, format=_FORMAT, version=_VERSION) as (archive, _):
        text = archive.text("palette")
        cells = archive.read("cells", np.integer, (..., *GRID))
        hits = archive.read("hit_counts", np.uint64, cells.shape)
    return cells, palette_from_json(text, os.fspath(path), custom), hits


def palette_to_json(palette: tuple[Activation, ...]) -> str:
    """Return the palette as text: names and parameters, and only the name of a custom activation."""
    check_names(palette)
    return json.dumps([entry_of(entry) for entry in palette])


def palette_from_json(text: str, source: str, custom: Mapping[str, Activation] | None = None) -> tuple[Activation, ...]:
    """Return the palette from the `text` of a file; errors name the file."""
    try:
        entries = list(json.loads(text))
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{source}: the palette is not readable: {error!r}") from None
    return tuple(activation_of(entry, source, custom) for entry in entries)


def check_names(palette: Iterable[Activation]) -> None:
    """Raise ValueError if two different custom activations have the same name, which is all that a file has of them."""
    names = [entry.name for entry in set(palette) if isinstance(entry, Custom)]
    if len(set(names)) < len(names):
        raise ValueError(f"two custom activations share a name, expected unique names: {', '.join(sorted(names))}")


def entry_of(act: Activation) -> dict[str, Any]:
    """Return the entry of an activation in JSON."""
    return {"name": act.name, "parameters": dict(act.parameters), "custom": isinstance(act, Custom)}


def activation_of(entry: Any, source: str, custom: Mapping[str, Activation] | None = None) -> Activation:
    """Return the activation of an entry in JSON; errors begin with `source`."""
    try:
        name, parameters, is_custom = str(entry["name"]), dict(entry["parameters"]), bool(entry["custom"])
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{source}: the palette is not readable: {error!r}") from None
    if is_custom:
        if custom is None or name not in custom:
            need = f"load(path, custom={{{name!r}: ...}})"
            raise MissingError(f"{source}: contains the custom activation {name!r}: use {need}")
        return check_activation(f"custom[{name!r}]", custom[name])
    try:
        return activation(name, **parameters)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{source}: palette entry {name!r}: {error}") from None
