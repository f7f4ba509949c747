"""Growth: units are split in two without a change of the outputs, and units that add little are removed.

A split copies a unit, and halves its weights in the next layer. So each output is a sum of the same numbers as before,
and only rounding can differ. What else belongs to a unit (its map, its channel of a batch normalization, its moments in
the optimizer) is copied too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium._checks import whole_number
from spatium.maps.hashes import BucketHash, CategoryHash, ConstantHash, PatternHash, RandomHash, SimHash
from spatium.nn._inference import infer
from spatium.nn._layout import take
from spatium.nn._products import Array, OnePool, stacked_product
from spatium.nn.dense import Dense, SpatialDense
from spatium.nn.hashing import HashFunction, share, shared_hashes
from spatium.nn.layer import Layer
from spatium.nn.losses import LOSSES
from spatium.nn.normalization import BatchNorm, Dropout
from spatium.nn.optimizer import Adam
from spatium.nn.passing import plan_of, ranked
from spatium.nn.spatial import GROWTH_THRESHOLD, SpatialLayer
from spatium.nn.training import Data, mini_batches, run_backward, run_forward, trained_layers

__all__ = ["Criterion", "Problem", "prune", "split"]

Criterion: TypeAlias = Literal["splitting", "error", "saturation"]
CRITERIA = ("splitting", "error", "saturation")

# The axis of the units in the arrays of a layer, and the axis of its inputs. Other arrays do not depend on them.
UNITS: dict[type[Layer], dict[str, int]] = {
    Dense: {"weights": 1, "bias": 0},
    SpatialDense: {"weights": 1, "bias": 0, "cell_gain": 0, "cell_bias": 0, "cell_logits": 0},
    SpatialLayer: {
        "weights": 0,
        "bias": 0,
        "feedback_weights": 0,
        "ids": 0,
        "learning_rates": 0,
        "recent_outputs": 2,
        "trained_rows": 0,
        "output_sums": 0,
        "error_sums": 0,
        "traces": 0,
        "bias_traces": 0,
    },
    BatchNorm: {"scale": 0, "shift": 0, "running_mean": 0, "running_var": 0},
}
INPUTS: dict[type[Layer], dict[str, int]] = {
    Dense: {"weights": 0},
    SpatialDense: {"weights": 0},
    SpatialLayer: {"weights": 2, "traces": 2},
}

HALF = 0.5  # the share of each child; a power of two, so the products with it are exact

BLOCK_ROWS = 1024  # the rows whose gradients are computed together
MOST_NUMBERS = 1 << 22  # of the splitting matrices that are computed together


@dataclass
class Problem:
    """The samples for which the loss is computed, in float64."""

    data: Data
    loss: str


class Chain:
    """A layer of a network, the batch normalization that follows it, if any, and the layer that takes its outputs."""

    def __init__(self, layers: Sequence[Layer], position: object, verb: str) -> None:
        at = whole_number("layer", position, 0)
        if at >= len(layers):
            raise ValueError(f"layer is {at}, the network has {len(layers)} layers")
        self.position = at
        self.layer: Any = layers[at]
        if type(self.layer) not in INPUTS:
            raise ValueError(f"layers[{at}] is a {type(self.layer).__name__}, expected {_names(INPUTS)}")
        end = at + 1
        self.norm: BatchNorm | None = None
        if end < len(layers) and isinstance(layers[end], BatchNorm):
            self.norm = layers[end]  # type: ignore[assignment]  # it is one
            end += 1
        found = type(layers[end]).__name__ if end < len(layers) else "nothing"
        if found == "nothing" or type(layers[end]) not in INPUTS:
            raise ValueError(
                f"{verb} needs {_names(INPUTS)} after layers[{at}], perhaps after a BatchNorm; found {found}"
            )
        self.end = end
        self.after: Any = layers[end]

    @property
    def n_units(self) -> int:
        """The number of units of the layer."""
        return int(self.layer.n_outputs)

    def outgoing(self) -> Array:
        """Return the norms of the weights of the next layer, one for each unit."""
        weights, axis = self.after.parameters["weights"], INPUTS[type(self.after)]["weights"]
        others = tuple(i for i in range(weights.ndim) if i != axis)
        norms: Array = np.sqrt(np.square(weights, dtype=np.float64).sum(axis=others))
        return norms

    def replace(
        self,
        places: NDArray[np.intp],
        optimizer: Adam | None,
        hash_of: Callable[[HashFunction], HashFunction],
        factors: Array | None = None,
    ) -> None:
        """Let unit i be a copy of unit places[i], with the outgoing weights multiplied by factors[i].

        The optimizer continues with moments as if the units had always been these.
        """
        after_hash = self.after.__dict__.get("pattern_hash")
        new_hash = hash_of(after_hash) if callable(after_hash) else after_hash  # may raise
        for part in (self.layer, self.norm):
            if part is not None:
                self._exchange(part, UNITS[type(part)], places, optimizer, None, factors)
        self._exchange(self.after, INPUTS[type(self.after)], places, optimizer, factors, None)
        if "maps" in self.layer.__dict__:
            self.layer.maps = self.layer.maps[places]
        if "pattern_hash" in self.after.__dict__:
            self.after.pattern_hash = new_hash
        shape = (len(places),)
        self.layer.output_shape = self.after.input_shape = shape
        if self.norm is not None:
            self.norm.input_shape = self.norm.output_shape = shape

    @staticmethod
    def _exchange(
        part: Layer,
        axes: dict[str, int],
        places: NDArray[np.intp],
        optimizer: Adam | None,
        factors: Array | None,
        gradient_factors: Array | None,
    ) -> None:
        """Take the arrays of one layer, multiplied by `factors`; gradients are multiplied by `gradient_factors`."""
        for kind in (part.parameters, part.buffers):
            for name, axis in axes.items():
                if name not in kind:
                    continue
                old = kind[name]
                shape = [1] * old.ndim
                shape[axis] = len(places)
                new = take(old, places, axis)
                if factors is not None and name == "weights":
                    new *= factors.reshape(shape).astype(new.dtype)
                if optimizer is not None and kind is part.parameters:
                    factor = 1.0 if gradient_factors is None else gradient_factors.reshape(shape).astype(new.dtype)
                    optimizer.exchange(old, new, lambda m, axis=axis: take(m, places, axis), factor)  # type: ignore[misc]
                kind[name] = new
        part.gradients = {}
        part._kept = part._passed = None


def split(
    layers: Sequence[Layer],
    position: object,
    units: ArrayLike | None,
    by: str,
    epsilon: float,
    problem: Problem | None,
    pattern_hash: HashFunction | None,
    generator: np.random.Generator,
    optimizer: Adam | None,
) -> NDArray[np.intp]:
    """Split units; see `Network.split`."""
    chain = Chain(layers, position, "split")
    if by not in CRITERIA:
        raise ValueError(f"by is {by!r}, expected {', '.join(map(repr, CRITERIA))}")
    if isinstance(chain.after, SpatialLayer) and chain.after.bits is not None:
        raise ValueError(f"layers[{chain.end}] has bits={chain.after.bits}: halves of its weights are other codes")
    chosen = None if units is None else _checked_units(units, chain.n_units)
    curvature: _Curvature | None = None
    if epsilon > 0.0 or (chosen is None and by == "splitting"):
        if problem is None:
            raise ValueError("split needs x and y to choose units by splitting, or with epsilon")
        curvature = _Curvature(layers, chain, problem, pattern_hash, chosen)
    if chosen is None:
        chosen = _best_unit(layers, chain, by, problem, pattern_hash, curvature)
    if not len(chosen):
        return np.empty((0, 2), np.intp)
    directions = None if epsilon == 0.0 or curvature is None else curvature.directions(chosen, generator)
    if isinstance(chain.layer, SpatialLayer):
        chain.layer._check_generations(chosen)

    n = chain.n_units
    places = np.concatenate([np.arange(n), chosen])
    children = np.stack([chosen, n + np.arange(len(chosen))], axis=1)
    factors = np.ones(len(places))
    factors[children] = HALF
    chain.replace(places, optimizer, lambda h: _with_copies(h, children, epsilon), factors)
    if isinstance(chain.layer, SpatialLayer):
        chain.layer._name_children(children)
    if directions is not None:
        axis = UNITS[type(chain.layer)]["weights"]
        weights = np.moveaxis(chain.layer.parameters["weights"], axis, 0)
        weights[children[:, 0]] += epsilon * directions
        weights[children[:, 1]] -= epsilon * directions
    return children


def prune(
    layers: Sequence[Layer],
    position: object,
    threshold: float,
    x: Array | None,
    pattern_hash: HashFunction | None,
    optimizer: Adam | None,
) -> NDArray[np.intp]:
    """Remove units; see `Network.prune`."""
    chain = Chain(layers, position, "prune")
    contributions = chain.outgoing()
    sizes, means, outputs = np.zeros((3, chain.n_units))
    if x is not None:
        hashes = shared_hashes(pattern_hash, x)
        plan = plan_of(layers[: chain.position + 1], x.shape)
        for start in range(0, len(x), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            y = infer(plan, x[rows], None, count=False, hashes=None if hashes is None else hashes[rows])
            y = y if chain.norm is None else chain.norm.forward(y)
            seen = chain.after._arguments(y) if isinstance(chain.after, SpatialLayer) else y
            for total, part in ((sizes, np.abs(seen)), (means, seen), (outputs, y)):
                total += part.sum(axis=0, dtype=np.float64) / len(x)
        contributions = contributions * sizes
    small = contributions < threshold * contributions.mean()
    small[np.argmax(contributions)] = False  # one unit remains
    removed, kept = np.flatnonzero(small), np.flatnonzero(~small)
    if len(removed):
        constant = _effect_of(chain.after, removed, means[removed])
        chain.replace(kept, optimizer, lambda h: _without(h, kept, removed, outputs))
        chain.after.parameters["bias"] += constant
    return removed


def _names(kinds: dict[type[Layer], Any]) -> str:
    *first, last = (kind.__name__ for kind in kinds)
    return f"{', '.join(first)} or {last}"


def _checked_units(units: ArrayLike, n_units: int) -> NDArray[np.intp]:
    given = np.atleast_1d(np.asarray(units))
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise TypeError(f"units is {units!r}, expected indices of units")
    if given.size and (given.min() < 0 or given.max() >= n_units):
        raise ValueError(f"units is {units!r}, expected indices from 0 to {n_units - 1}")
    if len(np.unique(given)) < len(given):
        raise ValueError(f"units is {units!r}, expected different units")
    return given.astype(np.intp)


def _effect_of(after: Any, units: NDArray[np.intp], inputs: Array) -> Array:
    """Return what constant inputs add to the sums of the next layer, in the shape of its bias."""
    weights = after._used_weights() if isinstance(after, SpatialLayer) else after.parameters["weights"]
    axis = INPUTS[type(after)]["weights"]
    effect: Array = np.tensordot(np.take(weights, units, axis=axis).astype(np.float64), inputs, (axis, 0))
    return effect.astype(weights.dtype)


# ---- the hash of the next layer ----


def _with_copies(pattern_hash: Any, children: NDArray[np.intp], epsilon: float) -> HashFunction:
    """Return the hash of the next layer for rows with copies of some features."""
    kind, added = type(pattern_hash), len(children)
    n = getattr(pattern_hash, "n_features", 0) + added
    if kind is SimHash:
        planes = np.concatenate([pattern_hash.planes, np.zeros((pattern_hash.n_bits, added))], axis=1)
        if epsilon > 0.0:  # the children are no longer equal, so the hash is that of their mean
            planes[:, children] = HALF * planes[:, children[:, :1]]
        return SimHash.from_arrays(planes, pattern_hash.thresholds)
    if kind is RandomHash:
        keys = np.concatenate([pattern_hash._keys, np.zeros(added, np.uint64)])  # the hash of such a feature is 0
        return RandomHash._from_file(n, {}, lambda *_: keys)
    if kind in (CategoryHash, BucketHash, ConstantHash):
        config, arrays = pattern_hash._to_file()
        made: PatternHash = kind._from_file(n, config, lambda name, *_: arrays[name])
        return made
    raise ValueError(f"the pattern_hash of the next layer is {pattern_hash!r}, expected one of Spatium's hashes")


def _without(pattern_hash: Any, kept: NDArray[np.intp], removed: NDArray[np.intp], means: Array) -> HashFunction:
    """Return the hash of the next layer for rows without some features, which are their means from now on."""
    kind = type(pattern_hash)
    if kind is SimHash:
        planes = pattern_hash.planes
        thresholds = pattern_hash.thresholds - planes[:, removed] @ means[removed]
        return SimHash.from_arrays(planes[:, kept], thresholds)
    if kind is ConstantHash:
        return ConstantHash(len(kept), pattern_hash.value)
    columns = pattern_hash.columns if kind is CategoryHash else [pattern_hash.column] if kind is BucketHash else removed
    if kind not in (CategoryHash, BucketHash) or np.isin(columns, removed).any():
        raise ValueError(f"the pattern_hash of the next layer, {pattern_hash!r}, needs the units {removed.tolist()}")
    places = [int(np.searchsorted(kept, column)) for column in columns]
    if kind is CategoryHash:
        return CategoryHash(len(kept), places)
    return BucketHash(len(kept), places[0], pattern_hash.edges)


# ---- which units, and in which direction ----


def _best_unit(
    layers: Sequence[Layer],
    chain: Chain,
    by: str,
    problem: Problem | None,
    pattern_hash: HashFunction | None,
    curvature: _Curvature | None,
) -> NDArray[np.intp]:
    """Return the unit that the criterion prefers, or none if it prefers not to split."""
    if curvature is not None and by == "splitting":
        values, least = -curvature.values, 0.0
    elif by == "error":
        values, least = _errors(layers, chain, problem, pattern_hash), 0.0
    else:
        if not isinstance(chain.layer, SpatialLayer):
            raise ValueError(f"by='saturation' needs a SpatialLayer, layers[{chain.position}] is another")
        values, least = chain.layer._saturation(), GROWTH_THRESHOLD
    best = int(np.argmax(values))
    return np.array([best] if values[best] > least else [], np.intp)


def _errors(layers: Sequence[Layer], chain: Chain, problem: Problem | None, pattern_hash: HashFunction | None) -> Array:
    """Return the error of each unit: the mean size of the gradient of its sum, or what `learn` has accumulated."""
    if problem is None:
        if isinstance(chain.layer, SpatialLayer):
            return chain.layer.buffers["error_sums"]
        raise ValueError("split by error needs x and y, except for a SpatialLayer that has learned")
    total = np.zeros(chain.n_units)
    for block in _gradients(layers, chain, problem, pattern_hash):
        block.layer.forward(block.x, training=True, count=False)
        total += np.abs(block.layer._backward_parameters(block.grad)).sum(axis=0)
    return total


@dataclass
class _Block:
    """Some rows: the inputs of a copy of the layer, in float64, and the gradients of the mean loss for its outputs."""

    layer: Any
    x: Array
    grad: Array


def _gradients(layers: Sequence[Layer], chain: Chain, problem: Problem, pattern_hash: HashFunction | None) -> Any:
    """Yield the blocks of rows, within a context in which the layers know the hashes of the network's input."""
    data = problem.data
    trained = [layer.astype(np.float64) for layer in trained_layers(layers, problem.loss)]
    split_at = chain.position + 1
    if split_at >= len(trained):
        raise ValueError("the layer has no effect on the loss")
    before, after = trained[: chain.position], [p for p in trained[split_at:] if not isinstance(p, Dropout)]
    layer = trained[chain.position]
    hashes = shared_hashes(pattern_hash, data.x)
    plan = plan_of(before, data.x.shape) if before else None
    for rows in mini_batches(len(data.x), BLOCK_ROWS):
        own = None if hashes is None else hashes[rows]
        part = data.take(np.arange(rows.start, rows.stop))
        x = part.x.astype(np.float64)
        with OnePool(), share(own):
            if plan is not None:
                x = infer(plan, x, None, count=False, hashes=own)
            x = ranked(layer, x)
            y = layer.forward(x, count=False)
            found = LOSSES[problem.loss](run_forward(after, y, False, None), _wide(part.wanted), part.weights)
            yield _Block(layer, x, run_backward(after, found.grad) / data.total)


