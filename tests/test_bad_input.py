"""Every wrong call says which argument, what came and what was expected, and changes nothing."""

import re
from contextlib import contextmanager, suppress

import numpy as np
import pytest
from array_arguments import ARGUMENTS

import spatium as sp


@contextmanager
def says(error, *words):
    """The block raises this error, and its message holds every word."""
    with pytest.raises(error) as caught:
        yield
    message = str(caught.value)
    for word in words:
        assert re.search(word, message), f"{word!r} is not in {message!r}"


X = np.linspace(-3, 3, 7)


# Functions and value objects


@pytest.mark.parametrize("wrong", ["erf", "Tanh", "", None, 1, True])
def test_approximate(wrong):
    for call in (lambda: sp.gelu(X, approximate=wrong), lambda: sp.GELU(approximate=wrong)):
        with says((ValueError, TypeError), "approximate", re.escape(repr(wrong)), "none", "tanh", "sigmoid"):
            call()
    with pytest.raises(ValueError, match="approximate"):
        sp.gelu(X, approximate="erf")


def test_a_nan_parameter_names_itself(function, activation):
    for parameter in activation.parameters:
        wrong = {**activation.parameters, parameter: float("nan")}
        with says(ValueError, parameter, "nan"):
            function(X, **{parameter: np.float32("nan")})
        with says(ValueError, parameter, "nan"):
            type(activation)(**wrong)
        with says(ValueError, parameter, "nan"):
            sp.activation(activation.name, **wrong)


def test_a_parameter_that_is_no_number(activation):
    for parameter in activation.parameters:
        for wrong in ("a", 1j, object(), {}):
            with says((TypeError, ValueError), parameter):
                type(activation)(**{**activation.parameters, parameter: wrong})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sp.elu(X, alpha=-1.0), ["alpha", r"-1\.0"]),
        (lambda: sp.elu(X, -0.5), ["alpha", r"-0\.5"]),
        (lambda: sp.ELU(alpha=-1.0), ["alpha", r"-1\.0"]),
        (lambda: sp.activation("elu", alpha=-2.0), ["alpha", r"-2\.0"]),
        (lambda: sp.softplus(X, beta=0.0), ["beta", r"0\.0"]),
        (lambda: sp.Softplus(beta=0.0), ["beta", r"0\.0"]),
        (lambda: sp.hard_tanh(X, min_val=2.0, max_val=1.0), ["min_val", "max_val", r"2\.0", r"1\.0"]),
        (lambda: sp.HardTanh(min_val=2.0, max_val=1.0), ["min_val", "max_val", r"2\.0", r"1\.0"]),
        (lambda: sp.activation("no_such_thing"), ["no_such_thing"]),
        (lambda: sp.activation(3), ["name", "3"]),
        (lambda: sp.activation("reluu"), ["reluu", "relu"]),
        (lambda: sp.prelu(np.zeros((2, 3, 4)), np.zeros(4)), ["weight", "4", "3"]),
        (lambda: sp.prelu(np.zeros((2, 3, 4)), np.zeros((3, 2))), ["weight", r"\(3, 2\)"]),
        (lambda: sp.prelu(np.zeros((2, 3, 4)), np.zeros(3), channel_axis=3), ["channel_axis", "3"]),
        (lambda: sp.prelu(np.zeros((2, 3, 4)), np.zeros(3), channel_axis=-4), ["channel_axis", "-4"]),
    ],
)
def test_out_of_domain(call, words):
    with says(ValueError, *words):
        call()


def test_a_refused_call_leaves_out_alone():
    out = np.full(7, 9.0)
    for call in (
        lambda: sp.elu(X, alpha=-1.0, out=out),
        lambda: sp.softplus(X, beta=np.nan, out=out),
        lambda: sp.gelu(X, approximate="erf", out=out),
        lambda: sp.hard_tanh(X, 2.0, 1.0, out=out),
        lambda: sp.relu(np.zeros(8), out=out),
        lambda: sp.relu(X.astype(complex), out=out),
        lambda: sp.prelu(X, np.zeros(5), out=out),
        lambda: sp.relu(X, out=out, where=np.ones(7)),
    ):
        with pytest.raises((ValueError, TypeError, np.exceptions.AxisError)):
            call()
        assert (out == 9).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: sp.activation("relu", negative_slope=0.1),
        lambda: sp.activation("elu", slope=1.0),
        lambda: sp.ReLU(0.1),
        lambda: sp.ELU(1.0, 2.0),
        lambda: sp.relu(),
        lambda: sp.leaky_relu(X, slope=0.2),
        lambda: sp.gelu(X, "tanh", "tanh", "tanh"),
        lambda: sp.Custom(np.square, 2.0, name="a"),
        lambda: sp.Custom("square", np.positive, name="a"),
        lambda: sp.Custom(np.square, np.positive, name=3),
    ],
)
def test_calls_that_make_no_sense(call):
    with pytest.raises(TypeError):
        call()


