"""The contenders of a benchmark: who computes what, written as an experienced user of each library would.

`prepare(task)` returns a function without arguments that computes the task once and returns something `np.asarray`
understands, or None where the contender has no such function. Formulas are not ours to improve: where the usual one
loses digits, the tables say so.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.metadata
import importlib.util
import math
import os
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spatium import _engine, functions, rows, ufuncs
from spatium.activations import Activation, activation

__all__ = ["ROW_FUNCTIONS", "Contender", "Task", "available", "known", "numpy_derivatives", "numpy_values"]

Array = NDArray[Any]
Run = Callable[[], Any]
ROW_FUNCTIONS = ("softmax", "log_softmax")
ROOT_2_PI = math.sqrt(2 / math.pi)


@dataclass(frozen=True)
class Task:
    """One operation on one array; `grad` is used by "backward" only. Functions of rows have values only."""

    function: str
    operation: str
    x: Array
    grad: Array
    allocate: bool = False  # a new array for every result, also from those who can write into an old one
    act: Activation | None = None  # in place of the function of this name with its default parameters


class Contender(Protocol):
    """A library. It is made with a number of threads, and `close` gives the library its own settings back."""

    name: str
    version: str

    def prepare(self, task: Task) -> Run | None:
        """Return a function that computes the task, or None."""

    def close(self) -> None:
        """Undo what the contender changed in the settings of its library."""


class Spatium:
    """Our own functions, with the number of threads that is set."""

    name = "spatium"

    def __init__(self, threads: int) -> None:
        self.version = _engine.VERSION

    def close(self) -> None:
        """Do nothing."""

    def prepare(self, task: Task) -> Run:
        """Return a function that writes into the same array each time."""
        x, grad, out = task.x, task.grad, None if task.allocate else np.empty_like(task.x)
        if task.function in ROW_FUNCTIONS:
            of_rows = getattr(rows, task.function)
            return lambda: of_rows(x, out=out)
        act = activation(task.function) if task.act is None else task.act
        if task.operation == "backward":
            return lambda: act.backward(grad, x, out=out)
        if task.operation == "derivative":
            return lambda: act.derivative(x, out=out)
        if task.act is not None:
            return lambda: act(x, out=out)
        if task.function.startswith("gelu"):
            approximate: Any = task.function.partition("_")[2] or "none"
            return lambda: functions.gelu(x, approximate=approximate, out=out)
        function = getattr(functions, task.function, None) or getattr(ufuncs, task.function)
        return lambda: function(x, out=out)


# ---- NumPy and SciPy: f(x, o) fills and returns o wherever a formula allows it ----


def _numpy_gelu_tanh(x: Array, o: Array) -> Array:
    np.multiply(x, x, out=o)
    o *= 0.044715
    o += 1
    o *= x
    o *= ROOT_2_PI
    np.tanh(o, out=o)
    o += 1
    o *= x
    o *= 0.5
    return o


def _numpy_gelu_tanh_derivative(x: Array, o: Array) -> Array:
    square = x * x
    t = np.tanh(ROOT_2_PI * x * (1 + 0.044715 * square))
    slope = ROOT_2_PI * (1 + 3 * 0.044715 * square)
    slopes: Array = np.add(0.5 * (1 + t), 0.5 * x * (1 - t * t) * slope, out=o)
    return slopes


def _logistic_and_normal() -> tuple[Callable[..., Array], Callable[..., Array] | None]:
    """Return SciPy's expit and ndtr, or without SciPy the usual formula and None."""
    try:
        from scipy.special import expit, ndtr
    except ModuleNotFoundError:
        return _numpy_logistic, None
    return expit, ndtr


def _numpy_logistic(x: Array, out: Array | None = None) -> Array:
    o: Array = np.exp(np.negative(x, out=out), out=out)
    o += 1
    np.reciprocal(o, out=o)
    return o


