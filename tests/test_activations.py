"""The value objects: immutable, hashable, comparable, picklable, and their gradients."""

import copy
import pickle

import numpy as np
import pytest

import spatium as sp

# (expression, name, parameters, gradient_from)
OBJECTS = [
    ("ReLU()", "relu", {}, "output"),
    ("LeakyReLU()", "leaky_relu", {"negative_slope": 0.01}, "output"),
    ("LeakyReLU(negative_slope=0.2)", "leaky_relu", {"negative_slope": 0.2}, "output"),
    ("LeakyReLU(negative_slope=0.0)", "leaky_relu", {"negative_slope": 0.0}, "input"),
    ("LeakyReLU(negative_slope=-0.2)", "leaky_relu", {"negative_slope": -0.2}, "input"),
    ("Sigmoid()", "sigmoid", {}, "output"),
    ("Tanh()", "tanh", {}, "output"),
    ("GELU()", "gelu", {}, "output+bit"),
    ("GELU(approximate='none')", "gelu", {}, "output+bit"),
    ("GELU(approximate='tanh')", "gelu_tanh", {}, "output+bit"),
    ("GELU(approximate='sigmoid')", "gelu_sigmoid", {}, "output+bit"),
    ("Swish()", "swish", {"beta": 1.0}, "output+bit"),
    ("SiLU()", "swish", {"beta": 1.0}, "output+bit"),
    ("Swish(beta=1.7)", "swish", {"beta": 1.7}, "output+bit"),
    ("Mish()", "mish", {}, "output+bit"),
    ("ELU()", "elu", {"alpha": 1.0}, "output"),
    ("ELU(alpha=0.5)", "elu", {"alpha": 0.5}, "output"),
    ("Softplus()", "softplus", {"beta": 1.0}, "output"),
    ("Softplus(beta=3.0)", "softplus", {"beta": 3.0}, "output"),
    ("HardSigmoid()", "hard_sigmoid", {"slope": 1 / 6, "offset": 0.5}, "output"),
    ("HardSigmoid(slope=0.2, offset=0.4)", "hard_sigmoid", {"slope": 0.2, "offset": 0.4}, "output"),
    ("HardTanh()", "hard_tanh", {"min_val": -1.0, "max_val": 1.0}, "output"),
    ("HardTanh(min_val=-2.0, max_val=0.5)", "hard_tanh", {"min_val": -2.0, "max_val": 0.5}, "output"),
    ("Sine()", "sine", {}, "input"),
    ("HardSwish()", "hard_swish", {}, "output+bit"),
    ("HardGELU()", "hard_gelu", {}, "output+bit"),
    ("ScaledSwish()", "scaled_swish", {"alpha": 1.0, "beta": 1.0}, "output+bit"),
    ("ScaledSwish(alpha=-2.0, beta=0.5)", "scaled_swish", {"alpha": -2.0, "beta": 0.5}, "output+bit"),
    ("Snake()", "snake", {"alpha": 1.0, "beta": 1.0}, "input"),
    ("Snake(alpha=2.0, beta=0.5)", "snake", {"alpha": 2.0, "beta": 0.5}, "input"),
    ("ScaledTanh()", "scaled_tanh", {"scale": 1.7159, "slope": 2 / 3}, "output"),
    ("ReLU6()", "relu6", {}, "output"),
    ("ReLUSquared()", "relu_squared", {}, "output"),
    ("Threshold()", "threshold", {"threshold": 0.0, "value": 0.0}, "output"),
    ("Threshold(threshold=0.5, value=-1.0)", "threshold", {"threshold": 0.5, "value": -1.0}, "output"),
    ("Threshold(threshold=0.5, value=1.0)", "threshold", {"threshold": 0.5, "value": 1.0}, "input"),
    ("SELU()", "selu", {}, "output"),
    ("CELU()", "celu", {"alpha": 1.0}, "output"),
    ("CELU(alpha=0.5)", "celu", {"alpha": 0.5}, "output"),
    ("LogSigmoid()", "log_sigmoid", {}, "output"),
    ("SoftSign()", "soft_sign", {}, "output"),
    ("TanhShrink()", "tanh_shrink", {}, "input"),
    ("HardShrink()", "hard_shrink", {"lambd": 0.5}, "output"),
    ("SoftShrink()", "soft_shrink", {"lambd": 0.5}, "output"),
    ("Squareplus()", "squareplus", {"b": 4.0}, "output"),
    ("SparsePlus()", "sparse_plus", {}, "output"),
    ("SparseSigmoid()", "sparse_sigmoid", {}, "output"),
    ("HardMish()", "hard_mish", {}, "output+bit"),
    ("LiSHT()", "lisht", {}, "input"),
    ("Dish()", "dish", {}, "input"),
    ("Gaussian()", "gaussian", {}, "input"),
    ("LogCosh()", "log_cosh", {}, "input"),
    ("Identity()", "identity", {}, "output"),
    ("Phish()", "phish", {}, "input"),
]


