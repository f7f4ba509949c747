"""Small networks whose neurons carry activation maps: layers, a network, training, files.

Everything is float32 and NumPy; the matrix products are NumPy's, the activations Spatium's.
"""

from spatium.nn._blas import limit_blas
from spatium.nn.adaptive import ActivationLayer
from spatium.nn.layers import Dense, Layer, Softmax, SpatialDense
from spatium.nn.network import Network

__all__ = ["ActivationLayer", "Dense", "Layer", "Network", "Softmax", "SpatialDense", "limit_blas"]
