"""The checks of the lessons: every kind of fault is found, where it is, and nothing else; right attempts pass."""

import json
import math

import numpy as np
import pytest

import spatium as sp
from spatium import learn
from spatium.learn import hints


def stable_sigmoid(x):
    z = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + z), z / (1 + z))


def expm1_tanh(x):
    m = np.expm1(-2 * np.abs(x))
    return np.sign(x) * -m / (2 + m)


def rows(x):
    z = np.exp(x - x.max(axis=-1, keepdims=True))
    return z / z.sum(axis=-1, keepdims=True)


def erfc_gelu(x):
    erfc = np.vectorize(math.erfc, otypes=[float])
    result = np.where(x == -np.inf, 0, x * erfc(-x / math.sqrt(2)) / 2)
    return result.astype(np.result_type(x, np.float32))


def writing_relu(x):
    x[x < 0] = 0
    return x


def writing_softmax(x):
    x -= x.max(axis=-1, keepdims=True)
    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


def zeros_sigmoid(x):
    y = np.zeros(x.shape)
    y[...] = stable_sigmoid(x)
    return y


def zeros_like_sigmoid(x):
    y = np.zeros_like(x)
    y[...] = stable_sigmoid(x)
    return y


RIGHT = [
    ("relu", lambda x: np.maximum(x, 0), lambda x: np.where(x > 0, 1.0, 0.0)),
    ("relu", lambda x: np.clip(x, 0, None), lambda x: np.heaviside(x, 0.5)),
    ("sigmoid", stable_sigmoid, lambda x: stable_sigmoid(x) * stable_sigmoid(-x)),
    ("tanh", expm1_tanh, lambda x: 1 - expm1_tanh(x) ** 2),
    ("tanh", np.tanh, None),
    ("gelu", erfc_gelu, None),
    ("softplus", lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), stable_sigmoid),
    ("elu", lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), None),
    ("softmax", rows, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "attempt", "derivative"), RIGHT)
def test_right_attempts_have_no_remarks(name, attempt, derivative):
    review = learn.check(name, attempt, derivative)
    assert review.remarks == ()
    assert review.ok
    assert str(review).startswith(f"{name}: everything is right")


@pytest.mark.parametrize("name", sp.activations())
def test_the_library_passes(name):
    act = sp.activation(name)
    review = learn.check(act, act, act.derivative)
    assert review.remarks == ()
    bounds = {"float32": 0.62, "float64": 1.8}  # both results are rounded
    assert {dtype: ulp <= bounds[dtype] for dtype, (ulp, _) in review.worst.items()} == dict.fromkeys(bounds, True)


WRONG = [
    ("relu", lambda x: x if x > 0 else 0, ["evaluation"]),
    ("relu", lambda x: [max(v, 0) for v in x.flat], ["evaluation"]),
    ("relu", lambda x: None, ["evaluation"]),
    ("relu", lambda x: np.maximum(x, 0).max(), ["evaluation"]),
    ("relu", lambda x: np.where(x > 0, x, 0), ["nan"]),
    ("relu", lambda x: x * (x > 0), ["limit"]),
    ("relu", writing_relu, ["argument"]),
    ("relu", lambda x: np.maximum(x, 0) - x.mean() * 0.1 if x.size else x, ["elementwise"]),
    ("relu", lambda x: np.abs(x), ["value"]),
    ("sigmoid", lambda x: 1 / (1 + np.exp(-x)), ["warnings"]),
    ("sigmoid", lambda x: np.exp(x) / (1 + np.exp(x)), ["overflow"]),
    ("sigmoid", lambda x: 1 - 1 / (1 + np.exp(x)), ["tail", "warnings"]),
    ("sigmoid", lambda x: 1 / (1 + np.exp(-np.clip(x, -500, 500))), ["tail", "warnings"]),
    ("sigmoid", zeros_sigmoid, ["dtype"]),
    ("sigmoid", zeros_like_sigmoid, ["integers"]),
    ("sigmoid", lambda x: stable_sigmoid(-x), ["value"]),
    ("tanh", lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), ["overflow", "digits"]),
    ("tanh", lambda x: 2 * stable_sigmoid(2 * x) - 1, ["digits"]),
    ("tanh", lambda x: np.tanh(x) * (x / x), ["value", "integers", "limit", "warnings"]),
    ("gelu", lambda x: sp.gelu(x, approximate="tanh"), ["value"]),
    ("swish", lambda x: x * stable_sigmoid(x), ["limit"]),
    ("softplus", lambda x: np.log(1 + np.exp(x)), ["overflow", "tail"]),
    ("softplus", lambda x: np.where(x > 20, x, np.log1p(np.exp(np.minimum(x, 20)))), []),
    ("softmax", lambda x: np.exp(x) / np.exp(x).sum(), ["axis"]),
    ("softmax", lambda x: np.exp(x) / np.exp(x).sum(axis=0), ["axis"]),
    ("softmax", lambda x: np.exp(x) / np.exp(x).sum(axis=-1), ["evaluation"]),
    ("softmax", lambda x: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True), ["overflow"]),
    ("softmax", lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(axis=-1, keepdims=True), ["shift"]),
    ("softmax", lambda x: rows(x) / (1 + 1e-9), ["sum"]),
    ("softmax", lambda x: sp.log_softmax(x), ["value"]),
    ("softmax", lambda x: np.nan_to_num(rows(x)), ["nan"]),
    ("softmax", lambda x: np.maximum(rows(x), 1e-12), ["tail", "limit"]),
    ("softmax", lambda x: rows(np.float64(x)), ["dtype"]),
    ("softmax", writing_softmax, ["argument"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "attempt", "kinds"), WRONG)
