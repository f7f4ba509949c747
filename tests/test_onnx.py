"""Networks from and to ONNX: graphs made here, whose results ONNX Runtime and ONNX's own evaluator compute."""

import json
import os
import struct
import sys

import numpy as np
import pytest
from conftest import same_bits

import spatium as sp
import spatium.onnx
from spatium import nn
from spatium.nn import Dense, Network, Softmax, SpatialDense

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper, reference  # noqa: E402

CLOSE = {"rtol": 2e-6, "atol": 2e-6}


def normal(*shape, seed=0, dtype=np.float32):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def node(op, inputs, output, **attributes):
    return helper.make_node(op, inputs.split(), output.split(), name=f"{op} to {output}", **attributes)


def graph(*nodes, shape=("n", 4), kind=TensorProto.FLOAT, opset=20, outputs=("y",), domains=(), **initializers):
    """A model of nodes that begin with x and end with y; initializers are arrays."""
    made = helper.make_graph(
        list(nodes),
        "test",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info(name, kind, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in initializers.items()],
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(name, 1) for name in domains)]
    return helper.make_model(made, opset_imports=imports, ir_version=9)


def loaded(model, tmp_path, **options):
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return sp.onnx.load(path, **options)


def refused(model, tmp_path, match, **options):
    with pytest.raises(ValueError, match=match) as caught:
        loaded(model, tmp_path, **options)
    assert str(tmp_path / "model.onnx") in str(caught.value)


def run(model, x, name="x"):
    """The first output, computed by ONNX Runtime, or by ONNX's own evaluator without it."""
    try:
        import onnxruntime
    except ModuleNotFoundError:
        return reference.ReferenceEvaluator(model).run(None, {name: x})[0]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    return session.run(None, {name: x})[0]


def without_description(model):
    del model.metadata_props[:]
    return model


# ---- operators ----


@pytest.mark.parametrize(
    ("op", "attributes", "expected"),
    [
        ("Relu", {}, sp.ReLU()),
        ("LeakyRelu", {}, sp.LeakyReLU(0.01)),
        ("LeakyRelu", {"alpha": 0.2}, sp.LeakyReLU(0.2)),
        ("Elu", {}, sp.ELU(1.0)),
        ("Elu", {"alpha": 0.3}, sp.ELU(0.3)),
        ("Selu", {}, sp.SELU()),
        ("Selu", {"alpha": 1.67326, "gamma": 1.0507}, None),
        ("Celu", {}, sp.CELU(1.0)),
        ("Celu", {"alpha": 2.0}, sp.CELU(2.0)),
        ("HardSigmoid", {}, sp.HardSigmoid(0.2, 0.5)),
        ("HardSigmoid", {"alpha": 1 / 6}, sp.HardSigmoid()),
        ("HardSwish", {}, sp.HardSwish()),
        ("Softplus", {}, sp.Softplus()),
        ("Softsign", {}, sp.SoftSign()),
        ("ThresholdedRelu", {}, sp.Threshold(1.0, 0.0)),
        ("ThresholdedRelu", {"alpha": 0.3}, sp.Threshold(0.3, 0.0)),
        ("Shrink", {}, sp.HardShrink(0.5)),
        ("Shrink", {"lambd": 0.2, "bias": 0.2}, sp.SoftShrink(0.2)),
        ("Gelu", {}, sp.GELU()),
        ("Gelu", {"approximate": "tanh"}, sp.GELU("tanh")),
        ("Mish", {}, sp.Mish()),
        ("Tanh", {}, sp.Tanh()),
        ("Sigmoid", {}, sp.Sigmoid()),
        ("Sin", {}, sp.Sine()),
        ("Identity", {}, None),
    ],
)
def test_activations_have_the_defaults_of_their_operator(op, attributes, expected, tmp_path):
    model = graph(node(op, "x", "y", **attributes))
    network = loaded(model, tmp_path)
    if expected is not None:
        (layer,) = network.layers
        assert layer.activation == expected
    x = normal(50, 4) * 3
    np.testing.assert_allclose(network.predict(x), run(model, x), **CLOSE)


@pytest.mark.parametrize("opset", [6, 10, 11, 13, 20])
def test_clip(opset, tmp_path):
    if opset < 11:
        model = graph(node("Clip", "x", "y", min=-0.5, max=0.3), opset=opset)
    else:
        model = graph(node("Clip", "x low high", "y"), opset=opset, low=np.float32(-0.5), high=np.float32(0.3))
    assert loaded(model, tmp_path).layers[0].activation == sp.HardTanh(-0.5, 0.3)
    upper = node("Clip", "x", "y", max=6.0) if opset < 11 else node("Clip", "x  high", "y")
    if opset >= 11:
        upper.input[:] = ["x", "", "high"]
    found = loaded(graph(upper, opset=opset, high=np.float32(6)), tmp_path).layers[0].activation
    assert found == sp.HardTanh(-np.inf, 6.0)


