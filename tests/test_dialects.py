"""The tables of other libraries' names: each row against the formula in that library's documentation, and itself."""

import importlib.util
import math
import sys
from pathlib import Path

import numpy as np
import pytest

import spatium as sp

TOOL = Path(__file__).resolve().parents[1] / "tools" / "dialects.py"
specification = importlib.util.spec_from_file_location("dialects", TOOL)
dialects = importlib.util.module_from_spec(specification)
specification.loader.exec_module(dialects)

X = np.concatenate([np.linspace(-8, 8, 801), [-3.0, 3.0, 0.5, -0.5, 20.5, -30.0]])
WEIGHT = 0.25


def sigma(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.logaddexp(0, x)


def leaky(slope):
    return lambda x: np.where(x >= 0, x, slope * x)


def elu(alpha):
    return lambda x: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def hard_sigmoid(slope):
    return lambda x: np.clip(slope * x + 0.5, 0, 1)


def shrink(lambd, bias):
    return lambda x: np.where(x < -lambd, x + bias, np.where(x > lambd, x - bias, 0))


def swish(beta):
    return lambda x: x * sigma(beta * x)


def gelu(x):
    return x * np.vectorize(lambda v: math.erfc(-v / math.sqrt(2)) / 2)(x)


def gelu_tanh(x):
    return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def hard_swish(x):
    return x * np.clip(x + 3, 0, 6) / 6


def squareplus(x):
    return (x + np.sqrt(x**2 + 4)) / 2


def relu(x):
    return np.maximum(x, 0)


# From the documentation of each, by what is called there.
FORMULAS = {
    "F.relu(x)": relu,
    "F.leaky_relu(x, 0.2)": leaky(0.2),
    "F.prelu(x, weight)": leaky(WEIGHT),
    "torch.sigmoid(x)": sigma,
    "torch.tanh(x)": np.tanh,
    "F.gelu(x)": gelu,
    'F.gelu(x, approximate="tanh")': gelu_tanh,
    "F.silu(x)": swish(1),
    "F.mish(x)": lambda x: x * np.tanh(softplus(x)),
    "F.elu(x, alpha=0.5)": elu(0.5),
    "F.selu(x)": lambda x: 1.0507009873554804934193349852946 * elu(1.6732632423543772848170429916717)(x),
    "F.celu(x, alpha=0.5)": lambda x: relu(x) + np.minimum(0, 0.5 * np.expm1(x / 0.5)),
    "F.softplus(x, beta=2)": lambda x: softplus(2 * x) / 2,
    "F.hardsigmoid(x)": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "F.hardtanh(x, -2, 2)": lambda x: np.clip(x, -2, 2),
    "F.hardswish(x)": hard_swish,
    "F.relu6(x)": lambda x: np.clip(x, 0, 6),
    "F.threshold(x, 0.1, 20)": lambda x: np.where(x > 0.1, x, 20),
    "F.logsigmoid(x)": lambda x: -softplus(-x),
    "F.softsign(x)": lambda x: x / (1 + np.abs(x)),
    "F.tanhshrink(x)": lambda x: x - np.tanh(x),
    "F.hardshrink(x)": shrink(0.5, 0),
    "F.softshrink(x, 0.25)": shrink(0.25, 0.25),
    "jax.nn.relu(x)": relu,
    "jax.nn.leaky_relu(x)": leaky(0.01),
    "flax.linen.PReLU()(x)": leaky(0.01),
    "jax.nn.gelu(x)": gelu_tanh,
    "jax.nn.gelu(x, approximate=False)": gelu,
    "jax.nn.silu(x)": swish(1),
    "jax.nn.mish(x)": lambda x: x * np.tanh(softplus(x)),
    "jax.nn.elu(x, 0.5)": elu(0.5),
    "jax.nn.softplus(x)": softplus,
    "jax.nn.hard_sigmoid(x)": lambda x: np.clip(x + 3, 0, 6) / 6,
    "jax.nn.hard_tanh(x)": lambda x: np.clip(x, -1, 1),
    "jax.nn.hard_silu(x)": hard_swish,
    "jax.nn.relu6(x)": lambda x: np.clip(x, 0, 6),
    "jax.nn.log_sigmoid(x)": lambda x: -softplus(-x),
    "jax.nn.soft_sign(x)": lambda x: x / (1 + np.abs(x)),
    "jax.nn.squareplus(x)": squareplus,
    "jax.nn.sparse_plus(x)": lambda x: np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4)),
    "jax.nn.sparse_sigmoid(x)": lambda x: np.clip((x + 1) / 2, 0, 1),
    "keras.activations.leaky_relu(x)": leaky(0.2),
    "keras.layers.LeakyReLU()(x)": leaky(0.3),
    "keras.layers.PReLU()(x)": leaky(0.0),
    "keras.activations.gelu(x)": gelu,
    "keras.activations.silu(x)": swish(1),
    "keras.activations.hard_sigmoid(x)": hard_sigmoid(1 / 6),
    "Keras 2: hard_sigmoid(x)": hard_sigmoid(0.2),
    "keras.activations.hard_shrink(x, threshold=0.5)": shrink(0.5, 0),
    "keras.activations.soft_shrink(x, threshold=0.5)": shrink(0.5, 0.5),
    "Relu": relu,
    "LeakyRelu(alpha=0.01)": leaky(0.01),
    "PRelu(x, slope)": leaky(WEIGHT),
    'Gelu(approximate="none")': gelu,
    "Swish(alpha=1.5)": swish(1.5),
    "Elu(alpha=1.0)": elu(1),
    "Softplus": softplus,
    "HardSigmoid": hard_sigmoid(0.2),
    "HardSwish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "Shrink(lambd=0.5)": shrink(0.5, 0),
    "Shrink(lambd=0.5, bias=0.5)": shrink(0.5, 0.5),
    "ThresholdedRelu(alpha=1.0)": lambda x: np.where(x > 1, x, 0),
    "Clip(min=-1, max=1)": lambda x: np.clip(x, -1, 1),
    "TensorFlow: tf.nn.silu(x, beta=1.5)": swish(1.5),
    "oneDNN: eltwise_swish, alpha = 1.5": swish(1.5),
    "TensorFlow: tf.nn.leaky_relu(x)": leaky(0.2),
    "oneDNN: eltwise_relu, alpha = 0.1": leaky(0.1),
    "thinc: hard_sigmoid(x)": hard_sigmoid(0.2),
    "oneDNN: eltwise_hardsigmoid, alpha = 0.2, beta = 0.5": hard_sigmoid(0.2),
    "thinc: hard_swish(x)": lambda x: x * np.clip(0.2 * x + 0.5, 0, 1),
    "quick GELU, MLX fast": swish(1.702),
    "without 1/α": lambda x: x + np.sin(2 * x) ** 2,
}


