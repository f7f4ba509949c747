"""
Memory of the backward pass
===========================

The picture shows the bytes per float32 element that are kept between the forward and the backward pass, for each save
policy of a function. The output is not included, because the next layer keeps it anyway (:doc:`/memory`).
"""

import matplotlib.pyplot as plt

from spatium import plots

plots.memory()
plt.show()
