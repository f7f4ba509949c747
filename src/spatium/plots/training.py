"""Plots of training: the size of gradients through several layers, and the memory of each save policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spatium._checks import whole_number
from spatium.activations import Activation
from spatium.activations.names import as_activations
from spatium.passes import Policy
from spatium.plots.curves import label_ends
from spatium.plots.style import axes_or_new, brief_name, stroke

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["gradient_flow", "memory"]

_FLOWING = ("relu", "gelu", "swish", "mish", "tanh", "sigmoid", "hard_sigmoid", "sine")
_KEPT = ("relu", "tanh", "softplus", "gelu", "mish", "hard_swish", "sine")


def gradient_flow(
    acts: Sequence[Activation | str] | None = None,
    ax: Axes | None = None,
    n_layers: int = 10,
    width: int = 256,
    n_samples: int = 256,
    rng: Any = 0,
) -> Axes:
    """Draw the size of a gradient after each layer of the backward pass through random layers.

    Parameters
    ----------
    acts : sequence of Activation or str, optional
        The activations; by default relu, gelu, swish, mish, tanh, sigmoid, hard_sigmoid and sine.
    ax : matplotlib.axes.Axes, optional
        The axes to draw on; by default those of a new figure.
    n_layers, width, n_samples : int
        The number of layers, of neurons per layer, and of input rows, which are N(0, 1).
    rng : seed or numpy.random.Generator, optional
        The source of weights, rows and gradient, which are the same for every activation.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If an element is not an activation.
    ValueError
        If a number is less than 1.

    Notes
    -----
    The weights are N(0, 2/width), the initial weights of `spatium.nn`, for every activation, although some activations
    need another variance (tanh and sine 1/width). The gradient at the output is N(0, 1), and the curves show its root
    mean square before each layer.

    Examples
    --------
    >>> import spatium as sp
    >>> from spatium import plots
    >>> ax = plots.gradient_flow([sp.ReLU(), sp.Sigmoid()])  # doctest: +SKIP
    """
    chosen = as_activations("acts", _FLOWING if acts is None else acts)
    if not chosen:
        raise ValueError("acts is empty, expected at least one activation")
    n_layers, width = whole_number("n_layers", n_layers), whole_number("width", width)
    n_samples = whole_number("n_samples", n_samples)
    flows = root_mean_squares(chosen, n_layers, width, n_samples, rng)
    ax = axes_or_new(ax, (6.8, 4.6))
    layers = np.arange(n_layers + 1)
    for number, flow in enumerate(flows):
        shown = np.where(flow > 0, flow, np.nan)
        ax.plot(layers, shown, markersize=4, linewidth=1.4, **stroke(number))
    ax.set_yscale("log")
    ax.set(xlim=(0, n_layers), xticks=layers, xlabel="layers that the gradient has passed")
    ax.set_ylabel("gradient (root mean square)")
    ax.axhline(1, color="#999999", linewidth=0.7, zorder=0)
    ends = [float(flow[-1]) if flow[-1] > 0 else float(ax.get_ylim()[0]) for flow in flows]
    colors = [stroke(number)["color"] for number in range(len(chosen))]
    label_ends(ax, n_layers, ends, [brief_name(act) for act in chosen], colors)
    ax.set_title(f"A gradient propagated back through {n_layers} layers", fontsize=10)
    return ax


def root_mean_squares(
    acts: Sequence[Activation], n_layers: int, width: int, n_samples: int, rng: Any
) -> list[np.ndarray[Any, np.dtype[np.float64]]]:
    """Return the root mean square of the gradient for each activation, from the output back to the first layer."""
    generator = np.random.default_rng(rng)
    weights = generator.standard_normal((n_layers, width, width)) * np.sqrt(2.0 / width)
    x, grad = generator.standard_normal((2, n_samples, width))
    result = []
    for act in acts:
        y, slopes = x, []
        for w in weights:
            y, slope = act.value_and_derivative(y @ w)
            slopes.append(slope)
        g, flow = grad, [float(np.sqrt((grad**2).mean()))]
        for w, slope in zip(weights[::-1], slopes[::-1], strict=True):
            g = (g * slope) @ w.T
            flow.append(float(np.sqrt((g**2).mean())))
        result.append(np.array(flow))
    return result


def memory(acts: Sequence[Activation | str] | None = None, ax: Axes | None = None, dtype: Any = np.float32) -> Axes:
    """Draw the bytes per element that each save policy keeps for the backward pass, in addition to the output.

    Parameters
    ----------
    acts : sequence of Activation or str, optional
        The activations; by default relu, tanh, softplus, gelu, mish, hard_swish and sine.
    ax : matplotlib.axes.Axes, optional
        The axes to draw on; by default those of a new figure.
    dtype : dtype
        The dtype of the elements.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If an element is not an activation.
    ValueError
        If there are no activations.

    Notes
    -----
    The values are `Saved.nbytes` for an array of 8,000 elements, minus the output if the policy keeps it, because the
    next layer keeps it as its input anyway (docs/memory.md).

    Examples
    --------
    >>> import spatium as sp
    >>> from spatium import plots
    >>> ax = plots.memory([sp.ReLU(), sp.GELU()])  # doctest: +SKIP
    """
    chosen = as_activations("acts", _KEPT if acts is None else acts)
    if not chosen:
        raise ValueError("acts is empty, expected at least one activation")
    from matplotlib.patches import Patch

    x = np.linspace(-3, 3, 8000).astype(dtype)
    looks: dict[Policy, dict[str, Any]] = {
        "input": {"facecolor": "#0072B2", "hatch": ""},
        "output": {"facecolor": "#E69F00", "hatch": "////"},
        "bits": {"facecolor": "#009E73", "hatch": "...."},
    }
    means = {"input": "x", "output": "only y, which the next layer keeps anyway", "bits": "one bit per element"}
    own_figure = ax is None
    ax = axes_or_new(ax, (6.8, 1.5 + 0.6 * len(chosen)))
    widest = np.dtype(dtype).itemsize
    for place, act in enumerate(chosen):
        policies = [policy for policy in looks if policy in act.save_policies]
        for number, policy in enumerate(policies):
            y, saved = act.forward(x, save=policy)
            per_element = (saved.nbytes - (x.nbytes if saved.array is y else 0)) / x.size
            height = place + (number - (len(policies) - 1) / 2) * 0.27
            if per_element:
                ax.barh(height, per_element, 0.24, edgecolor="black", linewidth=0.5, **looks[policy])
            else:
                edge = [height - 0.12, height + 0.12]
                ax.plot([0, 0], edge, color=looks[policy]["facecolor"], linewidth=5, solid_capstyle="butt")
            ax.text(per_element + 0.012 * widest, height, f"{per_element:g}  {policy}", va="center", fontsize=8)
    ax.set(yticks=range(len(chosen)), yticklabels=[brief_name(act) for act in chosen], ylim=(len(chosen) - 0.45, -0.55))
    ax.set(xlim=(0, 1.2 * widest), xlabel=f"bytes kept per element of {np.dtype(dtype)}, in addition to the output")
    ax.tick_params(axis="y", length=0)
    handles = [
        Patch(edgecolor="black", linewidth=0.5, label=f'save="{p}": {means[p]}', **look) for p, look in looks.items()
    ]
    if own_figure:
        ax.figure.legend(handles=handles, fontsize=8.5, loc="outside lower center", frameon=False)
    else:
        ax.legend(handles=handles, fontsize=8.5, loc="lower right")
    ax.set_title("Memory of the backward pass", fontsize=10)
    return ax
