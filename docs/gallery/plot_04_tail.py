"""
GELU in the tail: what 1 + erf loses
====================================

The usual formula adds 1 and a number close to −1. Left of −5.5 nothing is left of float32; the scale is logarithmic.
Spatium computes the tail from erfc. The reference is Spatium's float64, itself within 2.5 ulp of float64
(:doc:`/accuracy`).
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import erf

import spatium as sp
from spatium import plots


def usual(x):
    """As usually printed, in the precision of x."""
    return x / 2 * (1 + erf(x / np.sqrt(x.dtype.type(2))))


def with_tanh(x):
    """The approximation by tanh, as usually printed: another function, and the same loss."""
    return x / 2 * (1 + np.tanh(np.sqrt(x.dtype.type(2 / np.pi)) * (x + x.dtype.type(0.044715) * x**3)))


ax = plots.ulp_error(sp.GELU(), interval=(-12, 4), against={"x/2·(1 + erf(x/√2))": usual, "tanh form": with_tanh})
ax.annotate("the tanh form is another function", (-2.2, 3e5), fontsize=8.5, color="#00704F")
plt.show()
