"""
One activation: curves, kinks, limits, error
============================================

A circle marks the kink, where f′ jumps; a dotted line the limit. Below, the error of float32 in units of the last
place: 0.5 is what rounding alone costs. ``spatium plot elu:alpha=0.5 -o elu.png`` draws the
upper picture, with ``--error`` the lower one.
"""

import matplotlib.pyplot as plt

import spatium as sp
from spatium import plots

figure, (upper, lower) = plt.subplots(2, 1, figsize=(6.4, 7.2), layout="constrained", height_ratios=(3, 2))
act = sp.ELU(alpha=0.5)
plots.activation(act, ax=upper)
plots.ulp_error(act, ax=lower, interval=(-6, 6))
plt.show()