@pytest.mark.parametrize(
    "nodes",
    [
        [("Sigmoid", "x", "s"), ("Mul", "x s", "y")],
        [("Div", "x root", "a"), ("Erf", "a", "b"), ("Add", "b one", "c"), ("Mul", "x c", "d"), ("Mul", "d half", "y")],
        [("Mul", "x half", "h"), ("Div", "x root", "a"), ("Erf", "a", "b"), ("Add", "one b", "c"), ("Mul", "h c", "y")],
        [("Pow", "x three", "p"), ("Mul", "p cubic", "q"), ("Add", "x q", "r"), ("Mul", "r k", "s"), ("Tanh", "s", "t"),
         ("Add", "t one", "u"), ("Mul", "x half", "h"), ("Mul", "h u", "y")],
        [("Softplus", "x", "s"), ("Tanh", "s", "t"), ("Mul", "x t", "y")],
        [("HardSigmoid", "x", "s", {"alpha": 1 / 6}), ("Mul", "x s", "y")],
        [("Add", "x three", "a"), ("Clip", "a zero six", "b"), ("Mul", "x b", "c"), ("Div", "c six", "y")],
        [("Neg", "x", "n"), ("Exp", "n", "e"), ("Add", "e one", "d"), ("Div", "x d", "y")],
        [("Relu", "x", "r"), ("Mul", "r r", "y")],
        [("Relu", "x", "r"), ("Min", "r six", "y")],
        [("Max", "zero x", "m"), ("Sigmoid", "m", "y")],
        [("Sub", "one x", "m"), ("Abs", "m", "a"), ("Reciprocal", "a", "i"), ("Mul", "x one", "y")],
    ],
    ids=["silu", "gelu", "gelu 2", "gelu tanh", "mish", "hard_swish", "hard_swish 2", "silu 2", "relu_squared", "relu6",
         "relu, sigmoid", "unused nodes"],
)  # fmt: skip
def test_patterns_of_exporters(nodes, tmp_path):
    constants = {"one": 1.0, "half": 0.5, "root": np.sqrt(2), "three": 3.0, "cubic": 0.044715, "k": np.sqrt(2 / np.pi),
                 "zero": 0.0, "six": 6.0}  # fmt: skip
    made = [node(op, inputs, output, **(rest[0] if rest else {})) for op, inputs, output, *rest in nodes]
    dense = node("MatMul", "x w", "z")
    for one in made:
        one.input[:] = ["z" if name == "x" else name for name in one.input]
    model = graph(dense, *made, w=normal(4, 5), **{name: np.float32(value) for name, value in constants.items()})
    network = loaded(model, tmp_path)
    assert len(network.layers) <= 2
    x = normal(200, 4) * 2
    np.testing.assert_allclose(network.predict(x), run(model, x), **CLOSE)


# ---- layers ----


def test_gemm_in_all_forms(tmp_path):
    x, w, b = normal(6, 4), normal(4, 3, seed=1), normal(3, seed=2)
    for attributes, weights, bias in [
        ({}, w, b),
        ({"transB": 1}, w.T.copy(), b),
        ({"alpha": 0.5, "beta": 2.0}, w, b[None]),
        ({"transB": 1}, w.T.copy(), np.float32([2.0])),
        ({}, w, np.float32(1.5)),
    ]:
        model = graph(node("Gemm", "x w b", "y", **attributes), w=weights, b=bias)
        network = loaded(model, tmp_path)
        assert [type(layer) for layer in network.layers] == [Dense]
        np.testing.assert_allclose(network.predict(x), run(model, x), rtol=1e-5, atol=1e-6)
    no_bias = graph(node("Gemm", "x w", "y"), w=w)
    np.testing.assert_allclose(loaded(no_bias, tmp_path).predict(x), x @ w, rtol=1e-5, atol=1e-6)


def test_matmul_with_arithmetic_is_one_layer(tmp_path):
    model = graph(
        node("Transpose", "w", "wt", perm=[1, 0]), node("MatMul", "x wt", "a"), node("Add", "b a", "c"),
        node("Mul", "c s", "d"), node("Sub", "d b", "e"), node("Relu", "e", "f"), node("MatMul", "f v", "g"),
        node("Div", "g s2", "h"), node("Sub", "one h", "y"), w=normal(5, 4), b=normal(5, seed=1), s=normal(5, seed=2),
        v=normal(5, 2, seed=3), s2=np.float32([[2.0, -4.0]]), one=np.float32(1.0),
    )  # fmt: skip
    network = loaded(model, tmp_path)
    assert [(type(layer), layer.activation) for layer in network.layers] == [(Dense, sp.ReLU()), (Dense, None)]
    x = normal(9, 4)
    np.testing.assert_allclose(network.predict(x), run(model, x), rtol=1e-5, atol=1e-5)


def test_scaling_of_the_input(tmp_path):
    """In float64 as Standardize computes it: the means are large."""
    x = normal(9, 4) + np.float32([1e5, 0, 0, -3e4])
    mean, deviation = np.float32([1e5, 0.5, 1, -3e4]), np.float32([2, 4, 0.5, 8])
    model = graph(node("Sub", "x m", "a"), node("Div", "a d", "b"), node("Gemm", "b w", "y"), m=mean, d=deviation,
                  w=normal(4, 3))  # fmt: skip
    network = loaded(model, tmp_path)
    assert [type(layer) for layer in network.layers] == [nn.Standardize, Dense]
    np.testing.assert_allclose(network.predict(x), run(model, x), rtol=1e-5, atol=1e-5)
    scaled = graph(node("Mul", "x s", "a"), node("Tanh", "a", "y"), s=np.float32(1 / 255))
    np.testing.assert_allclose(loaded(scaled, tmp_path).predict(x), np.tanh(x / 255), **CLOSE)
    turned = graph(node("Mul", "x s", "y"), s=np.float32([1, -1, 2, -2]))
    np.testing.assert_allclose(loaded(turned, tmp_path).predict(x), x * np.float32([1, -1, 2, -2]))


