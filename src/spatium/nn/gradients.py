"""The comparison of gradients with finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium._tables import Table
from spatium.nn.hashing import HashFunction
from spatium.nn.layer import Layer, Random, as_dtype
from spatium.nn.network import Network

__all__ = ["check_gradients"]

STEP = 1e-5  # the error of a central difference is then about 1e-10, from the third derivative and from rounding
MOST_ELEMENTS = 256  # of an array; of a larger one, so many are chosen at random


def check_gradients(layer: Layer | Network, x: ArrayLike, rng: Random = 0) -> Table:
    """Compare the gradients of a layer, or of a network, with central differences in float64.

    A copy of the layer is evaluated in training mode. The loss is a random linear function of the outputs. Every row
    keeps the cell of its hash, because the routing has no gradient.

    Parameters
    ----------
    layer : Layer or Network
    x : array_like, shape (samples, n_inputs), or of the rank of the layer
        The samples. They should not lie at kinks of the activations.
    rng : Generator or int, optional
        The source of the loss, and of the elements that are checked of an array with more than 256.

    Returns
    -------
    Table
        For x and each parameter the largest difference, relative to the largest gradient in the array, and the number
        of elements that were checked. For a correct gradient it is below 1e-7.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import Dense, check_gradients
    >>> x = np.random.default_rng(0).normal(size=(5, 3))
    >>> table = check_gradients(Dense(3, 2, "gelu", rng=0), x)
    >>> [row["array"] for row in table]
    ['x', 'weights', 'bias']
    >>> max(table.column("relative_error")) < 1e-8
    True
    """
    generator = np.random.default_rng(rng)
    twin: Any = layer.astype(np.float64)
    samples = np.array(as_dtype("x", x, np.dtype(np.float64)))
    _hold_hashes(twin)
    y = _forward(twin, samples)
    direction = generator.standard_normal(y.shape)
    checked = [("x", samples, twin.backward(direction))]
    several = isinstance(twin, Network)
    for position, part in enumerate(twin.layers if several else [twin]):
        checked += [
            (f"{position}.{name}" if several else name, array, part.gradients[name])
            for name, array in part.parameters.items()
        ]
    rows = []
    for name, array, gradient in checked:
        error, number = _largest_error(twin, samples, direction, array, np.array(gradient), generator)
        rows.append((name, error, number))
    return Table("", ("array", "relative_error", "checked"), rows)


class _Held:
    """A hash that returns the hashes of its first call in all calls."""

    def __init__(self, pattern_hash: HashFunction) -> None:
        self._pattern_hash = pattern_hash
        self._hashes: NDArray[np.uint64] | None = None

    def __call__(self, x: NDArray[Any]) -> NDArray[np.uint64]:
        if self._hashes is None:
            self._hashes = self._pattern_hash(x)
        return self._hashes

    def __getattr__(self, name: str) -> Any:
        if name == "_pattern_hash":  # a copy has no attributes yet
            raise AttributeError(name)
        return getattr(self._pattern_hash, name)


def _hold_hashes(layer: Any) -> None:
    if isinstance(layer, Network) and layer.pattern_hash is not None:
        layer._pattern_hash = _Held(layer.pattern_hash)
    for part in layer.layers if isinstance(layer, Network) else [layer]:
        if callable(part.__dict__.get("pattern_hash")):
            part.pattern_hash = _Held(part.pattern_hash)


def _forward(layer: Any, x: NDArray[Any]) -> NDArray[Any]:
    """Return the outputs of a training pass in which every random choice is the same."""
    states = [(part.rng, part.rng.bit_generator.state) for part in _random_layers(layer)]
    try:
        return np.array(layer.forward(x, training=True))
    finally:
        for source, state in states:
            source.bit_generator.state = state


def _random_layers(layer: Any) -> list[Any]:
    parts = layer.layers if isinstance(layer, Network) else [layer]
    return [part for part in parts if isinstance(part.__dict__.get("rng"), np.random.Generator)]


def _largest_error(
    layer: Any,
    x: NDArray[Any],
    direction: NDArray[Any],
    array: NDArray[Any],
    gradient: NDArray[Any],
    generator: np.random.Generator,
) -> tuple[float, int]:
    flat, given = array.flat, gradient.reshape(-1)  # the array may be transposed, so reshape could copy it
    chosen = np.arange(array.size)
    if array.size > MOST_ELEMENTS:
        chosen = generator.choice(array.size, MOST_ELEMENTS, replace=False)
    differences = np.empty(len(chosen))
    for at, index in enumerate(chosen):
        value = flat[index]
        step = STEP * max(1.0, abs(value))
        sums = []
        for moved in (value + step, value - step):
            flat[index] = moved
            sums.append(float(np.vdot(direction, _forward(layer, x))))
        flat[index] = value
        differences[at] = (sums[0] - sums[1]) / (2 * step)
    scale = max(float(np.abs(given).max(initial=0.0)), float(np.abs(differences).max(initial=0.0)), 1e-12)
    return float(np.abs(differences - given[chosen]).max(initial=0.0)) / scale, len(chosen)
