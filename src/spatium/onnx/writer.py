"""Write the layers of a network as a graph of ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium.activations import Activation
from spatium.maps.activation_map import ActivationMap
from spatium.maps.hashes import BucketHash, CategoryHash, ConstantHash, SimHash, cell_of
from spatium.nn import (
    ActivationLayer,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Gated,
    Layer,
    MaxPool2D,
    Network,
    Recurrent,
    SelfAttention,
    Softmax,
    SpatialDense,
    Standardize,
)
from spatium.nn.layer import channel_axis
from spatium.onnx.graph import IR_VERSION, OPSET, Graph, Value

__all__ = ["write"]

Array = NDArray[Any]
Shape = tuple[int | None, ...]


def write(network: Network, arrays: Mapping[str, Array]) -> tuple[Any, set[str]]:
    """Return the model of a network, and which of the `arrays` of its file are constants of the graph."""
    from onnx import helper, numpy_helper

    writer = _Writer(network)
    for position, layer in enumerate(network.layers):
        try:
            writer.append(position, layer)
        except TypeError as error:
            raise TypeError(f"layer {position}: {error}") from None
    graph = writer.graph
    if writer.x.name == "input":
        writer.x = graph.node("Identity", writer.x)
    for node in graph.nodes:  # the result is the last node's, which no other takes
        node.output[:] = ["output" if name == writer.x.name else name for name in node.output]
    kind = helper.np_dtype_to_tensor_dtype(network.dtype)
    shapes = [writer.input_shape, network.output_shape]
    infos = [
        helper.make_tensor_value_info(name, kind, ["samples", *_shown(name, shape)])
        for name, shape in zip(("input", "output"), shapes, strict=True)
    ]
    constants = [
        numpy_helper.from_array(np.asarray(array, order="C"), name) for name, array in graph.initializers.items()
    ]
    made = helper.make_graph(graph.nodes, "network", infos[:1], infos[1:], constants)
    model = helper.make_model(made, producer_name="spatium", opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    there = {
        name
        for name, array in arrays.items()
        if name in graph.initializers
        and graph.initializers[name].dtype == array.dtype
        and graph.initializers[name].shape == array.shape
    }
    return model, there


def _shown(name: str, shape: Shape | None) -> list[int | str]:
    """Return the lengths of a sample, open ones by names; without a shape, one axis of any length."""
    return [n if n is not None else f"{name} axis {i}" for i, n in enumerate((None,) if shape is None else shape, 1)]


class _Writer:
    """The nodes of the layers so far, and the value and the shape of a sample that the last one returns."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.graph = Graph(network.dtype)
        self.input = self.x = Value(self.graph, "input")
        self.input_shape = self.shape = network.input_shape
        self._cells: Value | None = None  # those that the layers share

    def append(self, position: int, layer: Layer) -> None:
        """Append the nodes of a layer."""
        handler = _HANDLERS.get(type(layer))
        known = _OPTIONS.get(type(layer), set())
        if handler is None:
            raise TypeError(f"a {type(layer).__name__} has no operators in ONNX")
        unknown = {name for name, value in layer.to_config().items() if value and name not in known}
        if unknown:
            raise TypeError(f"a {type(layer).__name__} with {', '.join(sorted(unknown))} has no operators in ONNX")
        self.graph.prefix = f"{position}."
        self._reshape(layer._expected_shape())
        handler(self, layer)
        self.shape = layer.output_shape or self.shape

    def _reshape(self, expected: Shape | None) -> None:
        """Give the samples the rank that a layer expects, in C order."""
        if expected is None or self.shape is None or len(expected) == len(self.shape):
            return
        if len(expected) == 1:
            self.x = self.graph.node("Flatten", self.x, axis=1)
        else:
            lengths = [0, *(-1 if n is None else n for n in expected)]
            self.x = self.graph.node("Reshape", self.x, np.array(lengths, np.int64))
        self.shape = expected

    def _own(self, name: str, array: Array) -> Value:
        """Return an array of the layer as a constant that has its name in files."""
        return self.graph.array(array, f"{self.graph.prefix}{name}")

    def _affine(self, layer: Layer) -> Value:
        return self.graph.node(
            "Gemm", self.x, *(self._own(name, layer.parameters[name]) for name in ("weights", "bias"))
        )

    def _activate(self, act: Activation | None, x: Value) -> Value:
        return x if act is None else self.graph.activate(act, x)

    # ---- layers ----

    def dense(self, layer: Dense) -> None:
        """Write ``f(x @ weights + bias)``."""
        self.x = self._activate(layer.activation, self._affine(layer))

    def convolution(self, layer: Conv2D) -> None:
        """Write a Conv and the activation."""
        if self.graph.dtype != np.float32:
            raise TypeError("ONNX Runtime has no Conv of float64: save network.astype(np.float32)")
        arrays = (self._own(name, layer.parameters[name]) for name in ("weights", "bias"))
        self.x = self.graph.node(
            "Conv", self.x, *arrays, strides=[layer.stride] * 2, pads=[layer.padding] * 4,
            kernel_shape=[layer.kernel_size] * 2,
        )  # fmt: skip
        self.x = self._activate(layer.activation, self.x)

    def pool(self, layer: MaxPool2D) -> None:
        """Write a MaxPool."""
        self.x = self.graph.node("MaxPool", self.x, kernel_shape=[layer.size] * 2, strides=[layer.size] * 2)

    def batch_norm(self, layer: BatchNorm) -> None:
        """Write a BatchNormalization; for sequences, whose channels are not the second axis, its arithmetic."""
        own = self._own("scale", layer.scale), self._own("shift", layer.shift)
        if self.shape is not None and len(self.shape) == 2:
            factor = 1.0 / np.sqrt(layer.running_var + layer.eps)
            self.x = ((self.x - layer.running_mean) * factor) * own[0] + own[1]
        else:
            running = layer.running_mean, layer.running_var
            self.x = self.graph.node("BatchNormalization", self.x, *own, *running, epsilon=layer.eps)
        self.x = self._activate(layer.activation, self.x)

    def activation(self, layer: ActivationLayer) -> None:
        """Write the activation, with one number per channel for its trained parameters."""
        numbers: list[Array | float] | None = None
        if layer.trainable:
            shape = (1,) if self.shape is None else self.shape
            after = (1,) * (len(shape) - 1 - channel_axis(shape))
            trained = {name: array.reshape(-1, *after) for name, array in layer.parameters.items()}
            numbers = [trained.get(name, number) for name, number in layer.activation.parameters.items()]
        self.x = self.graph.activate(layer.activation, self.x, numbers)

    def softmax(self, layer: Softmax) -> None:
        """Write a Softmax of the last axis."""
        self.x = self.graph.node("Softmax", self.x, axis=-1)

    def dropout(self, layer: Dropout) -> None:
        """Write nothing, because inference drops nothing."""

    def standardize(self, layer: Standardize) -> None:
        """Write ``(x - mean) / spread`` in float64, as the layer computes it."""
        graph, in_double = self.graph, self.graph.dtype == np.float64
        x = self.x if in_double else graph.cast(self.x, np.float64)
        x = graph.node("Sub", x, self._own("mean", layer.mean))
        x = graph.node("Div", x, self._own("spread", layer.spread))
        self.x = x if in_double else graph.cast(x, np.float32)

    def gated(self, layer: Gated) -> None:
        """Write the products, the two halves and the gate."""
        graph, z = self.graph, self._affine(layer)
        a = graph.node("Split", z, outputs=2, axis=1, num_outputs=2)
        b = Value(graph, f"{a.name}:1")
        gates: dict[str, Callable[[], Value]] = {
            "gaussian_glu": lambda: graph.exp(-0.5 * (a * a)) * b,
            "glu": lambda: a * graph.sigmoid(b),
            "reglu": lambda: graph.relu(a) * b,
            "geglu": lambda: self._activate(_activation("gelu"), a) * b,
            "swiglu": lambda: a * graph.sigmoid(a) * b,
        }
        self.x = gates[layer.gate]()

    def attention(self, layer: SelfAttention) -> None:
        """Write the products of the heads."""
        graph, width = self.graph, len(layer.query_weights)
        d = width // layer.n_heads
        heads = []
        for name, act in zip(("query", "key", "value"), layer.activations, strict=True):
            z = graph.node("MatMul", self.x, self._own(f"{name}_weights", layer.parameters[f"{name}_weights"]))
            split = graph.node("Reshape", self._activate(act, z), np.array([0, -1, layer.n_heads, d]))
            heads.append(graph.node("Transpose", split, perm=[0, 2, 3, 1] if name == "key" else [0, 2, 1, 3]))
        scores = graph.node("MatMul", heads[0], heads[1]) * (1.0 / math.sqrt(d))
        if layer.causal:
            shape = graph.node("Shape", scores, start=2, end=4)
            later = graph.node("ConstantOfShape", shape, value=_tensor(np.array([-np.inf], graph.dtype)))
            scores = scores + graph.node("Trilu", later, np.array(1), upper=1)
        rows = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), heads[2])
        joined = graph.node("Transpose", rows, perm=[0, 2, 1, 3])
        self.x = self._activate(layer.output, graph.node("Reshape", joined, np.array([0, -1, width])))

    def recurrent(self, layer: Recurrent) -> None:
        """Write a Scan, whose body is one step."""
        from onnx import helper, numpy_helper

        graph, dtype = self.graph, self.graph.dtype
        n_units = len(layer.state_weights)
        z = graph.node("MatMul", self.x, self._own("input_weights", layer.input_weights))
        z = z + self._own("bias", layer.bias)
        samples = graph.node("Shape", z, start=0, end=1)
        shape = graph.node("Concat", samples, np.array([n_units]), axis=0)
        first = graph.node("ConstantOfShape", shape, value=_tensor(np.zeros(1, dtype)))
        body = Graph(dtype)
        body.prefix = f"{graph.prefix}step."
        state, step, time = (Value(body, f"{body.prefix}{name}") for name in ("state", "input", "time"))
        weights = body.array(layer.state_weights, f"{body.prefix}state_weights")
        total = step + body.node("MatMul", state, weights)
        if layer.cell == "gated":
            gate = body.sigmoid(total + state)
            new = gate * body.tanh(total) + (1.0 - gate) * state
        else:
            new = body.activate(layer.activation, total)
            if layer.cell == "time_aware":
                new = new * body.exp(time * -layer.decay_rate)
        again = body.node("Identity", new)
        steps = graph.node("Shape", z, start=1, end=2)
        numbers = graph.node("Range", np.array(0), graph.node("Squeeze", steps), np.array(1))
        kind = helper.np_dtype_to_tensor_dtype(dtype)
        info: list[tuple[Value, list[int] | None]] = [
            (state, None),
            (step, None),
            (time, []),
            (new, None),
            (again, None),
        ]
        values = [helper.make_tensor_value_info(value.name, kind, lengths) for value, lengths in info]
        constants = [numpy_helper.from_array(np.asarray(a, order="C"), name) for name, a in body.initializers.items()]
        made = helper.make_graph(body.nodes, "step", values[:3], values[3:], constants)
        last = graph.node(
            "Scan", first, z, graph.cast(numbers, dtype), outputs=2, body=made, num_scan_inputs=2,
            scan_input_axes=[1, 0], scan_output_axes=[1],
        )  # fmt: skip
        self.x = (
            Value(graph, f"{last.name}:1") if layer.output_shape is not None and len(layer.output_shape) == 2 else last
        )

    # ---- maps ----

    def spatial(self, layer: SpatialDense) -> None:
        """Write all functions of the maps, of which the cell of the row selects one."""
        if layer.is_annealing():
            raise TypeError("its cells are being learned: finish fit")
        cells = self._cells_of(layer.pattern_hash)
        graph, z = self.graph, self._affine(layer)
        if "cell_gain" in layer.parameters:
            gain, bias = (
                graph.node("Gather", layer.parameters[name].T, cells, axis=0) for name in ("cell_gain", "cell_bias")
            )
            z = z * gain + bias
        self.x = self._routed(layer.maps, z, cells)

    def _routed(self, amap: ActivationMap, z: Value, cells: Value) -> Value:
        """Return the value of the function that the cell selects, for each column its own."""
        graph = self.graph
        table = amap.cells.reshape(-1, 64).T
        entries = graph.cast(graph.node("Gather", np.ascontiguousarray(table), cells, axis=0), np.int32)
        used, counts = np.unique(table, return_counts=True)
        first, *others = used[np.argsort(-counts, kind="stable")]
        y = self._activate(amap.palette[first], z)
        for entry in others:
            is_entry = graph.node("Equal", entries, np.array(entry, np.int32))
            y = graph.where(is_entry, self._activate(amap.palette[entry], z), y)
        return y

    def _cells_of(self, pattern_hash: Any) -> Value:
        """Return the cell 8 · row + column of each row, of the layer's input or of the network's."""
        if not isinstance(pattern_hash, str):
            return self._cells_from(pattern_hash, self.x)
        if self._cells is None:
            flat = self.input
            if self.input_shape is not None and len(self.input_shape) > 1:
                flat = self.graph.node("Flatten", flat, axis=1)
            self._cells = self._cells_from(self.network.pattern_hash, flat)
        return self._cells

    def _cells_from(self, pattern_hash: Any, x: Value) -> Value:
        graph = self.graph
        if type(pattern_hash) is SimHash:
            # The sums are float64 as in the hash, but in another order: a row on a plane may be on its other side.
            planes, thresholds = pattern_hash.planes[:6].T, pattern_hash.thresholds[:6]
            x = x if graph.dtype == np.float64 else graph.cast(x, np.float64)
            sums = graph.node("MatMul", x, graph.array(np.ascontiguousarray(planes)))
            sides = graph.cast(graph.node("Greater", sums, graph.array(thresholds)), np.float32)
            powers = graph.array(np.exp2(np.arange(6, dtype=np.float32)))
            patterns = graph.cast(graph.node("MatMul", sides, powers), np.int64)
            return graph.node("Gather", _cells_of_patterns(), patterns, axis=0)
        if type(pattern_hash) is CategoryHash:
            columns = np.array(pattern_hash.columns)
            if len(columns) == 1:
                return graph.cast(graph.node("Gather", x, columns.reshape(()), axis=1), np.int64)
            return graph.node("ArgMax", graph.node("Gather", x, columns, axis=1), axis=1, keepdims=0)
        if type(pattern_hash) is BucketHash:
            column = graph.node("Gather", x, np.array([pattern_hash.column]), axis=1)
            column = column if graph.dtype == np.float64 else graph.cast(column, np.float64)
            above = graph.node("GreaterOrEqual", column, graph.array(pattern_hash.edges))
            return graph.node("ReduceSum", graph.cast(above, np.int64), np.array([1]), keepdims=0)
        if type(pattern_hash) is ConstantHash:
            row, column = cell_of(pattern_hash.value)
            samples = graph.node("Shape", x, start=0, end=1)
            return graph.node("ConstantOfShape", samples, value=_tensor(np.array([8 * row + column])))
        raise TypeError(f"{pattern_hash!r} has no operators in ONNX")


