"""Dead and saturated units, by published thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium._arrays import Array, real_array
from spatium._tables import Printed, Table
from spatium.activations import Activation, Custom
from spatium.analysis.curve import evaluate
from spatium.analysis.properties import as_activation, is_bare
from spatium.analysis.signal import name_of

__all__ = [
    "INACTIVITY_PERCENT",
    "LAYER_PERCENT",
    "SATURATION_LIMITS",
    "VANISHING_GRADIENT",
    "UnitReport",
    "dead_units",
    "saturation",
]

# The defaults of Amazon SageMaker Debugger's rules DeadRelu, SaturatedActivation and VanishingGradient, as documented
# at docs.aws.amazon.com/sagemaker/latest/dg/ (dead-relu, saturated-activation, vanishing-gradient).
INACTIVITY_PERCENT = 1.0  # a unit that is active in a smaller percentage of the samples is dead or saturated
LAYER_PERCENT = 50.0  # a layer with a larger percentage of such units is reported
VANISHING_GRADIENT = 1e-7  # a smaller absolute gradient has vanished
SATURATION_LIMITS = {"tanh": (-9.4999, 9.4999), "sigmoid": (-23.0, 16.99999)}  # inputs beyond are saturated


@dataclass(frozen=True, eq=False)
class UnitReport(Printed):
    """The activity of the units of a layer. Prints as a table.

    Attributes
    ----------
    what : {"dead", "saturated"}
    activation : Activation
    activity : ndarray of float64
        For each unit, the share of samples in which it is active, from 0 to 1.
    flagged : ndarray of bool
        For each unit, whether it is active in less than `inactivity` percent of the samples.
    samples : int
    inactivity, layer : float
        The thresholds, in percent.
    condition : str
        The condition for a unit to be inactive in a sample.
    """

    what: str
    activation: Activation
    activity: NDArray[np.float64]
    flagged: NDArray[np.bool_]
    samples: int
    inactivity: float
    layer: float
    condition: str

    @property
    def units(self) -> NDArray[np.intp]:
        """The indices of the flagged units."""
        return np.flatnonzero(self.flagged)

    @property
    def share(self) -> float:
        """The share of flagged units in the layer, from 0 to 1."""
        return float(self.flagged.mean()) if self.flagged.size else 0.0

    @property
    def fires(self) -> bool:
        """Whether more than `layer` percent of the units are flagged."""
        return 100.0 * self.share > self.layer

    def __bool__(self) -> bool:
        """Whether the layer is reported."""
        return self.fires

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values for JSON."""
        return {
            "what": self.what,
            "activation": repr(self.activation),
            "samples": self.samples,
            "n_units": int(self.flagged.size),
            "units": [int(i) for i in self.units],
            "share": self.share,
            "fires": self.fires,
            "activity": [float(a) for a in self.activity],
            "inactivity_percent": self.inactivity,
            "layer_percent": self.layer,
            "condition": self.condition,
        }

    def _table(self) -> Table:
        first = ", ".join(map(str, self.units[:12])) + (", …" if len(self.units) > 12 else "")
        quartiles = np.percentile(self.activity, [0, 25, 50, 75, 100])
        rows = [
            (f"{self.what} units", f"{len(self.units)} of {self.flagged.size} ({self.share:.1%})"),
            ("which", first or "none"),
            ("activity", " ".join(f"{q:.1%}" for q in quartiles) + "  (least, quartiles, most)"),
            (
                "rule",
                f"active in less than {self.inactivity:g} % of {self.samples} samples; inactive: {self.condition}",
            ),
            ("layer", f"{'reported' if self.fires else 'fine'}: the limit is {self.layer:g} % of the units"),
        ]
        return Table(name_of(self.activation), ("", ""), rows)


