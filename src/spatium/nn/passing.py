"""What lies between two layers: flat rows for a flat layer, passes by layers, and the plan of a pass of one shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from spatium.nn._inference import Plan, Step
from spatium.nn._products import Array, OnePool
from spatium.nn.hashing import HashFunction, share, shared_hashes
from spatium.nn.layer import Layer, as_dtype, sample_shape, shown_samples

__all__ = ["pass_layers", "plan_of", "ranked"]


def ranked(layer: Layer, x: Any) -> Any:
    """Return samples as the layer takes them: of its own rank, or flat."""
    expected = layer._expected_shape()
    rank = np.ndim(x)
    if expected is None or rank <= 2 or rank == len(expected) + 1:
        return x
    return np.reshape(x, (len(x), math.prod(np.shape(x)[1:])))


def pass_layers(
    layers: Sequence[Layer], x: Any, pattern_hash: HashFunction | None, run: Callable[[int, Any], Array]
) -> Array:
    """Return the outputs of a pass that gives all rows to one layer after the other.

    ``run(position, x)`` returns the outputs of the layer at this position for x as it takes them. In its context,
    layers that share the hash of the network get the hashes of its input.
    """
    hashes = None if pattern_hash is None else shared_hashes(pattern_hash, as_dtype("x", x, layers[0].dtype))
    with OnePool(), share(hashes):
        for position, layer in enumerate(layers):
            x = run(position, ranked(layer, x))
    return x  # type: ignore[no-any-return]


def plan_of(layers: Sequence[Layer], shape: tuple[int, ...], pattern_hash: HashFunction | None = None) -> Plan:
    """Return the steps for x of a shape, or raise ValueError if a layer does not accept its samples."""
    steps: list[Step] = []
    current = shape[1:]
    for layer in layers:
        expected = layer._expected_shape()
        taken = sample_shape(current, expected)
        if taken is None and steps:
            taken = sample_shape((math.prod(current),), expected)
        if taken is None:
            found = f"x has shape {shape}" if not steps else f"layer {len(steps)} gets {shown_samples(current)}"
            raise ValueError(f"{found}, expected {shown_samples(expected)}")
        current = layer._shape_after(taken)
        steps.append(Step(layer, taken, current, math.prod(current)))
    # A layer of the user may mix the rows of a batch, so it gets all of them.
    in_blocks = all(type(layer)._infer is not Layer._infer for layer in layers)
    return Plan(steps, in_blocks, (math.prod(current),) if len(shape) == 2 else current, pattern_hash)
