"""The layers. Each has a forward pass, a backward pass, parameters and their gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium import _engine
from spatium._arrays import real_array
from spatium._checks import whole_number
from spatium.activations import Activation, Custom, Identity
from spatium.activations import activation as activation_by_name
from spatium.maps.activation_map import ActivationMap
from spatium.maps.hashes import SimHash
from spatium.nn._inference import Inference
from spatium.nn._products import Float32Array, OnePool, product
from spatium.passes import Policy, Saved
from spatium.rows import softmax, softmax_backward

__all__ = ["Dense", "Layer", "Softmax", "SpatialDense"]

Random = np.random.Generator | int | None
PatternHash = Callable[[Any], NDArray[np.uint64]]


class Layer:
    """The base class of all layers; a network uses only these methods and attributes.

    ``forward(x)`` stores nothing in the layer, so several Python threads may call it at the same time. Its result for a
    row does not depend on other rows, so a network may pass the rows in several blocks. ``forward(x, training=True)``
    keeps the data that ``backward`` needs until the next such call.

    Attributes
    ----------
    n_inputs, n_outputs : int or None
        The number of columns of the input and of the output; None if the layer accepts any number.
    parameters : dict of str to ndarray
        The trained arrays, float32. The optimizer writes to them.
    gradients : dict of str to ndarray
        The gradients of the last ``backward`` call, with the same names.
    """

    n_inputs: int | None = None
    n_outputs: int | None = None
    parameters: dict[str, Float32Array]
    gradients: dict[str, Float32Array]

    def __init__(self) -> None:
        self.parameters = {}
        self.gradients = {}
        self._kept: tuple[Any, ...] | None = None

    def forward(self, x: ArrayLike, training: bool = False, count: bool | None = None) -> Float32Array:
        """Return the layer's outputs, a new float32 array with one row per sample.

        `count` enables or disables the counting of hits. By default, hits are counted if `training` is false.
        """
        raise NotImplementedError

    def backward(self, grad: ArrayLike) -> Float32Array:
        """Return the gradient with respect to the input, and store the gradients of the parameters."""
        raise NotImplementedError

    def _infer(self, x: Float32Array, out: Float32Array, run: Inference) -> Float32Array:
        """Return the outputs for checked rows, in `out` if possible, and add the hits to `run`."""
        return self.forward(x)

    def _infer_alone(self, batch: Float32Array, count: bool | None) -> Float32Array:
        """Compute `forward` without training."""
        run, columns = Inference(), batch.shape[1] if self.n_outputs is None else self.n_outputs
        with OnePool():
            y = self._infer(batch, np.empty((len(batch), columns), dtype=np.float32), run)
        if count is not False:
            run.count_hits()
        return y

    def expect_columns(self, n_columns: int) -> None:
        """Set the number of input columns. A network calls this for layers that accept any number."""

    def keep_in_domain(self) -> None:
        """Move parameters back into their domain. A network calls this after every training step."""

    def _batch(self, x: ArrayLike) -> Float32Array:
        batch = as_float32("x", x)
        if batch.ndim != 2 or (self.n_inputs is not None and batch.shape[1] != self.n_inputs):
            expected = "any number" if self.n_inputs is None else self.n_inputs
            raise ValueError(f"x has shape {batch.shape}, {type(self).__name__} expects (samples, {expected})")
        return batch

    def _take_kept(self, grad: ArrayLike, shape_of: int) -> tuple[Float32Array, tuple[Any, ...]]:
        """Return the checked gradient and the data of the forward pass; kept[shape_of] has the shape of the output."""
        if self._kept is None:
            raise RuntimeError(f"{type(self).__name__}.backward needs forward(x, training=True) first")
        checked = as_float32("grad", grad)
        if checked.shape != self._kept[shape_of].shape:
            raise ValueError(f"grad has shape {checked.shape}, the output has {self._kept[shape_of].shape}")
        return checked, self._kept


class Dense(Layer):
    r"""A fully connected layer with one activation for all neurons: ``y = f(x @ weights + bias)``.

    Parameters
    ----------
    n_inputs, n_units : int
        The number of columns of the input and of the output.
    activation : Activation or str, optional
        The function f, or its name as in ``sp.activation(name)``. With None the layer is linear.
    rng : Generator or int, optional
        The source of the weights, which are normal with variance 2 / n_inputs [1]_. The bias starts at zero.
    save : {"input", "output", "bits"}, optional
        The save policy of a training pass, as in `Activation.forward`. The default is "bits" if they alone determine
        the gradient, otherwise "input". If the policy keeps the output, do not write to the result of ``forward``
        before ``backward``.

    Raises
    ------
    ValueError
        If a size is not positive, the name of the activation is unknown, or ``save`` is not a policy.
    TypeError
        If ``activation`` has another type or does not support ``save``.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", ICCV 2015, arXiv:1502.01852.

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
    ) -> None:
        super().__init__()
        self.n_inputs = whole_number("n_inputs", n_inputs)
        self.n_outputs = whole_number("n_units", n_units)
        if not isinstance(activation, Activation | str | None):
            raise TypeError(f"activation is {activation!r}, expected an activation, the name of one, or None")
        self.activation = activation_by_name(activation) if isinstance(activation, str) else activation
        if save is not None:
            (self.activation or Identity()).check_save(save)
        self.save = save
        self.parameters = he_normal(self.n_inputs, self.n_outputs, np.random.default_rng(rng))

    def __repr__(self) -> str:
        save = "" if self.save is None else f", save={self.save!r}"
        return f"Dense({self.n_inputs}, {self.n_outputs}, activation={self.activation!r}{save})"

    @property
    def saved(self) -> Saved | None:
        """The saved data of the last training pass; None before the first."""
        return None if self._kept is None else self._kept[1]

    def forward(self, x: ArrayLike, training: bool = False, count: bool | None = None) -> Float32Array:
        """Return ``f(x @ weights + bias)``, shape (samples, n_units)."""
        batch = self._batch(x)
        if not training:
            return self._infer_alone(batch, count)
        with OnePool():
            z = product(batch, self.parameters["weights"])
            if self.activation is None:
                z += self.parameters["bias"]
                self._kept = (batch, Saved(Identity(), "bits", z.shape, z.dtype))
                return z
            keeps_input = (self.save or self.activation.check_save(None)) == "input"
            y: Float32Array
            y, saved = self.activation.forward(
                z, save=self.save, out=None if keeps_input else z, bias=self.parameters["bias"]
            )
        self._kept = (batch, saved)
        return y

    def _infer(self, x: Float32Array, out: Float32Array, run: Inference) -> Float32Array:
        run.multiply(x, self.parameters["weights"], out=out)
        shift_and_activate(self.activation, out, self.parameters["bias"])
        return out

    def backward(self, grad: ArrayLike) -> Float32Array:
        """Return the gradient with respect to x, and store the gradients of the weights and the bias."""
        grad_y, (batch, saved) = self._take_kept(grad, shape_of=1)
        with OnePool():
            if self.activation is None:
                grad_z, grad_bias = grad_y, grad_y.sum(axis=0)
            else:
                grad_z, grad_bias = self.activation.backward(grad_y, saved)
            self.gradients = {"weights": product(batch.T, grad_z), "bias": grad_bias}
            return product(grad_z, self.parameters["weights"].T)


