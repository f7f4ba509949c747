"""
The idea in one picture
=======================

A neuron with an activation map has an 8×8 grid of functions. A hash of the input pattern selects the cell, and the
function of this cell is applied.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

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

figure, panels = plt.subplots(1, 3, figsize=(11, 4.2), gridspec_kw={"wspace": 0.28})
figure.subplots_adjust(left=0.01, right=0.99, bottom=0.02, top=0.86)
inputs, grid, curve = panels
point = {"marker": "o", "markersize": 18, "markerfacecolor": "white", "markeredgecolor": "black", "markeredgewidth": 3}

plots.plane(amap, simhash, ax=inputs, legend=False)
inputs.plot(*pattern, zorder=6, **point)
plots.map(amap, ax=grid, hits=False)
grid.get_legend().remove()
grid.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor="black", linewidth=6, zorder=5))
curve.axhline(0, color="0.6", linewidth=1)
curve.axvline(0, color="0.6", linewidth=1)
points = np.linspace(-3, 3, 301)
curve.plot(points, act(points), linewidth=5)
curve.plot(z, act(z), zorder=6, **point)

for ax, title in zip(panels, ["input", "its cell", f"its function: {act.name}"], strict=True):
    ax.set(xticks=[], yticks=[], xlabel="", ylabel="")
    ax.set_box_aspect(1)
    ax.set_anchor("C")
    ax.set_title(title, fontsize=22)
for ax in (inputs, grid):  # from panel to panel, in the empty space between them
    ax.annotate(
        "", (1.24, 0.5), (1.03, 0.5), xycoords="axes fraction", arrowprops={"arrowstyle": "simple", "color": "black"}
    )
plt.show()
