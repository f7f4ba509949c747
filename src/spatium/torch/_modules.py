"""Modules of activations, and their exchange in models."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import torch

from spatium._checks import whole_number
from spatium.activations import Activation, activation
from spatium.passes import Policy
from spatium.torch import _functions, _gates, _rows
from spatium.torch._elementwise import FAMILIES
from spatium.torch._functions import constructor_parameters, docstring
from spatium.torch._library import Tensor, check_tensor, dimension

__all__ = ["Elementwise", "PReLU", "SiLU", "replace"]  # and the modules that are made below

_Module: Any = torch.nn.Module


class Elementwise(_Module):  # type: ignore[misc]  # PyTorch is not installed where the types are checked
    """The base class of the modules of activations; as such, a module of any activation.

    Parameters
    ----------
    act : Activation
        An activation of spatium, such as ``sp.ELU(0.5)``, except `Custom`.
    learn : bool or sequence of str
        Whether the parameters of the activation are trained, or the names of those that are. They become
        `torch.nn.Parameter` objects.
    channels : int, optional
        The number of channels, if each has a trained value of its own.
    channel_axis : int
        The axis of the channels.
    save : {"input", "output", "bits"}, optional
        The data that is kept for the gradient, as in the functions; not with trained parameters.

    Attributes
    ----------
    activation : Activation
        The activation, with the initial values of its parameters.

    Raises
    ------
    TypeError
        If `act` is no such activation, has no such parameters, or f′ cannot be computed from what `save` keeps.

    Examples
    --------
    >>> import torch, spatium as sp, spatium.torch as st
    >>> module = st.Elementwise(sp.Snake(2.0), learn=["alpha"], channels=3)
    >>> module(torch.zeros(5, 3)).shape, [name for name, _ in module.named_parameters()]
    (torch.Size([5, 3]), ['alpha'])
    """

    def __init__(
        self,
        act: Activation,
        learn: bool | Sequence[str] = False,
        channels: int | None = None,
        channel_axis: int = 1,
        save: Policy | None = None,
    ) -> None:
        super().__init__()
        if not isinstance(act, Activation) or act.name not in FAMILIES:
            raise TypeError(f"act is {act!r}, expected one of spatium's own activations")
        names = tuple(act.parameters)
        learned = (names if learn else ()) if isinstance(learn, bool) else tuple(learn)
        if unknown := set(learned) - set(names):
            raise TypeError(f"{act.name} has no parameter {', '.join(sorted(unknown))}, expected {names or 'none'}")
        if learned and save not in (None, "input"):
            raise TypeError(f"save is {save!r}, expected 'input' or None, because parameters are trained")
        if channels is not None and not learned:
            raise TypeError("channels is given, but no parameter is trained")
        act.check_save(save)
        self.activation = act
        self.learned = learned
        self.channels = None if channels is None else whole_number("channels", channels)
        self.channel_axis = channel_axis
        self.save = save
        for name in learned:
            shape = () if channels is None else (channels,)
            setattr(self, name, torch.nn.Parameter(torch.full(shape, float(act.parameters[name]))))

    def forward(self, x: Tensor) -> Tensor:
        """Return f(x)."""
        values: list[Any] = list(self.activation._arguments)
        if self.learned:
            after = 0 if self.channels is None else self._axes_after_channels(x)
            for position, name in enumerate(self.activation._domains):
                if name in self.learned:
                    parameter = getattr(self, name)
                    values[position] = parameter if self.channels is None else parameter.reshape(-1, *(1,) * after)
        return FAMILIES[self.activation.name](x, values, self.save)

    def _axes_after_channels(self, x: Tensor) -> int:
        check_tensor("x", x)
        axis = dimension("x", x, self.channel_axis)
        if x.shape[axis] != self.channels:
            raise ValueError(f"x has {x.shape[axis]} channels along axis {axis}, expected {self.channels}")
        return int(x.dim() - axis - 1)

    def extra_repr(self) -> str:
        """Return the arguments of the constructor, as in the text of the activation."""
        text = repr(self.activation).partition("(")[2].removesuffix(")")
        own = {"learn": list(self.learned) or None, "channels": self.channels, "save": self.save}
        return ", ".join(
            [text] * bool(text) + [f"{name}={value!r}" for name, value in own.items() if value is not None]
        )


class SiLU(Elementwise):
    """Swish without a parameter; see `Swish`.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.SiLU()(torch.tensor(0.0))
    tensor(0.)
    """

    def __init__(self, save: Policy | None = None) -> None:
        super().__init__(activation("silu"), save=save)


class PReLU(_Module):  # type: ignore[misc]
    """Leaky rectified linear unit with trained slopes, as `torch.nn.PReLU`.

    Parameters
    ----------
    num_parameters : int
        1, or the number of channels.
    init : float
        The initial slope.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.PReLU(2)(-torch.ones(1, 2)).detach()
    tensor([[-0.2500, -0.2500]])
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        super().__init__()
        self.num_parameters = whole_number("num_parameters", num_parameters)
        self.weight = torch.nn.Parameter(torch.full((num_parameters,), float(init)))

    def forward(self, x: Tensor) -> Tensor:
        """Return f(x)."""
        return _functions.prelu(x, self.weight)

    def extra_repr(self) -> str:
        """Return the number of slopes."""
        return f"num_parameters={self.num_parameters}"


