"""A quantized activation: its steps, its error, and the levels that it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatium.activations import Activation
from spatium.plots.style import brief_name
from spatium.quantization import quantize

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["quantization"]

_POINTS = 4001


def quantization(act: Activation | str, bits: int = 4, **options: Any) -> Figure:
    """Draw an activation and its steps on codes, the error, and the levels of the output that are used.

    Parameters
    ----------
    act : Activation or str
    bits : {4, 8}
    **options
        Further arguments of `spatium.quantize`, such as ``x_range``.

    Returns
    -------
    matplotlib.figure.Figure
        Above, the curve and the steps; the marks at the right are the levels of the output, long if a code of the input
        leads to them. Below, the error.

    Examples
    --------
    >>> from spatium import plots
    >>> figure = plots.quantization("gelu", bits=4)
    >>> figure.axes[0].get_title()
    'GELU, 4 bits: 9 of 16 levels used'
    """
    q = quantize(act, bits, **options)
    if not hasattr(q, "activation"):
        raise TypeError(f"act is {act!r}, expected an activation or the name of one")
    import matplotlib.pyplot as plt

    reals, half = q.x.values, q.x_scale / 2
    x = np.linspace(reals[0] - half, reals[-1] + half, _POINTS)
    exact, steps = np.asarray(q.activation(x)), q.evaluate(x)
    used = np.isin(q.y.codes, q.table)
    figure: Figure
    figure, (above, below) = plt.subplots(
        2, 1, sharex=True, figsize=(6.4, 5.6), layout="constrained", gridspec_kw={"height_ratios": (3, 1.3)}
    )
    above.plot(x, exact, color="#0072B2", linewidth=1.6, label="exact")
    above.plot(x, steps, color="#D55E00", linewidth=1.4, label=f"{bits} bits")
    if bits == 4:  # points for 256 codes would hide the curve
        above.plot(reals, q.dequantize(q.table, np.float64), "o", color="#D55E00", markersize=3.5)
    for chosen, length, color in ((~used, 0.012, "#777777"), (used, 0.03, "#D55E00")):
        levels = q.y.values[chosen]
        above.hlines(levels, 1.0 - length, 1.0, color=color, linewidth=1.0, transform=above.get_yaxis_transform())
    above.set_title(f"{brief_name(q.activation)}, {bits} bits: {used.sum()} of {len(used)} levels used")
    above.set_ylabel("f(x)")
    above.legend(loc="upper left")
    below.axhspan(-q.y_scale / 2, q.y_scale / 2, color="#BBBBBB", alpha=0.4, linewidth=0, label="half a step of f(x)")
    below.plot(x, steps - exact, color="#D55E00", linewidth=1.0)
    below.legend(loc="best", fontsize="small")
    below.set_xlabel("x")
    below.set_ylabel("error")
    for ax in (above, below):
        ax.grid(alpha=0.25)
    return figure
