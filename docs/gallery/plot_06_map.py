"""
An activation map and its hits
==============================

One neuron's grid after the packaged digits have gone through: the function of each cell by colour, hatch and letter,
how often it fired as a number on grey. Cells that never fired are crossed out.
"""

import matplotlib.pyplot as plt
import numpy as np

import spatium as sp
from spatium import plots
from spatium.data import load_digits

digits = load_digits()
simhash = sp.SimHash(64, rng=0).fit(digits.x_train)
amap = sp.ActivationMap.random(rng=0)
amap(np.zeros(len(digits.x_test)), simhash(digits.x_test))

plots.map(amap)
plt.show()