def build(expression):
    return eval(expression, dict(vars(sp)))


def square(x):
    return x * x


def twice(x):
    return 2 * x


def test_every_activation_is_in_the_table():
    assert {name for _, name, *_ in OBJECTS} == set(sp.activations())


@pytest.mark.parametrize(("expression", "name", "parameters", "gradient_from"), OBJECTS)
def test_objects(expression, name, parameters, gradient_from):
    act = build(expression)
    assert act.name == name
    assert act.parameters == parameters
    assert list(act.parameters) == list(parameters)
    assert act.gradient_from == gradient_from
    assert act == build(expression)
    assert hash(act) == hash(build(expression))
    assert build(repr(act)) == act
    assert type(build(repr(act))) is type(act)
    for twin in (pickle.loads(pickle.dumps(act)), copy.copy(act), copy.deepcopy(act)):
        assert twin == act
        assert hash(twin) == hash(act)
        assert twin.parameters == act.parameters


def test_registry_objects_round_trip(variant):
    assert build(repr(variant)) == variant
    assert pickle.loads(pickle.dumps(variant)) == variant
    assert variant.gradient_from in ("output", "output+bit", "input")


def test_distinct_objects_differ():
    objects = [build(expression) for expression, *_ in OBJECTS]
    distinct = set(objects)
    assert len(distinct) == len({(act.name, tuple(act.parameters.items())) for act in objects})
    assert sp.LeakyReLU(0.2) != sp.LeakyReLU(0.1)
    assert sp.ReLU() != sp.LeakyReLU(0.0)
    assert sp.GELU() != sp.GELU(approximate="tanh")
    assert sp.ReLU() != "relu"
    assert (sp.ReLU() == None) is False  # noqa: E711 - the operator itself is tested
    assert sp.ReLU() in {sp.ReLU(): 1}


def test_equal_numbers_are_equal_parameters():
    assert sp.ELU(1) == sp.ELU(1.0) == sp.ELU() == sp.ELU(np.float32(1))
    assert hash(sp.ELU(1)) == hash(sp.ELU(1.0)) == hash(sp.ELU(np.float32(1)))
    assert sp.LeakyReLU(np.float64(0.25)) == sp.LeakyReLU(0.25)
    assert build(repr(sp.LeakyReLU(np.float64(0.25)))) == sp.LeakyReLU(0.25)
    assert type(sp.LeakyReLU(np.float32(0.25)).parameters["negative_slope"]) is float


def test_silu_is_an_alias():
    assert sp.SiLU is sp.Swish
    assert sp.SiLU(beta=2.0) == sp.Swish(beta=2.0)