# ---- the modules of the registry ----

_DOC = """{summary}Parameters
----------
{parameters}save : {{"input", "output", "bits"}}, optional
    The data that is kept for the gradient, as in the functions.

See Also
--------
spatium.{cls} : source and special values.

Examples
--------
>>> import torch, spatium.torch as st
>>> st.{cls}()(torch.zeros(2, 3)).shape
torch.Size([2, 3])
"""

_LEARN = """learn, channels, channel_axis
    As in `Elementwise`: the parameters can be trained, each with one value or with one per channel.
"""


def _class_of(cls: type[Activation]) -> Any:
    """Return the module class with the parameters of an activation class."""
    name = "gelu" if "gelu" in cls._names else cls._names[0]
    own = constructor_parameters(cls)
    more = [p for p in inspect.signature(Elementwise).parameters.values() if p.name != "act"]
    if not cls._domains:
        more = [p for p in more if p.name == "save"]
    more_names = {p.name for p in more}

    def initialize(self: Any, *values: Any, **named: Any) -> None:
        rest = {key: named.pop(key) for key in more_names & named.keys()}
        Elementwise.__init__(self, cls(*values, **named), **rest)

    text = docstring(name, cls, "")
    summary = text[: text.index("Parameters\n")]
    names = ", ".join(p.name for p in own)
    documentation = _DOC.format(
        summary=summary,
        parameters=f"{names}\n    The parameters of `spatium.{cls.__name__}`.\n{_LEARN * bool(cls._domains)}"
        if names
        else "",
        cls=cls.__name__,
    )
    first = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    keyword_only = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in more]
    initialize.__signature__ = inspect.Signature([first, *own, *keyword_only])  # type: ignore[attr-defined]
    return type(cls.__name__, (Elementwise,), {"__init__": initialize, "__doc__": documentation})


class _OfFunction(_Module):  # type: ignore[misc]
    """A module that calls a function of tensors with the keywords of its constructor."""

    _function: ClassVar[Callable[..., Tensor]]

    def __init__(self, **keywords: Any) -> None:
        super().__init__()
        self.keywords = keywords

    def forward(self, *tensors: Tensor) -> Tensor:
        """Return the function of the tensors."""
        return type(self)._function(*tensors, **self.keywords)

    def extra_repr(self) -> str:
        """Return the keywords."""
        return ", ".join(f"{name}={value!r}" for name, value in self.keywords.items())


