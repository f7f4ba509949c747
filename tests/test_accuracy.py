"""Every ufunc against mpmath, on every instruction set of this machine.

The bounds are those of the records, in src/spatium/_kernels/fn/ (docs/accuracy.md has what was measured, over all 2^32
float32 inputs). An error is judged in units of the last place of the exact result, the subnormal spacing being the
smallest unit, so tails and underflowing results are held to the same bounds. Signs of zeros are compared by bits.
"""

import functools
from typing import Any, NamedTuple

import mpmath
import numpy as np
import numpy.typing as npt
import pytest
from mpmath import mpf

import spatium
from reference import oracle, sampling
from spatium import _engine

RECORDS = {record.name: record for record in _engine.registry()}
# Round the minimum of a function its float64 derivative may lose relative accuracy (sampling.near_root); then this
# absolute error holds instead. float32 keeps the ulp bound there.
ROOT_ABSOLUTE_BOUND = 2.0**-60
# Both operations of snake are a sum that may cancel: this times its larger term is allowed then.
SNAKE_BOUND = 2.0**-52
# f' from a rounded y: |df'/dy| is at most 2 (tanh), times the error of y below 1 (half an ulp in float32, one in
# float64), plus the rounding of f'. Where |f'| exceeds 1 (relu_squared), relative to f'.
FROM_OUTPUT_BOUND = {"f4": 2.0**-23, "f8": 2.0**-51}

POINTS = {"f4": 3000, "f8": 6000}
SEED = 20240607

OTHER_PARAMETERS: dict[str, tuple[tuple[float, ...], ...]] = {
    "leaky_relu": ((0.2,),),
    "swish": ((0.5,), (1.702,)),
    "elu": ((0.3,),),
    "softplus": ((2.5,), (0.1,)),
    "hard_sigmoid": ((0.2, 0.5),),
    "hard_tanh": ((-2.0, 3.0),),
    "scaled_swish": ((0.2, 1.3),),
    "snake": ((0.5, 0.5), (2.0, 1.0), (1e-8, 1e-8), (0.0, 0.0)),
    "scaled_tanh": ((1.0, 1.0), (0.3, 2.0)),  # a product of 3/4 would make ties in float16
    "threshold": ((0.5, -1.0), (-1.0, 2.0)),
    "celu": ((0.3,), (1e-3,)),
    "hard_shrink": ((0.0,), (2.0,)),
    "soft_shrink": ((0.0,), (2.0,)),
    "squareplus": ((0.0,), (0.01,)),
}


class Case(NamedTuple):
    name: str
    parameters: tuple[float, ...]
    from_output: bool

    def __str__(self) -> str:
        return "-".join([self.name, *(f"{parameter:.4g}" for parameter in self.parameters)])


def cases() -> list[Case]:
    """Every function of the registry that the oracle knows, with the default parameters and with others."""
    found = []
    for record in _engine.registry():
        if record.name in oracle.ORACLE:
            default = tuple(spatium.activation(record.name).parameters.values())
            for parameters in (default, *OTHER_PARAMETERS.get(record.name, ())):
                # threshold's output tells the side only if the value it puts in is not among those it lets through
                from_output = record.from_output and not (record.name == "threshold" and parameters[1] > parameters[0])
                found.append(Case(record.name, parameters, from_output))
    return found


CASES = cases()
each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_dtype = pytest.mark.parametrize("dtype", ["f4", "f8"])


@functools.cache
def points(dtype: str) -> npt.NDArray[Any]:
    x = sampling.samples(dtype, POINTS[dtype], np.random.default_rng(SEED))
    x.flags.writeable = False
    return x


@functools.cache
def expected(name: str, operation: oracle.Operation, dtype: str, parameters: tuple[float, ...]) -> oracle.Expected:
    return oracle.expected(name, operation, points(dtype), parameters)


def ufunc(name: str) -> Any:
    return getattr(spatium.ufuncs, name)


def quietly(function: Any, *arguments: Any) -> Any:
    """Warnings are another test's subject."""
    with np.errstate(all="ignore"):
        return function(*arguments)


def assert_within(
    bound: float | npt.NDArray[np.float64],
    errors: npt.NDArray[np.float64],
    x: npt.NDArray[Any],
    result: npt.NDArray[Any],
    exact: oracle.Expected,
) -> None:
    wrong = np.flatnonzero(~(errors <= bound))
    if wrong.size:
        worst = wrong[np.argsort(-errors[wrong])[:5]]
        lines = [
            f"  x = {float(x[i]).hex()} ({x[i]!r}): {result[i]!r} instead of {exact.nearest[i]!r}, {errors[i]:.4g} ulp"
            for i in worst
        ]
        pytest.fail(f"{wrong.size} of {x.size} results out of bounds, the worst:\n" + "\n".join(lines))


