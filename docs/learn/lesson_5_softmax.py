"""
5. softmax
==========

Softmax turns a row of numbers into probabilities: all are positive, and each row adds up to 1. Unlike the other
activations it is coupled: each result depends on the whole row.
"""

# %% [markdown]
# For one row
# -----------

# %%
import matplotlib.pyplot as plt
import numpy as np

import spatium as sp
from spatium import learn


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


print(learn.check("softmax", softmax))

# %% [markdown]
# For many rows
# -------------
#
# The sum has to run along the last axis. If it is one axis shorter than the array, NumPy cannot combine them, or worse,
# it can: for as many rows as columns it divides each *column* by the sum of a row.


# %%
def softmax(x):
    return np.exp(x) / np.exp(x).sum(axis=-1)


print(learn.check("softmax", softmax))

# %% [markdown]
# Large numbers
# -------------


# %%
def softmax(x):
    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


print(learn.check("softmax", softmax))

# %% [markdown]
# Adding the same number to a whole row does not change its softmax, because the factor exp(c) cancels. So subtract the
# maximum: then the largest exponential is 1, and nothing overflows. But which maximum?


# %%
def softmax(x):
    z = np.exp(x - x.max())
    return z / z.sum(axis=-1, keepdims=True)


print(learn.check("softmax", softmax))

# %% [markdown]
# The maximum of each row. It is tempting to save memory by ``x -= ...``, but the array belongs to the caller:


# %%
def softmax(x):
    x -= x.max(axis=-1, keepdims=True)
    z = np.exp(x)
    return z / z.sum(axis=-1, keepdims=True)


print(learn.check("softmax", softmax))


# %%
def softmax(x):
    z = np.exp(x - x.max(axis=-1, keepdims=True))
    return z / z.sum(axis=-1, keepdims=True)


print(learn.check("softmax", softmax))

# %% [markdown]
# The gradient
# ------------
#
# Because each result depends on the whole row, the derivative is a matrix for each row. A network never forms this
# matrix. It needs the product with the gradient g of the results p, which is p·(g − sum(g·p)). This picture shows the
# matrix for one row: raising one input raises its own probability and lowers all others.

# %%
row = np.array([2.0, 1.0, 0.5, -1.0])
p = sp.softmax(row)
matrix = sp.softmax_backward(np.eye(4), np.tile(p, (4, 1)))
assert np.allclose(matrix, np.diag(p) - np.outer(p, p))

image = plt.imshow(matrix, cmap="RdBu", vmin=-0.3, vmax=0.3)
plt.colorbar(image, label="derivative of the probability")
plt.xticks(range(4), row)
plt.yticks(range(4), p.round(3))
plt.xlabel("input that changes")
plt.ylabel("probability")
plt.show()
