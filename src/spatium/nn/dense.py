"""Fully connected layers: with one activation for all neurons, and with an activation map for each neuron."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from spatium import _engine
from spatium._checks import check_scalar, whole_number
from spatium.activations import Activation, Custom, Identity
from spatium.maps.activation_map import ActivationMap
from spatium.maps.files import hash_from_file, hash_to_file, routing_to_file
from spatium.maps.hashes import SimHash
from spatium.nn._inference import Inference
from spatium.nn._products import Array, product
from spatium.nn.cells import HARD_AT, PALETTE, Mixture, Scaling, cells_of, leaning, temperature_at, winners
from spatium.nn.hashing import NETWORK, HashFunction, as_pattern_hash, hashes_of
from spatium.nn.layer import (
    Init,
    Layer,
    Random,
    ReadArray,
    as_optional_activation,
    draw_weights,
    new_array,
    placeholders,
    scale_weights,
    standard_normal,
)
from spatium.passes import Policy, Saved

__all__ = ["Dense", "SpatialDense", "shift_and_activate"]

_ANY_CELL = np.uint64(0)  # of maps with the same function in every cell of a neuron


class Dense(Layer):
    r"""A fully connected layer with one activation for all neurons: ``y = f(x @ weights + bias)``.

    Parameters
    ----------
    n_inputs, n_units : int
        The number of columns of the input and of the output.
    activation : Activation or str, optional
        The function f, or its name as in ``sp.activation(name)``. With None the layer is linear.
    rng : Generator or int, optional
        The source of the weights. The bias starts at zero.
    save : {"input", "output", "bits"}, optional
        The save policy of a training pass, as in `Activation.forward`. The default is "bits" if they alone determine
        the gradient, otherwise "input". If the policy keeps the output, do not write to the result of ``forward``
        before ``backward``.
    init : {"he", "gain", "lecun"} or float
        The standard deviation of the normal weights: √(2 / n_inputs), which preserves the second moment of a relu layer
        [1]_; `analysis.gain` of the activation / √n_inputs, which preserves it for this activation; √(1 / n_inputs)
        [2]_; or a number.

    Raises
    ------
    ValueError
        If a size is not positive, the name of the activation is unknown, or ``save`` or ``init`` is invalid.
    TypeError
        If ``activation`` has another type or does not support ``save``.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", ICCV 2015, arXiv:1502.01852.
    .. [2] Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller, "Efficient BackProp", 1998.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import Dense
    >>> layer = Dense(3, 2, activation="relu", rng=0)
    >>> layer.forward(np.ones((4, 3))).shape
    (4, 2)
    """

    n_inputs: int
    n_outputs: int

    def __init__(
        self,
        n_inputs: int,
        n_units: int,
        activation: Activation | str | None = None,
        rng: Random = None,
        save: Policy | None = None,
        init: Init = "he",
    ) -> None:
        n_inputs, n_units = whole_number("n_inputs", n_inputs), whole_number("n_units", n_units)
        super().__init__((n_inputs,), (n_units,))
        self.activation = as_optional_activation("activation", activation)
        if save is not None:
            (self.activation or Identity()).check_save(save)
        self.save = save
        weights = draw_weights((n_inputs, n_units), n_inputs, init, self.activation, np.random.default_rng(rng))
        self.parameters = {"weights": weights, "bias": new_array((n_units,))}

    def __repr__(self) -> str:
        save = "" if self.save is None else f", save={self.save!r}"
        return f"Dense({self.n_inputs}, {self.n_outputs}, activation={self.activation!r}{save})"

    @property
    def saved(self) -> Saved | None:
        """The saved data of the last training pass; None before the first."""
        return None if self._kept is None else self._kept[1]

    def to_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        sizes = {"n_inputs": self.n_inputs, "n_units": self.n_outputs}
        return {**sizes, "activation": self.activation, "save": self.save}

    def _forward(self, x: Array, count: bool) -> Array:
        z = product(x, self.parameters["weights"])
        if self.activation is None:
            z += self.parameters["bias"]
            self._kept = (x, Saved(Identity(), "bits", z.shape, z.dtype))
            return z
        keeps_input = (self.save or self.activation.check_save(None)) == "input"
        y: Array
        y, saved = self.activation.forward(
            z, save=self.save, out=None if keeps_input else z, bias=self.parameters["bias"]
        )
        self._kept = (x, saved)
        return y

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        run.multiply(x, self.parameters["weights"], out=out)
        shift_and_activate(self.activation, out, self.parameters["bias"])
        return out

    def _bend(self, x: Array) -> Array:
        """Return the second derivatives of the outputs with respect to ``x @ weights``."""
        z: Array = np.matmul(x, self.parameters["weights"])
        z += self.parameters["bias"]
        return np.zeros_like(z) if self.activation is None else self.activation.second_derivative(z)

    def _backward(self, grad: Array) -> Array:
        return product(self._backward_parameters(grad), self.parameters["weights"].T)

    def _backward_parameters(self, grad: Array) -> Array:
        """Set ``gradients``, and return the gradient with respect to ``x @ weights``."""
        x, saved = self._kept
        if self.activation is None:
            grad_z, grad_bias = grad, grad.sum(axis=0)
        else:
            grad_z, grad_bias = self.activation.backward(grad, saved)
        self.gradients = {"weights": product(x.T, grad_z), "bias": grad_bias}
        return grad_z


class SpatialDense(Layer):
    r"""A fully connected layer in which every neuron has its own activation map.

    The layer computes one hash per sample from its input. Neuron j then applies the activation in this cell of its own
    8×8 grid: ``y[i, j] = maps[j].select(hash(x[i]))(z[i, j])`` with ``z = x @ weights + bias``. Very similar samples
    usually select the same cell, and therefore the same activations.

    With a known regime instead of similarity, such as a `CategoryHash`, the map is a table: one function for each
    category. `Network.fit` finds the functions if ``learn_cells`` is given, and ``cell_gain_bias`` gives each cell two
    numbers of its own: ``y[i, j] = f(cell_gain[j, c] · z[i, j] + cell_bias[j, c])``, where c = 8 · row + column.

    Parameters
    ----------
    n_inputs, n_units : int
        The number of columns of the input and of the output.
    maps : ActivationMap, optional
        One grid per neuron, shape (n_units,). The default is ``ActivationMap.random(n_units, rng)``. With
        ``learn_cells``, learning starts from these maps; by default all functions have the same weight.
    pattern_hash : hash, callable or "network", optional
        A function of the (samples, n_inputs) input that returns uint64 hashes, shape (samples,). The default is
        ``SimHash(n_inputs, rng=rng)``; `Network.fit` sets its thresholds. With "network", the layer uses the hashes of
        the network's input, which ``Network(layers, pattern_hash=...)`` computes once for all its layers.
    rng : Generator or int, optional
        The source, in this order, of the weights (as in `Dense`), the maps and the hash, if these are not given.
    init : {"he", "gain", "lecun"} or float
        The standard deviation of the weights, as in `Dense`; "gain" is `analysis.gain` of the maps.
    learn_cells : bool or sequence of Activation or str
        Whether `Network.fit` learns the function of each cell, and among which functions. True means relu, tanh, gelu
        and sine; functions of ``maps`` are added.
    cell_gain_bias : bool
        Whether the layer has the parameters ``cell_gain`` and ``cell_bias``, shape (n_units, 64), which start at 1 and
        0. Weight decay does not apply to them.
    fade : float, optional
        The distance from the hyperplanes of a SimHash within which the output fades to one function per neuron, which
        makes it continuous. See the notes.

    Raises
    ------
    ValueError
        If a size is not positive, the maps or the hash have another size, or there are less than two functions to
        learn; if ``fade`` is not positive, cells are to be learned with it, or there is no SimHash.
    TypeError
        If ``maps`` is not an ActivationMap or ``pattern_hash`` is neither callable nor "network".

    Notes
    -----
    The routing has zero gradient: a small change of x does not change the cell of a sample, so ``backward`` is the
    gradient for fixed cells, which is exact almost everywhere. Where x crosses a hyperplane of the hash, the output
    jumps, and the gradient does not contain the jump. Therefore the hash is not trained.

    While cells are learned, each is a mixture of the functions with the weights softmax(``cell_logits`` / temperature).
    The temperature falls from 1 to 0.02 in the first 60 % of the steps of `Network.fit`. After 70 %, the function with
    the largest weight remains in ``maps``, the parameter ``cell_logits``, shape (n_units, 64, functions), disappears,
    and the remaining steps train the other parameters. A learned map costs as much as any other.

    With ``fade``, ``y = (1 - s) f0(z) + s f(z)``, where f is the function of the cell, f0 the most common function in
    the grid of the neuron, and s = min(1, `SimHash.margin` / fade). So the output has no jumps, and ``backward`` is the
    gradient of all that depends on x. To fade learned cells, assign ``layer.fade`` after `Network.fit`; None ends it.

    Forward passes count hits in ``maps.hit_counts``, and training passes do not; ``count`` changes this. NaN or
    infinity in x raises a ValueError, because such a row has no hash.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import SpatialDense
    >>> layer = SpatialDense(3, 5, rng=0)
    >>> layer.forward(np.eye(3)).shape
    (3, 5)
    >>> int(layer.maps.hit_counts.sum())
    15

    A layer learns that the last column selects between the two branches of a response:

    >>> import spatium as sp
    >>> from spatium.nn import Dense, Network
    >>> x = np.random.default_rng(0).normal(size=(512, 2)).astype(np.float32)
    >>> x[:, 1] = np.arange(512) % 2
    >>> y = np.where(x[:, 1] == 0, np.sin(3 * x[:, 0]), np.maximum(x[:, 0], 0))
    >>> layer = SpatialDense(2, 4, pattern_hash="network", learn_cells=True, cell_gain_bias=True, rng=0)
    >>> network = Network([layer, Dense(4, 1, rng=1)], pattern_hash=sp.CategoryHash(2, columns=[1]))
    >>> records = network.fit(x, y, epochs=60, learning_rate=0.03, rng=0)
    >>> records[-1]["loss"] < 0.01
    True
    """

    n_inputs: int
    n_outputs: int

    def __init__(
        self,
        n_inputs: int,
        n_units: int,
        maps: ActivationMap | None = None,
        pattern_hash: HashFunction | Literal["network"] | None = None,
        rng: Random = None,
        init: Init = "he",
        learn_cells: bool | Sequence[Activation | str] = False,
        cell_gain_bias: bool = False,
        fade: float | None = None,
    ) -> None:
        n_inputs, n_units = whole_number("n_inputs", n_inputs), whole_number("n_units", n_units)
        super().__init__((n_inputs,), (n_units,))
        generator = np.random.default_rng(rng)
        if maps is not None and not isinstance(maps, ActivationMap):
            raise TypeError(f"maps is {maps!r}, expected an ActivationMap")
        weights = standard_normal((n_inputs, n_units), generator)
        if maps is not None and maps.cells.shape != (n_units, 8, 8):
            raise ValueError(f"maps has shape {maps.cells.shape[:-2]}, the layer has n_units = {n_units}")
        logits = None
        if learn_cells is not False:
            maps, logits = leaning(PALETTE if learn_cells is True else learn_cells, maps, n_units)
        elif maps is None:
            maps = ActivationMap.random(n_units, rng=generator)
        self.maps = maps
        scale_weights(weights, n_inputs, init, maps)
        self.parameters = {"weights": weights, "bias": new_array((n_units,))}
        if cell_gain_bias:
            self.parameters |= {"cell_gain": new_array((64, n_units), 1.0).T, "cell_bias": new_array((64, n_units)).T}
        if logits is not None:
            self._begin_learning(logits.shape[2])
            self.parameters["cell_logits"][...] = logits
        if pattern_hash is None:
            pattern_hash = SimHash(n_inputs, rng=generator)
        elif pattern_hash != NETWORK:
            pattern_hash = as_pattern_hash(pattern_hash, n_inputs)
        self.pattern_hash: HashFunction | str = pattern_hash
        self.fade = fade

    def __repr__(self) -> str:
        return f"SpatialDense({self.n_inputs}, {self.n_outputs})"

    @property
    def fade(self) -> float | None:
        """The distance from the hyperplanes within which the output fades; None if it does not."""
        return self.__dict__.get("_fade")

    @fade.setter
    def fade(self, distance: float | None) -> None:
        if distance is not None:
            distance = check_scalar("fade", distance, "positive")
            if self.is_annealing():
                raise ValueError("fade needs cells that are not learned: assign layer.fade after fit")
            if not isinstance(self.pattern_hash, SimHash):
                raise ValueError(f"fade needs a SimHash of the layer's input, pattern_hash is {self.pattern_hash!r}")
        self._fade = distance

    def _begin_learning(self, n_functions: int) -> None:
        self.parameters["cell_logits"] = new_array((n_functions, 64, self.n_outputs)).T
        self.buffers["temperature"] = new_array((1,), 1.0, np.float64)

    def begin_step(self, share_done: float) -> None:
        """Lower the temperature of cells that are learned, or end their learning."""
        if not self.is_annealing():
            return
        if share_done < HARD_AT:
            self.buffers["temperature"][...] = temperature_at(share_done)
            return
        logits = self.parameters.pop("cell_logits")
        self.gradients.pop("cell_logits", None)
        del self.buffers["temperature"]
        self.maps = ActivationMap(winners(logits), self.maps.palette[: logits.shape[2]])

    def _near(self, x: Array) -> tuple[NDArray[np.intp], Array] | None:
        """Return the rows that fade, and the share s of their cells, shape (rows, 1); None if no row does."""
        if self.fade is None:
            return None
        margins = np.asarray(self.pattern_hash.margin(x))  # type: ignore[union-attr]  # only a SimHash has fade
        near = np.flatnonzero(margins < self.fade)
        return (near, (margins[near, np.newaxis] / self.fade).astype(x.dtype)) if len(near) else None

    def _common(self) -> ActivationMap:
        """Return maps in which every cell has the most common function of the neuron."""
        grid = self.maps._grid
        flat = grid.cells.reshape(-1, 64)
        counts = np.stack([(flat == entry).sum(axis=1) for entry in range(len(grid.palette))])
        cells = np.broadcast_to(counts.argmax(axis=0)[:, np.newaxis, np.newaxis], grid.cells.shape)
        return ActivationMap(cells, grid.palette)

    def is_annealing(self) -> bool:
        """Return whether the cells are mixtures, which `Network.fit` has not replaced by functions yet."""
        return "cell_logits" in self.parameters

    def _decays(self, name: str) -> bool:
        return name == "weights"

    def _work(self, shape: tuple[int, ...]) -> int:
        return (self.n_inputs + 1) * self.n_outputs

    def _tables(self, hashes: NDArray[Any]) -> tuple[Scaling | None, Mixture | None]:
        """Return what the cells of the rows have of their own: gain and bias, and a mixture of functions."""
        parameters = self.parameters
        scaling, mixture = None, None
        if len(parameters) > 2:
            cells = cells_of(hashes)
            if "cell_gain" in parameters:
                scaling = Scaling(parameters["cell_gain"], parameters["cell_bias"], cells)
            if "cell_logits" in parameters:
                logits, temperature = parameters["cell_logits"], float(self.buffers["temperature"][0])
                mixture = Mixture(logits, temperature, self.maps.palette[: logits.shape[2]], cells)
        return scaling, mixture

    def fit_inputs(self, x: Array) -> None:
        """Set the thresholds of a SimHash to the medians of the projections of x."""
        if isinstance(self.pattern_hash, SimHash):
            self.pattern_hash.fit(x)

    def _forward(self, x: Array, count: bool) -> Array:
        hashes = hashes_of(self.pattern_hash, x)
        scaling, mixture = self._tables(hashes)
        z = product(x, self.parameters["weights"])
        z += self.parameters["bias"]
        u, slope, faded = z, None, None
        if scaling is not None:
            u = z.copy()
            scaling.apply(u)
        y: Array
        if mixture is None:
            y = self.maps.activate(u, hashes[:, np.newaxis], count=count)
            if (found := self._near(x)) is not None:
                near, s = found
                common = self._common().activate(z[near], _ANY_CELL, count=False)
                faded = (near, s, y[near] - common)
                y[near] = (1 - s) * common + s * y[near]
        else:
            y, slope = mixture.value_and_derivative(u)
            if count:
                run = Inference()
                run.hit(self.maps, hashes)
                run.count_hits()
        self._kept = (x, z, u, slope, hashes, scaling, mixture, faded)
        return y

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        hashes = hashes_of(self.pattern_hash, x)
        scaling, mixture = self._tables(hashes)
        if not out.flags.c_contiguous:
            out = np.empty(out.shape, out.dtype)
        run.multiply(x, self.parameters["weights"], out=out)
        out += self.parameters["bias"]
        found = self._near(x)
        common = None if found is None else self._common().activate(out[found[0]], _ANY_CELL, count=False)
        if scaling is not None:
            scaling.apply(out)
        if mixture is None:
            self.maps.activate(out, hashes[:, np.newaxis], out=out, count=False)
        else:
            mixture.value(out)
        if found is not None:
            near, s = found
            out[near] = (1 - s) * common + s * out[near]
        run.hit(self.maps, hashes)
        return out

    def _before_maps(self, x: Array, hashes: NDArray[np.uint64]) -> Array:
        """Return the arguments of the activations."""
        u: Array = np.matmul(x, self.parameters["weights"])
        u += self.parameters["bias"]
        scaling, _ = self._tables(hashes)
        if scaling is not None:
            scaling.apply(u)
        return u

    def _bend(self, x: Array) -> Array:
        """Return the second derivatives of the outputs with respect to ``x @ weights``."""
        if self.is_annealing():
            raise ValueError("the second derivative needs maps: fit has not finished the learning of cells")
        hashes = hashes_of(self.pattern_hash, x)
        second: Array = self.maps.second_derivative(self._before_maps(x, hashes), hashes[:, np.newaxis])
        if "cell_gain" in self.parameters:
            second *= np.square(self.parameters["cell_gain"][:, cells_of(hashes)].T)
        if (found := self._near(x)) is not None:
            near, s = found
            z = np.matmul(x[near], self.parameters["weights"]) + self.parameters["bias"]
            second[near] = (1 - s) * self._common().second_derivative(z, _ANY_CELL) + s * second[near]
        return second

    def _backward(self, grad: Array) -> Array:
        x, *_, faded = self._kept
        grad_x = product(self._backward_parameters(grad), self.parameters["weights"].T)
        if faded is not None:
            near, _, differences = faded
            pattern_hash: Any = self.pattern_hash
            planes = pattern_hash.planes
            planes /= (norms := np.linalg.norm(planes, axis=1))[:, np.newaxis]
            distances = x[near].astype(np.float64) @ planes.T - pattern_hash.thresholds / norms
            nearest = np.abs(distances).argmin(axis=1)
            away = np.sign(distances[np.arange(len(near)), nearest])  # a step along the normal moves the row away
            share = (grad[near] * differences).sum(axis=1) * away / self.fade
            grad_x[near] += (share[:, np.newaxis] * planes[nearest]).astype(grad_x.dtype)
        return grad_x

    def _backward_parameters(self, grad: Array) -> Array:
        """Set ``gradients``, and return the gradient with respect to ``x @ weights``."""
        x, z, u, slope, hashes, scaling, mixture, faded = self._kept
        gradients: dict[str, Array] = {}
        grad_z: Array
        whole = grad
        if faded is not None:
            near, s, _ = faded
            grad = grad.copy()
            grad[near] *= s
        if mixture is None:
            grad_z = self.maps.backward(grad, u, hashes[:, np.newaxis])
        else:
            grad = np.ascontiguousarray(grad)
            grad_z = grad * slope
            gradients["cell_logits"] = mixture.backward(grad)
        if scaling is not None:
            grad_z, gradients["cell_gain"], gradients["cell_bias"] = scaling.backward(grad_z, z)
        if faded is not None:
            grad_z[near] += (1 - s) * self._common().backward(whole[near], z[near], _ANY_CELL)
        self.gradients = {"weights": product(x.T, grad_z), "bias": grad_z.sum(axis=0)} | gradients
        return grad_z

    def to_config(self) -> dict[str, Any]:
        """Return the sizes, the palette of the maps, and the kind of the hash. Maps and hash are stored as arrays."""
        config = {"n_inputs": self.n_inputs, "n_units": self.n_outputs, "palette": self.maps.palette}
        if isinstance(self.pattern_hash, str):
            config["pattern_hash"] = self.pattern_hash
        elif type(self.pattern_hash) is not SimHash:  # the kind of a hash without a description
            config["pattern_hash"] = hash_to_file(self.pattern_hash)[0]
        if "cell_gain" in self.parameters:
            config["cell_gain_bias"] = True
        if self.fade is not None:
            config["fade"] = self.fade
        if self.is_annealing():
            config["learned_functions"] = self.parameters["cell_logits"].shape[2]
        return config

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        config, arrays = super()._to_file()
        # the grid is read once, because another thread may assign cells in the meantime
        config["palette"], own = routing_to_file(self.maps._grid, self.pattern_hash)
        return config, arrays | own

    @classmethod
    def _from_file(cls, config: Mapping[str, Any], read: ReadArray, dtype: np.dtype[Any]) -> Self:
        n_inputs, n_units = (whole_number(name, config.get(name)) for name in ("n_inputs", "n_units"))
        cells = read("cells", np.uint8, (n_units, 8, 8))
        pattern_hash = config.get("pattern_hash", {"kind": "SimHash", "n_features": n_inputs, "config": {}})
        if pattern_hash != NETWORK:
            pattern_hash = hash_from_file(pattern_hash, n_inputs, read)
        maps = ActivationMap(cells, config.get("palette", ()))
        with placeholders():
            gain_bias = bool(config.get("cell_gain_bias", False))
            layer = cls(
                n_inputs,
                n_units,
                maps=maps,
                pattern_hash=pattern_hash,
                cell_gain_bias=gain_bias,
                fade=config.get("fade"),
            )
            if "learned_functions" in config:
                layer._begin_learning(
                    whole_number("learned_functions", config["learned_functions"], 1, len(maps.palette))
                )
        return layer._filled(read, dtype)


def shift_and_activate(activation: Activation | None, z: Array, bias: Array) -> None:
    """Compute ``z[...] = f(z + bias)`` with one bias per column."""
    if activation is None:
        z += bias
    elif isinstance(activation, Custom) or _engine.repeats(bias.size) > 1:
        activation(z, out=z, bias=bias)
    else:  # the same pass without redundant checks
        _engine.pass_over(activation.code, "value", activation._arguments, z, z, None, None, bias)
