"""Activation functions for NumPy as real ufuncs, and activation maps.

Functions (``sp.gelu(x)``), value objects (``sp.GELU()``), raw ufuncs (``sp.ufuncs.gelu_backward``), activation maps
(``sp.ActivationMap``), pattern hashes (``sp.SimHash``), layers (``sp.nn``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import _bfloat16, _engine, ufuncs
from .activation_map import ActivationMap
from .activations import (
    ELU,
    GELU,
    Activation,
    Custom,
    HardGELU,
    HardSigmoid,
    HardSwish,
    HardTanh,
    LeakyReLU,
    Mish,
    ReLU,
    Sigmoid,
    SiLU,
    Sine,
    Softplus,
    Swish,
    Tanh,
    activation,
    activations,
)
from .functions import (
    elu,
    gelu,
    hard_gelu,
    hard_sigmoid,
    hard_swish,
    hard_tanh,
    leaky_relu,
    mish,
    prelu,
    relu,
    sigmoid,
    silu,
    sine,
    softplus,
    swish,
    tanh,
)
from .pattern_hash import ConstantHash, RandomHash, SimHash, cell_of
from .statistics import ActivationStatistics
from .threads import config, get_num_threads, num_threads, set_num_threads, show_config

if TYPE_CHECKING:
    from . import data, nn

__version__ = _engine.VERSION
_bfloat16.watch()

__all__ = [
    "ELU",
    "GELU",
    "Activation",
    "ActivationMap",
    "ActivationStatistics",
    "ConstantHash",
    "Custom",
    "HardGELU",
    "HardSigmoid",
    "HardSwish",
    "HardTanh",
    "LeakyReLU",
    "Mish",
    "RandomHash",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "SimHash",
    "Sine",
    "Softplus",
    "Swish",
    "Tanh",
    "activation",
    "activations",
    "cell_of",
    "config",
    "data",
    "elu",
    "gelu",
    "get_num_threads",
    "hard_gelu",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "mish",
    "nn",
    "num_threads",
    "prelu",
    "relu",
    "set_num_threads",
    "show_config",
    "sigmoid",
    "silu",
    "sine",
    "softplus",
    "swish",
    "tanh",
    "ufuncs",
]


def __getattr__(name: str) -> Any:
    # imported on first use: who needs the functions only does not wait for the layers
    if name in ("data", "nn"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), "data", "nn"})