def test_unknown_parameter_names_it():
    with pytest.raises(TypeError, match="slope"):
        sp.activation("elu", slope=1.0)


@pytest.mark.parametrize("value", [10**400, np.complex128(1 + 2j), np.True_, True, "1", None, [1.0]])
def test_parameters_that_are_no_numbers(value):
    with pytest.raises(TypeError, match="alpha is"):
        sp.ELU(value)


def test_prelu_names_its_own_arguments():
    with pytest.raises(ValueError, match="weight is nan"):
        sp.prelu(np.ones((2, 3)), np.nan)
    with pytest.raises(TypeError, match=r"channel_axis is 1\.0"):
        sp.prelu(np.ones((2, 3)), np.ones(3), channel_axis=1.0)


# Maps. Each wrong call leaves hit counts and out as they were.


def hits(amap):
    return amap.hit_counts.copy()


X2 = np.zeros((4, 3))
H2 = np.zeros((4, 1), np.int64)

WRONG_HASHES = [
    (np.full(7, -1), ValueError, ["hashes", "-1"]),
    (np.array([0, 1, 2, 3, 4, 5, -7], np.int8), ValueError, ["hashes", "-7"]),
    (-1, ValueError, ["hashes", "-1"]),
    (2**64, ValueError, ["hashes"]),
    (np.zeros(7), ValueError, ["hashes", "float64"]),
    (np.zeros(7, np.float32), ValueError, ["hashes", "float32"]),
    (1.0, ValueError, ["hashes", "float"]),
    ([1.5] * 7, ValueError, ["hashes", "float64"]),
    (np.zeros(7, complex), (ValueError, TypeError), ["hashes", "complex"]),
    (["a"] * 7, (ValueError, TypeError), ["hashes"]),
    (None, (ValueError, TypeError), ["hashes"]),
    (np.zeros(6, int), ValueError, ["hashes", r"\(6,\)", r"\(7,\)"]),
    (np.zeros((7, 2), int), ValueError, ["hashes", r"\(7, 2\)", r"\(7,\)"]),
]


@pytest.mark.parametrize(("hashes", "error", "words"), WRONG_HASHES)
def test_wrong_hashes(hashes, error, words):
    amap = sp.ActivationMap.random(rng=0)
    amap.activate(X, np.arange(7))
    before = hits(amap)
    out = np.full(7, 9.0)
    calls = [
        lambda: amap.activate(X, hashes),
        lambda: amap.activate(X, hashes, out=out),
        lambda: amap(X, hashes, out=out),
        lambda: amap.activate(X, hashes, count=False, out=out),
        lambda: amap.derivative(X, hashes),
        lambda: amap.value_and_derivative(X, hashes),
        lambda: amap.backward(X, X, hashes),
    ]
    for call in calls:
        with says(error, *words):
            call()
        assert (out == 9).all()
        np.testing.assert_array_equal(amap.hit_counts, before)


def test_one_bad_hash_at_the_end_of_many():
    """The check comes before the work, not in the middle of it."""
    amap = sp.ActivationMap.random(rng=0)
    hashes = np.zeros(300_000, np.int64)
    hashes[-1] = -5
    out = np.full(300_000, 9.0, np.float32)
    with pytest.raises(ValueError, match=r"hashes.*-5"):
        amap.activate(np.ones(300_000, np.float32), hashes, out=out)
    assert (out == 9).all()
    assert not amap.hit_counts.any()


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (X.astype(complex), TypeError, ["x", "complex128"]),
        (X.astype(object), TypeError, ["x", "object"]),
        (["a"] * 7, TypeError, ["x"]),
        (None, TypeError, ["x"]),
    ],
)
def test_wrong_x_for_a_map(wrong, error, words):
    amap = sp.ActivationMap.random(rng=0)
    out = np.full(7, 9.0)
    for call in (
        lambda: amap.activate(wrong, np.arange(7), out=out),
        lambda: amap.activate(wrong, np.arange(7)),
        lambda: amap.derivative(wrong, np.arange(7)),
        lambda: amap.value_and_derivative(wrong, np.arange(7)),
        lambda: amap.backward(X, wrong, np.arange(7)),
    ):
        with says(error, *words):
            call()
        assert (out == 9).all()
        assert not amap.hit_counts.any()


