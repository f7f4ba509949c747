"""Activation maps: random maps of the twelve functions, random hashes, four ways of routing."""

from typing import ClassVar

import numpy as np

import spatium as sp

from .common import DTYPES, TWELVE, normal, random_hashes

# case -> (neurons of the map, shape of x, shape of the hashes)
CASES = {
    "A: hash per element": ((), (1 << 20,), (1 << 20,)),
    "B: hash per row": ((), (8192, 128), (8192, 1)),
    "C: map per neuron, hash per row": ((1024,), (4096, 1024), (4096, 1)),
    "C2: map per neuron, hash per element": ((1024,), (1024, 1024), (1024, 1024)),
}


class _Case:
    def prepare(self, case: str, dtype: str, threads: int = 1) -> None:
        sp.set_num_threads(threads)
        neurons, shape, hash_shape = CASES[case]
        self.map = sp.ActivationMap.random(neurons, rng=0)
        self.x, self.hashes = normal(shape, dtype), random_hashes(hash_shape)
        self.out, self.slope = np.empty_like(self.x), np.empty_like(self.x)


class Maps(_Case):
    params: ClassVar = [list(CASES), DTYPES]
    param_names: ClassVar = ["case", "dtype"]

    def setup(self, case: str, dtype: str) -> None:
        self.prepare(case, dtype)

    def time_sigmoid(self, case: str, dtype: str) -> None:
        """The measure: our own sigmoid of the same array."""
        sp.sigmoid(self.x, out=self.out)

    def time_value(self, case: str, dtype: str) -> None:
        self.map.activate(self.x, self.hashes, out=self.out)

    def time_value_without_counting(self, case: str, dtype: str) -> None:
        self.map.activate(self.x, self.hashes, out=self.out, count=False)

    def time_value_and_derivative(self, case: str, dtype: str) -> None:
        self.map.value_and_derivative(self.x, self.hashes, out=(self.out, self.slope))

    def time_backward(self, case: str, dtype: str) -> None:
        self.map.backward(self.x, self.x, self.hashes, out=self.out)


class Uniform:
    """The other measure: all twelve functions over one array, so divide by twelve."""

    params: ClassVar = [DTYPES]
    param_names: ClassVar = ["dtype"]

    def setup(self, dtype: str) -> None:
        sp.set_num_threads(1)
        self.x = normal(1 << 20, dtype)
        self.out = np.empty_like(self.x)
        self.activations = [sp.activation(name) for name in TWELVE]

    def time_all_twelve(self, dtype: str) -> None:
        for activation in self.activations:
            activation(self.x, out=self.out)


class Threads(_Case):
    params: ClassVar = [list(CASES), DTYPES, (1, 2)]
    param_names: ClassVar = ["case", "dtype", "threads"]

    def setup(self, case: str, dtype: str, threads: int) -> None:
        self.prepare(case, dtype, threads)

    def time_value(self, case: str, dtype: str, threads: int) -> None:
        self.map.activate(self.x, self.hashes, out=self.out)
