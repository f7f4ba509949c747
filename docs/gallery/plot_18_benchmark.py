"""
Times and errors on this machine
================================

The times of four activations divided by Spatium's, and the largest errors, measured while this page was made. A time
without its error is not a result: gelu in the usual float32 formula has no correct digit in its tail.
:doc:`/howto/benchmark` measures your machine.
"""

import matplotlib.pyplot as plt

from spatium import plots
from spatium.benchmark import ActivationBenchmark

table = ActivationBenchmark(size=(64, 256), repeats=5, peers=["NumPy"]).run(["relu", "gelu_tanh", "swish", "softmax"])
plots.benchmark(table)
plt.show()
