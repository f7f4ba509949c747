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
        self.relu, self.leaky_relu = sp.ReLU(), sp.LeakyReLU(0.2)
        self.bias = np.zeros_like(self.x)
        self.saved = self.relu.forward(self.x)[1]

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

    def time_number_with_parameter(self) -> None:
        sp.leaky_relu(0.5, 0.2)

    def time_value_and_derivative(self) -> None:
        self.relu.value_and_derivative(self.x)

    def time_bias(self) -> None:
        self.relu(self.x, bias=self.bias)

    def time_number_as_bias(self) -> None:
        self.relu(self.x, bias=0.5)

    def time_backward_with_bias(self) -> None:
        self.relu.backward(self.x, self.x, bias=self.bias)

    def time_forward(self) -> None:
        self.relu.forward(self.x)

    def time_backward_of_saved(self) -> None:
        self.relu.backward(self.x, self.saved)

    def time_parameter_gradients(self) -> None:
        self.leaky_relu.parameter_gradients(self.x, self.x)

    def time_softmax(self) -> None:
        sp.softmax(self.x)

    def time_softmax_backward(self) -> None:
        sp.softmax_backward(self.x, self.x)

    def time_logsumexp(self) -> None:
        sp.logsumexp(self.x)

    def time_glu(self) -> None:
        sp.glu(self.x)

    def time_swiglu(self) -> None:
        sp.swiglu(self.x, self.x)


class Where(OneThread):
    """A random mask: NumPy calls the loop once for each run of elements, two on average."""

    def setup(self) -> None:
        self.one_thread()
        self.x, self.mask = normal(100_000, "float32"), np.random.default_rng(0).random(100_000) < 0.5
        self.out = np.empty_like(self.x)

    def time_numpy_negative(self) -> None:
        np.negative(self.x, where=self.mask, out=self.out)

    def time_relu(self) -> None:
        sp.relu(self.x, where=self.mask, out=self.out)

    def time_gelu(self) -> None:
        sp.gelu(self.x, where=self.mask, out=self.out)


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