def _numpy_swish_derivative(x: Array, o: Array, beta: float = 1.0) -> Array:
    expit = _logistic_and_normal()[0]
    s = expit(beta * x, out=o)
    slopes: Array = np.multiply(s, 1 + beta * x * (1 - s), out=o)
    return slopes


def _numpy_mish_derivative(x: Array, o: Array) -> Array:
    expit = _logistic_and_normal()[0]
    t = np.tanh(np.logaddexp(0, x, out=o), out=o)
    slopes: Array = np.add(t, x * expit(x) * (1 - t * t), out=o)
    return slopes


def _numpy_line(x: Array, o: Array) -> Array:
    np.divide(x, 6, out=o)
    o += 0.5
    return np.clip(o, 0, 1, out=o)


def _numpy_elu(x: Array, o: Array) -> Array:
    return np.maximum(x, np.expm1(np.minimum(x, 0, out=o), out=o), out=o)


def _numpy_selu(x: Array, o: Array) -> Array:
    np.multiply(np.expm1(np.minimum(x, 0, out=o), out=o), 1.6732632423543772, out=o)
    return np.multiply(np.where(x > 0, x, o), 1.0507009873554805, out=o)


def _numpy_snake(x: Array, o: Array) -> Array:
    return np.add(x, np.square(np.sin(x, out=o), out=o), out=o)


def _numpy_squareplus(x: Array, o: Array) -> Array:
    np.sqrt(np.add(np.square(x, out=o), 4, out=o), out=o)
    return np.multiply(np.add(o, x, out=o), 0.5, out=o)


def _numpy_dish(x: Array, o: Array) -> Array:
    np.sqrt(np.add(np.square(x, out=o), 1, out=o), out=o)
    np.add(np.divide(x, o, out=o), 1, out=o)
    return np.multiply(np.multiply(o, x, out=o), 0.5, out=o)


def _numpy_log_cosh(x: Array, o: Array) -> Array:
    magnitude = np.abs(x)
    np.log1p(np.exp(np.multiply(magnitude, -2, out=o), out=o), out=o)
    return np.subtract(np.add(o, magnitude, out=o), math.log(2), out=o)


def numpy_values() -> dict[str, Callable[[Array, Array], Array]]:
    """Return a formula for each activation; without SciPy none for those with Φ."""
    expit, ndtr = _logistic_and_normal()
    values = _numpy_smooth_values(expit) | _numpy_pieces()
    if ndtr is not None:
        values |= {
            "gelu": lambda x, o: np.multiply(x, ndtr(x, out=o), out=o),
            "phish": lambda x, o: np.multiply(x, np.tanh(np.multiply(x, ndtr(x, out=o), out=o), out=o), out=o),
        }
    return values


def _numpy_smooth_values(expit: Callable[..., Array]) -> dict[str, Callable[[Array, Array], Array]]:
    return {
        "sigmoid": lambda x, o: expit(x, out=o),
        "tanh": lambda x, o: np.tanh(x, out=o),
        "gelu_tanh": _numpy_gelu_tanh,
        "swish": lambda x, o: np.multiply(x, expit(x, out=o), out=o),
        "scaled_swish": lambda x, o: np.multiply(x, expit(x, out=o), out=o),
        "mish": lambda x, o: np.multiply(x, np.tanh(np.logaddexp(0, x, out=o), out=o), out=o),
        "elu": _numpy_elu,
        "celu": _numpy_elu,
        "selu": _numpy_selu,
        "softplus": lambda x, o: np.logaddexp(0, x, out=o),
        "log_sigmoid": lambda x, o: np.negative(np.logaddexp(0, np.negative(x, out=o), out=o), out=o),
        "sine": lambda x, o: np.sin(x, out=o),
        "snake": _numpy_snake,
        "gelu_sigmoid": lambda x, o: np.multiply(x, expit(np.multiply(x, 1.702, out=o), out=o), out=o),
        "scaled_tanh": lambda x, o: np.multiply(np.tanh(np.multiply(x, 2 / 3, out=o), out=o), 1.7159, out=o),
        "tanh_shrink": lambda x, o: np.subtract(x, np.tanh(x, out=o), out=o),
        "lisht": lambda x, o: np.multiply(x, np.tanh(x, out=o), out=o),
        "squareplus": _numpy_squareplus,
        "dish": _numpy_dish,
        "gaussian": lambda x, o: np.exp(np.negative(np.square(x, out=o), out=o), out=o),
        "log_cosh": _numpy_log_cosh,
    }


