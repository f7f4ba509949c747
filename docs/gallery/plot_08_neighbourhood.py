"""
Where a slightly different input lands
======================================

The bits of each axis are a Gray code. So where one bit flips, two times of three the cell is a neighbour, one step up,
down, left or right; both axes are cyclic. Here for the digits, each turned by 10° around the mean in random directions.
"""

import matplotlib.pyplot as plt

import spatium as sp
from spatium import plots
from spatium.data import load_digits

x = load_digits().x_train
x = x - x.mean(axis=0)
plots.neighbourhood(sp.SimHash(64, rng=0).fit(x), x)
plt.show()
