"""
The output jumps between cells
==============================

The upper picture shows the output of one neuron along a straight line through its input space. Gray lines are
hyperplanes of the hash: there the function changes, and the output jumps. The lower picture shows the gradient. It
contains the slopes on both sides of a hyperplane, but not the jump.
"""

import itertools

import matplotlib.pyplot as plt
import numpy as np

import spatium as sp

rng = np.random.default_rng(0)
simhash = sp.SimHash(2, rng=1).fit(rng.normal(size=(500, 2)) * [1, 2] + [0.3, 0.2])
amap = sp.ActivationMap.random(rng=3)

t = np.linspace(-3, 3, 3001)
line = np.stack([t, 0.4 * t + 1.0], axis=1)
z = 0.8 * line[:, 0] - 0.5 * line[:, 1]  # the weighted sum
hashes = simhash(line)
y, slope = amap.value_and_derivative(z, hashes)
borders = t[1:][np.diff(hashes.astype(np.int64)) != 0]

figure, (upper, lower) = plt.subplots(2, 1, figsize=(7.5, 5.4), layout="constrained", sharex=True, height_ratios=(3, 2))
for ax in (upper, lower):
    for border in borders:
        ax.axvline(border, color="#999999", linewidth=0.8)
ends = [-3, *borders, 3]
for begin, end in itertools.pairwise(ends):
    part = (t >= begin) & (t < end)
    upper.plot(t[part], y[part], color="#0072B2", linewidth=2.2)
    lower.plot(t[part], slope[part], color="#D55E00", linewidth=1.6, linestyle=(0, (6, 2)))
    if end - begin > 0.4:
        name = type(amap[sp.cell_of(hashes[part][0])]).__name__
        upper.annotate(name, ((begin + end) / 2, 1.02), xycoords=("data", "axes fraction"), ha="center", fontsize=8.5)
upper.plot(t, z, color="black", linewidth=0.8, linestyle=(0, (1, 2)), label="z, the weighted sum")
upper.legend(fontsize=8.5, frameon=False)
upper.set(ylabel="output", ylim=(-2.2, 2.2))
lower.set(ylabel="f′ of the applied function", xlabel="position on a line through the inputs", xlim=(-3, 3))
plt.show()
