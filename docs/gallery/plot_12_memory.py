"""
What backward keeps in memory
=============================

Bytes per float32 element that stay between forward and backward, for each policy that a function allows, besides the
output, which the next layer keeps anyway (:doc:`/memory`).
"""

import matplotlib.pyplot as plt

from spatium import plots

plots.memory()
plt.show()
