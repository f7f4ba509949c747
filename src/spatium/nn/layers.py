"""The layers. Each has a forward pass, a backward pass, its parameters and their gradients."""

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
    """What every layer has; a network calls nothing else.

    ``forward(x)`` on its own stores nothing, so several Python threads may call it on one layer at the same time; and
    what it returns for a row does not depend on the other rows, so a network may give it some rows at a time.
    ``forward(x, training=True)`` keeps what ``backward`` needs until the next call.

    Attributes
    ----------
    n_inputs, n_outputs : int or None
        Columns of the input and of the output; None where the layer takes any number.
    parameters : dict of str to ndarray
        The trained arrays, float32. An optimiser writes into them.
    gradients : dict of str to ndarray
        What the last ``backward`` found, under the same names.
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

        `count` says whether maps count hits; by default they do unless training.
        """
        raise NotImplementedError

    def backward(self, grad: ArrayLike) -> Float32Array:
        """Return the gradient for the input and store those for the parameters."""
        raise NotImplementedError

    def _infer(self, x: Float32Array, out: Float32Array, run: Inference) -> Float32Array:
        """Return the outputs for checked rows, in `out` if that is possible; hits go into `run`."""
        return self.forward(x)

    def _infer_alone(self, batch: Float32Array, count: bool | None) -> Float32Array:
        """`forward` without training."""
        run, columns = Inference(), batch.shape[1] if self.n_outputs is None else self.n_outputs
        with OnePool():
            y = self._infer(batch, np.empty((len(batch), columns), dtype=np.float32), run)
        if count is not False:
            run.count_hits()
        return y

    def expect_columns(self, n_columns: int) -> None:
        """Told by a network how many columns the layers before it give; for layers that take any number."""

    def keep_in_domain(self) -> None:
        """Called after every step of training; for parameters that not every number is good for."""

    def _batch(self, x: ArrayLike) -> Float32Array:
        batch = as_float32("x", x)
        if batch.ndim != 2 or (self.n_inputs is not None and batch.shape[1] != self.n_inputs):
            expected = "any number" if self.n_inputs is None else self.n_inputs
            raise ValueError(f"x has shape {batch.shape}, {type(self).__name__} expects (samples, {expected})")
        return batch

    def _take_kept(self, grad: ArrayLike, shape_of: int) -> tuple[Float32Array, tuple[Any, ...]]:
        """The checked gradient and what the forward pass kept; kept[shape_of] has the output's shape."""
        if self._kept is None:
            raise RuntimeError(f"{type(self).__name__}.backward needs forward(x, training=True) before it")
        checked = as_float32("grad", grad)
        if checked.shape != self._kept[shape_of].shape:
            raise ValueError(f"grad has shape {checked.shape}, the output has {self._kept[shape_of].shape}")
        return checked, self._kept


