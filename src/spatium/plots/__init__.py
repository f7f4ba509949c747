"""Plots of activations and maps. They need matplotlib, which is imported when a plot is drawn."""

from __future__ import annotations

from spatium.plots.benchmark import benchmark
from spatium.plots.contenders import cost_and_error
from spatium.plots.curves import activation, activations, ulp_error
from spatium.plots.folds import fold_chain, folds, islands
from spatium.plots.heads import attention
from spatium.plots.levels import quantization
from spatium.plots.maps import draw_map as map
from spatium.plots.routing import collision_law, neighborhood, plane
from spatium.plots.training import gradient_flow, memory

__all__ = [
    "activation",
    "activations",
    "attention",
    "benchmark",
    "collision_law",
    "cost_and_error",
    "fold_chain",
    "folds",
    "gradient_flow",
    "islands",
    "map",
    "memory",
    "neighborhood",
    "plane",
    "quantization",
    "ulp_error",
]

neighbourhood = neighborhood  # its former name
