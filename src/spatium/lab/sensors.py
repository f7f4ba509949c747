"""The class of task in which maps of regimes win: sensors of known types, each type with another response curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatium._checks import whole_number
from spatium.maps.hashes import CategoryHash
from spatium.nn.layer import Random

__all__ = ["Sensors", "sensors"]

Real = NDArray[np.float64]

FEATURES = 5
NOISE = 0.05
CURVES: tuple[tuple[str, Callable[[Real], Real]], ...] = (
    ("linear", lambda u: 0.7 * u),
    ("softplus", lambda u: np.logaddexp(0, 2 * u) - 1),
    ("signed root", lambda u: 1.2 * np.copysign(np.sqrt(np.abs(u)), u)),
    ("sigmoid", lambda u: 3 / (1 + np.exp(-3 * u)) - 1.5),
    ("absolute value", lambda u: 1.5 * np.abs(u) - 1),
    ("sine", lambda u: 1.3 * np.sin(2 * u)),
    ("dead zone", lambda u: 1.6 * np.sign(u) * np.maximum(np.abs(u) - 0.7, 0)),
    ("Hill", lambda u: 3 * np.maximum(u, 0) ** 2 / (1 + np.maximum(u, 0) ** 2) - 1),
)


@dataclass(frozen=True, eq=False)
class Sensors:
    """Readings of sensors; returned by `sensors`.

    Attributes
    ----------
    X, X_test : ndarray of float32, shape (rows, 13)
        Five features, and eight columns of 0 and 1 for the type of the sensor.
    y, y_test : ndarray of float64, shape (rows,)
        The readings, with noise.
    types, types_test : ndarray of int64, shape (rows,)
    hash : CategoryHash
        The cell of the type.
    """

    X: NDArray[np.float32]
    y: Real
    types: NDArray[np.int64]
    X_test: NDArray[np.float32]
    y_test: Real
    types_test: NDArray[np.int64]
    hash: CategoryHash


def sensors(rows: int = 1024, rng: Random = 0, test_rows: int = 2048) -> Sensors:
    """Return readings of sensors of eight known types: ``y = curve_type(w · x) + noise``.

    The features are normal numbers, and w is the same for all types. The curves are of different kinds: a line,
    softplus, a signed root, a sigmoid, the absolute value, a sine, a dead zone and a Hill curve. The noise of 0.05
    limits the share of the variance that can be explained to about 99.86 %.

    Parameters
    ----------
    rows, test_rows : int
        The number of readings for training and for the test.
    rng : Generator or int, optional
        The source of w, features, types and noise.

    Returns
    -------
    Sensors

    Raises
    ------
    ValueError
        If a number of rows is less than 2.

    Examples
    --------
    >>> import spatium as sp
    >>> from spatium import lab
    >>> found = lab.sensors(1024, rng=0)
    >>> found.X.shape, found.y_test.shape, found.hash
    ((1024, 13), (2048,), CategoryHash(13, columns=[5, 6, 7, 8, 9, 10, 11, 12]))
    """
    counts = whole_number("rows", rows, 2), whole_number("test_rows", test_rows, 2)
    generator = np.random.default_rng(rng)
    direction = generator.standard_normal(FEATURES)
    direction *= 1.5 / np.linalg.norm(direction)
    parts = []
    for count in counts:
        features = generator.standard_normal((count, FEATURES)).astype(np.float32)
        types = generator.integers(0, len(CURVES), count)
        u = features @ direction
        y = np.choose(types, [curve(u) for _, curve in CURVES]) + NOISE * generator.standard_normal(count)
        columns = np.eye(len(CURVES), dtype=np.float32)[types]
        parts.append((np.concatenate([features, columns], axis=1), y, types))
    hashed = CategoryHash(FEATURES + len(CURVES), columns=range(FEATURES, FEATURES + len(CURVES)))
    return Sensors(*parts[0], *parts[1], hashed)