def test_objects_are_immutable():
    act = sp.LeakyReLU(negative_slope=0.2)
    for attribute in ("negative_slope", "name", "parameters", "something_new"):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(act, attribute, 3.0)
    with pytest.raises(TypeError, match="does not support item assignment"):
        act.parameters["negative_slope"] = 9.0
    assert act.parameters == {"negative_slope": 0.2}
    assert act == sp.LeakyReLU(negative_slope=0.2)
    assert act(np.float64(-1.0)) == -0.2


def test_by_name(function_name, activation):
    assert activation.name == function_name
    assert function_name in sp.activations()


def test_by_name_with_parameters():
    assert sp.activation("relu") == sp.ReLU()
    assert sp.activation("leaky_relu", negative_slope=0.2) == sp.LeakyReLU(0.2)
    assert sp.activation("gelu") == sp.GELU() == sp.GELU(approximate="none")
    assert sp.activation("gelu", approximate="tanh") == sp.GELU(approximate="tanh")
    assert sp.activation("gelu_tanh") == sp.GELU(approximate="tanh")
    assert sp.activation("gelu_sigmoid") == sp.GELU(approximate="sigmoid")
    assert sp.activation("silu") == sp.Swish()
    assert sp.activation("hard_tanh", min_val=-2.0) == sp.HardTanh(-2.0, 1.0)


@pytest.mark.parametrize("name", ["leaky_relu", "LEAKY_RELU", "LeakyReLU", "leaky-relu", " leakyrelu "])
def test_spelling_of_names(name):
    assert sp.activation(name, negative_slope=0.2) == sp.LeakyReLU(0.2)


def test_names_differ_in_more_than_their_spelling():
    assert [sp.activation(name.upper().replace("_", "")).name for name in sp.activations()] == list(sp.activations())


@pytest.mark.parametrize(
    ("wrong", "meant"), [("gellu", "gelu"), ("LeakyReLu6", "leaky_relu"), ("sigmoyd", "sigmoid"), ("foo", None)]
)
def test_unknown_names(wrong, meant):
    with pytest.raises(ValueError, match=f"name is '{wrong}', ") as caught:
        sp.activation(wrong)
    if meant:
        assert f"did you mean '{meant}'?" in str(caught.value)
    else:
        assert str(caught.value).endswith(", ".join(sp.activations()))
    with pytest.raises(ValueError, match=r"name is 'softmax', which needs whole rows: use sp\.softmax"):
        sp.activation("softmax")
    with pytest.raises(ValueError, match="name is 3, expected one of relu, "):
        sp.activation(3)


def _every_place(entry):
    """What a call gives for an activation, or the name of one, at every place where one is expected."""
    amap = sp.ActivationMap.uniform(entry)
    changed = sp.ActivationMap.uniform("relu")
    changed[0, 0] = entry
    layer = sp.nn.Dense(2, 3, entry, rng=0)
    return {
        "uniform": lambda: amap[3, 5],
        "gradient": lambda: sp.ActivationMap.gradient("relu", entry)[0, 0],
        "random": lambda: sp.ActivationMap.random(palette=[entry]).palette,
        "palette": lambda: sp.ActivationMap(np.zeros((8, 8), int), [entry]).palette,
        "setitem": lambda: changed[0, 0],
        "dense": lambda: layer.activation,
        "layer": lambda: sp.nn.ActivationLayer(entry).activation,
        "quantize": lambda: sp.quantize(entry),
        "properties": lambda: sp.analysis.properties(entry).activation,
        "gain": lambda: sp.analysis.gain(entry),
        "check": lambda: sp.check_activation(entry, dtypes=["float16"]).to_dict(),
    }