def test_images(tmp_path):
    model = graph(
        node("Conv", "x w1 b1", "a", pads=[1, 1, 1, 1]), node("BatchNormalization", "a s b m v", "c", epsilon=1e-3),
        node("Relu", "c", "d"), node("MaxPool", "d", "e", kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", "e w2", "f", strides=[2, 2]), node("PRelu", "f slope", "g"), node("Flatten", "g", "h"),
        node("Gemm", "h w3", "i"), node("Softmax", "i", "y"), shape=("n", 3, 12, 12), w1=normal(6, 3, 3, 3),
        b1=normal(6),
        s=normal(6, seed=1), b=normal(6, seed=2), m=normal(6, seed=3), v=np.abs(normal(6, seed=4)),
        w2=normal(5, 6, 3, 3, seed=5) / 5, slope=normal(5, 1, 1, seed=6), w3=normal(20, 4, seed=7),
    )  # fmt: skip
    network = loaded(model, tmp_path)
    assert network.layers[1].eps == 1e-3
    x = normal(8, 3, 12, 12)
    expected = run(model, x)
    np.testing.assert_allclose(network.predict(x), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(network.predict(x.reshape(8, -1)), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("attributes", "kernel"),
    [
        ({"pads": [0, 0, 1, 1], "strides": [2, 2]}, (3, 3)),
        ({"pads": [0, 1, 2, 0]}, (3, 2)),
        ({"pads": [1, 2, 1, 2]}, (3, 5)),
        ({"auto_pad": "SAME_UPPER", "strides": [2, 2]}, (3, 3)),
        ({"auto_pad": "SAME_LOWER"}, (2, 2)),
        ({"auto_pad": "VALID"}, (3, 3)),
        ({"dilations": [2, 2], "pads": [2, 2, 2, 2]}, (3, 3)),
        ({"dilations": [2, 2], "pads": [0, 1, 1, 0], "strides": [2, 2]}, (2, 2)),
    ],
)
def test_filters_that_are_not_square_or_not_centered(attributes, kernel, tmp_path):
    for size in (8, 9):
        if "SAME" in attributes.get("auto_pad", "") and attributes.get("strides") and size == 9:
            continue
        model = graph(node("Conv", "x w b", "y", **attributes), shape=("n", 2, size, size), w=normal(4, 2, *kernel),
                      b=normal(4))  # fmt: skip
        x = normal(3, 2, size, size)
        np.testing.assert_allclose(loaded(model, tmp_path).predict(x), run(model, x), rtol=1e-4, atol=1e-5)


def test_channels_last_as_keras_has_them(tmp_path):
    """Transposes around a convolution: of one channel at the input, and before a dense layer."""
    model = graph(
        node("Transpose", "x", "a", perm=[0, 3, 1, 2]), node("Conv", "a w", "b"),
        node("Transpose", "b", "c", perm=[0, 2, 3, 1]), node("Relu", "c", "d"), node("Reshape", "d target", "e"),
        node("MatMul", "e v", "f"), node("Add", "f bias", "g"), node("Sigmoid", "g", "y"), shape=("n", 6, 6, 1),
        w=normal(3, 1, 3, 3), target=np.int64([-1, 48]), v=normal(48, 2, seed=1), bias=normal(2),
    )  # fmt: skip
    network = loaded(model, tmp_path)
    x = normal(5, 6, 6, 1)
    np.testing.assert_allclose(network.predict(x), run(model, x), rtol=1e-4, atol=1e-5)
    there_and_back = graph(
        node("Conv", "x w", "a"), node("Transpose", "a", "b", perm=[0, 2, 3, 1]), node("LeakyRelu", "b", "c"),
        helper.make_node("Transpose", ["c"], ["d"], perm=[0, 3, 1, 2]), helper.make_node("Conv", ["d", "v"], ["y"]),
        shape=("n", 1, 6, 6), w=normal(3, 1, 3, 3), v=normal(2, 3, 3, 3, seed=1),
    )  # fmt: skip
    x = normal(5, 1, 6, 6)
    found = loaded(there_and_back, tmp_path)
    assert [type(layer) for layer in found.layers] == [nn.Conv2D, nn.Conv2D]
    np.testing.assert_allclose(found.predict(x), run(there_and_back, x), rtol=1e-4, atol=1e-5)
    colors = graph(node("Transpose", "x", "a", perm=[0, 3, 1, 2]), node("Conv", "a w", "y"), shape=("n", 6, 6, 3),
                   w=normal(3, 3, 3, 3))  # fmt: skip
    refused(colors, tmp_path, r"node 'Conv to y' \(Conv\): it takes transposed samples")


@pytest.mark.parametrize("opset", [11, 13])
@pytest.mark.parametrize("attributes", [{}, {"axis": 1}, {"axis": -1}, {"axis": 3}])
def test_softmax_before_and_after_version_13(opset, attributes, tmp_path):
    model = graph(node("Softmax", "x", "y", **attributes), shape=("n", 2, 3, 4), opset=opset)
    x = normal(5, 2, 3, 4)
    if opset == 13 and attributes.get("axis") == 1:
        refused(model, tmp_path, "axis is 1, expected the last")
        return
    network = loaded(model, tmp_path)
    np.testing.assert_allclose(network.predict(x), run(model, x), rtol=1e-5)


def test_shapes_of_traced_models(tmp_path):
    """``x.view(x.size(0), -1)`` is the Shape, its first number, and a Concat."""
    model = graph(
        node("Conv", "x w", "a"), node("Shape", "a", "s"), node("Gather", "s zero", "n"),
        node("Unsqueeze", "n axes", "n1"), node("Concat", "n1 rest", "t", axis=0), node("Reshape", "a t", "b"),
        node("Gemm", "b v", "c"), node("Cast", "c", "y", to=1), shape=("n", 1, 5, 5), w=normal(2, 1, 3, 3),
        zero=np.int64(0), axes=np.int64([0]), rest=np.int64([-1]), v=normal(18, 2),
    )  # fmt: skip
    x = normal(3, 1, 5, 5)
    np.testing.assert_allclose(loaded(model, tmp_path).predict(x), run(model, x), rtol=1e-4, atol=1e-5)
    flat = graph(node("Conv", "x w", "a"), node("Flatten", "a", "y"), shape=("n", 1, 5, 5), w=normal(2, 1, 3, 3))
    assert loaded(flat, tmp_path).predict(x).shape == (3, 18)
    image = graph(node("Reshape", "x t", "a"), node("Conv", "a w", "y"), shape=("n", 25), w=normal(2, 1, 3, 3),
                  t=np.int64([-1, 1, 5, 5]))  # fmt: skip
    rows = x.reshape(3, 25)  # of flat rows, the outputs are flat too
    expected = run(image, rows).reshape(3, -1)
    np.testing.assert_allclose(loaded(image, tmp_path).predict(rows), expected, rtol=1e-4, atol=1e-5)


def test_dropout_and_opset_6(tmp_path):
    ratio = graph(node("Dropout", "x r", "a"), node("Gemm", "a w", "y"), r=np.float32(0.3), w=normal(4, 2))
    network = loaded(ratio, tmp_path)
    assert network.layers[0].rate == 0.3
    np.testing.assert_allclose(network.predict(normal(3, 4)), run(ratio, normal(3, 4)), rtol=1e-5)
    old = graph(
        node("Dropout", "x", "a", ratio=0.25, is_test=1), node("Conv", "a w", "c"),
        node("Add", "c b", "d", broadcast=1, axis=1),
        node("PRelu", "d slope", "e"), node("Reshape", "e t", "f"), node("Gemm", "f v b2", "y", broadcast=1), opset=6,
        shape=("n", 1, 3, 3), w=normal(2, 1, 3, 3), b=normal(2), slope=np.float32([0.5, 0.25]), t=np.int64([0, -1]),
        v=normal(2, 2, seed=1), b2=normal(2, seed=2),
    )  # fmt: skip
    x = normal(6, 1, 3, 3)
    w, b, v, b2 = (numpy_helper.to_array(tensor) for tensor in (old.graph.initializer[i] for i in (0, 1, 4, 5)))
    z = np.einsum("nij,fij->nf", x[:, 0], w[:, 0]) + b
    expected = np.where(z > 0, z, z * [0.5, 0.25]) @ v + b2
    np.testing.assert_allclose(loaded(old, tmp_path).predict(x), expected, rtol=1e-4, atol=1e-5)


def test_half_and_double(tmp_path):
    w, x = normal(4, 3, dtype=np.float64), normal(5, 4, dtype=np.float64)
    double = graph(node("Gemm", "x w", "a"), node("Tanh", "a", "y"), kind=TensorProto.DOUBLE, w=w)
    network = loaded(double, tmp_path)
    assert network.dtype == np.float64
    np.testing.assert_allclose(network.predict(x), run(double, x), rtol=1e-14)
    half = graph(node("Gemm", "x w", "y"), kind=TensorProto.FLOAT16, w=w.astype(np.float16))
    network = loaded(half, tmp_path)
    assert network.dtype == np.float32
    np.testing.assert_array_equal(network.layers[0].weights, w.astype(np.float16).astype(np.float32))
    brain = graph(node("Gemm", "x w", "y"), w=w.astype(np.float32))
    tensor = brain.graph.initializer[0]
    tensor.data_type = TensorProto.BFLOAT16
    tensor.raw_data = (w.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).tobytes()
    rounded = (w.astype(np.float32).view(np.uint32) & 0xFFFF0000).view(np.float32)
    np.testing.assert_array_equal(loaded(brain, tmp_path).layers[0].weights, rounded)


def test_typed_fields_and_constants(tmp_path):
    """Numbers in the fields of their type, and in nodes."""
    w = normal(4, 3)
    model = graph(
        node("Constant", "", "one", value_float=1.0), node("Constant", "", "b", value_floats=[1.0, 2.0, 3.0]),
        node("Constant", "", "w", value=helper.make_tensor("w", TensorProto.FLOAT, [4, 3], w.reshape(-1).tolist())),
        node("Gemm", "x w b", "a"), node("Add", "a one", "y"),
    )  # fmt: skip
    for one in model.graph.node[:3]:
        del one.input[:]
    x = normal(3, 4)
    np.testing.assert_allclose(loaded(model, tmp_path).predict(x), x @ w + [2, 3, 4], rtol=1e-5, atol=1e-6)


def test_functions_of_the_model_are_inlined(tmp_path):
    body = [node("Sigmoid", "a", "s"), node("Mul", "a s", "b")]
    function = helper.make_function("local", "Silu", ["a"], ["b"], body, [helper.make_opsetid("", 20)])
    model = graph(helper.make_node("Silu", ["x"], ["y"], domain="local"), domains=["local"])
    model.functions.append(function)
    assert loaded(model, tmp_path).layers[0].activation == sp.Swish()


def test_nested_functions(tmp_path):
    def call(name, x, y):
        return helper.make_node(name, [x], [y], domain="local")

    levels = [
        helper.make_function("local", f"F{i}", ["a"], ["b"], [call(f"F{i + 1}", "a", "c"), call(f"F{i + 1}", "c", "b")],
                             [helper.make_opsetid("local", 1)])
        for i in range(40)
    ]  # fmt: skip
    levels.append(
        helper.make_function("local", "F40", ["a"], ["b"], [node("Relu", "a", "b")], [helper.make_opsetid("", 20)])
    )
    bomb = graph(call("F0", "x", "y"), domains=["local"])
    bomb.functions.extend(levels)
    refused(bomb, tmp_path, "its functions stand for more than 100000 nodes")
    bomb.functions[-1].node[0].CopyFrom(call("F0", "a", "b"))
    refused(bomb, tmp_path, "calls itself")


# ---- outputs and classes ----


def test_the_graph_of_scikit_learns_converter(tmp_path):
    """As skl2onnx writes a binary MLPClassifier, with a dict of probabilities and labels."""
    nodes = [
        node("MatMul", "x w1", "a"), node("Add", "a b1", "b"), node("Tanh", "b", "c"), node("MatMul", "c w2", "d"),
        node("Add", "d b2", "e"), node("Sigmoid", "e", "p"), node("Sub", "one p", "q"),
        node("Concat", "q p", "probabilities", axis=1), node("ArgMax", "probabilities", "i", axis=1),
        node("ArrayFeatureExtractor", "classes i", "label", domain="ai.onnx.ml"),
        node("ZipMap", "probabilities", "dicts", domain="ai.onnx.ml", classlabels_strings=["no", "yes"]),
    ]  # fmt: skip
    model = graph(*nodes, outputs=["label", "dicts"], domains=["ai.onnx.ml"], w1=normal(4, 5), b1=normal(5),
                  w2=normal(5, 1), b2=normal(1), one=np.float32(1))  # fmt: skip
    model.graph.initializer.append(helper.make_tensor("classes", TensorProto.STRING, [2], [b"no", b"yes"]))
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.STRING
    number = helper.make_tensor_type_proto(TensorProto.FLOAT, None)
    dicts = helper.make_sequence_type_proto(helper.make_map_type_proto(TensorProto.STRING, number))
    model.graph.output[1].CopyFrom(helper.make_value_info("dicts", dicts))
    network = loaded(model, tmp_path)
    assert network.classes == ("no", "yes")
    x = normal(20, 4)
    p = 1 / (1 + np.exp(-(np.tanh(x @ normal(4, 5) + normal(5)) @ normal(5, 1) + normal(1))))
    np.testing.assert_allclose(network.predict(x), np.hstack([1 - p, p]), rtol=1e-5, atol=1e-6)


def test_several_outputs(tmp_path):
    model = graph(
        node("Gemm", "x w", "logits"), node("Softmax", "logits", "p"), outputs=["logits", "p"], w=normal(4, 3)
    )
    refused(model, tmp_path, r"it has the outputs logits, p: choose one with load\(path, output=\.\.\.\)")
    assert len(loaded(model, tmp_path, output="logits").layers) == 1
    assert len(loaded(model, tmp_path, output="p").layers) == 2
    refused(model, tmp_path, "it has no output 'q', its outputs are logits, p", output="q")


# ---- what is refused ----


@pytest.mark.parametrize(
    ("nodes", "arrays", "message"),
    [
        ([("LSTM", "x w w", "y")], {}, r"node 'LSTM to y' \(LSTM\): the operator LSTM has no layer"),
        ([("Relu", "x", "a"), ("Gemm", "a w", "b"), ("Add", "a b", "y")], {"w": normal(4, 4)}, r"\(Add\): .*branches"),
        ([("Gemm", "x w", "a"), ("Gemm", "x w", "b"), ("Add", "a b", "y")], {"w": normal(4, 4)}, "branches"),
        ([("Gemm", "x gone", "y")], {}, r"\(Gemm\): its input 'gone' is missing"),
        ([("Relu", "b", "a"), ("Add", "a x", "b"), ("Relu", "b", "y")], {}, r"'b' is missing, or is computed after it"),
        ([("Gemm", "x w", "y")], {"w": normal(5, 3)}, r"it takes 5 columns, its input has the shape \('samples', 4\)"),
        ([("Gemm", "x w b", "y")], {"w": normal(4, 3), "b": normal(2)}, r"its bias has shape \(2,\)"),
        ([("Gemm", "x w", "y", {"transA": 1})], {"w": normal(4, 3)}, "transA is 1"),
        ([("Gemm", "x x", "y")], {}, "second matrix is not constant"),
        ([("MatMul", "w x", "y")], {"w": normal(4, 3)}, "its first matrix is constant"),
        ([("Gemm", "x w", "y")], {"w": np.full((4, 2), np.nan, np.float32)}, "its weights are not finite"),
        ([("Conv", "x w", "y")], {"w": normal(4, 3, 3, 3)}, "expected images"),
        ([("Softmax", "x", "y", {"axis": 0})], {}, "axis is 0, expected the last"),
        ([("Flatten", "x", "y", {"axis": 0})], {}, "axis is 0, expected 1"),
        ([("Reshape", "x t", "y")], {"t": np.int64([2, -1])}, "expected to leave the samples"),
        ([("Reshape", "x t", "y")], {"t": np.int64([-1, 3])}, "expected to leave the samples"),
        ([("Add", "x w", "y")], {"w": normal(3, 4)}, "one number per channel"),
        ([("Mul", "x w", "y")], {"w": normal(3)}, "one number per channel"),
        ([("Sigmoid", "x", "a"), ("Mul", "a a", "y")], {}, r"up to node 'Mul to y' \(Mul\) compute no known"),
        ([("LeakyRelu", "x", "y", {"alpha": 1})], {}, "the attribute alpha has another type"),
        ([("Elu", "x", "y", {"alpha": -1.0})], {}, "alpha is -1.0"),
        ([("Celu", "x", "y", {"alpha": float("nan")})], {}, "alpha|activation"),
        ([("Dropout", "x r t", "y")], {"r": np.float32(0.5), "t": np.array(True)}, "it is in training mode"),
        ([("Cast", "x", "y", {"to": TensorProto.INT64})], {}, "to integers"),
        ([("Concat", "x x", "y", {"axis": 1})], {}, "it joins samples"),
        ([("Max", "x x", "y")], {}, "it compares two values"),
        ([("Pow", "x w", "y")], {"w": np.float32(2.5)}, "its exponent is 2.5"),
        ([("Identity", "w", "y")], {"w": normal(3)}, "has the inputs none, expected one"),
        ([("Relu", "x", "a"), ("Relu", "x", "a"), ("Relu", "a", "y")], {}, "its output 'a' exists twice"),
        ([("PRelu", "x w", "y")], {"w": normal(3)}, "one number per channel"),
    ],
)  # fmt: skip
def test_graphs_that_are_refused(nodes, arrays, message, tmp_path):
    made = [node(op, inputs, output, **(rest[0] if rest else {})) for op, inputs, output, *rest in nodes]
    refused(graph(*made, **arrays), tmp_path, message)


@pytest.mark.parametrize(
    ("op", "attributes", "shape", "message"),
    [
        ("Conv", {"group": 2}, (4, 1, 3, 3), "group is 2"),
        ("Conv", {"strides": [1, 2]}, (4, 2, 3, 3), "strides is"),
        ("Conv", {"pads": [-1, 0, 0, 0]}, (4, 2, 3, 3), "pads are"),
        ("Conv", {"pads": [1 << 40] * 4}, (4, 2, 3, 2), "expected a square filter"),
        ("Conv", {"dilations": [1 << 30] * 2}, (4, 2, 3, 3), "many times more than the file has"),
        ("Conv", {"kernel_shape": [5, 5]}, (4, 2, 3, 3), "kernel_shape differs"),
        ("Conv", {}, (4, 2, 9, 9), "kernel_size is 9"),
        ("MaxPool", {"kernel_shape": [2, 2]}, None, "expected squares that do not overlap"),
        ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [1, 1, 1, 1]}, None, "it has padding"),
        ("MaxPool", {"kernel_shape": [3, 3], "strides": [3, 3], "ceil_mode": 1}, None, "ceil_mode is 1"),
        ("AveragePool", {"kernel_shape": [2, 2]}, None, "the operator AveragePool has no layer"),
    ],
)
def test_images_that_are_refused(op, attributes, shape, message, tmp_path):
    arrays = {} if shape is None else {"w": normal(*shape)}
    model = graph(node(op, "x" if shape is None else "x w", "y", **attributes), shape=("n", 2, 8, 8), **arrays)
    refused(model, tmp_path, message)


