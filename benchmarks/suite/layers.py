"""Layers: a batch through a spatial layer, beside the dense one and its matrix product alone; whole networks."""

import itertools
from typing import ClassVar

import numpy as np

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


class Networks:
    """The networks of networks.py."""

    params: ClassVar = [("64-512-10", "784-1024-1024-10"), ("relu", "gelu", "spatial"), (1, 64, 1024, 8192), (1, 2)]
    param_names: ClassVar = ["network", "activation", "rows", "threads"]

    def setup(self, network: str, activation: str, rows: int, threads: int) -> None:
        sp.set_num_threads(threads)
        sizes = [int(size) for size in network.split("-")]
        hidden = [
            nn.SpatialDense(a, b, rng=0) if activation == "spatial" else nn.Dense(a, b, activation, rng=0)
            for a, b in itertools.pairwise(sizes[:-1])
        ]
        self.network = nn.Network([*hidden, nn.Dense(sizes[-2], sizes[-1], rng=0), nn.Softmax()])
        self.x, self.labels = normal((rows, sizes[0]), "float32"), np.arange(rows) % sizes[-1]

    def time_forward(self, network: str, activation: str, rows: int, threads: int) -> None:
        self.network.forward(self.x, count=False)

    def time_training_step(self, network: str, activation: str, rows: int, threads: int) -> None:
        self.network.fit(self.x, self.labels, epochs=1, batch_size=rows, rng=0)


class Layers:
    """A forward pass and a training pass of each kind of layer."""

    params: ClassVar = [
        ("convolution", "pooling", "batch normalization", "recurrent", "attention", "gated", "spatial"),
        (64, 1024),
    ]
    param_names: ClassVar = ["layer", "rows"]

    def setup(self, layer: str, rows: int) -> None:
        sp.set_num_threads(1)
        self.layer, shape = {
            "convolution": (nn.Conv2D((16, 8, 8), 32, 3, "relu", rng=0), (16, 8, 8)),
            "pooling": (nn.MaxPool2D((16, 8, 8)), (16, 8, 8)),
            "batch normalization": (nn.BatchNorm(512, "relu"), (512,)),
            "recurrent": (nn.Recurrent(64, 128, rng=0), (32, 64)),
            "attention": (nn.SelfAttention(64, n_heads=4, rng=0), (32, 64)),
            "gated": (nn.Gated(256, 256, "swiglu", rng=0), (256,)),
            "spatial": (nn.SpatialLayer(64, 256, rng=0), (64,)),
        }[layer]
        self.x = normal((rows, *shape), "float32")
        self.grad = np.ones_like(self.layer.forward(self.x, training=True))

    def time_forward(self, layer: str, rows: int) -> None:
        self.layer.forward(self.x, count=False)

    def time_training(self, layer: str, rows: int) -> None:
        self.layer.forward(self.x, training=True)
        self.layer.backward(self.grad)
