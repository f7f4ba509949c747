"""
7. What precision costs
=======================

More digits cost time and memory. This lesson measures both, and shows where fewer digits are enough, and where they are
not.
"""

# %% [markdown]
# Bytes and time
# --------------
#
# A number of float16 has two bytes, of float32 four, and of float64 eight. The table shows nanoseconds per number on
# the machine that built this page, for arrays that fit into its cache.

# %%
import matplotlib.pyplot as plt
import numpy as np

import spatium as sp
from spatium import analysis
from spatium.data import load_digits
from spatium.nn import Dense, Network, Softmax

names = ["relu", "sigmoid", "tanh", "gelu", "mish"]
kinds = [np.float16, np.float32, np.float64]
columns = []
for kind in kinds:
    table = analysis.relative_cost(names, size=1 << 14, dtype=kind, rounds=9)
    columns.append(table.column("ns_per_element"))
rows = list(zip(names, *columns, strict=True))
heading = ("function", "float16", "float32", "float64")
print(analysis.Table("Nanoseconds per number", heading, rows, digits=2))

# %% [markdown]
# Digits that a dtype has
# -----------------------
#
# One operation of a correctly rounded type has an error of at most half a unit in the last place. The formula decides
# whether it remains so small. Here are two formulas of softplus, log(1 + exp(x)). For negative x, the sum 1 + exp(x)
# drops the digits of exp(x), in every precision: more digits only move the place where all of them are gone.

# %%
x = np.linspace(-45, 5, 1001)
exact = sp.softplus(x)
for number, kind in enumerate(kinds):
    z = np.exp(x.astype(kind))
    with np.errstate(divide="ignore"):
        for formula, style in ((np.log(1 + z), "-"), (np.log1p(z), ":")):
            error = np.abs(formula.astype(float) / exact - 1) + 1e-17
            label = np.dtype(kind).name if style == "-" else None
            plt.semilogy(x, error, f"C{number}{style}", label=label)
plt.xlabel("x   (solid: log(1 + z), dotted: log1p(z))")
plt.ylabel("relative error")
plt.legend()
plt.show()

# %% [markdown]
# Eight bits, and four
# --------------------
#
# A network on a small device computes with codes of eight bits: a range is divided into 256 levels. The signal-to-noise
# ratio says how much of the signal is left; every 6 decibels are one bit. In the columns "look up", the inputs are
# rounded too. All activations lose about the same, as long as the range fits the data.

# %%
print(analysis.sqnr(names, bits=(8, 4)))

# %% [markdown]
# What the network notices
# ------------------------
#
# The accuracy of a classification is a coarse measure: it changes only if another output becomes the largest. So this
# small network reads digits with activations on eight bits as well as with 32, and with four hardly worse. One image is
# 0.28 points.

# %%
digits = load_digits()
layers = [Dense(64, 32, "gelu", rng=0), Dense(32, 10, rng=1), Softmax()]
network = Network(layers)
network.fit(digits.x_train, digits.y_train, learning_rate=0.01, rng=0)


def accuracy(some_network):
    return np.mean(some_network.classify(digits.x_test) == digits.y_test)


print(f"float32: {accuracy(network):.1%}")
for bits in (8, 4):
    on_codes = network.quantized(digits.x_train, bits=bits)
    print(f"{bits} bits: {accuracy(on_codes):.1%}")
