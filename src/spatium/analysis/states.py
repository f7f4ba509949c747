"""The states of a recurrent network over time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from spatium._arrays import real_array
from spatium._tables import Table

__all__ = ["SATURATED_STATE", "state_statistics"]

SATURATED_STATE = 0.99  # a state with a larger absolute value is saturated; tanh' is then below 0.02


def state_statistics(states: ArrayLike, gradients: ArrayLike | None = None) -> Table:
    """Return statistics of the states of a recurrent layer for each step, and over all steps.

    Parameters
    ----------
    states : array_like, shape (samples, steps, units)
        The states, such as the outputs of ``nn.Recurrent(..., return_states=True)``.
    gradients : array_like, shape (samples, steps, columns), optional
        The gradient of a loss of the last state with respect to the inputs of each step, as ``layer.backward`` returns
        it. Then the table has the norm of the gradient for each lag, which is the number of steps until the end. If it
        grows or shrinks by a constant factor per lag, gradients explode or vanish.

    Returns
    -------
    Table
        One row per step and a row "all": mean, standard deviation, minimum and maximum over samples and units; the
        share of states beyond ±0.99; and, with `gradients`, the lag and the root of the mean squared norm.

    Raises
    ------
    ValueError
        If an array has another number of axes, no elements, or not the samples and steps of `states`.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.analysis import state_statistics
    >>> from spatium.nn import Recurrent
    >>> x = np.random.default_rng(0).normal(size=(100, 4, 3))
    >>> layer = Recurrent(3, 8, cell="time_aware", decay_rate=0.5, return_states=True, rng=0)
    >>> table = state_statistics(layer.forward(x))
    >>> [round(std, 2) for std in table.column("std")]         # the cell scales late states down
    [0.57, 0.38, 0.23, 0.13, 0.37]
    """
    values = _three_axes("states", states)
    columns = ["step", "mean", "std", "min", "max", "saturated_share"]
    rows: list[tuple[Any, ...]] = [(step, *_of(values[:, step])) for step in range(values.shape[1])]
    rows.append(("all", *_of(values)))
    if gradients is not None:
        given = _three_axes("gradients", gradients)
        if given.shape[:2] != values.shape[:2]:
            raise ValueError(f"gradients has shape {given.shape}, states has {values.shape[:2]} samples and steps")
        norms = np.sqrt(np.square(given).sum(axis=2).mean(axis=0))
        columns += ["lag", "gradient_norm"]
        last = values.shape[1] - 1
        rows = [(*row, last - i, float(norms[i])) for i, row in enumerate(rows[:-1])] + [(*rows[-1], None, None)]
    return Table("", columns, rows)


def _three_axes(name: str, values: ArrayLike) -> Any:
    array = real_array(name, values).astype(np.float64)
    if array.ndim != 3 or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}, expected (samples, steps, columns), none of them 0")
    return array


def _of(values: Any) -> tuple[float, ...]:
    saturated = float((np.abs(values) > SATURATED_STATE).mean())
    return float(values.mean()), float(values.std()), float(values.min()), float(values.max()), saturated
