"""A graph of ONNX that is being written, and the values of its nodes, with which formulas compute."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spatium.activations import Activation, Custom
from spatium.onnx.formulas import FORMULAS, OPERATORS

__all__ = ["IR_VERSION", "OPSET", "Graph", "Value"]

Array = NDArray[Any]
# Version 20 is the first with Gelu; every ONNX Runtime since 1.17 reads it.
OPSET, IR_VERSION = 20, 9


class Value:
    """The result of a node, with Python's arithmetic."""

    __array_ufunc__ = None  # so that an array leaves the arithmetic with a value to the value

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph, self.name = graph, name

    def _with(self, operator: str, other: Operand, swapped: bool = False) -> Value:
        pair = (other, self) if swapped else (self, other)
        return self.graph.node(operator, *pair)

    def __add__(self, other: Operand) -> Value:
        return self._with("Add", other)

    def __radd__(self, other: Operand) -> Value:
        return self._with("Add", other, swapped=True)

    def __sub__(self, other: Operand) -> Value:
        return self._with("Sub", other)

    def __rsub__(self, other: Operand) -> Value:
        return self._with("Sub", other, swapped=True)

    def __mul__(self, other: Operand) -> Value:
        return self._with("Mul", other)

    def __rmul__(self, other: Operand) -> Value:
        return self._with("Mul", other, swapped=True)

    def __truediv__(self, other: Operand) -> Value:
        return self._with("Div", other)

    def __rtruediv__(self, other: Operand) -> Value:
        return self._with("Div", other, swapped=True)

    def __gt__(self, other: Operand) -> Value:
        return self._with("Greater", other)

    def __ge__(self, other: Operand) -> Value:
        return self._with("GreaterOrEqual", other)

    def __neg__(self) -> Value:
        return self.graph.node("Neg", self)


Operand: TypeAlias = Value | Array | float

_FUNCTIONS = {
    "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "exp": "Exp", "log": "Log", "sine": "Sin", "abs": "Abs",
    "sqrt": "Sqrt",
}  # fmt: skip


class Graph:
    """Nodes and constants, and the functions of formulas.

    Numbers among the inputs of a node become constants of the graph's dtype.
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.nodes: list[Any] = []
        self.initializers: dict[str, Array] = {}
        self.prefix = ""  # of the names of the nodes: the layer
        self._constants: dict[tuple[Any, ...], str] = {}

    def node(self, operator: str, *inputs: Operand | None, outputs: int = 1, **attributes: Any) -> Value:
        """Append a node, and return its first result; `outputs` names further ones ``name:1``."""
        from onnx import helper

        names = [
            "" if value is None else value.name if isinstance(value, Value) else self.constant(value)
            for value in inputs
        ]
        name = f"{self.prefix}{operator}.{len(self.nodes)}"
        results = [name, *(f"{name}:{i}" for i in range(1, outputs))]
        self.nodes.append(helper.make_node(operator, names, results, name, **attributes))
        return Value(self, name)

    def constant(self, value: Array | float) -> str:
        """Return the name of a constant. Python's numbers, and float arrays, have the dtype of the graph."""
        array = np.asarray(value)
        if array.dtype.kind == "f":
            with np.errstate(over="ignore", under="ignore"):
                array = array.astype(self.dtype)
        return self.exact(array)

    def exact(self, array: Array, name: str | None = None) -> str:
        """Return the name of a constant that keeps its dtype; equal constants without a name are one."""
        key = (array.dtype.str, array.shape, array.tobytes())
        if name is None:
            name = self._constants.get(key)
            if name is not None:
                return name
            name = f"{self.prefix}constant.{len(self._constants)}"
            self._constants[key] = name
        self.initializers[name] = array
        return name

    def array(self, array: Array, name: str | None = None) -> Value:
        """Return a constant that keeps its dtype as a value."""
        return Value(self, self.exact(array, name))

    # ---- the functions of formulas ----

    def __getattr__(self, name: str) -> Any:
        operator = _FUNCTIONS.get(name)
        if operator is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return lambda x: self.node(operator, x)

    def softplus(self, x: Value) -> Value:
        """Return log(1 + exp(x))."""
        if self.dtype == np.float32:
            return self.node("Softplus", x)
        sum_of_both: Value = self.relu(x) + self.log(1.0 + self.exp(-self.abs(x)))  # ONNX Runtime has none of float64
        return sum_of_both

    def erf(self, x: Value) -> Value:
        """Return the error function."""
        if self.dtype == np.float32:
            return self.node("Erf", x)
        # ONNX Runtime has none of float64
        return self.cast(self.node("Erf", self.cast(x, np.float32)), np.float64)

    def clip(self, x: Value, low: Operand, high: Operand) -> Value:
        """Return x between two bounds."""
        if isinstance(low, float) and isinstance(high, float):
            return self.node("Clip", x, *(None if math.isinf(bound) else bound for bound in (low, high)))
        for bound, operator in ((low, "Max"), (high, "Min")):
            x = self.node(operator, x, bound)
        return x

    def minimum(self, x: Value, bound: Operand) -> Value:
        """Return the smaller of x and a bound."""
        return self.node("Min", x, bound)

    def where(self, condition: Value, x: Operand, y: Operand) -> Value:
        """Return x where the condition is true, otherwise y."""
        return self.node("Where", condition, x, y)

    # ---- other nodes ----

    def cast(self, x: Value, dtype: Any) -> Value:
        """Convert a value."""
        from onnx import helper

        return self.node("Cast", x, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def activate(self, act: Activation, x: Value, parameters: Sequence[Operand] | None = None) -> Value:
        """Apply an activation; `parameters` replaces its numbers by one number per channel."""
        if isinstance(act, Custom) or act.name not in FORMULAS:
            raise TypeError(f"the custom activation {act.name!r} has no operators in ONNX")
        operator, own = OPERATORS.get(act.name), act.parameters
        if operator is not None and parameters is None and (self.dtype == np.float32 or operator.in_double):
            attributes: dict[str, Any] = {
                name: own[value] if isinstance(value, str) and value in own else value
                for name, value in operator.attributes.items()
            }
            return self.node(operator.name, x, **attributes)
        if act.name == "leaky_relu" and parameters is not None and self.dtype == np.float32:
            return self.node("PRelu", x, parameters[0])
        if act.name == "identity" or (act.name == "snake" and own["alpha"] == 0.0):
            return x
        if act.name == "swish" and own["beta"] == 1.0 and parameters is None:
            return x * self.node("Sigmoid", x)
        if act.name == "softplus" and own["beta"] == 1.0 and parameters is None:
            return self.softplus(x)
        numbers = list(own.values()) if parameters is None else parameters
        result = FORMULAS[act.name](self, x, *numbers)
        assert isinstance(result, Value)
        return result