class SpatialDense(Layer):
    r"""A fully connected layer in which every neuron has its own activation map.

    The layer computes one hash per sample from its input. Neuron j then applies the activation in this cell of its own
    8×8 grid: ``y[i, j] = maps[j].select(hash(x[i]))(z[i, j])`` with ``z = x @ weights + bias``. Very similar samples
    usually select the same cell, and therefore the same activations.

    Parameters
    ----------
    n_inputs, n_units : int
        The number of columns of the input and of the output.
    maps : ActivationMap, optional
        One grid per neuron, shape (n_units,). The default is ``ActivationMap.random(n_units, rng)``.
    pattern_hash : SimHash or callable, optional
        A function of the (samples, n_inputs) input that returns uint64 hashes, shape (samples,). The default is
        ``SimHash(n_inputs, rng=rng)``; `Network.fit` sets its thresholds.
    rng : Generator or int, optional
        The source, in this order, of the weights (as in `Dense`), the maps and the hash, if these are not given.

    Raises
    ------
    ValueError
        If a size is not positive, or the maps or the hash have another size.
    TypeError
        If ``maps`` is not an ActivationMap or ``pattern_hash`` is not callable.

    Notes
    -----
    The routing has zero gradient: a small change of x does not change the cell of a sample, so ``backward`` is the
    gradient for fixed cells, which is exact almost everywhere. Where x crosses a hyperplane of the hash, the output
    jumps, and the gradient does not contain the jump. Therefore neither the hash nor the choice of activations is
    trained.

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
    """

    n_inputs: int
    n_outputs: int

    def __init__(
        self,
        n_inputs: int,
        n_units: int,
        maps: ActivationMap | None = None,
        pattern_hash: PatternHash | None = None,
        rng: Random = None,
    ) -> None:
        super().__init__()
        self.n_inputs = whole_number("n_inputs", n_inputs)
        self.n_outputs = whole_number("n_units", n_units)
        generator = np.random.default_rng(rng)
        self.parameters = he_normal(self.n_inputs, self.n_outputs, generator)
        if maps is None:
            maps = ActivationMap.random(self.n_outputs, rng=generator)
        elif not isinstance(maps, ActivationMap):
            raise TypeError(f"maps is {maps!r}, expected an ActivationMap")
        elif maps.cells.shape != (self.n_outputs, 8, 8):
            raise ValueError(f"maps has shape {maps.cells.shape[:-2]}, the layer has n_units = {self.n_outputs}")
        self.maps = maps
        if pattern_hash is None:
            pattern_hash = SimHash(self.n_inputs, rng=generator)
        elif not callable(pattern_hash):
            raise TypeError(f"pattern_hash is {pattern_hash!r}, expected a SimHash or another function of rows")
        elif isinstance(pattern_hash, SimHash) and pattern_hash.planes.shape[1] != self.n_inputs:
            raise ValueError(f"pattern_hash is for {pattern_hash.planes.shape[1]} features, n_inputs is {n_inputs}")
        self.pattern_hash: PatternHash = pattern_hash

    def __repr__(self) -> str:
        return f"SpatialDense({self.n_inputs}, {self.n_outputs})"

    def forward(self, x: ArrayLike, training: bool = False, count: bool | None = None) -> Float32Array:
        """Return the outputs of all neurons, shape (samples, n_units). By default, only inference counts hits."""
        batch = self._batch(x)
        if not training:
            return self._infer_alone(batch, count)
        with OnePool():
            hashes = self.pattern_hash(batch)[:, np.newaxis]
            z = product(batch, self.parameters["weights"])
            z += self.parameters["bias"]
            y: Float32Array = self.maps.activate(z, hashes, count=bool(count))
        self._kept = (batch, z, hashes)
        return y

    def _infer(self, x: Float32Array, out: Float32Array, run: Inference) -> Float32Array:
        hashes = self.pattern_hash(x)
        run.multiply(x, self.parameters["weights"], out=out)
        out += self.parameters["bias"]
        self.maps.activate(out, hashes[:, np.newaxis], out=out, count=False)
        run.hit(self.maps, hashes)
        return out

    def backward(self, grad: ArrayLike) -> Float32Array:
        """Return the gradient with respect to x for fixed cells; store the gradients of the weights and the bias."""
        grad_y, (batch, z, hashes) = self._take_kept(grad, shape_of=1)
        with OnePool():
            grad_z = self.maps.backward(grad_y, z, hashes)
            self.gradients = {"weights": product(batch.T, grad_z), "bias": grad_z.sum(axis=0)}
            return product(grad_z, self.parameters["weights"].T)


