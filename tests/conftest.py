"""Fixtures made from the registry, so that the tests that take them cover a new activation without being edited."""

import os
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

import spatium as sp
from spatium import _engine

os.environ["MPLBACKEND"] = "agg"  # no test opens a window

# A second set of parameters, so that no test passes only because every parameter is 1.
ALTERNATIVES = {
    "leaky_relu": {"negative_slope": 0.2},
    "swish": {"beta": 1.7},
    "elu": {"alpha": 0.6},
    "softplus": {"beta": 2.5},
    "hard_sigmoid": {"slope": 0.2, "offset": 0.4},
    "hard_tanh": {"min_val": -2.0, "max_val": 0.5},
    "threshold": {"threshold": 0.1, "value": -20.0},
    "scaled_swish": {"alpha": 0.7, "beta": 1.3},
    "snake": {"alpha": 0.5, "beta": 0.8},
    "scaled_tanh": {"scale": 0.9, "slope": 1.5},
    "celu": {"alpha": 0.6},
    "hard_shrink": {"lambd": 0.7},
    "soft_shrink": {"lambd": 0.7},
    "squareplus": {"b": 2.0},
}

NAMES = [record.name for record in _engine.registry()]
VARIANTS = [(name, {}) for name in NAMES] + [(name, kw) for name, kw in ALTERNATIVES.items() if name in NAMES]


def make_activation(name, keywords=None):
    return sp.activation(name, **(keywords or {}))


def parameter_values(activation):
    """The float64 ufunc inputs that follow x; a parameter of None takes the value of the one before it."""
    values = []
    for value in activation.parameters.values():
        values.append(values[-1] if value is None else float(value))
    return tuple(values)


def pytest_addoption(parser):
    """For the fuzzing tests that are marked slow."""
    parser.addoption("--fuzz-seed", type=int, default=0, help="other random cases")
    parser.addoption("--fuzz-calls", type=int, default=1_000_000, help="random calls of maps")


@pytest.fixture(autouse=True)
def _settings_restored():
    """Thread count and instruction set are global: no test may leave them changed for the next one."""
    threads, isa = sp.get_num_threads(), _engine.current_isa()
    yield
    if sp.get_num_threads() != threads:
        sp.set_num_threads(threads)
    if _engine.current_isa() != isa:
        _engine.set_isa(isa)


