"""Small networks of neurons with activation maps: layers, a network, training, files.

All arrays are NumPy arrays, float32 unless a network was converted to float64. NumPy computes the matrix products, and
Spatium computes the activations.
"""

import sys

from spatium.nn import activation as _activation
from spatium.nn._blas import limit_blas
from spatium.nn.foreign import from_sklearn, from_state_dict, load_safetensors, to_state_dict
from spatium.nn.gradients import check_gradients
from spatium.nn.layers import (
    ActivationLayer,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Gated,
    Layer,
    MaxPool2D,
    Recurrent,
    SelfAttention,
    Softmax,
    SpatialDense,
    SpatialLayer,
    Standardize,
)
from spatium.nn.network import Network
from spatium.nn.spatial import SpatialNeuron

__all__ = [
    "ActivationLayer",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Dropout",
    "Gated",
    "Layer",
    "MaxPool2D",
    "Network",
    "Recurrent",
    "SelfAttention",
    "Softmax",
    "SpatialDense",
    "SpatialLayer",
    "SpatialNeuron",
    "Standardize",
    "check_gradients",
    "from_sklearn",
    "from_state_dict",
    "limit_blas",
    "load_safetensors",
    "to_state_dict",
]

# Pickles of version 0.1 refer to the classes in this module.
sys.modules["spatium.nn.adaptive"] = _activation