class Softmax(Layer):
    r"""A layer that turns each row into probabilities: ``y_j = exp(x_j - max x) / sum_k exp(x_k - max x)``.

    Because of the shift, every exponential is at most 1, so nothing overflows. A row with one +inf gives 1 for this
    element and 0 for the others. A row of only -inf gives NaN.

    Examples
    --------
    >>> from spatium.nn import Softmax
    >>> Softmax().forward([[1000.0, 1000.0], [0.0, -1000.0]])
    array([[0.5, 0.5],
           [1. , 0. ]], dtype=float32)
    """

    def __repr__(self) -> str:
        return "Softmax()"

    def forward(self, x: ArrayLike, training: bool = False, count: bool | None = None) -> Float32Array:
        """Return the probabilities, with the shape of the input. Each row sums to 1."""
        y: Float32Array = softmax(self._batch(x), axis=1)
        if training:
            self._kept = (y,)
        return y

    def _infer(self, x: Float32Array, out: Float32Array, run: Inference) -> Float32Array:
        _engine.run_over_rows("softmax", x, None, out)
        return out

    def backward(self, grad: ArrayLike) -> Float32Array:
        """Return ``y * (grad - sum(grad * y))`` for each row."""
        grad_y, (y,) = self._take_kept(grad, shape_of=0)
        grad_x: Float32Array = softmax_backward(grad_y, y, axis=1)
        return grad_x


def as_float32(name: str, values: ArrayLike) -> Float32Array:
    """Array-like of real numbers as float32, without a copy where it is that already; too small ones become 0."""
    array = real_array(name, values)
    if array.dtype == np.float32 and array.dtype.isnative:
        return array
    with np.errstate(under="ignore"):
        return array.astype(np.float32)


def he_normal(n_inputs: int, n_units: int, generator: np.random.Generator) -> dict[str, Float32Array]:
    """Return weights that preserve the second moment of a ReLU layer, and a bias of zero."""
    weights = generator.standard_normal((n_inputs, n_units), dtype=np.float32)
    weights *= np.float32(np.sqrt(2.0 / n_inputs))
    return {"weights": weights, "bias": np.zeros(n_units, dtype=np.float32)}


def shift_and_activate(activation: Activation | None, z: Float32Array, bias: Float32Array) -> None:
    """Compute ``z[...] = f(z + bias)`` with one bias per column."""
    if activation is None:
        z += bias
    elif isinstance(activation, Custom) or _engine.repeats(bias.size) > 1:
        activation(z, out=z, bias=bias)
    else:  # the same pass without redundant checks
        _engine.pass_over(activation.code, "value", activation._arguments, z, z, None, None, bias)
