"""The layers that files may contain, by the names of their classes."""

from __future__ import annotations

from spatium.nn.activation import ActivationLayer, Softmax
from spatium.nn.attention import SelfAttention
from spatium.nn.convolution import Conv2D, MaxPool2D
from spatium.nn.dense import Dense, SpatialDense
from spatium.nn.gated import Gated
from spatium.nn.layer import Layer
from spatium.nn.normalization import BatchNorm, Dropout, Standardize
from spatium.nn.recurrent import Recurrent
from spatium.nn.spatial import SpatialLayer

__all__ = [
    "KINDS",
    "ActivationLayer",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Dropout",
    "Gated",
    "Layer",
    "MaxPool2D",
    "Recurrent",
    "SelfAttention",
    "Softmax",
    "SpatialDense",
    "SpatialLayer",
    "Standardize",
]

_KINDS: tuple[type[Layer], ...] = (
    ActivationLayer,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Gated,
    MaxPool2D,
    Recurrent,
    SelfAttention,
    Softmax,
    SpatialDense,
    SpatialLayer,
    Standardize,
)

KINDS: dict[str, type[Layer]] = {kind.__name__: kind for kind in _KINDS}