def test_wrong_out_for_a_map():
    amap = sp.ActivationMap.random(rng=0)
    read_only = np.full(7, 9.0)
    read_only.flags.writeable = False
    for out, error, words in [
        (np.full(6, 9.0), ValueError, ["out", r"\(6,\)", r"\(7,\)"]),
        (np.full((7, 1), 9.0), ValueError, ["out", r"\(7, 1\)", r"\(7,\)"]),
        (np.full((2, 7), 9.0), ValueError, ["out", r"\(2, 7\)", r"\(7,\)"]),
        (np.full(7, 9, np.int32), TypeError, ["out", "int32", "float64"]),
        (np.full(7, 9, complex), TypeError, ["out", "complex128", "float64"]),
        ([9.0] * 7, TypeError, ["out", "list"]),
        (read_only, ValueError, ["out", "read-only|writeable|writable"]),
    ]:
        with says(error, *words):
            amap.activate(X, np.arange(7), out=out)
        assert (np.asarray(out) == 9).all()
        assert not amap.hit_counts.any()


@pytest.mark.parametrize(
    ("x", "hashes", "words"),
    [
        (np.zeros((4, 4)), H2, [r"\(4, 4\)", r"\(3,\)"]),
        (np.zeros(4), 0, [r"\(4,\)", r"\(3,\)"]),
        (X2, np.zeros((5, 1), int), ["hashes", r"\(5, 1\)", r"\(4, 3\)"]),
        (X2, np.zeros(4, int), ["hashes", r"\(4,\)", r"\(4, 3\)"]),
    ],
)
def test_shapes_that_do_not_fit_a_layer(x, hashes, words):
    amap = sp.ActivationMap.random(3, rng=0)
    for call in (
        lambda: amap.activate(x, hashes),
        lambda: amap.derivative(x, hashes),
        lambda: amap.value_and_derivative(x, hashes),
        lambda: amap.backward(x, x, hashes),
    ):
        with says(ValueError, *words):
            call()
        assert not amap.hit_counts.any()


def test_a_gradient_of_another_shape_or_dtype():
    amap = sp.ActivationMap.random(3, rng=0)
    with says(ValueError, "grad", r"\(5, 3\)", r"\(4, 3\)"):
        amap.backward(np.zeros((5, 3)), X2, H2)
    with says(TypeError, "grad", "complex128"):
        amap.backward(np.zeros((4, 3), complex), X2, H2)


@pytest.mark.parametrize("wrong", [-1, 2**64, 1.0, np.float64(1), "1", None, np.arange(3), [1]])
def test_select_takes_one_integer(wrong):
    amap = sp.ActivationMap.random(rng=0)
    with says((ValueError, TypeError), "pattern_hash"):
        amap.select(wrong)
    assert not amap.hit_counts.any()


@pytest.mark.parametrize(
    ("cells", "palette", "error", "words"),
    [
        (np.zeros((7, 8), np.uint8), (sp.ReLU(),), ValueError, ["cells", r"\(7, 8\)", "8, 8"]),
        (np.zeros(64, np.uint8), (sp.ReLU(),), ValueError, ["cells", r"\(64,\)", "8, 8"]),
        (np.zeros((3, 8, 9), np.uint8), (sp.ReLU(),), ValueError, ["cells", r"\(3, 8, 9\)", "8, 8"]),
        (np.full((8, 8), 1, np.uint8), (sp.ReLU(),), ValueError, ["cells", "1", "palette"]),
        (np.full((8, 8), -1), (sp.ReLU(),), ValueError, ["cells", "-1"]),
        (np.full((8, 8), 256), (sp.ReLU(),), ValueError, ["cells", "256"]),
        (np.zeros((8, 8)), (sp.ReLU(),), (TypeError, ValueError), ["cells", "float64"]),
        (np.zeros((8, 8), np.uint8), (), ValueError, ["palette"]),
        (np.zeros((8, 8), np.uint8), ("reluu",), ValueError, [r"palette\[0\]", "reluu", "did you mean 'relu'"]),
        (np.zeros((8, 8), np.uint8), (sp.ReLU,), TypeError, ["palette"]),
        (np.zeros((8, 8), np.uint8), (np.tanh,), TypeError, ["palette"]),
        (np.zeros((8, 8), np.uint8), 3, TypeError, ["palette"]),
        (np.zeros((8, 8), np.uint8), [sp.ELU(n / 9) for n in range(257)], ValueError, ["palette", "257", "256"]),
    ],
)
def test_wrong_constructor_arguments(cells, palette, error, words):
    with says(error, *words):
        sp.ActivationMap(cells, palette)


