"""Figures of activations: arrays in, tables out.

`check_activation` looks for faults in anyone's activation, `properties` says what a function is like, `gradient_flow`
and `gain` how signals pass it, `dead_units` and `saturation` which units of a layer take part, `memory_footprint` and
`relative_cost` what it costs. Every result prints as a table and has `to_dict()`.
"""

from __future__ import annotations

from spatium.analysis.check import CheckReport, Finding, check_activation
from spatium.analysis.cost import Footprint, memory_footprint, relative_cost
from spatium.analysis.curve import Break, EvaluationError
from spatium.analysis.properties import Properties, properties
from spatium.analysis.signal import Gain, gain, gradient_flow
from spatium.analysis.tables import Table
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
    "gain",
    "gradient_flow",
    "memory_footprint",
    "properties",
    "relative_cost",
    "saturation",
]
