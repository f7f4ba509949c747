"""Gated linear layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from spatium import _engine
from spatium._checks import whole_number
from spatium.nn._inference import Inference
from spatium.nn._products import Array, product
from spatium.nn.layer import Init, Layer, Random, draw_weights, new_array

__all__ = ["Gated"]

# The parameters of the functions of gates.py, whose defaults these are.
GATES: dict[str, tuple[float, ...]] = {
    "gaussian_glu": (0.0, 1.0),
    "glu": (),
    "reglu": (),
    "geglu": (),
    "swiglu": (1.0,),
}


class Gated(Layer):
    r"""A linear layer with twice as many columns, one half of which gates the other: ``y = g(a, b)``.

    Here ``[a, b] = x @ weights + bias``: a is the first half of the columns, b the second. g is one of

    ============== ============= ======================
    gate           g(a, b)       function
    ============== ============= ======================
    "gaussian_glu" exp(-a²/2)·b  `spatium.gaussian_glu`
    "glu"          a·σ(b)        `spatium.glu` [1]_
    "reglu"        relu(a)·b     `spatium.reglu` [2]_
    "geglu"        gelu(a)·b     `spatium.geglu` [2]_
    "swiglu"       a·σ(a)·b      `spatium.swiglu` [2]_
    ============== ============= ======================

    Parameters
    ----------
    n_inputs, n_units : int
        The number of columns of the input and of the output.
    gate : {"gaussian_glu", "glu", "reglu", "geglu", "swiglu"}
        The name of the function g.
    rng : Generator or int, optional
        The source of the weights, shape (n_inputs, 2 n_units). The bias, shape (2 n_units,), starts at zero.
    init : {"he", "gain", "lecun"} or float
        The standard deviation of the normal weights, as in `Dense`. The default, 0.02, is that of DCGAN [3]_.

    Raises
    ------
    ValueError
        If a size is not positive, or ``gate`` or ``init`` is invalid.

    References
    ----------
    .. [1] Y. N. Dauphin, A. Fan, M. Auli, D. Grangier, "Language modeling with gated convolutional networks",
       ICML 2017, arXiv:1612.08083.
    .. [2] N. Shazeer, "GLU variants improve transformer", 2020, arXiv:2002.05202.
    .. [3] A. Radford, L. Metz, S. Chintala, "Unsupervised representation learning with deep convolutional generative
       adversarial networks", ICLR 2016, arXiv:1511.06434.

    Examples
    --------
    >>> from spatium.nn import Gated
    >>> layer = Gated(1, 1, gate="glu")
    >>> layer.weights = [[3.0, 0.0]]
    >>> layer.forward([[1.0], [2.0]])
    array([[1.5],
           [3. ]], dtype=float32)
    """

    n_inputs: int
    n_outputs: int

    def __init__(
        self, n_inputs: int, n_units: int, gate: str = "gaussian_glu", rng: Random = None, init: Init = 0.02
    ) -> None:
        n_inputs, n_units = whole_number("n_inputs", n_inputs), whole_number("n_units", n_units)
        super().__init__((n_inputs,), (n_units,))
        if gate not in GATES:
            raise ValueError(f"gate is {gate!r}, expected {', '.join(map(repr, GATES))}")
        self.gate = gate
        weights = draw_weights((n_inputs, 2 * n_units), n_inputs, init, None, np.random.default_rng(rng))
        self.parameters = {"weights": weights, "bias": new_array((2 * n_units,))}

    def __repr__(self) -> str:
        return f"Gated({self.n_inputs}, {self.n_outputs}, gate={self.gate!r})"

    def to_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"n_inputs": self.n_inputs, "n_units": self.n_outputs, "gate": self.gate}

    def _halves(self, z: Array) -> tuple[Array, Array]:
        return z[:, : self.n_outputs], z[:, self.n_outputs :]

    def _gate(self, z: Array, out: Array) -> Array:
        z += self.parameters["bias"]
        _engine.run_gates(self.gate, GATES[self.gate], self._halves(z), (out,))
        return out

    def _forward(self, x: Array, count: bool) -> Array:
        z = product(x, self.parameters["weights"])
        self._kept = (x, z)
        return self._gate(z, np.empty((len(x), self.n_outputs), z.dtype))

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        return self._gate(run.multiply(x, self.parameters["weights"]), out)

    def _backward(self, grad: Array) -> Array:
        return product(self._backward_parameters(grad), self.parameters["weights"].T)

    def _backward_parameters(self, grad: Array) -> Array:
        """Set ``gradients``, and return the gradient with respect to ``x @ weights``."""
        x, z = self._kept
        grad_z: Array = np.empty_like(z)
        _engine.run_gates(self.gate, GATES[self.gate], (*self._halves(z), grad), self._halves(grad_z))
        self.gradients = {"weights": product(x.T, grad_z), "bias": grad_z.sum(axis=0)}
        return grad_z
