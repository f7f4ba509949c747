"""Networks whose activations run on codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from spatium.activations import Activation, Custom
from spatium.maps.activation_map import ActivationMap
from spatium.nn._products import Array
from spatium.nn.activation import ActivationLayer
from spatium.nn.dense import SpatialDense
from spatium.nn.layer import Layer
from spatium.nn.spatial import SpatialLayer
from spatium.quantization import Levels, Method, QuantizedActivation, Rounding, quantize

__all__ = ["on_codes"]


def on_codes(network: Any, x: ArrayLike, bits: int, method: Method, rounding: Rounding) -> list[Layer]:
    """Return copies of the layers of a network with quantized activations; see `Network.quantized`."""
    recording = network.clone()
    layers: list[Layer] = list(network.clone().layers)

    def run(position: int, rows: Any) -> Array:
        inputs: list[Array] = []
        layer = recording.layers[position]
        _replace(layer, lambda act: Custom(_Recorder(act, inputs, method == "minmax"), name=act.name))
        outputs: Array = layer.forward(rows)
        if inputs:
            twin = layers[position]
            acts = twin.maps if isinstance(twin, SpatialDense | SpatialLayer) else _activation_of(twin)
            common = quantize(acts, bits, x=np.concatenate(inputs), method=method, rounding=rounding)  # type: ignore[arg-type]
            _replace(twin, lambda act: _quantized(act, common.x, common.y))
        return outputs

    recording.pass_layers(x, run)
    return layers


class _Recorder:
    """An activation that keeps its inputs, or the least and the greatest input of each call."""

    def __init__(self, act: Activation, inputs: list[Array], only_ends: bool) -> None:
        self.act, self.inputs, self.only_ends = act, inputs, only_ends

    def __call__(self, x: Array) -> Any:
        if x.size:
            self.inputs.append(np.array([x.min(), x.max()]) if self.only_ends else x.reshape(-1).copy())
        return self.act(x)


def _quantized(act: Activation, x: Levels, y: Levels) -> Custom:
    return Custom(QuantizedActivation(act, x, y).evaluate, name=f"{act.name} ({x.bits} bits)")


def _activation_of(layer: Layer) -> Activation | None:
    """Return the activation of a layer; None if it has none, or one with parameters per channel."""
    act = getattr(layer, "activation", None)
    if isinstance(layer, ActivationLayer) and layer.parameters:
        if layer.per == "channel":
            return None
        return type(layer.activation)(
            **dict(layer.activation.parameters) | {name: float(array[0]) for name, array in layer.parameters.items()}
        )
    return act if isinstance(act, Activation) else None


def _replace(layer: Layer, make: Callable[..., Custom]) -> None:
    """Put other activations in the place of those of a layer, which is a copy."""
    if isinstance(layer, SpatialDense | SpatialLayer):
        layer.maps = ActivationMap(layer.maps.cells, [make(act) for act in layer.maps.palette])
        return
    act = _activation_of(layer)
    if act is None:
        return
    layer.activation = make(act)
    if isinstance(layer, ActivationLayer):
        layer.trainable, layer.parameters = (), {}
