"""
All activations with their gradients
====================================

Every function of the registry, default parameters: f solid, f′ dashed. Lines break where a function jumps.
"""

import matplotlib.pyplot as plt

from spatium import plots

plots.activations()
plt.show()