def test_inputs_that_are_refused(tmp_path):
    relu = node("Relu", "x", "y")
    refused(graph(relu, shape=("n",)), tmp_path, "the input 'x' has 1 axes")
    refused(graph(relu, opset=999), tmp_path, "its operators have version 999, the installed onnx knows 1 to")
    two = graph(node("Add", "x z", "y"))
    two.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 4]))
    refused(two, tmp_path, "'y' has the inputs x, z, expected one")
    wide = graph(node("Mul", "x two", "y"), shape=("n", 1 << 39), two=np.float32(2.0))
    refused(wide, tmp_path, "many times more than the file has")
    shared = graph(*(node("MatMul", f"a{i} w", f"a{i + 1}") for i in range(2000)), w=normal(64, 64), shape=("n", 64))
    shared.graph.node[0].input[0], shared.graph.node[-1].output[0] = "x", "y"
    assert len(loaded(shared, tmp_path).layers) == 2000
    more = graph(*(node("MatMul", f"a{i} w", f"a{i + 1}") for i in range(6000)), w=normal(64, 64), shape=("n", 64))
    more.graph.node[0].input[0], more.graph.node[-1].output[0] = "x", "y"
    refused(more, tmp_path, "many times more than the file has")


def tampered(change):
    model = graph(node("Gemm", "x w b", "y"), w=normal(4, 3), b=normal(3))
    change(model.graph.initializer[0])
    return model