def dead_units(
    pre_activations: ArrayLike,
    act: Activation,
    *,
    inactivity: float = INACTIVITY_PERCENT,
    layer: float = LAYER_PERCENT,
    vanishing: float = VANISHING_GRADIENT,
) -> UnitReport:
    """Find the units of a layer whose gradient vanishes in nearly all samples.

    For relu these are the units with an output of 0, as in SageMaker's rule DeadRelu.

    Parameters
    ----------
    pre_activations : array_like, shape (..., units)
        Inputs of the activation; all axes but the last are samples.
    act : Activation
    inactivity : float
        A unit is dead if it is active in less than this percentage of the samples.
    layer : float
        The layer is reported if more than this percentage of its units are dead.
    vanishing : float
        A unit is inactive in a sample if ``|f′|`` is below this number.

    Returns
    -------
    UnitReport
        True if the layer is reported.

    Raises
    ------
    TypeError
        If the array does not contain real numbers, or `act` has no derivative.
    ValueError
        If the array has no axis or no sample, or a percentage is not between 0 and 100.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> from spatium.analysis import dead_units
    >>> z = np.random.default_rng(0).normal([-9.0, -2.0, 0.0, 1.0], 1.0, size=(1000, 4))
    >>> print(dead_units(z, sp.ReLU()))
    relu
    dead units  1 of 4 (25.0%)
    which       0
    activity    0.0% 1.1% 24.6% 56.6% 83.5%  (least, quartiles, most)
    rule        active in less than 1 % of 1000 samples; inactive: |f′| < 1e-07
    layer       fine: the limit is 50 % of the units
    """
    act, z = _checked(pre_activations, act, inactivity, layer)
    if is_bare(act):
        raise TypeError(f"{act!r} has no derivative, expected an activation with a derivative")
    active = ~(np.abs(_slopes(act, z)) < vanishing)
    return _report("dead", act, active, inactivity, layer, f"|f′| < {vanishing:g}")


def saturation(
    pre_activations: ArrayLike,
    act: Activation,
    *,
    low: float | None = None,
    high: float | None = None,
    inactivity: float = INACTIVITY_PERCENT,
    layer: float = LAYER_PERCENT,
    vanishing: float = VANISHING_GRADIENT,
) -> UnitReport:
    """Find the units of a layer that are in the flat ends of their activation in nearly all samples.

    Parameters
    ----------
    pre_activations : array_like, shape (..., units)
        Inputs of the activation; all axes but the last are samples.
    act : Activation
    low, high : float, optional
        Inputs below `low` or above `high` are saturated. The defaults are SageMaker's limits, ±9.4999 for tanh and −23,
        16.99999 for sigmoid. For other activations, if neither is given, a sample is saturated if
        ``|f′| < vanishing``.
    inactivity, layer : float
        As for `dead_units`.
    vanishing : float

    Returns
    -------
    UnitReport
        Its `activity` is the share of samples that are not saturated. The report is true if the layer is reported.

    Raises
    ------
    TypeError, ValueError
        As for `dead_units`.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> from spatium.analysis import saturation
    >>> z = np.random.default_rng(0).normal(0.0, [1.0, 10.0, 1e4], size=(500, 3))
    >>> report = saturation(z, sp.Tanh())
    >>> report.activity.round(2), report.units
    (array([1.  , 0.68, 0.  ]), array([2]))
    """
    act, z = _checked(pre_activations, act, inactivity, layer)
    if low is None and high is None and act.name in SATURATION_LIMITS and not isinstance(act, Custom):
        low, high = SATURATION_LIMITS[act.name]
    if low is None and high is None:
        if is_bare(act):
            raise TypeError(f"{act!r} has no derivative: give low or high")
        active = ~(np.abs(_slopes(act, z)) < vanishing)
        return _report("saturated", act, active, inactivity, layer, f"|f′| < {vanishing:g}")
    bottom, top = -np.inf if low is None else low, np.inf if high is None else high
    active = ~((z < bottom) | (z > top))
    return _report("saturated", act, active, inactivity, layer, f"input outside {bottom:g} … {top:g}")


def _checked(pre_activations: ArrayLike, act: Activation, inactivity: float, layer: float) -> tuple[Activation, Array]:
    z = real_array("pre_activations", pre_activations)
    if z.ndim == 0 or z.size == 0:
        raise ValueError(f"pre_activations has shape {z.shape}, expected (samples, units), at least one of each")
    for name, value in (("inactivity", inactivity), ("layer", layer)):
        if not 0 <= value <= 100:
            raise ValueError(f"{name} is {value!r}, expected a percentage from 0 to 100")
    return as_activation("act", act), z.reshape(-1, z.shape[-1])


def _slopes(act: Activation, z: Array) -> Array:
    return evaluate(act.derivative, z)


def _report(what: str, act: Activation, active: Array, inactivity: float, layer: float, condition: str) -> UnitReport:
    activity = active.mean(axis=0)
    return UnitReport(what, act, activity, 100.0 * activity < inactivity, len(active), inactivity, layer, condition)