def assert_zero_signs(x: npt.NDArray[Any], result: npt.NDArray[Any], exact: oracle.Expected) -> None:
    wrong = np.flatnonzero(exact.wrong_zeros(result))
    assert not wrong.size, f"{wrong.size} zeros of the wrong sign, x = {x[wrong[:5]]!r} gives {result[wrong[:5]]!r}"


def near_root(case: Case, x: npt.NDArray[Any], exact: oracle.Expected) -> npt.NDArray[np.bool_]:
    return sampling.near_root(case.name, case.parameters, x, exact.nearest)


def snake_cancels(
    case: Case, operation: oracle.Operation, x: npt.NDArray[Any], exact: oracle.Expected
) -> npt.NDArray[np.float64]:
    """The bound, in ulp of the result, where the terms of snake cancel; 0 elsewhere and for every other function."""
    alpha, beta = case.parameters if case.name == "snake" else (0.0, 0.0)
    if alpha == 0:
        return np.zeros(x.shape)
    ratio = max(1.0, abs(alpha / beta))
    term = np.abs(x.astype(np.float64)) if operation == "value" else np.full(x.shape, ratio)
    return np.where((np.abs(exact.nearest) < term) & np.isfinite(term), SNAKE_BOUND * term / exact.spacing, 0.0)


