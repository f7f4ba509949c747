"""The weights of an attention layer as pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from spatium._arrays import real_array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["attention"]


def attention(weights: ArrayLike) -> Figure:
    """Draw the attention weights of one sample, one panel per head, all with the same scale.

    A row is a step that asks (a query), a column a step to which it attends (a key). The color bar has a mark at
    1/steps, the weight of a head that attends to all steps equally.

    Parameters
    ----------
    weights : array_like, shape (heads, steps, steps), (1, heads, steps, steps) or (steps, steps)
        The weights, such as ``layer.attention_weights(x)[:1]`` of an `nn.SelfAttention`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the weights have another shape, or are negative, NaN or larger than 1.
    TypeError
        If they are not real numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium import plots
    >>> figure = plots.attention(np.full((2, 6, 6), 1 / 6))
    >>> len(figure.axes)                                       # two heads and the color bar
    3
    """
    values = real_array("weights", weights).astype(np.float64)
    given = values.shape
    if values.ndim == 4 and given[0] == 1:
        values = values[0]
    elif values.ndim == 2:
        values = values[np.newaxis]
    if values.ndim != 3 or values.shape[1] != values.shape[2] or values.size == 0:
        raise ValueError(f"weights has shape {given}, expected (heads, steps, steps) of one sample")
    if not ((values >= 0) & (values <= 1 + 1e-6)).all():
        raise ValueError("weights has numbers outside 0 to 1")
    import matplotlib.pyplot as plt

    n_heads, steps = values.shape[:2]
    columns = min(n_heads, 4)
    lines = math.ceil(n_heads / columns)
    figure: Figure
    figure, axes = plt.subplots(
        lines, columns, figsize=(2.6 * columns + 1.2, 2.7 * lines + 0.4), squeeze=False, layout="constrained"
    )
    for head, ax in enumerate(axes.flat):
        if head >= n_heads:
            ax.remove()
            continue
        picture = ax.imshow(values[head], vmin=0, vmax=float(values.max()) or 1.0, cmap="cividis")
        ax.set_title(f"head {head}", fontsize="medium")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.yaxis.get_major_locator().set_params(integer=True)
        if head % columns == 0:
            ax.set_ylabel("query step")
        if head + columns >= n_heads:
            ax.set_xlabel("key step")
    shown = [ax for ax in axes.flat if ax.figure is not None]
    bar = figure.colorbar(picture, ax=shown, shrink=0.9, label="weight")
    bar.ax.axhline(1 / steps, color="white", linewidth=2)
    bar.ax.axhline(1 / steps, color="black", linewidth=2, linestyle=(0, (2, 2)))
    bar.ax.text(
        -0.3, 1 / steps, f"1/{steps}", ha="right", va="center", fontsize="small", transform=bar.ax.get_yaxis_transform()
    )
    return figure
