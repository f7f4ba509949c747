"""
Islands of Perlin noise
=======================

A network with sine as its activation has learned the islands at the left from points in the square. Outside of the
square (hatched) it extrapolates. The black line is the border of the land that it draws.
"""

import matplotlib.pyplot as plt

from spatium import lab, plots

islands = lab.perlin_islands(size=64, rng=0)
network = lab.island_network("sine", rng=0)
network.fit(islands.points, islands.labels, epochs=50, batch_size=256, learning_rate=0.1, rng=0)

plots.islands(network, islands)
plt.show()
