"""
Probability that similar inputs select the same cell
====================================================

Two inputs at an angle θ are on the same side of a random hyperplane with probability 1 − θ/π (Charikar 2002). So they
agree in all six bits of a cell with probability (1 − θ/π)⁶. The points are measurements.
"""

import matplotlib.pyplot as plt

from spatium import plots

plots.collision_law()
plt.show()
