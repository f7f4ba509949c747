"""
The cell of a slightly different input
======================================

The bits of each axis are a Gray code. So if one bit flips, the new cell is a neighbor of the old one in two of three
cases: one step up, down, left or right. Both axes are cyclic. The picture shows this for the digits, each rotated by
10° around the mean in random directions.
"""

import matplotlib.pyplot as plt

import spatium as sp
from spatium import plots
from spatium.data import load_digits

x = load_digits().x_train
x = x - x.mean(axis=0)
plots.neighborhood(sp.SimHash(64, rng=0).fit(x), x)
plt.show()
