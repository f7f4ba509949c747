"""
The idea in one picture
=======================

A neuron with an activation map has an 8×8 grid of functions. A hash of the input pattern selects the cell, and the
function of this cell is applied.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import ConnectionPatch, Rectangle

import spatium as sp
from spatium import plots

rng = np.random.default_rng(4)
centers = np.array([[-1.5, -1.0], [1.8, -0.4], [-0.2, 1.7]])
X = np.concatenate([rng.normal(center, 0.6, (200, 2)) for center in centers])

amap = sp.ActivationMap.random(rng=5)
simhash = sp.SimHash(2, rng=22).fit(X)

pattern = np.array([1.9, 0.9])  # one input
row, column = sp.cell_of(simhash(pattern))
act = amap[row, column]
z = -0.8  # the neuron's weighted sum for it

figure, (inputs, grid, curve) = plt.subplots(1, 3, figsize=(11.5, 4.3), layout="constrained")

plots.plane(amap, simhash, ax=inputs, legend=False)
inputs.plot(*pattern, "o", markersize=10, markerfacecolor="white", markeredgecolor="black", markeredgewidth=2)
inputs.set_title("1. An input pattern.\nHyperplanes divide the space into cells …", fontsize=10.5)

plots.map(amap, ax=grid, hits=False)
grid.get_legend().remove()
grid.set_anchor("C")
grid.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor="black", linewidth=4, zorder=5))
grid.set_title("2. … which belong to the cells of the neuron's grid.\nEach cell holds one function.", fontsize=10.5)

plots.activation(act, ax=curve, interval=(-4, 4), legend=False)
curve.plot(z, act(z), "o", markersize=10, markerfacecolor="white", markeredgecolor="black", markeredgewidth=2, zorder=6)
curve.set_title(f"3. This function is applied: {type(act).__name__}.\n(f solid, f′ dashed, f″ dotted)", fontsize=10.5)
curve.set(xlabel="z, the neuron's weighted sum", ylabel="output")

arrow = {"coordsA": "data", "coordsB": "data", "arrowstyle": "-|>", "mutation_scale": 22, "linewidth": 2, "zorder": 10}
arrow |= {"shrinkA": 7, "shrinkB": 5}
figure.add_artist(ConnectionPatch(tuple(pattern), (column - 0.5, row), axesA=inputs, axesB=grid, **arrow))
figure.add_artist(ConnectionPatch((column + 0.5, row), (z, float(act(z))), axesA=grid, axesB=curve, **arrow))
plt.show()
