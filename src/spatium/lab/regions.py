"""The linear pieces of a piecewise linear network with two inputs, found exactly by cutting polygons."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatium._checks import ends_of
from spatium.activations import Activation
from spatium.analysis import properties
from spatium.maps.hashes import BucketHash, ConstantHash, SimHash
from spatium.nn import ActivationLayer, BatchNorm, Dense, Dropout, Layer, Network, Softmax, SpatialDense, Standardize
from spatium.nn.cells import cells_of
from spatium.nn.hashing import NETWORK

__all__ = ["Partition", "linear_regions", "partition"]

Real = NDArray[np.float64]
Domain = tuple[float, float] | tuple[tuple[float, float], tuple[float, float]]

# A line that comes closer to the border of a polygon than this, relative to the size of the numbers, does not cut it.
# float64 has 2e-16, and the corners are results of a few operations.
_NARROW = 1e-12


class Partition(NamedTuple):
    """The linear pieces of a network, as convex polygons; returned by `partition`.

    Attributes
    ----------
    polygons : list of ndarray, shape (corners, 2)
    patterns : list of tuple of int
        For each polygon what distinguishes it from all others: for each layer the cell, if its functions depend on it,
        and for each unit the piece of its function, counted from the left.
    slopes : ndarray, shape (polygons, n_outputs, 2)
    constants : ndarray, shape (polygons, n_outputs)
        In a polygon, the outputs are ``slopes @ x + constants``; a last sigmoid or softmax is left out.
    counts : tuple of int
        The number of polygons after each layer that bends or jumps.
    """

    polygons: list[Real]
    patterns: list[tuple[int, ...]]
    slopes: Real
    constants: Real
    counts: tuple[int, ...]


class _Pieces(NamedTuple):
    """A piecewise linear function: between the places, slope · z + constant."""

    places: Real
    slopes: Real
    constants: Real


class _Part(NamedTuple):
    """A polygon in which everything so far is linear: the values of the units are ``slopes @ x + constants``."""

    corners: Real
    slopes: Real
    constants: Real
    pattern: tuple[int, ...]

    @property
    def middle(self) -> Real:
        middle: Real = self.corners.mean(axis=0)
        return middle


def linear_regions(network: Network, domain: Domain = (-1.0, 1.0)) -> int:
    """Return the number of linear regions of a piecewise linear network with two inputs.

    A region is a set of points for which every unit is in the same linear piece of its function and, in layers whose
    functions depend on a cell, for which the hash selects the same cell. Each is a convex polygon. It is found by
    cutting the domain along the line of every kink and of every hyperplane, layer by layer, and not by sampling.

    Parameters
    ----------
    network : nn.Network
        Two inputs, and layers Dense, SpatialDense, ActivationLayer, BatchNorm, Standardize or Dropout with functions
        such as relu, leaky_relu or hard_tanh. A last sigmoid or softmax is left out.
    domain : (low, high) or ((low, high), (low, high))
        The square, or the rectangle, whose regions are counted.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the network does not have two inputs or is not piecewise linear, for example because of gelu.

    Notes
    -----
    The corners are computed in float64. Regions narrower than 1e-12 of the domain are not counted. The number of
    regions of one layer of n units with one kink is at most 1 + n + n(n − 1)/2, which is 37 for eight units.

    Examples
    --------
    >>> from spatium import lab
    >>> from spatium.nn import Dense, Network
    >>> lab.linear_regions(lab.island_network("relu", rng=0)) > 37
    True
    >>> layer = Dense(2, 3, "relu", rng=0)
    >>> layer.weights, layer.bias = [[1, 0, 1], [0, 1, 1]], [0.0, 0.0, 0.5]     # three lines, each cuts the others
    >>> lab.linear_regions(Network([layer]))
    7
    """
    return len(partition(network, domain).polygons)


def partition(network: Network, domain: Domain = (-1.0, 1.0)) -> Partition:
    """Return the linear regions of a piecewise linear network with two inputs as polygons.

    Parameters and errors are those of `linear_regions`.

    Examples
    --------
    >>> from spatium import lab
    >>> found = lab.partition(lab.island_network("relu", rng=0))
    >>> len(found.polygons) == len(set(found.patterns)) == found.counts[-1]
    True
    """
    if network.n_inputs != 2:
        raise ValueError(f"the network has {network.n_inputs} inputs, expected 2")
    (left, right), (bottom, top) = _sides(domain)
    corners = np.array([(left, bottom), (right, bottom), (right, top), (left, top)])
    parts = [_Part(corners, np.eye(2), np.zeros(2), ())]
    counts = []
    layers = list(network.layers)
    if isinstance(layers[-1], Softmax) or _is_sigmoid(layers[-1]):
        layers.pop()
    for position, layer in enumerate(layers):
        try:
            stage = _stage(layer, network.pattern_hash)
        except ValueError as error:
            raise ValueError(f"layer {position}, {type(layer).__name__}: {error}") from None
        parts = [new for part in parts for new in stage(part)]
        if _acts(layer):
            counts.append(len(parts))
    return Partition(
        [part.corners for part in parts],
        [part.pattern for part in parts],
        np.array([part.slopes for part in parts]),
        np.array([part.constants for part in parts]),
        tuple(counts),
    )


def _sides(domain: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    if np.ndim(domain[0]) == 0:
        domain = (domain, domain)
    return ends_of("domain", domain[0]), ends_of("domain", domain[1])


def _is_sigmoid(layer: Layer) -> bool:
    return isinstance(layer, ActivationLayer) and layer.activation.name == "sigmoid"


def _acts(layer: Layer) -> bool:
    return isinstance(layer, SpatialDense) or getattr(layer, "activation", None) is not None


def _stage(layer: Layer, shared: Any) -> Callable[[_Part], list[_Part]]:
    """Return the function that cuts a part along the kinks of a layer, and applies the layer."""
    if not isinstance(layer, Dense | SpatialDense | ActivationLayer | BatchNorm | Standardize | Dropout):
        raise ValueError("expected a layer that is linear between kinks")
    if isinstance(layer, SpatialDense):
        return _map_stage(layer, shared)
    matrix, shift = (np.eye(1), np.zeros(1)) if isinstance(layer, ActivationLayer) else _linear(layer)
    acts = _functions(layer)

    def stage(part: _Part) -> list[_Part]:
        if not isinstance(layer, ActivationLayer):
            part = _applied(part, matrix, shift)
        if acts is None:
            return [part]
        return _bent(part, list(acts) * (len(part.constants) // len(acts)))

    return stage


def _linear(layer: Layer) -> tuple[Real, Real]:
    """Return the matrix and the constants of a layer without its activation."""
    twin = layer.astype(np.float64)
    if hasattr(twin, "activation"):
        twin.activation = None
    shift = twin.forward(np.zeros((1, twin.n_inputs or 0)), count=False)[0]
    return twin.forward(np.eye(twin.n_inputs or 0), count=False) - shift, shift


def _functions(layer: Layer) -> Sequence[_Pieces] | None:
    """Return the pieces of the activation for each unit, or once for all units; None without an activation."""
    act: Activation | None = getattr(layer, "activation", None)
    if act is None:
        return None
    if not layer.parameters or not isinstance(layer, ActivationLayer):
        return [_pieces(act)]
    length = max(array.size for array in layer.parameters.values())
    trained = {name: np.broadcast_to(array, length).tolist() for name, array in layer.parameters.items()}
    return [
        _pieces(type(act)(**dict(act.parameters) | {name: values[i] for name, values in trained.items()}))
        for i in range(length)
    ]


@functools.lru_cache(maxsize=512)
def _pieces(act: Activation) -> _Pieces:
    """Return the pieces of an activation, or raise ValueError if a piece is not linear."""
    places = sorted({0.0, *(item.place for item in properties(act).breaks)})
    ends = [places[0] - 16, *places, places[-1] + 16]
    slopes, constants = [], []
    for low, high in itertools.pairwise(ends):
        at = low + (high - low) * np.array([0.25, 0.75, 0.4, 0.61, 0.01, 0.99])
        if low == ends[0]:
            at = np.append(high - np.array([1.0, 2.0, 0.1, 7.0, 1e-3]), high - 1e3)
        elif high == ends[-1]:
            at = np.append(low + np.array([1.0, 2.0, 0.1, 7.0, 1e-3]), low + 1e3)
        y = np.asarray(act(at), dtype=np.float64)
        slope = (y[1] - y[0]) / (at[1] - at[0])
        if not (np.abs(y - (y[0] + slope * (at - at[0]))) <= 1e-9 * (1 + np.abs(y))).all():
            raise ValueError(f"{act!r} is not piecewise linear")
        slopes.append(float(slope))
        constants.append(float(y[0] - slope * at[0]))
    # 0 was only a place where to look; a place without a change is no kink.
    kept = [
        i for i in range(len(places))
        if abs(slopes[i] - slopes[i + 1]) > 1e-9 or abs(constants[i] - constants[i + 1]) > 1e-9
    ]  # fmt: skip
    chosen = [0, *(i + 1 for i in kept)]
    return _Pieces(np.array(places)[kept], np.array(slopes)[chosen], np.array(constants)[chosen])


def _applied(part: _Part, matrix: Real, shift: Real) -> _Part:
    return part._replace(slopes=matrix.T @ part.slopes, constants=part.constants @ matrix + shift)


def _bent(part: _Part, functions: Sequence[_Pieces]) -> list[_Part]:
    """Cut a part along the kinks of the functions of its units, and apply them."""
    lines = [
        (slope, constant - place)
        for function, slope, constant in zip(functions, part.slopes, part.constants, strict=True)
        for place in function.places
    ]
    bent = []
    for corners in _cut(part.corners, lines):
        values = part.slopes @ corners.mean(axis=0) + part.constants
        pieces = [int(np.searchsorted(function.places, z)) for function, z in zip(functions, values, strict=True)]
        factors = np.array([function.slopes[i] for function, i in zip(functions, pieces, strict=True)])
        added = np.array([function.constants[i] for function, i in zip(functions, pieces, strict=True)])
        bent.append(
            _Part(
                corners, factors[:, np.newaxis] * part.slopes, factors * part.constants + added,
                part.pattern + tuple(pieces),
            )
        )  # fmt: skip
    return bent


def _cut(corners: Real, lines: Sequence[tuple[Real, float]]) -> list[Real]:
    """Cut a convex polygon along lines ``slope @ x + constant = 0``."""
    if not lines:
        return [corners]
    slopes, constants = np.array([slope for slope, _ in lines]), np.array([constant for _, constant in lines])
    sizes = np.abs(slopes).sum(axis=1) * max(1.0, float(np.abs(corners).max())) + np.abs(constants)
    values = corners @ slopes.T + constants
    crossing = np.flatnonzero((values.max(axis=0) > _NARROW * sizes) & (values.min(axis=0) < -_NARROW * sizes))
    parts = [corners]
    for line in crossing:
        cut = []
        for part in parts:
            heights = part @ slopes[line] + constants[line]
            heights[np.abs(heights) <= _NARROW * sizes[line]] = 0
            if heights.min() < 0 < heights.max():
                cut += [_side(part, heights), _side(part, -heights)]
            else:
                cut.append(part)
        parts = cut
    return parts


def _side(corners: Real, heights: Real) -> Real:
    """Return the part of a polygon where the heights are positive; they are given for its corners."""
    kept = []
    for i, (here, height) in enumerate(zip(corners, heights, strict=True)):
        there, next_height = corners[i - len(corners) + 1], heights[i - len(heights) + 1]
        if height >= 0:
            kept.append(here)
        if height * next_height < 0:
            kept.append(here + (there - here) * (height / (height - next_height)))
    return np.array(kept)


def _map_stage(layer: SpatialDense, shared: Any) -> Callable[[_Part], list[_Part]]:
    """Return the function that cuts a part along the hyperplanes of a hash and along the kinks of the maps."""
    if layer.is_annealing():
        raise ValueError("fit has not finished the learning of cells")
    cells, palette = layer.maps.cells.reshape(layer.n_outputs, 64), layer.maps.palette
    functions = {int(number): _pieces(palette[number]) for number in np.unique(cells)}
    matrix, shift = layer.weights.astype(np.float64), layer.bias.astype(np.float64)
    gains = {
        name: layer.parameters[name].astype(np.float64) for name in ("cell_gain", "cell_bias") if hasattr(layer, name)
    }
    own = layer.pattern_hash != NETWORK
    pattern_hash: Any = layer.pattern_hash if own else shared
    uniform = not gains and bool((cells == cells[:, :1]).all())
    planes, thresholds = (np.empty((0, layer.n_inputs)), np.empty(0)) if uniform else _borders(pattern_hash)

    def stage(part: _Part) -> list[_Part]:
        before = part if own else part._replace(slopes=np.eye(2), constants=np.zeros(2))
        lines = (
            list(zip(planes @ before.slopes, planes @ before.constants - thresholds, strict=True))
            if len(planes)
            else []
        )
        bent = []
        for corners in _cut(part.corners, lines):
            here = _applied(part._replace(corners=corners), matrix, shift)
            cell = 0
            if not uniform:
                cell = int(cells_of(pattern_hash((before.slopes @ here.middle + before.constants)[np.newaxis]))[0])
                here = here._replace(pattern=(*here.pattern, cell))
            if gains:
                gain, bias = gains["cell_gain"][:, cell], gains["cell_bias"][:, cell]
                here = here._replace(slopes=gain[:, np.newaxis] * here.slopes, constants=gain * here.constants + bias)
            bent += _bent(here, [functions[int(number)] for number in cells[:, cell]])
        return bent

    return stage


def _borders(pattern_hash: Any) -> tuple[Real, Real]:
    """Return the hyperplanes at which the cell changes: ``planes @ x = thresholds``."""
    if isinstance(pattern_hash, SimHash):
        return pattern_hash.planes[:6], pattern_hash.thresholds[:6]
    if isinstance(pattern_hash, BucketHash):
        planes = np.zeros((len(pattern_hash.edges), pattern_hash.n_features))
        planes[:, pattern_hash.column] = 1
        return planes, pattern_hash.edges
    if isinstance(pattern_hash, ConstantHash):
        return np.empty((0, pattern_hash.n_features)), np.empty(0)
    raise ValueError(f"the cells of a {type(pattern_hash).__name__} are not polygons")
