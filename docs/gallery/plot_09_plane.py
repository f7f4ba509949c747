"""
Two-dimensional space after one spatial layer
=============================================

The picture shows, for two neurons of one layer, the function that is applied at each point of the plane. The
hyperplanes are those of the layer's hash, which is the same for all neurons. Each neuron has its own grid and therefore
its own colors. The dots are the data to which the hash was fitted.
"""

import matplotlib.pyplot as plt
import numpy as np

import spatium as sp
from spatium import plots

rng = np.random.default_rng(0)
centers = np.array([[-1.5, -1.2], [1.8, -0.4], [-0.2, 1.6]])
X = np.concatenate([rng.normal(center, 0.5, (120, 2)) for center in centers])

layer = sp.nn.SpatialDense(2, 2, rng=5)
layer.pattern_hash.fit(X)

figure, axes = plt.subplots(1, 2, figsize=(11, 7.0), layout="constrained")
for neuron, ax in enumerate(axes):
    plots.plane(layer.maps, layer.pattern_hash, ax=ax, neuron=neuron)
    ax.plot(*X.T, ".", color="black", markersize=2.5)
    ax.set_title(f"neuron {neuron}: applied function", fontsize=11)
plt.show()
