"""Arguments of every real type, for every function: parameters without dimensions, biases, and what is refused."""

import numpy as np
import pytest
from conftest import make_activation, same_bits

import spatium as sp


@pytest.fixture(params=["float16", "bfloat16", "float32", "float64", "int8"])
def real_type(request):
    return np.dtype(pytest.importorskip("ml_dtypes").bfloat16 if request.param == "bfloat16" else request.param)


def exact_in(real_type, value):
    """A number near `value` that the type holds."""
    return float(np.asarray(np.round(value) if real_type.kind == "i" else value, real_type))


def test_parameters_of_every_type(function, activation, real_type):
    """Scalars, arrays without dimensions and arrays of a type give what the same number gives as a Python float."""
    x = np.linspace(-3, 3, 41, dtype=np.float32)
    parameters = {name: exact_in(real_type, value) for name, value in activation.parameters.items()}
    if parameters.get("beta") == 0:  # the rounded sixth of an integer type is 0 too, which is in its domain
        parameters["beta"] = 1.0
    expected = function(x, **parameters)
    for shape in ((), (1,)):
        given = {name: np.full(shape, value, real_type) for name, value in parameters.items()}
        same_bits(function(x, **given), expected)
    scalars = {name: real_type.type(value) for name, value in parameters.items()}
    same_bits(function(x, **scalars), expected)
    same_bits(type(activation)(**{**_fixed(activation), **scalars})(x), expected)


def _fixed(activation):
    """What tells one of several functions of a class from the others."""
    return (
        {"approximate": activation.name.removeprefix("gelu_")}
        if activation.name in ("gelu_tanh", "gelu_sigmoid")
        else {}
    )


def test_parameters_of_gates_and_hashes(real_type):
    one, half = np.array(1, real_type), np.array(exact_in(real_type, 0.5), real_type)
    same_bits(sp.gaussian_glu(np.ones(4), half, one), sp.gaussian_glu(np.ones(4), float(half), 1.0))
    assert sp.bucket_hash(3.0, one) == sp.bucket_hash(3.0, 1.0)
    hashes = sp.SimHash.from_arrays(np.eye(6).astype(real_type), np.ones(6, real_type))
    np.testing.assert_array_equal(hashes.thresholds, np.ones(6))


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize == 8, reason="long double is double here")
@pytest.mark.parametrize(
    "call",
    [
        lambda x: sp.softmax(x),
        lambda x: sp.softmax_backward(x, x),
        lambda x: sp.logsumexp(x),
        lambda x: sp.swiglu(x, x),
        lambda x: sp.GELU()(x, bias=0.5),
        lambda x: sp.GELU().forward(x),
        lambda x: sp.LeakyReLU().parameter_gradients(x, x),
        lambda x: sp.SimHash(3)(x),
        lambda x: sp.ActivationMap.uniform(sp.ReLU())(x, 0),
    ],
)
def test_long_doubles_are_refused_by_name(call):
    """The message spoke of the ufunc that was asked for the type of the result."""
    with pytest.raises(
        TypeError, match=f"^(x|X|y|grad|gate) has dtype {np.dtype(np.longdouble)}, expected real numbers of"
    ):
        call(np.ones(3, np.longdouble))


SIZES = [1e-300, 1e-46, 5e-324, -1e-40, 1e300, -1e39, 70000.0]


@pytest.mark.parametrize("size", SIZES)
def test_a_bias_raises_no_flag(size, variant, dtype):
    """It is converted to the type that the sum is formed in; what is lost there is no event for the caller."""
    x = np.linspace(-2, 2, 9).astype(dtype)
    wide = np.float64 if dtype == np.float64 else np.float32
    with np.errstate(all="ignore"):
        shifted = (x.astype(wide) + np.asarray(size).astype(wide)).astype(wide)
        expected = variant(shifted).astype(dtype)
    if variant.name == "sine" and np.isinf(shifted).any():
        return  # the one flag that is meant
    with np.errstate(all="raise"):
        for bias in (size, np.array(size), np.full(9, size)):
            y = variant(x, bias=bias)
            if dtype != np.float16:  # which rounds once from the sum in float32
                same_bits(y, expected)
            grad = np.full(9, 2.0**-8, dtype)
            assert variant.backward(grad, x, bias=bias)[0].dtype == dtype
            assert variant.backward(grad, variant.forward(x, bias=bias)[1])[0].dtype == dtype


def test_numbers_out_of_range_raise_no_flag():
    x = np.ones(4, np.float32)
    with np.errstate(all="raise"):
        assert not sp.reglu(x, 1e-300).any()
        assert np.isposinf(sp.reglu(x, 1e300)).all()
        y, saved = make_activation("gelu").forward(x)
        assert not make_activation("gelu").backward(np.full(4, 1e-60), saved).any()
        assert y.dtype == np.float32
