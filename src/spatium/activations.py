"""The value objects: an activation with its parameters, and everything that can be computed of it.

One class per function. The class docstring holds the formula, its source and an example; the function's ufuncs are made
from the C registry when the class is defined, with docstrings made from the class's.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _engine

GradientSource = Literal["output", "output+bit", "input"]
Array = NDArray[Any]
Out = NDArray[Any] | None


# ---- parameters ----

_DOMAINS: dict[str, tuple[Callable[[float], bool], str]] = {
    "positive": (lambda v: 0.0 < v < math.inf, "a finite number above 0"),
    "nonnegative": (lambda v: 0.0 <= v < math.inf, "a finite number of at least 0"),
    "finite": (math.isfinite, "a finite number"),
    "number": (lambda v: not math.isnan(v), "a number, not NaN"),
}


def check_scalar(name: str, value: Any, domain: str) -> float:
    """Return the parameter `value` as a float, or raise an error that names it."""
    if isinstance(value, (bool, str, bytes)) or np.ndim(value) != 0:
        raise TypeError(f"{name} is {value!r}, expected a real number")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} is {value!r}, expected a real number") from None
    inside, expected = _DOMAINS[domain]
    if not inside(number):
        raise ValueError(f"{name} is {number!r}, expected {expected}")
    return number


# ---- ufuncs of the registry ----


class Operations(NamedTuple):
    """The ufuncs of one activation; the last two are None where the output does not determine the derivative."""

    value: np.ufunc
    derivative: np.ufunc
    value_and_derivative: np.ufunc
    backward: np.ufunc
    derivative_from_output: np.ufunc | None
    backward_from_output: np.ufunc | None


OPERATIONS: dict[str, Operations] = {}
_RECORDS = {record.name: record for record in _engine.registry()}

_WHAT = {
    "value": ("x", "Evaluate {name} elementwise: {formula}."),
    "derivative": ("x", "Evaluate the derivative of {name} elementwise, from its input."),
    "value_and_derivative": ("x", "Evaluate {name} and its derivative in one pass; two outputs."),
    "backward": ("grad, x", "Evaluate grad times the derivative of {name} at x, in one pass."),
    "derivative_from_output": ("y", "Evaluate the derivative of {name} from its output y alone."),
    "backward_from_output": ("grad, y", "Evaluate grad times the derivative of {name}, from its output y alone."),
}


def _ufunc_docstring(name: str, operation: str, parameters: list[str], cls: type[Activation]) -> str:
    arguments, sentence = _WHAT[operation]
    function = name if operation == "value" else f"{name}_{operation}"
    formula = cls._formula(name)
    arrays = arguments.split(", ")
    call = f"sp.ufuncs.{function}({', '.join(['np.array([-1.0, 2.0])'] * len(arrays) + ['0.5'] * len(parameters))})"
    inputs = "".join(
        f"{array} : array_like\n    float16, float32, float64 (integers as in NumPy's own ufuncs), any shape.\n"
        for array in arrays
    ) + "".join(
        f"{parameter} : array_like of float64\n    Parameter, broadcast against x; does not widen the result.\n"
        for parameter in parameters
    )
    outputs = "y, dy" if operation == "value_and_derivative" else "y" if operation == "value" else "dy"
    return f"""{function}({", ".join(arrays + parameters)}, /, out=None, *, where=True, **ufunc_keywords)

{sentence.format(name=name, formula=formula)}

Parameters
----------
{inputs}
Returns
-------
{outputs} : ndarray
    Of the dtype of the arrays and the broadcast shape.

See Also
--------
spatium.{cls.__name__} : formula, source and special values.

