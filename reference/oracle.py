"""The exact values of every activation and its derivatives, in mpmath: one entry of `ORACLE` per activation.

The formulas are written a second time here, on purpose: the kernels are C in double arithmetic, these are textbook
formulas in 200 bits, so each can only be wrong alone. A constant such as 1.702 is the decimal number, not the double
nearest to it; a parameter is the double it is given as.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import mpmath
import numpy as np
import numpy.typing as npt
from mpmath import cos, erfc, exp, expm1, log, log1p, mp, mpf, pi, sin, sinh, sqrt, tanh

Operation = Literal["value", "derivative", "second_derivative"]

# Enough, because nothing below cancels but the derivatives that change sign, and those only down to 2^-60 of their
# terms (a double cannot come closer to the root); snake's touches zero, 2^-120. Where more would cancel, the formula is
# another one. mpmath reduces the argument of sin and cos exactly by itself, and a product of two doubles is exact.
# `test_oracle_precision` doubles this number and sees no change.
PRECISION = 200


@dataclass(frozen=True)
class Oracle:
    """What is known about one activation; every callable takes the parameters after x, in ufunc order."""

    value: Callable[..., Any]
    derivative: Callable[..., Any]
    limits: Callable[..., tuple[float, float]]  # f(-inf), f(+inf); -0.0 says that zero is approached from below
    slopes: Callable[..., tuple[float, float]]  # f'(-inf), f'(+inf)
    # Where f is constantly 0 (parameters after x): True where the sign of that zero is open, False where it is +0.
    flat: Callable[..., bool | None] = lambda x, *parameters: None
    level: bool = False  # f'(0) = 0: f(-0) is f(0), and f'(0) has either sign


def sigma(t: Any) -> Any:
    return 1 / (1 + exp(-t))


def sigma_slope(t: Any) -> Any:
    return sigma(t) * sigma(-t)


def normal_density(x: Any) -> Any:
    return exp(-x * x / 2) / sqrt(2 * pi)


def normal_cdf(x: Any) -> Any:
    # mpmath's erfc cannot convert such an argument; one term of the asymptotic series is far below any float anyway.
    return normal_density(x) / -x if x < -(10**6) else erfc(-x / sqrt(2)) / 2


def gate(x: Any) -> Any:
    """The argument of the logistic function in gelu_tanh."""
    return 2 * sqrt(2 / pi) * (x + mpf("0.044715") * x**3)


def gate_slope(x: Any) -> Any:
    return 2 * sqrt(2 / pi) * (1 + 3 * mpf("0.044715") * x**2)


def swish(x: Any, beta: Any) -> Any:
    return x * sigma(beta * x)


def swish_slope(x: Any, beta: Any) -> Any:
    return sigma(beta * x) + beta * x * sigma_slope(beta * x)


def mish_n(x: Any) -> Any:
    """tanh(softplus(x)) = n / (n + 2)."""
    return exp(x) * (exp(x) + 2)


def mish_slope(x: Any) -> Any:
    n = mish_n(x)
    return n / (n + 2) + 4 * x * exp(x) * (1 + exp(x)) / (n + 2) ** 2


def sixth(slope: Any) -> Any:
    """The slope of hard_sigmoid that a double means."""
    return mpmath.sign(slope) / mpf(6) if abs(slope) == 1 / 6 else slope


def hard_sigmoid_line(x: Any, slope: Any, offset: Any) -> Any:
    """slope*x + offset, clipped to [0, 1].

    The double nearest to 1/6 means a sixth. Other slopes miss the ends that they mean by the rounding of a product, so
    the rounded product decides where the line ends.
    """
    with mpmath.workprec(53):
        product, end = slope * x, 1 - offset
    if product <= -offset:
        return mpf(0)
    return mpf(1) if product >= end else min(max(sixth(slope) * x + offset, mpf(0)), mpf(1))


def snake(x: Any, alpha: Any, beta: Any) -> Any:
    return x + sin(alpha * x) ** 2 / beta if alpha else x


def snake_slope(x: Any, alpha: Any, beta: Any) -> Any:
    return 1 + alpha * sin(2 * alpha * x) / beta if alpha else mpf(1)


# The two constants of selu are the doubles everybody uses.
SELU_ALPHA, SELU_LAMBDA = 1.6732632423543772, 1.0507009873554805


def tanh_shrink(x: Any) -> Any:
    if abs(x) < mpf(2) ** -(mp.prec // 2):  # x³/3 (1 - 2x²/5 + ...)
        return x**3 / 3
    with mpmath.workprec(2 * mp.prec + 50):
        return x - tanh(x)


def soft_shrink(x: Any, lambd: Any) -> Any:
    return mpf(0) if abs(x) <= lambd else x - lambd if x > 0 else x + lambd


def squareplus(x: Any, b: Any) -> Any:
    root = sqrt(x * x + b)
    return (x + root) / 2 if x >= 0 else b / (2 * (root - x))


def squareplus_slope(x: Any, b: Any) -> Any:
    """With b = 0 it is relu, whose derivative at 0 is 0."""
    root = sqrt(x * x + b)
    if x >= 0:
        return (1 + x / root) / 2 if root else mpf(0)
    return b / (2 * root * (root - x))


def dish(x: Any) -> Any:
    root = sqrt(1 + x * x)
    return x * (x / root + 1) / 2 if x >= 0 else x / (2 * root * (root - x))


def dish_slope(x: Any) -> Any:
    root = sqrt(1 + x * x)
    return (1 + x / root + x / root**3) / 2 if x >= 0 else (1 + x * root) / (2 * root**3 * (root - x))


def phish_slope(x: Any) -> Any:
    gate = tanh(x * normal_cdf(x))
    return gate + x * (1 - gate**2) * (normal_cdf(x) + x * normal_density(x))


def log_cosh(x: Any) -> Any:
    x = abs(x)
    return log1p(2 * sinh(x / 2) ** 2) if x < 1 else x - log(2) + log1p(exp(-2 * x))


ORACLE: dict[str, Oracle] = {
    "relu": Oracle(
        lambda x: x if x > 0 else mpf(0),
        lambda x: mpf(x > 0),
        lambda: (0.0, np.inf),
        lambda: (0.0, 1.0),
        lambda x: False if x == 0 else None,  # flat to the left, so relu(-0.0) is the +0.0 of the definition
    ),
    "leaky_relu": Oracle(
        lambda x, s: x if x > 0 else s * x,
        lambda x, s: mpf(1) if x > 0 else s,
        lambda s: (-np.inf, np.inf),
        lambda s: (s, 1.0),
    ),
    "sigmoid": Oracle(sigma, sigma_slope, lambda: (0.0, 1.0), lambda: (0.0, 0.0)),
    "tanh": Oracle(tanh, lambda x: 4 * sigma_slope(2 * x), lambda: (-1.0, 1.0), lambda: (0.0, 0.0)),
    "gelu_tanh": Oracle(
        lambda x: x * sigma(gate(x)),
        lambda x: sigma(gate(x)) + x * gate_slope(x) * sigma_slope(gate(x)),
        lambda: (-0.0, np.inf),
        lambda: (-0.0, 1.0),
    ),
    "swish": Oracle(swish, swish_slope, lambda beta: (-0.0, np.inf), lambda beta: (-0.0, 1.0)),
    "mish": Oracle(
        lambda x: x / (1 + 2 / mish_n(x)),
        mish_slope,
        lambda: (-0.0, np.inf),
        lambda: (-0.0, 1.0),
    ),
    "elu": Oracle(
        lambda x, alpha: x if x > 0 else alpha * expm1(x),
        lambda x, alpha: mpf(1) if x > 0 else alpha * exp(x),
        lambda alpha: (-alpha, np.inf),
        lambda alpha: (0.0, 1.0),
    ),
    "softplus": Oracle(
        lambda x, beta: log1p(exp(beta * x)) / beta,
        lambda x, beta: sigma(beta * x),
        lambda beta: (0.0, np.inf),
        lambda beta: (0.0, 1.0),
    ),
    "hard_sigmoid": Oracle(
        hard_sigmoid_line,
        lambda x, slope, offset: sixth(slope) if 0 < hard_sigmoid_line(x, slope, offset) < 1 else mpf(0),
        lambda slope, offset: (0.0, 1.0),
        lambda slope, offset: (0.0, 0.0),
    ),
    "hard_tanh": Oracle(
        lambda x, low, high: min(max(x, low), high),
        lambda x, low, high: mpf(low < x < high),
        lambda low, high: (low, high),
        lambda low, high: (0.0, 0.0),
    ),
    "sine": Oracle(sin, cos, lambda: (np.nan, np.nan), lambda: (np.nan, np.nan)),
    "gelu": Oracle(
        lambda x: x * normal_cdf(x),
        lambda x: normal_cdf(x) + x * normal_density(x),
        lambda: (-0.0, np.inf),
        lambda: (-0.0, 1.0),
    ),
    "gelu_sigmoid": Oracle(
        lambda x: swish(x, mpf("1.702")),
        lambda x: swish_slope(x, mpf("1.702")),
        lambda: (-0.0, np.inf),
        lambda: (-0.0, 1.0),
    ),
    "hard_swish": Oracle(
        lambda x: x * min(max(x / 6 + mpf(1) / 2, 0), 1),
        lambda x: mpf(x >= 3) if abs(x) >= 3 else x / 3 + mpf(1) / 2,
        lambda: (0.0, np.inf),
        lambda: (0.0, 1.0),
        lambda x: True if x <= -3 else None,
    ),
    "hard_gelu": Oracle(
        lambda x: min(x, 3) if x > 1.5 else x / 3 * (x + 1.5) * (x >= -1.5),
        lambda x: mpf(x <= 3) if x > 1.5 else (2 * x / 3 + mpf(1) / 2) * (x >= -1.5),
        lambda: (0.0, 3.0),
        lambda: (0.0, 0.0),
        lambda x: True if x <= -1.5 else None,
    ),
    "scaled_swish": Oracle(
        lambda x, alpha, beta: alpha * swish(x, beta),
        lambda x, alpha, beta: alpha * swish_slope(x, beta),
        lambda alpha, beta: (-0.0 * alpha, np.inf * alpha),
        lambda alpha, beta: (-0.0 * alpha, alpha),
    ),
    "snake": Oracle(
        snake,
        snake_slope,
        lambda alpha, beta: (-np.inf, np.inf),
        lambda alpha, beta: (np.nan, np.nan) if alpha else (1.0, 1.0),  # it oscillates for ever
    ),
    "scaled_tanh": Oracle(
        lambda x, scale, slope: scale * tanh(slope * x),
        lambda x, scale, slope: scale * slope * 4 * sigma_slope(2 * slope * x),
        lambda scale, slope: (-scale, scale),
        lambda scale, slope: (0.0, 0.0),
    ),
    "relu6": Oracle(
        lambda x: min(max(x, 0), 6),
        lambda x: mpf(0 < x < 6),
        lambda: (0.0, 6.0),
        lambda: (0.0, 0.0),
        lambda x: False if x == 0 else None,
    ),
    "relu_squared": Oracle(
        lambda x: max(x, 0) ** 2,
        lambda x: 2 * max(x, 0),
        lambda: (0.0, np.inf),
        lambda: (0.0, np.inf),
        lambda x: False if x == 0 else None,
    ),
    "threshold": Oracle(
        lambda x, theta, value: x if x > theta else value,
        lambda x, theta, value: mpf(x > theta),
        lambda theta, value: (value, np.inf),
        lambda theta, value: (0.0, 1.0),
        lambda x, theta, value: False if x <= theta else None,
    ),
    "selu": Oracle(
        lambda x: SELU_LAMBDA * (x if x > 0 else SELU_ALPHA * expm1(x)),
        lambda x: SELU_LAMBDA * (mpf(1) if x > 0 else SELU_ALPHA * exp(x)),
        lambda: (-SELU_LAMBDA * SELU_ALPHA, np.inf),
        lambda: (0.0, SELU_LAMBDA),
    ),
    "celu": Oracle(
        lambda x, alpha: x if x > 0 else alpha * expm1(x / alpha),
        lambda x, alpha: mpf(1) if x > 0 else exp(x / alpha),
        lambda alpha: (-alpha, np.inf),
        lambda alpha: (0.0, 1.0),
    ),
    "log_sigmoid": Oracle(
        lambda x: -log1p(exp(-x)),
        lambda x: sigma(-x),
        lambda: (-np.inf, -0.0),
        lambda: (1.0, 0.0),
    ),
    "soft_sign": Oracle(
        lambda x: x / (1 + abs(x)),
        lambda x: 1 / (1 + abs(x)) ** 2,
        lambda: (-1.0, 1.0),
        lambda: (0.0, 0.0),
    ),
    "tanh_shrink": Oracle(
        tanh_shrink,
        lambda x: tanh(x) ** 2,
        lambda: (-np.inf, np.inf),
        lambda: (1.0, 1.0),
    ),
    "hard_shrink": Oracle(
        lambda x, lambd: x if abs(x) > lambd else mpf(0),
        lambda x, lambd: mpf(abs(x) > lambd),
        lambda lambd: (-np.inf, np.inf),
        lambda lambd: (1.0, 1.0),
        lambda x, lambd: True if abs(x) <= lambd else None,
    ),
    "soft_shrink": Oracle(
        soft_shrink,
        lambda x, lambd: mpf(abs(x) > lambd),
        lambda lambd: (-np.inf, np.inf),
        lambda lambd: (1.0, 1.0),
        lambda x, lambd: True if abs(x) <= lambd else None,
    ),
    "squareplus": Oracle(
        squareplus,
        squareplus_slope,
        lambda b: (0.0, np.inf),
        lambda b: (0.0, 1.0),
        lambda x, b: False if x <= 0 else None,  # 0 with b = 0 only
    ),
    "sparse_plus": Oracle(
        lambda x: mpf(0) if x <= -1 else x if x >= 1 else (x + 1) ** 2 / 4,
        lambda x: min(max((x + 1) / 2, 0), 1),
        lambda: (0.0, np.inf),
        lambda: (0.0, 1.0),
    ),
    "sparse_sigmoid": Oracle(
        lambda x: min(max((x + 1) / 2, 0), 1),
        lambda x: mpf(-1 < x < 1) / 2,
        lambda: (0.0, 1.0),
        lambda: (0.0, 0.0),
    ),
    "hard_mish": Oracle(
        lambda x: x / 2 * min(max(x + 2, 0), 2),
        lambda x: mpf(x >= 0) if x <= -2 or x >= 0 else x + 1,  # 0 at -2, like hard_swish at -3
        lambda: (0.0, np.inf),
        lambda: (0.0, 1.0),
        lambda x: True if x <= -2 else None,
    ),
    "lisht": Oracle(
        lambda x: x * tanh(x),
        lambda x: tanh(x) + x * 4 * sigma_slope(2 * x),
        lambda: (np.inf, np.inf),
        lambda: (-1.0, 1.0),
        level=True,
    ),
    "dish": Oracle(dish, dish_slope, lambda: (-0.0, np.inf), lambda: (-0.0, 1.0)),
    "gaussian": Oracle(
        lambda x: exp(-x * x),
        lambda x: -2 * x * exp(-x * x),
        lambda: (0.0, 0.0),
        lambda: (0.0, -0.0),
        level=True,
    ),
    "log_cosh": Oracle(log_cosh, tanh, lambda: (np.inf, np.inf), lambda: (-1.0, 1.0), level=True),
    "identity": Oracle(lambda x: x, lambda x: mpf(1), lambda: (-np.inf, np.inf), lambda: (1.0, 1.0)),
    "phish": Oracle(
        lambda x: x * tanh(x * normal_cdf(x)), phish_slope, lambda: (0.0, np.inf), lambda: (0.0, 1.0), level=True
    ),
}


def exact(name: str, operation: Operation, x: float, parameters: Sequence[float] = ()) -> Any:
    """The exact value (an mpf, +-inf and NaN included) of one operation at one float."""
    entry, x = ORACLE[name], float(x)
    if np.isnan(x):
        return mpf("nan")
    if operation == "second_derivative":
        return bend(name, x, parameters)
    if np.isinf(x):
        return mpf((entry.limits if operation == "value" else entry.slopes)(*parameters)[int(x > 0)])
    with mpmath.workprec(PRECISION):
        return mpf((entry.value if operation == "value" else entry.derivative)(mpf(x), *map(mpf, parameters)))


def bend(name: str, x: float, parameters: Sequence[float] = ()) -> Any:
    """The exact second derivative: a difference of first derivatives, so close that 2^-150 of it is right.

    Few bits, which take a tenth of the time, suffice for most arguments of moderate size: unless the result is tiny
    beside the first derivative, but not so tiny that every format rounds it to 0.
    """
    if name in STRAIGHT:
        return mpf(0)
    if np.isinf(x):
        oscillates = name == "sine" or (name == "snake" and parameters[0] != 0)
        return mpf("nan") if oscillates else mpf(2 if name == "relu_squared" and x > 0 else 0)
    if x in JUMPS.get(name, {}):
        with mpmath.workprec(PRECISION):
            return mpf(JUMPS[name][x](*parameters))
    moderate = all(2.0**-60 <= abs(number) <= 2.0**60 for number in (x, *parameters))
    for bits, step in ((900, -300), (1800, -600), (3000, -1300))[0 if moderate else 2 :]:
        result, slope = _difference(name, x, parameters, bits, step)
        error = mpmath.ldexp(slope, -bits - step + 20)
        if abs(result) >= mpmath.ldexp(error, 200) or abs(result) + error < mpmath.ldexp(mpf(1), -1100):
            return result
    return _difference(name, x, parameters, bits=9000, step=-4000)[0]


def _difference(name: str, x: float, parameters: Sequence[float], bits: int, step: int) -> tuple[Any, Any]:
    """The second derivative, and the magnitude of the first one."""
    slope = ORACLE[name].derivative
    with mpmath.workprec(bits):
        h, exact_parameters = mpmath.ldexp(mpf(1), step), [mpf(p) for p in parameters]
        left, right = (slope(mpf(x) + moved, *exact_parameters) for moved in (-h, h))
        return (right - left) / (2 * h), mpf(abs(left))


# Straight pieces only; and where second derivatives jump: 0, or that of the piece the first derivative belongs to.
STRAIGHT = {"relu", "leaky_relu", "hard_sigmoid", "hard_tanh", "relu6", "threshold", "hard_shrink", "soft_shrink"}
STRAIGHT |= {"sparse_sigmoid", "identity"}
JUMPS: dict[str, dict[float, Callable[..., Any]]] = {
    "elu": {0.0: lambda alpha: alpha},
    "selu": {0.0: lambda: SELU_LAMBDA * mpf(SELU_ALPHA)},
    "celu": {0.0: lambda alpha: 1 / mpf(alpha)},
    "relu_squared": {0.0: lambda: 0},
    "soft_sign": {0.0: lambda: 0},
    "hard_swish": {-3.0: lambda: 0, 3.0: lambda: 0},
    "hard_gelu": {-1.5: lambda: mpf(2) / 3, 1.5: lambda: mpf(2) / 3, 3.0: lambda: 0},
    "hard_mish": {-2.0: lambda: 0, 0.0: lambda: 0},
    "sparse_plus": {-1.0: lambda: 0, 1.0: lambda: 0},
}


def zero_is_negative(
    name: str, operation: Operation, x: float, parameters: Sequence[float], exact_value: Any
) -> bool | None:
    """Which sign a zero result has (None: not laid down by the catalogue).

    An underflowing result keeps its sign, a limit the side it is approached from, and f(-0) = -0 where f(0) = 0 and f
    is neither flat nor level there. An exact zero elsewhere is +0.
    """
    entry = ORACLE[name]
    if exact_value != 0:
        return bool(exact_value < 0)
    if operation == "second_derivative":
        return None
    if np.isinf(x):
        limit = (entry.limits if operation == "value" else entry.slopes)(*parameters)[int(x > 0)]
        return None if operation == "value" and entry.flat(x, *parameters) else bool(np.signbit(limit))
    if operation == "derivative":
        return None if entry.level and x == 0 else False
    flat = False if entry.level else entry.flat(x, *parameters)
    return None if flat else bool(x == 0 and np.signbit(x) and flat is None)


def spacing(exact_value: Any, dtype: npt.DTypeLike) -> Any:
    """The unit in the last place of `dtype` at `exact_value`, as an mpf: the subnormal spacing is the smallest."""
    info = np.finfo(dtype)
    _, mantissa, exponent, bit_count = exact_value._mpf_
    binade = exponent + bit_count - 1 if mantissa else info.minexp
    return mpmath.ldexp(mpf(1), max(binade, int(info.minexp)) - int(info.nmant))


def nearest(exact_value: Any, dtype: npt.DTypeLike) -> float:
    """`exact_value` rounded to `dtype` (once too often near a tie, which no use of it minds)."""
    with np.errstate(over="ignore", under="ignore"):
        return float(np.asarray(float(exact_value)).astype(dtype))


def ulp_error(result: float, exact_value: Any, dtype: npt.DTypeLike) -> float:
    """|result - exact| in units of the last place of `dtype` at `exact`; the signs of zeros are not judged here.

    An infinite result is right when the exact value rounds to it; a NaN is right when the exact value is NaN.
    """
    result = float(result)
    if np.isnan(result) or mpmath.isnan(exact_value):
        return 0.0 if np.isnan(result) and mpmath.isnan(exact_value) else np.inf
    rounded = nearest(exact_value, dtype)
    if np.isinf(result) or np.isinf(rounded):
        return 0.0 if result == rounded else np.inf
    with mpmath.workprec(PRECISION):
        return float(abs(mpf(result) - exact_value) / spacing(exact_value, dtype))


@dataclass(frozen=True)
class Expected:
    """Exact values in a form NumPy can compare with: nearest + fraction * spacing, the fraction small."""

    nearest: npt.NDArray[np.float64]
    fraction: npt.NDArray[np.float64]
    spacing: npt.NDArray[np.float64]
    negative_zero: npt.NDArray[np.int8]  # 1: a zero result must be -0, 0: +0, -1: either

    def ulp_errors(self, result: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """`ulp_error` for a whole array (exact to about 2^-50 ulp)."""
        result = result.astype(np.float64)
        with np.errstate(all="ignore"):
            errors = np.abs((result - self.nearest) / self.spacing - self.fraction)
        infinite = np.isinf(result) | np.isinf(self.nearest)
        errors[infinite] = np.where(result == self.nearest, 0.0, np.inf)[infinite]
        both, either = (op(np.isnan(result), np.isnan(self.nearest)) for op in (np.logical_and, np.logical_or))
        return np.where(both, 0.0, np.where(either, np.inf, errors))

    def wrong_zeros(self, result: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Where a zero result has the wrong sign, seen in its bits."""
        wrong: npt.NDArray[np.bool_] = (result == 0) & (self.negative_zero == ~np.signbit(result))
        return wrong


