"""Access to activations by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from spatium.activations.base import Activation
from spatium.activations.catalogue import GELU, Swish
from spatium.activations.operations import RECORDS

_CLASSES: dict[str, Callable[..., Activation]] = {
    name: cls for cls in Activation.__subclasses__() for name in cls._names if cls is not GELU
}
_CLASSES |= {
    "gelu": GELU,
    "gelu_tanh": lambda: GELU("tanh"),
    "gelu_sigmoid": lambda: GELU("sigmoid"),
    "silu": Swish,
}


def activation(name: str, **parameters: Any) -> Activation:
    """Return the activation with this name and these parameters.

    Parameters
    ----------
    name : str
        One of `activations`, or the alias "silu".
    **parameters
        The parameters of the class.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.activation("leaky_relu", negative_slope=0.2)
    LeakyReLU(negative_slope=0.2)
    """
    factory = _CLASSES.get(name) if isinstance(name, str) else None
    if factory is None:
        raise ValueError(f"name is {name!r}, expected one of {', '.join(activations())}")
    try:
        return factory(**parameters)
    except TypeError as error:
        if "argument" not in str(error):
            raise
        allowed = "approximate" if factory is GELU else ", ".join(inspect.signature(factory).parameters) or "none"
        raise TypeError(f"{name} got parameters {', '.join(parameters) or 'none'}, expected {allowed}") from None


def activations() -> tuple[str, ...]:
    """Return the names of all activations, in the order of their codes.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.activations()[:3]
    ('relu', 'leaky_relu', 'sigmoid')
    """
    return tuple(RECORDS)
