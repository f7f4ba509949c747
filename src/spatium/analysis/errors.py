"""Errors in units in the last place, and the points at which they are measured."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium._arrays import Array

__all__ = ["body_points", "tail_points", "ulp_errors"]

BODY = 8.0  # magnitudes up to which the inputs of a layer are
_ENDS = {"float32": 110.0, "float64": 750.0}  # past the last nonzero result of the exponential functions


def ulp_errors(result: Array, exact: NDArray[np.float64], dtype: np.dtype[Any]) -> NDArray[np.float64]:
    """Return |result − exact| in units in the last place at `exact`; the smallest unit is the subnormal spacing.

    An infinity is correct if the exact result exceeds the largest number.
    """
    info = np.finfo(dtype)
    got = result.astype(np.float64)
    _, exponent = np.frexp(np.abs(exact))
    unit = np.ldexp(1.0, np.maximum(exponent - 1, int(info.minexp)) - int(info.nmant))
    errors = np.abs(got - exact) / unit
    same = (got == exact.astype(dtype).astype(np.float64)) & ~np.isfinite(got)
    both_nan = np.isnan(got) & np.isnan(exact)
    return np.where(same | both_nan, 0.0, np.where(np.isnan(errors), np.inf, errors))


def body_points(dtype: str, rng: np.random.Generator) -> Array:
    """Return points of [−8, 8]: half spread evenly, half over the binades down to 2^−30."""
    evenly = np.linspace(-BODY, BODY, 501) + rng.uniform(-0.016, 0.016, 501)
    binades = np.exp2(np.linspace(-30.0, 3.0, 250) + rng.uniform(-0.06, 0.0, 250))
    points: Array = np.clip(np.concatenate([evenly, binades, -binades]), -BODY, BODY).astype(dtype)
    return points


def tail_points(dtype: str, rng: np.random.Generator) -> Array:
    """Return points with 8 < |x| < 110 for float32, 750 for float64."""
    magnitude = BODY * (_ENDS[dtype] / BODY) ** np.linspace(0.001, 1.0, 250) * rng.uniform(0.999, 1.0, 250)
    return np.concatenate([magnitude, -magnitude]).astype(dtype)
