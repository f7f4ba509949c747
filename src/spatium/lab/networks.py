"""The small networks that the laboratory compares, described by a design, and a view of what their units compute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium._arrays import real_array
from spatium._checks import whole_number
from spatium.activations import Activation, Identity, LeakyReLU, ReLU, activation
from spatium.maps.activation_map import ActivationMap
from spatium.maps.hashes import ConstantHash, RandomHash, SimHash
from spatium.nn import ActivationLayer, Dense, Layer, Network, Softmax, SpatialDense
from spatium.nn._products import Array
from spatium.nn.hashing import HashFunction, hashes_of, share, shared_hashes
from spatium.nn.layer import Random
from spatium.nn.passing import ranked

__all__ = [
    "DESIGNS",
    "Design",
    "HiddenLayer",
    "build",
    "design_of",
    "hidden_layers",
    "island_network",
    "strongest_chain",
]

RELU = ReLU()

Routing = Literal["none", "context", "random", "constant"]
Target = Literal["numbers", "binary", "classes"]


@dataclass(frozen=True)
class Design:
    """What distinguishes the hidden layers of two networks that are compared.

    Attributes
    ----------
    label : str
    activation : Activation
        The function of all units, or of all cells.
    maps : ActivationMap, optional
        A grid for all units, or one per unit, in place of the activation.
    trained : tuple of str
        The parameters of the activation that are trained, one number per layer.
    routing : {"none", "context", "random", "constant"}
        What selects the cell: nothing, the hash of the context, a hash of the row that ignores similarity, or a
        constant, so that each unit has one function.
    cells : {"uniform", "random", "learned"}
        Whether all cells have the activation, one of the twelve at random, or learn theirs.
    gain_bias : bool
        Whether each cell has a gain and a bias of its own.
    one_hot : bool
        Whether the cell is an additional input: one column per cell.
    width : int
        The units of each hidden layer; 0 stands for the width of the comparison.
    """

    label: str
    activation: Activation = RELU
    maps: ActivationMap | None = None
    trained: tuple[str, ...] = ()
    routing: Routing = "none"
    cells: Literal["uniform", "random", "learned"] = "uniform"
    gain_bias: bool = False
    one_hot: bool = False
    width: int = 0

    @property
    def key(self) -> str:
        """A text that is different for different designs, as far as the functions have different names."""
        return repr(replace(self, label="", maps=None)) + ("" if self.maps is None else self.maps.cells.tobytes().hex())


DESIGNS = {
    design.label: design
    for design in (
        Design("prelu", LeakyReLU(0.25), trained=("negative_slope",)),
        Design("random map", routing="context", cells="random"),
        Design("learned map", routing="context", cells="learned"),
        Design("learned map, gain and bias", routing="context", cells="learned", gain_bias=True),
        Design("learned per unit", routing="constant", cells="learned"),
        Design("learned map, random hash", routing="random", cells="learned"),
    )
}


def design_of(name: str, value: Any) -> Design:
    """Return the argument `name` as a design: an activation or its name, a map, a design or the name of one."""
    if isinstance(value, Design):
        return value
    if isinstance(value, ActivationMap):
        return Design("map", maps=value, routing="context")
    if isinstance(value, str):
        if value in DESIGNS:
            return DESIGNS[value]
        try:
            value = activation(value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}; or one of {', '.join(DESIGNS)}") from None
    if isinstance(value, Activation):
        plain = value.name if not value.parameters or value == _default_of(value) else repr(value)
        return Design(plain, value)
    raise TypeError(f"{name} is {value!r}, expected an activation, its name, an ActivationMap or {', '.join(DESIGNS)}")


def _default_of(act: Activation) -> Activation | None:
    try:
        return activation(act.name)
    except (TypeError, ValueError):
        return None


def build(
    design: Design,
    n_inputs: int,
    n_outputs: int,
    target: Target,
    width: int,
    depth: int,
    context: HashFunction | None,
    rng: Random,
) -> Network:
    """Return a new network of a design. The same rng gives all designs of one shape the same weights, but for a scale.

    A last layer of "classes" is a Softmax, one of "binary" a sigmoid.
    """
    first, *generators = np.random.default_rng(rng).spawn(depth + 2)
    shared: HashFunction | None = None
    if design.routing == "context":
        shared = SimHash(n_inputs, rng=first) if context is None else context
    elif design.routing == "random":
        shared = RandomHash(n_inputs, rng=first)
    elif design.routing == "constant":
        shared = ConstantHash(n_inputs)
    units = design.width or width
    layers: list[Layer] = []
    for generator in generators[:-1]:
        layers += _hidden(design, n_inputs, units, shared is not None, generator)
        n_inputs = units
    layers.append(Dense(n_inputs, n_outputs, rng=generators[-1], init="lecun"))
    if target != "numbers":
        layers.append(Softmax() if target == "classes" else ActivationLayer("sigmoid"))
    return Network(layers, pattern_hash=shared)


def _hidden(design: Design, n_inputs: int, units: int, routed: bool, rng: np.random.Generator) -> list[Layer]:
    if not routed:
        if design.trained:
            return [
                Dense(n_inputs, units, rng=rng, init="he"),
                ActivationLayer(design.activation, design.trained, n_units=units),
            ]
        return [Dense(n_inputs, units, design.activation, rng=rng, init="gain")]
    maps = design.maps
    if maps is not None:
        maps = ActivationMap(np.broadcast_to(maps.cells, (units, 8, 8)), maps.palette)
    elif design.cells == "uniform":
        maps = ActivationMap.uniform(design.activation, units)
    elif design.cells == "random":
        maps = ActivationMap.random(units, rng=rng.spawn(1)[0])
    return [
        SpatialDense(
            n_inputs, units, maps, "network", rng, "he" if maps is None else "gain",
            learn_cells=design.cells == "learned", cell_gain_bias=design.gain_bias,
        )
    ]  # fmt: skip


def island_network(
    contender: Activation | ActivationMap | Design | str,
    rng: Random = None,
    width: int = 8,
    depth: int = 3,
    pattern_hash: HashFunction | None = None,
) -> Network:
    """Return the network 2 → 8 → 8 → 8 → 1 with a sigmoid, which learns islands.

    Parameters
    ----------
    contender : Activation, ActivationMap or str
        The function of the hidden layers, or its name; "prelu", whose slope is trained; a map, with one grid for all
        units or one per unit; or one of "random map", "learned map", "learned map, gain and bias", "learned per unit"
        and "learned map, random hash".
    rng : Generator or int, optional
        The source of weights, hashes and random maps. The same seed gives the same standard normal weights for all
        contenders; they are scaled by the gain of the activation.
    width, depth : int
        The units of each hidden layer, and the number of hidden layers.
    pattern_hash : hash, optional
        What selects the cells of maps, from the coordinates; by default a SimHash. In two dimensions its six lines
        divide the plane into at most 22 regions, and into 12 if they have a point in common; so most of the 64 cells
        can never be selected.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        If the name is unknown, or the map has another number of units.
    TypeError
        If the contender has another type.

    Examples
    --------
    >>> from spatium import lab
    >>> print(lab.island_network("gelu", rng=0).summary())
    layer            input  output  parameters
    ---------------  -----  ------  ----------
    Dense            2      8               24
    Dense            8      8               72
    Dense            8      8               72
    Dense            8      1                9
    ActivationLayer  1      1                0
    177 parameters, float32
    """
    design = design_of("contender", contender)
    width, depth = whole_number("width", width), whole_number("depth", depth)
    return build(design, 2, 1, "binary", width, depth, pattern_hash, rng)


class HiddenLayer(NamedTuple):
    """What the units of a hidden layer compute for some points; yielded by `hidden_layers`.

    Attributes
    ----------
    name : str
    arguments, values, slopes : ndarray, shape (points, units)
        The arguments of the activations, their values and their derivatives.
    weights : ndarray, shape (inputs, units)
        The weights from the layer before.
    activation : Activation or None
        The activation of all units; None for maps.
    hashes : ndarray of uint64, shape (points,), or None
        What selects the cells of maps.
    """

    name: str
    arguments: Array
    values: Array
    slopes: Array
    weights: Array
    activation: Activation | None
    hashes: NDArray[np.uint64] | None


def hidden_layers(network: Network, points: ArrayLike) -> Iterator[HiddenLayer]:
    """Yield the hidden layers of a network of Dense, SpatialDense and ActivationLayer; nothing is counted.

    Raises
    ------
    ValueError
        If the network has another layer before its last Dense, or cells are still learned.
    """
    x: Any = real_array("points", points).astype(network.dtype)
    shared = shared_hashes(network.pattern_hash, x)
    layers = _before_last(network)
    weights: Array | None = None
    with share(shared):
        for position, layer in enumerate(layers):
            x = ranked(layer, x)
            followed = position + 1 < len(layers) and isinstance(layers[position + 1], ActivationLayer)
            if isinstance(layer, SpatialDense) and not layer.is_annealing():
                hashes = hashes_of(layer.pattern_hash, x)
                z = layer._before_maps(x, hashes)
                values, slopes = layer.maps.value_and_derivative(z, hashes[:, np.newaxis])
                x = values
                yield HiddenLayer("SpatialDense", z, values, slopes, layer.weights, None, hashes)
            elif isinstance(layer, Dense):
                weights = layer.weights
                z = np.matmul(x, layer.weights) + layer.bias
                x = z
                if layer.activation is not None or not followed:
                    act = layer.activation or Identity()
                    x, slopes = act.value_and_derivative(z)
                    yield HiddenLayer("Dense", z, x, slopes, layer.weights, layer.activation, None)
            elif isinstance(layer, ActivationLayer) and weights is not None:
                z, x = x, layer.forward(x, training=True)
                yield HiddenLayer(
                    "ActivationLayer", z, x, layer.backward(np.ones_like(z)), weights, layer.activation, None
                )
            else:
                raise ValueError(f"layer {position} is {layer!r}, expected hidden layers Dense or SpatialDense")


def _before_last(network: Network) -> Sequence[Layer]:
    layers = list(network.layers)
    while layers and not isinstance(layers[-1], Dense):
        layers.pop()
    return layers[:-1]


def strongest_chain(network: Network, points: ArrayLike) -> tuple[int, ...]:
    """Return one unit per hidden layer: the path to the first output along which most of the signal flows.

    The strength of a path is the product of ``|weight| · std`` over its units: for each the standard deviation of its
    output over the points, and the weight by which the next unit of the path, or the output, reads it.

    Examples
    --------
    >>> from spatium import lab
    >>> islands = lab.perlin_islands(size=24)
    >>> len(lab.strongest_chain(lab.island_network("relu", rng=0), islands.points))
    3
    """
    hidden = list(hidden_layers(network, points))
    if not hidden:
        raise ValueError("the network has no hidden layers")
    last = next(layer for layer in reversed(network.layers) if isinstance(layer, Dense))
    onward = [np.abs(layer.weights) for layer in hidden[1:]] + [np.abs(last.weights[:, :1])]
    best, choices = np.ones(1), []
    for layer, weights in zip(reversed(hidden), reversed(onward), strict=True):
        spread = layer.values.astype(np.float64).std(axis=0)
        strength = spread[:, np.newaxis] * weights * best
        choices.append(strength.argmax(axis=1))
        best = strength.max(axis=1)
    chain = [int(best.argmax())]
    for choice in reversed(choices[1:]):
        chain.append(int(choice[chain[-1]]))
    return tuple(chain)
