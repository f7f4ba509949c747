"""Figures of activations against mpmath, closed forms and published numbers."""

import json
import math
import pickle
import subprocess
import sys
import warnings
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from conftest import VARIANTS, make_activation, parameter_values

import spatium as sp
from reference import oracle
from spatium import analysis
from spatium.analysis import (
    Table,
    dead_units,
    gain,
    gradient_flow,
    memory_footprint,
    properties,
    relative_cost,
    saturation,
)


def assert_a_result(result):
    """Everything returned prints as a table and has plain values."""
    described = result.to_dict()
    assert json.loads(json.dumps(described, allow_nan=False)) == described
    text = str(result)
    assert text
    assert not text.endswith("\n")
    assert all(line == line.rstrip() for line in text.splitlines())


def test_warnings_of_a_users_function_are_not_its_errors():
    def warns(x):
        warnings.warn("be careful", UserWarning, stacklevel=1)
        return np.tanh(x)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = properties(sp.Custom(warns, warns, name="warns"))
    assert found.range == pytest.approx((-1, 1))


# ---- properties ----

INF = math.inf


def labels(value):
    """Ids of parametrized tests: without the addresses of functions, which differ between the workers of xdist."""
    return value.name if isinstance(value, sp.Custom) else repr(value)


# Range, smoothness, where f turns, as published (peers' documentation and papers; the catalogue). None: not monotone in
# more than one place.
KNOWN = {
    "relu": ((0, INF), "C0", []),
    "leaky_relu": ((-INF, INF), "C0", []),
    "sigmoid": ((0, 1), "smooth", []),
    "tanh": ((-1, 1), "smooth", []),
    "gelu_tanh": ((-0.170041, INF), "smooth", [-0.752461]),
    "swish": ((-0.278465, INF), "smooth", [-1.278465]),
    "mish": ((-0.308843, INF), "smooth", [-1.192431]),
    "elu": ((-1, INF), "C1", []),
    "softplus": ((0, INF), "smooth", []),
    "hard_sigmoid": ((0, 1), "C0", []),
    "hard_tanh": ((-1, 1), "C0", []),
    "sine": ((-1, 1), "smooth", None),
    "gelu": ((-0.169971, INF), "smooth", [-0.751792]),
    "gelu_sigmoid": ((-0.163610, INF), "smooth", [-0.751154]),
    "hard_swish": ((-0.375, INF), "C0", [-1.5]),
    "hard_gelu": ((-3 / 16, 3), "C0", [-0.75]),
    "scaled_swish": ((-0.278465, INF), "smooth", [-1.278465]),
    "snake": ((-INF, INF), "smooth", []),
    "scaled_tanh": ((-1.7159, 1.7159), "smooth", []),
    "relu6": ((0, 6), "C0", []),
    "relu_squared": ((0, INF), "C1", []),
    "threshold": ((0, INF), "C0", []),
    "selu": ((-1.758099, INF), "C0", []),
    "celu": ((-1, INF), "C1", []),
    "log_sigmoid": ((-INF, 0), "smooth", []),
    "soft_sign": ((-1, 1), "C1", []),
    "tanh_shrink": ((-INF, INF), "smooth", []),
    "hard_shrink": ((-INF, INF), "discontinuous", []),
    "soft_shrink": ((-INF, INF), "C0", []),
    "squareplus": ((0, INF), "smooth", []),
    "sparse_plus": ((0, INF), "C1", []),
    "sparse_sigmoid": ((0, 1), "C0", []),
    "hard_mish": ((-0.5, INF), "C0", [-1]),
    "lisht": ((0, INF), "smooth", [0]),
    "dish": ((-0.150142, INF), "smooth", [-0.786151]),
    "gaussian": ((0, 1), "smooth", [0]),
    "log_cosh": ((0, INF), "smooth", [0]),
    "identity": ((-INF, INF), "smooth", []),
}

