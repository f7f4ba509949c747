"""Recurrent layers."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from spatium._arrays import real_array
from spatium._checks import check_scalar, whole_number
from spatium.activations import Activation, Tanh
from spatium.activations.names import as_activation
from spatium.gates import gated_tanh, gated_tanh_backward
from spatium.nn._inference import Inference
from spatium.nn._products import Array, product, stacked_product
from spatium.nn.layer import Layer, Random, as_dtype, draw_weights, new_array, orthogonal

__all__ = ["Recurrent"]

CELLS = ("plain", "time_aware", "gated")


class Recurrent(Layer):
    r"""A recurrent layer: one state per unit, which each step of a sequence replaces.

    For the step s and the previous state h, let ``z = x_s @ input_weights + h @ state_weights + bias``. New states:

    ============ ============================================================
    cell         new state
    ============ ============================================================
    "plain"      f(z) [1]_
    "time_aware" f(z)·exp(-decay_rate·t_s), as `spatium.time_aware_tanh`
    "gated"      g·tanh(z) + (1 - g)·h, g = σ(z + h): `spatium.gated_tanh`
    ============ ============================================================

    A gated state is never larger than 1 or the largest number in the initial state.

    Parameters
    ----------
    n_inputs, n_units : int
        The number of columns of the input and of the state.
    activation : Activation or str
        The function f, or its name as in ``sp.activation(name)``. The gated cell has no other than tanh.
    cell : {"plain", "time_aware", "gated"}
    decay_rate : float
        The rate of the time-aware cell.
    return_states : bool
        Whether the output is the states of all steps, shape (samples, steps, n_units), or the last state, shape
        (samples, n_units).
    rng : Generator or int, optional
        The source, in this order, of the input weights, which are normal with the standard deviation √(1 / n_inputs),
        and of the state weights, which are an orthogonal matrix: it neither enlarges nor shrinks a state [2]_. The bias
        starts at zero.

    Raises
    ------
    ValueError
        If a size is not positive, ``cell`` is invalid, ``decay_rate`` is not finite, the name of the activation is
        unknown, or the gated cell gets another activation than tanh.
    TypeError
        If ``activation`` has another type.

    Notes
    -----
    x has the shape (samples, steps, n_inputs), or its sequences are flat rows in C order; sequences may have any
    length. Without steps, the last state is the initial one.

    A sequence may be passed in parts: ``initial_state`` is the last state of the part before. The states have the same
    bits as those of the whole sequence, because the products of each step are products of their own. The bits do depend
    on the number of samples in a batch, for BLAS may round a row of a product differently in a product of another
    length.

    ``t`` counts from 0 in each call. Then late steps of a long sequence hardly add to the state: their factor is
    exp(-decay_rate·t). Pass the elapsed times since the previous step if this is not intended.

    References
    ----------
    .. [1] J. L. Elman, "Finding structure in time", Cognitive Science 14, 1990.
    .. [2] A. M. Saxe, J. L. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep
       linear neural networks", ICLR 2014, arXiv:1312.6120.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import Recurrent
    >>> layer = Recurrent(3, 4, cell="gated", return_states=True, rng=0)
    >>> x = np.random.default_rng(0).normal(size=(2, 10, 3))
    >>> states = layer.forward(x)
    >>> states.shape
    (2, 10, 4)

    The second half of the sequence continues from the last state of the first:

    >>> first = layer.forward(x[:, :5])
    >>> second = layer.forward(x[:, 5:], initial_state=first[:, -1])
    >>> bool((np.concatenate([first, second], axis=1) == states).all())
    True
    """

    def __init__(
        self,
        n_inputs: int,
        n_units: int,
        activation: Activation | str = "tanh",
        cell: Literal["plain", "time_aware", "gated"] = "plain",
        decay_rate: float = 0.1,
        return_states: bool = False,
        rng: Random = None,
    ) -> None:
        n_inputs, n_units = whole_number("n_inputs", n_inputs), whole_number("n_units", n_units)
        if not isinstance(return_states, bool | np.bool):
            raise TypeError(f"return_states is {return_states!r}, expected True or False")
        super().__init__((None, n_inputs), (None, n_units) if return_states else (n_units,))
        self.activation = as_activation("activation", activation)
        if cell not in CELLS:
            raise ValueError(f"cell is {cell!r}, expected {', '.join(map(repr, CELLS))}")
        if cell == "gated" and self.activation != Tanh():
            raise ValueError(f"activation is {self.activation!r}, the gated cell has tanh only")
        self.cell = cell
        self.decay_rate = check_scalar("decay_rate", decay_rate, "finite")
        self.return_states = bool(return_states)
        generator = np.random.default_rng(rng)
        self.parameters = {
            "input_weights": draw_weights((n_inputs, n_units), n_inputs, "lecun", None, generator),
            "state_weights": orthogonal(n_units, generator),
            "bias": new_array((n_units,)),
        }

    def __repr__(self) -> str:
        n_inputs, n_units = self.parameters["input_weights"].shape
        cell = f"activation={self.activation!r}, cell={self.cell!r}"
        return f"Recurrent({n_inputs}, {n_units}, {cell}, return_states={self.return_states})"

    def to_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        n_inputs, n_units = self.parameters["input_weights"].shape
        cell = {"activation": self.activation, "cell": self.cell, "decay_rate": self.decay_rate}
        return {"n_inputs": n_inputs, "n_units": n_units, **cell, "return_states": self.return_states}

    def _shape_after(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        n_units = self.parameters["bias"].size
        return (shape[0], n_units) if self.return_states else (n_units,)

    def _work(self, shape: tuple[int, ...]) -> int:
        return shape[0] * (self.parameters["input_weights"].size + self.parameters["state_weights"].size)

    def forward(
        self,
        x: ArrayLike,
        training: bool = False,
        count: bool | None = None,
        t: ArrayLike | None = None,
        initial_state: ArrayLike | None = None,
    ) -> Array:
        """Return the last state, or the states of all steps.

        Parameters
        ----------
        x : array_like, shape (samples, steps, n_inputs) or (samples, steps · n_inputs)
        training, count
            As in `Layer.forward`.
        t : array_like, shape (steps,) or (samples, steps), optional
            The times of the time-aware cell; by default 0, 1, 2, ...
        initial_state : array_like, shape (n_units,) or (samples, n_units), optional
            The state before the first step; by default 0.

        Raises
        ------
        ValueError
            If a shape does not match, ``t`` is not finite, or another cell gets ``t``.
        TypeError
            If an argument does not contain real numbers.
        """
        options = {"t": t, "initial_state": initial_state}
        return self._pass(x, training, count, **{name: value for name, value in options.items() if value is not None})

    def _factors(self, t: ArrayLike | None, n_samples: int, n_steps: int) -> Array | None:
        """Return the factors of the time-aware cell, shape (steps, samples or 1, 1); None for the others."""
        if self.cell != "time_aware":
            if t is not None:
                raise ValueError(f"t is given, which the {self.cell} cell does not use")
            return None
        times = np.arange(n_steps, dtype=np.float64) if t is None else real_array("t", t).astype(np.float64)
        if times.shape not in ((n_steps,), (n_samples, n_steps)):
            raise ValueError(f"t has shape {times.shape}, expected {(n_steps,)} or {(n_samples, n_steps)}")
        if not np.isfinite(times).all():
            raise ValueError("t is not finite")
        with np.errstate(over="ignore", under="ignore"):
            factors = np.exp(-self.decay_rate * times).astype(self.dtype)
        return factors[:, np.newaxis, np.newaxis] if factors.ndim == 1 else factors.T[:, :, np.newaxis]

    def _first_state(self, state: ArrayLike | None, n_samples: int) -> Array:
        n_units = self.parameters["bias"].size
        shape = (n_samples, n_units)
        if state is None:
            return np.zeros(shape, self.dtype)
        checked = as_dtype("initial_state", state, self.dtype)
        if checked.shape not in ((n_units,), shape):
            raise ValueError(f"initial_state has shape {checked.shape}, expected {(n_units,)} or {shape}")
        return np.array(np.broadcast_to(checked, shape))

    def _inputs(self, x: Array) -> tuple[Array, Array]:
        """Return the samples with the steps first, and the part of z that does not depend on the states."""
        steps = np.ascontiguousarray(x.transpose(1, 0, 2))
        z = np.empty((*steps.shape[:2], self.parameters["bias"].size), self.dtype)
        stacked_product(steps, self.parameters["input_weights"], z)
        z += self.parameters["bias"]
        return steps, z

    def _step(self, z: Array, previous: Array, factor: Array | None, out: Array) -> None:
        """Write the state after z, which already depends on the previous state, to `out`, which may be `previous`."""
        if self.cell == "gated":
            gated_tanh(z, previous, out=out)
            return
        self.activation(z, out=out)
        if factor is not None:
            out *= factor

    def _infer(
        self, x: Array, out: Array, run: Inference, t: ArrayLike | None = None, initial_state: ArrayLike | None = None
    ) -> Array:
        n_samples, n_steps = x.shape[:2]
        factors = self._factors(t, n_samples, n_steps)
        state = self._first_state(initial_state, n_samples)
        _, z = self._inputs(x)
        states = out.reshape(n_steps, *state.shape) if self.return_states else None  # the steps first in memory
        room = np.empty_like(state)
        for step in range(n_steps):
            z[step] += run.multiply(state, self.parameters["state_weights"], out=room)
            after = state if states is None else states[step]
            self._step(z[step], state, None if factors is None else factors[step], after)
            state = after
        if states is not None:
            return states.transpose(1, 0, 2)
        out[...] = state
        return out

    def _forward(
        self, x: Array, count: bool, t: ArrayLike | None = None, initial_state: ArrayLike | None = None
    ) -> Array:
        n_samples, n_steps = x.shape[:2]
        factors = self._factors(t, n_samples, n_steps)
        first = self._first_state(initial_state, n_samples)
        steps, z = self._inputs(x)
        states = np.empty((n_steps + 1, *first.shape), self.dtype)
        states[0] = first
        room = np.empty_like(first)
        for step in range(n_steps):
            z[step] += product(states[step], self.parameters["state_weights"], out=room)
            self._step(z[step], states[step], None if factors is None else factors[step], states[step + 1])
        self._kept = (steps, z, states, factors)
        return states[1:].copy().transpose(1, 0, 2) if self.return_states else states[-1].copy()

    def _backward(self, grad: Array) -> Array:
        steps = self._kept[0]
        grad_x = product(self._backward_parameters(grad), self.parameters["input_weights"].T)
        return grad_x.reshape(steps.shape).transpose(1, 0, 2)

    def _backward_parameters(self, grad: Array) -> Array:
        """Set ``gradients``, and return the gradient with respect to z, one row per step and sample."""
        steps, z, states, factors = self._kept
        n_units = states.shape[-1]
        back = self.parameters["state_weights"].T
        grad_z = np.empty_like(z)
        grad_state = np.zeros_like(states[0]) if self.return_states else grad
        for step in reversed(range(len(steps))):
            if self.return_states:
                grad_state = grad_state + grad[:, step]
            if self.cell == "gated":
                grad_z[step], through = gated_tanh_backward(grad_state, z[step], states[step])
                grad_state = product(grad_z[step], back)
                grad_state += through
                continue
            if factors is not None:
                grad_state = grad_state * factors[step]
            self.activation.backward(grad_state, z[step], out=grad_z[step])
            grad_state = product(grad_z[step], back)
        rows: Array = grad_z.reshape(-1, n_units)
        self.gradients = {
            "input_weights": product(steps.reshape(len(rows), steps.shape[2]).T, rows),
            "state_weights": product(states[:-1].reshape(-1, n_units).T, rows),
            "bias": rows.sum(axis=0),
        }
        return rows
