"""The elementwise functions: every operation of the registry, the call itself, and threads."""

from typing import ClassVar

import numpy as np

import spatium as sp

from .common import DTYPES, FROM_OUTPUT, NAMES, SIZES, OneThread, normal

OPERATIONS = ("value", "derivative", "value_and_derivative", "backward")


class Functions(OneThread):
    params: ClassVar = [NAMES, OPERATIONS, DTYPES, SIZES]
    param_names: ClassVar = ["function", "operation", "dtype", "size"]

    def setup(self, function: str, operation: str, dtype: str, size: int) -> None:
        self.one_thread()
        activation = sp.activation(function)
        self.call = activation if operation == "value" else getattr(activation, operation)
        x = normal(size, dtype)
        self.arguments = (normal(size, dtype, seed=2), x) if operation == "backward" else (x,)
        self.out = (np.empty_like(x), np.empty_like(x)) if operation == "value_and_derivative" else np.empty_like(x)

    def time_operation(self, function: str, operation: str, dtype: str, size: int) -> None:
        self.call(*self.arguments, out=self.out)


class FromOutput(OneThread):
    params: ClassVar = [FROM_OUTPUT, DTYPES, SIZES]
    param_names: ClassVar = ["function", "dtype", "size"]

    def setup(self, function: str, dtype: str, size: int) -> None:
        self.one_thread()
        self.activation = sp.activation(function)
        self.y = self.activation(normal(size, dtype))
        self.grad, self.out = normal(size, dtype, seed=2), np.empty_like(self.y)

    def time_derivative(self, function: str, dtype: str, size: int) -> None:
        self.activation.derivative_from_output(self.y, out=self.out)

    def time_backward(self, function: str, dtype: str, size: int) -> None:
        self.activation.backward_from_output(self.grad, self.y, out=self.out)


class Call(OneThread):
    """Sixteen elements: what a call costs before it computes anything; np.tanh is the measure."""

    def setup(self) -> None:
        self.one_thread()
        self.x = normal(16, "float32")
        self.relu = sp.ReLU()

    def time_numpy_tanh(self) -> None:
        np.tanh(self.x)

    def time_function(self) -> None:
        sp.relu(self.x)

    def time_function_with_parameter(self) -> None:
        sp.leaky_relu(self.x, 0.2)

    def time_object(self) -> None:
        self.relu(self.x)

    def time_ufunc(self) -> None:
        sp.ufuncs.relu(self.x)


class Threads:
    params: ClassVar = [("relu", "sigmoid", "gelu"), DTYPES, (16_384, 1 << 20), (1, 2)]
    param_names: ClassVar = ["function", "dtype", "size", "threads"]

    def setup(self, function: str, dtype: str, size: int, threads: int) -> None:
        sp.set_num_threads(threads)
        self.activation = sp.activation(function)
        self.x = normal(size, dtype)
        self.out = np.empty_like(self.x)

    def time_value(self, function: str, dtype: str, size: int, threads: int) -> None:
        self.activation(self.x, out=self.out)
