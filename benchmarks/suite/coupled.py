"""Functions along an axis and of two arrays, forward and backward."""

from typing import ClassVar

import numpy as np

import spatium as sp
from spatium import rows

from .common import DTYPES, OneThread, normal

SIZE = 65_536
ROWS = tuple(name for name in rows.__all__ if not name.endswith("_backward"))
GATES = ("reglu", "geglu", "swiglu", "time_aware_tanh", "gated_tanh")


class Rows(OneThread):
    params: ClassVar = [ROWS, (64, 1024, 16_384), ("last", "first"), DTYPES]
    param_names: ClassVar = ["function", "length", "axis", "dtype"]

    def setup(self, function: str, length: int, axis: str, dtype: str) -> None:
        self.one_thread()
        self.axis = -1 if axis == "last" else 0
        x = normal((SIZE // length, length), dtype)
        self.x = x if axis == "last" else np.ascontiguousarray(x.T)
        self.function, self.backward = getattr(sp, function), getattr(sp, function + "_backward")
        y = self.function(self.x, self.axis)
        self.arguments = (y, self.x) if function == "logsumexp" else (self.x, y)

    def time_forward(self, function: str, length: int, axis: str, dtype: str) -> None:
        self.function(self.x, self.axis)

    def time_backward(self, function: str, length: int, axis: str, dtype: str) -> None:
        self.backward(*self.arguments, self.axis)


class Gates(OneThread):
    params: ClassVar = [GATES, DTYPES]
    param_names: ClassVar = ["function", "dtype"]

    def setup(self, function: str, dtype: str) -> None:
        self.one_thread()
        self.a, self.b = normal(SIZE, dtype), normal(SIZE, dtype, seed=1)
        self.function, self.backward = getattr(sp, function), getattr(sp, function + "_backward")

    def time_forward(self, function: str, dtype: str) -> None:
        self.function(self.a, self.b)

    def time_backward(self, function: str, dtype: str) -> None:
        self.backward(self.a, self.a, self.b)


class Halves(OneThread):
    params: ClassVar = [(20, 1024)]
    param_names: ClassVar = ["length"]

    def setup(self, length: int) -> None:
        self.one_thread()
        self.x = normal((SIZE // length, length), "float32")
        self.grad = sp.glu(self.x)

    def time_glu(self, length: int) -> None:
        sp.glu(self.x)

    def time_glu_backward(self, length: int) -> None:
        sp.glu_backward(self.grad, self.x)
