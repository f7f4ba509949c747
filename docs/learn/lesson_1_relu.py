"""
1. relu
=======

The simplest activation: a number above 0 stays as it is, and everything else becomes 0. Even this line can go wrong in
four ways.
"""

# %% [markdown]
# A first attempt
# ---------------
#
# ``learn.check`` compares a function with the exact one, for ordinary numbers and for the extreme ones of float32 and
# float64. It prints what it found, with an input that shows the fault.

# %%
import matplotlib.pyplot as plt
import numpy as np

from spatium import learn


def relu(x):
    return x if x > 0 else 0


print(learn.check("relu", relu))

# %% [markdown]
# A product of x with 0 or 1
# --------------------------
#
# The comparison ``x > 0`` gives True or False, which count as 1 and 0 in a product. This works, with one exception.


# %%
def relu(x):
    return x * (x > 0)


print(learn.check("relu", relu))

# %% [markdown]
# A choice for each element
# -------------------------
#
# ``np.where`` chooses for each element, so nothing is multiplied with infinity. But every comparison with NaN is false.
# So this function turns NaN into 0: if an earlier layer of a network computes 0/0, nobody notices.


# %%
def relu(x):
    return np.where(x > 0, x, 0)


print(learn.check("relu", relu))

# %% [markdown]
# One line that is right
# ----------------------
#
# ``np.maximum`` returns NaN if one of its arguments is NaN. It is also the fastest of the three, because it reads the
# array only once.


# %%
def relu(x):
    return np.maximum(x, 0)


print(learn.check("relu", relu))

# %% [markdown]
# The derivative
# --------------
#
# The slope is 0 on the left and 1 on the right. At 0 there is a kink, and any number from 0 to 1 is acceptable there;
# most libraries choose 0. The following attempt returns the wrong function: it is the derivative of something else.


# %%
def slope(x):
    return np.where(x > 0, 1.0, 0.01)


print(learn.check("relu", relu, derivative=slope))

# %% [markdown]
# Now it is your turn: change ``slope`` until the check has no objection.


# %%
def slope(x):
    return np.where(x > 0, 1.0, 0.0)


print(learn.check("relu", relu, derivative=slope))

# %% [markdown]
# What you have written
# ---------------------
#
# The function is continuous, and its derivative jumps. In training, a unit whose sum is negative for all rows has the
# derivative 0 everywhere: it does not learn any more. −2 and −200 look the same to it.

# %%
x = np.linspace(-2, 2, 401)
plt.plot(x, relu(x), label="relu")
plt.plot(x, slope(x), label="its derivative")
plt.xlabel("x")
plt.legend()
plt.show()
