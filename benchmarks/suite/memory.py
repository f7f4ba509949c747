"""What is kept for backward: forward and backward with every policy, and a bias in the same pass."""

from typing import ClassVar

import spatium as sp

from .common import NAMES, OneThread, normal

SIZE = 16_384
CASES = tuple(f"{name}, {save}" for name in NAMES for save in sp.activation(name).save_policies)


class Policies(OneThread):
    params: ClassVar = [CASES]
    param_names: ClassVar = ["case"]

    def setup(self, case: str) -> None:
        self.one_thread()
        name, self.save = case.split(", ")
        self.activation = sp.activation(name)
        self.x, self.grad = normal(SIZE, "float32"), normal(SIZE, "float32", seed=1)
        _, self.saved = self.activation.forward(self.x, save=self.save)

    def time_forward(self, case: str) -> None:
        self.activation.forward(self.x, save=self.save)

    def time_backward(self, case: str) -> None:
        self.activation.backward(self.grad, self.saved)

    def track_bytes(self, case: str) -> int:
        return self.saved.nbytes


class Bias(OneThread):
    params: ClassVar = [("relu", "gelu"), (10, 512, 4096)]
    param_names: ClassVar = ["function", "columns"]

    def setup(self, function: str, columns: int) -> None:
        self.one_thread()
        self.activation = sp.activation(function)
        self.x = normal((SIZE * 4 // columns, columns), "float32")
        self.bias = normal(columns, "float32", seed=1)

    def time_call(self, function: str, columns: int) -> None:
        self.activation(self.x, bias=self.bias)

    def time_backward(self, function: str, columns: int) -> None:
        self.activation.backward(self.x, self.x, bias=self.bias)
