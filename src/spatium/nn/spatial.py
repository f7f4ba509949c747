"""Layers of spatial neurons: a context selects the weights, a cell selects the activation, and a local rule learns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium import _cells
from spatium._checks import check_scalar, whole_number
from spatium._tables import Table
from spatium.activations import Identity
from spatium.activations.operations import OPERATIONS
from spatium.maps.activation_map import ActivationMap
from spatium.maps.files import hash_from_file, hash_to_file, routing_to_file
from spatium.maps.hashes import PatternHash, SimHash
from spatium.nn import _blas
from spatium.nn._inference import Inference
from spatium.nn._products import WORTH_CUTTING, Array, OnePool, product, share_out
from spatium.nn.cells import cells_of
from spatium.nn.hashing import NETWORK, HashFunction, as_pattern_hash, hashes_of
from spatium.nn.layer import Layer, Random, ReadArray, as_dtype, draw_weights, new_array, placeholders
from spatium.nn.rules import GREATEST_MIXING_WEIGHT, RULES, Activity, adapted_rates

__all__ = ["GROWTH_THRESHOLD", "SpatialLayer", "SpatialNeuron"]

RATES = ("constant", "error")
BITS = (8, 4, 2, 1)

CLIP = 0.01  # inputs of the rule "gln" are probabilities between this and 1 - this, as in the code of its authors
FORGETTING = 0.995  # the factor of accumulated errors in every step of learning, as in growing neural gas
GROWTH_THRESHOLD = 0.75  # the share of contexts in use from which a unit is a candidate for splitting
PRUNE_THRESHOLD = 0.01  # the mean output, relative to that of the layer, below which a unit is one for pruning

_ANY_CELL = np.uint64(0)


def _contexts_of_cells(bits: int) -> NDArray[np.intp]:
    """Return the context of each cell: the cell itself, of which only the first bits of the pattern are kept.

    Row and column are positions in a cyclic Gray code, whose bits are those of the pattern: three for the column, then
    three for the row. The other bits count as 0, so contexts are positions in a Gray code too.
    """
    rows, columns = np.divmod(np.arange(64), 8)
    contexts = np.zeros(64, np.intp)
    for places, first in ((columns, 0), (rows, 3)):
        pattern = (places ^ places >> 1) & ((1 << min(max(bits - first, 0), 3)) - 1)
        contexts += (pattern ^ pattern >> 1 ^ pattern >> 2) << first
    return contexts


_CONTEXTS = {1 << bits: _contexts_of_cells(bits) for bits in range(7)}


class _Rows(NamedTuple):
    """The rows of a batch, sorted by context: `order` are their places in the batch; None if they are sorted there."""

    inputs: Array
    contexts: NDArray[np.intp]
    hashes: Any  # one for each row, shape (rows, 1), or any hash for maps of one function
    order: NDArray[np.intp] | None
    groups: list[tuple[int, slice]]

    def sort(self, values: Array) -> Array:
        """Return values of the rows in the order of the contexts."""
        return values if self.order is None else values[self.order]

    def unsort(self, values: Array, out: Array | None = None) -> Array:
        """Return values in the order of the batch, in `out` if it is given."""
        if self.order is None:
            if out is None or out is values:
                return values
            out[...] = values
            return out
        if out is None:
            out = np.empty_like(values)
        out[self.order] = values
        return out


class SpatialLayer(Layer):
    r"""A layer of spatial neurons: a context selects the weights of a neuron, and a cell selects its activation.

    Both follow from one hash per sample. With c = the context and f = the function in the cell of neuron j,
    ``y[j] = f(weights[j, c] · x + bias[j, c])``. Neurons learn by a local rule, `learn`, from their own inputs, outputs
    and targets, without a backward pass; `backward` works as in other layers, for fixed contexts. They remember their
    last outputs, `step`. With one context and one function this is a `Dense` layer, and with gated linear mixing (the
    rule "gln") it is a layer of a gated linear network [1]_.

    Parameters
    ----------
    n_inputs, n_units : int
        The number of columns of the input and of the output.
    contexts : {1, 2, 4, 8, 16, 32, 64}
        The number of weight vectors per neuron. With 64, the context is the cell, 8 · row + column. With 2**k, it is
        given by the first k bits of the pattern, the first k hyperplanes of a `SimHash`; category c of a `CategoryHash`
        is context c if there are not more. All contexts start with the same weights.
    maps : ActivationMap, optional
        One grid per neuron, shape (n_units,). By default all neurons are linear. Not used by the rule "gln".
    pattern_hash : hash, callable or "network", optional
        A function that returns uint64 hashes, shape (samples,), of the input or of ``side``. The default is
        ``SimHash(n_inputs, rng=rng)``; `fit_hash` and `Network.fit` set its thresholds. With "network", the layer uses
        the hashes of the network's input. With one context and maps of one function, no hash is computed.
    history : int
        The number of outputs that a neuron remembers.
    decay : float
        The factor, from 0 to 1, by which a remembered output and an eligibility trace shrink in each step.
    feedback : bool
        Whether `step` adds ``feedback_weights[j] · temporal_state[j]`` before the activation. These parameters, shape
        (n_units, history), start at 0, and only the rule "delta" trains them.
    rule : {"delta", "oja", "three_factor", "gln"}
        The rule of `learn`; see the notes.
    rates : {"constant", "error"}
        Whether each neuron keeps its learning rate, or multiplies it by 1.1 if the mean absolute error of a step is
        above 0.5, and by 0.9 if it is below 0.1, within ``rate_limits``. "error" is for "delta" and "gln".
    learning_rate : float
        The learning rate with which all neurons start.
    rate_limits : (float, float)
    bits : {8, 4, 2, 1}, optional
        Forward passes read weights that are rounded to this number of bits: the nearest of 2**bits - 1 levels from -1
        to 1, one of which is 0; with one bit, -1 or 1. Learning changes the weights themselves.
    rng : Generator or int, optional
        The source, in this order, of the weights, which are those of a `Dense`, and of the hash. With the rule "gln",
        all weights start at 1 / n_inputs.

    Raises
    ------
    ValueError
        If an argument is outside its domain, or sizes do not match.
    TypeError
        If ``maps`` is not an ActivationMap or ``pattern_hash`` is neither callable nor "network".

    Notes
    -----
    A step of `learn` adds to weights[j, c] the mean of the following over the rows of context c, where z is the sum, y
    the output, and f′ the derivative of the function at z:

    ============== ==========================================================================================
    rule           for each row
    ============== ==========================================================================================
    "delta"        rate · (target - y) · f′ · x / (1 + x · x), the normalized delta rule [2]_. The bias is the
                   weight of an input of 1. For a linear neuron, n steps with the same row multiply its error
                   by (1 - rate)\ :sup:`n`.
    "oja"          rate · y · (x - y · weights), without a bias: the weights of a linear neuron become the first
                   principal component of the rows of a context, with norm 1 [3]_.
    "three_factor" the eligibility trace decays and adds f′ · x; the step is rate · modulator · trace [4]_.
    "gln"          rate · (target - y) · l, where y = σ(weights · l + bias) and l = log(p / (1 - p)) of the inputs,
                   which are probabilities p, clipped to [0.01, 0.99]. Weights stay within ±200. The loss is
                   convex, and each neuron predicts the target by itself [1]_.
    ============== ==========================================================================================

    Parameters are ``weights`` (n_units, contexts, n_inputs), ``bias`` (n_units, contexts) and ``feedback_weights``.
    Buffers are the ``ids``, ``learning_rates`` and remembered outputs of the neurons, what `stats` reports, and the
    traces. brian2 has a class SpatialNeuron too, which is a model of dendrites and not related.

    As in `SpatialDense`, the routing has zero gradient, and NaN or infinity in x raises a ValueError if a hash is
    computed. The products of a batch are one for each context, so their bits depend on the rows of this context.

    References
    ----------
    .. [1] J. Veness et al., "Gated linear networks", AAAI 2021, arXiv:1910.01526.
    .. [2] J. Nagumo, A. Noda, "A learning method for system identification", IEEE Transactions on Automatic Control
       12, 1967.
    .. [3] E. Oja, "Simplified neuron model as a principal component analyzer", Journal of Mathematical Biology 15,
       1982.
    .. [4] N. Frémaux, W. Gerstner, "Neuromodulated spike-timing-dependent plasticity, and theory of three-factor
       learning rules", Frontiers in Neural Circuits 9, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import SpatialLayer
    >>> x = np.random.default_rng(0).normal(size=(500, 2))
    >>> target = np.abs(x[:, :1]) - x[:, 1:]
    >>> layer = SpatialLayer(2, 1, contexts=4, rng=0).fit_hash(x)
    >>> for _ in range(200):
    ...     errors = layer.learn(x, target)
    >>> linear = SpatialLayer(2, 1, contexts=1, rng=0)
    >>> for _ in range(200):
    ...     linear_errors = linear.learn(x, target)
    >>> bool(np.square(errors).mean() < 0.5 * np.square(linear_errors).mean())
    True

    One neuron is a view:

    >>> neuron = layer[0]
    >>> neuron.id, neuron.weights.shape, neuron.learning_rate
    (1, (4, 2), 0.1)
    """

    n_inputs: int
    n_outputs: int

    def __init__(
        self,
        n_inputs: int,
        n_units: int,
        contexts: int = 64,
        maps: ActivationMap | None = None,
        pattern_hash: HashFunction | Literal["network"] | None = None,
        history: int = 16,
        decay: float = 0.9,
        feedback: bool = False,
        rule: Literal["delta", "oja", "three_factor", "gln"] = "delta",
        rates: Literal["constant", "error"] = "constant",
        learning_rate: float = 0.1,
        rate_limits: tuple[float, float] = (0.01, 0.1),
        bits: Literal[8, 4, 2, 1] | None = None,
        rng: Random = None,
    ) -> None:
        n_inputs, n_units = whole_number("n_inputs", n_inputs), whole_number("n_units", n_units)
        super().__init__((n_inputs,), (n_units,))
        self.contexts = _one_of("contexts", contexts, tuple(_CONTEXTS))
        if maps is None:
            maps = ActivationMap.uniform(Identity(), n_units)
        elif not isinstance(maps, ActivationMap):
            raise TypeError(f"maps is {maps!r}, expected an ActivationMap")
        elif maps.shape != (n_units,):
            raise ValueError(f"maps has shape {maps.shape}, the layer has n_units = {n_units}")
        self.maps = maps
        self.history = whole_number("history", history, 0)
        self.decay = check_scalar("decay", decay, "nonnegative")
        if self.decay > 1.0:
            raise ValueError(f"decay is {self.decay}, expected a number from 0 to 1")
        if not isinstance(feedback, bool | np.bool):
            raise TypeError(f"feedback is {feedback!r}, expected True or False")
        self.rule: str = _one_of("rule", rule, tuple(RULES))
        if feedback and (rule != "delta" or not self.history):
            raise ValueError(f"feedback needs the rule 'delta' and a history, rule is {rule!r}, history {history}")
        self.rates: str = _one_of("rates", rates, RATES)
        if rates == "error" and RULES[rule].needs != "target":
            raise ValueError(f"rates is 'error', but the rule {rule!r} has no target")
        rate = check_scalar("learning_rate", learning_rate, "positive")
        low, high = (check_scalar("rate_limits", limit, "positive") for limit in rate_limits)
        if low > high or (rates == "error" and not low <= rate <= high):
            raise ValueError(f"rate_limits is {rate_limits!r}, expected two numbers around learning_rate, {rate}")
        self.rate_limits = (low, high)
        self.bits = None if bits is None else _one_of("bits", bits, BITS)

        generator = np.random.default_rng(rng)
        # One matrix of weights per context, as of a Dense layer: the axes in memory are contexts, inputs, units.
        weights = new_array((self.contexts, n_inputs, n_units), 1 / n_inputs)
        if rule != "gln":
            drawn = draw_weights((n_inputs, n_units), n_inputs, "he", None, generator)
            if weights.flags.writeable:  # not the placeholder of an array that is read from a file
                weights[...] = drawn
        self.parameters = {"weights": weights.transpose(2, 0, 1), "bias": new_array((self.contexts, n_units)).T}
        if feedback:
            self.parameters["feedback_weights"] = new_array((n_units, self.history))
        self.buffers = {
            "ids": new_array((n_units,), 0, np.uint64),
            "learning_rates": new_array((n_units,), rate, np.float64),
            "recent_outputs": new_array((self.history, 0, n_units), 0.0, np.float64),
            "newest": new_array((), 0, np.int64),
            "trained_rows": new_array((self.contexts, n_units), 0, np.int64).T,
            "output_sums": new_array((n_units,), 0.0, np.float64),
            "error_sums": new_array((n_units,), 0.0, np.float64),
        }
        if self.buffers["ids"].flags.writeable:
            # No number is among the ancestors i // 2, i // 4, ... of another, so all descendants have their own.
            self.buffers["ids"][...] = np.arange(n_units, 2 * n_units)
        if rule == "three_factor":
            traces = new_array((self.contexts, n_inputs, n_units), 0.0, np.float64)
            self.buffers["traces"] = traces.transpose(2, 0, 1)
            self.buffers["bias_traces"] = new_array((self.contexts, n_units), 0.0, np.float64).T
        if pattern_hash is None:
            pattern_hash = SimHash(n_inputs, rng=generator)
        elif pattern_hash != NETWORK:
            pattern_hash = as_pattern_hash(pattern_hash, None)
        self.pattern_hash: HashFunction | str = pattern_hash

    def __repr__(self) -> str:
        return f"SpatialLayer({self.n_inputs}, {self.n_outputs}, contexts={self.contexts}, rule={self.rule!r})"

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._lay_out()

    def _lay_out(self) -> None:
        """Put the axes of the arrays in the order in memory that `__init__` gives them, on which bits depend."""
        for kind in ("parameters", "buffers"):
            arrays = dict(getattr(self, kind))
            for name in ("weights", "bias", "traces", "bias_traces", "trained_rows"):
                if name in arrays:
                    order = (1, 2, 0) if arrays[name].ndim == 3 else (1, 0)
                    inner = np.ascontiguousarray(arrays[name].transpose(order))
                    arrays[name] = inner.transpose(np.argsort(order))
            setattr(self, kind, arrays)

    # ---- neurons ----

    def __len__(self) -> int:
        return self.n_outputs

    def __getitem__(self, index: int) -> SpatialNeuron:
        """Return a view of one neuron."""
        place = whole_number("index", index, None)
        if not -len(self) <= place < len(self):
            raise IndexError(f"index is {place}, the layer has {len(self)} neurons")
        return SpatialNeuron(self, place % len(self))

    @property
    def temporal_state(self) -> Array:
        """The remembered outputs, shape (streams, n_units, history): decay**k · y(t - k), with the newest first."""
        return self._state()

    def stats(self) -> Table:
        """Return a table of what the neurons have learned in `learn` and in training passes.

        "active" is the number of units that a step has moved. A unit whose function has no slope for any row, such as
        a dead relu, is not. "saturation" is the mean share of the contexts in which a unit has been moved, and
        "live_contexts" the number of contexts in which any has. "split_candidates" are the units with a saturation
        above 0.75, and "prune_candidates" those whose mean absolute output is less than 1 % of the mean of all units.

        Examples
        --------
        >>> from spatium.nn import SpatialLayer
        >>> layer = SpatialLayer(1, 2, contexts=2, rng=0)
        >>> errors = layer.learn([[-1.0], [1.0]], [[0.5, 0.0], [0.5, 0.0]])
        >>> print(layer.stats())
        statistic         value
        ----------------  -----
        units             2
        active            2
        saturation        1
        live_contexts     2
        split_candidates  0, 1
        prune_candidates  none
        """
        used = self.buffers["trained_rows"] > 0
        outputs = self.buffers["output_sums"]
        split = np.flatnonzero(self._saturation() > GROWTH_THRESHOLD)
        prune = np.flatnonzero(outputs < PRUNE_THRESHOLD * outputs.mean())
        rows = [
            ("units", len(self)),
            ("active", int(used.any(axis=1).sum())),
            ("saturation", float(used.mean())),
            ("live_contexts", int(used.any(axis=0).sum())),
            ("split_candidates", tuple(split.tolist())),
            ("prune_candidates", tuple(prune.tolist())),
        ]
        return Table("", ("statistic", "value"), rows)

    def _saturation(self) -> Array:
        """Return the share of the contexts in which each unit has learned."""
        share: Array = (self.buffers["trained_rows"] > 0).mean(axis=1)
        return share

    def _check_generations(self, units: NDArray[np.intp]) -> None:
        if (self.buffers["ids"][units] >= np.uint64(1 << 63)).any():
            raise OverflowError("a unit has too many ancestors: the ids of its children would have more than 64 bits")

    def _name_children(self, children: NDArray[np.intp]) -> None:
        """Give the children of unit i the ids 2 i and 2 i + 1, and half of its accumulated error each."""
        ids = self.buffers["ids"]
        first = ids[children[:, 0]] * np.uint64(2)
        ids[children[:, 0]], ids[children[:, 1]] = first, first + np.uint64(1)
        self.buffers["error_sums"][children] *= 0.5

    # ---- hashes and contexts ----

    def fit_hash(self, X: ArrayLike) -> Self:
        """Set the thresholds of the SimHash to the medians of the projections of X, and return the layer.

        X are the rows from which hashes are computed: inputs of the layer, or what is passed as ``side``. Other hashes
        of Spatium do not depend on data; a hash of another kind, or "network", is a ValueError.
        """
        if not isinstance(self.pattern_hash, PatternHash):
            raise ValueError(f"fit_hash needs a hash of Spatium in the layer, pattern_hash is {self.pattern_hash!r}")
        self.pattern_hash.fit(X)
        return self

    def fit_inputs(self, x: Array) -> None:
        """Set the thresholds of a SimHash of the inputs to the medians of the projections of x."""
        if isinstance(self.pattern_hash, SimHash) and self.pattern_hash.n_features == self.n_inputs:
            self.pattern_hash.fit(x)

    def _hashes(self, x: Array, side: ArrayLike | None) -> NDArray[np.uint64] | None:
        """Return the hash of each row; None if every row has the same weights and functions."""
        if self.contexts == 1 and (len(self.maps.palette) == 1 or self.rule == "gln"):
            return None
        if side is None:
            name, hashes = "pattern_hash", np.asarray(hashes_of(self.pattern_hash, x))
        elif isinstance(self.pattern_hash, str):
            raise ValueError("side is given, but pattern_hash is 'network'")
        else:
            name, hashes = "side", np.asarray(self.pattern_hash(as_dtype("side", side, self.dtype)))
        if hashes.shape != (len(x),):
            raise ValueError(f"{name} has hashes of shape {hashes.shape}, expected {(len(x),)}, one for each row of x")
        return hashes

    def _contexts(self, hashes: NDArray[np.uint64] | None, n_rows: int) -> NDArray[np.intp]:
        return np.zeros(n_rows, np.intp) if hashes is None else _CONTEXTS[self.contexts][cells_of(hashes)]

    def _sorted(self, x: Array, hashes: NDArray[np.uint64] | None) -> _Rows:
        """Return the rows in the order of their contexts."""
        inputs = self._arguments(x)
        functions: Any = _ANY_CELL if hashes is None or self.rule == "gln" else hashes[:, np.newaxis]
        contexts = self._contexts(hashes, len(x))
        if self.contexts == 1:
            return _Rows(inputs, contexts, functions, None, [(0, slice(0, len(x)))])
        counts = np.bincount(contexts, minlength=self.contexts)
        stops = np.cumsum(counts)
        groups = [(int(c), slice(int(stops[c] - counts[c]), int(stops[c]))) for c in np.flatnonzero(counts)]
        if len(groups) < 2:
            return _Rows(inputs, contexts, functions, None, groups)
        order = np.argsort(contexts, kind="stable")
        functions = functions if np.ndim(functions) == 0 else functions[order]
        return _Rows(inputs[order], contexts[order], functions, order, groups)

    def _rows_of(self, x: Array) -> tuple[Array, NDArray[np.intp]]:
        """Return the inputs that the weights multiply, and the context of each row."""
        return self._arguments(x), self._contexts(self._hashes(x, None), len(x))

    # ---- passes ----

    def forward(
        self, x: ArrayLike, training: bool = False, count: bool | None = None, side: ArrayLike | None = None
    ) -> Array:
        """Return the outputs of samples, which are independent of what the neurons remember.

        Parameters
        ----------
        x : array_like, shape (samples, n_inputs)
        training, count
            As in `Layer.forward`.
        side : array_like, shape (samples, features), optional
            What the hash is computed from, in place of x. Ignored if no hash is needed.

        Raises
        ------
        ValueError
            If a shape does not match, or a row that needs a hash contains NaN or infinity.
        """
        return self._pass(x, training, count, **({} if side is None else {"side": side}))

    def _arguments(self, x: Array) -> Array:
        """Return what the weights multiply: x, or the log odds of probabilities."""
        if self.rule != "gln":
            return x
        p = np.clip(x, CLIP, 1 - CLIP)
        logits: Array = np.log(p) - np.log1p(-p)
        return logits

    def _tables(self) -> tuple[Array, Array]:
        """Return views of the weights, shape (contexts, n_inputs, n_units), and the biases, (contexts, n_units)."""
        return self.parameters["weights"].transpose(1, 2, 0), self.parameters["bias"].T

    def _used_weights(self) -> Array:
        """Return the weights that forward passes read."""
        return self._rounded(self.parameters["weights"])

    def _rounded(self, weights: Array) -> Array:
        if self.bits is None:
            return weights
        rounded: Array
        if self.bits == 1:
            rounded = np.where(weights < 0, weights.dtype.type(-1), weights.dtype.type(1))
        else:
            levels = weights.dtype.type(2 ** (self.bits - 1) - 1)
            rounded = np.rint(np.clip(weights, -1, 1) * levels)
            rounded /= levels
        return rounded

    def _each(self, groups: Sequence[tuple[int, slice]], work: Callable[[int, slice, Any], object], size: int) -> None:
        """Call `work` for every group, with a function for products, on Spatium's threads if that is worth it.

        A group is computed by one thread, and a single group is divided by `product`, so bits do not depend on threads.
        """
        multiplications = size * sum(rows.stop - rows.start for _, rows in groups)
        if len(groups) > 1 and multiplications > WORTH_CUTTING and _blas.limited():
            share_out(lambda share: work(*groups[share], np.matmul), len(groups), multiplications)
            return
        for context, rows in groups:
            work(context, rows, product if len(groups) == 1 else np.matmul)

    def _sums(self, rows: _Rows, out: Array, run: Inference | None) -> Array:
        """Return the arguments of the functions, in the order of the contexts."""
        weights, bias = self._tables()
        z = out if rows.order is None and out.flags.c_contiguous else np.empty(out.shape, out.dtype)

        def compute(context: int, own: slice, multiply: Callable[..., Array]) -> None:
            multiply(rows.inputs[own], self._rounded(weights[context]), out=z[own])
            z[own] += bias[context]

        if run is not None and run.multiply is not product:  # a thread of several computes these rows
            for context, own in rows.groups:
                compute(context, own, run.multiply)
        else:
            self._each(rows.groups, compute, weights[0].size)
        return z

    def _infer(
        self,
        x: Array,
        out: Array,
        run: Inference,
        side: ArrayLike | None = None,
        fed_back: Array | None = None,
    ) -> Array:
        hashes = self._hashes(x, side)
        rows = self._sorted(x, hashes)
        z = self._sums(rows, out, run)
        if fed_back is not None:
            z += rows.sort(fed_back)
        if self.rule == "gln":
            OPERATIONS["sigmoid"].value(z, out=z)
        else:
            self._activate(z, rows.hashes, z)
            if hashes is not None:
                run.hit(self.maps, hashes)
        return rows.unsort(z, out if rows.order is not None else None)

    def _forward(self, x: Array, count: bool, side: ArrayLike | None = None) -> Array:
        hashes = self._hashes(x, side)
        rows = self._sorted(x, hashes)
        z = self._sums(rows, np.empty((len(x), self.n_outputs), self.dtype), None)
        y: Array
        if self.rule == "gln":
            y = np.asarray(OPERATIONS["sigmoid"].value(z))
            self._kept = (x, rows, y.copy())
        else:
            y = self._activate(z, rows.hashes, np.empty_like(z))
            self._kept = (x, rows, z)
            if count and hashes is not None:
                run = Inference()
                run.hit(self.maps, hashes)
                run.count_hits()
        _cells.add_sizes(y, self.buffers["output_sums"])
        return rows.unsort(y)

    def _backward(self, grad: Array) -> Array:
        grad_z = self._backward_parameters(grad)
        x, rows, _ = self._kept
        weights, _ = self._tables()
        grad_x = np.empty(rows.inputs.shape, self.dtype)

        def compute(context: int, own: slice, multiply: Callable[..., Array]) -> None:
            multiply(grad_z[own], self._rounded(weights[context]).T, out=grad_x[own])

        self._each(rows.groups, compute, weights[0].size)
        grad_x = rows.unsort(grad_x)
        if self.rule == "gln":
            inside = (x > CLIP) & (x < 1 - CLIP)
            p = np.where(inside, x, 0.5)
            grad_x = np.where(inside, grad_x / (p * (1 - p)), 0).astype(self.dtype, copy=False)
        return grad_x

    def _backward_parameters(self, grad: Array) -> Array:
        """Set ``gradients``, and return the gradient with respect to the sums, in the order of the contexts."""
        _, rows, kept = self._kept
        grad = np.ascontiguousarray(rows.sort(grad))
        grad_z: Array = grad * kept * (1 - kept) if self.rule == "gln" else self.maps.backward(grad, kept, rows.hashes)
        weights, bias = self._tables()
        grad_weights, grad_bias = np.zeros(weights.shape, self.dtype), np.zeros(bias.shape, self.dtype)

        def compute(context: int, own: slice, multiply: Callable[..., Array]) -> None:
            multiply(rows.inputs[own].T, grad_z[own], out=grad_weights[context])

        self._each(rows.groups, compute, weights[0].size)
        _cells.add_rows(grad_z, rows.contexts, grad_bias)
        _cells.count_rows(grad_z, rows.contexts, self.buffers["trained_rows"].T)
        self.gradients = {"weights": grad_weights.transpose(2, 0, 1), "bias": grad_bias.T}
        if "feedback_weights" in self.parameters:  # rows of a batch have no state
            self.gradients["feedback_weights"] = np.zeros_like(self.parameters["feedback_weights"])
        return grad_z

    def _bend(self, x: Array) -> Array:
        """Return the second derivatives of the outputs with respect to the sums."""
        rows = self._sorted(x, self._hashes(x, None))
        with OnePool():
            z = self._sums(rows, np.empty((len(x), self.n_outputs), self.dtype), None)
        if self.rule == "gln":
            y = np.asarray(OPERATIONS["sigmoid"].value(z))
            return rows.unsort(y * (1 - y) * (1 - 2 * y))
        return rows.unsort(self.maps.second_derivative(z, rows.hashes))

    def _activate(self, z: Array, hashes: Any, out: Array) -> Array:
        """Write the outputs for sums to `out`; a single function is called without the map, which takes a while."""
        if len(self.maps.palette) == 1:
            self.maps.palette[0](z, out=out)
        else:
            self.maps.activate(z, hashes, out=out, count=False)
        return out

    def _work(self, shape: tuple[int, ...]) -> int:
        return (self.n_inputs + 1) * self.n_outputs

    # ---- what neurons remember ----

    def step(self, x: ArrayLike, side: ArrayLike | None = None) -> Array:
        """Return the outputs for the next sample of each stream, and remember them.

        Row i is the next sample of stream i. The first step after `reset_state` sets the number of streams. Hits are
        counted. With ``feedback``, the outputs depend on the `temporal_state` before the step.

        Parameters
        ----------
        x : array_like, shape (streams, n_inputs)
        side : array_like, shape (streams, features), optional
            What the hash is computed from, in place of x.

        Raises
        ------
        ValueError
            If a shape does not match, or x has another number of rows than there are streams. Nothing is remembered
            then.

        Examples
        --------
        >>> from spatium.nn import SpatialLayer
        >>> layer = SpatialLayer(1, 1, contexts=1, history=3, decay=0.5, rng=0)
        >>> layer.weights = [[[1.0]]]
        >>> for x in (1.0, 2.0, 3.0):
        ...     y = layer.step([[x]])
        >>> layer[0].temporal_state
        array([[3.  , 1.  , 0.25]])
        """
        _, batch = self._batch(x)
        self._check_streams(len(batch))
        run = Inference()
        with OnePool():
            room = np.empty((len(batch), self.n_outputs), self.dtype)
            y = self._infer(batch, room, run, side, self._fed_back())
        if self.buffers["recent_outputs"].shape[1] != len(batch):
            self.buffers["recent_outputs"] = np.zeros((self.history, *y.shape))
        if self.history:
            newest = (int(self.buffers["newest"]) + 1) % self.history
            self.buffers["newest"][...] = newest
            self.buffers["recent_outputs"][newest] = y
        run.count_hits()
        return y

    def reset_state(self) -> None:
        """Forget the outputs of all streams, and the eligibility traces."""
        self.buffers["recent_outputs"] = np.zeros((self.history, 0, self.n_outputs))
        for name in ("traces", "bias_traces"):
            if name in self.buffers:
                self.buffers[name][...] = 0.0

    def _check_streams(self, n_rows: int) -> None:
        streams = self.buffers["recent_outputs"].shape[1]
        if streams not in (0, n_rows):
            raise ValueError(f"x has {n_rows} rows, expected {streams}, one for each stream, or reset_state first")

    def _state(self, units: Any = slice(None)) -> Array:
        """Return the temporal state of some units; the last axis is the history."""
        ages = np.arange(self.history)
        recent = self.buffers["recent_outputs"][(int(self.buffers["newest"]) - ages) % max(self.history, 1)]
        state: Array = np.moveaxis(recent[:, :, units], 0, -1) * np.array([self.decay**k for k in range(self.history)])
        return state

    def _fed_back(self) -> Array | None:
        """Return what the remembered outputs add to the sums; None if that is nothing."""
        if "feedback_weights" not in self.parameters or not self.buffers["recent_outputs"].shape[1]:
            return None
        sums: Array = (self._state() * self.parameters["feedback_weights"]).sum(axis=2)
        return sums.astype(self.dtype)

    # ---- local learning ----

    def learn(
        self,
        x: ArrayLike,
        target: ArrayLike | None = None,
        modulator: ArrayLike | None = None,
        side: ArrayLike | None = None,
    ) -> Array:
        """Do one step of the rule of the layer, and return the errors before it.

        The rows of a context change its weights by the mean of their steps; one row at a time is the online rule. No
        hit is counted, and nothing is remembered. With ``feedback``, the rows are the streams of `step`, which comes
        after `learn` if both get the same x.

        Parameters
        ----------
        x : array_like, shape (samples, n_inputs)
            Finite numbers; probabilities for the rule "gln".
        target : array_like, shape (samples, n_units), (samples,) or (), optional
            For the rules "delta" and "gln": the outputs that are wanted, for all units the same if there is no axis for
            them. For "gln" they are from 0 to 1.
        modulator : array_like, shape (n_units,) or (), optional
            For the rule "three_factor": the factor of the step, such as a reward.
        side : array_like, shape (samples, features), optional
            What the hash is computed from, in place of x.

        Returns
        -------
        ndarray, shape (samples, n_units)
            For "delta" and "gln", target - y. For "oja", the distance of x from y · weights, which is as small as
            possible for the principal component. For "three_factor", the modulator.

        Raises
        ------
        ValueError
            If an argument is missing or not for this rule, or has the wrong shape or values. Nothing is changed then.
        FloatingPointError
            If a step is not finite. Nothing is changed then; a smaller learning rate may help.

        Examples
        --------
        >>> from spatium.nn import SpatialLayer
        >>> layer = SpatialLayer(2, 1, contexts=1, learning_rate=0.5, rng=0)
        >>> layer.weights = [[[1.0, 0.0]]]
        >>> for _ in range(4):
        ...     print(layer.learn([[1.0, 2.0]], target=5.0))
        [[4.]]
        [[2.]]
        [[1.]]
        [[0.5]]
        """
        rule = RULES[self.rule]
        for name, value in (("target", target), ("modulator", modulator)):
            if (value is not None) != (rule.needs == name):
                verb = "is given, but" if value is not None else "is missing:"
                raise ValueError(f"{name} {verb} the rule {self.rule!r} needs {rule.needs or 'neither'}")
        _, batch = self._batch(x)
        if not np.isfinite(batch).all():
            raise ValueError(f"x is not finite in row {int(np.flatnonzero(~np.isfinite(batch).all(axis=1))[0])}")
        wanted = self._goals(target, modulator, len(batch))
        if "feedback_weights" in self.parameters:
            self._check_streams(len(batch))
        rows = self._sorted(batch, self._hashes(batch, side))
        if not len(batch):
            return np.empty((0, self.n_outputs), self.dtype)
        with OnePool():
            return self._learn(rows, wanted)

    def _goals(self, target: ArrayLike | None, modulator: ArrayLike | None, n_rows: int) -> Array | None:
        """Return the targets (rows, units), or the modulators (units,), after a check."""
        if target is None and modulator is None:
            return None
        name, value = ("target", target) if target is not None else ("modulator", modulator)
        goals = as_dtype(name, value, self.dtype)  # type: ignore[arg-type]  # it is not None
        whole = (n_rows, self.n_outputs)
        shapes = (whole, (n_rows, 1), (n_rows,), ()) if name == "target" else ((self.n_outputs,), ())
        if goals.shape not in shapes:
            raise ValueError(f"{name} has shape {goals.shape}, expected {' or '.join(map(str, dict.fromkeys(shapes)))}")
        if not np.isfinite(goals).all():
            raise ValueError(f"{name} is not finite")
        if self.rule == "gln" and goals.size and not (goals.min() >= 0 and goals.max() <= 1):
            raise ValueError(f"target runs from {goals.min()} to {goals.max()}, expected 0 to 1")
        if name == "modulator":
            return np.broadcast_to(goals, (self.n_outputs,))
        return np.broadcast_to(goals[:, np.newaxis] if goals.ndim == 1 else goals, whole)

    def _learn(self, rows: _Rows, wanted: Array | None) -> Array:
        weights, bias = self._tables()
        z = self._sums(rows, np.empty((len(rows.inputs), self.n_outputs), self.dtype), None)
        sizes: Array = np.einsum("ri,ri->r", rows.inputs, rows.inputs, dtype=np.float64)[:, np.newaxis]
        state = None
        if (fed_back := self._fed_back()) is not None:
            state = rows.sort(self._state())
            z += rows.sort(fed_back)
            sizes = sizes + np.square(state).sum(axis=2)
        if self.rule == "gln":
            y = np.asarray(OPERATIONS["sigmoid"].value(z))
            slope = y * (1 - y)
        else:
            one = self.maps.palette[0] if len(self.maps.palette) == 1 else None
            y, slope = one.value_and_derivative(z) if one else self.maps.value_and_derivative(z, rows.hashes)
        rates = self.buffers["learning_rates"].astype(self.dtype)
        errors = self._errors(rows, y, wanted)
        with np.errstate(over="ignore", invalid="ignore"):
            signals = RULES[self.rule].signal(Activity(y, slope, errors, rates, sizes.astype(self.dtype)))
        if not np.isfinite(signals).all():
            raise FloatingPointError("a step of learning is not finite; a smaller learning_rate may help")

        traces, bias_traces = self._decayed_traces()

        def update(context: int, own: slice, multiply: Callable[..., Array]) -> None:
            step, step_of_bias = multiply(rows.inputs[own].T, signals[own]), signals[own].mean(axis=0)
            step /= own.stop - own.start
            if traces is not None and bias_traces is not None:
                traces[context] += step
                bias_traces[context] += step_of_bias
                return
            if self.rule == "oja":
                shrinking = rates * np.square(y[own]).mean(axis=0)
                step -= shrinking * weights[context]
            weights[context] += step
            if self.rule == "gln":
                np.clip(weights[context], -GREATEST_MIXING_WEIGHT, GREATEST_MIXING_WEIGHT, out=weights[context])
            elif self.rule == "delta":
                bias[context] += step_of_bias

        self._each(rows.groups, update, weights[0].size)
        _cells.count_rows(signals, rows.contexts, self.buffers["trained_rows"].T)
        if traces is not None and bias_traces is not None and wanted is not None:
            factors = rates * wanted
            weights += (factors * traces).astype(self.dtype)
            bias += (factors * bias_traces).astype(self.dtype)
        if state is not None:
            self.parameters["feedback_weights"] += np.einsum("ru,ruk->uk", signals, state) / len(signals)
        _cells.add_sizes(y, self.buffers["output_sums"])
        if RULES[self.rule].needs == "target":
            sizes_of_errors = np.zeros(self.n_outputs)
            _cells.add_sizes(errors, sizes_of_errors)
            sizes_of_errors /= len(errors)
            self.buffers["error_sums"] *= FORGETTING
            self.buffers["error_sums"] += sizes_of_errors
            if self.rates == "error":
                self.buffers["learning_rates"][...] = adapted_rates(
                    self.buffers["learning_rates"], sizes_of_errors, self.rate_limits
                )
        return rows.unsort(errors)

    def _decayed_traces(self) -> tuple[Array, Array] | tuple[None, None]:
        """Return the traces by context, after they have decayed; None for rules without traces."""
        if "traces" not in self.buffers:
            return None, None
        traces, bias_traces = self.buffers["traces"].transpose(1, 2, 0), self.buffers["bias_traces"].T
        traces *= self.decay
        bias_traces *= self.decay
        return traces, bias_traces

    def _errors(self, rows: _Rows, y: Array, wanted: Array | None) -> Array:
        """Return what `learn` returns, in the order of the contexts."""
        if self.rule == "three_factor":
            return np.array(np.broadcast_to(wanted, y.shape))  # type: ignore[arg-type]  # it needs a modulator
        if wanted is not None:
            return np.subtract(rows.sort(wanted), y, out=np.empty_like(y))
        # |x - y w|² = x·x - 2 y (w·x) + y² (w·w)
        weights, _ = self._tables()
        errors = np.empty_like(y)

        def compute(context: int, own: slice, multiply: Callable[..., Array]) -> None:
            matrix, inputs = self._rounded(weights[context]), rows.inputs[own]
            with np.errstate(over="ignore", invalid="ignore"):
                norms = np.square(matrix).sum(axis=0)
                squares = np.square(inputs).sum(axis=1, keepdims=True)
                distances = squares - 2 * y[own] * multiply(inputs, matrix) + np.square(y[own]) * norms
                np.sqrt(np.maximum(distances, 0), out=errors[own])

        self._each(rows.groups, compute, weights[0].size)
        return errors

    # ---- files ----

    def to_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor. Maps, hash and rates are stored as arrays."""
        names = ("contexts", "history", "decay", "rule", "rates", "rate_limits", "bits")
        config = {"n_inputs": self.n_inputs, "n_units": self.n_outputs, "palette": self.maps.palette}
        config |= {name: getattr(self, name) for name in names}
        config["feedback"] = "feedback_weights" in self.parameters
        is_shared = isinstance(self.pattern_hash, str)
        config["pattern_hash"] = self.pattern_hash if is_shared else hash_to_file(self.pattern_hash)[0]
        return config

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        config, arrays = super()._to_file()
        # the grid is read once, because another thread may assign cells in the meantime
        config["palette"], own = routing_to_file(self.maps._grid, self.pattern_hash)
        return config, arrays | own

    @classmethod
    def _from_file(cls, config: Mapping[str, Any], read: ReadArray, dtype: np.dtype[Any]) -> Self:
        arguments = dict(config)
        n_units = whole_number("n_units", arguments.get("n_units"))
        cells = read("cells", np.uint8, (n_units, 8, 8))
        maps = ActivationMap(cells, arguments.pop("palette", ()))
        if arguments.get("pattern_hash") != NETWORK:
            arguments["pattern_hash"] = hash_from_file(arguments.get("pattern_hash"), None, read)
        limits = arguments["rate_limits"] = tuple(arguments.get("rate_limits", ()))
        with placeholders():
            layer = cls(maps=maps, learning_rate=limits[-1], **arguments)
        return layer._filled(read, dtype)

    def _filled(self, read: ReadArray, dtype: np.dtype[Any]) -> Self:
        self.dtype = dtype
        self.parameters = {name: read(name, dtype, array.shape) for name, array in self.parameters.items()}
        streams = (self.history, None, self.n_outputs)
        self.buffers = {
            name: read(name, array.dtype, streams if name == "recent_outputs" else array.shape)
            for name, array in self.buffers.items()
        }
        if not 0 <= self.buffers["newest"] < max(self.history, 1):
            raise ValueError(f"newest is {self.buffers['newest']}, expected a place in the history of {self.history}")
        for name, least in (("learning_rates", "above 0"), ("trained_rows", "of at least 0")):
            array = self.buffers[name]
            if array.size and not (array.min() > 0 or (least != "above 0" and array.min() == 0)):
                raise ValueError(f"{name} has {array.min()}, expected numbers {least}")
        self._lay_out()
        return self


