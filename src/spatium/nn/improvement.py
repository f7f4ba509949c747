"""The choice of the functions of cells without gradients: exact for the cells of one unit, unit by unit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from spatium.activations import Activation
from spatium.activations.names import as_activations
from spatium.nn._inference import infer
from spatium.nn._products import Array
from spatium.nn.cells import PALETTE, cells_of
from spatium.nn.dense import SpatialDense
from spatium.nn.hashing import HashFunction, hashes_of, share, shared_hashes
from spatium.nn.layer import Layer
from spatium.nn.losses import LOSSES
from spatium.nn.passing import plan_of, ranked
from spatium.nn.training import Data, EpochRecord

__all__ = ["improve"]


def improve(
    layers: Sequence[Layer],
    data: Data,
    loss: str,
    pattern_hash: HashFunction | None,
    sweeps: int,
    palette: Sequence[Activation | str] | None,
) -> list[EpochRecord]:
    """Improve the maps of the layers; see `Network.improve`."""
    functions = as_activations("palette", PALETTE if palette is None else palette)
    before = _outputs(layers, data.x, shared_hashes(pattern_hash, data.x))
    found = LOSSES[loss](before, data.wanted, data.weights).loss
    records: list[EpochRecord] = [{"sweep": 0, "loss": found / data.total, "changed": 0}]
    for sweep in range(1, sweeps + 1):
        changed = 0
        for position, layer in enumerate(layers):
            if isinstance(layer, SpatialDense):
                count, found = _improve_layer(layers, position, data, loss, pattern_hash, functions)
                changed += count
        records.append({"sweep": sweep, "loss": found / data.total, "changed": changed})
        if not changed:
            break
    return records


def _outputs(layers: Sequence[Layer], x: Array, hashes: NDArray[np.uint64] | None) -> Array:
    return infer(plan_of(layers, x.shape), x, None, count=False, hashes=hashes) if layers else x


def _improve_layer(
    layers: Sequence[Layer],
    position: int,
    data: Data,
    loss: str,
    pattern_hash: HashFunction | None,
    functions: Sequence[Activation],
) -> tuple[int, float]:
    """Choose the functions of one layer; return the number of changed cells and the loss."""
    layer, after = layers[position], layers[position + 1 :]
    assert isinstance(layer, SpatialDense)
    hashes = shared_hashes(pattern_hash, data.x)
    x = ranked(layer, _outputs(layers[:position], data.x, hashes))
    with share(hashes):
        own = hashes_of(layer.pattern_hash, x)
    # A cell only affects its own rows. With these next to each other, the loss is a sum over slices.
    cells = cells_of(own)
    order = np.argsort(cells, kind="stable")
    parts = _Parts(cells[order], data.take(order), loss)
    x, own, hashes = x[order], own[order], None if hashes is None else hashes[order]
    u = layer._before_maps(x, own)
    y = layer.maps.activate(u, own[:, np.newaxis], count=False)
    best = parts.losses(_outputs(after, y, hashes))
    changed = 0
    for unit in range(layer.n_outputs):
        candidates = list(dict.fromkeys([*functions, *layer.maps.palette]))
        kept = y[:, unit].copy()
        trials = []
        for function in candidates:
            y[:, unit] = function(u[:, unit])
            trials.append((parts.losses(_outputs(after, y, hashes)), y[:, unit].copy()))
        y[:, unit] = kept
        for number, (cell, rows) in enumerate(parts):
            losses = [trial[number] for trial, _ in trials]
            winner = int(np.nanargmin([*losses, np.inf]))
            if winner < len(candidates) and losses[winner] < best[number]:
                best[number] = losses[winner]
                y[rows, unit] = trials[winner][1][rows]
                layer.maps[unit, cell // 8, cell % 8] = candidates[winner]
                changed += 1
    return changed, math.fsum(best)


class _Parts:
    """The rows of each cell as slices of sorted rows, and the losses of outputs for them."""

    def __init__(self, cells: NDArray[np.intp], data: Data, loss: str) -> None:
        live, starts = np.unique(cells, return_index=True)
        stops = [*starts[1:].tolist(), len(cells)]
        self._parts = [
            (int(cell), slice(int(start), stop)) for cell, start, stop in zip(live, starts, stops, strict=True)
        ]
        self._data = data
        self._loss = LOSSES[loss]

    def __iter__(self) -> Iterator[tuple[int, slice]]:
        return iter(self._parts)

    def losses(self, outputs: Array) -> list[float]:
        """Return the sum of the losses of the rows of each cell."""
        return [self._of(outputs, rows) for _, rows in self]

    def _of(self, outputs: Array, rows: slice) -> float:
        weights = None if self._data.weights is None else self._data.weights[rows]
        return self._loss(outputs[rows], self._data.wanted[rows], weights).loss