@pytest.mark.parametrize("wrong", ["reluu", np.tanh, None, 3, sp.ReLU])
def test_only_activations_and_their_names_go_into_a_map(wrong):
    amap = sp.ActivationMap.uniform(sp.ReLU())
    error = ValueError if isinstance(wrong, str) else TypeError
    with pytest.raises(error):
        amap[1, 2] = wrong
    assert amap == sp.ActivationMap.uniform("relu")
    with pytest.raises(error):
        sp.ActivationMap.uniform(wrong)
    with pytest.raises(error):
        sp.ActivationMap.gradient(center=wrong, edge=sp.ReLU())
    with pytest.raises(error):
        sp.ActivationMap.gradient(center=sp.ReLU(), edge=wrong)


@pytest.mark.parametrize("index", [(8, 0), (0, 8), (-9, 0), (100, 100)])
def test_cells_outside_the_grid(index):
    amap = sp.ActivationMap.uniform(sp.ReLU())
    with pytest.raises(IndexError):
        amap[index]
    with pytest.raises(IndexError):
        amap[index] = sp.Tanh()
    assert amap == sp.ActivationMap.uniform(sp.ReLU())
    layer = sp.ActivationMap.random(3, rng=0)
    with pytest.raises(IndexError):
        layer[(0, *index)]
    with pytest.raises(IndexError):
        layer[3, 0, 0]


@pytest.mark.parametrize(("n", "error"), [(0, ValueError), (-1, ValueError), (2.5, TypeError), ("x", TypeError)])
def test_wrong_number_of_neurons(n, error):
    with pytest.raises(error, match=f"shape is {n!r}, expected"):
        sp.ActivationMap.random(n, rng=0)


def raises(x):
    raise RuntimeError("my own mistake")


def wrong_shape(x):
    return np.zeros(x.size + 1)


@pytest.mark.parametrize(
    ("function", "error", "words"), [(raises, RuntimeError, "my own"), (wrong_shape, ValueError, "mine")]
)
def test_a_custom_function_that_fails(function, error, words):
    amap = sp.ActivationMap.random(rng=0)
    amap[7, 7] = sp.Custom(function, function, name="mine")
    x, hashes = np.ones(5000), np.random.default_rng(0).integers(0, 2**64, 5000, dtype=np.uint64)
    with pytest.raises(error, match=words):
        amap.activate(x, hashes)
    assert not amap.hit_counts.any()
    with pytest.raises(error, match=words):
        amap.derivative(x, hashes)


# Hashes


@pytest.mark.parametrize("n_bits", [5, 0, -1, 65, 6.5, "6", None])
def test_n_bits(n_bits):
    with says((ValueError, TypeError), "n_bits", re.escape(repr(n_bits))):
        sp.SimHash(4, n_bits=n_bits)


HASHES = [
    sp.SimHash,
    sp.ConstantHash,
    sp.RandomHash,
    lambda n_features: sp.CategoryHash(n_features, [0]),
    lambda n_features: sp.BucketHash(n_features, 0, [1.0]),
]


@pytest.mark.parametrize("make", HASHES)
def test_n_features(make):
    for wrong in (0, -3, 2.5, "4"):
        with says((ValueError, TypeError), "n_features", re.escape(repr(wrong))):
            make(wrong)


@pytest.mark.parametrize("make", HASHES)
@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        (np.zeros((5, 3)), ValueError, ["3", "4"]),
        (np.zeros((4, 5)), ValueError, ["5", "4"]),
        (np.array(1.0), ValueError, [r"\(\)|0"]),
        (np.zeros((5, 4), complex), (TypeError, ValueError), ["complex128"]),
        (np.array([["a"] * 4]), (TypeError, ValueError), []),
    ],
)
def test_wrong_rows(make, x, error, words):
    hasher = make(4)
    for call in (hasher, hasher.fit):
        with says(error, r"\b[xX]\b", *words):
            call(x)