def external(tensor, **entries):
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in entries.items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, str(value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.dims.__setitem__(0, 1 << 40), "it has 48 bytes, its shape is"),
        (lambda t: t.dims.__setitem__(0, -4), r"its shape is \(-4, 3\)"),
        (lambda t: t.dims.extend([1] * 40), "its shape is"),
        (lambda t: setattr(t, "raw_data", t.raw_data[:-1]), "it has 47 bytes"),
        (lambda t: t.ClearField("raw_data"), "it has 0 numbers"),
        (lambda t: setattr(t, "data_type", 77), "its type is 77"),
        (lambda t: setattr(t, "data_type", TensorProto.STRING), "it has 0 texts"),
        (lambda t: t.segment.CopyFrom(TensorProto.Segment(begin=0, end=1)), "segment"),
        (lambda t: external(t, location="../secret"), "expected a file in the folder of the model"),
        (lambda t: external(t, location="/etc/passwd"), "expected a file in the folder of the model"),
        (lambda t: external(t, location="link"), "expected a file in the folder of the model"),
        (lambda t: external(t, location=""), "expected a file in the folder of the model"),
        (lambda t: external(t, location="gone"), "expected a file in the folder of the model"),
        (lambda t: external(t, location="loop"), "expected a file in the folder of the model"),
        (lambda t: external(t, location="x" * 300), "expected a file in the folder of the model"),
        (lambda t: external(t, location="data", offset=-8), "it has 48 bytes from -8"),
        (lambda t: external(t, location="data", offset=60), "it has 48 bytes from 60 of the 100"),
        (lambda t: external(t, location="data", length=12), "it has 12 bytes"),
        (lambda t: external(t, location="data", offset="x"), "is not a number"),
    ],
)
def test_tampered_tensors(change, message, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(bytes(48))
    (folder / "data").write_bytes(bytes(100))
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "loop").symlink_to(folder / "loop")
    refused(tampered(change), folder, f"tensor 'w': .*{message}")


