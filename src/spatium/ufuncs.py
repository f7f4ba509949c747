"""The ufuncs of each activation.

For each activation there are ``<name>``, ``<name>_derivative``, ``<name>_second_derivative``,
``<name>_value_and_derivative`` and ``<name>_backward``. If the output determines the derivative, there are also
``<name>_derivative_from_output`` and ``<name>_backward_from_output``.

Parameters are float64 inputs of the ufunc, which are broadcast: ``leaky_relu(x, negative_slope)``,
``elu_backward(grad, x, alpha)``.
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