def _numpy_pieces() -> dict[str, Callable[[Array, Array], Array]]:
    return {
        "relu": lambda x, o: np.maximum(x, 0, out=o),
        "leaky_relu": lambda x, o: np.maximum(x, np.multiply(x, 0.01, out=o), out=o),
        "hard_sigmoid": _numpy_line,
        "hard_tanh": lambda x, o: np.clip(x, -1, 1, out=o),
        "hard_swish": lambda x, o: np.multiply(x, _numpy_line(x, o), out=o),
        "hard_gelu": lambda x, o: np.where(
            x > 1.5, np.minimum(x, 3), np.where(x >= -1.5, x / 3 * (x + 1.5), x.dtype.type(0))
        ),
        "relu6": lambda x, o: np.clip(x, 0, 6, out=o),
        "relu_squared": lambda x, o: np.square(np.maximum(x, 0, out=o), out=o),
        "threshold": lambda x, o: np.where(x > 0, x, x.dtype.type(0)),
        "soft_sign": lambda x, o: np.divide(x, np.add(np.abs(x, out=o), 1, out=o), out=o),
        "hard_shrink": lambda x, o: np.where(np.abs(x) > 0.5, x, x.dtype.type(0)),
        "soft_shrink": lambda x, o: np.subtract(x, np.clip(x, -0.5, 0.5, out=o), out=o),
        "sparse_plus": lambda x, o: np.where(x < 1, np.square(np.clip(x, -1, 1, out=o) + 1) / 4, x),
        "sparse_sigmoid": lambda x, o: np.clip(np.multiply(np.add(x, 1, out=o), 0.5, out=o), 0, 1, out=o),
        "hard_mish": lambda x, o: np.multiply(np.clip(np.add(x, 2, out=o), 0, 2, out=o), x / 2, out=o),
        "identity": lambda x, o: np.positive(x, out=o),
    }


def numpy_derivatives() -> dict[str, Callable[[Array, Array], Array]]:
    """Return a formula for the derivatives of some activations."""
    expit, ndtr = _logistic_and_normal()

    def sigmoid(x: Array, o: Array) -> Array:
        s = expit(x, out=o)
        slopes: Array = np.multiply(s, 1 - s, out=o)
        return slopes

    def tanh(x: Array, o: Array) -> Array:
        np.tanh(x, out=o)
        np.multiply(o, o, out=o)
        return np.subtract(1, o, out=o)

    slopes: dict[str, Callable[[Array, Array], Array]] = {
        "relu": lambda x, o: np.greater(x, 0, out=o),
        "leaky_relu": lambda x, o: np.where(x > 0, x.dtype.type(1), x.dtype.type(0.01)),
        "sigmoid": sigmoid,
        "tanh": tanh,
        "gelu_tanh": _numpy_gelu_tanh_derivative,
        "swish": _numpy_swish_derivative,
        "mish": _numpy_mish_derivative,
        "elu": lambda x, o: np.exp(np.minimum(x, 0, out=o), out=o),
        "softplus": lambda x, o: expit(x, out=o),
        "hard_sigmoid": lambda x, o: np.multiply(np.abs(x, out=o) < 3, x.dtype.type(1 / 6), out=o),
        "hard_tanh": lambda x, o: np.less(np.abs(x, out=o), 1, out=o),
        "sine": lambda x, o: np.cos(x, out=o),
        "gelu_sigmoid": lambda x, o: _numpy_swish_derivative(x, o, 1.702),
        "hard_swish": lambda x, o: np.where(np.abs(x) < 3, x / 3 + 0.5, x >= 3),
        "hard_gelu": lambda x, o: np.where(x > 1.5, x <= 3, np.where(x >= -1.5, x / 1.5 + 0.5, x.dtype.type(0))),
    }
    if ndtr is not None:
        slopes["gelu"] = lambda x, o: np.add(ndtr(x, out=o), x * np.exp(-0.5 * x * x) * (ROOT_2_PI / 2), out=o)
    return slopes


