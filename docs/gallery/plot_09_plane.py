"""
Two-dimensional space after one spatial layer
=============================================

Which function fires where, for two neurons of one layer. The hyperplanes are those of the layer's hash, the same for
all neurons; the grids, and with them the colours, are each neuron's own. Dots are the data that the hash was fitted to.
"""

import matplotlib.pyplot as plt
import numpy as np

import spatium as sp
from spatium import plots

rng = np.random.default_rng(0)
centres = np.array([[-1.5, -1.2], [1.8, -0.4], [-0.2, 1.6]])
X = np.concatenate([rng.normal(centre, 0.5, (120, 2)) for centre in centres])

layer = sp.nn.SpatialDense(2, 2, rng=5)
layer.pattern_hash.fit(X)

figure, axes = plt.subplots(1, 2, figsize=(11, 7.0), layout="constrained")
for neuron, ax in enumerate(axes):
    plots.plane(layer.maps, layer.pattern_hash, ax=ax, neuron=neuron)
    ax.plot(*X.T, ".", color="black", markersize=2.5)
    ax.set_title(f"neuron {neuron}: which function fires where", fontsize=11)
plt.show()