class SpatialNeuron:
    """A view of one neuron of a `SpatialLayer`; made by ``layer[index]``.

    ``weights`` (contexts, n_inputs) and ``bias`` (contexts,) are parts of the arrays of the layer, and so may be
    changed in place. After `Network.split` or `Network.prune`, index the layer again.

    Examples
    --------
    >>> from spatium.nn import SpatialLayer
    >>> layer = SpatialLayer(3, 4, contexts=2, rng=0)
    >>> layer[1].weights[0] = 0.0
    >>> layer[1].learning_rate = 0.02
    >>> layer[1].id, layer.weights[1, 0].tolist(), layer.learning_rates.tolist()
    (5, [0.0, 0.0, 0.0], [0.1, 0.02, 0.1, 0.1])
    """

    def __init__(self, layer: SpatialLayer, index: int) -> None:
        self._layer, self._index = layer, index

    def __repr__(self) -> str:
        return f"<SpatialNeuron: id {self.id}, unit {self._index} of {self._layer!r}>"

    @property
    def id(self) -> int:
        """The number of the neuron, which is unique among those of the layer; the parent of i was i // 2."""
        return int(self._layer.buffers["ids"][self._index])

    @property
    def weights(self) -> Array:
        """The weights of each context, shape (contexts, n_inputs)."""
        weights: Array = self._layer.parameters["weights"][self._index]
        return weights

    @property
    def bias(self) -> Array:
        """The bias of each context, shape (contexts,)."""
        bias: Array = self._layer.parameters["bias"][self._index]
        return bias

    @property
    def activation_map(self) -> ActivationMap:
        """A copy of the grid of the neuron; assign to ``layer.maps[index, row, column]`` to change a cell."""
        part = self._layer.maps[self._index]
        assert isinstance(part, ActivationMap)
        return part

    @property
    def temporal_state(self) -> Array:
        """The remembered outputs, shape (streams, history): decay**k · y(t - k), with the newest first."""
        return self._layer._state(self._index)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the neuron; assignable."""
        return float(self._layer.buffers["learning_rates"][self._index])

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        self._layer.buffers["learning_rates"][self._index] = check_scalar("learning_rate", rate, "positive")


def _one_of(name: str, value: Any, choices: tuple[Any, ...]) -> Any:
    if isinstance(value, bool) or value not in choices:
        raise ValueError(f"{name} is {value!r}, expected {', '.join(map(repr, choices))}")
    return value