def test_arrays_in_other_files(tmp_path):
    w = normal(4, 3)
    (tmp_path / "data").write_bytes(b"abc" + w.tobytes() + b"rest")
    model = tampered(lambda t: external(t, location="data", offset=3, length=48))
    np.testing.assert_array_equal(loaded(model, tmp_path).layers[0].weights, w)


def test_damaged_files(tmp_path):
    """Any prefix, and any changed byte, gives a network or a ValueError with the name of the file."""
    path = tmp_path / "model.onnx"
    network = Network([SpatialDense(2, 2, rng=0), Dense(2, 2, "mish", rng=1)])
    sp.onnx.save(network, path)
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    damaged = [b"", b"PK\x03\x04", rng.bytes(300), content[:-1], content + b"\xff"]
    damaged += [content[:n] for n in rng.integers(0, len(content), 40)]
    for place, value in zip(rng.integers(0, len(content), 150), rng.integers(0, 256, 150), strict=True):
        damaged.append(content[:place] + bytes([value]) + content[place + 1 :])
    messages = []
    for content in damaged:
        path.write_bytes(content)
        try:
            sp.onnx.load(path)
        except ValueError as error:
            messages.append(str(error))
    assert len(messages) > 40
    assert all(message.startswith(f"{path}: ") for message in messages)
    with pytest.raises(FileNotFoundError):
        sp.onnx.load(tmp_path / "none.onnx")