class NumPy:
    """NumPy's expressions, with SciPy's functions where it is installed; on one thread."""

    name = "NumPy/SciPy"

    def __init__(self, threads: int) -> None:
        if _is_installed("scipy"):
            self.version = f"{np.__version__}/{importlib.metadata.version('scipy')}"
        else:
            self.name, self.version = "NumPy", np.__version__
        self.formulas = {"value": numpy_values(), "derivative": numpy_derivatives()}

    def close(self) -> None:
        """Do nothing."""

    def prepare(self, task: Task) -> Run | None:
        """Return a function that writes into the same array where the formula allows it."""
        if task.function in ROW_FUNCTIONS:
            if not _is_installed("scipy"):
                return None
            import scipy.special

            of_rows, samples = getattr(scipy.special, task.function), task.x
            return lambda: of_rows(samples, axis=-1)
        x, grad, old = task.x, task.grad, np.empty_like(task.x)
        formula = self.formulas["value" if task.operation == "value" else "derivative"].get(task.function)
        if formula is None:
            return None

        def run() -> Array:
            out = np.empty_like(x) if task.allocate else old
            result = formula(x, out)
            return np.multiply(result, grad, out=out) if task.operation == "backward" else result

        return run


class PyTorch:
    """torch.nn.functional for values; for gradients the kernels that autograd calls, without its bookkeeping.

    Where autograd keeps the output (sigmoid, tanh), the output is computed first: every contender starts from x.
    """

    name = "PyTorch"

    def __init__(self, threads: int) -> None:
        import torch
        from torch.nn import functional

        self._threads_before = torch.get_num_threads()
        torch.set_num_threads(threads)
        self.torch, self.version, aten = torch, torch.__version__, torch.ops.aten
        self.values: dict[str, Callable[[Any], Any]] = {
            "relu": functional.relu,
            "leaky_relu": functional.leaky_relu,
            "sigmoid": torch.sigmoid,
            "tanh": torch.tanh,
            "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh"),
            "swish": functional.silu,
            "mish": functional.mish,
            "elu": functional.elu,
            "softplus": functional.softplus,
            "hard_sigmoid": functional.hardsigmoid,
            "hard_tanh": functional.hardtanh,
            "sine": torch.sin,
            "gelu": functional.gelu,
            "gelu_sigmoid": lambda x: x * torch.sigmoid(1.702 * x),
            "hard_swish": functional.hardswish,
            "relu6": functional.relu6,
            "relu_squared": lambda x: functional.relu(x).square(),
            "threshold": lambda x: functional.threshold(x, 0.0, 0.0),
            "selu": functional.selu,
            "celu": functional.celu,
            "log_sigmoid": functional.logsigmoid,
            "soft_sign": functional.softsign,
            "tanh_shrink": functional.tanhshrink,
            "hard_shrink": functional.hardshrink,
            "soft_shrink": functional.softshrink,
        }
        self.gradients: dict[str, Callable[[Any, Any], Any]] = {
            "relu": lambda g, x: aten.threshold_backward(g, x, 0),
            "leaky_relu": lambda g, x: aten.leaky_relu_backward(g, x, 0.01, False),
            "sigmoid": lambda g, x: aten.sigmoid_backward(g, torch.sigmoid(x)),
            "tanh": lambda g, x: aten.tanh_backward(g, torch.tanh(x)),
            "gelu_tanh": lambda g, x: aten.gelu_backward(g, x, approximate="tanh"),
            "swish": aten.silu_backward,
            "mish": aten.mish_backward,
            "elu": lambda g, x: aten.elu_backward(g, 1.0, 1, 1, False, x),
            "softplus": lambda g, x: aten.softplus_backward(g, x, 1, 20),
            "hard_sigmoid": aten.hardsigmoid_backward,
            "hard_tanh": lambda g, x: aten.hardtanh_backward(g, x, -1, 1),
            "sine": lambda g, x: g * torch.cos(x),
            "gelu": aten.gelu_backward,
            "hard_swish": aten.hardswish_backward,
        }

    def close(self) -> None:
        """Give PyTorch its number of threads back."""
        self.torch.set_num_threads(self._threads_before)

    def prepare(self, task: Task) -> Run | None:
        """Return a function of tensors that share the memory of the arrays; they need no gradient."""
        x = self.torch.from_numpy(task.x)
        if task.function in ROW_FUNCTIONS:
            # writes into an old array as ours does: a new one of this size costs far more than the arithmetic
            out, of_rows = None if task.allocate else self.torch.empty_like(x), getattr(self.torch, task.function)
            return lambda: of_rows(x, -1, out=out)
        if task.operation == "value":
            value = self.values.get(task.function)
            return None if value is None else lambda: value(x)
        gradient = self.gradients.get(task.function)
        grad = self.torch.from_numpy(task.grad) if task.operation == "backward" else self.torch.ones_like(x)
        return None if gradient is None else lambda: gradient(grad, x)


