"""
One activation: curves, kinks, limits, error
============================================

A circle marks a kink, where f′ jumps, and a dotted line marks a limit. The lower picture shows the error of float32 in
units in the last place; rounding alone causes an error of up to 0.5. ``spatium plot elu:alpha=0.5 -o elu.png`` draws
the upper picture, and with ``--error`` the lower one.
"""

import matplotlib.pyplot as plt

import spatium as sp
from spatium import plots

figure, (upper, lower) = plt.subplots(2, 1, figsize=(6.4, 7.2), layout="constrained", height_ratios=(3, 2))
act = sp.ELU(alpha=0.5)
plots.activation(act, ax=upper)
plots.ulp_error(act, ax=lower, interval=(-6, 6))
plt.show()
