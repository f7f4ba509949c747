"""Small networks of neurons with activation maps: layers, a network, training, files.

All arrays are float32 NumPy arrays. NumPy computes the matrix products, and Spatium computes the activations.
"""

from spatium.nn._blas import limit_blas
from spatium.nn.adaptive import ActivationLayer
from spatium.nn.layers import Dense, Layer, Softmax, SpatialDense
from spatium.nn.network import Network

__all__ = ["ActivationLayer", "Dense", "Layer", "Network", "Softmax", "SpatialDense", "limit_blas"]
