"""
6. How a network folds the plane
================================

A layer without an activation can only rotate, stretch and shift its inputs, and so can any number of such layers. The
activation folds them. This lesson shows the folds of a network with two inputs, because a plane can be drawn.
"""

# %% [markdown]
# One layer of two units
# ----------------------
#
# Each unit computes a sum w·x + b, which is 0 along a line, and relu makes everything on one side of this line 0. The
# left picture shows points of the plane, and the lines of two units. The right picture shows the same points after the
# layer: three of the four parts of the plane are folded onto the axes and the corner.

# %%
import matplotlib.pyplot as plt
import numpy as np

import spatium as sp
from spatium.nn import ActivationLayer, Dense, Network

side = np.linspace(-1, 1, 41)
points = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
colors = np.column_stack([(points + 1) / 2, np.full(len(points), 0.5)])

weights, bias = np.array([[1.0, 0.4], [0.5, -1.0]]), np.array([0.2, 0.1])
folded = sp.relu(points @ weights + bias)

figure, (before, after) = plt.subplots(1, 2, figsize=(9, 4.2))
before.scatter(*points.T, s=9, c=colors)
for w, b in zip(weights.T, bias, strict=True):
    before.plot(side, -(b + w[0] * side) / w[1], "k-")
before.set(title="inputs, and both lines", ylim=(-1.05, 1.05), aspect="equal")
after.scatter(*folded.T, s=9, c=colors)
after.set(title="after relu", aspect="equal")
plt.show()

# %% [markdown]
# An island to learn
# ------------------
#
# The network has three layers of eight units. It learns whether a point lies on an island, here a ring with a gap.

# %%
rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, (4000, 2)).astype(np.float32)


def on_island(x):
    radius, angle = np.hypot(x[:, 0], x[:, 1]), np.arctan2(x[:, 1], x[:, 0])
    inside = (radius > 0.4) & (radius < 0.8) & (np.abs(angle) > 0.5)
    return inside.astype(np.float32)


def trained(activation):
    network = Network(
        [
            Dense(2, 8, activation, rng=1),
            Dense(8, 8, activation, rng=2),
            Dense(8, 8, activation, rng=3),
            Dense(8, 1, rng=4),
            ActivationLayer("sigmoid"),
        ]
    )
    network.fit(x, on_island(x), epochs=60, learning_rate=0.02, rng=0)
    return network


networks = {name: trained(name) for name in ("relu", "gelu")}
test = rng.uniform(-1, 1, (20_000, 2)).astype(np.float32)
for name, network in networks.items():
    right = (network.predict(test)[:, 0] > 0.5) == on_island(test)
    print(f"{name}: {np.mean(right):.1%} of new points are right")

# %% [markdown]
# Folds of folds
# --------------
#
# In the first layer the fold of a unit is a straight line. A unit of the second layer is 0 along a line too, but this
# line runs through a plane that is folded already. Drawn in the original plane, it has a corner wherever it crosses a
# fold of the first layer. This is how straight folds become the coast of an island.

# %%
grid = np.linspace(-1, 1, 301)
plane = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)


def sums_of_layers(network):
    """The sums w·x + b of the hidden layers at all points of the plane."""
    values = plane
    for layer in network.layers[:3]:
        sums = values @ layer.weights + layer.bias
        values = layer.activation(sums)
        yield sums


def line_of(ax, values, level, color):
    """Draw where the values at the points of the plane have this level."""
    ax.contour(grid, grid, values.reshape(301, 301), [level], colors=color)


figure, axes = plt.subplots(2, 4, figsize=(12, 6.2), layout="constrained")
for row, (name, network) in zip(axes, networks.items(), strict=True):
    for i, sums in enumerate(sums_of_layers(network)):
        for unit in sums.T:
            line_of(row[i], unit, 0, f"C{i + 1}")
        row[i].set_title(f"{name}, layer {i + 1}")
    row[3].pcolormesh(grid, grid, network.predict(plane).reshape(301, 301))
    line_of(row[3], on_island(plane), 0.5, "white")
    row[3].set_title(f"{name}, result, and the coast")
for ax in axes.flat:
    ax.set(aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
plt.show()

# %% [markdown]
# Counting the pieces
# -------------------
#
# Between its folds, a network of relus is linear. So each combination of units that are on and off is a flat piece, and
# the number of pieces says how much detail the network can draw. gelu has no sharp folds: its lines show only where
# the bend is.

# %%
on = np.column_stack([sums > 0 for sums in sums_of_layers(networks["relu"])])
print(len(np.unique(on, axis=0)), "flat pieces contain a point of the grid")

# %% [markdown]
# Change the activations, the number of units or the island, and run the page again. ``spatium.plots.folds(network)``
# draws the folds of any network with two inputs in one line.