def test_names_are_accepted_wherever_an_activation_is():
    by_object, by_name = _every_place(sp.HardSwish()), _every_place("Hard_Swish")
    for place, result in by_name.items():
        assert result() == by_object[place](), place


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("function", lambda: sp.ActivationMap.uniform("gelo")),
        ("edge", lambda: sp.ActivationMap.gradient("gelu", "gelo")),
        (r"palette\[1\]", lambda: sp.ActivationMap.random(palette=["gelu", "gelo"])),
        ("value", lambda: sp.ActivationMap.uniform("relu").__setitem__((0, 0), "gelo")),
        ("activation", lambda: sp.nn.Dense(2, 3, "gelo")),
        ("act", lambda: sp.quantize("gelo")),
        ("act", lambda: sp.analysis.properties("gelo")),
        ("value", lambda: sp.check_activation("gelo")),
    ],
)
def test_errors_name_the_argument_and_suggest(argument, call):
    with pytest.raises(ValueError, match=rf"^{argument} is 'gelo', did you mean 'gelu'\?"):
        call()


def test_the_list_of_names():
    names = list(sp.activations())
    assert len(names) == len(set(names))
    assert all(isinstance(name, str) for name in names)


def test_call_out_and_where(activation, assert_same_bits, dtype):
    x = np.linspace(-3, 3, 50).astype(dtype)
    y = activation(x)
    out = np.full_like(x, 7)
    assert activation(x, out=out) is out
    assert_same_bits(out, y)
    mask = np.arange(50) % 3 == 0
    out = np.full_like(x, 7)
    assert activation(x, out=out, where=mask) is out
    assert_same_bits(out, np.where(mask, y, dtype.type(7)))
    a = x.copy()
    activation(a, out=a)
    assert_same_bits(a, y)
    assert activation([1, 2]).shape == (2,)
    assert isinstance(activation(dtype.type(1)), dtype.type)


def test_derivative_methods(variant, dtype, assert_same_bits):
    x = np.linspace(-4, 4, 61).astype(dtype)
    grad = np.linspace(3, -2, 61).astype(dtype)
    y, dy = variant.value_and_derivative(x)
    assert_same_bits(y, variant(x))
    assert_same_bits(dy, variant.derivative(x))
    out = np.empty_like(x), np.empty_like(x)
    returned = variant.value_and_derivative(x, out=out)
    assert returned[0] is out[0]
    assert returned[1] is out[1]
    assert_same_bits(out[0], y)
    assert_same_bits(out[1], dy)
    product = variant.backward(grad, x)
    exact = grad.astype(float) * variant.derivative(x.astype(float))
    info = np.finfo(dtype)
    tiny = float(info.smallest_subnormal)
    np.testing.assert_allclose(product.astype(float), exact, rtol=2.01 * info.eps, atol=2 * tiny)
    for target in ("grad", "x", "new"):
        g, a = grad.copy(), x.copy()
        out = {"grad": g, "x": a, "new": np.empty_like(x)}[target]
        assert variant.backward(g, a, out=out) is out
        assert_same_bits(out, product)


@pytest.mark.parametrize("step", [1e-5])
def test_derivative_is_the_slope_of_the_value(variant, step):
    x = np.random.default_rng(0).uniform(-4, 4, 500)
    second = (variant(x + 2 * step) - 2 * variant(x) + variant(x - 2 * step)) / (4 * step**2)
    smooth = np.abs(second) < 10  # a kink inside the interval shows as a huge second difference
    assert smooth.mean() > 0.99
    slope = (variant(x + step) - variant(x - step)) / (2 * step)
    np.testing.assert_allclose(variant.derivative(x)[smooth], slope[smooth], rtol=1e-8, atol=1e-9)


