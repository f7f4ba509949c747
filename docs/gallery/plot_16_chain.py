"""
The strongest path through a network
====================================

The units along which most of the signal flows, from the input at the left to the output at the right, and the weight by
which the next one reads each of them. With tanh, folds are soft.
"""

import matplotlib.pyplot as plt

from spatium import lab, plots

islands = lab.perlin_islands(size=64, rng=0)
network = lab.island_network("tanh", rng=0)
network.fit(islands.points, islands.labels, epochs=50, batch_size=256, learning_rate=0.05, rng=0)

plots.fold_chain(network)
plt.show()