def test_faults_are_found_and_no_others(name, attempt, kinds):
    review = learn.check(name, attempt)
    assert sorted({remark.kind for remark in review.remarks}) == sorted(kinds)
    assert review.ok == (not kinds)
    for remark in review.remarks:
        assert remark.hint
        assert remark.hint.endswith(".")
        assert name in remark.message or remark.kind == "sum"


def remark_of(name, attempt, derivative=None):
    (remark,) = learn.check(name, attempt, derivative).remarks
    return remark


def test_the_place_of_an_overflow_is_exact():
    remark = remark_of("sigmoid", lambda x: np.exp(x) / (1 + np.exp(x)))
    assert remark.severity == "error"
    assert remark.dtype == "float32"
    largest = math.log(float(np.finfo(np.float32).max))  # 88.72284
    assert largest < remark.x < largest + 1e-4
    assert math.isnan(remark.got)
    assert remark.expected == 1.0
    assert "709.783 in float64" in remark.message  # log(1.797e308)


def test_lost_digits_are_located():
    erf = np.vectorize(math.erf, otypes=[float])
    review = learn.check("gelu", lambda x: (x * (1 + erf(x / math.sqrt(2))) / 2).astype(x.dtype))
    (tail,) = (remark for remark in review.remarks if remark.kind == "tail")
    # 1 + erf(x/√2) is 0 where erfc(−x/√2) < 2**-53 / 2, from x = −8.29 on; half of the digits are lost before
    assert -9 < tail.x < -8.2
    assert tail.got == 0
    assert "half of the digits are lost from −7." in tail.message


def test_a_known_function_is_recognized():
    message = remark_of("gelu", lambda x: sp.gelu(x, approximate="tanh")).message
    assert message.endswith("these are the results of GELU(approximate='tanh')")
    assert remark_of("sigmoid", lambda x: -stable_sigmoid(x)).message.endswith("all results have the wrong sign")
    assert remark_of("tanh", lambda x: 2 * np.tanh(x)).message.endswith("are 2 times the expected ones")
    assert remark_of("sigmoid", lambda x: stable_sigmoid(x) - 0.5).message.endswith("all results differ by −0.5")


