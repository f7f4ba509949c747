"""The activations as C functions, for other compiled code: Cython, SciPy, Numba.

There is one function per activation and operation. It accepts and returns a float64; the parameters follow x:
``gelu(x)``, ``leaky_relu_derivative(x, negative_slope)``, ``softplus_derivative_from_output(y, beta)``. ``evaluate``
processes a block of any dtype. The functions do not need the GIL and return the same bits as the ufuncs. Cython imports
them with ``from spatium.compiled cimport gelu``. For other languages, ``__pyx_capi__`` contains their addresses in
capsules with the C signature. Names and signatures do not change within a major version.

Examples
--------
>>> from scipy import LowLevelCallable
>>> from scipy.integrate import quad
>>> from spatium import compiled
>>> gelu = LowLevelCallable.from_cython(compiled, "gelu")
>>> gelu.signature
'double (double)'
>>> round(quad(gelu, -1.0, 1.0)[0], 12)
0.241970724519
"""

from __future__ import annotations

from typing import Any

from spatium import _engine

__all__: list[str] = []  # the module contains only C functions

__pyx_capi__: dict[str, Any] = _engine.entries()
