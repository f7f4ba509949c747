"""The values and the derivatives of every activation in 80-bit numbers, to screen millions of float64 results.

mpmath would need hours for what these formulas compute in seconds. Their errors are below `ERROR`; where they are not,
and where x is not finite, the result is NaN: not covered. The formulas find the results that are worth an evaluation
with mpmath (reference/oracle.py); the errors that count are those of mpmath.

Three things cost digits, and each has its own remedy. An absolute error of the argument of exp is a relative error of
the result, so such arguments are sums of two numbers (`Pair`). Terms cancel around the minima of functions, so the
derivatives there are polynomials around the root (`_near`). The derivative of snake has a root in every period,
which is not covered where x is large.
"""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt
from mpmath import mpf

from reference import oracle, sampling

Array = Any  # of longdouble: the types of NumPy lose it in most operations
Pair = tuple[Array, Array]  # a sum whose second term is at most an ulp of the first

# The formulas are for the 80-bit numbers of x86: longdouble is float64 on Windows, and another format on Arm.
AVAILABLE = bool(np.finfo(np.longdouble).nmant == 63 and np.finfo(np.longdouble).maxexp == 16384)
ERROR = 2.0**-8  # in ulp of float64, the subnormal spacing being the smallest
LARGEST = 11_000.0  # e^-11000 rounds to 0 in float64 whatever a float64 multiplies it by, and is a normal 80-bit number


def rounded(number: Any) -> Any:
    """The 80-bit number nearest to an mpf."""
    with mpmath.workprec(64):
        sign, mantissa, exponent, _ = (+mpf(number))._mpf_
    result = np.ldexp(np.longdouble(int(mantissa)), int(exponent))
    return -result if sign else result


def pair_of(number: Any) -> tuple[Any, Any]:
    """An mpf as a pair."""
    with mpmath.workprec(64):
        head = +mpf(number)
    return rounded(head), rounded(number - head)


with mpmath.workprec(oracle.PRECISION):
    GATE = pair_of(2 * mpmath.sqrt(2 / mpmath.pi))  # the coefficients of gelu_tanh
    GATE_CUBIC = pair_of(2 * mpmath.sqrt(2 / mpmath.pi) * mpf("0.044715"))
    SIGMOID_SLOPE = pair_of(mpf("1.702"))  # that of gelu_sigmoid
    DENSITY = rounded(1 / mpmath.sqrt(2 * mpmath.pi))
    LOG_2 = rounded(mpmath.log(2))
    PI = rounded(mpmath.pi)
    # π/4 in parts of 40 bits: their products with integers below 2^24 are exact
    QUARTER_PI, _rest = [], mpmath.pi / 4
    for _bits in (40, 80, 144):
        QUARTER_PI.append(rounded(mpmath.ldexp(mpmath.floor(mpmath.ldexp(_rest, _bits)), -_bits)))
        _rest -= mpmath.ldexp(mpmath.floor(mpmath.ldexp(_rest, _bits)), -_bits)
    # of x cosh x - sinh x, divided by x³ and in powers of x²
    SHRINK_SERIES = [rounded(mpf(2 * k) / mpmath.factorial(2 * k + 1)) for k in range(1, 21)]


# ---- pairs ----


def product(a: Any, b: Any) -> Pair:
    """Dekker: a·b exactly, from halves of 32 bits."""
    (a_high, a_low), (b_high, b_low) = ((high := v * 4294967297 - (v * 4294967297 - v), v - high) for v in (a, b))
    high = a * b
    return high, ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low


def times(a: Pair, b: Pair) -> Pair:
    high, low = product(a[0], b[0])
    return high, low + (a[0] * b[1] + a[1] * b[0])


def plus(a: Pair, b: Pair) -> Pair:
    """Knuth's sum of the first terms, which is exact."""
    high = a[0] + b[0]
    part = high - a[0]
    return high, ((a[0] - (high - part)) + (b[0] - part)) + (a[1] + b[1])


def exp(t: Pair) -> Array:
    """e^t, neither 0 nor infinite for any t."""
    return np.exp(np.clip(t[0], -LARGEST, LARGEST)) * (1 + np.clip(t[1], -0.5, 0.5))