ZEROS = {
    "relu": [(-INF, 0)],
    "relu6": [(-INF, 0)],
    "threshold": [(-INF, 0)],
    "relu_squared": [(-INF, 0)],
    "hard_sigmoid": [(-INF, -3)],
    "sparse_sigmoid": [(-INF, -1)],
    "sparse_plus": [(-INF, -1)],
    "hard_swish": [(-INF, -3), (0, 0)],
    "hard_gelu": [(-INF, -1.5), (0, 0)],
    "hard_mish": [(-INF, -2), (0, 0)],
    "hard_shrink": [(-0.5, 0.5)],
    "soft_shrink": [(-0.5, 0.5)],
    **{name: [] for name in ("sigmoid", "softplus", "log_sigmoid", "squareplus", "gaussian")},
}


def from_the_oracle(activation):
    """The same of a smooth function of which nobody has published it."""
    entry, parameters = oracle.ORACLE[activation.name], parameter_values(activation)

    def slope(x):
        return entry.derivative(mpmath.mpf(x), *map(mpmath.mpf, parameters))

    pairs = pairwise(np.arange(-12 + 1 / 64, 12, 1 / 16))
    turns = [
        float(mpmath.findroot(slope, (low, high), solver="anderson"))
        for low, high in pairs
        if slope(low) * slope(high) < 0
    ]
    heights = [float(entry.value(mpmath.mpf(x), *parameters)) for x in turns]
    heights += entry.limits(*parameters)
    return (min(heights), max(heights)), "smooth", turns


def test_properties_of_all(activation):
    found = properties(activation)
    assert_a_result(found)
    published, smoothness, turns = KNOWN.get(activation.name) or from_the_oracle(activation)
    assert found.range == pytest.approx(published, abs=1e-6)
    assert found.smoothness == smoothness
    assert found.smooth == (smoothness == "smooth")
    assert found.bounded == all(map(math.isfinite, published))
    assert found.monotone == (turns == [])
    if turns is None:
        assert len(found.turning_points) == 8
    else:
        assert list(found.turning_points) == pytest.approx(turns, abs=1e-6)
    assert found.gradient_from == activation.gradient_from
    if activation.name == "sine":
        assert [x for x, _ in found.zeros] == pytest.approx([i * math.pi for i in range(-3, 5)], rel=1e-14)
    else:
        assert list(found.zeros) == ZEROS.get(activation.name, [(0, 0)])
    if found.gradient_from == "output+bit":
        x, y = found.minimum
        assert (x, y) == (found.turning_points[0], found.range[0])


def test_limits(variant):
    ends = oracle.ORACLE[variant.name].limits(*parameter_values(variant))
    found = properties(variant)
    for end, expected in zip(found.limits, ends, strict=True):
        if math.isnan(expected):
            assert end is None
        else:
            assert end == pytest.approx(expected, rel=1e-15)
    assert found.gating_limit == tuple(x for x, end in zip((-INF, INF), ends, strict=True) if end == 0)


@pytest.mark.parametrize(
    ("name", "start"),
    [("gelu", 1.4), ("gelu_tanh", 1.4), ("gelu_sigmoid", 1.4), ("swish", 2.4), ("mish", 1.5), ("dish", 1.4)],
)
def test_lipschitz_of_self_gated_functions(name, start):
    act = sp.activation(name)
    parameters = [mpmath.mpf(value) for value in parameter_values(act)]

    def slope(x):
        return oracle.ORACLE[name].derivative(x, *parameters)

    with mpmath.workdps(40):
        place = mpmath.findroot(lambda x: mpmath.diff(slope, x), start)
        steepest = float(slope(place))
    assert 1.04 < steepest < 1.13
    assert properties(act).lipschitz == pytest.approx(steepest, rel=1e-14)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (sp.ReLU(), 1),
        (sp.LeakyReLU(0.2), 1),
        (sp.LeakyReLU(-3.0), 3),
        (sp.Sigmoid(), 1 / 4),
        (sp.Softplus(3.0), 1),
        (sp.HardSigmoid(), 1 / 6),
        (sp.HardSwish(), 3 / 2),
        (sp.HardGELU(), 3 / 2),
        (sp.SELU(), 1.6732632423543772 * 1.0507009873554805),
        (sp.ScaledTanh(), 1.7159 * 2 / 3),
        (sp.Snake(), 2),
        (sp.Snake(2.0, 1.0), 3),
        (sp.Gaussian(), math.sqrt(2 / math.e)),
        (sp.Sine(), 1),
        (sp.TanhShrink(), 1),
        (sp.ReLUSquared(), INF),
        (sp.HardShrink(), INF),
        (sp.Threshold(1.0, 0.0), INF),
        (sp.Threshold(0.0, 0.0), 1),
        (sp.Custom(np.sin, name="sin"), 1),
        (sp.Custom(np.square, name="square"), INF),
        (sp.Custom(lambda x: np.maximum(x, 0.3 * x), name="leaky"), 1),
    ],
    ids=labels,
)
def test_lipschitz(act, expected):
    assert properties(act).lipschitz == pytest.approx(expected, rel=1e-9)


