"""Layers that standardize their inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from spatium._checks import whole_number
from spatium.nn._inference import Inference
from spatium.nn._products import Array
from spatium.nn.layer import Layer, new_array

__all__ = ["Standardize"]


class Standardize(Layer):
    r"""A layer that gives every column mean 0 and standard deviation 1: ``y = (x - mean) / spread``.

    `Network.fit` sets the means and the standard deviations, ``sqrt(mean((x - mean)**2))``, from its samples; they are
    not trained. So a network takes rows in their own units. A constant column has the spread 1.

    Parameters
    ----------
    n_inputs : int
        The number of columns.

    Attributes
    ----------
    mean, spread : ndarray of float64, shape (n_inputs,)
        Buffers, which are 0 and 1 before ``fit``.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import Standardize
    >>> layer = Standardize(2)
    >>> layer.fit_inputs(np.array([[1000.0, 3.0], [3000.0, 3.0]]))
    >>> layer.mean, layer.spread
    (array([2000.,    3.]), array([1000.,    1.]))
    >>> layer.forward([[3000.0, 4.0]])
    array([[1., 1.]], dtype=float32)
    """

    n_inputs: int
    n_outputs: int

    def __init__(self, n_inputs: int) -> None:
        n_inputs = whole_number("n_inputs", n_inputs)
        super().__init__((n_inputs,), (n_inputs,))
        self.buffers = {
            "mean": new_array((n_inputs,), 0.0, np.float64),
            "spread": new_array((n_inputs,), 1.0, np.float64),
        }

    def __repr__(self) -> str:
        return f"Standardize({self.n_inputs})"

    def fit_inputs(self, x: Array) -> None:
        """Set the means and the spreads to those of the columns of x."""
        self.buffers["mean"][...] = np.mean(x, axis=0, dtype=np.float64)
        spread = np.sqrt(np.mean(np.square(x - self.buffers["mean"]), axis=0))
        # The spread of a constant column is the rounding of its mean.
        constant = spread <= 1e-12 * np.abs(self.buffers["mean"])
        self.buffers["spread"][...] = np.where(constant, 1.0, spread)

    def _forward(self, x: Array, count: bool) -> Array:
        return self._infer(x, np.empty_like(x), Inference())

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        # In float64, because the mean of a column may be much larger than its spread.
        with np.errstate(over="ignore", under="ignore"):
            out[...] = (x - self.buffers["mean"]) / self.buffers["spread"]
        return out

    def _backward(self, grad: Array) -> Array:
        back: Array = (grad / self.buffers["spread"]).astype(self.dtype)
        return back

    def _work(self, shape: tuple[int, ...]) -> int:
        return 4 * self.n_inputs

    def to_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"n_inputs": self.n_inputs}