def _wide(wanted: NDArray[Any]) -> NDArray[Any]:
    return wanted if wanted.dtype.kind in "iu" else wanted.astype(np.float64)


class _Curvature:
    """The splitting matrices of the units, for each context: the smallest eigenvalues and their eigenvectors.

    If a unit is split into halves with the weights θ ± ε·v, the loss changes by ε²/2 · vᵀSv + O(ε³), with the splitting
    matrix S = E[∂L/∂h · f″(z) · x xᵀ] [1]_. A context has weights of its own, and so a matrix of its own.

    References
    ----------
    .. [1] Q. Liu, L. Wu, D. Wang, "Splitting steepest descent for growing neural architectures", NeurIPS 2019,
       arXiv:1910.02366.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        chain: Chain,
        problem: Problem,
        pattern_hash: HashFunction | None,
        units: NDArray[np.intp] | None,
    ) -> None:
        layer = chain.layer
        self.units = np.arange(chain.n_units) if units is None else units
        self.by_context = isinstance(layer, SpatialLayer)
        n_contexts = layer.contexts if isinstance(layer, SpatialLayer) else 1
        factors, inputs, contexts = [], [], []
        for block in _gradients(layers, chain, problem, pattern_hash):
            factors.append((block.grad * block.layer._bend(block.x))[:, self.units])
            one_context = (block.x, np.zeros(len(block.x), np.intp))
            rows = block.layer._rows_of(block.x) if self.by_context else one_context
            inputs.append(rows[0])
            contexts.append(rows[1])
        order = np.argsort(np.concatenate(contexts), kind="stable")
        factor, x = np.concatenate(factors)[order], np.concatenate(inputs)[order]
        stops = np.cumsum(np.bincount(np.concatenate(contexts), minlength=n_contexts))
        self.lowest = np.zeros((len(self.units), n_contexts))
        self.vectors = np.zeros((len(self.units), n_contexts, int(layer.n_inputs)))
        for context in range(n_contexts):
            own = slice(0 if context == 0 else stops[context - 1], stops[context])
            self._solve(context, factor[own], x[own])

    def _solve(self, context: int, factor: Array, x: Array) -> None:
        """Find the smallest eigenvalues for the rows of one context."""
        basis = None
        if len(x) < x.shape[1]:  # the matrices are 0 outside of the space of the rows
            with OnePool():
                basis, coordinates = np.linalg.qr(x.T)
            x = np.ascontiguousarray(coordinates.T)
        d = x.shape[1]
        step = max(1, MOST_NUMBERS // max(d * max(d, BLOCK_ROWS), 1)) if d else len(self.units)
        for start in range(0, len(self.units) if d else 0, step):
            some = slice(start, start + step)
            matrices = np.zeros((factor[:1, some].shape[1], d, d))
            room = np.empty_like(matrices)
            for first in range(0, len(x), BLOCK_ROWS):
                part = x[first : first + BLOCK_ROWS]
                weighted = np.empty((len(matrices), d, len(part)))  # contiguous, as the product needs it
                np.multiply(factor[first : first + BLOCK_ROWS, some].T[:, np.newaxis, :], part.T, out=weighted)
                with OnePool():
                    matrices += stacked_product(weighted, part, room)
            with OnePool():  # the bits of the decomposition depend on the number of threads of BLAS
                lowest, vectors = np.linalg.eigh((matrices + matrices.transpose(0, 2, 1)) / 2)
            found, vector = lowest[:, 0], vectors[:, :, 0]
            if basis is not None:
                found, vector = np.minimum(found, 0.0), vector @ basis.T
            known = np.asarray(matrices.any(axis=(1, 2)))
            self.lowest[some, context] = found
            self.vectors[some, context] = np.where(known[:, np.newaxis], vector, 0.0)

    @property
    def values(self) -> Array:
        """What a split with ε changes in the loss, as a multiple of ε²/2; contexts are only moved if they gain."""
        gains: Array = np.minimum(self.lowest, 0.0).sum(axis=1)
        return gains

    def directions(self, units: NDArray[np.intp], generator: np.random.Generator) -> Array:
        """Return the directions in which units are split, in the shape of their weights."""
        numbers = [int(np.flatnonzero(self.units == unit)[0]) for unit in units]
        lowest, vectors = self.lowest[numbers], self.vectors[numbers].copy()
        moved = (lowest < 0.0) | (lowest == lowest.min(axis=1, keepdims=True))
        random = generator.standard_normal(vectors.shape)  # for a matrix of zeros, as of relu
        random /= np.linalg.norm(random, axis=2, keepdims=True)
        unknown = ~vectors.any(axis=2)
        vectors[unknown] = random[unknown]
        vectors *= moved[:, :, np.newaxis]
        return vectors if self.by_context else vectors[:, 0]
