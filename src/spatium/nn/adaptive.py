"""A layer with a trained activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from spatium._checks import whole_number
from spatium.activations import Activation, Custom
from spatium.activations import activation as activation_by_name
from spatium.activations.operations import OPERATIONS
from spatium.nn._inference import Inference
from spatium.nn._products import Float32Array
from spatium.nn.layers import Layer

__all__ = ["ActivationLayer"]

# Training keeps positive parameters at or above this number, because their derivatives contain a division by them.
LEAST_POSITIVE = np.float32(1e-3)


class ActivationLayer(Layer):
    r"""An activation as a layer of its own, with parameters that are trained together with the weights.

    The layer computes ``y[i, j] = f(x[i, j]; p_j)``. With ``per="channel"`` every column has its own parameters; with
    ``per="layer"`` all columns share one set.
    ``ActivationLayer(sp.LeakyReLU(0.25), ("negative_slope",), per="channel")`` is the parametric ReLU [1]_,
    ``ActivationLayer(sp.ScaledSwish(), ("alpha", "beta"))`` an adaptive swish [2]_.

    Parameters
    ----------
    activation : Activation or str
        The function f, or its name as in ``sp.activation(name)``. Its parameters are the initial values.
    trainable : sequence of str
        The names of the trained parameters; the others do not change.
    per : {"layer", "channel"}
        Whether a trained parameter is one number, or one number per column.
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
    The parameters are float32 arrays of shape (1,) or (n_units,) in ``parameters``; their gradients are summed in
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
        if not isinstance(activation, Activation | str):
            raise TypeError(f"activation is {activation!r}, expected an activation or the name of one")
        self.activation = activation_by_name(activation) if isinstance(activation, str) else activation
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
            self.expect_columns(whole_number("n_units", n_units))

    def __repr__(self) -> str:
        return f"ActivationLayer({self.activation!r}, trainable={self.trainable!r}, per={self.per!r})"

    def _begin(self, size: int) -> None:
        begin = self.activation.parameters
        self.parameters = {name: np.full(size, _as_trained(name, begin[name])) for name in self.trainable}

    def expect_columns(self, n_columns: int) -> None:
        """Set the number of columns, if it is not set yet."""
        if self.n_inputs is None:
            self.n_inputs = self.n_outputs = n_columns
            if self.per == "channel":
                self._begin(n_columns)

    def _arguments(self) -> dict[str, Any]:
        """Return all parameters, trained or not, in the order of the ufunc's inputs."""
        return {name: self.parameters.get(name, fixed) for name, fixed in self.activation.parameters.items()}

    def forward(self, x: ArrayLike, training: bool = False, count: bool | None = None) -> Float32Array:
        """Return f of every element as a new float32 array with the shape of x."""
        batch = self._batch(x)
        self.expect_columns(batch.shape[1])
        if training:
            self._kept = (batch,)
        return self._infer(batch, np.empty_like(batch), Inference())

    def _infer(self, x: Float32Array, out: Float32Array, run: Inference) -> Float32Array:
        if isinstance(self.activation, Custom):
            self.activation(x, out=out)
        else:
            OPERATIONS[self.activation.name].value(x, *self._arguments().values(), out=out)
        return out

    def backward(self, grad: ArrayLike) -> Float32Array:
        """Return the gradient with respect to x, and store the gradients of the trained parameters."""
        grad_y, (batch,) = self._take_kept(grad, shape_of=0)
        if isinstance(self.activation, Custom):
            return np.asarray(self.activation.backward(grad_y, batch))
        arguments = self._arguments()
        if self.trainable:
            sums = self.activation.parameter_gradients(grad_y, batch, **arguments)
            with np.errstate(over="ignore", under="ignore"):
                self.gradients = {name: sums[name].astype(np.float32) for name in self.trainable}
        return np.asarray(OPERATIONS[self.activation.name].backward(grad_y, batch, *arguments.values()))

    def keep_in_domain(self) -> None:
        """Move parameters that have left the domain of the activation back to its border."""
        for name, array in self.parameters.items():
            domain = self.activation._domains[name]
            if domain in ("positive", "nonnegative"):
                np.maximum(array, LEAST_POSITIVE if domain == "positive" else np.float32(0), out=array)
        if "min_val" in self.activation.parameters:
            with np.errstate(over="ignore", under="ignore"):  # from converting the bound that is not trained
                low, high = (np.asarray(value, np.float32) for value in self._arguments().values())
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
