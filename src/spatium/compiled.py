"""The activations as C functions, for other compiled code: Cython, SciPy, Numba.

One function per activation and operation takes and returns a float64, with the parameters as further arguments:
``gelu(x)``, ``leaky_relu_derivative(x, negative_slope)``, ``softplus_derivative_from_output(y, beta)``. ``evaluate``
takes a block of any dtype. They need no GIL and give bit for bit what the ufuncs give. Cython imports them with
``from spatium.compiled cimport gelu``; others find their addresses in ``__pyx_capi__``, as capsules that carry the C
signature. Names and signatures do not change within a major version.

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

__all__: list[str] = []  # C functions only

__pyx_capi__: dict[str, Any] = _engine.entries()
