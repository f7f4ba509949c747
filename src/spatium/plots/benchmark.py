"""A picture of the table of a benchmark."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spatium._tables import Table
from spatium.plots.contenders import cost_and_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["benchmark"]

_NO_DIGITS = 1e18  # an infinite error, for an axis that has no infinity


def benchmark(table: Table, ax: tuple[Axes, Axes] | None = None) -> NDArray[Any]:
    """Draw the times and the errors of a benchmark, one row per activation.

    Parameters
    ----------
    table : Table
        The result of `spatium.benchmark.ActivationBenchmark.run`.
    ax : pair of matplotlib.axes.Axes, optional
        The axes for times and errors; by default those of a new figure.

    Returns
    -------
    ndarray of matplotlib.axes.Axes
        The two axes. The error is the larger one of `ulp` and `ulp_tail`; quantized activations, which have none, are
        left out.

    Raises
    ------
    ValueError
        If the table is not that of a benchmark, or has no errors.

    Examples
    --------
    >>> from spatium import plots
    >>> from spatium.benchmark import ActivationBenchmark
    >>> table = ActivationBenchmark(size=1000, peers=False, repeats=2).run(["relu", "gelu"])
    >>> times, errors = plots.benchmark(table)
    >>> [label.get_text() for label in times.get_yticklabels()]
    ['relu', 'gelu']
    """
    if not {"library", "ns_per_element", "ulp", "ulp_tail"} <= set(table.columns):
        raise ValueError("table has other columns than the result of ActivationBenchmark.run")
    measured: dict[str, dict[str, tuple[float, float]]] = {}
    for row in table:
        errors = [error for error in (row["ulp"], row["ulp_tail"]) if error is not None]
        if errors:
            worst = max(errors) if math.isfinite(max(errors)) else _NO_DIGITS
            measured.setdefault(row["library"], {})[row["activation"]] = (row["ns_per_element"], worst)
    if not measured:
        raise ValueError("table has no errors to draw")
    no_digits = 2.0 ** (np.finfo(np.float64 if "float64" in table.title else np.float32).nmant + 1)
    largest = max(error for functions in measured.values() for _, error in functions.values())
    return cost_and_error(measured, ax, ours="spatium", no_digits=no_digits if largest > no_digits / 100 else None)