@pytest.fixture
def figures_closed():
    """For tests that draw: pyplot keeps figures until they are closed."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture(params=NAMES)
def function_name(request):
    """The name of each activation of the registry."""
    return request.param


@pytest.fixture
def activation(function_name):
    """The value object, with its default parameters."""
    return make_activation(function_name)


@pytest.fixture(params=VARIANTS, ids=[name + ("*" if kw else "") for name, kw in VARIANTS])
def variant(request):
    """The value objects: all with their defaults, and those with parameters once more with others (marked * )."""
    return make_activation(*request.param)


def bind_ufuncs(activation):
    """The raw ufuncs of an activation with its parameters filled in; ``raw`` holds the ufunc objects themselves."""
    parameters = parameter_values(activation)
    raw = {
        suffix: getattr(sp.ufuncs, activation.name + suffix, None)
        for suffix in (
            "",
            "_derivative",
            "_value_and_derivative",
            "_backward",
            "_derivative_from_output",
            "_backward_from_output",
            "_second_derivative",
        )
    }

    def bound(suffix):
        ufunc = raw[suffix]
        if ufunc is None:
            return None
        return lambda *arrays, **keywords: ufunc(*arrays, *parameters, **keywords)

    return SimpleNamespace(
        raw=raw,
        parameters=parameters,
        value=bound(""),
        derivative=bound("_derivative"),
        value_and_derivative=bound("_value_and_derivative"),
        backward=bound("_backward"),
        derivative_from_output=bound("_derivative_from_output"),
        backward_from_output=bound("_backward_from_output"),
        second_derivative=bound("_second_derivative"),
    )


@pytest.fixture
def ufuncs(activation):
    """The ufuncs of an activation, its default parameters filled in."""
    return bind_ufuncs(activation)


@pytest.fixture
def variant_ufuncs(variant):
    return bind_ufuncs(variant)


@pytest.fixture
def function(activation):
    """The functional face: ``sp.gelu`` and its two approximations, and ``sp.<name>`` for everything else."""
    name = activation.name
    if name in ("gelu_tanh", "gelu_sigmoid"):
        return partial(sp.gelu, approximate=name.removeprefix("gelu_"))
    return getattr(sp, name)


@pytest.fixture(params=[np.float16, np.float32, np.float64], ids=["float16", "float32", "float64"])
def dtype(request):
    return np.dtype(request.param)


@pytest.fixture(params=_engine.available_isas())
def isa(request):
    """Runs the test once per instruction set of this machine."""
    _engine.set_isa(request.param)
    return request.param


def sample(dtype, size=160, seed=0):
    """Zeros, infinities, NaN, kinks, subnormals, extremes, then normal numbers and random bit patterns."""
    dtype = np.dtype(dtype)
    info = np.finfo(dtype)
    kinks = [0.0, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 6.0, 10.0, 20.0, 50.0, 88.0, 100.0, 709.0, 745.0]
    edges = [np.inf, info.max, info.smallest_normal, info.smallest_subnormal, info.eps]
    special = np.array(kinks + edges)
    random = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        special = np.concatenate([special, -special, [np.nan]]).astype(dtype)
    rest = max(size - special.size, 0)
    normal = random.normal(0, 3, rest - rest // 3).astype(dtype)
    patterns = random.integers(0, 256, (rest // 3, dtype.itemsize), dtype=np.uint8).view(dtype)[:, 0]
    return random.permutation(np.concatenate([special, normal, patterns]))[:size]


def bits(array):
    """The bit patterns, every NaN mapped to one of them: the payload of a NaN is not promised."""
    array = np.array(array, order="C")
    if array.dtype.kind == "f":
        array = array.astype(array.dtype.newbyteorder("="))
        array[np.isnan(array)] = np.nan
        return array.view(f"u{array.dtype.itemsize}")
    return array


def same_bits(actual, expected):
    """Assert equal dtype, shape and bits, +0 and -0 told apart."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.dtype == expected.dtype, f"dtype {actual.dtype}, expected {expected.dtype}"
    assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
    wrong = np.argwhere(bits(actual) != bits(expected))
    if wrong.size:
        at = tuple(wrong[0])
        raise AssertionError(f"{len(wrong)} of {actual.size} differ, first at {at}: {actual[at]!r} != {expected[at]!r}")


@pytest.fixture
def assert_same_bits():
    return same_bits


@pytest.fixture
def make_sample():
    return sample


@pytest.fixture
def make():
    """``make(name, {parameter: value})``: an activation by its name."""
    return make_activation


@pytest.fixture
def all_activations():
    """One of each, default and other parameters: a palette with everything in it."""
    return tuple(make_activation(name, keywords) for name, keywords in VARIANTS)


@pytest.fixture
def to_nearest():
    """float64 to a 16-bit type with one rounding: NumPy's own for float16, the nearest of three for bfloat16."""

    def convert(exact, dtype):
        with np.errstate(all="ignore"):
            first = exact.astype(dtype)
            if dtype == np.float16:
                return first
            patterns = first.view(np.uint16) + np.array([[-1], [0], [1]]).astype(np.uint16)
            distance = np.abs(patterns.view(dtype).astype(np.float64) - exact)
            distance = np.where(np.isnan(distance), np.inf, distance)
        order = np.lexsort((patterns & 1, distance), axis=0)[0]  # the even one of two
        nearest = np.take_along_axis(patterns, order[None], axis=0)[0].view(dtype)
        settled = np.isfinite(exact) & np.isfinite(first.astype(np.float64)) & (first != 0)
        return np.where(settled, nearest, first)

    return convert
