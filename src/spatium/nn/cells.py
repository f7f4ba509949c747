"""Parameters of a layer that depend on the cell of a row: a gain and a bias, and a mixture of functions.

The arrays have shape (units, 64, ...), and their axes are in reverse order in memory: the numbers of one cell for all
units are contiguous, because all units share the cell of a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium import _cells
from spatium.activations import Activation
from spatium.activations.names import as_activation
from spatium.maps.activation_map import ActivationMap
from spatium.maps.hashes import as_hashes
from spatium.nn._products import Array

__all__ = ["HARD_AT", "PALETTE", "Mixture", "Scaling", "cells_of", "leaning", "temperature_at", "winners"]

PALETTE = ("relu", "tanh", "gelu", "sine")

# The temperature falls linearly to COLDEST within this share of the steps. Later, each cell keeps its best function;
# the remaining steps train the other parameters.
COLDEST = 0.02
COLDEST_AT = 0.6
HARD_AT = 0.7

LEAN = 2.0  # the logit of the function from which a cell starts; e**2 times as much weight as the others

BLOCK = 1 << 14  # the numbers that are computed together; the values of all functions then fit in a cache


def temperature_at(share_done: float) -> float:
    """Return the temperature of the softmax after this share of the steps."""
    return 1.0 - (1.0 - COLDEST) * min(1.0, share_done / COLDEST_AT)


def cells_of(hashes: NDArray[Any]) -> NDArray[np.intp]:
    """Return the cell of each row, 8 · row + column."""
    checked = as_hashes("hashes", hashes)
    cells = np.empty(len(checked), np.intp)
    _cells.find(checked, cells)
    return cells


def leaning(palette: Sequence[object], maps: ActivationMap | None, n_units: int) -> tuple[ActivationMap, NDArray[Any]]:
    """Return maps with the functions of `palette` and of `maps`, and the logits with which learning starts.

    The logits, shape (units, 64, functions), lean to the functions of `maps`; without maps they are 0.
    """
    functions: list[Activation] = []
    for entry in palette:
        function = as_activation("learn_cells", entry)
        if function not in functions:
            functions.append(function)
    cells = np.zeros((n_units, 8, 8), np.uint8)
    if maps is not None:
        places = np.zeros(len(maps.palette), np.uint8)
        for entry_number in np.unique(maps.cells):
            function = maps.palette[entry_number]
            if function not in functions:
                functions.append(function)
            places[entry_number] = functions.index(function)
        cells = places[maps.cells]
    if len(functions) < 2:
        raise ValueError(f"learn_cells is {tuple(palette)!r}, expected at least two different functions")
    logits = np.zeros((n_units, 64, len(functions)), np.float32)
    if maps is not None:
        np.put_along_axis(logits, cells.reshape(n_units, 64, 1).astype(np.intp), LEAN, axis=2)
    return ActivationMap(cells, functions), logits


def winners(logits: Array) -> NDArray[np.intp]:
    """Return the function of each cell with the largest logit, shape (units, 8, 8).

    A cell whose logits are equal has had no rows. It gets the function that the other cells of the unit prefer.
    """
    untouched = np.ptp(logits, axis=2, keepdims=True) == 0
    preferred = np.where(untouched, logits.sum(axis=1, keepdims=True), logits)
    cells: NDArray[np.intp] = preferred.argmax(axis=2).reshape(-1, 8, 8)
    return cells


class Scaling:
    """The gain and the bias per cell in one pass: ``u[i, j] = gain[j, cell of i] · z[i, j] + bias[j, cell of i]``."""

    def __init__(self, gain: Array, bias: Array, cells: NDArray[np.intp]) -> None:
        self.gain, self.bias = np.ascontiguousarray(gain.T), np.ascontiguousarray(bias.T)
        self.cells = cells

    def apply(self, z: Array) -> None:
        """Compute u in place of z."""
        _cells.scale_and_shift(z, self.gain, self.bias, self.cells)

    def backward(self, grad: Array, z: Array) -> tuple[Array, Array, Array]:
        """Return the gradients with respect to z, the gain and the bias."""
        grad_gain, grad_bias = np.zeros_like(self.gain), np.zeros_like(self.bias)
        _cells.add_products(grad, z[np.newaxis], self.cells, grad_gain[np.newaxis])
        _cells.add_rows(grad, self.cells, grad_bias)
        grad_z = np.empty_like(z)
        _cells.mix(self.gain[np.newaxis], grad[np.newaxis], self.cells, grad_z)
        return grad_z, grad_gain.T, grad_bias.T


class Mixture:
    """The mixture of functions in one pass: ``y = sum_k softmax(logits / temperature)_k · f_k(u)``.

    Only the cells of the rows are computed: `live` are these cells, and `places` those of the rows among them.
    """

    def __init__(
        self, logits: Array, temperature: float, palette: Sequence[Activation], cells: NDArray[np.intp]
    ) -> None:
        self.palette, self.temperature, self.shape = palette, temperature, logits.shape
        self.live = np.flatnonzero(np.bincount(cells, minlength=64))
        places = np.empty(64, np.intp)
        places[self.live] = np.arange(len(self.live))
        self.places = places[cells]
        weights = np.take(logits.T, self.live, axis=1)
        weights /= logits.dtype.type(temperature)
        weights -= weights.max(axis=0)
        with np.errstate(under="ignore"):
            np.exp(weights, out=weights)
            weights /= weights.sum(axis=0)
        self.weights = weights  # (functions, live cells, units)
        self.values: list[tuple[slice, Array]] = []

    def _blocks(self, u: Array) -> list[slice]:
        step = max(1, BLOCK // max(u.shape[1], 1))
        return [slice(start, start + step) for start in range(0, len(u), step)]

    def value(self, u: Array) -> None:
        """Compute y in place of u."""
        for rows in self._blocks(u):
            values = np.empty((len(self.palette), *u[rows].shape), u.dtype)
            for function, value in zip(self.palette, values, strict=True):
                function(u[rows], out=value)
            _cells.mix(self.weights, values, self.places[rows], u[rows])

    def value_and_derivative(self, u: Array) -> tuple[Array, Array]:
        """Return y and its derivative with respect to u, and keep the values of the functions for the gradient."""
        y, slope = np.empty_like(u), np.empty_like(u)
        for rows in self._blocks(u):
            values, slopes = (np.empty((len(self.palette), *u[rows].shape), u.dtype) for _ in range(2))
            for function, *outs in zip(self.palette, values, slopes, strict=True):
                function.value_and_derivative(u[rows], out=tuple(outs))
            _cells.mix(self.weights, values, self.places[rows], y[rows])
            _cells.mix(self.weights, slopes, self.places[rows], slope[rows])
            self.values.append((rows, values))
        return y, slope

    def backward(self, grad: Array) -> Array:
        """Return the gradient with respect to the logits."""
        sums = np.zeros_like(self.weights)
        for rows, values in self.values:
            _cells.add_products(grad[rows], values, self.places[rows], sums)
        sums -= (self.weights * sums).sum(axis=0)
        sums *= self.weights
        sums /= sums.dtype.type(self.temperature)
        gradient = np.zeros(self.shape[::-1], sums.dtype)
        gradient[:, self.live] = sums
        return gradient.T
