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
from .activations import *
from .activations import __all__ as _classes
from .coupled import (
    gated_tanh,
    gated_tanh_backward,
    gaussian_glu,
    gaussian_glu_backward,
    geglu,
    geglu_backward,
    glu,
    glu_backward,
    hardmax,
    hardmax_backward,
    log_softmax,
    log_softmax_backward,
    logsumexp,
    logsumexp_backward,
    reglu,
    reglu_backward,
    softmax,
    softmax_backward,
    softmin,
    softmin_backward,
    swiglu,
    swiglu_backward,
    time_aware_tanh,
    time_aware_tanh_backward,
)
from .functions import *
from .functions import __all__ as _functions
from .memory import Saved
from .pattern_hash import ConstantHash, RandomHash, SimHash, bucket_hash, cell_of
from .statistics import ActivationStatistics
from .threads import config, get_num_threads, num_threads, set_num_threads, show_config

if TYPE_CHECKING:
    from . import analysis, compiled, data, nn
    from .analysis import check_activation

__version__ = _engine.VERSION
_bfloat16.watch()

__all__ = [
    "ActivationMap",
    "ActivationStatistics",
    "ConstantHash",
    "RandomHash",
    "Saved",
    "SimHash",
    "analysis",
    "bucket_hash",
    "cell_of",
    "check_activation",
    "compiled",
    "config",
    "data",
    "gated_tanh",
    "gated_tanh_backward",
    "gaussian_glu",
    "gaussian_glu_backward",
    "geglu",
    "geglu_backward",
    "get_num_threads",
    "glu",
    "glu_backward",
    "hardmax",
    "hardmax_backward",
    "log_softmax",
    "log_softmax_backward",
    "logsumexp",
    "logsumexp_backward",
    "nn",
    "num_threads",
    "reglu",
    "reglu_backward",
    "set_num_threads",
    "show_config",
    "softmax",
    "softmax_backward",
    "softmin",
    "softmin_backward",
    "swiglu",
    "swiglu_backward",
    "time_aware_tanh",
    "time_aware_tanh_backward",
    "ufuncs",
]
__all__ += [*_classes, *_functions]
__all__.sort()


def __getattr__(name: str) -> Any:
    # imported on first use: who needs the functions only does not wait for the layers
    if name in ("analysis", "compiled", "data", "nn"):
        return import_module(f"{__name__}.{name}")
    if name == "check_activation":
        return import_module(f"{__name__}.analysis").check_activation
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), "analysis", "check_activation", "compiled", "data", "nn"})
