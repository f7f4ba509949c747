"""Test points by bit pattern: every binade of both signs, a dense body, and the places where kernels go wrong."""

import functools
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt

import spatium
from reference import oracle


def _roots(name: str) -> list[float]:
    """Where the derivative changes sign left of 0, with default parameters."""
    parameters = [mpmath.mpf(value) for value in spatium.activation(name).parameters.values()]

    def slope(x: Any) -> Any:
        return oracle.ORACLE[name].derivative(mpmath.mpf(x), *parameters)

    grid = np.arange(-3.0 - 1 / 64, -0.25, 1 / 16)
    return [
        float(mpmath.findroot(slope, ends, solver="anderson"))
        for ends in pairwise(grid)
        if mpmath.sign(slope(ends[0])) * mpmath.sign(slope(ends[1])) < 0
    ]


# Where derivatives have a root that costs them relative accuracy: not sine, whose cosine keeps it at all of its roots;
# snake's touches zero.
MINIMA = {name: root for name in oracle.ORACLE if name != "sine" for root in _roots(name)} | {"snake": -np.pi / 4}

# A derivative below this is so near to its root that relative accuracy is a matter of its own.
_ROOT_REGION = 2.0**-10

# log of the largest number, of the smallest normal, of the smallest subnormal and of its half; float32, then float64.
EXP_EDGES: tuple[float, ...] = (88.72283905206835, 87.33654475055310, 103.27892990343185, 103.97207708399179)
EXP_EDGES += (709.782712893384, 708.3964185322641, 744.4400719213812, 745.1332191019411)
# Where 1 + e^-x, 1 + e^-2x and e^x - 1 reach 1, in both formats.
EXP_EDGES += (8.317766, 9.010914, 16.635532, 17.328680, 18.021826, 18.714973, 36.04365338911715, 36.7368005696771)
# Where the three forms of gelu underflow.
GELU_EDGES = (10.05, 10.08, 14.05, 14.17, 51.6, 61.09, 21.9, 38.47, 38.57, 437.8)
KINKS = (0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 6.0)
# The float32 and the float64 that come closest to a multiple of pi/2 (Muller, Elementary Functions, table 11.1).
SINE_WORST = (16367173 * 2.0**72, 6381956970095103 * 2.0**797)
PI_MULTIPLES = tuple(k * np.pi / 2 for k in (1, 2, 3, 4, 5, 6, 7, 8, 22, 355, 10_000, 2**20 + 1, 2**31, 2.0**60, 2e300))
BASIC = (2.0**-24, 2.0**-53, 2.0**-12, 0.34657359027997264, 0.6931471805599453, 4.0, 8.0, 256.0, 2.0**23, 2.0**52)


def _layout(dtype: npt.DTypeLike) -> tuple[Any, int, int]:
    """The unsigned type of the same size, the mantissa bits, and the pattern of +inf."""
    info = np.finfo(dtype)
    unsigned = np.dtype(f"u{np.dtype(dtype).itemsize}").type
    return unsigned, int(info.nmant), ((1 << int(info.nexp)) - 1) << int(info.nmant)


def neighbors(points: Iterable[float], dtype: npt.DTypeLike, reach: int = 3) -> npt.NDArray[Any]:
    """The points rounded to `dtype`, each with the `reach` floats below and above it."""
    unsigned, _, infinity = _layout(dtype)
    with np.errstate(over="ignore"):
        rounded = np.array(list(points), np.float64).astype(dtype)
    magnitude = np.abs(rounded).view(unsigned).astype(np.int64)
    order = np.where(np.signbit(rounded), -magnitude, magnitude)  # consecutive floats are consecutive integers
    order = np.clip(np.add.outer(order, np.arange(-reach, reach + 1)).ravel(), -infinity, infinity)
    result = np.abs(order).astype(unsigned).view(dtype)
    signed: npt.NDArray[Any] = np.where(order < 0, -result, result)
    return signed


def binades(dtype: npt.DTypeLike, per_binade: int, rng: np.random.Generator) -> npt.NDArray[Any]:
    """`per_binade` random floats out of every binade of both signs; a subnormal's binade is its leading bit."""
    unsigned, mantissa_bits, infinity = _layout(dtype)
    normal = np.arange(1 << mantissa_bits, infinity, 1 << mantissa_bits, dtype=np.int64)
    subnormal = np.int64(1) << np.arange(mantissa_bits, dtype=np.int64)
    low = np.concatenate([subnormal, normal])
    width = np.concatenate([subnormal, np.full_like(normal, 1 << mantissa_bits)])
    patterns = (low + (rng.random((per_binade, low.size)) * width).astype(np.int64)).ravel()
    positive = patterns.astype(unsigned).view(dtype)
    return np.concatenate([positive, -positive])