def ours(row, x=X, weight=WEIGHT):
    return eval(row.ours, {"sp": sp, "x": x, "weight": weight})


def named(row):
    return f"{row.library}-{row.theirs}"


@pytest.mark.parametrize("row", dialects.ROWS, ids=named)
def test_against_the_formula(row):
    np.testing.assert_allclose(ours(row), FORMULAS[row.theirs](X), rtol=1e-12, atol=1e-12)
    # a row whose only purpose is to say "not the default" would be wrong if it were the default
    if "slope 0.2" in row.differs:
        default = eval(f"sp.{row.function}(x)", {"sp": sp, "x": X})
        assert np.abs(ours(row) - default).max() > 0.05


def test_every_formula_is_used():
    assert set(FORMULAS) == {row.theirs for row in dialects.ROWS}
    assert {row.function for row in dialects.ROWS} <= {*sp.activations(), "prelu"}
    assert set(dialects.HERE) >= {row.function for row in dialects.ROWS if row.differs}


@pytest.mark.parametrize("row", [row for row in dialects.ROWS if row.library == dialects.PYTORCH], ids=named)
def test_against_pytorch(row):
    torch = pytest.importorskip("torch")
    x = torch.tensor(X)
    names = {"torch": torch, "F": torch.nn.functional, "x": x, "weight": torch.tensor([WEIGHT], dtype=torch.float64)}
    theirs = eval(row.theirs, names).numpy()
    body = X > -20  # further out PyTorch has lost digits; test_torch.py and docs/performance.md are about that
    np.testing.assert_allclose(ours(row)[body], theirs[body], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    "row", [row for row in dialects.ROWS if row.library == dialects.JAX and "flax" not in row.theirs], ids=named
)
def test_against_jax(row):
    jax = pytest.importorskip("jax")
    x = jax.numpy.asarray(X, dtype="float32")
    theirs = np.asarray(eval(row.theirs, {"jax": jax, "x": x}))
    np.testing.assert_allclose(ours(row, X.astype(np.float32)), theirs, rtol=1e-4, atol=2e-6)


ATTRIBUTES = [row for row in dialects.ROWS if row.library == dialects.ONNX and "Swish" not in row.theirs[:6]]


@pytest.mark.parametrize("row", ATTRIBUTES, ids=named)
def test_against_onnx(row):
    onnx = pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    helper, number = onnx.helper, onnx.TensorProto.FLOAT
    name, _, inside = row.theirs.rstrip(")").partition("(")
    inputs, extra, attributes = ["x"], [], {}
    for part in filter(None, inside.split(", ")):
        key, equals, value = part.partition("=")
        if not equals:
            if key != "x":
                extra.append((key, WEIGHT))
        elif name == "Clip":
            extra.append((key, float(value)))
        else:
            attributes[key] = eval(value)
    node = helper.make_node(name, inputs + [key for key, _ in extra], ["y"], **attributes)
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", number, [None])],
        [helper.make_tensor_value_info("y", number, [None])],
        [helper.make_tensor(key, number, [1] if name == "PRelu" else [], [value]) for key, value in extra],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    model.ir_version = 9
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    x = X.astype(np.float32)
    np.testing.assert_allclose(ours(row, x), session.run(None, {"x": x})[0], rtol=1e-4, atol=2e-6)


def test_the_tables_are_those_of_the_code(monkeypatch):
    for path, text in dialects.written().items():
        assert path.read_text(encoding="utf-8") == text, f"run tools/dialects.py: {path.name}"
    monkeypatch.setattr(sys, "argv", ["dialects.py", "--check"])
    assert dialects.main() == 0


def test_a_change_is_noticed(monkeypatch, capsys):
    monkeypatch.setitem(dialects.HERE, "gelu", "something else")
    monkeypatch.setattr(sys, "argv", ["dialects.py", "--check"])
    assert dialects.main() == 1
    assert "differences.md" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="no marks"):
        dialects.replaced("text", "dialects", "table")