def test_derivative_from_output(variant, dtype):
    random = np.random.default_rng(1)
    x = random.uniform(-2.5, 2.5, 500).astype(dtype)
    y = variant(x)
    grad = random.normal(size=500).astype(dtype)
    if variant.gradient_from != "output":
        for call in (lambda: variant.derivative_from_output(y), lambda: variant.backward_from_output(grad, y)):
            with pytest.raises(TypeError) as caught:
                call()
            message = str(caught.value)
            assert variant.name in message or type(variant).__name__ in message
            assert len(message.split()) >= 6, "the message gives a reason"
        return
    dy = variant.derivative_from_output(y)
    assert dy.dtype == dtype
    eps = float(np.finfo(dtype).eps)
    np.testing.assert_allclose(dy.astype(float), variant.derivative(x).astype(float), rtol=4 * eps, atol=6 * eps)
    back = variant.backward_from_output(grad, y)
    assert back.dtype == dtype
    np.testing.assert_allclose(back.astype(float), grad.astype(float) * dy.astype(float), rtol=2 * eps, atol=1e-7)


@pytest.mark.parametrize("slope", [0.0, -0.0, -0.2])
def test_leaky_relu_from_output_needs_a_positive_slope(slope):
    with pytest.raises(TypeError, match="negative_slope"):
        sp.LeakyReLU(slope).derivative_from_output(np.ones(3))
    with pytest.raises(TypeError, match="negative_slope"):
        sp.LeakyReLU(slope).backward_from_output(np.ones(3), np.ones(3))


def test_derivatives_from_output_at_the_ends():
    """At a saturated output the derivative is the one of the saturated side."""
    np.testing.assert_array_equal(sp.ReLU().derivative_from_output([0.0, -0.0, 2.0]), [0, 0, 1])
    np.testing.assert_array_equal(sp.LeakyReLU(0.5).derivative_from_output([0.0, -1.0, 2.0]), [0.5, 0.5, 1])
    np.testing.assert_array_equal(sp.Sigmoid().derivative_from_output([0.0, 0.25, 0.5, 1.0]), [0, 0.1875, 0.25, 0])
    np.testing.assert_array_equal(sp.Tanh().derivative_from_output([-1.0, 0.0, 0.5, 1.0]), [0, 1, 0.75, 0])
    np.testing.assert_array_equal(sp.ELU(0.5).derivative_from_output([-0.5, -0.25, 0.0, 1.0]), [0, 0.25, 0.5, 1])
    np.testing.assert_array_equal(sp.HardTanh().derivative_from_output([-1.0, 0.5, 1.0]), [0, 1, 0])
    np.testing.assert_array_equal(sp.HardSigmoid(0.25, 0.5).derivative_from_output([0.0, 0.5, 1.0]), [0, 0.25, 0])
    np.testing.assert_allclose(sp.Softplus().derivative_from_output([0.0, np.log(2), np.inf]), [0, 0.5, 1], rtol=3e-16)


@pytest.mark.parametrize("shape", [(200,), (10, 20), ()])
def test_parameter_gradients(variant, shape):
    random = np.random.default_rng(2)
    x, grad = random.uniform(-3, 3, shape), random.normal(size=shape)
    gradients = variant.parameter_gradients(grad, x)
    assert list(gradients) == list(variant.parameters)
    step = 1e-6
    for name, value in variant.parameters.items():
        if value is None:
            continue
        up = type(variant)(**{**variant.parameters, name: value + step})
        down = type(variant)(**{**variant.parameters, name: value - step})
        expected = np.sum(grad * (up(x) - down(x))) / (2 * step)
        assert np.shape(gradients[name]) == ()
        assert gradients[name] == pytest.approx(expected, rel=1e-6, abs=1e-7)


def test_parameter_gradients_by_hand():
    x = np.array([-2.0, -1.0, 0.5, 3.0])
    grad = np.array([1.0, 10.0, 100.0, 1000.0])
    assert sp.LeakyReLU(0.2).parameter_gradients(grad, x)["negative_slope"] == -12.0  # 1*-2 + 10*-1
    limits = sp.HardTanh(-1.5, 2.0).parameter_gradients(grad, x)
    assert limits["min_val"] == 1.0
    assert limits["max_val"] == 1000.0
    line = sp.HardSigmoid(0.25, 0.5).parameter_gradients(grad, x)  # only -1 and 0.5 are inside
    assert line["slope"] == 10 * -1 + 100 * 0.5
    assert line["offset"] == 110.0
    elu = sp.ELU(0.5).parameter_gradients(grad, x)["alpha"]
    assert elu == pytest.approx(np.expm1(-2) + 10 * np.expm1(-1), rel=1e-15)
    assert sp.Tanh().parameter_gradients(grad, x) == {}


