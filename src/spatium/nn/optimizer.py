"""The optimizer."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium import _adam
from spatium.nn._layout import memory_order
from spatium.nn._products import share_out

__all__ = ["Adam"]

# The defaults of the paper.
FIRST_MOMENT_DECAY = 0.9
SECOND_MOMENT_DECAY = 0.999
EPSILON = 1e-8
# The square of this gradient is finite in float32; for a larger one the second moment would become inf and then NaN.
GREATEST_GRADIENT = 2.0**63

PIECE = 1 << 15  # the numbers that a thread updates together
MULTIPLICATIONS = 40  # the number of multiplications of a product in the time of one number


class Adam:
    """The optimizer Adam [1]_, which updates the given arrays in place.

    With `weight_decay`, every step also multiplies the weights by 1 - learning_rate · weight_decay, independently of
    their gradients [2]_. The weights are the arrays for which `decays` is true; by default, those of two or more axes.

    Larger gradients, including infinities, are clipped to ±2**63, so the learning rate limits the size of a step. A NaN
    makes the parameter NaN.

    References
    ----------
    .. [1] D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, arXiv:1412.6980.
    .. [2] I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019, arXiv:1711.05101.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn.optimizer import Adam
    >>> x = np.array([1.0], dtype=np.float32)
    >>> optimizer = Adam([x])
    >>> for _ in range(200):
    ...     optimizer.step([2 * x], learning_rate=0.05)
    >>> bool(abs(x[0]) < 0.01)
    True
    """

    def __init__(
        self, parameters: Sequence[NDArray[Any]], weight_decay: float = 0.0, decays: Sequence[bool] | None = None
    ) -> None:
        self._weight_decay = weight_decay
        self._steps = 0
        self._parameters: list[NDArray[Any]] = []
        self._moments: list[tuple[NDArray[Any], NDArray[Any]]] = []
        self.follow(parameters, decays)

    def follow(self, parameters: Sequence[NDArray[Any]], decays: Sequence[bool] | None = None) -> None:
        """Update other parameters from now on. Those that were updated before keep their moments."""
        if len(parameters) == len(self._parameters) and all(map(operator.is_, parameters, self._parameters)):
            return
        known = dict(zip(map(id, self._parameters), self._moments, strict=True))
        self._moments = [
            known.get(id(parameter))
            or (np.zeros(parameter.size, parameter.dtype), np.zeros(parameter.size, parameter.dtype))
            for parameter in parameters
        ]
        self._parameters = list(parameters)
        self._decays = [parameter.ndim > 1 for parameter in parameters] if decays is None else decays

    def exchange(
        self,
        old: NDArray[Any],
        new: NDArray[Any],
        change: Callable[[NDArray[Any]], NDArray[Any]],
        factor: NDArray[Any] | float = 1.0,
    ) -> None:
        """Update `new` in place of `old`, with moments as if the gradients had been ``factor * change(gradient)``."""
        for number, parameter in enumerate(self._parameters):
            if parameter is old:
                order = memory_order(old)
                places = np.argsort(order)
                shape = old.transpose(order).shape
                first, second = (change(m.reshape(shape).transpose(places)) for m in self._moments[number])
                moments = (first * factor, second * np.square(factor))
                kept = [np.ascontiguousarray(m.transpose(memory_order(new)), new.dtype).reshape(-1) for m in moments]
                self._moments[number] = (kept[0], kept[1])
                self._parameters[number] = new

    def step(self, gradients: Sequence[NDArray[Any]], learning_rate: float) -> None:
        """Update every parameter once; ``gradients`` are in the order of the parameters."""
        self._steps += 1
        # Both moments start at zero; these two factors correct the resulting bias.
        first_correction = 1.0 - FIRST_MOMENT_DECAY**self._steps
        second_correction = 1.0 - SECOND_MOMENT_DECAY**self._steps
        rate = float(learning_rate / first_correction)  # a NumPy scalar would make the arrays float64
        pieces: list[tuple[list[NDArray[Any]], float]] = []
        copies: list[tuple[NDArray[Any], NDArray[Any]]] = []
        for number, (parameter, gradient) in enumerate(zip(self._parameters, gradients, strict=True)):
            kept = 1.0 - learning_rate * self._weight_decay * self._decays[number]
            order = memory_order(parameter)  # with the axes in this order no copy is necessary
            parameter, gradient = parameter.transpose(order), gradient.transpose(order)
            place = np.ascontiguousarray(parameter)
            if place is not parameter:  # a layer of the user may have a parameter with gaps
                copies.append((parameter, place))
            whole = (place, np.ascontiguousarray(gradient, parameter.dtype), *self._moments[number])
            flat = [array.reshape(-1) for array in whole]
            pieces += [
                ([array[start : start + PIECE] for array in flat], kept) for start in range(0, parameter.size, PIECE)
            ]

        def update(share: int) -> None:
            (parameter, gradient, first, second), kept = pieces[share]
            _adam.step(
                parameter, gradient, first, second, rate, kept, 1.0 - FIRST_MOMENT_DECAY, 1.0 - SECOND_MOMENT_DECAY,
                second_correction, EPSILON, GREATEST_GRADIENT,
            )  # fmt: skip

        share_out(update, len(pieces), MULTIPLICATIONS * sum(parameter.size for parameter in self._parameters))
        for parameter, place in copies:
            parameter[...] = place
