"""A laboratory for activations: islands, comparisons with paired seeds, null models of maps, linear regions."""

from __future__ import annotations

from spatium.lab.comparison import compare
from spatium.lab.networks import HiddenLayer, hidden_layers, island_network, strongest_chain
from spatium.lab.noise import IslandPoints, Islands, perlin_islands, perlin_noise
from spatium.lab.nulls import nulls
from spatium.lab.regions import Partition, linear_regions, partition
from spatium.lab.sensors import Sensors, sensors

__all__ = [
    "HiddenLayer",
    "IslandPoints",
    "Islands",
    "Partition",
    "Sensors",
    "compare",
    "hidden_layers",
    "island_network",
    "linear_regions",
    "nulls",
    "partition",
    "perlin_islands",
    "perlin_noise",
    "sensors",
    "strongest_chain",
]
