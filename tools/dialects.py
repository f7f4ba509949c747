"""The names of the functions in other libraries, and the tables of the documentation that are generated from them.

``python tools/dialects.py`` writes the tables between the marks in docs/differences.md and docs/howto/coming_from.md;
``--check`` reports whether these tables are up to date. tests/test_dialects.py compares each row's expression with the
formula in the other library's documentation, and with the library itself if it is installed.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).resolve().parents[1] / "docs"


class Row(NamedTuple):
    """One function of one library."""

    function: str
    """The name in Spatium, as in sp.<function>."""
    library: str
    theirs: str
    """The call in the other library."""
    ours: str
    """The equivalent Spatium expression in x (and weight)."""
    differs: str = ""
    """The difference, if the same name has another meaning or default."""


# The definition or default in Spatium, for functions that differ in another library.
HERE = {
    "relu": "NaN stays NaN; f′(0) = 0",
    "leaky_relu": "`negative_slope=0.01`, as in PyTorch, JAX and ONNX",
    "prelu": "`channel_axis=1`, as in PyTorch",
    "elu": "`alpha=1`",
    "gelu": "exact, as in PyTorch, ONNX, Keras and MLX",
    "swish": "parameter `beta`, as in TensorFlow; `silu` is an alias",
    "softplus": "`beta`, no threshold",
    "hard_sigmoid": "slope 1/6, offset 0.5, as in PyTorch, JAX and Keras 3",
    "hard_swish": "x·clip(x/6 + 1/2, 0, 1), as in most libraries",
    "hard_shrink": "`lambd=0.5`, as in PyTorch",
    "soft_shrink": "`lambd=0.5`, as in PyTorch",
    "threshold": "x if x > θ, otherwise v",
    "squareplus": "`b=4`, accurate for negative x",
    "snake": "x + sin²(αx)/β; β = α by default",
}

PYTORCH, JAX, KERAS, ONNX = "PyTorch", "JAX", "Keras", "ONNX"
OTHERS = "others"

ROWS = [
    # PyTorch: torch.nn.functional
    Row("relu", PYTORCH, "F.relu(x)", "sp.relu(x)"),
    Row("leaky_relu", PYTORCH, "F.leaky_relu(x, 0.2)", "sp.leaky_relu(x, 0.2)"),
    Row("prelu", PYTORCH, "F.prelu(x, weight)", "sp.prelu(x, weight)", "initial slope of 0.25 in the module"),
    Row("sigmoid", PYTORCH, "torch.sigmoid(x)", "sp.sigmoid(x)"),
    Row("tanh", PYTORCH, "torch.tanh(x)", "sp.tanh(x)"),
    Row("gelu", PYTORCH, "F.gelu(x)", "sp.gelu(x)"),
    Row("gelu", PYTORCH, 'F.gelu(x, approximate="tanh")', 'sp.gelu(x, approximate="tanh")'),
    Row("swish", PYTORCH, "F.silu(x)", "sp.silu(x)", "silu(−inf) is NaN, but −0.0 in Spatium"),
    Row("mish", PYTORCH, "F.mish(x)", "sp.mish(x)"),
    Row("elu", PYTORCH, "F.elu(x, alpha=0.5)", "sp.elu(x, 0.5)"),
    Row("selu", PYTORCH, "F.selu(x)", "sp.selu(x)"),
    Row("celu", PYTORCH, "F.celu(x, alpha=0.5)", "sp.celu(x, 0.5)"),
    Row(
        "softplus", PYTORCH, "F.softplus(x, beta=2)", "sp.softplus(x, 2)",
        "linear for beta·x > `threshold` = 20",
    ),
    Row("hard_sigmoid", PYTORCH, "F.hardsigmoid(x)", "sp.hard_sigmoid(x)"),
    Row("hard_tanh", PYTORCH, "F.hardtanh(x, -2, 2)", "sp.hard_tanh(x, -2, 2)"),
    Row("hard_swish", PYTORCH, "F.hardswish(x)", "sp.hard_swish(x)"),
    Row("relu6", PYTORCH, "F.relu6(x)", "sp.relu6(x)"),
    Row("threshold", PYTORCH, "F.threshold(x, 0.1, 20)", "sp.threshold(x, 0.1, 20)"),
    Row("log_sigmoid", PYTORCH, "F.logsigmoid(x)", "sp.log_sigmoid(x)"),
    Row("soft_sign", PYTORCH, "F.softsign(x)", "sp.soft_sign(x)"),
    Row("tanh_shrink", PYTORCH, "F.tanhshrink(x)", "sp.tanh_shrink(x)"),
    Row("hard_shrink", PYTORCH, "F.hardshrink(x)", "sp.hard_shrink(x)"),
    Row("soft_shrink", PYTORCH, "F.softshrink(x, 0.25)", "sp.soft_shrink(x, 0.25)"),
    # JAX: jax.nn
    Row("relu", JAX, "jax.nn.relu(x)", "sp.relu(x)"),
    Row("leaky_relu", JAX, "jax.nn.leaky_relu(x)", "sp.leaky_relu(x)"),
    Row("prelu", JAX, "flax.linen.PReLU()(x)", "sp.prelu(x, 0.01)", "initial slope of 0.01 in Flax"),
    Row("gelu", JAX, "jax.nn.gelu(x)", 'sp.gelu(x, approximate="tanh")', "tanh form by default"),
    Row("gelu", JAX, "jax.nn.gelu(x, approximate=False)", "sp.gelu(x)"),
    Row("swish", JAX, "jax.nn.silu(x)", "sp.silu(x)"),
    Row("mish", JAX, "jax.nn.mish(x)", "sp.mish(x)"),
    Row("elu", JAX, "jax.nn.elu(x, 0.5)", "sp.elu(x, 0.5)"),
    Row("softplus", JAX, "jax.nn.softplus(x)", "sp.softplus(x)"),
    Row("hard_sigmoid", JAX, "jax.nn.hard_sigmoid(x)", "sp.hard_sigmoid(x)"),
    Row("hard_tanh", JAX, "jax.nn.hard_tanh(x)", "sp.hard_tanh(x)"),
    Row("hard_swish", JAX, "jax.nn.hard_silu(x)", "sp.hard_swish(x)"),
    Row("relu6", JAX, "jax.nn.relu6(x)", "sp.relu6(x)"),
    Row("log_sigmoid", JAX, "jax.nn.log_sigmoid(x)", "sp.log_sigmoid(x)"),
    Row("soft_sign", JAX, "jax.nn.soft_sign(x)", "sp.soft_sign(x)"),
    Row("squareplus", JAX, "jax.nn.squareplus(x)", "sp.squareplus(x)", "0 for float32 x below about −1e4"),
    Row("sparse_plus", JAX, "jax.nn.sparse_plus(x)", "sp.sparse_plus(x)"),
    Row("sparse_sigmoid", JAX, "jax.nn.sparse_sigmoid(x)", "sp.sparse_sigmoid(x)"),
    # Keras 3: keras.activations and keras.layers
    Row("leaky_relu", KERAS, "keras.activations.leaky_relu(x)", "sp.leaky_relu(x, 0.2)", "slope 0.2, as in TensorFlow"),
    Row("leaky_relu", KERAS, "keras.layers.LeakyReLU()(x)", "sp.leaky_relu(x, 0.3)", "slope 0.3, unlike the function"),
    Row("prelu", KERAS, "keras.layers.PReLU()(x)", "sp.prelu(x, 0.0)", "initial slopes of 0"),
    Row("gelu", KERAS, "keras.activations.gelu(x)", "sp.gelu(x)"),
    Row("swish", KERAS, "keras.activations.silu(x)", "sp.silu(x)"),
    Row("hard_sigmoid", KERAS, "keras.activations.hard_sigmoid(x)", "sp.hard_sigmoid(x)"),
    Row("hard_sigmoid", KERAS, "Keras 2: hard_sigmoid(x)", "sp.hard_sigmoid(x, 0.2)", "slope 0.2 in Keras 2"),
    Row(
        "hard_shrink", KERAS, "keras.activations.hard_shrink(x, threshold=0.5)", "sp.hard_shrink(x)",
        "`threshold`, not `lambd`",
    ),
    Row(
        "soft_shrink", KERAS, "keras.activations.soft_shrink(x, threshold=0.5)", "sp.soft_shrink(x)",
        "`threshold`, not `lambd`",
    ),
    # ONNX operators
    Row("relu", ONNX, "Relu", "sp.relu(x)"),
    Row("leaky_relu", ONNX, "LeakyRelu(alpha=0.01)", "sp.leaky_relu(x, 0.01)", "named `alpha`"),
    Row("prelu", ONNX, "PRelu(x, slope)", "sp.leaky_relu(x, weight)", "broadcasts like NumPy: no channel axis"),
    Row("gelu", ONNX, 'Gelu(approximate="none")', "sp.gelu(x)"),
    Row("swish", ONNX, "Swish(alpha=1.5)", "sp.swish(x, 1.5)", "named `alpha`"),
    Row("elu", ONNX, "Elu(alpha=1.0)", "sp.elu(x)"),
    Row("softplus", ONNX, "Softplus", "sp.softplus(x)"),
    Row("hard_sigmoid", ONNX, "HardSigmoid", "sp.hard_sigmoid(x, 0.2)", "slope (`alpha`) 0.2 by default"),
    Row("hard_swish", ONNX, "HardSwish", "sp.hard_swish(x)"),
    Row("hard_shrink", ONNX, "Shrink(lambd=0.5)", "sp.hard_shrink(x)", "Shrink(lambd, bias=0) is hard by default"),
    Row("soft_shrink", ONNX, "Shrink(lambd=0.5, bias=0.5)", "sp.soft_shrink(x)", "Shrink is soft if bias = lambd"),
    Row("threshold", ONNX, "ThresholdedRelu(alpha=1.0)", "sp.threshold(x, 1.0, 0.0)", "the threshold is named `alpha`"),
    Row("hard_tanh", ONNX, "Clip(min=-1, max=1)", "sp.hard_tanh(x)"),
    # elsewhere
    Row("swish", OTHERS, "TensorFlow: tf.nn.silu(x, beta=1.5)", "sp.swish(x, 1.5)"),
    Row("swish", OTHERS, "oneDNN: eltwise_swish, alpha = 1.5", "sp.swish(x, 1.5)", "named `alpha`"),
    Row("leaky_relu", OTHERS, "TensorFlow: tf.nn.leaky_relu(x)", "sp.leaky_relu(x, 0.2)", "slope 0.2"),
    Row("leaky_relu", OTHERS, "oneDNN: eltwise_relu, alpha = 0.1", "sp.leaky_relu(x, 0.1)", "named `alpha`"),
    Row("hard_sigmoid", OTHERS, "thinc: hard_sigmoid(x)", "sp.hard_sigmoid(x, 0.2)", "slope 0.2"),
    Row(
        "hard_sigmoid", OTHERS, "oneDNN: eltwise_hardsigmoid, alpha = 0.2, beta = 0.5", "sp.hard_sigmoid(x, 0.2, 0.5)",
        "no default",
    ),
    Row("hard_swish", OTHERS, "thinc: hard_swish(x)", "x * sp.hard_sigmoid(x, 0.2)", "0.2 in place of 1/6"),
    Row("gelu", OTHERS, "quick GELU, MLX fast", 'sp.gelu(x, approximate="sigmoid")'),
    Row("snake", OTHERS, "without 1/α", "sp.snake(x, 2.0, 1.0)", "not monotone for α > 1"),
]  # fmt: skip

LIBRARIES = {PYTORCH: PYTORCH, JAX: "JAX and Flax", KERAS: KERAS, ONNX: ONNX, OTHERS: "Others"}


def differences() -> str:
    """The functions that differ in some library, one row each."""
    lines = ["| function | Spatium | other libraries |", "|---|---|---|"]
    for function, here in HERE.items():
        rows = [row for row in ROWS if row.function == function and row.differs]
        if rows:
            elsewhere = "; ".join(
                f"{row.theirs.partition(':')[0] if row.library == OTHERS and ':' in row.theirs else _library(row)}: "
                f"{row.differs}, `{row.ours}`"
                for row in rows
            )
            lines.append(f"| `{function}` | {here} | {elsewhere} |")
    return "\n".join(lines)


def _library(row: Row) -> str:
    if row.library == OTHERS:
        return "other definitions " + row.theirs
    return f"{row.library} {'layer' if '.layers.' in row.theirs else ''}".strip()


def coming_from(library: str) -> str:
    """All rows of one library."""
    lines = ["| other library | Spatium | difference |", "|---|---|---|"]
    lines += [f"| `{row.theirs}` | `{row.ours}` | {row.differs} |" for row in ROWS if row.library == library]
    return "\n".join(lines)


def replaced(text: str, mark: str, table: str) -> str:
    """Return the text with the table inserted between its marks."""
    begin, end = f"<!-- {mark}: begin -->\n", f"\n<!-- {mark}: end -->"
    before, found, rest = text.partition(begin)
    _, also_found, after = rest.partition(end)
    if not (found and also_found):
        raise SystemExit(f"no marks {begin.strip()} and {end.strip()}")
    return before + begin + table + end + after


def written() -> dict[Path, str]:
    """Return the expected contents of the files."""
    texts = {path: (DOCS / path).read_text(encoding="utf-8") for path in ("differences.md", "howto/coming_from.md")}
    result = {DOCS / "differences.md": replaced(texts["differences.md"], "dialects", differences())}
    text = texts["howto/coming_from.md"]
    for library in LIBRARIES:
        text = replaced(text, library, coming_from(library))
    result[DOCS / "howto/coming_from.md"] = text
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a file is not up to date")
    check = parser.parse_args().check
    stale = [path for path, text in written().items() if path.read_text(encoding="utf-8") != text]
    for path in stale:
        if check:
            print(f"{path} is not up to date: run tools/dialects.py", file=sys.stderr)
        else:
            path.write_text(written()[path], encoding="utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