def test_properties_of_a_users_function():
    found = properties(sp.Custom(lambda x: np.clip(x, -2.0, 1.5) ** 2))
    assert found.range == (0, 4)
    assert found.kinks == (-2, 1.5)
    assert found.zeros == ((0, 0),)
    assert found.minimum == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-18))
    assert found.limits == (4, 2.25)
    assert properties("relu") == properties(sp.ReLU())
    with pytest.raises(TypeError, match="act is 3, expected an activation"):
        properties(3)
    with pytest.raises(analysis.EvaluationError, match="raises ZeroDivisionError"):
        properties(lambda x: 1 // 0)


# ---- gain ----

# 1/√E f², E f′², 1/√variance under N(0, 1), published to four digits
GAINS = {
    "relu": (1.4142, 0.5, 1.7129),
    "gelu": (1.5335, 0.4559, 1.7009),
    "swish": (1.6765, 0.3795, 1.7872),
    "mish": (1.4868, 0.4791, 1.5920),
    "hard_swish": (1.7367, None, None),
    "tanh": (1.5925, 0.4644, None),
    "sigmoid": (None, 0.0448, None),
    "selu": (1.0000, None, 1.0000),
    "elu": (1.2452, None, None),
    "softplus": (1.0419, None, None),
    "sine": (1.5209, None, None),
}


@pytest.mark.parametrize("name", GAINS)
def test_published_gains(name):
    result = gain(sp.activation(name))
    assert_a_result(result)
    for figure, published in zip((float(result), result.slope_moment, result.normalizer), GAINS[name], strict=True):
        if published is not None:
            assert figure == pytest.approx(published, abs=5.1e-5)


def erfc_moments(a):
    """E of 1, z, z² above a, for z from N(0, 1)."""
    density = math.exp(-a * a / 2) / math.sqrt(2 * math.pi)
    above = math.erfc(a / math.sqrt(2)) / 2
    return above, density, above + a * density


@pytest.mark.parametrize(
    ("act", "second", "slope"),
    [
        (sp.Identity(), 1, 1),
        (sp.ReLU(), 1 / 2, 1 / 2),
        (sp.LeakyReLU(0.3), (1 + 0.09) / 2, (1 + 0.09) / 2),
        (sp.ReLUSquared(), 3 / 2, 2),
        (sp.Sine(), (1 - math.exp(-2)) / 2, (1 + math.exp(-2)) / 2),
        # E e^(−2z²) = 1/√5, E 4z²e^(−2z²) = 4/5^(3/2)
        (sp.Gaussian(), 5**-0.5, 4 * 5**-1.5),
        # variance 1 + E sin⁴(αz)/α², E sin⁴ = 3/8 − e^(−2α²)/2 + e^(−8α²)/8, fast and slow waves
        (sp.Snake(0.5), 1 + 4 * (3 / 8 - math.exp(-0.5) / 2 + math.exp(-2) / 8), 1 + (1 - math.exp(-2)) / 2),
        (sp.Snake(30.0), 1 + 3 / 8 / 900, 1.5),
        # pieces that end at places which no fixed grid has
        (sp.HardShrink(0.7), 2 * erfc_moments(0.7)[2], 2 * erfc_moments(0.7)[0]),
        (sp.Threshold(0.1, -2.0), erfc_moments(0.1)[2] + 4 * (1 - erfc_moments(0.1)[0]), erfc_moments(0.1)[0]),
        (sp.Custom(np.exp, np.exp, name="exp"), math.exp(2), math.exp(2)),
        (sp.Custom(lambda x: x**3, lambda x: 3 * x**2, name="cube"), 15, 27),
        (sp.Custom(lambda x: 1.0 * (x > 0.1234567), lambda x: 0 * x, name="step"), erfc_moments(0.1234567)[0], 0),
    ],
    ids=labels,
)
def test_gain_in_closed_form(act, second, slope):
    result = gain(act)
    assert result.second_moment == pytest.approx(second, rel=2e-14)
    assert result.slope_moment == pytest.approx(slope, rel=2e-14)
    assert result == pytest.approx(1 / math.sqrt(second), rel=2e-14)


@pytest.mark.parametrize(
    ("act", "ends"),
    [
        (sp.GELU(), []),
        (sp.GELU("tanh"), []),
        (sp.Mish(), []),
        (sp.SELU(), [0]),
        (sp.HardGELU(), [-1.5, 1.5, 3]),
        (sp.SoftSign(), [0]),
        (sp.Swish(50.0), [-0.1, 0, 0.1]),
        (sp.SparsePlus(), [-1, 1]),
    ],
    ids=labels,
)
def test_gain_against_mpmath(act, ends):
    parameters = parameter_values(act)
    edges = sorted({-15, -6, -3, -1, 0, 1, 3, 6, 15, *ends})
    with mpmath.workdps(25):
        second, slope = (
            mpmath.quad(
                lambda z, operation=operation: (
                    oracle.exact(act.name, operation, float(z), parameters) ** 2 * mpmath.npdf(z)
                ),
                edges,
            )
            for operation in ("value", "derivative")
        )
    result = gain(act)
    assert result.second_moment == pytest.approx(float(second), rel=1e-13)
    assert result.slope_moment == pytest.approx(float(slope), rel=1e-13)


def test_gain_is_a_float():
    result = gain(sp.ReLU())
    assert isinstance(result, float)
    assert result * 2 == pytest.approx(2 * math.sqrt(2))
    restored = pickle.loads(pickle.dumps(result))
    assert (restored, restored.to_dict()) == (result, result.to_dict())
    assert gain(sp.Custom(np.tanh)).slope_moment is None
    assert gain(sp.ScaledSwish(0.0)) == INF
    assert_a_result(gain(sp.ScaledSwish(0.0)))
    with pytest.raises(TypeError, match="act is 3"):
        gain(3)


def test_gain_of_a_map():
    amap = sp.ActivationMap.gradient(center=sp.GELU(), edge=sp.ReLU())
    gelu, relu = gain(sp.GELU()), gain(sp.ReLU())
    half = (gelu.second_moment + relu.second_moment) / 2  # 32 cells each
    result = gain(amap)
    assert_a_result(result)
    assert result == pytest.approx(half**-0.5, rel=1e-15)
    assert result.slope_moment == pytest.approx((gelu.slope_moment + relu.slope_moment) / 2, rel=1e-15)
    with pytest.raises(ValueError, match="counted no hits"):
        gain(amap, hits=True)
    amap(np.zeros(4), np.array([0x304, 0x304, 0x304, 0x000]))  # three times gelu, once relu
    weighted = (3 * gelu.second_moment + relu.second_moment) / 4
    assert gain(amap, hits=True) == pytest.approx(weighted**-0.5, rel=1e-15)
    amap = sp.ActivationMap.uniform(sp.Tanh(), (3, 2))
    assert gain(amap) == gain(sp.Tanh())


def test_gain_keeps_the_second_moment():
    amap = sp.ActivationMap.random(256, rng=0)
    rng = np.random.default_rng(0)
    z, hashes = rng.standard_normal((4000, 256)), rng.integers(0, 1 << 16, (4000, 256)).astype(np.uint64)
    y = amap(z, hashes, count=False)
    assert gain(amap) ** 2 * np.mean(y**2) == pytest.approx(1, abs=0.01)


# ---- gradient flow ----


def test_gradient_flow():
    table = gradient_flow(["relu", "sigmoid", sp.LeakyReLU(), sp.LeakyReLU(0.2)], (-5, 5), 1000)
    assert_a_result(table)
    assert table.column("activation") == ["relu", "sigmoid", "leaky_relu", "LeakyReLU(negative_slope=0.2)"]
    relu, sigmoid = table["relu"], table["sigmoid"]
    assert (relu["mean_gradient"], relu["max_gradient"], relu["vanishing_share"]) == (0.5, 1, 0.5)
    assert (relu["low"], relu["high"]) == (0, 5)
    x = np.linspace(-5, 5, 1000)
    y = 1 / (1 + np.exp(-x))
    # the difference quotients of the usual listing, and the exact ones
    assert sigmoid["mean_gradient"] == pytest.approx(np.abs(np.gradient(y, x)).mean(), rel=1e-4)
    assert sigmoid["mean_gradient"] == pytest.approx((y * (1 - y)).mean(), rel=1e-14)
    assert sigmoid["vanishing_share"] == np.mean(y * (1 - y) < 0.01)
    assert (sigmoid["low"], sigmoid["high"]) == pytest.approx((y[0], y[-1]), rel=1e-14)


def test_gradient_flow_of_functions():
    table = gradient_flow({"mine": lambda x: 1 / (1 + np.exp(-x)), "twice": lambda x: 2 * x}, (-3, 3), 601)
    exact = gradient_flow(["sigmoid"], (-3, 3), 601)["sigmoid"]
    assert table["mine"]["mean_gradient"] == pytest.approx(exact["mean_gradient"], rel=1e-4)
    assert table["twice"]["max_gradient"] == pytest.approx(2)
    assert len(gradient_flow([np.tanh, np.tanh])) == 2


@pytest.mark.parametrize(
    ("interval", "n", "words"),
    [((1, -1), 10, "interval is"), ((0, INF), 10, "interval is"), ((0, 1), 1, "n is 1")],
)
def test_gradient_flow_with_wrong_arguments(interval, n, words):
    with pytest.raises(ValueError, match=words):
        gradient_flow(["relu"], interval, n)
    with pytest.raises(TypeError, match=r"activations\[0\] is 3"):
        gradient_flow([3])


# ---- units ----


def test_dead_units():
    z = np.full((1000, 4), -1.0, dtype=np.float32)
    z[:5, 0] = 1.0  # active in 0.5 %
    z[:10, 1] = 1.0  # in 1 %, which is not less than that
    z[:, 2] = 1.0
    report = dead_units(z, sp.ReLU())
    assert_a_result(report)
    assert report.activity == pytest.approx([0.005, 0.01, 1, 0])
    assert report.units.tolist() == [0, 3]
    assert (report.share, report.fires, bool(report)) == (0.5, False, False)  # not more than 50 %
    assert dead_units(z, sp.ReLU(), layer=49.0).fires
    assert dead_units(z, sp.ReLU(), inactivity=2.0).units.tolist() == [0, 1, 3]
    assert dead_units(z, sp.LeakyReLU()).units.tolist() == []
    assert dead_units(z.reshape(10, 100, 4), sp.ReLU()).to_dict() == report.to_dict()
    # |f′| of tanh is below 1e-7 beyond 8.75
    z = np.array([[8.7, 8.8, -8.8]] * 10)
    assert dead_units(z, sp.Tanh()).units.tolist() == [1, 2]


def test_published_thresholds():
    assert (analysis.INACTIVITY_PERCENT, analysis.LAYER_PERCENT, analysis.VANISHING_GRADIENT) == (1.0, 50.0, 1e-7)
    assert analysis.SATURATION_LIMITS == {"tanh": (-9.4999, 9.4999), "sigmoid": (-23.0, 16.99999)}


def test_saturation():
    z = np.array([[9.49, 9.5, -9.5, 0.0]] * 200)
    report = saturation(z, sp.Tanh())
    assert_a_result(report)
    assert report.activity.tolist() == [1, 0, 0, 1]
    assert report.units.tolist() == [1, 2]
    assert saturation(np.array([[-22.9, -23.1, 16.9, 17.1]]), sp.Sigmoid()).units.tolist() == [1, 3]
    # elsewhere: where the slope has vanished
    assert saturation(np.array([[-4.0, 0.0, 2.9, 3.5]]), sp.HardSigmoid()).units.tolist() == [0, 3]
    assert saturation(np.array([[-4.0, 0.0]]), sp.ReLU(), low=-3.0).units.tolist() == [0]
    assert saturation(np.array([[4.0, 0.0]]), sp.Custom(np.tanh, name="tanh"), high=3.0).fires is False
    with pytest.raises(TypeError, match="has no derivative: give low or high"):
        saturation(z, sp.Custom(np.tanh, name="tanh"))


@pytest.mark.parametrize("function", [dead_units, saturation])
def test_units_with_wrong_arguments(function):
    with pytest.raises(ValueError, match=r"pre_activations has shape \(\)"):
        function(1.0, sp.Tanh())
    with pytest.raises(ValueError, match=r"pre_activations has shape \(0, 3\)"):
        function(np.zeros((0, 3)), sp.Tanh())
    with pytest.raises(TypeError, match="pre_activations has dtype complex128"):
        function(np.zeros(3, complex), sp.Tanh())
    with pytest.raises(ValueError, match="inactivity is 101"):
        function(np.zeros((2, 3)), sp.Tanh(), inactivity=101)
    with pytest.raises(ValueError, match="layer is -1"):
        function(np.zeros((2, 3)), sp.Tanh(), layer=-1)
    with pytest.raises(TypeError, match="act is None"):
        function(np.zeros((2, 3)), None)


# ---- costs ----


def test_footprint_of_a_layer_of_the_textbook():
    # batch 32, 4096 units, float32: 512 KiB
    footprint = memory_footprint(sp.GELU(), (32, 4096), np.float32, "input")
    assert_a_result(footprint)
    assert footprint.nbytes == 512 * 1024
    assert "512 KiB" in str(footprint)
    assert memory_footprint(sp.ReLU(), (32, 4096), save="bits").nbytes == 16 * 1024


@pytest.mark.parametrize(("name", "keywords"), VARIANTS)
def test_footprint_is_what_forward_keeps(name, keywords):
    act = make_activation(name, keywords)
    for shape in ((), (0,), (7,), (3, 5), (8, 16)):
        for dtype in (np.float16, np.float32, np.float64, np.int8, np.int32):
            x = np.ones(shape, dtype)
            default = memory_footprint(act, shape, dtype)
            assert default.nbytes == act.forward(x)[1].nbytes
            assert default.dtype == act.forward(x)[0].dtype
            assert tuple(default.policies) == act.save_policies
            for save in act.save_policies:
                assert memory_footprint(act, shape, dtype, save).nbytes == act.forward(x, save=save)[1].nbytes
                assert default.policies[save] == act.forward(x, save=save)[1].nbytes


def test_footprint_of_others():
    custom = sp.Custom(np.tanh, np.cos)
    x = np.ones((3, 5), np.float32)
    assert memory_footprint(custom, 15).nbytes == custom.forward(x)[1].nbytes == 60
    assert memory_footprint("relu", 0).nbytes == 0
    assert math.isnan(memory_footprint("relu", 0).bytes_per_element)
    with pytest.raises(TypeError, match="no save='output'"):
        memory_footprint(sp.GELU(), 8, save="output")
    with pytest.raises(ValueError, match="save is 'none'"):
        memory_footprint(sp.GELU(), 8, save="none")
    with pytest.raises(ValueError, match="expected an integer of at least 0"):
        memory_footprint(sp.GELU(), (-1, 8))
    with pytest.raises(TypeError, match=r"shape is 1\.5"):
        memory_footprint(sp.GELU(), 1.5)


def test_relative_cost():
    threads = sp.get_num_threads()
    table = relative_cost(["relu", sp.Swish(1.5), lambda x, out=None: x], size=1000, rounds=3)
    assert_a_result(table)
    assert sp.get_num_threads() == threads
    assert table.column("activation")[:2] == ["relu", "Swish(beta=1.5)"]
    assert table["relu"]["value"] == 1.0
    assert all(entry["value"] > 0 and entry["ns_per_element"] > 0 for entry in table)
    assert table.rows[2][2] is None  # no derivative
    # four to ten times as much work in every type and on every instruction set
    assert relative_cost(["mish"], rounds=5)["mish"]["value"] > 1
    assert len(relative_cost(size=16, rounds=1)) == len(sp.activations())
    with pytest.raises(ValueError, match="size is 0"):
        relative_cost(size=0)


# ---- tables ----


def test_tables():
    table = Table("title", ("name", "a_b", "c"), [("x", 1.5, (1.0, 2.0)), ("longer", -INF, None)], ["a note"])
    assert str(table).splitlines() == [
        "title",
        "name     a b  c",
        "------  ----  ----",
        "x        1.5  1, 2",
        "longer  −inf  –",
        "a note",
    ]
    assert table["x"] == {"name": "x", "a_b": 1.5, "c": (1.0, 2.0)}
    assert table.column("c") == [(1.0, 2.0), None]
    assert table.to_dict()["rows"][1] == {"name": "longer", "a_b": "-inf", "c": None}
    assert [row["name"] for row in table] == ["x", "longer"]
    with pytest.raises(KeyError):
        table["y"]
    with pytest.raises(ValueError, match="a row has 1 values, expected 3"):
        Table("", ("a", "b", "c"), [(1,)])
    assert json.dumps(Table("", ("a",), [(math.nan,)]).to_dict(), allow_nan=False)


def test_it_imports_neither_pictures_nor_scipy():
    code = (
        "import sys, spatium as sp; sp.analysis.properties(sp.GELU()); sp.analysis.gain(sp.SELU());"
        "assert not {'scipy', 'matplotlib', 'mpmath', 'rich', 'spatium.plots'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", analysis.__all__)
def test_everything_is_documented(name):
    item = getattr(analysis, name)
    if callable(item):
        assert (item.__doc__ or "").strip().splitlines()[0].endswith("."), name
        if not isinstance(item, type):
            assert ">>>" in item.__doc__, name


# ---- depth ----


@pytest.mark.parametrize(("name", "growth"), [("relu", 1.0), ("mish", 1.0591), ("swish", 1.0666), ("gelu", 1.072)])
def test_depth_with_the_gain_keeps_the_signal(name, growth):
    table = analysis.depth(name, layers=50)
    row = table["gain"]
    assert row["variance"] == pytest.approx(1, rel=1e-9)
    assert row["growth_of_squared_gradients"] == pytest.approx(growth, rel=1e-4)
    assert row["growth_in_all_layers"] == pytest.approx(growth**50, rel=5e-3)
    assert table["lecun"]["variance"] < 1e-15


def test_depth_is_what_a_wide_network_does():
    """Variances and gradients of a real network: layers of 1,024 units, averaged over samples."""
    rng = np.random.default_rng(0)
    table = analysis.depth("tanh", layers=8)
    gain, act = float(analysis.gain(sp.Tanh())), sp.Tanh()
    for init, factor in (("gain", gain), ("he", 2**0.5), ("lecun", 1.0)):
        weights = [rng.normal(size=(1024, 1024)) * factor / 32 for _ in range(9)]
        z = [rng.normal(size=(20, 1024))]
        for matrix in weights[1:]:
            z.append(act(z[-1]) @ matrix)
        assert np.square(z[-1]).mean() == pytest.approx(table[init]["variance"], rel=0.05)
        grad = rng.normal(size=(20, 1024))
        first = np.square(grad).mean()
        for values, matrix in zip(reversed(z[:-1]), reversed(weights[1:]), strict=True):
            grad = act.backward(grad @ matrix.T, values)
        assert np.square(grad).mean() / first == pytest.approx(table[init]["growth_in_all_layers"], rel=0.1)


def test_depth_without_a_derivative():
    table = analysis.depth(sp.Custom(np.tanh), layers=3)
    assert table["he"]["growth_in_all_layers"] is None
    assert table["he"]["variance"] == pytest.approx(analysis.depth("tanh", layers=3)["he"]["variance"], rel=1e-9)
    with pytest.raises(ValueError, match="layers is 0, expected an integer of at least 1"):
        analysis.depth("tanh", layers=0)


# ---- states over time ----


def test_state_statistics():
    rng = np.random.default_rng(0)
    states, gradients = rng.normal(size=(20, 5, 3)), rng.normal(size=(20, 5, 2))
    states[:, 2] = 0.5
    table = analysis.state_statistics(states, gradients)
    assert table.column("step") == [0, 1, 2, 3, 4, "all"]
    assert table.column("lag") == [4, 3, 2, 1, 0, None]
    whole = table["all"]
    assert (whole["mean"], whole["std"]) == pytest.approx((states.mean(), states.std()))
    assert (whole["min"], whole["max"]) == (states.min(), states.max())
    assert whole["saturated_share"] == pytest.approx((np.abs(states) > 0.99).mean())
    assert tuple(table.to_dict()["rows"][2].values())[1:6] == (0.5, 0.0, 0.5, 0.5, 0.0)
    assert table.column("gradient_norm")[3] == pytest.approx(np.sqrt(np.square(gradients[:, 3]).sum(axis=1).mean()))
    assert "lag" not in analysis.state_statistics(states).columns
    for bad, message in [
        (states[0], r"states has shape \(5, 3\), expected \(samples, steps, columns\)"),
        (states[:0], "none of them 0"),
    ]:
        with pytest.raises(ValueError, match=message):
            analysis.state_statistics(bad)
    with pytest.raises(ValueError, match=r"gradients has shape \(20, 4, 2\), states has \(20, 5\) samples and steps"):
        analysis.state_statistics(states, gradients[:, 1:])


@pytest.mark.parametrize(
    ("act", "shown"),
    [
        (sp.Sigmoid(), "(0, 1)"),
        (sp.ReLU6(), "[0, 6]"),
        (sp.ELU(0.5), "(−0.5, inf)"),
        (sp.Gaussian(), "(0, 1]"),
        (sp.LogSigmoid(), "(−inf, 0)"),
        (sp.Sine(), "[−1, 1]"),
        (sp.Custom(np.sign, name="sign"), "[−1, 1]"),
        (sp.Custom(lambda x: np.where(x > 1, x, 3.0), name="above 1"), "(1, inf)"),
        (sp.Custom(lambda x: np.where(np.abs(x) < 1, 1.0, 0.0), name="window"), "[0, 1]"),
        (sp.Custom(lambda x: np.clip(sp.sigmoid(x), 0.25, 0.75), name="clipped"), "[0.25, 0.75]"),
        (sp.Custom(lambda x: 0 * x + 2.0, name="constant"), "[2, 2]"),
    ],
    ids=lambda item: getattr(item, "name", None),
)
def test_the_ends_of_a_range_are_closed_where_they_are_attained(act, shown):
    """A sigmoid is 1 for large x only by rounding."""
    assert dict(properties(act).rows())["range"] == shown
    known = act.name == "above 1"
    report = sp.check_activation(act, jumps=[1.0] if known else [-1.0, 0.0, 1.0])
    assert f"range       {shown}" in str(report)
    assert report.to_dict()["attained"] == list(properties(act).attained)