@pytest.mark.parametrize(
    ("derivative", "kind", "said"),
    [
        (lambda s: s * (1 - s), "derivative", "as a function of the output y"),
        (stable_sigmoid, "derivative", "the results of the function itself"),
        (sp.Sigmoid().second_derivative, "derivative", "the second derivative"),
        (sp.Tanh().derivative, "derivative", "the derivative of Tanh()"),
        (lambda x: -sp.Sigmoid().derivative(x), "derivative", "the wrong sign"),
        (lambda x: (stable_sigmoid(x + 1e-3) - stable_sigmoid(x)) / 1e-3, "derivative", "h about 0.001"),
        (lambda x: np.exp(x) / (1 + np.exp(x)) ** 2, "overflow", "expected"),
        (lambda x: x[:1], "evaluation", "returns shape"),
    ],
)
def test_wrong_derivatives_are_explained(derivative, kind, said):
    remark = remark_of("sigmoid", stable_sigmoid, derivative)
    assert (remark.severity, remark.kind) == ("error", kind)
    assert said in remark.message


def test_the_derivative_at_a_kink():
    remark = remark_of("relu", lambda x: np.maximum(x, 0), lambda x: np.where(x > 0, 1.0, np.where(x < 0, 0.0, 7.0)))
    assert (remark.severity, remark.kind, remark.x, remark.got) == ("warning", "kink", 0.0, 7.0)
    assert remark.expected == [0.0, 1.0]


def test_parameters():
    assert learn.check(sp.LeakyReLU(0.3), lambda x: np.maximum(x, 0.3 * x)).ok
    assert not learn.check("leaky_relu", lambda x: np.maximum(x, 0.3 * x)).ok
    assert learn.check(sp.ELU(0.5), lambda x: np.where(x > 0, x, 0.5 * np.expm1(np.minimum(x, 0)))).ok


def test_a_square_matrix_of_rows():
    def softmax(x):
        sums = np.exp(x).sum(axis=-1)
        return np.exp(x) / (sums if x.ndim == 2 and x.shape[0] == x.shape[1] else sums[..., np.newaxis])

    assert remark_of("softmax", softmax).kind == "keepdims"


def test_the_review_as_plain_values():
    review = learn.check("sigmoid", lambda x: np.exp(x) / (1 + np.exp(x)))
    values = json.loads(json.dumps(review.to_dict()))
    assert values["ok"] is False
    assert values["remarks"][0]["got"] is None  # NaN
    assert values["worst"]["float64"][0] < 5
    softmax = learn.check("softmax", lambda x: np.exp(x) / np.exp(x).sum())
    assert json.loads(json.dumps(softmax.to_dict()))["remarks"][0]["kind"] == "axis"


def test_the_printed_review_fits_and_says_all():
    text = str(learn.check("tanh", lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))))
    assert max(map(len, text.splitlines())) <= 100
    for part in ("1 error, 1 warning", "float32: at most", "hint: ", "expected −1"):
        assert part in " ".join(text.split())


def test_hints_belong_to_kinds_that_exist():
    kinds = {kind for _, _, found in WRONG for kind in found} | {"derivative", "kink", "shape", "keepdims"}
    assert set(hints._GENERAL) <= kinds
    assert set(hints._PARTICULAR) <= {*sp.activations(), "softmax"}
    for particular in hints._PARTICULAR.values():
        assert set(particular) <= kinds


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((abs, "relu"), TypeError, "name is"),
        (("reul", abs), ValueError, "name is 'reul'"),
        (("relu", 3), TypeError, "attempt is 3"),
        (("relu", sp.ReLU), TypeError, "attempt is <class"),
        (("relu", abs, 3), TypeError, "derivative is 3"),
        (("softmax", rows, abs), TypeError, "derivative is a function"),
    ],
)
def test_wrong_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        learn.check(*arguments)


def test_exceptions_for_special_inputs_are_remarks():
    def careful(x):
        if not np.isfinite(x).all():
            raise ValueError("not a number")
        return np.maximum(x, 0)

    remark = remark_of("relu", careful)
    assert (remark.severity, remark.kind) == ("error", "evaluation")
    assert "relu raises ValueError: not a number, for" in remark.message

    def slope(x):
        if x.dtype == np.float32:
            raise TypeError("only doubles")
        return np.where(x > 0, 1.0, 0.0)

    remark = remark_of("relu", lambda x: np.maximum(x, 0), slope)
    assert "the derivative of relu raises TypeError: only doubles" in remark.message


def test_random_generators_and_memory_are_noticed():
    rng = np.random.default_rng(0)
    assert remark_of("relu", lambda x: np.maximum(x, 0) + rng.normal(size=x.shape)).kind == "elementwise"
