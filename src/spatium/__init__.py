"""Activation functions for NumPy as compiled ufuncs, and activation maps.

The package contains functions (``sp.gelu(x)``), activation objects (``sp.GELU()``), the ufuncs themselves
(``sp.ufuncs.gelu_backward``), activation maps (``sp.ActivationMap``), pattern hashes (``sp.SimHash``), layers
(``sp.nn``), the analysis of activations (``sp.analysis``, ``sp.check_activation``), and exercises (``sp.learn``).
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from spatium import _bfloat16, _engine, ufuncs
from spatium.activations import *
from spatium.activations import __all__ as _classes
from spatium.functions import *
from spatium.functions import __all__ as _functions
from spatium.gates import *
from spatium.gates import __all__ as _gates
from spatium.maps.activation_map import ActivationMap
from spatium.maps.hashes import BucketHash, CategoryHash, ConstantHash, RandomHash, SimHash, bucket_hash, cell_of
from spatium.maps.statistics import ActivationStatistics
from spatium.passes import Saved
from spatium.quantization import QuantizedActivation, QuantizedMap, quantize
from spatium.rows import *
from spatium.rows import __all__ as _rows
from spatium.threads import config, get_num_threads, num_threads, set_num_threads, show_config

if TYPE_CHECKING:
    from spatium import analysis, benchmark, compiled, data, lab, learn, nn, presets
    from spatium.analysis import check_activation

__version__ = _engine.VERSION
_bfloat16.watch()

__all__ = [
    "ActivationMap",
    "ActivationStatistics",
    "BucketHash",
    "CategoryHash",
    "ConstantHash",
    "QuantizedActivation",
    "QuantizedMap",
    "RandomHash",
    "Saved",
    "SimHash",
    "analysis",
    "benchmark",
    "bucket_hash",
    "cell_of",
    "check_activation",
    "compiled",
    "config",
    "data",
    "get_num_threads",
    "lab",
    "learn",
    "nn",
    "num_threads",
    "presets",
    "quantize",
    "set_num_threads",
    "show_config",
    "ufuncs",
]
__all__ += [*_classes, *_functions, *_gates, *_rows]
__all__.sort()

# Pickles from before these modules were moved contain their old names; all names that they refer to are public here.
for _moved in ("activation_map", "coupled", "memory", "pattern_hash", "statistics"):
    sys.modules[f"{__name__}.{_moved}"] = sys.modules[__name__]


# Imported at the first use, so that `import spatium` does not load the layers. "onnx" is not in `__all__`, because a
# star import must not hide the package of that name.
_LATE = ("analysis", "benchmark", "compiled", "data", "lab", "learn", "nn", "onnx", "presets")


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return import_module(f"{__name__}.{name}")
    if name == "check_activation":
        return import_module(f"{__name__}.analysis").check_activation
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_LATE, *(name for name in globals() if name.startswith("__"))})