def decay(t: Pair) -> Array:
    """e^-|t|."""
    sign = np.where(t[0] < 0, np.longdouble(1), np.longdouble(-1))
    return exp((sign * t[0], sign * t[1]))


def exact(x: Array) -> Pair:
    return x, np.zeros_like(x)


# ---- the formulas, with the names of the oracle ----


def sigma(t: Pair) -> Array:
    e = decay(t)
    return np.where(t[0] < 0, e, 1) / (1 + e)


def sigma_slope(t: Pair) -> Array:
    e = decay(t)
    return e / (1 + e) ** 2


def sigma_bend(t: Pair) -> Array:
    """σ'' = -σ' tanh(t/2)."""
    return -sigma_slope(t) * np.tanh(t[0] / 2)


def negative(t: Pair) -> Pair:
    return -t[0], -t[1]


def tanh_slope(t: Pair) -> Array:
    return 4 * sigma_slope((2 * t[0], 2 * t[1]))


def tanh_bend(t: Pair) -> Array:
    return -2 * np.tanh(t[0]) * tanh_slope(t)


def swish_slope(t: Pair) -> Array:
    """The derivative of tσ(t)."""
    return sigma(t) * (1 + t[0] * sigma(negative(t)))


def swish_bend(t: Pair) -> Array:
    return sigma_slope(t) * (2 - t[0] * np.tanh(t[0] / 2))


def gate(x: Array) -> tuple[Pair, Array]:
    """The argument of the logistic function in gelu_tanh, and x times its derivative; x is at most 50."""
    x = np.clip(x, -50, 50)
    square = product(x, x)
    argument = times(plus(GATE, times(GATE_CUBIC, square)), exact(x))
    return argument, x * (GATE[0] + 3 * GATE_CUBIC[0] * square[0])


def gelu_tanh_slope(x: Array) -> Array:
    argument, change = gate(x)
    return sigma(argument) + change * sigma_slope(argument)


def gelu_tanh_bend(x: Array) -> Array:
    (high, low), change = gate(x)
    x = np.clip(x, -50, 50)
    slope = GATE[0] + 3 * GATE_CUBIC[0] * x * x
    return sigma_slope((high, low)) * (2 * slope + 6 * GATE_CUBIC[0] * x * x - change * slope * np.tanh(high / 2))


def mish(x: Array) -> Array:
    e = exp(exact(x))
    return x / (1 + 2 / (e * (e + 2)))


def mish_slope(x: Array) -> Array:
    e = decay(exact(x))
    left = e * (e + 2) + 2
    right = 2 * e * (e + 1) + 1  # the same with e^-x, divided by its square
    return np.where(
        x < 0,
        e * ((e + 2) * left + 4 * x * (1 + e)) / left**2,
        ((1 + 2 * e) * right + 4 * x * e * e * (1 + e)) / right**2,
    )


def mish_bend(x: Array) -> Array:
    e = decay(exact(x))
    left, right = e * (e + 2) + 2, 2 * e * (e + 1) + 1
    return np.where(
        x < 0,
        e * (8 * (1 + e) * left + 4 * x * (2 + e * (2 - e * (3 + 2 * e)))) / left**3,
        e * e * (8 * (1 + e) * right + 4 * x * (e * (e * (2 + 2 * e) - 3) - 2)) / right**3,
    )


def softplus(t: Pair) -> Array:
    return np.maximum(t[0], 0) + np.log1p(decay(t))


