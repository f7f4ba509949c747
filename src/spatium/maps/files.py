"""The file of a map: cells and hits as arrays, and the palette as JSON; and the entries of hashes in other files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium._arrays import Array
from spatium._checks import whole_number
from spatium._files import MissingError, open_npz, write_npz
from spatium.activations import Activation, Custom, activation
from spatium.activations.names import as_activation
from spatium.maps.grid import GRID, Grid
from spatium.maps.hashes import BucketHash, CategoryHash, ConstantHash, PatternHash, RandomHash, SimHash

_FORMAT, _VERSION = "spatium-activation-map", 1
_HASHES: dict[str, type[PatternHash]] = {
    kind.__name__: kind for kind in (BucketHash, CategoryHash, ConstantHash, RandomHash, SimHash)
}


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
            need = f"load(path, custom={{{name!r}: ...}}), or --custom on the command line"
            raise MissingError(f"{source}: contains the custom activation {name!r}: use {need}")
        return as_activation(f"custom[{name!r}]", custom[name])
    try:
        return activation(name, **parameters)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{source}: palette entry {name!r}: {error}") from None


def hash_to_file(pattern_hash: object) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the description of a hash, which JSON can represent, and its arrays."""
    kind = type(pattern_hash)
    if not isinstance(pattern_hash, PatternHash) or _HASHES.get(kind.__name__) is not kind:
        raise TypeError(f"only the hashes of Spatium can be stored, not {kind.__name__}")
    config, arrays = pattern_hash._to_file()
    return {"kind": kind.__name__, "n_features": pattern_hash.n_features, "config": config}, arrays


def routing_to_file(grid: Grid, pattern_hash: object) -> tuple[tuple[Activation, ...], dict[str, NDArray[Any]]]:
    """Return the palette of the maps of a layer, and the arrays of its maps and of its hash; a name has no arrays."""
    arrays = {} if isinstance(pattern_hash, str) else hash_to_file(pattern_hash)[1]
    return grid.palette, {"cells": grid.cells, **arrays}


def hash_from_file(
    description: Any,
    n_features: int | None,
    read: Callable[[str, Any, tuple[int | None, ...]], NDArray[Any]],
) -> PatternHash:
    """Return the hash of a description; `read` returns an array of a dtype and shape, and `n_features` may be open."""
    if not isinstance(description, dict) or not isinstance(description.get("config"), dict):
        raise ValueError(f"pattern_hash is {description!r}, expected an object with kind, n_features and config")
    kind = description.get("kind")
    if not isinstance(kind, str) or kind not in _HASHES:
        raise ValueError(f"pattern_hash has kind {kind!r}, expected one of {', '.join(sorted(_HASHES))}")
    length = whole_number("n_features", description.get("n_features"), 1, 2**31)
    if n_features not in (None, length):
        raise ValueError(f"pattern_hash is for {length} features, expected {n_features}")
    return _HASHES[kind]._from_file(length, description["config"], read)
