"""The elementwise functions of tensors, with the names and the parameters of the functions of arrays."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Literal

import torch

from spatium.activations import Activation, activation
from spatium.activations.catalogue import gelu_name
from spatium.passes import Policy
from spatium.torch._elementwise import FAMILIES, number
from spatium.torch._library import Tensor, check_tensor, dimension

__all__ = ["gelu", "prelu", "silu"]  # and the functions that are made from the registry below

_DOC = """{summary}

{formula}

Parameters
----------
x : Tensor
    A tensor on the CPU, of float16, bfloat16, float32 or float64, of any shape and strides.
{parameters}save : {{"input", "output", "bits"}}, optional
    The data that is kept for the gradient: x, the result, or one bit per element (and the result, if f has a minimum).
    The default is "bits" if no other data is needed, and otherwise "input".

Returns
-------
Tensor
    A tensor with the shape and the dtype of x, and the bits that ``sp.{name}`` returns for the same numbers.

Raises
------
TypeError
    If x is no such tensor; if f′ cannot be computed from the data that `save` keeps.
ValueError
    If a number is outside the domain of its parameter, `save` is not a policy, or the shapes do not match.

See Also
--------
spatium.{cls} : source and special values.

Examples
--------
>>> import torch, spatium.torch as st
>>> x = torch.tensor([-1.0, 0.5], requires_grad=True)
>>> st.{name}(x).sum().backward()
>>> x.grad.dtype
torch.float32
"""

_PARAMETERS = """{names} : float or Tensor
    A tensor is broadcast against x. It gets a gradient, which cannot be differentiated again, and `save` must be
    "input" then. The numbers in a tensor are not checked.
"""


def constructor_parameters(cls: type[Activation]) -> list[inspect.Parameter]:
    """Return the parameters of the class of an activation, with their defaults."""
    return list(inspect.signature(cls).parameters.values())


def docstring(name: str, cls: type[Activation], parameters: str) -> str:
    """Return the docstring of the function `name` of tensors."""
    text = inspect.getdoc(cls) or ""
    formula = cls._formula(name if name in cls._names else cls._names[0])
    return _DOC.format(
        summary=text.partition("\n")[0], formula=f"{formula}.", parameters=parameters, cls=cls.__name__, name=name
    )


def _completed(
    name: str, parameters: Sequence[inspect.Parameter], values: tuple[Any, ...], named: dict[str, Any]
) -> list[Any]:
    """Return the value of each parameter; one whose default is None has the value of the parameter before it."""
    if len(values) > len(parameters):
        raise TypeError(f"{name} got {len(values)} parameters, expected at most {len(parameters)}")
    completed = list(values)
    for parameter in parameters[len(values) :]:
        value = named.pop(parameter.name, parameter.default)
        completed.append(completed[-1] if value is None else value)
    if named:
        expected = ", ".join([parameter.name for parameter in parameters] + ["save"])
        raise TypeError(f"{name} got the arguments {', '.join(named)}, expected {expected}, each once")
    return completed


def _function(name: str) -> Any:
    """Return the function of tensors for the activation `name`."""
    family, cls = FAMILIES[name], type(activation(name))
    parameters = constructor_parameters(cls)

    def function(x: Tensor, /, *values: Any, save: Policy | None = None, **named: Any) -> Tensor:
        if parameters or values or named:
            return family(x, _completed(name, parameters, values, named), save)
        return family(x, (), save)

    names = ", ".join(parameter.name for parameter in parameters)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = docstring(name, cls, _PARAMETERS.format(names=names) if names else "")
    x = inspect.Parameter("x", inspect.Parameter.POSITIONAL_ONLY)
    save = inspect.Parameter("save", inspect.Parameter.KEYWORD_ONLY, default=None)
    function.__signature__ = inspect.Signature([x, *parameters, save])  # type: ignore[attr-defined]
    return function


for _name in FAMILIES:
    if not _name.startswith("gelu"):
        globals()[_name] = _function(_name)
        globals()[_name].__module__ = "spatium.torch"
        __all__ += [_name]
__all__.sort()
del _name


def gelu(
    x: Tensor, /, approximate: Literal["none", "tanh", "sigmoid"] = "none", *, save: Policy | None = None
) -> Tensor:
    """Gaussian error linear unit, exact or in one of its two approximations.

    gelu(x) = x·Φ(x). The approximations are those of `spatium.gelu`.

    Parameters
    ----------
    x : Tensor
        A tensor on the CPU, of float16, bfloat16, float32 or float64, of any shape and strides.
    approximate : {"none", "tanh", "sigmoid"}
    save : {"input", "bits"}, optional
        The data that is kept for the gradient: x, or the result and one bit per element. The default is "input".

    Returns
    -------
    Tensor
        A tensor with the shape and the dtype of x, and the bits that ``sp.gelu`` returns for the same numbers.

    Raises
    ------
    TypeError
        If x is no such tensor, or f′ cannot be computed from the data that `save` keeps.
    ValueError
        If `approximate` or `save` is not one of these.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.gelu(torch.tensor([-6.0, 1.0], dtype=torch.float64))
    tensor([-5.9195e-09,  8.4134e-01], dtype=torch.float64)
    """
    return FAMILIES[gelu_name(approximate)](x, (), save)


def silu(x: Tensor, /, *, save: Policy | None = None) -> Tensor:
    """Swish without a parameter: x·σ(x). The arguments are those of `swish`.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.silu(torch.tensor(-float("inf")))
    tensor(-0.)
    """
    return FAMILIES["swish"](x, (1.0,), save)


def prelu(x: Tensor, /, weight: Any, channel_axis: int = 1) -> Tensor:
    """Leaky rectified linear unit with one slope per channel: x if x > 0 else weight·x.

    Parameters
    ----------
    x : Tensor
        A tensor on the CPU, of float16, bfloat16, float32 or float64, of any shape and strides.
    weight : Tensor or float
        One slope, or one slope per channel of x. A tensor gets a gradient, which cannot be differentiated again.
    channel_axis : int
        The axis of the channels in x; the default 1 is that of PyTorch.

    Returns
    -------
    Tensor
        A tensor with the shape and the dtype of x, and the bits that ``sp.prelu`` returns for the same numbers.

    Raises
    ------
    TypeError
        If x is no such tensor.
    ValueError
        If weight does not have one dimension, or another number of slopes than x has channels.
    IndexError
        If x does not have this axis.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.prelu(-torch.ones(1, 2), torch.tensor([0.25, 0.5]))
    tensor([[-0.2500, -0.5000]])
    """
    family = FAMILIES["leaky_relu"]
    if not isinstance(weight, torch.Tensor):
        return family(x, (number("weight", weight),), None)
    check_tensor("x", x)
    if weight.numel() == 1:
        return family(x, (weight.reshape(()),), None)
    if weight.dim() != 1:
        raise ValueError(f"weight has shape {tuple(weight.shape)}, expected one dimension, with one slope per channel")
    axis = dimension("x", x, channel_axis)
    if x.shape[axis] != weight.shape[0]:
        raise ValueError(f"weight has {weight.shape[0]} slopes, expected {x.shape[axis]}, one per channel of x")
    return family(x, (weight.reshape(-1, *(1,) * (x.dim() - axis - 1)),), None)
