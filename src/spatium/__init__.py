"""Activation functions for NumPy as real ufuncs, and activation maps.

Functions (``sp.gelu(x)``), value objects (``sp.GELU()``), raw ufuncs (``sp.ufuncs.gelu_backward``), activation maps
(``sp.ActivationMap``), pattern hashes (``sp.SimHash``), layers (``sp.nn``), figures of
activations (``sp.analysis``, ``sp.check_activation``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import _bfloat16, _engine, ufuncs
from .activation_map import ActivationMap
from .activations import (
    CELU,
    ELU,
    GELU,
    SELU,
    Activation,
    Custom,
    Dish,
    Gaussian,
    HardGELU,
    HardMish,
    HardShrink,
    HardSigmoid,
    HardSwish,
    HardTanh,
    Identity,
    LeakyReLU,
    LiSHT,
    LogCosh,
    LogSigmoid,
    Mish,
    ReLU,
    ReLU6,
    ReLUSquared,
    ScaledSwish,
    ScaledTanh,
    Sigmoid,
    SiLU,
    Sine,
    Snake,
    Softplus,
    SoftShrink,
    SoftSign,
    SparsePlus,
    SparseSigmoid,
    Squareplus,
    Swish,
    Tanh,
    TanhShrink,
    Threshold,
    activation,
    activations,
)
from .functions import (
    celu,
    dish,
    elu,
    gaussian,
    gelu,
    hard_gelu,
    hard_mish,
    hard_shrink,
    hard_sigmoid,
    hard_swish,
    hard_tanh,
    identity,
    leaky_relu,
    lisht,
    log_cosh,
    log_sigmoid,
    mish,
    prelu,
    relu,
    relu6,
    relu_squared,
    scaled_swish,
    scaled_tanh,
    selu,
    sigmoid,
    silu,
    sine,
    snake,
    soft_shrink,
    soft_sign,
    softplus,
    sparse_plus,
    sparse_sigmoid,
    squareplus,
    swish,
    tanh,
    tanh_shrink,
    threshold,
)
from .memory import Saved
from .pattern_hash import ConstantHash, RandomHash, SimHash, cell_of
from .statistics import ActivationStatistics
from .threads import config, get_num_threads, num_threads, set_num_threads, show_config

if TYPE_CHECKING:
    from . import analysis, compiled, data, nn
    from .analysis import check_activation

__version__ = _engine.VERSION
_bfloat16.watch()

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "ActivationMap",
    "ActivationStatistics",
    "ConstantHash",
    "Custom",
    "Dish",
    "Gaussian",
    "HardGELU",
    "HardMish",
    "HardShrink",
    "HardSigmoid",
    "HardSwish",
    "HardTanh",
    "Identity",
    "LeakyReLU",
    "LiSHT",
    "LogCosh",
    "LogSigmoid",
    "Mish",
    "RandomHash",
    "ReLU",
    "ReLU6",
    "ReLUSquared",
    "Saved",
    "ScaledSwish",
    "ScaledTanh",
    "SiLU",
    "Sigmoid",
    "SimHash",
    "Sine",
    "Snake",
    "SoftShrink",
    "SoftSign",
    "Softplus",
    "SparsePlus",
    "SparseSigmoid",
    "Squareplus",
    "Swish",
    "Tanh",
    "TanhShrink",
    "Threshold",
    "activation",
    "activations",
    "analysis",
    "cell_of",
    "celu",
    "check_activation",
    "compiled",
    "config",
    "data",
    "dish",
    "elu",
    "gaussian",
    "gelu",
    "get_num_threads",
    "hard_gelu",
    "hard_mish",
    "hard_shrink",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "identity",
    "leaky_relu",
    "lisht",
    "log_cosh",
    "log_sigmoid",
    "mish",
    "nn",
    "num_threads",
    "prelu",
    "relu",
    "relu6",
    "relu_squared",
    "scaled_swish",
    "scaled_tanh",
    "selu",
    "set_num_threads",
    "show_config",
    "sigmoid",
    "silu",
    "sine",
    "snake",
    "soft_shrink",
    "soft_sign",
    "softplus",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
    "ufuncs",
]


def __getattr__(name: str) -> Any:
    # imported on first use: who needs the functions only does not wait for the layers
    if name in ("analysis", "compiled", "data", "nn"):
        return import_module(f"{__name__}.{name}")
    if name == "check_activation":
        return import_module(f"{__name__}.analysis").check_activation
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), "analysis", "check_activation", "compiled", "data", "nn"})
