"""
How a network folds the plane
=============================

Each panel is the output of one unit of a network with relu that has learned islands, for all points of the square. The
units of the first layer (top row) fold the plane along a line. Each further layer adds up the folded planes of the one
before it, and folds the sum again. Black lines are the folds. :doc:`/islands` compares activations on this task.
"""

import matplotlib.pyplot as plt

from spatium import lab, plots

islands = lab.perlin_islands(size=64, rng=0)
network = lab.island_network("relu", rng=0)
network.fit(islands.points, islands.labels, epochs=50, batch_size=256, learning_rate=0.05, rng=0)

plots.folds(network, resolution=120)
plt.show()
