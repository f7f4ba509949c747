"""Read a graph of ONNX as the layers of a network."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatium.nn import Dropout, Layer
from spatium.onnx.chain import Chain
from spatium.onnx.expressions import Algebra, Expression, X
from spatium.onnx.formulas import READ, chain_of, tidy
from spatium.onnx.tensors import Budget, Tensors, attribute

__all__ = ["read"]

Array = NDArray[Any]

# Stands for the number of samples in a constant shape: no array has so negative a length.
SAMPLES = -(1 << 40)
# The nodes of model-local functions in place of their calls. A small file could describe very many.
MOST_NODES = 100_000
_STANDARD = ("", "ai.onnx")


class Value(NamedTuple):
    """An expression of the output of the chain, when the chain had this version; and the node that computes it."""

    version: int
    expression: Expression
    node: str
    is_condition: bool = False


def read(model: Any, tensors: Tensors, budget: Budget, output: str | None) -> tuple[list[Layer], list[str] | None]:
    """Return the layers of a model, and the names of its classes."""
    return _Reader(_inlined(model), tensors, budget).read(output)


def _inlined(model: Any) -> Any:
    """Return the model with the nodes of its functions in the place of the nodes that call them."""
    if not model.functions:
        return model
    functions = {(function.domain, function.name): function for function in model.functions}
    sizes: dict[tuple[str, str], int] = {}

    def size_of(nodes: Iterable[Any], depth: int) -> int:
        total = 0
        for node in nodes:
            key = (node.domain, node.op_type)
            if key in functions and key not in sizes:
                if depth > 50:
                    raise ValueError(f"the function {node.op_type!r} calls itself, or others too deeply")
                sizes[key] = size_of(functions[key].node, depth + 1)
            total += sizes.get(key, 1)
        return total

    if size_of(model.graph.node, 0) > MOST_NODES:
        raise ValueError(f"its functions stand for more than {MOST_NODES} nodes")
    from onnx import inliner

    try:
        return inliner.inline_local_functions(model)
    except Exception as error:  # errors of compiled code
        raise ValueError(f"its functions cannot be inlined: {error}") from None


def _label(node: Any) -> str:
    named = node.name or (node.output[0] if node.output else "")
    return f"node {named!r} ({node.op_type})"


class _Reader:
    """The state of reading one graph."""

    def __init__(self, model: Any, tensors: Tensors, budget: Budget) -> None:
        self.graph = model.graph
        self.tensors, self.budget = tensors, budget
        self.opset = _opset(model)
        self.initializers: dict[str, Any] = {}
        for tensor in self.graph.initializer:
            if tensor.name in self.initializers:
                raise ValueError(f"the initializer {tensor.name!r} occurs twice")
            self.initializers[tensor.name] = tensor
        self.producers: dict[str, int] = {}
        for i, node in enumerate(self.graph.node):
            for name in node.output:
                if name and (name in self.producers or name in self.initializers):
                    raise ValueError(f"{_label(node)}: its output {name!r} exists twice")
                self.producers[name] = i
        self.values: dict[str, Value | Array] = {}
        self.node: Any = None  # the node that is read
        self.samples: int | None = None  # their number, if the graph is for one number only
        self.chain: Chain

    # ---- what to read ----

    def read(self, output: str | None) -> tuple[list[Layer], list[str] | None]:
        """Return the layers up to an output, and the names of the classes."""
        wanted = self._chosen_output(output)
        indices, inputs = self._needed(wanted)
        self.chain = Chain(self._input_shape(inputs), self._dtype(indices, inputs), self.budget)
        self.values[inputs] = Value(0, X, "the input")
        for i in indices:
            self.node = self.graph.node[i]
            try:
                self._read_node(self.node)
            except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError) as error:
                raise ValueError(f"{_label(self.node)}: {error}") from None
        value = self.values.get(wanted)
        if not isinstance(value, Value) or value.is_condition:
            raise ValueError(f"the output {wanted!r} does not depend on an input, or is a condition")
        self._materialize(value)
        layers = self.chain.finished()
        return layers, self._classes()

    def _chosen_output(self, output: str | None) -> str:
        """Return the name of the output to read: of several, the only one that has real numbers."""
        from onnx import TensorProto

        real = (0, TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16)
        names = [entry.name for entry in self.graph.output]
        if output is None:
            candidates = [
                entry.name
                for entry in self.graph.output
                if not entry.type.HasField("tensor_type") or entry.type.tensor_type.elem_type in real
            ]
            if len(candidates) != 1:
                raise ValueError(f"it has the outputs {', '.join(names)}: choose one with load(path, output=...)")
            output = candidates[0]
        elif output not in names:
            raise ValueError(f"it has no output {output!r}, its outputs are {', '.join(names)}")
        node = self.graph.node[self.producers[output]] if output in self.producers else None
        if node is not None and node.op_type == "ZipMap" and node.input:  # a dict per sample, made of an array
            return str(node.input[0])
        return output

    def _needed(self, output: str) -> tuple[list[int], str]:
        """Return the nodes of which an output is computed, in their order, and the only input of the graph."""
        needed: set[int] = set()
        inputs: set[str] = set()
        fed = {entry.name for entry in self.graph.input} - self.initializers.keys()
        left = [output]
        while left:
            name = left.pop()
            if name in fed and name not in self.producers:
                inputs.add(name)
            i = self.producers.get(name)
            if i is not None and i not in needed:
                needed.add(i)
                left += [name for name in self.graph.node[i].input if name]
        if len(inputs) != 1:
            raise ValueError(f"{output!r} has the inputs {', '.join(sorted(inputs)) or 'none'}, expected one")
        return sorted(needed), inputs.pop()

    def _input_shape(self, name: str) -> tuple[int, ...] | None:
        """Return the shape of an input sample; None if it is not known."""
        (entry,) = (entry for entry in self.graph.input if entry.name == name)
        if not entry.type.HasField("tensor_type"):
            raise ValueError(f"the input {name!r} is not an array")
        if not entry.type.tensor_type.HasField("shape"):
            return None
        lengths = [d.dim_value if d.HasField("dim_value") else None for d in entry.type.tensor_type.shape.dim]
        if len(lengths) < 2:
            raise ValueError(f"the input {name!r} has {len(lengths)} axes, expected samples and their values")
        self.samples = lengths[0]
        if any(n is not None and not 0 < n < 1 << 40 for n in lengths[1:]):
            raise ValueError(f"the input {name!r} has samples of shape {tuple(lengths[1:])}")
        if None in lengths[1:]:
            return None
        return tuple(n for n in lengths[1:] if n is not None)

    def _dtype(self, indices: Iterable[int], name_of_input: str) -> np.dtype[Any]:
        """Return float64 if an array of the nodes is double, otherwise float32; without arrays, by the input."""
        from onnx import TensorProto

        names = {name for i in indices for name in self.graph.node[i].input}
        tensors = [self.initializers[name] for name in names if name in self.initializers]
        tensors += [entry.t for i in indices for entry in self.graph.node[i].attribute if entry.HasField("t")]
        kinds = {tensor.data_type for tensor in tensors if math.prod(tensor.dims) > 1}
        if not kinds & {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE}:
            kinds = {entry.type.tensor_type.elem_type for entry in self.graph.input if entry.name == name_of_input}
        return np.dtype(np.float64 if TensorProto.DOUBLE in kinds else np.float32)

    def _classes(self) -> list[str] | None:
        """Return the names of the classes from the nodes of scikit-learn's converter that make labels."""
        names: Sequence[Any] = ()
        for node in self.graph.node:
            if node.op_type == "ZipMap":
                names = attribute(node, "classlabels_strings", b"") or attribute(node, "classlabels_int64s", [])
                names = [name.decode("utf-8", "replace") if isinstance(name, bytes) else name for name in names]
            elif node.op_type == "ArrayFeatureExtractor" and node.input and node.input[0] in self.initializers:
                names = self.tensors.array(self.initializers[node.input[0]]).reshape(-1).tolist()
            if names:
                break
        texts = [str(name) for name in names]
        return texts if texts and len(set(texts)) == len(texts) else None

    # ---- values ----

    def _get(self, position: int) -> Value | Array | None:
        """Return an input of the node; None if it has none at this position."""
        name = self.node.input[position] if position < len(self.node.input) else ""
        if not name:
            return None
        if name in self.values:
            return self.values[name]
        if name not in self.initializers:
            raise ValueError(f"its input {name!r} is missing, or is computed after it")
        try:
            array = self.tensors.array(self.initializers[name])
        except ValueError as error:
            raise ValueError(f"the tensor {name!r}: {error}") from None
        self.values[name] = array
        return array

    def _constant(self, position: int, what: str) -> Array:
        """Return an input of the node that must be constant."""
        value = self._get(position)
        if value is None or isinstance(value, Value):
            raise ValueError(f"its {what} is {'missing' if value is None else 'not constant'}")
        return value

    def _value(self, position: int, is_condition: bool = False) -> Value:
        """Return an input of the node that must depend on the input of the graph."""
        value = self._get(position)
        if not isinstance(value, Value) or value.is_condition != is_condition:
            kind = "missing" if value is None else "constant" if isinstance(value, np.ndarray) else "of another type"
            raise ValueError(f"its input {position} is {kind}")
        return self._current(value)

    def _current(self, value: Value) -> Value:
        if value.version != self.chain.version:
            raise ValueError(f"it takes the result of {value.node}, which another layer has taken: the graph branches")
        return value

    def _materialize(self, value: Value) -> None:
        """Append the layers that compute a value to the chain."""
        self._current(value)
        try:
            parts = chain_of(value.expression)
        except ValueError as error:
            raise ValueError(f"the nodes up to {value.node} compute no known activation: {error}") from None
        for part in parts:
            if isinstance(part, tuple):
                self.chain.line(*part)
            else:
                self.chain.activate(part)

    def _take(self, position: int = 0) -> None:
        """Let the chain compute an input of the node."""
        self._materialize(self._value(position))

    def _give(self, expression: Expression = X, is_condition: bool = False) -> None:
        self._set(Value(self.chain.version, expression, _label(self.node), is_condition))

    def _set(self, value: Value | Array) -> None:
        if isinstance(value, np.ndarray) and value.base is None:
            self.budget.spend(value.nbytes)
        if self.node.output:
            self.values[self.node.output[0]] = value

    # ---- nodes ----

    def _read_node(self, node: Any) -> None:
        domain = "" if node.domain in _STANDARD else node.domain
        handler = _HANDLERS.get((domain, node.op_type))
        if handler is not None:
            handler(self)
        elif (domain, node.op_type) in READ:
            defaults, function = READ[domain, node.op_type]
            value = self._get(0)
            if not isinstance(value, Value):
                self._set(_folded(node.op_type, self._constant(0, "input")))
                return
            numbers = [attribute(node, name, default) for name, default in defaults.items()]
            self._give(function(self._value(0).expression, *numbers))
        else:
            where = f"{domain}." if domain else ""
            raise ValueError(f"the operator {where}{node.op_type} has no layer")

    def constant(self) -> None:
        """Read a Constant."""
        (entry,) = self.node.attribute
        if entry.name == "value":
            self._set(self.tensors.array(entry.t))
        elif entry.name in ("value_float", "value_floats"):
            self._set(np.array(entry.f if entry.name == "value_float" else list(entry.floats), np.float32))
        elif entry.name in ("value_int", "value_ints"):
            self._set(np.array(entry.i if entry.name == "value_int" else list(entry.ints), np.int64))
        else:
            raise ValueError(f"the attribute {entry.name} is not an array of numbers")

    def identity(self) -> None:
        """Read an operator that returns its input."""
        value = self._get(0)
        if value is None:
            raise ValueError("its input is missing")
        self._set(value)

    def cast(self) -> None:
        """Read a Cast: of constants, and of values to float."""
        from onnx import TensorProto

        to = attribute(self.node, "to", 0)
        if self.opset < 6:
            name = attribute(self.node, "to", "")
            to = TensorProto.DataType.Value(name) if name in TensorProto.DataType.keys() else 0  # noqa: SIM118
        dtypes = {TensorProto.FLOAT: np.float32, TensorProto.DOUBLE: np.float64, TensorProto.INT64: np.int64}
        dtypes |= {TensorProto.INT32: np.int32, TensorProto.BOOL: np.bool_}
        if to not in dtypes:
            raise ValueError(f"it casts to the type {to}, expected float or double")
        value = self._get(0)
        if isinstance(value, np.ndarray):
            with np.errstate(all="ignore"):
                self._set(value.astype(dtypes[to]))
        elif value is not None and value.is_condition and dtypes[to] != np.bool_:
            self._give(self._value(0, is_condition=True).expression)
        elif dtypes[to] in (np.float32, np.float64) or (value is not None and value.is_condition):
            self.identity()
        else:
            raise ValueError("it casts the values of samples to integers")

    def dropout(self) -> None:
        """Read a Dropout, which has no effect in inference."""
        rate = attribute(self.node, "ratio", 0.5)
        if self.opset >= 12:
            rate = 0.5 if self._get(1) is None else float(self._constant(1, "ratio").reshape(()))
            if self._get(2) is not None and self._constant(2, "training_mode").any():
                raise ValueError("it is in training mode")
        if len(self.node.output) > 1 and self.node.output[1]:
            raise ValueError("it has a mask")
        self._take()
        self.chain.append(Dropout(tidy(rate)))
        self._give()

    def clip(self) -> None:
        """Read a Clip, with its bounds as attributes or inputs."""
        value, low, high = self._value(0), -math.inf, math.inf
        if self.opset < 11:
            low, high = attribute(self.node, "min", low), attribute(self.node, "max", high)
        else:
            low = low if self._get(1) is None else float(self._constant(1, "min").reshape(()))
            high = high if self._get(2) is None else float(self._constant(2, "max").reshape(()))
        # the lowest and the highest numbers stand for no bound in the first versions
        low, high = (math.copysign(math.inf, n) if abs(n) >= 3.4028234e38 else n for n in (low, high))
        self._give(Algebra.clip(value.expression, low, high))

    def prelu(self) -> None:
        """Read a PRelu, with one slope or one per channel."""
        value, slopes = self._value(0), self._constant(1, "slope")
        if slopes.size == 1:
            act = READ["", "LeakyRelu"][1]
            self._give(act(value.expression, float(slopes.reshape(()))))
            return
        self._materialize(value)
        if self.opset < 7 and self.chain.shape is not None:  # one slope per channel, whatever the number of axes
            slopes = slopes.reshape(-1, *(1,) * (len(self.chain.shape) - 1))
        self.chain.leaky(self.chain.channels(slopes))
        self._give()

    # ---- arithmetic ----

    def arithmetic(self) -> None:
        """Read an operator of two values: two constants, a value and a constant, or expressions of one value."""
        operator = self.node.op_type
        a, b = self._get(0), self._get(1)
        if len(self.node.input) != 2 or a is None or b is None:
            raise ValueError(f"it has {len(self.node.input)} inputs, expected two")
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
            self._set(_folded(operator, a, b))
            return
        for value in (a, b):
            if isinstance(value, Value) and value.is_condition:
                raise ValueError("it computes with conditions")
        if isinstance(a, Value) and isinstance(b, Value):
            if a.version != b.version:
                raise ValueError(f"it combines {a.node} and {b.node}: the graph branches")
            self._current(a)
            self._give(_combined(operator, a.expression, b.expression))
            return
        constant_first = isinstance(b, Value)
        given, value = (a, b) if isinstance(b, Value) else (b, a)
        assert isinstance(given, np.ndarray)
        assert isinstance(value, Value)
        constant, value = self._with_axis(given), self._current(value)
        if constant.dtype.kind not in "fiu":
            raise ValueError(f"it combines values with {constant.dtype}")
        per_channel = self.chain.channels(constant)
        if per_channel.ndim == 0:
            number = float(per_channel)
            pair = (number, value.expression) if constant_first else (value.expression, number)
            self._give(_combined(operator, *pair))
            return
        self._materialize(value)
        numbers = per_channel.astype(np.float64)
        if operator == "Add":
            self.chain.line(1.0, numbers)
        elif operator == "Sub":
            self.chain.line(-1.0 if constant_first else 1.0, numbers if constant_first else -numbers)
        elif operator == "Mul" or (operator == "Div" and not constant_first):
            self.chain.line(numbers if operator == "Mul" else 1.0 / numbers, 0.0)
        else:
            raise ValueError("it combines values with one number per channel")
        self._give()

    def _with_axis(self, constant: Array) -> Array:
        """Return a constant in the rank in which it broadcasts, which an attribute states before version 7."""
        if self.opset < 7 and constant.size > 1 and self.chain.shape is not None:
            rank = 1 + len(self.chain.shape)
            axis = attribute(self.node, "axis", rank - constant.ndim)
            after = rank - axis - constant.ndim
            if axis < 0 or after < 0:
                raise ValueError(f"its axis is {axis}")
            return constant.reshape(constant.shape + (1,) * after)
        return constant

    def compare(self) -> None:
        """Read a condition: a value compared with another or with a number, or the combination of two conditions."""
        operator = self.node.op_type
        if operator == "Not":
            self._give(1.0 - self._value(0, is_condition=True).expression, is_condition=True)
            return
        if operator in ("And", "Or"):
            a, b = (self._value(i, is_condition=True).expression for i in range(2))
            self._give(a * b if operator == "And" else Algebra.either(a, b), is_condition=True)
            return
        self._give(_COMPARISONS[operator](self._operand(0), self._operand(1)), is_condition=True)

    def _operand(self, position: int) -> Expression:
        """Return an input of the node, a value or a number."""
        value = self._get(position)
        if isinstance(value, np.ndarray):
            if value.size != 1 or value.dtype.kind not in "fiu":
                raise ValueError(f"its input {position} has shape {value.shape}, expected one number")
            return X * 0.0 + float(value.reshape(()))
        return self._value(position).expression

    def where(self) -> None:
        """Read a Where of a condition."""
        condition = self._value(0, is_condition=True).expression
        self._give(Algebra.where(condition, self._operand(1), self._operand(2)))

    def power(self) -> None:
        """Read a Pow with a constant exponent."""
        exponent, base = self._constant(1, "exponent"), self._get(0)
        if isinstance(base, np.ndarray):
            self._set(_folded("Pow", base, exponent))
        else:
            self._give(Algebra.power(self._value(0).expression, float(exponent.reshape(()))))

    # ---- layers ----

    def gemm(self) -> None:
        """Read a Gemm whose first matrix has the samples."""
        if attribute(self.node, "transA", 0):
            raise ValueError("transA is 1, expected 0: rows are samples")
        self._take()
        weights = self._constant(1, "second matrix")
        if weights.ndim != 2:
            raise ValueError(f"its weights have shape {weights.shape}")
        weights = weights.T if attribute(self.node, "transB", 0) else weights
        alpha, beta = attribute(self.node, "alpha", 1.0), attribute(self.node, "beta", 1.0)
        bias = None
        if self._get(2) is not None:
            bias = self._constant(2, "bias")
            if bias.size not in (1, weights.shape[1]) or bias.ndim > 2 or bias.shape[:-1] not in ((), (1,)):
                raise ValueError(f"its bias has shape {bias.shape}, expected ({weights.shape[1]},)")
            bias = np.broadcast_to(bias.reshape(-1), weights.shape[1:]) * beta
        self.chain.dense(weights if alpha == 1.0 else weights * alpha, bias)
        self._give()

    def matmul(self) -> None:
        """Read a product of samples and a matrix, or of two constants."""
        if isinstance(self._get(0), np.ndarray):
            raise ValueError("its first matrix is constant, expected samples")
        self._take()
        weights = self._constant(1, "second matrix")
        if weights.ndim != 2:
            raise ValueError(f"its weights have shape {weights.shape}")
        self.chain.dense(weights, None)
        self._give()

    def convolution(self) -> None:
        """Read a Conv of images."""
        self._take()
        weights = self._constant(1, "weights")
        bias = None if self._get(2) is None else self._constant(2, "bias")
        if weights.ndim != 4 or attribute(self.node, "group", 1) != 1:
            raise ValueError(
                f"weights have shape {weights.shape}, group is {attribute(self.node, 'group', 1)}: expected 1"
            )
        if bias is not None and bias.shape != weights.shape[:1]:
            raise ValueError(f"its bias has shape {bias.shape}, expected {weights.shape[:1]}")
        if attribute(self.node, "kernel_shape", []) not in ([], list(weights.shape[2:])):
            raise ValueError(f"kernel_shape differs from that of the weights, {weights.shape[2:]}")
        stride, dilation = self._one("strides", 1), self._one("dilations", 1)
        extents = [(n - 1) * dilation + 1 for n in weights.shape[2:]]
        self.chain.convolution(weights, bias, stride, self._pads(extents, stride), dilation)
        self._give()

    def _one(self, name: str, default: int) -> int:
        """Return an attribute of two equal positive integers as one."""
        values = attribute(self.node, name, []) or [default, default]
        if len(values) != 2 or values[0] != values[1] or values[0] < 1:
            raise ValueError(f"{name} is {values}, expected two equal positive numbers")
        return int(values[0])

    def _pads(self, extents: Sequence[int], stride: int) -> list[int]:
        """Return the padding above, left, below and right."""
        auto = attribute(self.node, "auto_pad", "NOTSET")
        if auto == "NOTSET":
            pads = attribute(self.node, "pads", []) or [0, 0, 0, 0]
            if len(pads) != 4:
                raise ValueError(f"pads is {pads}, expected four numbers")
            return [int(n) for n in pads]
        if auto == "VALID":
            return [0, 0, 0, 0]
        if auto not in ("SAME_UPPER", "SAME_LOWER") or self.chain.shape is None:
            raise ValueError(f"auto_pad is {auto}")
        both = [
            max((-(-length // stride) - 1) * stride + extent - length, 0)
            for length, extent in zip(self.chain.shape[1:], extents, strict=True)
        ]
        less = [n // 2 for n in both]
        more = [n - half for n, half in zip(both, less, strict=True)]
        return [*less, *more] if auto == "SAME_UPPER" else [*more, *less]

    def max_pool(self) -> None:
        """Read a MaxPool of squares that do not overlap."""
        self._take()
        kernel, strides = attribute(self.node, "kernel_shape", []), attribute(self.node, "strides", []) or [1, 1]
        if len(kernel) != 2 or kernel[0] != kernel[1] or list(strides) != list(kernel) or kernel[0] < 1:
            raise ValueError(f"kernel_shape is {kernel} and strides {strides}, expected squares that do not overlap")
        shape = self.chain.shape or (0, 0, 0)
        if len(self.node.output) > 1 or any(n != 1 for n in attribute(self.node, "dilations", [])):
            raise ValueError("it has dilations or a second output")
        if any(attribute(self.node, "pads", [])) or attribute(self.node, "auto_pad", "NOTSET") not in (
            "NOTSET",
            "VALID",
        ):
            raise ValueError("it has padding")
        if attribute(self.node, "ceil_mode", 0) and any(n % kernel[0] for n in shape[1:]):
            raise ValueError("ceil_mode is 1, and the size of the image is not a multiple of the squares")
        self.chain.pool(int(kernel[0]))
        self._give()

    def batch_norm(self) -> None:
        """Read a BatchNormalization in inference."""
        if attribute(self.node, "training_mode", 0) or not attribute(self.node, "spatial", 1):
            raise ValueError("it is in training mode, or has one variance per value")
        self._take()
        names = ("scale", "shift", "mean", "variance")
        arrays = [self._constant(i, name) for i, name in enumerate(names, 1)]
        eps, momentum = (tidy(attribute(self.node, *pair)) for pair in (("epsilon", 1e-5), ("momentum", 0.9)))
        self.chain.batch_norm(arrays, eps, round(1.0 - momentum, 12))
        self._give()

    def softmax(self) -> None:
        """Read a Softmax of the last axis; before version 13, of all axes from one on."""
        self._take()
        shape = self.chain.shape
        rank = 2 if shape is None else 1 + len(shape)
        axis = attribute(self.node, "axis", 1 if self.opset < 13 else -1)
        axis += rank if axis < 0 else 0
        if self.opset < 13 and axis == 1 and shape is not None and len(shape) > 1:
            self.chain.reshape((math.prod(shape),))
            self.chain.softmax()
            self.chain.reshape(shape)
        elif axis == rank - 1:
            self.chain.softmax()
        else:
            raise ValueError(f"axis is {axis}, expected the last")
        self._give()

    def scaler(self) -> None:
        """Read the scaler of scikit-learn's converter: ``(x - offset) * scale``."""
        self._take()
        offset, scale = (np.array(attribute(self.node, name, ()), np.float64) for name in ("offset", "scale"))
        if offset.size:
            self.chain.line(1.0, -self.chain.channels(offset))
        if scale.size:
            self.chain.line(self.chain.channels(scale), 0.0)
        self._give()

    # ---- shapes ----

    def flatten(self) -> None:
        """Read a Flatten that leaves the samples."""
        axis = attribute(self.node, "axis", 1)
        self._take()
        shape = self.chain.shape
        if axis != 1 and not (shape is not None and axis == -len(shape)):
            raise ValueError(f"axis is {axis}, expected 1")
        if shape is not None:
            self.chain.reshape((math.prod(shape),))
        self._give()

    def reshape(self) -> None:
        """Read a Reshape: of a constant, or one that leaves the samples."""
        if self.opset < 5:
            target = [int(n) for n in attribute(self.node, "shape", [])]
        else:
            target = [int(n) for n in self._constant(1, "shape").reshape(-1)]
        value = self._get(0)
        if isinstance(value, np.ndarray):
            self._set(value.reshape([value.shape[i] if n == 0 else n for i, n in enumerate(target)]))
            return
        self._take()
        shape = self.chain.shape
        if shape is None or len(target) < 2:
            raise ValueError(f"it reshapes samples of shape {shape} to {tuple(target)}")
        lengths = [shape[i] if n == 0 and i < len(shape) else n for i, n in enumerate(target[1:])]
        total, fixed = math.prod(shape), math.prod(n for n in lengths if n != -1)
        if lengths.count(-1) == 1 and target[0] != -1 and fixed > 0 and total % fixed == 0:
            lengths[lengths.index(-1)] = total // fixed
        if target[0] not in (-1, 0, self.samples, SAMPLES) or min(lengths) < 1 or math.prod(lengths) != total:
            shown = ["samples" if n == SAMPLES else n for n in target]
            raise ValueError(f"it reshapes samples of shape {shape} to {tuple(shown)}, expected to leave the samples")
        self.chain.reshape(tuple(lengths))
        self._give()

    def transpose(self) -> None:
        """Read a Transpose: of a constant, or one that leaves the samples."""
        order = attribute(self.node, "perm", [])
        value = self._get(0)
        if isinstance(value, np.ndarray):
            self._set(value.transpose(order or None))
            return
        self._take()
        if self.chain.shape is None or not order or order[0] != 0:
            raise ValueError(f"it reorders the axes of samples of shape {self.chain.shape} as {order}")
        self.chain.transpose([axis - 1 for axis in order[1:]])
        self._give()

    def squeeze(self) -> None:
        """Read a Squeeze or Unsqueeze of a constant."""
        value = self._constant(0, "input")
        axes = attribute(self.node, "axes", [])
        if self.opset >= 13 and self._get(1) is not None:
            axes = [int(axis) for axis in self._constant(1, "axes").reshape(-1)]
        if self.node.op_type == "Unsqueeze":
            self._set(np.expand_dims(value, tuple(axes)))
        else:
            self._set(np.squeeze(value, tuple(axes) if axes else None))

    def shape(self) -> None:
        """Read the Shape of a constant, or of samples, whose number is open."""
        value = self._get(0)
        if isinstance(value, np.ndarray):
            self._set(np.array(value.shape, np.int64))
            return
        self._value(0)
        if self.chain.shape is None:
            raise ValueError("the shape of its input is not known")
        self._set(np.array([SAMPLES, *self.chain.shape], np.int64))

    def gather(self) -> None:
        """Read a Gather from a constant shape."""
        data, indices = self._constant(0, "input"), self._constant(1, "indices")
        if data.ndim != 1 or data.size > 64 or indices.size > 64:
            raise ValueError("it gathers from an array that is not a shape")
        self._set(data[indices.astype(np.int64)] if indices.ndim else np.array(data[int(indices)]))

    def concat(self) -> None:
        """Read a Concat of constants, or of the probabilities 1 − p and p of two classes."""
        values = [self._get(i) for i in range(len(self.node.input))]
        arrays = [value for value in values if isinstance(value, np.ndarray)]
        if len(arrays) == len(values):
            self.budget.spend(sum(array.nbytes for array in arrays))
            self._set(np.concatenate(arrays, attribute(self.node, "axis", 0)))
            return
        if len(values) == 2 and attribute(self.node, "axis", 1) in (1, -1):
            first, second = values
            if isinstance(first, Value) and isinstance(second, Value) and first.version == second.version:
                total = self._current(first).expression + second.expression
                if (total.structure, total.numbers) == ("1", (1.0,)) and self._two_classes(second.expression):
                    self._give()
                    return
        raise ValueError("it joins samples")

    def _two_classes(self, p: Expression) -> bool:
        """Append the softmax whose second output is p, if p is the sigmoid of the only unit of a dense layer."""
        if len(p.terms) != 1 or p.terms[0][0] != 1.0 or [atom.function for atom in p.terms[0][1]] != ["sigmoid"]:
            return False
        argument = p.terms[0][1][0].argument
        line = None if argument is None else argument.line
        if line is None or self.chain.shape != (1,):
            return False
        self.chain.line(*line)
        return self.chain.two_classes()


def _opset(model: Any) -> int:
    """Return the version of the standard operators."""
    from onnx import defs

    versions = [entry.version for entry in model.opset_import if entry.domain in _STANDARD]
    if len(versions) != 1 or versions[0] < 1:
        raise ValueError("it states no version of the standard operators")
    if versions[0] > defs.onnx_opset_version():
        raise ValueError(
            f"its operators have version {versions[0]}, the installed onnx knows 1 to {defs.onnx_opset_version()}"
        )
    return int(versions[0])


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Div": lambda a, b: a / b,
    "Pow": lambda a, b: a**b,
}
_UNARY: dict[str, Callable[[Any], Any]] = {
    "Neg": np.negative, "Sqrt": np.sqrt, "Exp": np.exp, "Log": np.log, "Abs": np.abs, "Reciprocal": lambda a: 1 / a,
}  # fmt: skip


def _folded(operator: str, *arrays: Array) -> Array:
    """Return the result of an operator of constants, which is not larger than the largest of them."""
    function = _BINARY.get(operator) if len(arrays) == 2 else _UNARY.get(operator)
    if function is None or any(array.dtype.kind not in "fiu" for array in arrays):
        raise ValueError("it has no layer, and does not depend on the input")
    if math.prod(np.broadcast_shapes(*(array.shape for array in arrays))) > max(array.size for array in arrays):
        raise ValueError("its constants have different shapes")
    if operator in ("Div", "Pow") and any(array.dtype.kind != "f" for array in arrays):
        raise ValueError(f"it combines {', '.join(str(array.dtype) for array in arrays)}")
    with np.errstate(all="ignore"):
        return np.asarray(function(*arrays))


def _combined(operator: str, a: Any, b: Any) -> Expression:
    """Return the expression of an operator of two expressions, or of one and a number."""
    if operator in ("Max", "Min"):
        e, number = (a, b) if isinstance(a, Expression) else (b, a)
        if isinstance(number, Expression):
            raise ValueError("it compares two values")
        bounds = (number, math.inf) if operator == "Max" else (-math.inf, number)
        return Algebra.clip(e, *bounds)
    result = _BINARY[operator](a, b)
    assert isinstance(result, Expression)
    return result


_COMPARISONS: dict[str, Callable[[Expression, Expression], Expression]] = {
    "Greater": lambda a, b: a > b,
    "GreaterOrEqual": lambda a, b: a >= b,
    "Less": lambda a, b: a < b,
    "LessOrEqual": lambda a, b: a <= b,
}


_HANDLERS: dict[tuple[str, str], Callable[[_Reader], None]] = {
    ("", "Constant"): _Reader.constant,
    ("", "Identity"): _Reader.identity,
    ("", "Cast"): _Reader.cast,
    ("", "Dropout"): _Reader.dropout,
    ("", "Clip"): _Reader.clip,
    ("", "PRelu"): _Reader.prelu,
    **{("", name): _Reader.arithmetic for name in ("Add", "Sub", "Mul", "Div", "Max", "Min")},
    **{("", name): _Reader.compare for name in (*_COMPARISONS, "Not", "And", "Or")},
    ("", "Where"): _Reader.where,
    ("", "Pow"): _Reader.power,
    ("", "Gemm"): _Reader.gemm,
    ("", "MatMul"): _Reader.matmul,
    ("", "Conv"): _Reader.convolution,
    ("", "MaxPool"): _Reader.max_pool,
    ("", "BatchNormalization"): _Reader.batch_norm,
    ("", "Softmax"): _Reader.softmax,
    ("", "Flatten"): _Reader.flatten,
    ("", "Reshape"): _Reader.reshape,
    ("", "Transpose"): _Reader.transpose,
    ("", "Squeeze"): _Reader.squeeze,
    ("", "Unsqueeze"): _Reader.squeeze,
    ("", "Shape"): _Reader.shape,
    ("", "Gather"): _Reader.gather,
    ("", "Concat"): _Reader.concat,
    ("ai.onnx.ml", "Scaler"): _Reader.scaler,
}
