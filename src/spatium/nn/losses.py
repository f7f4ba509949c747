"""The losses: their value, the number of correct answers, and their gradient with respect to the outputs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatium.activations.operations import OPERATIONS
from spatium.nn._products import Array
from spatium.rows import log_softmax, softmax

__all__ = ["LOSSES", "Loss", "binary_cross_entropy", "cross_entropy", "squared_error"]

Weights = NDArray[np.float64] | None


class Loss(NamedTuple):
    """The sums over the rows of a batch, weighted with the weights of the samples."""

    loss: float
    correct: float
    grad: Array


def cross_entropy(logits: Array, labels: NDArray[np.int64], weights: Weights) -> Loss:
    """Return the cross entropy of softmax(logits).

    The loss is computed from the logits, because probabilities may underflow to 0, which gives an infinite loss.
    """
    rows = np.arange(len(labels))
    losses = -log_softmax(logits.astype(np.float64), axis=1)[rows, labels]
    grad: Array = softmax(logits, axis=1)
    grad[rows, labels] -= 1
    return _weighted(losses, logits.argmax(axis=1) == labels, grad, weights)


def binary_cross_entropy(logits: Array, targets: Array, weights: Weights) -> Loss:
    """Return the cross entropy of sigmoid(logits), a mean over the columns: log(1 + exp(z)) - y z."""
    z = logits.astype(np.float64)
    losses = (OPERATIONS["softplus"].value(z, 1.0) - targets * z).mean(axis=1)
    right = ((logits > 0) == (targets > 0.5)).mean(axis=1)
    grad: Array = np.asarray(OPERATIONS["sigmoid"].value(logits)) - targets
    if targets.shape[1] > 1:
        grad /= targets.shape[1]
    return _weighted(losses, right, grad, weights)


def squared_error(outputs: Array, targets: Array, weights: Weights) -> Loss:
    """Return the squared error, a mean over the columns."""
    difference = outputs - targets
    flat = difference.reshape(len(difference), -1)
    losses = np.square(flat, dtype=np.float64).sum(axis=1) / flat.shape[1]
    difference *= 2 / flat.shape[1]
    return _weighted(losses, None, difference, weights)


def _weighted(losses: NDArray[np.float64], right: NDArray[Any] | None, grad: Array, weights: Weights) -> Loss:
    if weights is None:
        return Loss(float(losses.sum()), 0.0 if right is None else float(right.sum()), grad)
    grad *= weights.astype(grad.dtype).reshape(-1, *(1,) * (grad.ndim - 1))
    return Loss(float(losses @ weights), 0.0 if right is None else float(right @ weights), grad)


LOSSES = {"mse": squared_error, "cross_entropy": cross_entropy, "bce": binary_cross_entropy}