def _class_of_function(name: str, function: Callable[..., Tensor], tensors: Sequence[str]) -> Any:
    """Return the module class of a function of one or two tensors."""
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name not in tensors]

    def initialize(self: Any, *values: Any, **named: Any) -> None:
        bound = signature.bind(self, *values, **named)
        bound.apply_defaults()
        _OfFunction.__init__(self, **{p.name: bound.arguments[p.name] for p in parameters})

    first = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    signature = inspect.Signature([first, *parameters])
    initialize.__signature__ = signature  # type: ignore[attr-defined]
    summary = (inspect.getdoc(function) or "").partition("\n")[0]
    zeros = ", ".join(["torch.zeros(2, 4)"] * len(tensors))
    documentation = (
        f"{summary}\n\nA module that calls `{function.__name__}` with the parameters of its constructor.\n\n"
        f"Examples\n--------\n>>> import torch, spatium.torch as st\n>>> st.{name}()({zeros}).shape[0]\n2\n"
    )
    content = {"__init__": initialize, "__doc__": documentation, "_function": staticmethod(function)}
    return type(name, (_OfFunction,), content)


COUPLED: dict[str, tuple[Callable[..., Tensor], tuple[str, ...]]] = {
    "Softmax": (_rows.softmax, ("x",)),
    "Softmin": (_rows.softmin, ("x",)),
    "Hardmax": (_rows.hardmax, ("x",)),
    "LogSoftmax": (_rows.log_softmax, ("x",)),
    "LogSumExp": (_rows.logsumexp, ("x",)),
    "GLU": (_gates.glu, ("x",)),
    "GaussianGLU": (_gates.gaussian_glu, ("x",)),
    "ReGLU": (_gates.reglu, ("gate", "value")),
    "GEGLU": (_gates.geglu, ("gate", "value")),
    "SwiGLU": (_gates.swiglu, ("gate", "value")),
    "TimeAwareTanh": (_gates.time_aware_tanh, ("x", "t")),
    "GatedTanh": (_gates.gated_tanh, ("x", "h")),
}

_CLASSES = {type(activation(name)).__name__: _class_of(type(activation(name))) for name in FAMILIES}
_CLASSES |= {name: _class_of_function(name, *entry) for name, entry in COUPLED.items()}
for _name, _class in _CLASSES.items():
    _class.__module__ = "spatium.torch"
    globals()[_name] = _class
    __all__ += [_name]
__all__.sort()
del _name, _class


# ---- replacing modules of PyTorch ----

_Replacement = tuple[Any, Callable[[Any], Any]]


def _own(name: str, *attributes: str) -> _Replacement:
    """Return our class, and the function that makes its module from one of PyTorch with the same attributes."""
    cls = _CLASSES[name]
    return cls, lambda module: cls(**{attribute: getattr(module, attribute) for attribute in attributes})


def _along_axis(name: str) -> _Replacement:
    cls, make = _own(name, "dim")

    def checked(module: Any) -> Any:
        if module.dim is None:
            raise ValueError(f"{module} has dim=None, expected a number: PyTorch guesses the axis, spatium does not")
        return make(module)

    return cls, checked


def _prelu(module: Any) -> PReLU:
    made = PReLU(module.num_parameters)
    made.weight = module.weight  # the same parameter, so that an optimizer that has it trains the new module
    return made


