"""The contenders of the side-by-side runs: who computes what, written as an experienced user of each would.

`prepare(task)` returns a function without arguments that computes the task once and returns something `np.asarray`
understands, or None where the contender has no such function. Formulas are not ours to improve: where the usual one
loses digits, the table says so.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.metadata
import importlib.util
import math
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import spatium as sp

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


class Contender(Protocol):
    name: str
    version: str

    def prepare(self, task: Task) -> Run | None: ...


class Spatium:
    name = "spatium"

    def __init__(self, threads: int) -> None:
        sp.set_num_threads(threads)
        self.version = sp.__version__

    def prepare(self, task: Task) -> Run:
        x, grad, out = task.x, task.grad, None if task.allocate else np.empty_like(task.x)
        if task.function in ROW_FUNCTIONS:
            of_rows = getattr(sp, task.function)
            return lambda: of_rows(x, out=out)
        activation = sp.activation(task.function)
        if task.operation == "backward":
            return lambda: activation.backward(grad, x, out=out)
        if task.operation == "derivative":
            return lambda: activation.derivative(x, out=out)
        if task.function.startswith("gelu"):
            approximate = task.function.partition("_")[2] or "none"
            return lambda: sp.gelu(x, approximate=approximate, out=out)
        function = getattr(sp, task.function)
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
    return np.add(0.5 * (1 + t), 0.5 * x * (1 - t * t) * slope, out=o)


def _numpy_swish_derivative(x: Array, o: Array, beta: float = 1.0) -> Array:
    from scipy.special import expit

    s = expit(beta * x, out=o)
    return np.multiply(s, 1 + beta * x * (1 - s), out=o)


def _numpy_mish_derivative(x: Array, o: Array) -> Array:
    from scipy.special import expit

    t = np.tanh(np.logaddexp(0, x, out=o), out=o)
    return np.add(t, x * expit(x) * (1 - t * t), out=o)


def _numpy_line(x: Array, o: Array) -> Array:
    np.divide(x, 6, out=o)
    o += 0.5
    return np.clip(o, 0, 1, out=o)


def numpy_values() -> dict[str, Callable[[Array, Array], Array]]:
    from scipy.special import expit, ndtr

    return {
        "relu": lambda x, o: np.maximum(x, 0, out=o),
        "leaky_relu": lambda x, o: np.maximum(x, np.multiply(x, 0.01, out=o), out=o),
        "sigmoid": lambda x, o: expit(x, out=o),
        "tanh": lambda x, o: np.tanh(x, out=o),
        "gelu_tanh": _numpy_gelu_tanh,
        "swish": lambda x, o: np.multiply(x, expit(x, out=o), out=o),
        "mish": lambda x, o: np.multiply(x, np.tanh(np.logaddexp(0, x, out=o), out=o), out=o),
        "elu": lambda x, o: np.maximum(x, np.expm1(np.minimum(x, 0, out=o), out=o), out=o),
        "softplus": lambda x, o: np.logaddexp(0, x, out=o),
        "hard_sigmoid": _numpy_line,
        "hard_tanh": lambda x, o: np.clip(x, -1, 1, out=o),
        "sine": lambda x, o: np.sin(x, out=o),
        "gelu": lambda x, o: np.multiply(x, ndtr(x, out=o), out=o),
        "gelu_sigmoid": lambda x, o: np.multiply(x, expit(np.multiply(x, 1.702, out=o), out=o), out=o),
        "hard_swish": lambda x, o: np.multiply(x, _numpy_line(x, o), out=o),
        "hard_gelu": lambda x, o: np.where(
            x > 1.5, np.minimum(x, 3), np.where(x >= -1.5, x / 3 * (x + 1.5), x.dtype.type(0))
        ),
    }


def numpy_derivatives() -> dict[str, Callable[[Array, Array], Array]]:
    from scipy.special import expit, ndtr

    def sigmoid(x: Array, o: Array) -> Array:
        s = expit(x, out=o)
        return np.multiply(s, 1 - s, out=o)

    def tanh(x: Array, o: Array) -> Array:
        np.tanh(x, out=o)
        np.multiply(o, o, out=o)
        return np.subtract(1, o, out=o)

    return {
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
        "gelu": lambda x, o: np.add(ndtr(x, out=o), x * np.exp(-0.5 * x * x) * (ROOT_2_PI / 2), out=o),
        "gelu_sigmoid": lambda x, o: _numpy_swish_derivative(x, o, 1.702),
        "hard_swish": lambda x, o: np.where(np.abs(x) < 3, x / 3 + 0.5, x >= 3),
        "hard_gelu": lambda x, o: np.where(x > 1.5, x <= 3, np.where(x >= -1.5, x / 1.5 + 0.5, x.dtype.type(0))),
    }


class NumPy:
    name = "NumPy/SciPy"

    def __init__(self, threads: int) -> None:
        import scipy

        self.version = f"{np.__version__}/{scipy.__version__}"
        self.formulas = {"value": numpy_values(), "derivative": numpy_derivatives()}

    def prepare(self, task: Task) -> Run | None:
        if task.function in ROW_FUNCTIONS:
            import scipy.special

            of_rows, rows = getattr(scipy.special, task.function), task.x
            return lambda: of_rows(rows, axis=-1)
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

        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
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

    def prepare(self, task: Task) -> Run | None:
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
            "softmax": nn.softmax,
            "log_softmax": nn.log_softmax,
        }

    def prepare(self, task: Task) -> Run | None:
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
    }

    def __init__(self, threads: int) -> None:
        import onnx
        import onnxruntime

        self.onnx, self.runtime, self.threads = onnx, onnxruntime, threads
        self.version = onnxruntime.__version__
        onnxruntime.set_default_logger_severity(4)  # an operator without a kernel for the type is skipped, not reported

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
        if task.operation != "value" or task.function not in self.NODES:
            return None
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        model = self._model(task.function, task.x.dtype)
        try:
            session = self.runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its error classes are not public; NotImplemented is the one expected
            if "NOT_IMPLEMENTED" not in str(error):
                raise
            return None
        out, binding = np.empty_like(task.x), session.io_binding()
        for bind, name, array in (
            (binding.bind_input, "x", task.x),
            (binding.bind_output, session.get_outputs()[0].name, out),
        ):
            bind(name, "cpu", 0, task.x.dtype, array.shape, array.ctypes.data)

        def run() -> Array:
            session.run_with_iobinding(binding)
            return out

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

        numexpr.set_num_threads(threads)
        self.numexpr, self.version = numexpr, numexpr.__version__

    def prepare(self, task: Task) -> Run | None:
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
        os.environ["MKL_NUM_THREADS"] = str(threads)
        self.version = importlib.metadata.version("mkl")
        library = next((Path(sys.prefix) / "lib").glob("libmkl_rt.so*"))
        self.library = ctypes.CDLL(str(library))
        self.library.MKL_Set_Num_Threads(threads)

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
    name, mode = "MKL, high accuracy", 2


class VectorMathLow(VectorMath):
    name, mode = "MKL, low accuracy", 1


class VectorMathFast(VectorMath):
    name, mode = "MKL, enhanced performance", 3


_NEEDS: dict[str, tuple[type[Any], tuple[str, ...]]] = {
    cls.name: (cls, modules)
    for cls, modules in (
        (Spatium, ()),
        (NumPy, ("scipy",)),
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


def available(threads: int) -> tuple[list[Contender], list[str]]:
    """The contenders that can be imported, ours first, and a line for each that cannot."""
    found: list[Contender] = []
    skipped: list[str] = []
    for name, (cls, modules) in _NEEDS.items():
        missing = [module for module in modules if not _is_installed(module)]
        if missing:
            skipped.append(f"{name} skipped: {', '.join(missing)} not installed")
        else:
            found.append(cls(threads))
    return found, skipped
