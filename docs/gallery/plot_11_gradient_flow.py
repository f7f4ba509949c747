"""
Gradients through ten layers
============================

The picture shows the size of a gradient that is propagated back through ten random layers of 256 neurons, for several
activations (logarithmic scale). All weights have He's variance, 2/256: relu and similar smooth functions preserve the
size of the gradient, and sigmoids reduce it.
"""

import matplotlib.pyplot as plt

from spatium import plots

plots.gradient_flow()
plt.show()
