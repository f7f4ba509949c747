"""
Gradients through ten layers
============================

A gradient on its way back through ten random layers of 256 neurons with each activation (logarithmic scale). The
weights have He's variance, 2/256, for all: relu and its smooth relatives keep the size, sigmoids lose it.
"""

import matplotlib.pyplot as plt

from spatium import plots

plots.gradient_flow()
plt.show()
