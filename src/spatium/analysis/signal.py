"""The effect of an activation on signals and gradients, on a grid and for normally distributed inputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from spatium._arrays import Array
from spatium._checks import ends_of, whole_number
from spatium._tables import Printed, Table, plain
from spatium.activations import Activation, Custom
from spatium.analysis.curve import CORE, Curve, evaluate
from spatium.analysis.properties import as_activation, is_bare
from spatium.maps.activation_map import ActivationMap

__all__ = ["VANISHING_SHARE", "Gain", "gain", "gradient_flow"]

# Smaller gradients count as vanishing in `gradient_flow`.
VANISHING_SHARE = 0.01

# For larger |x|, φ(x) is below 1e-50, and x⁸·φ(x) is below 1e-41.
_END = 15.0
_POINTS = 24
_LEVELS = 40


def gradient_flow(
    activations: Mapping[str, Any] | Iterable[Any],
    interval: tuple[float, float] = (-5.0, 5.0),
    n: int = 1000,
    vanishing: float = VANISHING_SHARE,
) -> Table:
    """Return the size of the gradients of several activations on an interval, and the range of their values.

    Parameters
    ----------
    activations : mapping of names, or iterable
        Activations, their names, or functions of arrays. For a function, or a `Custom` without a derivative, the
        gradient is NumPy's difference quotient on the grid.
    interval : (low, high)
    n : int
        The number of grid points, including both ends.
    vanishing : float
        Smaller absolute gradients count as vanishing.

    Returns
    -------
    Table
        One row per activation: the mean and the largest absolute gradient, the share of vanishing gradients, the
        smallest and the largest value.

    Raises
    ------
    ValueError
        If the interval is not two finite numbers, the lower one first, or n is below 2.

    Examples
    --------
    >>> from spatium.analysis import gradient_flow
    >>> print(gradient_flow(["relu", "sigmoid", "tanh", "gelu"]))
    Gradients on 1000 points from −5 to 5
    activation  mean gradient  max gradient  vanishing share        low     high
    ----------  -------------  ------------  ---------------  ---------  -------
    relu                  0.5             1              0.5          0        5
    sigmoid          0.098569          0.25            0.084  0.0066929  0.99331
    tanh              0.19978       0.99997            0.402   −0.99991  0.99991
    gelu              0.53396        1.1289            0.198   −0.16997        5
    """
    (low, high), n = ends_of("interval", interval), whole_number("n", n, 2)
    if isinstance(activations, Mapping):
        named = [(str(name), as_activation(f"activations[{name!r}]", act)) for name, act in activations.items()]
    else:
        listed = [as_activation(f"activations[{i}]", value) for i, value in enumerate(activations)]
        named = [(name_of(act), act) for act in listed]
    x = np.linspace(low, high, n)
    rows = []
    for name, act in named:
        y = evaluate(act, x)
        slope = np.abs(np.gradient(y, x) if is_bare(act) else evaluate(act.derivative, x))
        share = float(np.mean(slope < vanishing))
        rows.append((name, float(slope.mean()), float(slope.max()), share, float(y.min()), float(y.max())))
    columns = ("activation", "mean_gradient", "max_gradient", "vanishing_share", "low", "high")
    return Table(f"Gradients on {n} points from {low:g} to {high:g}".replace("-", "−"), columns, rows)


def name_of(act: Activation) -> str:
    """Return the name of the activation, with the parameters if they are not the defaults."""
    return act.name if isinstance(act, Custom) or act == as_activation("", act.name) else repr(act)


class Gain(Printed, float):
    """The gain of an activation, a float: 1/√E f(z)² for normally distributed z. Prints as a table.

    Attributes
    ----------
    of : str
        The name of the activation or map.
    mean, variance : float
        The mean and the variance of f(z).
    second_moment : float
        E f(z)².
    slope_moment : float or None
        E f′(z)², the growth of squared gradients from layer to layer; None without a derivative.
    """

    of: str
    mean: float
    second_moment: float
    slope_moment: float | None

    def __new__(cls, of: str, mean: float, second_moment: float, slope_moment: float | None) -> Gain:
        """Create a gain from the moments."""
        made = super().__new__(cls, 1 / math.sqrt(second_moment) if second_moment > 0 else math.inf)
        made.of, made.mean, made.second_moment, made.slope_moment = of, mean, second_moment, slope_moment
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return (Gain, (self.of, self.mean, self.second_moment, self.slope_moment))

    @property
    def variance(self) -> float:
        """The variance of f(z)."""
        return max(self.second_moment - self.mean**2, 0.0)

    @property
    def normalizer(self) -> float:
        """1/√variance; f(z) times this number has variance 1."""
        return 1 / math.sqrt(self.variance) if self.variance > 0 else math.inf

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values for JSON."""
        return {
            "activation": self.of,
            "gain": plain(float(self)),
            "mean": plain(self.mean),
            "variance": plain(self.variance),
            "second_moment": plain(self.second_moment),
            "slope_moment": plain(self.slope_moment),
            "normalizer": plain(self.normalizer),
        }

    def _table(self) -> Table:
        rows = [
            ("gain, 1/√E f²", float(self)),
            ("mean, E f", self.mean),
            ("variance", self.variance),
            ("E f′²", self.slope_moment),
            ("1/√variance", self.normalizer),
        ]
        return Table(f"{self.of} of N(0, 1)", ("", ""), rows)


