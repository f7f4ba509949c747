"""The activations of Spatium as operators and modules of PyTorch, for tensors on the CPU.

Functions (``st.gelu(tensor)``), modules (``st.GELU()``), activation maps (``st.ActivationMap``, ``st.SpatialLinear``),
and `replace`, which exchanges the activations of a model. Gradients, and their gradients, are computed by the compiled
derivatives; `torch.compile` and `torch.vmap` work.
"""

from __future__ import annotations

try:
    import torch  # noqa: F401  # before the modules below, which need it
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        'spatium.torch needs PyTorch: pip install "spatium-activations[torch]"', name=error.name
    ) from error

from spatium.torch import _functions, _gates, _modules, _rows, _spatial
from spatium.torch._functions import *
from spatium.torch._gates import *
from spatium.torch._modules import *
from spatium.torch._rows import *
from spatium.torch._spatial import *

__all__ = [*_functions.__all__, *_gates.__all__, *_modules.__all__, *_rows.__all__, *_spatial.__all__]
__all__.sort()
