"""Activations as layers of their own: of one element, with trained parameters, and softmax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np

from spatium import _engine
from spatium._checks import whole_number
from spatium.activations import Activation, Custom
from spatium.activations.names import as_activation
from spatium.activations.operations import OPERATIONS
from spatium.nn._inference import Inference
from spatium.nn._layout import room_like
from spatium.nn._products import Array
from spatium.nn.layer import Layer, Shape, as_shape, channel_axis, new_array
from spatium.rows import softmax, softmax_backward

__all__ = ["ActivationLayer", "Softmax"]

# Training keeps positive parameters at or above this number, because their derivatives contain a division by them.
LEAST_POSITIVE = 1e-3


class ActivationLayer(Layer):
    r"""An activation as a layer of its own, with parameters that are trained together with the weights.

    The layer computes ``y[i, j] = f(x[i, j]; p_j)``. With ``per="channel"`` every column has its own parameters; with
    ``per="layer"`` all columns share one set. The channels of images (channels, height, width) are the first axis of a
    sample, those of sequences (steps, columns) the last.
    ``ActivationLayer(sp.LeakyReLU(0.25), ("negative_slope",), per="channel")`` is the parametric ReLU [1]_,
    ``ActivationLayer(sp.ScaledSwish(), ("alpha", "beta"))`` an adaptive swish [2]_.

    Parameters
    ----------
    activation : Activation or str
        The function f, or its name as in ``sp.activation(name)``. Its parameters are the initial values.
    trainable : sequence of str
        The names of the trained parameters; the others do not change.
    per : {"layer", "channel"}
        Whether a trained parameter is one number, or one number per channel.
    n_units : int, optional
        The number of columns. It is not needed in a `Network` in which the previous layer determines it; otherwise the
        first batch determines it.

    Raises
    ------
    TypeError
        If ``activation`` is not an activation.
    ValueError
        If ``trainable`` contains a name that is not a parameter, or a parameter that becomes 0 or infinite in float32;
        or if ``per`` is invalid.

    Notes
    -----
    The parameters are arrays of shape (1,) or (channels,) in ``parameters``; their gradients are summed in
    float64. After every step, `Network.fit` moves them into the domain of the activation: positive parameters are at
    least 1e-3, and ``min_val`` is at most ``max_val``.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", ICCV 2015, arXiv:1502.01852.
    .. [2] P. Ramachandran, B. Zoph, Q. V. Le, "Searching for activation functions", 2017, arXiv:1710.05941.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> from spatium.nn import ActivationLayer
    >>> layer = ActivationLayer(sp.LeakyReLU(0.25), trainable=("negative_slope",), per="channel")
    >>> layer.forward([[-1.0, -2.0], [3.0, -4.0]], training=True)
    array([[-0.25, -0.5 ],
           [ 3.  , -1.  ]], dtype=float32)
    >>> layer.backward(np.ones((2, 2))).tolist()
    [[0.25, 0.25], [1.0, 0.25]]
    >>> layer.gradients
    {'negative_slope': array([-1., -6.], dtype=float32)}
    """

    def __init__(
        self,
        activation: Activation | str,
        trainable: Sequence[str] = (),
        per: Literal["layer", "channel"] = "layer",
        n_units: int | None = None,
    ) -> None:
        super().__init__()
        self.activation = as_activation("activation", activation)
        names = (trainable,) if isinstance(trainable, str) else tuple(trainable)
        for name in names:
            if name not in self.activation.parameters:
                has = ", ".join(self.activation.parameters) or "none"
                raise ValueError(f"trainable has {name!r}, the parameters of {self.activation.name} are: {has}")
            _as_trained(name, self.activation.parameters[name])
        if per not in ("layer", "channel"):
            raise ValueError(f"per is {per!r}, expected 'layer' or 'channel'")
        self.trainable, self.per = names, per
        if per == "layer":
            self._begin(1)
        if n_units is not None:
            self.expect_shape((whole_number("n_units", n_units),))

    def __repr__(self) -> str:
        return f"ActivationLayer({self.activation!r}, trainable={self.trainable!r}, per={self.per!r})"

    def _begin(self, size: int) -> None:
        begin = self.activation.parameters
        self.parameters = {
            name: new_array((size,), float(_as_trained(name, begin[name])), self.dtype) for name in self.trainable
        }

    def expect_shape(self, shape: Shape) -> None:
        """Set the shape of the samples, and with it the number of channels, if it is not set yet."""
        if self.input_shape is None:
            self.input_shape = self.output_shape = shape
            if self.per == "channel" and not self.parameters:
                channels = shape[channel_axis(shape)]
                if channels is None:
                    raise ValueError("the number of channels is not known, which per='channel' needs")
                self._begin(channels)

    def _shape_after(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape

    def _arguments(self, shape: tuple[int, ...]) -> dict[str, Any]:
        """Return all parameters, trained or not, in the order of the ufunc's inputs, for samples of this shape."""
        after = (1,) * (len(shape) - 1 - channel_axis(shape))
        trained = {name: array.reshape(-1, *after) for name, array in self.parameters.items()}
        return {name: trained.get(name, fixed) for name, fixed in self.activation.parameters.items()}

    def _forward(self, x: Array, count: bool) -> Array:
        self._kept = x
        return self._infer(x, np.empty_like(x), Inference())

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        self.expect_shape(x.shape[1:])
        y = room_like(x, out)
        if isinstance(self.activation, Custom):
            self.activation(x, out=y)
        else:
            OPERATIONS[self.activation.name].value(x, *self._arguments(x.shape[1:]).values(), out=y)
        return y

    def _backward(self, grad: Array) -> Array:
        x = self._kept
        if isinstance(self.activation, Custom):
            return np.asarray(self.activation.backward(grad, x))
        arguments = self._arguments(x.shape[1:])
        if self.trainable:
            sums = self.activation.parameter_gradients(grad, x, **arguments)
            with np.errstate(over="ignore", under="ignore"):
                self.gradients = {name: sums[name].reshape(-1).astype(self.dtype) for name in self.trainable}
        return np.asarray(OPERATIONS[self.activation.name].backward(grad, x, *arguments.values()))

    def to_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, and the shape of the samples if it is not flat."""
        config = {"activation": self.activation, "trainable": self.trainable, "per": self.per, "n_units": self.n_inputs}
        if self.input_shape is not None and len(self.input_shape) > 1:
            config |= {"n_units": None, "shape": self.input_shape}
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Build the layer from the result of `to_config`."""
        arguments = dict(config)
        shape = arguments.pop("shape", None)
        layer = cls(**arguments)
        if shape is not None:
            layer.expect_shape(as_shape("shape", shape))
        return layer

    def keep_in_domain(self) -> None:
        """Move parameters that have left the domain of the activation back to its border."""
        for name, array in self.parameters.items():
            domain = self.activation._domains[name]
            if domain in ("positive", "nonnegative"):
                np.maximum(array, LEAST_POSITIVE if domain == "positive" else 0, out=array)
        if "min_val" in self.activation.parameters:
            with np.errstate(over="ignore", under="ignore"):  # from converting the bound that is not trained
                low, high = (np.asarray(value, self.dtype) for value in self._arguments((1,)).values())
            if "min_val" in self.parameters:
                np.minimum(self.parameters["min_val"], high, out=self.parameters["min_val"])
            elif "max_val" in self.parameters:
                np.maximum(self.parameters["max_val"], low, out=self.parameters["max_val"])


def _as_trained(name: str, value: float) -> np.float32:
    """Return the initial value as float32. Raise ValueError if rounding makes it 0 or infinite."""
    with np.errstate(over="ignore", under="ignore"):
        rounded = np.float32(value)
    if (rounded == 0) != (value == 0) or np.isinf(rounded) != np.isinf(value):
        raise ValueError(f"trainable has {name!r}, which is {value!r}: as float32, in which it is trained, {rounded}")
    return rounded


class Softmax(Layer):
    r"""A layer that turns each row into probabilities: ``y_j = exp(x_j - max x) / sum_k exp(x_k - max x)``.

    For samples of a higher rank, a row is the last axis.

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

    def _shape_after(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape

    def _forward(self, x: Array, count: bool) -> Array:
        y: Array = softmax(x, axis=-1)
        self._kept = y
        return y

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        _engine.run_over_rows("softmax", x, None, out)
        return out

    def _backward(self, grad: Array) -> Array:
        grad_x: Array = softmax_backward(grad, self._kept, axis=-1)
        return grad_x

    def to_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor: there are none."""
        return {}