def exponential_side(x: Array) -> Array:
    """e^x - 1 left of 0, and x right of it."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def exponential_slope(x: Array) -> Array:
    return exp(exact(np.minimum(x, 0)))


# Mills' ratio Φ(-t)/φ(t) up to t = 40: around the middle of each quarter, a polynomial. Its coefficients follow from
# M' = tM - 1. Beyond 40 all results round to 0.
MILLS_PARTS, MILLS_TERMS = 160, 19


@functools.cache
def _mills() -> Array:
    table = np.empty((MILLS_TERMS, MILLS_PARTS), np.longdouble)
    with mpmath.workprec(600):
        for part in range(MILLS_PARTS):
            middle = mpf(2 * part + 1) / 8
            terms = [oracle.normal_cdf(-middle) / oracle.normal_density(middle)]
            terms.append(middle * terms[0] - 1)
            for k in range(2, MILLS_TERMS):
                terms.append((middle * terms[-1] + terms[-2]) / k)
            table[:, part] = [rounded(term) for term in terms]
    return table


def normal(x: Array) -> tuple[Array, Array]:
    """The distribution and the density of the normal law."""
    table, t = _mills(), np.minimum(np.abs(x), 140)
    square = product(t, t)
    density = DENSITY * exp((-square[0] / 2, -square[1] / 2))
    part = np.minimum((4 * t).astype(np.intp), MILLS_PARTS - 1)
    distance, ratio = t - (2 * part + 1) / np.longdouble(8), np.zeros_like(t)
    for terms in table[::-1]:
        ratio = ratio * distance + terms[part]
    tail = density * np.where(t < 40, ratio, 1 / np.maximum(t, 1))
    return np.where(x < 0, tail, 1 - tail), density


def gelu(x: Array) -> Array:
    return x * normal(x)[0]


def bounded(x: Array) -> Array:
    """x, or a limit beyond which the density is far below every float64, so that their product is it too."""
    return np.clip(x, -140, 140)


def gelu_slope(x: Array) -> Array:
    distribution, density = normal(x)
    return distribution + bounded(x) * density


def gelu_bend(x: Array) -> Array:
    x = bounded(x)
    return normal(x)[1] * (2 - x * x)


def phish_bend(x: Array) -> Array:
    argument = plus(exact(np.maximum(x, 0)), exact(-np.abs(x) * normal(-np.abs(x))[0]))  # xΦ = x - xΦ(-x)
    change = gelu_slope(x)
    return tanh_slope(argument) * (2 * change + x * (gelu_bend(x) - 2 * np.tanh(argument[0]) * change**2))


def phish_slope(x: Array) -> Array:
    distribution, density = normal(x)
    argument = x * distribution
    change = distribution + bounded(x) * density
    return np.tanh(argument) + x * tanh_slope(exact(argument)) * change


def snake_slope(x: Array) -> Array:
    """1 + sin(2x) = 2 sin²(x + π/4). With x next to (j/4)π, a root, x - (j/4)π is computed first."""
    near = np.abs(x) < 2.0**20
    j = 4 * np.rint(np.where(near, x, 0) / PI + 0.25) - 1
    shifted = x
    for part in QUARTER_PI:
        shifted = shifted - j * part
    far = 1 + np.sin(2 * x)
    return np.where(near, 2 * np.sin(np.where(near, shifted, 0)) ** 2, np.where(far > 0.25, far, np.nan))


def tanh_shrink(x: Array) -> Array:
    """(x cosh x - sinh x) / cosh x where x - tanh x cancels; all terms of the series have the same sign."""
    near = np.where(np.abs(x) < 2, x, 0)
    square, series = near * near, np.zeros_like(x)
    for term in reversed(SHRINK_SERIES):
        series = series * square + term
    return np.where(np.abs(x) < 2, near * square * series / np.cosh(near), x - np.tanh(x))


def squareplus(x: Array, b: Any) -> Array:
    root = np.sqrt(x * x + b)
    return np.where(x < 0, b / (root - x), x + root) / 2


def squareplus_slope(x: Array, b: Any) -> Array:
    root = np.sqrt(x * x + b)
    return np.where(x < 0, b / (root - x), x + root) / (2 * root)


def dish(x: Array) -> Array:
    root = np.sqrt(1 + x * x)
    return np.where(x < 0, x / (root - x), x * (x + root)) / (2 * root)


def dish_slope(x: Array) -> Array:
    root = np.sqrt(1 + x * x)
    left = (1 + x * root) / (2 * root**3 * (root - x))
    return np.where(x < -0.25, left, (1 + x / root + x / root**3) / 2)


def dish_bend(x: Array) -> Array:
    square = 1 + x * x
    return (2 - x * x) / (2 * square**2 * np.sqrt(square))


def gaussian(x: Array) -> Array:
    return exp(negative(product(x, x)))


def log_cosh(x: Array) -> Array:
    x = np.abs(x)
    near = np.log1p(2 * np.sinh(np.minimum(x, 20) / 2) ** 2)
    return np.where(x < 20, near, x - LOG_2 + decay(exact(2 * x)))


def hard_sigmoid(x: Array, slope: Any, offset: Any) -> tuple[Array, npt.NDArray[np.bool_]]:
    """The value, and where it is on the line: rounded products decide it, as in the oracle; the slope is 1/6."""
    rounded_product = slope.astype(np.float64) * x.astype(np.float64)
    low, high = rounded_product <= -float(offset), rounded_product >= 1 - float(offset)
    line = np.where(low, 0, np.where(high, 1, (x + 6 * offset) / 6))
    return line, ~(low | high) & (line > 0) & (line < 1)


def step(condition: Any) -> Array:
    return np.asarray(condition).astype(np.longdouble)


def limited(x: Array, low: float, high: float) -> Array:
    return np.clip(x, np.longdouble(low), np.longdouble(high))


SELU_ALPHA, SELU_LAMBDA = map(np.longdouble, (oracle.SELU_ALPHA, oracle.SELU_LAMBDA))

# The value and the derivative. Parameters come after x, in ufunc order, with their default values.
FORMULAS: dict[str, tuple[Callable[..., Array], Callable[..., Array]]] = {
    "relu": (lambda x: np.where(x > 0, x, 0), lambda x: step(x > 0)),
    "leaky_relu": (lambda x, s: np.where(x > 0, x, s * x), lambda x, s: np.where(x > 0, 1, s)),
    "sigmoid": (lambda x: sigma(exact(x)), lambda x: sigma_slope(exact(x))),
    "tanh": (np.tanh, lambda x: tanh_slope(exact(x))),
    "gelu_tanh": (lambda x: x * sigma(gate(x)[0]), gelu_tanh_slope),
    "swish": (lambda x, beta: x * sigma(product(beta, x)), lambda x, beta: swish_slope(product(beta, x))),
    "mish": (mish, mish_slope),
    "elu": (
        lambda x, alpha: np.where(x > 0, 1, alpha) * exponential_side(x),
        lambda x, alpha: np.where(x > 0, 1, alpha) * exponential_slope(x),
    ),
    "softplus": (
        lambda x, beta: softplus(product(beta, x)) / beta,
        lambda x, beta: sigma(product(beta, x)),
    ),
    "hard_sigmoid": (
        lambda x, slope, offset: hard_sigmoid(x, slope, offset)[0],
        lambda x, slope, offset: step(hard_sigmoid(x, slope, offset)[1]) / 6,
    ),
    "hard_tanh": (limited, lambda x, low, high: step((low < x) & (x < high))),
    "sine": (np.sin, np.cos),
    "gelu": (gelu, gelu_slope),
    "gelu_sigmoid": (
        lambda x: x * sigma(times(SIGMOID_SLOPE, exact(x))),
        lambda x: swish_slope(times(SIGMOID_SLOPE, exact(x))),
    ),
    "hard_swish": (
        lambda x: x * limited(x + 3, 0, 6) / 6,
        lambda x: np.where(np.abs(x) < 3, (2 * x + 3) / 6, step(x >= 3)),
    ),
    "hard_gelu": (
        lambda x: np.where(x > 1.5, np.minimum(x, 3), np.where(x < -1.5, 0, x * (x + 1.5) / 3)),
        lambda x: np.where(x > 1.5, step(x <= 3), np.where(x < -1.5, 0, (4 * x + 3) / 6)),
    ),
    "scaled_swish": (
        lambda x, alpha, beta: alpha * x * sigma(product(beta, x)),
        lambda x, alpha, beta: alpha * swish_slope(product(beta, x)),
    ),
    "snake": (
        lambda x, alpha, beta: np.where(x == 0, x, x + np.sin(alpha * x) ** 2 / beta),
        lambda x, alpha, beta: snake_slope(x),
    ),
    "scaled_tanh": (
        lambda x, scale, slope: scale * np.tanh(slope * x),
        lambda x, scale, slope: scale * slope * tanh_slope(product(slope, x)),
    ),
    "relu6": (lambda x: np.where(x > 0, np.minimum(x, 6), 0), lambda x: step((x > 0) & (x < 6))),
    "relu_squared": (lambda x: np.where(x > 0, x * x, 0), lambda x: np.where(x > 0, 2 * x, 0)),
    "threshold": (lambda x, theta, value: np.where(x > theta, x, value), lambda x, theta, value: step(x > theta)),
    "selu": (
        lambda x: SELU_LAMBDA * np.where(x > 0, 1, SELU_ALPHA) * exponential_side(x),
        lambda x: SELU_LAMBDA * np.where(x > 0, 1, SELU_ALPHA) * exponential_slope(x),
    ),
    "celu": (
        lambda x, alpha: np.where(x > 0, x, alpha * exponential_side(x / alpha)),
        lambda x, alpha: exponential_slope(x / alpha),
    ),
    "log_sigmoid": (lambda x: -softplus(exact(-x)), lambda x: sigma(exact(-x))),
    "soft_sign": (lambda x: x / (1 + np.abs(x)), lambda x: 1 / (1 + np.abs(x)) ** 2),
    "tanh_shrink": (tanh_shrink, lambda x: np.tanh(x) ** 2),
    "hard_shrink": (
        lambda x, lambd: np.where(np.abs(x) > lambd, x, 0),
        lambda x, lambd: step(np.abs(x) > lambd),
    ),
    "soft_shrink": (lambda x, lambd: x - limited(x, -lambd, lambd), lambda x, lambd: step(np.abs(x) > lambd)),
    "squareplus": (squareplus, squareplus_slope),
    "sparse_plus": (
        lambda x: np.where(x < 1, np.maximum(x + 1, 0) ** 2 / 4, x),
        lambda x: limited(x + 1, 0, 2) / 2,
    ),
    "sparse_sigmoid": (lambda x: limited(x + 1, 0, 2) / 2, lambda x: step(np.abs(x) < 1) / 2),
    "hard_mish": (
        lambda x: x * limited(x + 2, 0, 2) / 2,
        lambda x: np.where((x <= -2) | (x >= 0), step(x >= 0), x + 1),
    ),
    "lisht": (lambda x: x * np.tanh(x), lambda x: np.tanh(x) + x * tanh_slope(exact(x))),
    "dish": (dish, dish_slope),
    "gaussian": (gaussian, lambda x: -2 * x * gaussian(x)),
    "log_cosh": (log_cosh, np.tanh),
    "identity": (lambda x: x, np.ones_like),
    "phish": (lambda x: x * np.tanh(gelu(x)), phish_slope),
}

# The second derivative where it is not 0 everywhere.
BENDS: dict[str, Callable[..., Array]] = {
    "sigmoid": lambda x: sigma_bend(exact(x)),
    "tanh": lambda x: tanh_bend(exact(x)),
    "gelu_tanh": gelu_tanh_bend,
    "swish": lambda x, beta: beta * swish_bend(product(beta, x)),
    "mish": mish_bend,
    "elu": lambda x, alpha: np.where(x > 0, 0, alpha * exponential_slope(x)),
    "softplus": lambda x, beta: beta * sigma_slope(product(beta, x)),
    "sine": lambda x: -np.sin(x),
    "gelu": gelu_bend,
    "gelu_sigmoid": lambda x: SIGMOID_SLOPE[0] * swish_bend(times(SIGMOID_SLOPE, exact(x))),
    "hard_swish": lambda x: step(np.abs(x) < 3) / 3,
    "hard_gelu": lambda x: 2 * step(np.abs(x) <= 1.5) / 3,
    "scaled_swish": lambda x, alpha, beta: alpha * beta * swish_bend(product(beta, x)),
    "snake": lambda x, alpha, beta: 2 * alpha**2 * np.cos(2 * alpha * x) / beta,
    "scaled_tanh": lambda x, scale, slope: scale * slope**2 * tanh_bend(product(slope, x)),
    "relu_squared": lambda x: 2 * step(x > 0),
    "selu": lambda x: np.where(x > 0, 0, SELU_LAMBDA * SELU_ALPHA * exponential_slope(x)),
    "celu": lambda x, alpha: np.where(x > 0, 0, exponential_slope(x / alpha) / alpha),
    "log_sigmoid": lambda x: -sigma_slope(exact(x)),
    "soft_sign": lambda x: -2 * np.sign(x) / (1 + np.abs(x)) ** 3,
    "tanh_shrink": lambda x: -tanh_bend(exact(x)),
    "squareplus": lambda x, b: b / (2 * np.sqrt(x * x + b) ** 3),
    "sparse_plus": lambda x: step(np.abs(x) < 1) / 2,
    "hard_mish": lambda x: step((x > -2) & (x < 0)),
    "lisht": lambda x: 2 * tanh_slope(exact(x)) * (1 - x * np.tanh(x)),
    "dish": dish_bend,
    "gaussian": lambda x: 2 * (2 * bounded(x) ** 2 - 1) * gaussian(x),
    "log_cosh": lambda x: tanh_slope(exact(x)),
    "phish": phish_bend,
}

# ---- around the roots ----

CANCELING = ("gelu_tanh", "swish", "mish", "gelu", "gelu_sigmoid", "scaled_swish", "dish", "lisht", "phish")
RADIUS, NODES = 0.5, 32


@functools.cache
def _near(
    name: str, operation: oracle.Operation, center: float, parameters: tuple[float, ...]
) -> list[tuple[Any, Any]]:
    """A derivative within RADIUS of a center in Newton's form, as nodes with the divided differences of exact values.

    The first node is the center. If that is the float64 next to a root, the first difference is tiny, and no digit of
    the derivative is lost there. The other nodes are Chebyshev's in an order that takes them from everywhere: from one
    end to the other, the products of distances would grow.
    """
    order = sorted(range(NODES), key=lambda k: f"{k:05b}"[::-1])
    offsets = [0.0, *(RADIUS * math.cos(math.pi * (2 * k + 1) / (2 * NODES)) for k in order)]
    points = [center + offset for offset in offsets]
    differences = [oracle.exact(name, operation, point, parameters) for point in points]
    nodes = [mpf(point) - mpf(center) for point in points]
    with mpmath.workprec(400):
        for k in range(1, len(nodes)):
            for i in range(len(nodes) - 1, k - 1, -1):
                differences[i] = (differences[i] - differences[i - 1]) / (nodes[i] - nodes[i - k])
    return [(rounded(node), rounded(term)) for node, term in zip(nodes, differences, strict=True)]


def _centers(name: str, operation: oracle.Operation) -> tuple[float, ...]:
    """Around which points the terms of a formula cancel."""
    if operation == "value" or name not in CANCELING:
        return ()
    if operation == "second_derivative":
        return sampling.turns(name)
    return (sampling.MINIMA[name],) if name in sampling.MINIMA else ()


def results(
    name: str, operation: oracle.Operation, x: npt.NDArray[np.float64], parameters: Sequence[float] = ()
) -> Array:
    """One operation at x, with the default parameters of the activation; NaN where it is not covered.

    Second derivatives have relative errors as small as the others outside of `sampling.near_zero`.
    """
    wide, formula = np.where(np.isfinite(x), x, 1).astype(np.longdouble), FORMULAS[name][operation == "derivative"]
    if operation == "second_derivative":
        formula = BENDS.get(name, lambda x, *parameters: np.zeros_like(x))
    with np.errstate(all="ignore"):
        found = np.array(formula(wide, *map(np.longdouble, parameters)))
        for center in _centers(name, operation):
            distance = wide - np.longdouble(center)
            near = np.abs(distance) <= RADIUS
            if near.any():
                distance, inside = distance[near], np.zeros_like(distance[near])
                for node, term in reversed(_near(name, operation, center, tuple(parameters))):
                    inside = inside * (distance - node) + term
                found[near] = inside
    found[~np.isfinite(x)] = np.nan
    return found
