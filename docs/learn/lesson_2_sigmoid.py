"""
2. sigmoid
==========

The sigmoid 1 / (1 + exp(−x)) turns any number into one between 0 and 1. Its formula is short, and most of its published
implementations have a fault. The reason is exp, whose results do not fit into the numbers of a computer.
"""

# %% [markdown]
# The formula as it is
# --------------------

# %%
import matplotlib.pyplot as plt
import numpy as np

import spatium as sp
from spatium import learn


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


print(learn.check("sigmoid", sigmoid))

# %% [markdown]
# All results are right: 1 divided by infinity is 0, as it should be. But NumPy warns, and a log full of warnings hides
# the one that matters.
#
# The other form
# --------------
#
# Multiply numerator and denominator by exp(x). Mathematically nothing changes. Numerically it moves the fault to the
# other side, where it is worse: infinity divided by infinity is NaN.


# %%
def sigmoid(x):
    return np.exp(x) / (1 + np.exp(x))


print(learn.check("sigmoid", sigmoid))

# %% [markdown]
# A clipped argument
# ------------------
#
# Many texts limit the argument to numbers from −500 to 500. In float64 this silences the warnings, and makes the result
# wrong for large negative x. In float32 exp overflows at 88.7 already, so there it does not even silence them.


# %%
def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -500, 500)))


print(learn.check("sigmoid", sigmoid))

# %% [markdown]
# Both forms, each on its side
# ----------------------------
#
# With z = exp(−\|x\|), which is never above 1, both forms are safe. ``np.where`` computes both and chooses.


# %%
def sigmoid(x):
    z = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + z), z / (1 + z))


print(learn.check("sigmoid", sigmoid))

# %% [markdown]
# The derivative
# --------------
#
# The derivative is s·(1 − s), where s is the *result*. This is practical in training, because a layer keeps its results
# anyway. As a function of x it is a common mistake:


# %%
def slope(s):
    return s * (1 - s)


print(learn.check("sigmoid", sigmoid, derivative=slope))

# %% [markdown]
# 1 − sigmoid(x) is sigmoid(−x). Written like this, no digits are lost where sigmoid(x) is close to 1:


# %%
def slope(x):
    return sigmoid(x) * sigmoid(-x)


print(learn.check("sigmoid", sigmoid, derivative=slope))

# %% [markdown]
# What is lost otherwise
# ----------------------
#
# The picture shows the relative error of both forms of the derivative for float32 numbers. Above x = 17, the form with
# 1 − s is 0: a network with such a unit learns nothing from it, although the true slope is not 0.

# %%
x = np.linspace(0, 25, 1000).astype(np.float32)
exact = sp.Sigmoid().derivative(x.astype(np.float64))
for text, result in (
    ("s·(1 − s)", sigmoid(x) * (1 - sigmoid(x))),
    ("s(x)·s(−x)", sigmoid(x) * sigmoid(-x)),
):
    plt.semilogy(x, np.abs(result / exact - 1) + 1e-9, label=text)
plt.xlabel("x")
plt.ylabel("relative error, float32")
plt.legend()
plt.show()
