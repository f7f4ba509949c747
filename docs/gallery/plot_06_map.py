"""
An activation map and its hits
==============================

The picture shows the grid of one neuron after the evaluation of the packaged digits. Color, hatch and letter show the
function of each cell; the number on gray is the hit count of the cell. Cells without hits are crossed out.
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