def test_parameter_gradients_add_up_in_float64():
    """A sum of 65,536 float16 or float32 terms keeps its digits."""
    for dtype in (np.float16, np.float32):
        x = np.full(65_536, -0.1, dtype)
        total = sp.LeakyReLU(0.2).parameter_gradients(np.ones_like(x), x)["negative_slope"]
        assert float(total) == pytest.approx(65_536 * float(dtype(-0.1)), rel=1e-3 if dtype == np.float16 else 1e-6)


def test_custom():
    act = sp.Custom(square, twice, name="square")
    x = np.array([-2.0, 0.5, 3.0], np.float32)
    np.testing.assert_array_equal(act(x), x * x)
    np.testing.assert_array_equal(act.derivative(x), 2 * x)
    y, dy = act.value_and_derivative(x)
    np.testing.assert_array_equal(y, x * x)
    np.testing.assert_array_equal(dy, 2 * x)
    np.testing.assert_array_equal(act.backward(np.full(3, 10, np.float32), x), 20 * x)
    out = np.empty_like(x)
    assert act(x, out=out) is out
    np.testing.assert_array_equal(out, x * x)
    assert act(x).dtype == np.float32
    assert act.name == "square"
    assert act.parameters == {}
    assert act.gradient_from == "input"
    assert act == sp.Custom(square, twice, name="square")
    assert hash(act) == hash(sp.Custom(square, twice, name="square"))
    assert act != sp.Custom(twice, square, name="square")
    assert act != sp.Custom(square, twice, name="other")
    assert "square" in repr(act)
    of_numpy = sp.Custom(np.square, np.positive, name="p")
    assert pickle.loads(pickle.dumps(of_numpy)) == of_numpy
    with pytest.raises(TypeError):
        act.derivative_from_output(x)
    with pytest.raises(AttributeError, match="immutable"):
        act.name = "changed"


def test_custom_with_where():
    act = sp.Custom(square, twice, name="square")
    out = np.full(3, 7.0)
    assert act(np.array([1.0, 2.0, 3.0]), out=out, where=np.array([True, False, True])) is out
    np.testing.assert_array_equal(out, [1.0, 7.0, 9.0])


def test_equal_parameters_give_equal_bits():
    assert sp.Threshold(0.0, -0.0) == sp.Threshold(0.0, 0.0)
    assert not np.signbit(sp.Threshold(0.0, -0.0)(-1.0))


def test_a_custom_activation_returns_an_array_of_its_own():
    x = np.ones(3)
    y = sp.Custom(lambda v: v, name="same")(x)
    y[:] = 7
    assert (x == 1).all()
    with pytest.raises(TypeError, match="value of 'twist' has dtype complex128"):
        sp.Custom(lambda v: v * 1j, name="twist")(x)


@pytest.mark.parametrize(
    ("act", "shown"),
    [
        (sp.HardSigmoid(), "HardSigmoid(slope=1/6, offset=0.5)"),
        (sp.HardSigmoid(-2 / 3, 1e-9), "HardSigmoid(slope=-2/3, offset=1e-09)"),
        (sp.LeakyReLU(0.1 + 0.2), "LeakyReLU(negative_slope=0.30000000000000004)"),
        (sp.LeakyReLU(1 / 3 + 2**-54), "LeakyReLU(negative_slope=0.33333333333333337)"),
    ],
    ids=str,
)
def test_fractions_are_printed_as_fractions(act, shown):
    assert repr(act) == shown
    assert eval(shown, vars(sp)) == act