Examples
--------
>>> import numpy as np, spatium as sp
>>> result = {call}
"""


def _make_operations(name: str, cls: type[Activation]) -> Operations:
    record = _RECORDS[name]
    parameters = list(cls._domains)
    if len(parameters) != record.n_parameters:
        raise TypeError(f"{cls.__name__} has parameters {parameters}, the C list {record.n_parameters}")
    made: list[Any] = [
        None
        if "from_output" in operation and not record.from_output
        else _engine.make_ufunc(record.code, operation, _ufunc_docstring(name, operation, parameters, cls))
        for operation in _engine.OPERATIONS
    ]
    return Operations(*made)


# ---- the base class ----


class Activation:
    """An elementwise function with its parameters: immutable, hashable, comparable, picklable.

    The public activations are subclasses, one per function; `Custom` wraps a user's own.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> act = sp.ELU(alpha=0.5)
    >>> y, dy = act.value_and_derivative(np.array([-1.0, 2.0]))
    >>> bool((act.derivative_from_output(y) == dy).all()), act.gradient_from
    (True, 'output')
    """

    __slots__ = ("_arguments", "_ufuncs", "name")

    name: str
    _arguments: tuple[float, ...]
    _ufuncs: Operations
    _names: ClassVar[tuple[str, ...]] = ()
    _domains: ClassVar[dict[str, str]] = {}  # parameter -> domain, in the order of the ufunc's inputs
    _source: ClassVar[GradientSource] = "output+bit"

    def __init_subclass__(cls, names: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._names = names
        for name in names:
            OPERATIONS[name] = _make_operations(name, cls)

    @classmethod
    def _formula(cls, name: str) -> str:
        """The line `name(...) = ...` of the class docstring."""
        match = re.search(rf"^\s*({name}\(.*?\) = .*?)\.?$", inspect.getdoc(cls) or "", re.MULTILINE)
        return match.group(1) if match else name

    def _set(self, name: str, arguments: tuple[float, ...] = ()) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "_arguments", arguments)
        object.__setattr__(self, "_ufuncs", OPERATIONS[name])

    def __init__(self) -> None:
        self._set(self._names[0])

    def __setattr__(self, attribute: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: make a new one instead of setting {attribute}")

    def __delattr__(self, attribute: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    # -- identity --

    @property
    def code(self) -> int:
        """Number of the function in the C list; stored in saved maps."""
        return _RECORDS[self.name].code

    @property
    def parameters(self) -> Mapping[str, float]:
        """Parameters by name, in the order of the ufunc's inputs (read-only)."""
        return MappingProxyType(dict(zip(self._domains, self._arguments, strict=True)))

    @property
    def gradient_from(self) -> GradientSource:
        """What the derivative can be computed from: "output", "output+bit" or "input"."""
        return self._source

    def _key(self) -> tuple[Any, ...]:
        return (self.name, *self._arguments)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Activation) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.parameters.items())})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), self._arguments)

    # -- evaluation --

    def __call__(self, x: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return f(x), elementwise, in the dtype of x; `out` may be x itself."""
        return self._ufuncs.value(x, *self._arguments, out=out, where=where)

    def derivative(self, x: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return f′(x), elementwise; the kinks' values are in the class docstring."""
        return self._ufuncs.derivative(x, *self._arguments, out=out, where=where)

    def value_and_derivative(
        self, x: ArrayLike, out: tuple[Out, Out] | None = None, where: Any = True
    ) -> tuple[Any, Any]:
        """Return (f(x), f′(x)), computed in one pass."""
        result = self._ufuncs.value_and_derivative(x, *self._arguments, out=out or (None, None), where=where)
        return result[0], result[1]

    def backward(self, grad: ArrayLike, x: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return grad·f′(x), computed in one pass; `out` may be grad or x."""
        return self._ufuncs.backward(grad, x, *self._arguments, out=out, where=where)

    def _output_ufunc(self, operation: str) -> np.ufunc:
        ufunc: np.ufunc | None = getattr(self._ufuncs, operation) if self.gradient_from == "output" else None
        if ufunc is None:
            reason = (
                "two inputs share each output, so it takes one more bit per element (the side of the minimum)"
                if self.gradient_from == "output+bit"
                else "many inputs share each output"
            )
            raise TypeError(f"{self!r} has no derivative from its output alone: {reason}; use the input")
        return ufunc

    def derivative_from_output(self, y: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return f′ from the output y = f(x); TypeError where the output does not determine it."""
        return self._output_ufunc("derivative_from_output")(y, *self._arguments, out=out, where=where)

    def backward_from_output(self, grad: ArrayLike, y: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return grad·f′ from the output y = f(x); TypeError where the output does not determine it."""
        return self._output_ufunc("backward_from_output")(grad, y, *self._arguments, out=out, where=where)

    # -- gradients of the parameters --

    def _parameter_derivatives(self, x: NDArray[np.float64]) -> tuple[Array, ...]:
        """∂f/∂p at x for each parameter, in the order of `parameters`."""
        return ()

    def parameter_gradients(self, grad: ArrayLike, x: ArrayLike) -> dict[str, np.float64]:
        """Return the gradient of each parameter: the sum of grad·∂f/∂p over all elements.

        Parameters
        ----------
        grad, x
            Gradient with respect to the output, and the input; they broadcast.

        Returns
        -------
        dict
            A float64 per parameter. Accumulated in float64 over blocks of fixed borders, so that the sum does not
            depend on the number of threads.

        Examples
        --------
        >>> import spatium as sp
        >>> sp.LeakyReLU(0.1).parameter_gradients([1.0, 1.0, 2.0], [3.0, -1.0, -2.0])
        {'negative_slope': np.float64(-5.0)}
        """
        g, values = np.broadcast_arrays(_real_array("grad", grad), _real_array("x", x))
        sums: list[list[float]] = [[] for _ in self._domains]
        block = 1 << 14
        if self._domains:
            flat_g, flat_x = g.flat, values.flat
            for start in range(0, values.size, block):
                part = np.asarray(flat_x[start : start + block], dtype=np.float64)
                weight = np.asarray(flat_g[start : start + block], dtype=np.float64)
                for total, derivative in zip(sums, self._parameter_derivatives(part), strict=True):
                    total.append(float(np.sum(weight * derivative)))
        return {name: np.float64(math.fsum(total)) for name, total in zip(self._domains, sums, strict=True)}


def _real_array(name: str, value: ArrayLike) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "fiub" and array.dtype.name != "bfloat16":
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers")
    return array


# ---- the activations, in the order of their codes ----


class ReLU(Activation, names=("relu",)):
    """Rectified linear unit.

    relu(x) = x if x > 0 else 0

    The derivative at 0 is 0. Limits 0 and inf. Exact. [1]_

    References
    ----------
    .. [1] Nair, Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.ReLU()([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """

    __slots__ = ()
    _source = "output"


class LeakyReLU(Activation, names=("leaky_relu",)):
    """Rectified linear unit with a slope on the negative side.

    leaky_relu(x, negative_slope) = x if x > 0 else negative_slope·x

    The derivative at 0 is `negative_slope`. Half an ulp. The derivative follows from the output if the slope is
    positive. [1]_

    Parameters
    ----------
    negative_slope : float
        Any number but NaN; 0.01 means 0.01, not its float32 rounding.

    References
    ----------
    .. [1] Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models", ICML 2013.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.LeakyReLU(negative_slope=0.25)([-2.0, 0.0, 3.0])
    array([-0.5,  0. ,  3. ])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"negative_slope": "finite"}

    def __init__(self, negative_slope: float = 0.01) -> None:
        self._set("leaky_relu", (check_scalar("negative_slope", negative_slope, "finite"),))

    @property
    def gradient_from(self) -> GradientSource:
        """What the derivative can be computed from: "output" if the slope is positive, else "input".

        Otherwise the output does not tell the sign of the input.
        """
        return "output" if self._arguments[0] > 0.0 else "input"

    def _parameter_derivatives(self, x: NDArray[np.float64]) -> tuple[Array, ...]:
        return (np.minimum(x, 0.0),)


class Sigmoid(Activation, names=("sigmoid",)):
    """Logistic function.

    sigmoid(x) = 1/(1 + e^−x)

    Limits 0 and 1; no overflow, and every digit in the lower tail, subnormal results included.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Sigmoid()([-100.0, 0.0])
    array([3.72007598e-44, 5.00000000e-01])
    """

    __slots__ = ()
    _source = "output"


class Tanh(Activation, names=("tanh",)):
    """Hyperbolic tangent.

    tanh(x) = (e^x − e^−x)/(e^x + e^−x)

    Limits −1 and 1.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Tanh()([-1.0, 0.0, 20.0])
    array([-0.76159416,  0.        ,  1.        ])
    """

    __slots__ = ()
    _source = "output"


_Approximate = Literal["none", "tanh", "sigmoid"]
_GELU_NAMES: dict[str, str] = {"none": "gelu", "tanh": "gelu_tanh", "sigmoid": "gelu_sigmoid"}


class GELU(Activation, names=("gelu_tanh", "gelu", "gelu_sigmoid")):
    """Gaussian error linear unit, exact or in one of its two published approximations.

    gelu(x) = x·Φ(x), Φ the standard normal distribution function

    gelu_tanh(x) = x·σ(2·√(2/π)·(x + 0.044715·x³)) = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))

    gelu_sigmoid(x) = x·σ(1.702·x)

    The tanh form is within 4.74e-4 of the exact one, but wrong by 84 % of the value at −5; the sigmoid form is within
    0.0204. All three keep their digits in the negative tail. Limits −0 and inf; one minimum. [1]_

    Parameters
    ----------
    approximate : {"none", "tanh", "sigmoid"}
        "none", the exact function, is the default as in PyTorch; JAX's default is "tanh".

    References
    ----------
    .. [1] Hendrycks, Gimpel, "Gaussian error linear units (GELUs)", arXiv:1606.08415.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.GELU()([-6.0, 1.0])
    array([-5.91952587e-09,  8.41344746e-01])
    """

    __slots__ = ()

    def __init__(self, approximate: _Approximate = "none") -> None:
        self._set(gelu_name(approximate))

    @property
    def approximate(self) -> str:
        """Which form: "none", "tanh" or "sigmoid"."""
        return {name: approximate for approximate, name in _GELU_NAMES.items()}[self.name]

    def __repr__(self) -> str:
        return "GELU()" if self.name == "gelu" else f"GELU(approximate={self.approximate!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (GELU, (self.approximate,))


def gelu_name(approximate: object) -> str:
    """Name of the GELU form in the registry."""
    name = _GELU_NAMES.get(approximate) if isinstance(approximate, str) else None
    if name is None:
        raise ValueError(f"approximate is {approximate!r}, expected 'none', 'tanh' or 'sigmoid'")
    return name


class Swish(Activation, names=("swish",)):
    """Self-gated linear unit; SiLU for beta = 1.

    swish(x, beta) = x·σ(beta·x)

    Limits −0 and inf for positive `beta`; one minimum, at beta·x = −1.27846. [1]_ [2]_

    Parameters
    ----------
    beta : float
        Any finite number.

    References
    ----------
    .. [1] Ramachandran, Zoph, Le, "Searching for activation functions", arXiv:1710.05941.
    .. [2] Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units", Neural Networks 107, 2018.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Swish()([-1.0, 0.0, 1.0])
    array([-0.26894142,  0.        ,  0.73105858])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"beta": "finite"}

    def __init__(self, beta: float = 1.0) -> None:
        self._set("swish", (check_scalar("beta", beta, "finite"),))

    def _parameter_derivatives(self, x: NDArray[np.float64]) -> tuple[Array, ...]:
        bounded = np.clip(x, -1e150, 1e150)  # x² stays finite where the slope is 0
        return (bounded * bounded * OPERATIONS["sigmoid"].derivative(self._arguments[0] * bounded),)


class Mish(Activation, names=("mish",)):
    """Self-regularised non-monotonic activation.

    mish(x) = x·tanh(log1p(e^x))

    Limits −0 and inf; one minimum, −0.30884 at −1.19243. [1]_

    References
    ----------
    .. [1] Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Mish()([-1.0, 0.0, 1.0])
    array([-0.30340146,  0.        ,  0.86509839])
    """

    __slots__ = ()


class ELU(Activation, names=("elu",)):
    """Exponential linear unit.

    elu(x, alpha) = x if x > 0 else alpha·expm1(x)

    The derivative at 0 is `alpha`. Limits −alpha and inf. [1]_

    Parameters
    ----------
    alpha : float
        At least 0.

    References
    ----------
    .. [1] Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units",
       ICLR 2016.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.ELU()([-1e-8, 2.0])
    array([-9.99999995e-09,  2.00000000e+00])
    """

    __slots__ = ()
    _source = "output"
    _domains: ClassVar[dict[str, str]] = {"alpha": "nonnegative"}

    def __init__(self, alpha: float = 1.0) -> None:
        self._set("elu", (check_scalar("alpha", alpha, "nonnegative"),))

    def _parameter_derivatives(self, x: NDArray[np.float64]) -> tuple[Array, ...]:
        return (np.expm1(np.minimum(x, 0.0)),)


class Softplus(Activation, names=("softplus",)):
    """Smooth rectifier.

    softplus(x, beta) = log1p(e^(beta·x))/beta

    No threshold beyond which it would turn linear: the same digits everywhere. Limits 0 and inf. [1]_

    Parameters
    ----------
    beta : float
        Above 0.

    References
    ----------
    .. [1] Dugas et al., "Incorporating second-order functional knowledge for better option pricing", NIPS 2000.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Softplus()([-100.0, 0.0, 100.0])
    array([3.72007598e-44, 6.93147181e-01, 1.00000000e+02])
    """

    __slots__ = ()
    _source = "output"
    _domains: ClassVar[dict[str, str]] = {"beta": "positive"}

    def __init__(self, beta: float = 1.0) -> None:
        self._set("softplus", (check_scalar("beta", beta, "positive"),))

    def _parameter_derivatives(self, x: NDArray[np.float64]) -> tuple[Array, ...]:
        # x·σ(βx) − f(x), with f(x) = max(x, 0) + f(−|x|): the large parts cancel before they are subtracted
        (beta,), low = self._arguments, -np.abs(x)
        sigmoid, value = OPERATIONS["sigmoid"].value(beta * low), OPERATIONS["softplus"].value(low, beta)
        bounded = np.maximum(low, -1e300)
        return ((bounded * sigmoid - value) / beta,)


class HardSigmoid(Activation, names=("hard_sigmoid",)):
    """Piecewise linear sigmoid.

    hard_sigmoid(x, slope, offset) = clip(slope·x + offset, 0, 1)

    The derivative is 0 at both ends. The defaults are PyTorch's; ONNX has slope 0.2. [1]_

    Parameters
    ----------
    slope, offset : float
        Any finite numbers.

    References
    ----------
    .. [1] Courbariaux, Bengio, David, "BinaryConnect", NIPS 2015.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.HardSigmoid()([-3.0, 0.0, 1.5])
    array([0.  , 0.5 , 0.75])
    """

    __slots__ = ()
    _source = "output"
    _domains: ClassVar[dict[str, str]] = {"slope": "finite", "offset": "finite"}

    def __init__(self, slope: float = 1 / 6, offset: float = 0.5) -> None:
        self._set("hard_sigmoid", (check_scalar("slope", slope, "finite"), check_scalar("offset", offset, "finite")))

    def _parameter_derivatives(self, x: NDArray[np.float64]) -> tuple[Array, ...]:
        value = self(x)
        inside = ((value > 0.0) & (value < 1.0)) | np.isnan(x)
        return np.where(inside, x, 0.0), np.where(np.isnan(x), x, inside)


class HardTanh(Activation, names=("hard_tanh",)):
    """Clipped identity.

    hard_tanh(x, min_val, max_val) = clip(x, min_val, max_val)

    The derivative is 0 at both ends. Exact. [1]_

    Parameters
    ----------
    min_val, max_val : float
        Bounds, the lower one first.

    References
    ----------
    .. [1] Collobert, "Large scale machine learning", PhD thesis, Université Paris VI, 2004.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.HardTanh()([-3.0, 0.5, 3.0])
    array([-1. ,  0.5,  1. ])
    """

    __slots__ = ()
    _source = "output"
    _domains: ClassVar[dict[str, str]] = {"min_val": "number", "max_val": "number"}

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        bounds = (check_scalar("min_val", min_val, "number"), check_scalar("max_val", max_val, "number"))
        check_bounds(*bounds)
        self._set("hard_tanh", bounds)

    def _parameter_derivatives(self, x: NDArray[np.float64]) -> tuple[Array, ...]:
        low, high = self._arguments
        unknown = np.isnan(x)
        return np.where(unknown, x, x < low), np.where(unknown, x, x > high)


def check_bounds(min_val: float, max_val: float) -> None:
    """Raise ValueError unless the bounds of `HardTanh` are in order."""
    if min_val > max_val:
        raise ValueError(f"min_val is {min_val!r} and max_val is {max_val!r}, expected min_val <= max_val")


class Sine(Activation, names=("sine",)):
    """Sine.

    sine(x) = sin x

    Full range reduction: right for every finite number. NaN with the floating-point flag "invalid" at ±inf. [1]_

    References
    ----------
    .. [1] Sitzmann et al., "Implicit neural representations with periodic activation functions", NeurIPS 2020.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Sine()([0.0, 1e22])
    array([ 0.        , -0.85220085])
    """

    __slots__ = ()
    _source = "input"


class HardSwish(Activation, names=("hard_swish",)):
    """Piecewise quadratic swish.

    hard_swish(x) = x·clip(x/6 + 1/2, 0, 1)

    The derivative is 0 at −3 and 1 at 3. Limits −0 and inf; one minimum, −3/8 at −3/2. [1]_

    References
    ----------
    .. [1] Howard et al., "Searching for MobileNetV3", ICCV 2019.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.HardSwish()([-1.5, 0.0, 3.0])
    array([-0.375,  0.   ,  3.   ])
    """

    __slots__ = ()


class HardGELU(Activation, names=("hard_gelu",)):
    """Piecewise quadratic, bounded GELU.

    hard_gelu(x) = min(x, 3) if x > 1.5 else x·(x + 1.5)/3 if x >= −1.5 else 0

    The derivative is −1/2 at −1.5, 3/2 at 1.5, 1 at 3 and 0 above. One minimum, −3/16 at −3/4. [1]_

    References
    ----------
    .. [1] Vaidyanathan et al., "Random-access neural compression of material textures", SIGGRAPH 2023.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.HardGELU()([-0.75, 1.5, 4.0])
    array([-0.1875,  1.5   ,  3.    ])
    """

    __slots__ = ()


SiLU = Swish


class Custom(Activation):
    """An activation made of a user's own NumPy functions, usable wherever an activation is.

    Parameters
    ----------
    value : callable
        Elementwise: takes an array, returns an array of the same shape.
    derivative : callable, optional
        Its derivative, in the same form. Without it everything that needs a derivative raises a TypeError.
    name : str, optional
        How it is printed and stored; by default the name of `value`.

    Notes
    -----
    Results are cast to the dtype the input would give (float32 for float32). Two custom activations are equal when
    their functions and names are. Maps save a custom activation by its name only.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> cube = sp.Custom(lambda x: x**3, lambda x: 3 * x**2, name="cube")
    >>> cube([1.0, 2.0]), cube.derivative([1.0, 2.0])
    (array([1., 8.]), array([ 3., 12.]))
    """

    __slots__ = ("_derivative", "_value")

    _value: Callable[[Array], Any]
    _derivative: Callable[[Array], Any] | None
    _source = "input"

    def __init__(
        self,
        value: Callable[[Array], Any],
        derivative: Callable[[Array], Any] | None = None,
        name: str | None = None,
    ) -> None:
        for argument, function in (("value", value), ("derivative", derivative)):
            if function is not None and not callable(function):
                raise TypeError(f"{argument} is {function!r}, expected a function of an array")
        if value is None:
            raise TypeError("value is None, expected a function of an array")
        label = getattr(value, "__name__", "custom") if name is None else name
        if not isinstance(label, str) or not label:
            raise TypeError(f"name is {name!r}, expected a string that is not empty")
        object.__setattr__(self, "name", label)
        object.__setattr__(self, "_arguments", ())
        object.__setattr__(self, "_value", value)
        object.__setattr__(self, "_derivative", derivative)

    @property
    def code(self) -> int:
        """−1: not in the C list."""
        return -1

    def _key(self) -> tuple[Any, ...]:
        return ("custom", self.name, self._value, self._derivative)

    def __repr__(self) -> str:
        return f"Custom({self._value!r}, {self._derivative!r}, name={self.name!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Custom, (self._value, self._derivative, self.name))

    def _evaluate(self, function: Callable[[Array], Any], x: Array, what: str) -> Array:
        result = np.asarray(function(x))
        if result.shape != x.shape:
            raise ValueError(f"{what} of {self.name!r} returned shape {result.shape} for shape {x.shape}")
        return result.astype(x.dtype, copy=False)

    def _input(self, name: str, x: ArrayLike) -> Array:
        array = _real_array(name, x)
        # the dtype a ufunc of the library would give
        return array.astype(np.result_type(OPERATIONS["relu"].value.resolve_dtypes((array.dtype, None))[1]), copy=False)

    @staticmethod
    def _deliver(result: Array, out: Out, where: Any) -> Any:
        if out is None and where is True:
            return result[()]
        if out is None:
            out = np.empty_like(result)
        np.copyto(out, result, where=where, casting="same_kind")
        return out

    def _slope(self, x: Array) -> Array:
        if self._derivative is None:
            raise TypeError(f"{self.name!r} was made without a derivative: Custom(value, derivative)")
        return self._evaluate(self._derivative, x, "derivative")

    def __call__(self, x: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return the user's function of x, in the dtype of x."""
        return self._deliver(self._evaluate(self._value, self._input("x", x), "value"), out, where)

    def derivative(self, x: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return the user's derivative at x."""
        return self._deliver(self._slope(self._input("x", x)), out, where)

    def value_and_derivative(
        self, x: ArrayLike, out: tuple[Out, Out] | None = None, where: Any = True
    ) -> tuple[Any, Any]:
        """Return both; the user's functions are called one after the other."""
        array, outs = self._input("x", x), out or (None, None)
        value, slope = self._evaluate(self._value, array, "value"), self._slope(array)
        return self._deliver(value, outs[0], where), self._deliver(slope, outs[1], where)

    def backward(self, grad: ArrayLike, x: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return grad times the user's derivative at x."""
        return self._deliver(np.multiply(self._input("grad", grad), self._slope(self._input("x", x))), out, where)


# ---- by name ----

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
        As the class takes them.

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
        raise TypeError(f"{name} got parameters {', '.join(parameters)}; it takes {allowed}") from None


def activations() -> tuple[str, ...]:
    """Return the names of all activations, in the order of their codes.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.activations()[:3]
    ('relu', 'leaky_relu', 'sigmoid')
    """
    return tuple(_RECORDS)