def undecided(case: Case, x: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Where hard_sigmoid's derivative may be that of either side.

    With a slope that is no binary fraction, whether a float64 next to a kink is before or beyond it depends on how the
    product is rounded. The kinks themselves are in test_special_values.py.
    """
    if case.name != "hard_sigmoid" or x.dtype != np.float64:
        return np.zeros(x.shape, np.bool_)
    slope, offset = case.parameters
    kinks = [-offset / slope, (1.0 - offset) / slope]
    region: npt.NDArray[np.bool_] = np.isin(x, sampling.neighbors(kinks, np.float64, reach=1))
    return region


@pytest.mark.parametrize("bound", _engine.bounds(), ids=lambda bound: "-".join(map(str, bound[:4])))
def test_witness(bound: _engine.Bound) -> None:
    """Each SP_BOUND line states the error at its input, on the instruction sets that it covers."""
    covered = [isa for isa in _engine.available_isas() if RECORDS[bound.name].line(*bound[1:3], isa) == bound]
    function = ufunc(bound.name if bound.operation == "value" else f"{bound.name}_{bound.operation}")
    x, parameters = np.array([bound.at], bound.dtype), spatium.activation(bound.name).parameters.values()
    exact = oracle.exact(bound.name, bound.operation, bound.at, tuple(parameters))
    errors = []
    for isa in covered:
        _engine.set_isa(isa)
        result = float(quietly(function, x, *parameters)[0])
        errors.append(oracle.ulp_error(result, exact, bound.dtype))
    assert bound.worst <= bound.bound
    assert all(error <= bound.bound for error in errors)
    if {"baseline", "x86_v3"} <= {*_engine.available_isas()}:  # others may round differently: not measured
        assert max(errors) == pytest.approx(bound.worst, abs=1e-4), "python tools/accuracy.py bounds mends the line"


@pytest.mark.parametrize("name", RECORDS)
def test_every_error_has_a_bound(name: str) -> None:
    lines = [bound[1:4] for bound in _engine.bounds() if bound.name == name]
    operations, types = ("value", "derivative", "second_derivative"), ("float32", "float64")
    assert len(lines) == len(set(lines))
    assert {*lines} >= {(operation, dtype, False) for operation in operations for dtype in types}
    assert all(RECORDS[name].bound(operation, "float16", "baseline") == 0.5 for operation in operations)


def test_registry_is_covered() -> None:
    names = {record.name for record in _engine.registry()}
    assert names <= oracle.ORACLE.keys(), f"no oracle for {sorted(names - oracle.ORACLE.keys())}"


@each_case
@pytest.mark.parametrize("operation", ["value", "derivative"])
def test_oracle_precision(case: Case, operation: oracle.Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle's own precision suffices: twice as much changes nothing that a float64 could see.

    Far below the smallest subnormal (exp of -10^924 in gelu_tanh) nothing is asked of it but that it is tiny.
    """
    special = sampling.special_points("f8")
    special = special[np.isfinite(special)][::5]
    before = [oracle.exact(case.name, operation, x, case.parameters) for x in special]
    monkeypatch.setattr(oracle, "PRECISION", 2 * oracle.PRECISION)
    for x, value in zip(special, before, strict=True):
        exact = oracle.exact(case.name, operation, x, case.parameters)
        assert abs(value - exact) <= abs(exact) * mpf(2) ** -80 + mpf(2) ** -1200, f"x = {x!r}"


@each_case
@pytest.mark.parametrize("end", [0, 1])
def test_oracle_limits(case: Case, end: int) -> None:
    """The limits, which are typed in, are those of the formulas far out, down to the side a zero is approached from."""
    entry, parameters = oracle.ORACLE[case.name], [mpf(parameter) for parameter in case.parameters]
    far = mpf(2) ** 40 * (2 * end - 1)
    for formula, limits in ((entry.value, entry.limits), (entry.derivative, entry.slopes)):
        limit = limits(*case.parameters)[end]
        with mpmath.workprec(oracle.PRECISION):
            found = formula(far, *parameters)
        if np.isinf(limit):
            assert abs(found) > 20
            assert (found > 0) == (limit > 0)
        elif not np.isnan(limit):
            assert abs(found - limit) < 1e-9
            assert limit or not found or (found < 0) == np.signbit(limit)


@each_dtype
@each_case
def test_value(case: Case, dtype: str, isa: str) -> None:
    x = points(dtype)
    exact = expected(case.name, "value", dtype, case.parameters)
    result = quietly(ufunc(case.name), x, *case.parameters)
    assert result.dtype == dtype
    bound = np.full(x.shape, RECORDS[case.name].bound("value", x.dtype.name, isa))
    bound = np.maximum(bound, snake_cancels(case, "value", x, exact))
    assert_within(bound, exact.ulp_errors(result), x, result, exact)
    assert_zero_signs(x, result, exact)


@each_dtype
@each_case
def test_derivative(case: Case, dtype: str, isa: str) -> None:
    x = points(dtype)
    exact = expected(case.name, "derivative", dtype, case.parameters)
    result = quietly(ufunc(case.name + "_derivative"), x, *case.parameters)
    assert result.dtype == dtype
    bound = np.full(x.shape, RECORDS[case.name].bound("derivative", x.dtype.name, isa))
    if dtype == "f8":
        root = near_root(case, x, exact)
        bound[root] = np.maximum(bound[root], ROOT_ABSOLUTE_BOUND / exact.spacing[root])
        bound[undecided(case, x)] = np.inf
    bound = np.maximum(bound, snake_cancels(case, "derivative", x, exact))
    assert_within(bound, exact.ulp_errors(result), x, result, exact)
    assert_zero_signs(x, result, exact)


@each_dtype
@each_case
def test_value_and_derivative_are_the_separate_ones(case: Case, dtype: str, isa: str) -> None:
    x = points(dtype)
    unsigned = f"u{np.dtype(dtype).itemsize}"
    pair = quietly(ufunc(case.name + "_value_and_derivative"), x, *case.parameters)
    for name, together in zip((case.name, case.name + "_derivative"), pair, strict=True):
        alone = quietly(ufunc(name), x, *case.parameters)
        different = np.flatnonzero(
            (alone.view(unsigned) != together.view(unsigned)) & ~(np.isnan(alone) & np.isnan(together))
        )
        assert not different.size, f"{name}: {different.size} results differ, first at x = {x[different[0]]!r}"


@functools.cache
def backward_case(case: Case, dtype: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any], oracle.Expected]:
    """Some points, gradients, and the exact products."""
    x = points(dtype)
    slope = expected(case.name, "derivative", dtype, case.parameters)
    # Where the derivative is subnormal, overflows or meets its root, its own bound is not one in ulps of the product.
    usable = np.isfinite(x) & np.isfinite(slope.nearest) & (np.abs(slope.nearest) >= np.finfo(dtype).tiny)
    usable &= ~near_root(case, x, slope)
    rng = np.random.default_rng(SEED)
    chosen = rng.permutation(np.flatnonzero(usable))[:600]
    gradient = (rng.choice([-1.0, 1.0], chosen.size) * np.exp2(rng.uniform(-2.0, 2.0, chosen.size))).astype(dtype)
    with mpmath.workprec(oracle.PRECISION):
        exact = [
            mpf(float(g)) * oracle.exact(case.name, "derivative", float(at), case.parameters)
            for g, at in zip(gradient, x[chosen], strict=True)
        ]
    return x[chosen], gradient, oracle.pack(exact, [None] * chosen.size, dtype)


