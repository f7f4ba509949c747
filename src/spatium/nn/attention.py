"""Layers of attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from spatium._checks import whole_number
from spatium.activations import Activation
from spatium.nn._inference import Inference
from spatium.nn._products import Array, OnePool, product, stacked_product
from spatium.nn.layer import Layer, Random, as_optional_activation, draw_weights
from spatium.passes import Saved
from spatium.rows import softmax, softmax_backward

__all__ = ["SelfAttention"]

SCORES_BYTES = 1 << 20  # of the samples that an inference pass computes together

NAMES = ("query", "key", "value")


class SelfAttention(Layer):
    r"""Self-attention of the steps of a sequence, with an activation of the queries, keys, values and outputs.

    With the activations q, k, v and o, ``Q = q(x @ query_weights)``, ``K = k(x @ key_weights)`` and
    ``V = v(x @ value_weights)``. Each head has d = width / n_heads of the columns, and computes
    ``softmax(Q Kᵀ / √d) V`` [1]_. The output is o of the heads side by side.

    Parameters
    ----------
    width : int
        The number of columns of the input and of the output.
    n_heads : int
        The number of heads; it divides ``width``.
    activations : sequence of three Activation, str or None
        The activations of queries, keys and values; None is none.
    output : Activation or str, optional
        The activation of the output.
    causal : bool
        Whether a step attends only to itself and the steps before it. Then the output of a step does not change with
        later inputs, as long as these are finite.
    rng : Generator or int, optional
        The source, in this order, of the query, key and value weights, shape (width, width). They are normal with the
        standard deviation √(1 / width).

    Raises
    ------
    ValueError
        If a size is not positive, ``n_heads`` does not divide ``width``, there are not three activations, or a name is
        unknown.
    TypeError
        If an activation has another type.

    Notes
    -----
    x has the shape (samples, steps, width), or its sequences are flat rows in C order; so has the output. Sequences may
    have any length of at least 1.

    The tanh of queries and keys bounds the scores by √d, so in a row of the weights the largest is at most exp(2 √d)
    times the smallest. Without ``causal``, the layer does not know the order of the steps.

    References
    ----------
    .. [1] A. Vaswani et al., "Attention is all you need", NeurIPS 2017, arXiv:1706.03762.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import SelfAttention
    >>> layer = SelfAttention(8, n_heads=2, rng=0)
    >>> x = np.random.default_rng(0).normal(size=(3, 5, 8))
    >>> layer.forward(x).shape
    (3, 5, 8)
    >>> weights = layer.attention_weights(x)
    >>> weights.shape, bool(np.allclose(weights.sum(axis=-1), 1))
    ((3, 2, 5, 5), True)
    """

    def __init__(
        self,
        width: int,
        n_heads: int = 1,
        activations: Sequence[Activation | str | None] = ("tanh", "tanh", "relu"),
        output: Activation | str | None = "gelu",
        causal: bool = False,
        rng: Random = None,
    ) -> None:
        width, self.n_heads = whole_number("width", width), whole_number("n_heads", n_heads)
        if width % self.n_heads:
            raise ValueError(f"n_heads is {n_heads}, expected a divisor of width, which is {width}")
        if isinstance(activations, str) or len(activations) != len(NAMES):
            raise ValueError(f"activations is {activations!r}, expected three: of queries, keys and values")
        if not isinstance(causal, bool | np.bool):
            raise TypeError(f"causal is {causal!r}, expected True or False")
        super().__init__((None, width), (None, width))
        self.activations = tuple(as_optional_activation("activations", one) for one in activations)
        self.output = as_optional_activation("output", output)
        self.causal = bool(causal)
        generator = np.random.default_rng(rng)
        self.parameters = {
            f"{name}_weights": draw_weights((width, width), width, "lecun", None, generator) for name in NAMES
        }

    def __repr__(self) -> str:
        arguments = f"n_heads={self.n_heads}, activations={self.activations!r}, output={self.output!r}"
        return f"SelfAttention({self._width}, {arguments}, causal={self.causal})"

    @property
    def _width(self) -> int:
        return len(self.parameters["query_weights"])

    def to_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        functions = {"activations": self.activations, "output": self.output}
        return {"width": self._width, "n_heads": self.n_heads, **functions, "causal": self.causal}

    def _shape_after(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape

    def _work(self, shape: tuple[int, ...]) -> int:
        return 3 * shape[0] * self._width**2 + 2 * shape[0] ** 2 * self._width

    def _heads(self, rows: Array, n_samples: int) -> Array:
        """Return a view of shape (samples, heads, steps, d) of rows of `width` columns, one for each step."""
        n_steps = len(rows) // max(n_samples, 1)
        return rows.reshape(n_samples, n_steps, self.n_heads, self._width // self.n_heads).transpose(0, 2, 1, 3)

    def _weights(self, queries: Array, keys: Array) -> Array:
        """Return the weights of the heads, shape (samples, heads, steps, steps)."""
        n_steps, d = queries.shape[2:]
        scores = np.empty((*queries.shape[:3], n_steps), self.dtype)
        stacked_product(queries, keys.swapaxes(2, 3), scores)
        scores *= self.dtype.type(1 / np.sqrt(d))
        if self.causal:
            np.copyto(scores, -np.inf, where=~np.tri(n_steps, dtype=bool))
        if scores.size:
            softmax(scores, axis=-1, out=scores)
        return scores

    def _projected(self, x: Array, count: int, run: Inference) -> list[Array]:
        """Return the first `count` of queries, keys and values, each of shape (samples, heads, steps, d)."""
        rows = np.ascontiguousarray(x).reshape(-1, self._width)
        projected = []
        for name, activation in list(zip(NAMES, self.activations, strict=True))[:count]:
            z = run.multiply(rows, self.parameters[f"{name}_weights"])
            if activation is not None:
                activation(z, out=z)
            projected.append(self._heads(z, len(x)))
        return projected

    def attention_weights(self, x: ArrayLike) -> Array:
        """Return the weights ``softmax(Q Kᵀ / √d)``, shape (samples, heads, steps, steps); each row adds up to 1.

        The element (i, h, s, t) is the weight that step s of sample i gives to step t in head h.
        """
        _, batch = self._batch(x)
        with OnePool():
            return self._weights(*self._projected(batch, 2, Inference()))

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        n_samples, n_steps = x.shape[:2]
        y = out if out.flags.c_contiguous else np.empty_like(out, order="C")
        together = max(SCORES_BYTES // max(self.n_heads * n_steps**2 * self.dtype.itemsize, 1), 1)
        for start in range(0, n_samples, together):
            part = x[start : start + together]
            queries, keys, values = self._projected(part, 3, run)
            into = y[start : start + together].reshape(-1, self._width)
            stacked_product(self._weights(queries, keys), values, self._heads(into, len(part)))
        if self.output is not None:
            self.output(y, out=y)
        return y

    def _forward(self, x: Array, count: bool) -> Array:
        n_samples = len(x)
        rows = np.ascontiguousarray(x).reshape(-1, self._width)
        projected: list[Array] = []
        saved: list[Saved | None] = []
        for name, activation in zip(NAMES, self.activations, strict=True):
            z = product(rows, self.parameters[f"{name}_weights"])
            y, kept = (z, None) if activation is None else activation.forward(z)
            projected.append(self._heads(y, n_samples))
            saved.append(kept)
        queries, keys, values = projected
        weights = self._weights(queries, keys)
        z = np.empty_like(rows)
        stacked_product(weights, values, self._heads(z, n_samples))
        y, kept = (z, None) if self.output is None else self.output.forward(z)
        self._kept = (rows, projected, weights, [*saved, kept])
        return np.asarray(y).reshape(x.shape)

    def _backward(self, grad: Array) -> Array:
        grad_x: Array = np.zeros_like(self._kept[0])
        for name, gradient in zip(NAMES, self._backward_parameters(grad), strict=True):
            grad_x += product(gradient, self.parameters[f"{name}_weights"].T)
        return grad_x.reshape(grad.shape)

    def _backward_parameters(self, grad: Array) -> list[Array]:
        """Set ``gradients``, and return the gradients with respect to the products with the three weights."""
        rows, (queries, keys, values), weights, saved = self._kept
        n_samples = len(weights)
        grad_z = np.ascontiguousarray(grad).reshape(rows.shape)
        if self.output is not None:
            grad_z = self.output.backward(grad_z, saved[3])
        grad_heads = self._heads(grad_z, n_samples)
        gradients = [np.empty_like(rows) for _ in NAMES]
        into = [self._heads(one, n_samples) for one in gradients]
        stacked_product(weights.swapaxes(2, 3), grad_heads, into[2])
        scores = np.empty_like(weights)
        stacked_product(grad_heads, values.swapaxes(2, 3), scores)
        if scores.size:
            softmax_backward(scores, weights, axis=-1, out=scores)
        scores *= self.dtype.type(1 / np.sqrt(queries.shape[3]))
        stacked_product(scores, keys, into[0])
        stacked_product(scores.swapaxes(2, 3), queries, into[1])
        for number, (activation, kept) in enumerate(zip(self.activations, saved[:3], strict=True)):
            if activation is not None:
                gradients[number] = activation.backward(gradients[number], kept)
        self.gradients = {
            f"{name}_weights": product(rows.T, gradient) for name, gradient in zip(NAMES, gradients, strict=True)
        }
        return gradients
