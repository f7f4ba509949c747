"""The layers that files may contain, by the names of their classes."""

from __future__ import annotations

from spatium.nn.activation import ActivationLayer, Softmax
from spatium.nn.dense import Dense, SpatialDense
from spatium.nn.layer import Layer
from spatium.nn.normalization import Standardize

__all__ = ["KINDS", "ActivationLayer", "Dense", "Layer", "Softmax", "SpatialDense", "Standardize"]

KINDS: dict[str, type[Layer]] = {
    kind.__name__: kind for kind in (ActivationLayer, Dense, Softmax, SpatialDense, Standardize)
}