@each_dtype
@each_case
def test_backward(case: Case, dtype: str, isa: str) -> None:
    x, gradient, exact = backward_case(case, dtype)
    result = quietly(ufunc(case.name + "_backward"), gradient, x, *case.parameters)
    assert result.dtype == dtype
    # twice the derivative's error, because the product can gain a binade, and one more rounding
    bound = np.full(x.shape, 2 * RECORDS[case.name].bound("derivative", x.dtype.name, isa) + 0.5)
    slope = oracle.expected(case.name, "derivative", x, case.parameters) if case.name == "snake" else exact
    bound = np.maximum(bound, 2 * snake_cancels(case, "derivative", x, slope) + 0.5)  # the product may gain a binade
    assert_within(bound, exact.ulp_errors(result), x, result, exact)


@each_dtype
@pytest.mark.parametrize("case", [case for case in CASES if case.from_output], ids=str)
def test_derivative_from_output(case: Case, dtype: str, isa: str) -> None:
    x = points(dtype)
    x = x[np.isfinite(x)]
    x = x[np.isfinite(quietly(ufunc(case.name), x, *case.parameters))]  # relu_squared overflows
    y = quietly(ufunc(case.name), x, *case.parameters)
    slope = quietly(ufunc(case.name + "_derivative"), x, *case.parameters).astype(np.float64)
    result = quietly(ufunc(case.name + "_derivative_from_output"), y, *case.parameters)
    assert result.dtype == dtype
    usable = np.ones(x.shape, np.bool_)
    if case.name in ("hard_sigmoid", "sparse_sigmoid"):  # f' jumps where y has already been rounded to an end
        usable = (slope == 0) | ((y > 0) & (y < 1))
    scale = max(1.0, *map(abs, case.parameters), 1.0)
    errors = np.abs(result - slope) / np.maximum(1.0, np.abs(slope))
    worst = np.argmax(np.where(usable, errors, 0))
    assert errors[worst] <= FROM_OUTPUT_BOUND[dtype] * scale, f"{errors[worst]} at x = {x[worst]!r}, y = {y[worst]!r}"
    gradient = np.full_like(y, 0.5)
    backward = quietly(ufunc(case.name + "_backward_from_output"), gradient, y, *case.parameters)
    # Half of a float is a float unless it is subnormal, where two roundings may differ by one step.
    step = float(np.finfo(dtype).smallest_subnormal)
    assert np.all(np.abs(backward - result * gradient) <= 2 * np.spacing(np.abs(backward)) + step)


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
@pytest.mark.parametrize("operation", ["value", "derivative", "second_derivative"])
@each_case
def test_all_16_bit_numbers(case: Case, operation: str, kind: str, isa: str, to_nearest: Any) -> None:
    """Correctly rounded on all 65,536 inputs.

    The reference is the float64 loop, which the tests above check: its error of an ulp is 2^-42 of float16's.
    """
    dtype = np.dtype(np.float16 if kind == "float16" else pytest.importorskip("ml_dtypes").bfloat16)
    function = ufunc(case.name if operation == "value" else f"{case.name}_{operation}")
    x = np.arange(2**16, dtype=np.uint16).view(dtype)
    with np.errstate(all="ignore"):
        result, wide = function(x, *case.parameters), function(x.astype(np.float64), *case.parameters)
    assert result.dtype == dtype
    np.testing.assert_array_equal(np.isnan(result), np.isnan(wide))
    wrong = (result.view(np.uint16) != to_nearest(wide, dtype).view(np.uint16)) & ~np.isnan(wide)
    assert not wrong.any(), f"{wrong.sum()} are not correctly rounded, the first at x = {x[wrong][:5]!r}"


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_all_16_bit_numbers_with_many_slopes(kind: str, isa: str, to_nearest: Any) -> None:
    """Whether products need only be rounded is found from the slope: decimals, powers of two, any others."""
    dtype = np.dtype(np.float16 if kind == "float16" else pytest.importorskip("ml_dtypes").bfloat16)
    x = np.arange(2**16, dtype=np.uint16).view(dtype)
    rng = np.random.default_rng(8)
    slopes = [0.01, 0.1, 0.2, 0.3, 0.25, 1 / 3, -0.7, 3.7, 1e-5, 1e10, 2.0**-20, 1 - 2.0**-53, *rng.uniform(-1, 1, 40)]
    slopes += [float(np.float32(slope)) for slope in rng.uniform(0, 1, 20)]
    for slope in slopes:
        with np.errstate(all="ignore"):
            result = spatium.leaky_relu(x, slope)
            exact = to_nearest(np.where(x > 0, 1.0, slope) * x.astype(np.float64), dtype)
        wrong = (result.view(np.uint16) != exact.view(np.uint16)) & ~np.isnan(exact.astype(np.float32))
        assert not wrong.any(), f"slope {slope}: {wrong.sum()} are not correctly rounded, the first at {x[wrong][:5]!r}"