def _split(exact_value: Any, bits: int, smallest: int, largest: float) -> tuple[float, float, float]:
    """The nearest number with so many bits, what is missing to the exact value in its spacing, and that spacing.

    In integers, which takes a fifth of the time of mpf: half a million points are packed by the tests.
    """
    sign, mantissa, exponent, bit_count = exact_value._mpf_
    mantissa = int(mantissa)  # where gmpy2 is installed, mpmath has its integers, and their quotients are no floats
    if not mantissa:
        value = float(exact_value)
        return value, 0.0, math.ldexp(1.0, smallest) if value == 0 else 1.0
    unit = max(exponent + bit_count - bits, smallest)
    excess = unit - exponent
    if excess <= 0:
        whole, fraction = mantissa << -excess, 0.0
    elif excess > bit_count + 60:  # perhaps by 10^924
        whole, fraction = 0, 0.0
    else:
        whole = mantissa >> excess
        fraction = (mantissa - (whole << excess)) / (1 << excess)
        if fraction > 0.5 or (fraction == 0.5 and whole % 2):
            whole, fraction = whole + 1, fraction - 1.0
    if unit + whole.bit_length() > 1024 or (near := math.ldexp(whole, unit)) > largest:
        return (-math.inf if sign else math.inf), 0.0, 1.0
    return (-near, -fraction, math.ldexp(1.0, unit)) if sign else (near, fraction, math.ldexp(1.0, unit))


def pack(exact_values: Sequence[Any], negative_zero: Sequence[bool | None], dtype: npt.DTypeLike) -> Expected:
    """Exact values of a list of mpf for comparison with an array of `dtype`."""
    info = np.finfo(dtype)
    bits, largest = int(info.nmant) + 1, float(info.max)
    smallest = int(info.minexp) - int(info.nmant)
    table = np.array([_split(value, bits, smallest, largest) for value in exact_values]).reshape(-1, 3).T
    signs = np.array([-1 if sign is None else int(sign) for sign in negative_zero], np.int8)
    return Expected(table[0], table[1], table[2], signs)


def expected(name: str, operation: Operation, x: npt.NDArray[Any], parameters: Sequence[float] = ()) -> Expected:
    """The exact results of one operation for an array, whose dtype is also that of the results."""
    points = [float(point) for point in x]
    values = [exact(name, operation, point, parameters) for point in points]
    signs = [
        zero_is_negative(name, operation, point, parameters, value) for point, value in zip(points, values, strict=True)
    ]
    return pack(values, signs, x.dtype)
