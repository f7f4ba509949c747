"""Local rules of learning: what a step adds to the weights of a neuron, from its own input, output and target.

Each rule gives one signal per row and unit. The step adds the mean of signal · input over the rows of a context to the
weights of this context, so a batch moves them no further than one row would.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from spatium.nn._products import Array

__all__ = ["RULES", "Activity", "Rule", "adapted_rates"]

# The limits of the errors between which a rate does not change, and its factors outside of them.
LARGE_ERROR, RAISED = 0.5, 1.1
SMALL_ERROR, LOWERED = 0.1, 0.9

GREATEST_MIXING_WEIGHT = 200.0  # of the rule "gln", as in the code of its authors


class Activity(NamedTuple):
    """What a step of learning knows, for each row and unit; `sizes` are x · x, and with feedback those of the state."""

    y: Array
    slope: Array
    errors: Array
    rates: Array
    sizes: Array


def _delta(now: Activity) -> Array:
    """Move along the gradient of the squared error, divided by the size of the input, with the bias as an input of 1.

    For a linear neuron, one row changes its own error by the factor 1 - rate, whatever its size.
    """
    signal: Array = now.errors * now.slope
    signal *= now.rates
    signal *= 1 / (1 + now.sizes)
    return signal


def _oja(now: Activity) -> Array:
    """Move towards inputs in proportion to the output; the step also shrinks the weights by the mean of y²."""
    return now.rates * now.y


def _three_factor(now: Activity) -> Array:
    """Add to the eligibility trace what the output owes to the input; a modulator turns the trace into a step."""
    return now.slope


def _gln(now: Activity) -> Array:
    """Move along the gradient of the binary cross entropy of a sigmoid, which is convex in the weights."""
    return now.rates * now.errors


class Rule(NamedTuple):
    """The signal of a rule, and the argument of `SpatialLayer.learn` that it needs; None for no argument."""

    signal: Callable[[Activity], Array]
    needs: str | None


RULES = {
    "delta": Rule(_delta, "target"),
    "oja": Rule(_oja, None),
    "three_factor": Rule(_three_factor, "modulator"),
    "gln": Rule(_gln, "target"),
}


def adapted_rates(rates: Array, errors: Array, limits: tuple[float, float]) -> Array:
    """Return the rates after a step with these mean absolute errors: larger ones raise them, small ones lower them."""
    raised = np.minimum(rates * RAISED, limits[1])
    lowered = np.maximum(rates * LOWERED, limits[0])
    adapted: Array = np.where(errors > LARGE_ERROR, raised, np.where(errors < SMALL_ERROR, lowered, rates))
    return adapted