class Dense(Layer):
    r"""A fully connected layer, one activation for all neurons: ``y = f(x @ weights + bias)``.

    Parameters
    ----------
    n_inputs, n_units : int
        Columns of the input and of the output.
    activation : Activation or str, optional
        f; a name as in ``sp.activation(name)``. None is the identity: a linear layer.
    rng : Generator or int, optional
        Draws the weights: normal with variance 2 / n_inputs [1]_. The bias begins at zero.
    save : {"input", "output", "bits"}, optional
        What a training pass keeps for the gradient of the activation, as in `Activation.forward`; by default bits
        where they lose nothing, else the input. With "output" and with bits beside the output, what ``forward``
        returned must not be written into before ``backward``.

    Raises
    ------
    ValueError
        If a size is not positive, the activation's name is unknown or ``save`` is no policy.
    TypeError
        If ``activation`` is something else or does not allow ``save``.

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
        """What the last training pass kept of the activation; None before the first."""
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
        """Return the gradient for x; store those of the weights and of the bias."""
        grad_y, (batch, saved) = self._take_kept(grad, shape_of=1)
        with OnePool():
            if self.activation is None:
                grad_z, grad_bias = grad_y, grad_y.sum(axis=0)
            else:
                grad_z, grad_bias = self.activation.backward(grad_y, saved)
            self.gradients = {"weights": product(batch.T, grad_z), "bias": grad_bias}
            return product(grad_z, self.parameters["weights"].T)


class SpatialDense(Layer):
    r"""A fully connected layer whose every neuron has its own activation map.

    The layer's input is hashed, one hash per sample; neuron j then applies the activation in that cell of its
    own 8x8 grid: ``y[i, j] = maps[j].select(hash(x[i]))(z[i, j])`` with ``z = x @ weights + bias``. Samples that
    look alike share a cell, so they see the same mixture of activations.

    Parameters
    ----------
    n_inputs, n_units : int
        Columns of the input and of the output.
    maps : ActivationMap, optional
        One grid per neuron, shape (n_units,). Default: ``ActivationMap.random(n_units, rng)``.
    pattern_hash : SimHash or callable, optional
        Takes the (samples, n_inputs) input and returns uint64 hashes, shape (samples,).
        Default: ``SimHash(n_inputs, rng=rng)``, whose thresholds `Network.fit` places.
    rng : Generator or int, optional
        Draws, in this order, the weights (as in `Dense`), the maps and the hash where they are not given.

    Raises
    ------
    ValueError
        If a size is not positive, or the maps or the hash are for another size.
    TypeError
        If ``maps`` is no ActivationMap or ``pattern_hash`` cannot be called.

    Notes
    -----
    The routing has zero gradient: a small change of x moves no sample to another cell, so ``backward`` is the
    gradient with the cells held fixed, exact almost everywhere. Where x crosses one of the hash's hyperplanes the
    output jumps, and no gradient sees it. Neither the hash nor the choice of activations is therefore trained.

    Forward passes count hits in ``maps.hit_counts``, training passes do not, unless ``count`` says otherwise. NaN or
    an infinity in x is a ValueError, because such a row has no hash.

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
        """Return every neuron's output, shape (samples, n_units); count the cells hit, by default unless training."""
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
        """Return the gradient for x with the cells held fixed; store those of the weights and of the bias."""
        grad_y, (batch, z, hashes) = self._take_kept(grad, shape_of=1)
        with OnePool():
            grad_z = self.maps.backward(grad_y, z, hashes)
            self.gradients = {"weights": product(batch.T, grad_z), "bias": grad_z.sum(axis=0)}
            return product(grad_z, self.parameters["weights"].T)


class Softmax(Layer):
    r"""Each row as probabilities: ``y_j = exp(x_j - max x) / sum_k exp(x_k - max x)``.

    The shift keeps every exponential at or below 1, so nothing overflows. One +inf in a row gives 1 there and 0
    elsewhere; a row of -inf alone gives NaN: there is no distribution to give.

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
        """Return the probabilities, the input's shape; every row adds up to one."""
        y: Float32Array = softmax(self._batch(x), axis=1)
        if training:
            self._kept = (y,)
        return y

    def _infer(self, x: Float32Array, out: Float32Array, run: Inference) -> Float32Array:
        _engine.run_over_rows("softmax", x, None, out)
        return out

    def backward(self, grad: ArrayLike) -> Float32Array:
        """Return ``y * (grad - sum(grad * y))``, row by row."""
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
    """Weights that keep a ReLU layer's second moment, and a bias of zero."""
    weights = generator.standard_normal((n_inputs, n_units), dtype=np.float32)
    weights *= np.float32(np.sqrt(2.0 / n_inputs))
    return {"weights": weights, "bias": np.zeros(n_units, dtype=np.float32)}


def shift_and_activate(activation: Activation | None, z: Float32Array, bias: Float32Array) -> None:
    """``z[...] = f(z + bias)``, one bias per column."""
    if activation is None:
        z += bias
    elif isinstance(activation, Custom) or _engine.repeats(bias.size) > 1:
        activation(z, out=z, bias=bias)
    else:  # the same pass, without the checks of what is known here
        _engine.pass_over(activation.code, "value", activation._arguments, z, z, None, None, bias)
