"""Analysis of activations: functions that accept arrays and return tables.

`check_activation` finds faults in any activation. `properties` returns the range, the breaks and other properties of a
function. `gradient_flow` and `gain` describe its effect on gradients and signals. `dead_units` and `saturation` find
the units of a layer that have no effect. `memory_footprint` and `relative_cost` return the memory and the time that it
needs. `sqnr` and `quantization` return the noise of quantized activations. Every result can be printed as a table and
has `to_dict()`.
"""

from __future__ import annotations

import sys

from spatium import _tables
from spatium._tables import Table
from spatium.analysis.check import CheckReport, Finding, check_activation
from spatium.analysis.codes import quantization, sqnr
from spatium.analysis.cost import Footprint, memory_footprint, relative_cost
from spatium.analysis.curve import Break, EvaluationError
from spatium.analysis.depth import depth
from spatium.analysis.properties import Properties, properties
from spatium.analysis.signal import Gain, gain, gradient_flow
from spatium.analysis.states import SATURATED_STATE, state_statistics
from spatium.analysis.units import (
    INACTIVITY_PERCENT,
    LAYER_PERCENT,
    SATURATION_LIMITS,
    VANISHING_GRADIENT,
    UnitReport,
    dead_units,
    saturation,
)

__all__ = [
    "INACTIVITY_PERCENT",
    "LAYER_PERCENT",
    "SATURATED_STATE",
    "SATURATION_LIMITS",
    "VANISHING_GRADIENT",
    "Break",
    "CheckReport",
    "EvaluationError",
    "Finding",
    "Footprint",
    "Gain",
    "Properties",
    "Table",
    "UnitReport",
    "check_activation",
    "dead_units",
    "depth",
    "gain",
    "gradient_flow",
    "memory_footprint",
    "properties",
    "quantization",
    "relative_cost",
    "saturation",
    "sqnr",
    "state_statistics",
]

sys.modules[f"{__name__}.tables"] = _tables  # where Table was defined when pickles of it were written
