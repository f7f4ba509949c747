"""
All activations with their derivatives
======================================

The picture shows every activation with its default parameters: f as a solid line, f′ as a dashed line. A line is
interrupted where the function jumps.
"""

import matplotlib.pyplot as plt

from spatium import plots

plots.activations()
plt.show()