def test_without_the_package(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    for call in (lambda: sp.onnx.load(tmp_path / "x"), lambda: sp.onnx.save(Network([Softmax()]), tmp_path / "x")):
        with pytest.raises(
            ModuleNotFoundError, match=r'spatium.onnx needs onnx: pip install "spatium-activations\[onnx\]"'
        ):
            call()


# ---- saving ----


def all_layers():
    regimes = sp.CategoryHash(5, columns=[4])
    custom_maps = sp.ActivationMap.random(6, rng=3)
    spatial = SpatialDense(4, 6, pattern_hash=sp.BucketHash(4, 1, [-0.5, 0.0, 0.7]), rng=0, cell_gain_bias=True)
    spatial.cell_gain, spatial.cell_bias = 1 + normal(6, 64) / 10, normal(6, 64, seed=1) / 10
    scaled = nn.Standardize(4)
    scaled.mean, scaled.spread = [10.0, 0.1, 0, 0], [0.3, 2, 3, 1]
    slopes = nn.ActivationLayer("leaky_relu", ("negative_slope",), per="channel", n_units=4)
    slopes.negative_slope = [0.1, 0.25, -0.3, 0.0]
    norm = nn.BatchNorm(4, "gelu")
    norm.running_mean, norm.running_var, norm.scale = normal(4), np.abs(normal(4)) + 0.1, normal(4, seed=2)
    steps_norm = nn.BatchNorm(8, "tanh")
    steps_norm.running_mean = normal(8) / 3
    return {
        "dense": ([Dense(4, 5, "gelu", rng=0), Dense(5, 3, rng=1), Softmax()], (4,)),
        "convolution": ([nn.Conv2D((2, 6, 6), 3, 3, "mish", padding=1, rng=0), nn.MaxPool2D((3, 6, 6)), nn.BatchNorm(3),
                         nn.Dropout(0.3), Dense(27, 2, rng=1)], (2, 6, 6)),
        "flat to images": ([Dense(4, 18, rng=0), nn.Conv2D((2, 3, 3), 2, 2, rng=1), nn.Softmax()], (4,)),
        "normalization": ([scaled, norm, slopes], (4,)),
        "trained": ([nn.ActivationLayer(sp.ScaledSwish(1.5, 0.5), ("alpha", "beta"), per="channel", n_units=4),
                     nn.ActivationLayer(sp.Squareplus(2.0), ("b",), n_units=4)], (4,)),
        **{gate: ([nn.Gated(4, 3, gate, rng=0, init=1.0)], (4,))
           for gate in ("gaussian_glu", "glu", "reglu", "geglu", "swiglu")},
        "recurrent": ([nn.Recurrent(3, 5, "gelu", return_states=True, rng=0), nn.Recurrent(5, 4, cell="gated", rng=1)],
                      (6, 3)),
        "time": ([nn.Recurrent(3, 5, cell="time_aware", decay_rate=0.4, rng=0), Dense(5, 2, rng=1)], (6, 3)),
        "attention": ([nn.SelfAttention(8, 2, causal=True, rng=0), steps_norm,
                       nn.SelfAttention(8, 4, (None, "relu", "tanh"), None, rng=1)], (5, 8)),
        "spatial": ([SpatialDense(4, 6, rng=0), SpatialDense(6, 5, pattern_hash=sp.ConstantHash(6, 0x305), rng=1)],
                    (4,)),
        "buckets": ([spatial], (4,)),
        "categories": ([SpatialDense(5, 6, custom_maps, pattern_hash="network", rng=0), Dense(6, 3, rng=1)], (5,),
                       regimes),
        "one-hot": ([Dense(5, 4, rng=1), SpatialDense(4, 6, pattern_hash="network", rng=0)], (5,),
                    sp.CategoryHash(5, columns=[4, 2, 0])),
        "empty": ([nn.Dropout(0.1), nn.ActivationLayer("identity", n_units=4)], (4,)),
    }  # fmt: skip


def samples(name, shape, dtype):
    x = normal(40, *shape, seed=9, dtype=dtype)
    if name == "categories":
        x[:, 4] = np.arange(40) % 64
    if name == "one-hot":
        x[:, [4, 2, 0]] = np.eye(3)[np.arange(40) % 3]
    return x


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", all_layers())
def test_every_layer_there_and_back(name, dtype, tmp_path):
    layers, shape, *shared = all_layers()[name]
    network = Network(layers, pattern_hash=shared[0] if shared else None).astype(dtype)
    network.metadata = "any text, ∞"
    if network.output_shape is not None and network.output_shape == (3,):
        network.classes = ["a", "b", "ç"]
    path = tmp_path / "network.onnx"
    if dtype == np.float64 and any(isinstance(layer, nn.Conv2D) for layer in layers):
        with pytest.raises(TypeError, match=r"layer \d: ONNX Runtime has no Conv of float64"):
            sp.onnx.save(network, path)
        assert not path.exists()
        return
    sp.onnx.save(network, path)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    again = sp.onnx.load(path)
    assert repr(again) == repr(network)
    assert (again.classes, again.metadata) == (network.classes, network.metadata)
    x = samples(name, shape, dtype)
    expected = network.predict(x)
    same_bits(again.predict(x), expected)
    found = run(model, x, "input")
    assert found.dtype == dtype
    np.testing.assert_allclose(found.reshape(expected.shape), expected, **CLOSE)


def test_maps_in_onnx_runtime(tmp_path):
    """On uncentered data with a fitted hash of more bits; rows next to a hyperplane may differ."""
    x = np.random.default_rng(1).random((3000, 16), dtype=np.float32)
    hashed = sp.SimHash(16, n_bits=12, rng=0).fit(x)
    network = Network([SpatialDense(16, 8, pattern_hash=hashed, rng=0), Dense(8, 3, "snake", rng=1)])
    sp.onnx.save(network, tmp_path / "m.onnx")
    far = hashed.margin(x) > 1e-9
    assert far.sum() > 2990
    found = run(onnx.load(tmp_path / "m.onnx"), x, "input")
    np.testing.assert_allclose(found[far], network.predict(x)[far], **CLOSE)
    same_bits(sp.onnx.load(tmp_path / "m.onnx").predict(x), network.predict(x))


@pytest.mark.parametrize("name", ["dense", "convolution", "normalization", "trained", "flat to images"])
def test_what_was_saved_is_readable_without_its_description(name, tmp_path):
    layers, shape = all_layers()[name]
    network = Network(layers)
    path = tmp_path / "network.onnx"
    sp.onnx.save(network, path)
    model = without_description(onnx.load(path))
    x = samples(name, shape, np.float32)
    if name == "trained":
        refused(model, tmp_path, "node")
    else:
        np.testing.assert_allclose(loaded(model, tmp_path).predict(x), network.predict(x), rtol=1e-5, atol=1e-6)


def test_a_changed_graph_is_read_and_not_its_description(tmp_path):
    path = tmp_path / "network.onnx"
    sp.onnx.save(Network([Dense(4, 3, "relu", rng=0)]), path)
    model = onnx.load(path)
    model.graph.node[1].op_type = "Sigmoid"
    assert loaded(model, tmp_path).layers[0].activation == sp.Sigmoid()
    description = json.loads(model.metadata_props[0].value)
    assert set(description) == {"version", "graph", "layers", "network", "arrays"}
    model.metadata_props[0].value = "{"
    refused(model, tmp_path, "its description by Spatium is damaged")


def test_activations_in_onnx_runtime(variant, tmp_path):
    """Within 2e-6, absolute and relative, in both precisions, and recognized without the description."""
    for dtype in (np.float32, np.float64):
        network = Network([nn.ActivationLayer(variant, n_units=7).astype(dtype)])
        path = tmp_path / "network.onnx"
        sp.onnx.save(network, path)
        model = onnx.load(path)
        x = np.linspace(-12, 12, 700, dtype=dtype).reshape(-1, 7)
        expected = network.predict(x)
        np.testing.assert_allclose(run(model, x, "input"), expected, **CLOSE)
        again = sp.onnx.load(path)
        assert again.layers[0].activation == variant
        same_bits(again.predict(x), expected)
        if dtype == np.float32 and not any(one.op_type in ("Where", "Min") for one in model.graph.node):
            found = loaded(without_description(model), tmp_path).layers[0].activation
            assert type(found) is type(variant) or variant in (sp.ScaledSwish(), sp.SparseSigmoid())
            np.testing.assert_allclose(found(x), expected, **CLOSE)


def test_what_has_no_operators(tmp_path):
    learning = SpatialDense(2, 2, learn_cells=True, rng=0)
    cases = [
        (SpatialDense(2, 2, pattern_hash=sp.RandomHash(2, rng=0), rng=0), r"layer 0: RandomHash\(2\) has no operators"),
        (Dense(2, 2, sp.Custom(np.sin, np.cos, name="sine"), rng=0), "the custom activation 'sine' has no operators"),
        (
            Network([Dense(2, 2, "tanh", rng=0)]).quantized(normal(9, 2)).layers[0],
            r"'tanh \(8 bits\)' has no operators",
        ),
        (learning, "its cells are being learned"),
    ]
    for layer, message in cases:
        with pytest.raises(TypeError, match=message):
            sp.onnx.save(Network([layer]), tmp_path / "x.onnx")

    with pytest.raises(TypeError, match="network is 3, expected a Network"):
        sp.onnx.save(3, tmp_path / "x.onnx")

    class Own(Dense):
        pass

    with pytest.raises(TypeError, match="a Own has no operators"):
        sp.onnx.save(Network([Own(2, 2, rng=0)]), tmp_path / "x.onnx")
    broken = Dense(2, 2, rng=0)
    broken.parameters["weights"][0, 0] = np.nan
    with pytest.raises(ValueError, match="weights is not finite"):
        sp.onnx.save(Network([broken]), tmp_path / "x.onnx")
    assert not os.listdir(tmp_path)


# ---- the command line ----


def test_infer(tmp_path):
    click_testing = pytest.importorskip("click.testing")
    from spatium.cli.app import application

    network = Network([Dense(4, 8, "mish", rng=0), Dense(8, 3, rng=1), Softmax()], classes=["a", "b", "c"])
    sp.onnx.save(network, tmp_path / "m.onnx")
    x = normal(30, 4)
    np.save(tmp_path / "x.npy", x)
    options = [
        "infer",
        "--model",
        str(tmp_path / "m.onnx"),
        "--input",
        str(tmp_path / "x.npy"),
        "--output",
        str(tmp_path / "y.npy"),
    ]
    result = click_testing.CliRunner().invoke(application, options)
    assert result.exit_code == 0, result.output
    same_bits(np.load(tmp_path / "y.npy"), network.forward(x))
    (tmp_path / "m.onnx").write_bytes(struct.pack("<Q", 7))
    result = click_testing.CliRunner().invoke(application, [*options, "--force"])
    assert result.exit_code == 3
    assert "m.onnx" in result.output
