"""
How similar inputs share cells
==============================

Two inputs at an angle θ are on the same side of a random hyperplane with probability 1 − θ/π (Charikar 2002), and so
share all six bits of a cell with (1 − θ/π)⁶. Points are measured.
"""

import matplotlib.pyplot as plt

from spatium import plots

plots.collision_law()
plt.show()