def gain(act: Activation | ActivationMap, *, hits: bool = False) -> Gain:
    """Return the factor that preserves the second moment of a layer's inputs, and the moments that determine it.

    With weights of standard deviation gain/√(inputs), the inputs of the next layer have the same second moment. For
    relu the gain is √2.

    Parameters
    ----------
    act : Activation or ActivationMap
        For a map, all cells have the same weight.
    hits : bool
        For a map, weight the cells by their hit counts instead.

    Returns
    -------
    Gain
        A float with attributes.

    Raises
    ------
    TypeError
        If `act` is neither an activation nor a map.
    ValueError
        If `hits` is true and the map has no hits.

    Notes
    -----
    The moments are computed by Gauss–Legendre quadrature with 24 points, on intervals that are halved until the results
    agree to 1e-14. Jumps and kinks are ends of intervals, so they do not reduce the accuracy.

    Examples
    --------
    >>> import spatium as sp
    >>> from spatium.analysis import gain
    >>> print(gain(sp.ReLU()))
    relu of N(0, 1)
    gain, 1/√E f²   1.4142
    mean, E f      0.39894
    variance       0.34085
    E f′²              0.5
    1/√variance     1.7129
    >>> round(gain(sp.ActivationMap.gradient(center=sp.GELU(), edge=sp.ReLU())), 4)
    1.4703
    """
    with np.errstate(all="ignore"):
        if isinstance(act, ActivationMap):
            return _gain_of_map(act, hits)
        act = as_activation("act", act)
        return Gain(name_of(act), *_moments(act))


def _gain_of_map(amap: ActivationMap, hits: bool) -> Gain:
    grid = amap._grid  # read once, because another thread may assign cells in the meantime
    weights = np.zeros(len(grid.palette))
    counts = amap.hit_counts if hits else np.ones(grid.cells.shape)
    np.add.at(weights, grid.cells.reshape(-1), np.asarray(counts, dtype=np.float64).reshape(-1))
    if weights.sum() == 0:
        raise ValueError("the map has counted no hits; without hits=True all cells have the same weight")
    weights /= weights.sum()
    used = [(float(w), *_moments(entry)) for w, entry in zip(weights, grid.palette, strict=True) if w > 0]
    mean, second = sum(w * first for w, first, _, _ in used), sum(w * second for w, _, second, _ in used)
    slope = None if any(row[3] is None for row in used) else sum(w * (moment or 0.0) for w, _, _, moment in used)
    return Gain(f"a map of {len(used)} activations", mean, second, slope)


def _moments(act: Activation) -> tuple[float, float, float | None]:
    """Return E f, E f² and E f′² for the standard normal distribution."""
    derivative = None if is_bare(act) else act.derivative
    places = [item.place for item in Curve(act, derivative).breaks]
    mean = expectation(lambda x: evaluate(act, x).astype(np.float64), places)
    second = expectation(lambda x: evaluate(act, x).astype(np.float64) ** 2, places)
    if derivative is None:
        return mean, second, None
    return mean, second, expectation(lambda x: evaluate(derivative, x).astype(np.float64) ** 2, places)


def expectation(function: Callable[[Array], Array], breaks: Iterable[float] = ()) -> float:
    """Return E function(z) for z from N(0, 1); the function is smooth between the breaks."""
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    inner = [place for place in breaks if -min(_END, CORE) < place < _END]
    edges = np.unique(np.concatenate([np.arange(-_END, _END + 1), inner]))
    a, b = edges[:-1], edges[1:]

    def integrals(a: Array, b: Array) -> Array:
        half = (b - a) / 2
        x = (a + half)[:, None] + half[:, None] * nodes
        density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
        return np.asarray(half * ((function(x) * density) @ weights))

    whole = integrals(a, b)
    done: list[float] = []
    for _ in range(_LEVELS):
        middle = (a + b) / 2
        left, right = integrals(a, middle), integrals(middle, b)
        open_ = ~(np.abs(left + right - whole) <= 1e-14 * max(1e-3, abs(math.fsum(whole)) + abs(math.fsum(done))))
        done += list((left + right)[~open_])
        if not open_.any():
            return math.fsum(done)
        a, b = np.concatenate([a[open_], middle[open_]]), np.concatenate([middle[open_], b[open_]])
        whole = np.concatenate([left[open_], right[open_]])
    return math.fsum([*done, *whole])
