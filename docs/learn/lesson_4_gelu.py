"""
4. gelu
=======

GELU multiplies x with the probability that a normally distributed number is below x. Transformers use it in almost all
layers. Three different functions have this name, and the usual formula of the exact one has no correct digit where the
function is small.
"""

# %% [markdown]
# The exact function
# ------------------
#
# The probability is (1 + erf(x / √2)) / 2, with the error function erf. Python has it in ``math``, for one number at a
# time.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

import spatium as sp
from spatium import learn

erf, erfc = (
    np.vectorize(math.erf, otypes=[float]),
    np.vectorize(math.erfc, otypes=[float]),
)


def gelu(x):
    return x * (1 + erf(x / math.sqrt(2))) / 2


print(learn.check("gelu", gelu))

# %% [markdown]
# The tail
# --------
#
# For negative x, erf is close to −1, and the sum 1 + erf keeps only its last digits. The complement erfc(x), which is
# 1 − erf(x), is a function of its own: it computes the small difference directly. The results are converted to the
# dtype of x at the end, and −∞·0 is avoided by a choice.


# %%
def gelu(x):
    result = x * erfc(-x / math.sqrt(2)) / 2
    return np.where(x == -np.inf, 0, result).astype(x.dtype)


print(learn.check("gelu", gelu))

# %% [markdown]
# Integers come out as integers with this last line. ``np.result_type(x, np.float32)`` is a dtype of real numbers for
# every x:


# %%
def gelu(x):
    result = np.where(x == -np.inf, 0, x * erfc(-x / math.sqrt(2)) / 2)
    return result.astype(np.result_type(x, np.float32))


print(learn.check("gelu", gelu))

# %% [markdown]
# Two other functions of this name
# --------------------------------
#
# Before erf was fast, two approximations were in use. They are different functions, and a network must be applied with
# the one with which it was trained. The check recognizes them.


# %%
def gelu(x):
    return x / (1 + np.exp(-1.702 * x))


print(learn.check("gelu", gelu))

# %% [markdown]
# The number 1.702 is sometimes said to follow from √(2/π). It does not: it was fitted. In the form with tanh, √(2/π)
# does occur.


# %%
def gelu(x):
    return x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


print(learn.check("gelu", gelu))

# %% [markdown]
# How far they are from the exact one
# -----------------------------------
#
# The largest difference is 0.02 for the form with 1.702 and 0.0005 for the form with tanh. Relative to the function,
# the difference grows toward the left.

# %%
x = np.linspace(-6, 3, 1001)
figure, (left, right) = plt.subplots(
    1, 2, figsize=(9, 3.5), layout="constrained"
)
for form in ("sigmoid", "tanh"):
    other = sp.gelu(x, approximate=form)
    left.plot(x, other - sp.gelu(x), label=f'approximate="{form}"')
    right.semilogy(
        x, np.abs(other / sp.gelu(x) - 1), label=f'approximate="{form}"'
    )
left.set(xlabel="x", ylabel="difference to the exact GELU")
right.set(xlabel="x", ylabel="relative difference", ylim=(1e-6, 20))
left.legend()
plt.show()