class JAX:
    """jax.jit of jax.nn; gradients by jax.vjp inside the jit, which so fuses both passes."""

    name = "JAX"

    def __init__(self, threads: int) -> None:
        # its own pool has the size of the affinity mask
        os.environ.setdefault("XLA_FLAGS", f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()}")
        os.environ.setdefault("JAX_PLATFORMS", "cpu")
        import jax
        import jax.numpy as jnp

        self._wide_before = bool(jax.config.jax_enable_x64)
        jax.config.update("jax_enable_x64", True)  # float32 arrays stay float32
        self.jax, self.version, nn = jax, jax.__version__, jax.nn
        self.values: dict[str, Callable[[Any], Any]] = {
            "relu": nn.relu,
            "leaky_relu": nn.leaky_relu,
            "sigmoid": nn.sigmoid,
            "tanh": jnp.tanh,
            "gelu_tanh": lambda x: nn.gelu(x, approximate=True),
            "swish": nn.silu,
            "mish": nn.mish,
            "elu": nn.elu,
            "softplus": nn.softplus,
            "hard_sigmoid": nn.hard_sigmoid,
            "hard_tanh": nn.hard_tanh,
            "sine": jnp.sin,
            "gelu": lambda x: nn.gelu(x, approximate=False),
            "gelu_sigmoid": lambda x: x * nn.sigmoid(1.702 * x),
            "hard_swish": nn.hard_swish,
            "relu6": nn.relu6,
            "selu": nn.selu,
            "celu": nn.celu,
            "log_sigmoid": nn.log_sigmoid,
            "soft_sign": nn.soft_sign,
            "squareplus": nn.squareplus,
            "softmax": nn.softmax,
            "log_softmax": nn.log_softmax,
        }

    def close(self) -> None:
        """Let JAX convert float64 arrays again, if it did."""
        self.jax.config.update("jax_enable_x64", self._wide_before)

    def prepare(self, task: Task) -> Run | None:
        """Return a compiled function."""
        function = self.values.get(task.function)
        if function is None:
            return None
        jax, arguments = self.jax, [self.jax.numpy.asarray(task.x)]
        if task.operation == "value":
            compiled = jax.jit(function)
        elif task.operation == "derivative":
            compiled = jax.jit(lambda x: jax.vjp(function, x)[1](jax.numpy.ones_like(x))[0])
        else:
            compiled = jax.jit(lambda grad, x: jax.vjp(function, x)[1](grad)[0])
            arguments.insert(0, jax.numpy.asarray(task.grad))
        return lambda: compiled(*arguments).block_until_ready()


