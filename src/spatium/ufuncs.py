"""The raw ufuncs of each activation.

``<name>``, ``<name>_derivative``, ``<name>_value_and_derivative``, ``<name>_backward`` and, where the output determines
the derivative, ``<name>_derivative_from_output`` and ``<name>_backward_from_output``.

Parameters are float64 inputs that broadcast: ``leaky_relu(x, negative_slope)``, ``elu_backward(grad, x, alpha)``.
"""

from __future__ import annotations

from spatium.activations.operations import OPERATIONS

__all__: list[str] = []

for _operations in OPERATIONS.values():
    for _ufunc in _operations:
        if _ufunc is not None:
            globals()[_ufunc.__name__] = _ufunc
            __all__ += [_ufunc.__name__]
__all__.sort()
del _operations, _ufunc