def _activation(name: str) -> Activation:
    from spatium.activations import activation

    return activation(name)


def _tensor(array: Array) -> Any:
    from onnx import numpy_helper

    return numpy_helper.from_array(array)


def _cells_of_patterns() -> Array:
    """Return the cell for each pattern of the six bits, of which the first hyperplane has the lowest."""
    signs = np.array([[1.0 if pattern >> bit & 1 else -1.0 for bit in range(6)] for pattern in range(64)])
    row, column = cell_of(SimHash.from_arrays(np.eye(6), np.zeros(6))(signs))
    return np.asarray(8 * row + column, np.int64)


# What `to_config` may contain besides arguments that are false or None, for the operators to be right.
_OPTIONS: Mapping[type[Layer], set[str]] = {
    ActivationLayer: {"activation", "trainable", "per", "n_units", "shape"},
    BatchNorm: {"n_inputs", "activation", "eps", "momentum", "unbiased"},
    Conv2D: {"input_shape", "n_filters", "kernel_size", "activation", "stride", "padding"},
    Dense: {"n_inputs", "n_units", "activation", "save"},
    Dropout: {"rate"},
    Gated: {"n_inputs", "n_units", "gate"},
    MaxPool2D: {"input_shape", "size"},
    Recurrent: {"n_inputs", "n_units", "activation", "cell", "decay_rate", "return_states"},
    SelfAttention: {"width", "n_heads", "activations", "output", "causal"},
    SpatialDense: {"n_inputs", "n_units", "palette", "pattern_hash", "cell_gain_bias", "learned_functions"},
    Standardize: {"n_inputs"},
}
_HANDLERS: Mapping[type[Layer], Callable[[_Writer, Any], None]] = {
    ActivationLayer: _Writer.activation,
    BatchNorm: _Writer.batch_norm,
    Conv2D: _Writer.convolution,
    Dense: _Writer.dense,
    Dropout: _Writer.dropout,
    Gated: _Writer.gated,
    MaxPool2D: _Writer.pool,
    Recurrent: _Writer.recurrent,
    SelfAttention: _Writer.attention,
    Softmax: _Writer.softmax,
    SpatialDense: _Writer.spatial,
    Standardize: _Writer.standardize,
}