class OnnxRuntime:
    """Models of one node (two for the gates without an operator), output bound to one buffer; forward only."""

    name = "ONNX Runtime"
    # function -> nodes as (operator, attributes); "x*" multiplies the result so far by the input
    NODES: Mapping[str, tuple[tuple[str, dict[str, Any]], ...]] = {
        "relu": (("Relu", {}),),
        "leaky_relu": (("LeakyRelu", {"alpha": 0.01}),),
        "sigmoid": (("Sigmoid", {}),),
        "tanh": (("Tanh", {}),),
        "gelu_tanh": (("Gelu", {"approximate": "tanh"}),),
        "swish": (("Sigmoid", {}), ("x*", {})),
        "mish": (("Mish", {}),),
        "elu": (("Elu", {}),),
        "softplus": (("Softplus", {}),),
        "hard_sigmoid": (("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),),
        "hard_tanh": (("Clip", {}),),
        "sine": (("Sin", {}),),
        "gelu": (("Gelu", {}),),
        "hard_swish": (("HardSwish", {}),),
        "selu": (("Selu", {}),),
        "celu": (("Celu", {}),),
        "soft_sign": (("Softsign", {}),),
    }

    def __init__(self, threads: int) -> None:
        import onnx
        import onnxruntime

        self.onnx, self.runtime, self.threads = onnx, onnxruntime, threads
        self.version = onnxruntime.__version__
        onnxruntime.set_default_logger_severity(4)  # an operator without a kernel for the type is skipped, not reported

    def close(self) -> None:
        """Do nothing: the threads belong to the sessions."""

    def _model(self, function: str, dtype: np.dtype[Any]) -> bytes:
        helper, numpy_helper = self.onnx.helper, self.onnx.numpy_helper
        element = helper.np_dtype_to_tensor_dtype(dtype)
        constants, nodes, last = [], [], "x"
        for i, (operator, attributes) in enumerate(self.NODES[function]):
            inputs, output = [last], f"t{i}"
            if operator == "x*":
                operator, inputs = "Mul", ["x", last]
            if operator == "Clip":
                inputs += ["low", "high"]
                bounds = {"low": -1, "high": 1}
                constants += [numpy_helper.from_array(np.array(v, dtype), name) for name, v in bounds.items()]
            nodes.append(helper.make_node(operator, inputs, [output], **attributes))
            last = output
        description = [helper.make_tensor_value_info(name, element, ["n"]) for name in ("x", last)]
        graph = helper.make_graph(nodes, function, description[:1], description[1:], constants)
        opset = helper.make_opsetid("", 20)  # the first with Gelu
        return bytes(helper.make_model(graph, opset_imports=[opset], ir_version=9).SerializeToString())

    def prepare(self, task: Task) -> Run | None:
        """Return a function that runs a session."""
        if task.operation != "value" or task.function not in self.NODES:
            return None
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        model = self._model(task.function, task.x.dtype)
        try:
            session = self.runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its error classes are not public: an operator lacks a kernel, or a type
            if not any(word in str(error) for word in ("NOT_IMPLEMENTED", "Type Error")):
                raise
            return None
        x = np.ascontiguousarray(task.x).reshape(-1)  # the models have one axis
        out, binding = np.empty_like(x), session.io_binding()
        for bind, name, array in (
            (binding.bind_input, "x", x),
            (binding.bind_output, session.get_outputs()[0].name, out),
        ):
            bind(name, "cpu", 0, x.dtype, array.shape, array.ctypes.data)
        shaped = out.reshape(task.x.shape)

        def run() -> Array:
            session.run_with_iobinding(binding)
            return shaped

        return run


class NumExpr:
    """One expression; constants in the type of the array, because numexpr would widen to float64 otherwise."""

    name = "numexpr"
    CONSTANTS: Mapping[str, float] = {
        "c": 0.044715,
        "d": 3 * 0.044715,
        "r": ROOT_2_PI,
        "h": 0.5,
        "q": 1.702,
        "s": 0.01,
        "w": 1 / 6,
        "z": 1.5,
        "n": 0.0,
        "e": 1.0,
    }
    VALUES: Mapping[str, str] = {
        "relu": "where(x > 0, x, n)",
        "leaky_relu": "where(x > 0, x, s * x)",
        "sigmoid": "1 / (1 + exp(-x))",
        "tanh": "tanh(x)",
        "gelu_tanh": "h * x * (1 + tanh(r * x * (1 + c * x * x)))",
        "swish": "x / (1 + exp(-x))",
        "mish": "x * tanh(log1p(exp(x)))",
        "elu": "where(x > 0, x, expm1(x))",
        "softplus": "log1p(exp(-abs(x))) + where(x > 0, x, n)",
        "hard_sigmoid": "where(x <= -3, n, where(x >= 3, e, x * w + h))",
        "hard_tanh": "where(x < -1, -e, where(x > 1, e, x))",
        "sine": "sin(x)",
        "gelu_sigmoid": "x / (1 + exp(-q * x))",
        "hard_swish": "where(x <= -3, n, where(x >= 3, x, x * (x * w + h)))",
        "hard_gelu": "where(x > 3, 3 * e, where(x > z, x, where(x >= -z, x / 3 * (x + z), n)))",
    }
    DERIVATIVES: Mapping[str, str] = {
        "relu": "where(x > 0, e, n)",
        "leaky_relu": "where(x > 0, e, s)",
        "sigmoid": "1 / ((1 + exp(-x)) * (1 + exp(x)))",
        "tanh": "1 - tanh(x) * tanh(x)",
        "gelu_tanh": "h * (1 + tanh(r * x * (1 + c * x * x)))"
        " + h * x * (1 - tanh(r * x * (1 + c * x * x)) ** 2) * r * (1 + d * x * x)",
        "swish": "(1 + x / (1 + exp(x))) / (1 + exp(-x))",
        "elu": "where(x > 0, e, exp(x))",
        "softplus": "1 / (1 + exp(-x))",
        "hard_sigmoid": "where(abs(x) < 3, w, n)",
        "hard_tanh": "where(abs(x) < 1, e, n)",
        "sine": "cos(x)",
        "gelu_sigmoid": "(1 + q * x / (1 + exp(q * x))) / (1 + exp(-q * x))",
        "hard_swish": "where(x <= -3, n, where(x >= 3, e, x / 3 + h))",
    }

    def __init__(self, threads: int) -> None:
        import numexpr

        self._threads_before = numexpr.set_num_threads(threads)
        self.numexpr, self.version = numexpr, numexpr.__version__

    def close(self) -> None:
        """Give numexpr its number of threads back."""
        self.numexpr.set_num_threads(self._threads_before)

    def prepare(self, task: Task) -> Run | None:
        """Return a function that evaluates the expression."""
        expression = (self.VALUES if task.operation == "value" else self.DERIVATIVES).get(task.function)
        if expression is None:
            return None
        if task.operation == "backward":
            expression = f"grad * ({expression})"
        names = {name: np.array(value, task.x.dtype) for name, value in self.CONSTANTS.items()}
        names |= {"x": task.x, "grad": task.grad}
        out, evaluate = None if task.allocate else np.empty_like(task.x), self.numexpr.evaluate
        return lambda: evaluate(expression, local_dict=names, global_dict={}, out=out)


class VectorMath:
    """Intel's MKL in one of its three modes: its vector functions, and NumPy between them."""

    name = "MKL"
    mode = 0

    def __init__(self, threads: int) -> None:
        self.version = importlib.metadata.version("mkl")
        library = next((Path(sys.prefix) / "lib").glob("libmkl_rt.so*"), None)
        if library is None:
            raise ImportError(f"no libmkl_rt.so in {Path(sys.prefix) / 'lib'}")
        self.library = ctypes.CDLL(str(library))
        self._threads_before = self.library.MKL_Get_Max_Threads()
        self.library.MKL_Set_Num_Threads(threads)

    def close(self) -> None:
        """Give MKL its number of threads back."""
        self.library.MKL_Set_Num_Threads(self._threads_before)

    def _call(self, function: str, *arrays: Array) -> Array:
        """`vmsTanh` and its like: the results go into the last array."""
        last = arrays[-1]
        call = getattr(self.library, f"vm{'s' if last.dtype == np.float32 else 'd'}{function}")
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
        call(ctypes.c_int(last.size), *pointers, ctypes.c_int64(self.mode))
        return last

    def _logistic(self, x: Array, o: Array) -> Array:
        self._call("Exp", np.negative(x, out=o), o)
        return self._call("Inv", np.add(o, 1, out=o), o)

    def _softplus(self, x: Array, o: Array) -> Array:
        self._call("Exp", np.negative(np.abs(x, out=o), out=o), o)
        return np.add(self._call("Log1p", o, o), np.maximum(x, 0), out=o)

    def prepare(self, task: Task) -> Run | None:
        """Return a function that writes into the same array each time."""
        values: dict[str, Callable[[Array, Array], Array]] = {
            "tanh": lambda x, o: self._call("Tanh", x, o),
            "sine": lambda x, o: self._call("Sin", x, o),
            "sigmoid": self._logistic,
            "swish": lambda x, o: np.multiply(x, self._logistic(x, o), out=o),
            "softplus": self._softplus,
            "mish": lambda x, o: np.multiply(x, self._call("Tanh", self._softplus(x, o), o), out=o),
            "elu": lambda x, o: np.maximum(x, self._call("Expm1", np.minimum(x, 0, out=o), o), out=o),
            "gelu": lambda x, o: np.multiply(x, self._call("CdfNorm", x, o), out=o),
        }
        value = values.get(task.function) if task.operation == "value" else None
        if value is None:
            return None
        x, old = task.x, np.empty_like(task.x)
        return lambda: value(x, np.empty_like(x) if task.allocate else old)


class VectorMathHigh(VectorMath):
    """MKL in its most accurate mode."""

    name, mode = "MKL, high accuracy", 2


class VectorMathLow(VectorMath):
    """MKL in its mode of lower accuracy."""

    name, mode = "MKL, low accuracy", 1


class VectorMathFast(VectorMath):
    """MKL in its fastest mode."""

    name, mode = "MKL, enhanced performance", 3


_NEEDS: dict[str, tuple[type[Any], tuple[str, ...]]] = {
    cls.name: (cls, modules)
    for cls, modules in (
        (Spatium, ()),
        (NumPy, ()),
        (PyTorch, ("torch",)),
        (JAX, ("jax", "jaxlib")),
        (OnnxRuntime, ("onnx", "onnxruntime")),
        (NumExpr, ("numexpr",)),
        (VectorMathHigh, ("mkl",)),
        (VectorMathLow, ("mkl",)),
        (VectorMathFast, ("mkl",)),
    )
}


def _is_installed(name: str) -> bool:
    """Whether there is such a module, or for libraries without one such a distribution."""
    if importlib.util.find_spec(name) is not None:
        return True
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def available(threads: int, names: Collection[str] | None = None) -> tuple[list[Contender], list[str]]:
    """Return the contenders that can be imported, ours first, and a line for each that cannot.

    With `names`, only those: each name is the beginning of that of a contender, in any case.
    """
    found: list[Contender] = []
    skipped: list[str] = []
    for name, (cls, modules) in _NEEDS.items():
        if names is not None and cls is not Spatium and not name.lower().startswith(tuple(map(str.lower, names))):
            continue
        missing = [module for module in modules if not _is_installed(module)]
        if missing:
            skipped.append(f"{name} skipped: {', '.join(missing)} not installed")
            continue
        try:
            found.append(cls(threads))
        except (ImportError, OSError) as error:  # an installation that does not work
            skipped.append(f"{name} skipped: {' '.join(str(error).split())}")
    return found, skipped


def known() -> tuple[str, ...]:
    """Return the names of all contenders but ours."""
    return tuple(name for name in _NEEDS if name != Spatium.name)
