"""Access to activations by name."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from spatium.activations.base import Activation, number_text
from spatium.activations.catalogue import GELU, Swish
from spatium.activations.custom import Custom
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
        One of `activations`, or the alias "silu". Upper and lower case, underscores and hyphens make no difference, so
        the name of the class is accepted too.
    **parameters
        The parameters of the class.

    Raises
    ------
    ValueError
        If there is no such activation; the message suggests a similar name.
    TypeError
        If the activation does not have these parameters.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.activation("leaky_relu", negative_slope=0.2)
    LeakyReLU(negative_slope=0.2)
    >>> sp.activation("GELU")
    GELU()
    """
    return _make("name", name, parameters)


def as_activation(name: str, value: object) -> Activation:
    """Return the argument `name`, which is an activation or the name of one, as an activation."""
    if isinstance(value, Activation):
        return value
    if isinstance(value, str):
        return _make(name, value, {})
    raise TypeError(f"{name} is {value!r}, expected an activation or the name of one")


def short_name(act: Activation) -> str:
    """Return the class and the parameters with four digits each, or the name of a custom activation."""
    if isinstance(act, Custom):
        return act.name
    shown = ", ".join(f"{name}={number_text(value, 4)}" for name, value in act.parameters.items())
    return f"{type(act).__name__}({shown})" if shown else repr(act).removesuffix("()")


def is_name(text: str) -> bool:
    """Return whether this is the name of an activation."""
    return _key(text) in _BY_KEY


def as_activations(name: str, values: object) -> list[Activation]:
    """Return the argument `name`, which is one or several activations or names, as a list of activations."""
    if isinstance(values, Activation | str):
        return [as_activation(name, values)]
    if not isinstance(values, Iterable):
        raise TypeError(f"{name} is {values!r}, expected activations or names of activations")
    return [as_activation(f"{name}[{i}]", value) for i, value in enumerate(values)]


def similar_names(name: str) -> list[str]:
    """Return the names of activations that a misspelled name may mean, the most similar one first."""
    known = {_key(one): one for one in _CLASSES}
    return [known[key] for key in difflib.get_close_matches(_key(name), known)]


def _key(name: str) -> str:
    return name.strip().lower().replace("_", "").replace("-", "")


_BY_KEY = {_key(name): factory for name, factory in _CLASSES.items()}


def _make(argument: str, name: str, parameters: dict[str, Any]) -> Activation:
    """Return the activation with the name that was passed as `argument`."""
    factory = _BY_KEY.get(_key(name)) if isinstance(name, str) else None
    if factory is None:
        if isinstance(name, str) and _key(name) == "softmax":
            raise ValueError(
                f"{argument} is {name!r}, which needs whole rows: use sp.softmax, or in networks the layer nn.Softmax()"
            )
        if isinstance(name, str) and (similar := similar_names(name)):
            raise ValueError(f"{argument} is {name!r}, did you mean {similar[0]!r}? sp.activations() lists all names")
        raise ValueError(f"{argument} is {name!r}, expected one of {', '.join(activations())}")
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
