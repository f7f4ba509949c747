"""Perlin noise, and the islands that it makes: red land in a blue sea, as points with labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium._arrays import real_array
from spatium._checks import whole_number
from spatium.nn.layer import Random

__all__ = ["IslandPoints", "Islands", "perlin_islands", "perlin_noise"]

_PERIOD = 256
_ANGLES = 2 * np.pi * np.arange(16) / 16
_GRADIENTS = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)


class _Lattice:
    """The gradients at the points of a lattice, which repeat after 256 cells."""

    def __init__(self, rng: Random) -> None:
        order = np.random.default_rng(rng).permutation(_PERIOD)
        self._order = np.concatenate([order, order])

    def noise(self, points: NDArray[np.float64], cells: int, octaves: int) -> NDArray[np.float64]:
        places = (points + 1) * (cells / 2)
        shares = 0.5 ** np.arange(octaves)
        total = np.zeros(len(points))
        for octave, share in enumerate(shares / shares.sum()):
            total += share * self._octave(places * 2.0**octave)
        return total

    def _octave(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        lower = np.floor(places)
        inside = places - lower
        x, y = np.mod(lower, _PERIOD).astype(np.intp).T
        products = np.empty((2, 2, len(places)))
        for i, j in np.ndindex(2, 2):
            chosen = self._order[self._order[(x + i) % _PERIOD] + (y + j) % _PERIOD] % len(_GRADIENTS)
            products[i, j] = ((inside - (i, j)) * _GRADIENTS[chosen]).sum(axis=1)
        u, v = _fade(inside).T
        along = products[0] + u * (products[1] - products[0])
        result: NDArray[np.float64] = along[0] + v * (along[1] - along[0])
        return result


def _fade(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 6t⁵ − 15t⁴ + 10t³, whose first two derivatives are 0 at 0 and 1."""
    faded: NDArray[np.float64] = t * t * t * (t * (6 * t - 15) + 10)
    return faded


def perlin_noise(points: ArrayLike, cells: int = 4, octaves: int = 1, rng: Random = 0) -> NDArray[np.float64]:
    """Return Perlin's improved noise [1]_ at points of the plane.

    Parameters
    ----------
    points : array_like, shape (n, 2)
        Finite numbers. The square [−1, 1]² is `cells` cells of the lattice wide.
    cells : int
    octaves : int
        Each further octave has cells of half the size and half the weight; the weights add up to 1.
    rng : Generator or int, optional
        The source of the lattice's gradients. The same seed gives the same noise at any points.

    Returns
    -------
    ndarray of float64, shape (n,)
        Numbers between −√½ and √½, which are 0 at the points of the lattice. Value, slope and second derivative are
        continuous. The noise repeats after 256 cells.

    Raises
    ------
    ValueError
        If the points have another shape or are not finite, or `cells` or `octaves` is not positive.
    TypeError
        If the points are not real numbers.

    References
    ----------
    .. [1] K. Perlin, "Improving noise", ACM Transactions on Graphics 21, 2002. Here with 16 gradients in the plane.

    Examples
    --------
    >>> from spatium import lab
    >>> lab.perlin_noise([[-1.0, -1.0], [0.5, 0.0], [0.1, 0.2]]).round(4)[:2]
    array([0., 0.])
    """
    places = real_array("points", points).astype(np.float64)
    if places.ndim != 2 or places.shape[1] != 2:
        raise ValueError(f"points has shape {places.shape}, expected (n, 2)")
    if not np.isfinite(places).all():
        raise ValueError(f"points is not finite in row {int(np.argmin(np.isfinite(places).all(axis=1)))}")
    return _Lattice(rng).noise(places, whole_number("cells", cells), whole_number("octaves", octaves, 1, 32))


@dataclass(frozen=True, eq=False)
class IslandPoints:
    """Points of the plane with the noise there, and whether they are land.

    Attributes
    ----------
    points : ndarray of float32, shape (n, 2)
    labels : ndarray of int64, shape (n,)
        1 for land, 0 for water.
    noise : ndarray of float64, shape (n,)
    """

    points: NDArray[np.float32]
    labels: NDArray[np.int64]
    noise: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, eq=False)
class Islands(IslandPoints):
    """Islands in the square [−1, 1]²; returned by `perlin_islands`.

    Attributes
    ----------
    points, labels, noise
        A grid of `size` × `size` points for training, the second coordinate rising slowest.
    held_out : IslandPoints
        The grid in between, shifted by half a step, with (size − 1)² points.
    outside : IslandPoints
        A grid of the same step in [−1.5, 1.5]² around the square.
    size : int
    level : float
        Land is where the noise is above this number.
    """

    held_out: IslandPoints
    outside: IslandPoints
    size: int
    level: float


def perlin_islands(size: int = 96, cells: int = 4, octaves: int = 1, share: float = 0.3, rng: Random = 0) -> Islands:
    """Return islands: the places where Perlin noise is high.

    Parameters
    ----------
    size : int
        The number of points along each side, at least 3.
    cells, octaves, rng
        As in `perlin_noise`.
    share : float
        The share of the points that are land, between 0 and 1.

    Returns
    -------
    Islands

    Raises
    ------
    ValueError
        If `size` is less than 3, or `share` is not between 0 and 1.

    Examples
    --------
    >>> from spatium import lab
    >>> islands = lab.perlin_islands(size=64, rng=3)
    >>> islands.points.shape, round(float(islands.labels.mean()), 3), len(islands.held_out)
    ((4096, 2), 0.3, 3969)
    """
    size = whole_number("size", size, 3)
    cells, octaves = whole_number("cells", cells), whole_number("octaves", octaves, 1, 32)
    if not 0 < share < 1:
        raise ValueError(f"share is {share!r}, expected a number between 0 and 1")
    lattice = _Lattice(rng)
    side = np.linspace(-1, 1, size)
    step = side[1] - side[0]
    middle = side[:-1] + step / 2
    more = int(0.5 / step + 1e-9)
    beyond = side[0] + step * np.arange(-more, size + more)
    around = _grid(beyond)
    around = around[np.abs(around).max(axis=1) > 1 + 1e-6]
    points = [_grid(side), _grid(middle), around]
    noise = [lattice.noise(part.astype(np.float64), cells, octaves) for part in points]
    level = float(np.quantile(noise[0], 1 - share))
    parts = [
        IslandPoints(part, (heights > level).astype(np.int64), heights)
        for part, heights in zip(points, noise, strict=True)
    ]
    return Islands(parts[0].points, parts[0].labels, parts[0].noise, parts[1], parts[2], size, level)


def _grid(side: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2).astype(np.float32)