def test_nan_in_a_row():
    x = np.zeros((6, 4))
    x[3, 2] = np.nan
    hasher = sp.SimHash(4, rng=0)
    for call in (hasher, hasher.fit, hasher.margin):
        with says(ValueError, r"\b[xX]\b", "(?i)nan|finite", "row 3"):
            call(x)
    thresholds = np.array(hasher.thresholds)
    with pytest.raises(ValueError, match=r"\b[xX]\b"):
        hasher.fit(x.astype(np.float32))
    np.testing.assert_array_equal(hasher.thresholds, thresholds)


def test_fit_needs_rows():
    with pytest.raises(ValueError, match=r"\b[xX]\b"):
        sp.SimHash(4, rng=0).fit(np.empty((0, 4)))


@pytest.mark.parametrize("value", [-1, 2**64, 1.5, "a"])
def test_constant_hash_value(value):
    with says((ValueError, TypeError), "value", re.escape(repr(value))):
        sp.ConstantHash(4, value=value)


@pytest.mark.parametrize("wrong", [np.zeros(3), 1.0, -1, np.array([1, -1]), "a"])
def test_cell_of(wrong):
    with pytest.raises(ValueError, match=r"hashes (has dtype|holds -1)"):
        sp.cell_of(wrong)


# Settings


@pytest.mark.parametrize("wrong", [0, -1, 2.5, "x", None])
def test_number_of_threads(wrong):
    before = sp.get_num_threads()
    error = ValueError if wrong in (0, -1) else TypeError
    with says(error, re.escape(repr(wrong))):
        sp.set_num_threads(wrong)
    assert sp.get_num_threads() == before
    with pytest.raises(error), sp.num_threads(wrong):
        pass
    assert sp.get_num_threads() == before


def test_instruction_set():
    before = sp._engine.current_isa()
    with pytest.raises(ValueError, match="x86_v9"):
        sp._engine.set_isa("x86_v9")
    assert sp._engine.current_isa() == before


# --- masked arrays ---


@pytest.mark.parametrize("case", ARGUMENTS)
def test_masked_elements_are_refused(case):
    call, name = ARGUMENTS[case]
    message = rf"^{name} has masked elements.*{name}\.filled\(value\)"
    with pytest.raises(TypeError, match=message):
        call(np.ma.array(np.ones((50, 24), np.float32), mask=True))


def test_a_mask_that_masks_nothing_is_accepted():
    x = np.array([[1.0, 2.0], [3.0, -4.0]], np.float32)
    for masked in (np.ma.array(x), np.ma.array(x, mask=np.zeros_like(x, bool))):
        for call in (
            sp.softmax,
            lambda a: sp.GELU()(a, bias=0.5),
            lambda a: sp.ReLU().forward(a)[0],
            sp.SimHash(2, rng=0),
        ):
            result = call(masked)
            assert type(result) is np.ndarray
            assert (result == call(x)).all()


def test_one_masked_element_is_enough():
    masked = np.ma.array([0.0, 1e30, 0.0], mask=[False, True, False])
    with pytest.raises(TypeError, match="x has masked elements"):
        sp.logsumexp(masked)
    assert sp.logsumexp(masked.filled(-np.inf)) == np.log(2.0)


def test_ufuncs_keep_the_mask(function):
    masked = np.ma.array([0.5, 1e30, 0.25], mask=[False, True, False])
    result = function(masked)
    assert isinstance(result, np.ma.MaskedArray)
    assert result.mask.tolist() == [False, True, False]
    assert (result.compressed() == function(np.array([0.5, 0.25]))).all()


# --- numbers that are too small for float32 are fine ---


@pytest.mark.parametrize("case", [case for case in ARGUMENTS if "custom" not in case])
def test_small_numbers_underflow_silently(case):
    """Or are refused, where they are no hashes, classes or the like."""
    call, _ = ARGUMENTS[case]
    small = np.tile([1e-310, 1.0, -1e-200, 1e-46], (50, 6))
    with np.errstate(all="raise"), suppress(TypeError, ValueError):
        call(small)
