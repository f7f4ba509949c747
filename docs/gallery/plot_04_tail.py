"""
GELU in the tail: the digits that 1 + erf loses
===============================================

The usual formula adds 1 and a number close to −1. For x below −5.5 no digit of its float32 result is correct; the scale
is logarithmic. Spatium computes the tail with erfc. The reference is Spatium's float64 result, whose error is within
1.0 ulp of float64 (:doc:`/accuracy`).
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import erf

import spatium as sp
from spatium import plots


def usual(x):
    """The usual formula, in the precision of x."""
    return x / 2 * (1 + erf(x / np.sqrt(x.dtype.type(2))))


def with_tanh(x):
    """The usual approximation by tanh: a different function with the same loss of digits."""
    return x / 2 * (1 + np.tanh(np.sqrt(x.dtype.type(2 / np.pi)) * (x + x.dtype.type(0.044715) * x**3)))


ax = plots.ulp_error(sp.GELU(), interval=(-12, 4), against={"x/2·(1 + erf(x/√2))": usual, "tanh form": with_tanh})
ax.annotate("the tanh form is a different function", (-2.2, 3e5), fontsize=8.5, color="#00704F")
plt.show()
