"""
Activations on codes
====================

gelu on codes of four bits: the staircase has at most sixteen levels, and the lower picture shows how far it is from the
curve. :doc:`/quantization` lists what this costs for every activation.
"""

import matplotlib.pyplot as plt

from spatium import plots

plots.quantization("gelu", bits=4)
plt.show()
