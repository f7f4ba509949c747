"""Signals and gradients in deep networks of one activation, for wide layers with random weights."""

from __future__ import annotations

import math

import numpy as np

from spatium._arrays import Array
from spatium._checks import whole_number
from spatium._tables import Table
from spatium.activations import Activation
from spatium.analysis.curve import evaluate
from spatium.analysis.properties import as_activation, is_bare
from spatium.analysis.signal import gain, name_of

__all__ = ["depth"]

_END = 15.0  # of the normal distribution: beyond it, the density is below 1e-49
_INTERVALS = 3000


def depth(act: Activation | str, layers: int = 50) -> Table:
    """Return what happens to signals and gradients in a deep network of wide layers with random weights.

    Parameters
    ----------
    act : Activation or str
        The activation of every layer.
    layers : int
        The number of layers.

    Returns
    -------
    Table
        One row per initialization: "gain" (standard deviation `gain` / √inputs), "he" (√(2 / inputs)) and "lecun"
        (√(1 / inputs)). The columns are the variance of the preactivations of the last layer, if it is 1 in the first;
        the factor by which squared gradients grow in the last layer; and the factor of all layers together. A factor
        far from 1 means gradients that explode or vanish. They are None without a derivative.

    Notes
    -----
    The preactivations of a wide layer are normally distributed. If their variance is q, those of the next layer have
    the variance σ² E f(√q z)², and squared gradients grow by σ² E f′(√q z)², with z from N(0, 1), and σ² the variance
    of the weights times the number of inputs [1]_. The expectations are sums over fixed points, because a fast
    oscillation, such as that of snake in a deep network, has no other quadrature.

    References
    ----------
    .. [1] B. Poole, S. Lahiri, M. Raghu, J. Sohl-Dickstein, S. Ganguli, "Exponential expressivity in deep neural
       networks through transient chaos", NeurIPS 2016, arXiv:1606.05340.

    Examples
    --------
    >>> from spatium.analysis import depth
    >>> print(depth("tanh", layers=50))
    tanh, 50 layers
    initialization  variance  growth of squared gradients  growth in all layers
    --------------  --------  ---------------------------  --------------------
    gain                   1                       1.1778                3578.6
    he               0.61796                       1.1055                105.58
    lecun           0.010219                      0.97987              0.014335
    """
    act, layers = as_activation("act", act), whole_number("layers", layers)
    derivative = None if is_bare(act) else act.derivative
    z, weights = _normal_points()
    rows = []
    for init, factor in (("gain", float(gain(act))), ("he", math.sqrt(2.0)), ("lecun", 1.0)):
        variance, growth, total = 1.0, 1.0, 1.0
        for _ in range(layers):
            x = math.sqrt(variance) * z
            with np.errstate(over="ignore"):  # a variance may become infinite
                if derivative is not None:
                    growth = factor**2 * float(weights @ evaluate(derivative, x).astype(np.float64) ** 2)
                    total *= growth
                variance = factor**2 * float(weights @ evaluate(act, x).astype(np.float64) ** 2)
        rows.append((init, variance, *((growth, total) if derivative is not None else (None, None))))
    columns = ("initialization", "variance", "growth_of_squared_gradients", "growth_in_all_layers")
    return Table(f"{name_of(act)}, {layers} layers", columns, rows)


def _normal_points() -> tuple[Array, Array]:
    """Return points and weights of a sum for expectations of N(0, 1): Gauss-Legendre on short intervals."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    edges = np.linspace(-_END, _END, _INTERVALS + 1)
    half = (edges[1:] - edges[:-1])[:, None] / 2
    z = (edges[:-1, None] + half) + half * nodes
    return z.reshape(-1), (half * weights * np.exp(-(z**2) / 2)).reshape(-1) / math.sqrt(2 * math.pi)
