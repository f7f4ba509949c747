"""
3. tanh
=======

The hyperbolic tangent has the shape of the sigmoid, but lies between −1 and 1. Here digits are lost in a place where
nobody expects it: near 0.
"""

# %% [markdown]
# The definition
# --------------

# %%
import matplotlib.pyplot as plt
import numpy as np

import spatium as sp
from spatium import learn


def tanh(x):
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


print(learn.check("tanh", tanh))

# %% [markdown]
# Two faults at once: for large x it is infinity divided by infinity, and near 0 it subtracts two numbers close to 1.
#
# Without overflow
# ----------------
#
# Divide by the larger exponential first, so that only z = exp(−2\|x\|) remains. It is at most 1.


# %%
def tanh(x):
    z = np.exp(-2 * np.abs(x))
    return np.sign(x) * (1 - z) / (1 + z)


print(learn.check("tanh", tanh))

# %% [markdown]
# Without loss
# ------------
#
# The difference 1 − z is what loses the digits: z is rounded before the subtraction. NumPy has a function for exactly
# this case: ``np.expm1(x)`` is exp(x) − 1, with all digits.


# %%
def tanh(x):
    m = np.expm1(-2 * np.abs(x))
    return np.sign(x) * -m / (2 + m)


print(learn.check("tanh", tanh))

# %% [markdown]
# How large the loss is
# ---------------------
#
# The error is measured in *ulp*, units in the last place: the distance of two neighboring numbers. An error of 1000 ulp
# means that the last three digits are wrong. float32 has about seven, float64 about sixteen.

# %%
x = np.geomspace(1e-6, 10, 2000).astype(np.float32)
exact = sp.tanh(x.astype(np.float64))


def ulps(result):
    return np.abs(result - exact) / np.spacing(exact.astype(np.float32))


z = np.exp(-2 * x)
plt.loglog(x, ulps((1 - z) / (1 + z)) + 1e-3, label="(1 − z) / (1 + z)")
plt.loglog(x, ulps(tanh(x)) + 1e-3, label="with expm1")
plt.loglog(x, ulps(sp.tanh(x)) + 1e-3, label="spatium.tanh")
plt.xlabel("x")
plt.ylabel("error in ulp, float32")
plt.legend()
plt.show()

# %% [markdown]
# The derivative
# --------------
#
# It is 1 − tanh(x)². That is right, and the check accepts it. For large x it has the weakness of the sigmoid's: it is 0
# where the true slope is small. (1 − t)·(1 + t) does not mend this; 4z / (1 + z)² does.


# %%
def slope(x):
    z = np.exp(-2 * np.abs(x))
    return 4 * z / (1 + z) ** 2


print(learn.check("tanh", tanh, derivative=slope))