def special_points(dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Zeros, infinities, NaN, the ends of the format and every threshold above, with the floats next to them."""
    info = np.finfo(dtype)
    scaled_minima = [MINIMA["swish"] / beta for beta in (0.5, 1.702, 2.5)]
    ends = [float(end) for end in (0.0, info.smallest_subnormal, info.tiny, info.max, np.inf)]
    magnitudes = [*ends, *BASIC, *EXP_EDGES, *(edge / 2 for edge in EXP_EDGES), *GELU_EDGES, *KINKS]
    magnitudes += [*(edge / 1.702 for edge in EXP_EDGES), *PI_MULTIPLES, *SINE_WORST]
    # scaled_tanh, gaussian; and where a square, a cube or the reciprocal of a square leaves the format
    magnitudes += [*(edge * 0.75 for edge in EXP_EDGES), *(edge**0.5 for edge in EXP_EDGES)]
    magnitudes += [end**power for end in ends[1:4] for power in (1 / 2, 1 / 3, -1 / 2)]
    near = neighbors([*magnitudes, *(-magnitude for magnitude in magnitudes)], dtype)
    roots = neighbors([*MINIMA.values(), *scaled_minima], dtype)
    return np.concatenate([near, roots, np.array([-0.0, np.nan], dtype)])


def near_root(
    name: str, parameters: Sequence[float], x: npt.NDArray[Any], slope: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Which of the points x, where the derivative is `slope`, are next to a root of it."""
    root = MINIMA.get(name)
    if root is None:
        return np.zeros(x.shape, np.bool_)
    region: npt.NDArray[np.bool_] = np.abs(slope) < _ROOT_REGION
    if name == "snake":  # the roots are everywhere
        return region
    if name in ("swish", "scaled_swish"):
        root /= parameters[-1]
    region &= np.abs(x - root) < abs(root) / 8
    return region


@functools.cache
def turns(name: str) -> tuple[float, ...]:
    """Where the second derivative changes sign, except at 0, with default parameters."""
    parameters = [float(value) for value in spatium.activation(name).parameters.values()]
    grid = [x for x in np.arange(-8.0 - 1 / 64, 8.0, 1 / 8) if abs(x) > 1 / 16]
    bends = [oracle.bend(name, float(x), parameters) for x in grid]
    return tuple(
        (one + other) / 2
        for (one, other), (before, after) in zip(pairwise(grid), pairwise(bends), strict=True)
        if one * other > 0 and mpmath.sign(before) * mpmath.sign(after) < 0
    )


def near_zero(
    name: str, operation: oracle.Operation, parameters: Sequence[float], x: npt.NDArray[Any], exact: npt.NDArray[Any]
) -> npt.NDArray[np.bool_]:
    """Which of the points x, where the result is `exact`, are so near to a zero of it that no bound in ulp holds.

    These are zeros at which terms cancel, so those of values are not among them. Parameters have their default values,
    except for first derivatives.
    """
    region = np.zeros(x.shape, np.bool_)
    if operation == "derivative" and x.dtype == np.float64:
        region = near_root(name, parameters, x, exact)
    elif operation == "second_derivative":
        if name == "snake":
            region = np.abs(exact) < 1 / 8
        for turn in turns(name) if name != "snake" else ():
            region |= np.abs(x - turn) < max(abs(turn) / 8, 1 / 8)
    elif operation == "value" and name == "snake":
        region = np.abs(exact) < np.abs(x) / 2
    return region


def samples(dtype: npt.DTypeLike, n: int, rng: np.random.Generator) -> npt.NDArray[Any]:
    """At least `n` distinct points of `dtype`, sorted by bit pattern: binades and body in equal parts, and specials.

    A binade gets one point at least, so that a small `n` is exceeded: float64 has 4,196 of them.
    """
    unsigned, _, _ = _layout(dtype)
    special = special_points(dtype)
    count = int(2 * binades(dtype, 1, np.random.default_rng(0)).size)
    strata = binades(dtype, max(1, n // count), rng)
    body_size = max(n // 4, n - special.size - strata.size)
    uniform = rng.uniform(-10.0, 10.0, body_size // 2).astype(dtype)
    octaves = rng.uniform(-14.0, 10.0, body_size - body_size // 2)
    spread = (np.exp2(octaves) * rng.choice([-1.0, 1.0], octaves.size)).astype(dtype)
    minima = np.array(list(MINIMA.values()))
    around = np.array([])
    if n >= 1000:  # closer and closer to the roots of the derivatives
        distance = np.exp2(rng.uniform(-50.0, -2.0, (max(n // 100, 1) // minima.size + 1, minima.size)))
        around = (minima + distance * rng.choice([-1.0, 1.0], distance.shape)).ravel()
    points = np.concatenate([special, strata, uniform, spread, around.astype(dtype)])
    return np.unique(points.view(unsigned)).view(dtype)
