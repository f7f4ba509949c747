"""
Attention
=========

A network learned to find the one step of a sequence that has a flag. The picture shows the weights with which the steps
of one new sequence (rows) attend to its steps (columns), for each head of :class:`spatium.nn.SelfAttention`. The title
of the figure names the step with the flag: its column is bright.
"""

import matplotlib.pyplot as plt
import numpy as np

from spatium import plots
from spatium.nn import Dense, Network, SelfAttention, Softmax

rng = np.random.default_rng(0)
n, steps = 1500, 10
symbols, place = rng.integers(0, 5, (n, steps)), rng.integers(0, steps, n)
x = np.zeros((n, steps, 6), np.float32)
x[np.arange(n)[:, None], np.arange(steps), symbols] = 1
x[np.arange(n), place, 5] = 1  # the flag
y = symbols[np.arange(n), place]

attention = SelfAttention(6, n_heads=2, rng=0)
network = Network([attention, Dense(steps * 6, 5, rng=1), Softmax()])
network.fit(x[100:], y[100:], epochs=20, learning_rate=0.01, rng=0)

figure = plots.attention(attention.attention_weights(x[:1]))
accuracy = (network.classify(x[:100]) == y[:100]).mean()
figure.suptitle(f"the flag is at step {place[0]}; accuracy {accuracy:.0%}")
plt.show()