# For each class of PyTorch, the class of ours that computes the same.
_SAME: dict[Any, _Replacement] = {
    torch.nn.ReLU: _own("ReLU"),
    torch.nn.LeakyReLU: _own("LeakyReLU", "negative_slope"),
    torch.nn.PReLU: (PReLU, _prelu),
    torch.nn.Sigmoid: _own("Sigmoid"),
    torch.nn.Tanh: _own("Tanh"),
    torch.nn.GELU: _own("GELU", "approximate"),
    torch.nn.SiLU: (SiLU, lambda module: SiLU()),
    torch.nn.Mish: _own("Mish"),
    torch.nn.ELU: _own("ELU", "alpha"),
    torch.nn.SELU: _own("SELU"),
    torch.nn.CELU: _own("CELU", "alpha"),
    torch.nn.Softplus: _own("Softplus", "beta"),
    torch.nn.Hardsigmoid: _own("HardSigmoid"),
    torch.nn.Hardtanh: _own("HardTanh", "min_val", "max_val"),
    torch.nn.Hardswish: _own("HardSwish"),
    torch.nn.ReLU6: _own("ReLU6"),
    torch.nn.Threshold: _own("Threshold", "threshold", "value"),
    torch.nn.LogSigmoid: _own("LogSigmoid"),
    torch.nn.Softsign: _own("SoftSign"),
    torch.nn.Tanhshrink: _own("TanhShrink"),
    torch.nn.Hardshrink: _own("HardShrink", "lambd"),
    torch.nn.Softshrink: _own("SoftShrink", "lambd"),
    torch.nn.GLU: _own("GLU", "dim"),
    torch.nn.Softmax: _along_axis("Softmax"),
    torch.nn.Softmin: _along_axis("Softmin"),
    torch.nn.LogSoftmax: _along_axis("LogSoftmax"),
}


def _maker(kind: Any, new: Any) -> Callable[[Any], Any]:
    """Return the function that makes the replacement of a module of the class `kind`."""
    if not isinstance(kind, type) or not issubclass(kind, torch.nn.Module):
        raise TypeError(f"mapping holds {kind!r}, expected classes of modules")
    if not isinstance(new, type):
        if isinstance(new, torch.nn.Module) or not callable(new):
            raise TypeError(f"mapping[{kind.__name__}] is {new!r}, expected a class or a function of the old module")
        return new  # type: ignore[no-any-return]
    same, make = _SAME.get(kind, (None, None))
    return make if new is same and make is not None else lambda module: new()


def replace(model: Any, mapping: Mapping[Any, Any] | None = None) -> Any:
    """Replace the activations of a model by modules of spatium.

    Parameters
    ----------
    model : torch.nn.Module
        The model, which is changed.
    mapping : dict, optional
        From the class of a module to a class of spatium, or to a function that gets the old module and returns the new
        one. If both classes compute the same function, the new module gets the parameters of the old one; otherwise its
        defaults. Without a mapping, each activation of PyTorch that spatium has is replaced by the same one.

    Returns
    -------
    torch.nn.Module
        The model, or the new module if the model itself is replaced.

    Raises
    ------
    TypeError
        If the model is no module, or the mapping contains something else.
    ValueError
        If a module of softmax has no axis.

    Notes
    -----
    Only modules of exactly these classes are found, not functions that the `forward` of a module calls, as that of
    `torch.nn.TransformerEncoderLayer` does. A module in several places is replaced by one module in the same places.
    The new modules never work in place. PyTorch's Softplus is linear beyond a threshold, and spatium's is not.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.GELU(approximate="tanh"))
    >>> st.replace(model, {torch.nn.GELU: st.GELU})[1]
    GELU(approximate='tanh')
    """
    if not isinstance(model, torch.nn.Module):
        raise TypeError(f"model is {type(model).__name__}, expected a torch.nn.Module")
    if mapping is None:
        mapping = {kind: cls for kind, (cls, _) in _SAME.items()}
    makers = {kind: _maker(kind, new) for kind, new in mapping.items()}
    made: dict[Any, Any] = {}

    def new_of(module: Any) -> Any:
        if module not in made:
            new = makers[type(module)](module)
            new.train(module.training)
            made[module] = new
        return made[module]

    if type(model) in makers:
        return new_of(model)
    for parent in list(model.modules()):
        for name, child in list(parent._modules.items()):
            if child is not None and type(child) in makers:
                parent._modules[name] = new_of(child)
    return model
