"""Layers: a batch through a spatial layer, beside the dense one and its matrix product alone."""

from typing import ClassVar

import spatium as sp
from spatium import nn

from .common import normal

ROWS, INPUTS = 4096, 256


class Forward:
    params: ClassVar = [(128, 1024), (1, 2)]
    param_names: ClassVar = ["units", "threads"]

    def setup(self, units: int, threads: int) -> None:
        sp.set_num_threads(threads)
        self.x = normal((ROWS, INPUTS), "float32")
        self.spatial = nn.SpatialDense(INPUTS, units, rng=0)
        self.dense = nn.Dense(INPUTS, units, rng=0)
        self.weights = normal((INPUTS, units), "float32")

    def time_spatial_dense(self, units: int, threads: int) -> None:
        self.spatial.forward(self.x)

    def time_dense(self, units: int, threads: int) -> None:
        self.dense.forward(self.x)

    def time_matrix_product(self, units: int, threads: int) -> None:
        """The floor; the threads of BLAS are not ours to set."""
        self.x @ self.weights
