"""The value objects: an activation with its parameters, and everything that can be computed of it.

One class per function. The class docstring holds the formula, its source and an example; the function's ufuncs are made
from the C registry when the class is defined, with docstrings made from the class's.
"""

from __future__ import annotations

import inspect
import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from . import _dask, _engine, memory
from ._arrays import Array as Array  # for the modules above, which take these from here
from ._arrays import Out as Out
from ._arrays import Target
from ._arrays import is_real as is_real
from ._arrays import plain_array as plain_array
from ._arrays import real_array as real_array
from .memory import Bits, Policy, Saved

GradientSource = Literal["output", "output+bit", "input"]


# ---- parameters ----

_DOMAINS: dict[str, tuple[Callable[[float], bool], str]] = {
    "positive": (lambda v: 0.0 < v < math.inf, "a finite number above 0"),
    "nonnegative": (lambda v: 0.0 <= v < math.inf, "a finite number of at least 0"),
    "finite": (math.isfinite, "a finite number"),
    "number": (lambda v: not math.isnan(v), "a number, not NaN"),
}


def check_scalar(name: str, value: Any, domain: str) -> float:
    """Return the parameter `value` as a float, or raise an error that names it."""
    if type(value) is not float:
        array = plain_array(name, value)
        if array.ndim != 0 or not is_real(array.dtype, "fiuO"):
            raise TypeError(f"{name} is {value!r}, expected a real number")
    try:
        number = float(value) + 0.0  # -0.0 becomes 0.0: equal parameters give equal bits
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"{name} is {value!r}, expected a real number that float64 holds") from None
    inside, expected = _DOMAINS[domain]
    if not inside(number):
        raise ValueError(f"{name} is {number!r}, expected {expected}")
    return number


def as_inputs(parameters: Sequence[float]) -> tuple[Array, ...]:
    """Parameters as arrays, which a ufunc need not convert at each call: 120 ns of a call on 16 elements.

    Only for calls whose other inputs are arrays: unlike a Python number, an array of float64 takes part in the choice
    of the dtype where those are Python numbers too.
    """
    arrays = tuple(np.array(parameter, np.float64) for parameter in parameters)
    for array in arrays:
        array.flags.writeable = False
    return arrays


def _plain_call(ufunc: np.ufunc, inputs: tuple[Array, ...]) -> Callable[[Array], Any]:
    """The ufunc as a function of x alone, its parameters spelt out: 50 ns faster than ``ufunc(x, *inputs)``."""
    if not inputs:
        return ufunc
    if len(inputs) == 1:
        (first,) = inputs
        return lambda x: ufunc(x, first)
    first, second = inputs
    return lambda x: ufunc(x, first, second)


# ---- ufuncs of the registry ----


class Operations(NamedTuple):
    """The ufuncs of one activation; those from the output are None where it does not determine the derivative."""

    value: np.ufunc
    derivative: np.ufunc
    value_and_derivative: np.ufunc
    backward: np.ufunc
    derivative_from_output: np.ufunc | None
    backward_from_output: np.ufunc | None
    second_derivative: np.ufunc


OPERATIONS: dict[str, Operations] = {}
_RECORDS = {record.name: record for record in _engine.registry()}

_WHAT = {
    "value": ("x", "Evaluate {name} elementwise: {formula}."),
    "derivative": ("x", "Evaluate the derivative of {name} elementwise, from its input."),
    "value_and_derivative": ("x", "Evaluate {name} and its derivative in one pass; two outputs."),
    "backward": ("grad, x", "Evaluate grad times the derivative of {name} at x, in one pass."),
    "derivative_from_output": ("y", "Evaluate the derivative of {name} from its output y alone."),
    "backward_from_output": ("grad, y", "Evaluate grad times the derivative of {name}, from its output y alone."),
    "second_derivative": ("x", "Evaluate the second derivative of {name} elementwise, from its input."),
}


def _ufunc_docstring(name: str, formula: str, operation: str, parameters: list[str], cls: type[Activation]) -> str:
    arguments, sentence = _WHAT[operation]
    function = name if operation == "value" else f"{name}_{operation}"
    arrays = arguments.split(", ")
    call = f"sp.ufuncs.{function}({', '.join(['np.array([-1.0, 2.0])'] * len(arrays) + ['0.5'] * len(parameters))})"
    inputs = "".join(
        f"{array} : array_like\n    float16, float32, float64 (integers as in NumPy's own ufuncs), any shape.\n"
        for array in arrays
    ) + "".join(
        f"{parameter} : array_like of float64\n    Parameter, broadcast against x; does not widen the result.\n"
        for parameter in parameters
    )
    outputs = {"value": "y", "value_and_derivative": "y, dy", "second_derivative": "d2y"}.get(operation, "dy")
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
    parameters, formula = list(cls._domains), cls._formula(name)
    if len(parameters) != record.n_parameters:
        raise TypeError(f"{cls.__name__} has parameters {parameters}, the C list {record.n_parameters}")
    made: list[Any] = [
        None
        if "from_output" in operation and not record.from_output
        else _engine.make_ufunc(record.code, operation, _ufunc_docstring(name, formula, operation, parameters, cls))
        for operation in _engine.OPERATIONS
    ]
    return Operations(*made)


# ---- the base class ----


def check_pair(out: object) -> tuple[Out, Out]:
    """The two outputs of `value_and_derivative`."""
    if out is None:
        return None, None
    if not isinstance(out, tuple) or len(out) != 2:
        raise TypeError(f"out is {type(out).__name__}, expected a pair (array for values, array for derivatives)")
    return out


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

    __slots__ = ("_arguments", "_inputs", "_plain", "_ufuncs", "name")

    name: str
    _arguments: tuple[float, ...]
    _inputs: tuple[Array, ...]  # the arguments as ufuncs take them fastest
    _plain: Callable[[Array], Any]  # the value of an array, without keywords
    _ufuncs: Operations
    _names: ClassVar[tuple[str, ...]] = ()
    _domains: ClassVar[dict[str, str]] = {}  # parameter -> domain, in the order of the ufunc's inputs

    def __init_subclass__(cls, names: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if names:
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
        object.__setattr__(self, "_inputs", as_inputs(arguments))
        object.__setattr__(self, "_plain", _plain_call(OPERATIONS[name].value, self._inputs))
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
        """Number of the function, by which compiled code calls it (compiled.pxd); it never changes."""
        return _RECORDS[self.name].code

    @property
    def parameters(self) -> Mapping[str, float]:
        """Parameters by name, in the order of the ufunc's inputs (read-only)."""
        return MappingProxyType(dict(zip(self._domains, self._arguments, strict=True)))

    @property
    def gradient_from(self) -> GradientSource:
        """What the derivative can be computed from: "output", "output+bit" or "input"."""
        return _RECORDS[self.name].gradient_from

    @property
    def _bits(self) -> Bits:
        """What one bit per element tells about the derivative; see `forward`."""
        record = _RECORDS[self.name]
        return "slope" if record.two_slopes else "side" if record.from_side else None

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

    def __call__(self, x: ArrayLike, out: Out = None, where: Any = True, bias: ArrayLike | None = None) -> Any:
        """Return f(x), elementwise, in the dtype of x; `out` may be x itself.

        With `bias`, a number or one per element of the last axis of x, return f(x + bias) in one pass: the same bits
        as f of the array x + bias (16-bit types form the sum in float32 and do not round it).
        """
        if out is None and where is True and bias is None and type(x) is np.ndarray:
            return self._plain(x)  # without keywords: 150 ns less on 16 elements
        if bias is not None:
            if _dask.is_lazy(x) or _dask.is_lazy(bias):
                return _dask.with_bias(self, x, bias, out, where)
            return memory.value(self.code, self._arguments, self._input("x", x), out, where, bias)
        return self._ufuncs.value(x, *self._arguments, out=out, where=where)

    def derivative(self, x: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return f′(x), elementwise; the kinks' values are in the class docstring."""
        if out is None and where is True and type(x) is np.ndarray:
            return self._ufuncs.derivative(x, *self._inputs)
        return self._ufuncs.derivative(x, *self._arguments, out=out, where=where)

    def second_derivative(self, x: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return f″(x), elementwise.

        0 on straight pieces, the kinks between them included; where a curved piece ends, f″ belongs to the piece that
        f′ belongs to at that point, or is 0. In float32 within 1.0 ulp but near its zeros, where the absolute error
        is below 2⁻⁴⁴ of the largest f″ (docs/accuracy.md).

        Examples
        --------
        >>> import spatium as sp
        >>> sp.Tanh().second_derivative([-0.5, 0.0, 0.5]).round(6)
        array([ 0.726862, -0.      , -0.726862])
        """
        if out is None and where is True and type(x) is np.ndarray:
            return self._ufuncs.second_derivative(x, *self._inputs)
        return self._ufuncs.second_derivative(x, *self._arguments, out=out, where=where)

    def value_and_derivative(
        self, x: ArrayLike, out: tuple[Out, Out] | None = None, where: Any = True
    ) -> tuple[Any, Any]:
        """Return (f(x), f′(x)), computed in one pass."""
        if out is None and where is True and type(x) is np.ndarray:
            y, dy = self._ufuncs.value_and_derivative(x, *self._inputs)
            return y, dy
        outs = check_pair(out)
        if _dask.is_lazy(x):
            y, dy = _dask.method(self, "value_and_derivative", (x,), out, where)
            return y, dy
        result = self._ufuncs.value_and_derivative(x, *self._arguments, out=outs, where=where)
        return result[0], result[1]

    def backward(
        self,
        grad: ArrayLike,
        x: ArrayLike | Saved,
        out: Out = None,
        where: Any = True,
        bias: ArrayLike | None = None,
    ) -> Any:
        """Return grad·f′(x), computed in one pass; `out` may be grad or x.

        Parameters
        ----------
        grad : array_like
            Gradient with respect to the output.
        x : array_like or Saved
            The input, or what `forward` kept. With a `Saved`, grad has its shape and is converted to its dtype.
        out : ndarray, optional
        where : array_like of bool
            Not with a bias or a `Saved`.
        bias : array_like, optional
            As in the call: the derivative is taken at x + bias.

        Returns
        -------
        ndarray or scalar
            The gradient with respect to x; with a bias a pair, the gradient with respect to the bias second: summed
            in float64 in an order that does not depend on threads, in the bias's shape and floating dtype.

        Examples
        --------
        >>> import spatium as sp
        >>> sp.ReLU().backward([[1.0, 2.0], [3.0, 4.0]], [[1.0, -1.0], [2.0, 0.0]], bias=[0.0, 0.5])
        (array([[1., 0.],
               [3., 4.]]), array([4., 4.]))
        """
        if out is None and where is True and bias is None and type(x) is type(grad) is np.ndarray:
            return self._ufuncs.backward(grad, x, *self._inputs)
        if isinstance(x, Saved) or bias is not None:
            if where is not True:
                raise TypeError("where cannot be given together with a bias or what forward kept")
            if not isinstance(x, Saved):
                run = memory.pass_with_bias(grad, self._input("x", x), bias, out)  # type: ignore[arg-type]  # not None here
            elif bias is not None:
                raise TypeError("bias was given to forward, which kept what backward needs of it")
            elif x.activation != self:
                raise ValueError(f"saved was made by {x.activation!r}, not by {self!r}")
            else:
                run = memory.pass_of_saved(x, grad, out)
            return self._run(run)
        return self._ufuncs.backward(grad, x, *self._arguments, out=out, where=where)

    def _run(self, run: memory.BackwardPass) -> Any:
        return memory.backward(self.code, self._arguments, run)

    # -- memory --

    @property
    def save_policies(self) -> tuple[Policy, ...]:
        """The policies that `forward` takes, the one that keeps least first; "input" is always among them."""
        return memory.policies(self._bits, self.gradient_from == "output")

    def check_save(self, save: Policy | None) -> Policy:
        """Return the policy that `forward` follows with this `save`, or raise what it would raise."""
        return memory.check_policy(self, self.save_policies, self._bits, save)

    def _result_dtype(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        """The dtype of the results for inputs of `dtype`."""
        parameters = [np.dtype(np.float64)] * len(self._arguments)
        return self._ufuncs.value.resolve_dtypes((dtype, *parameters, None))[0]

    def _input(self, name: str, x: ArrayLike) -> Array:
        """The argument `name` as an array of the dtype of the results."""
        array = real_array(name, x)
        return array.astype(self._result_dtype(array.dtype), copy=False)

    def forward(
        self, x: ArrayLike, save: Policy | None = None, out: Out = None, bias: ArrayLike | None = None
    ) -> tuple[Any, Saved]:
        """Return f(x) and what `backward` needs, computed in one pass.

        Parameters
        ----------
        x : array_like
            Any shape and layout; dtypes as in the call.
        save : {"input", "output", "bits"}, optional
            What to keep. "input": x itself, a copy of it if out overwrites it. "output": y, where the derivative
            follows from it. "bits": one bit per element and no array where the derivative takes two values (relu and
            its relatives); y and one bit per element, the side of the minimum, where f has one minimum (the gelus,
            swish, mish, their hard forms). By default "bits" where no array is kept, since nothing is lost then, else
            "input".
        out : ndarray, optional
            May be x; then the input is gone, and backward still works.
        bias : array_like, optional
            Added to x on the way, a number or one per element of its last axis; backward then returns its gradient
            too.

        Returns
        -------
        y : ndarray or scalar
        saved : Saved
            For ``backward(grad, saved)``; `Saved.nbytes` says what it costs.

        Raises
        ------
        TypeError
            If the function's derivative cannot be had from what `save` keeps.
        ValueError
            If `save` is none of the policies, or a shape does not fit.

        Notes
        -----
        "input" gives the gradients that the input gives, bit for bit; so do bits alone, but for NaN: the derivative at
        a NaN of x is forgotten and taken as that of the steeper side, where y is NaN already. What rounding y costs
        is in docs/memory.md.

        Examples
        --------
        >>> import numpy as np, spatium as sp
        >>> x = np.linspace(-4, 4, 1000, dtype=np.float32)
        >>> y, saved = sp.GELU().forward(x, save="bits", out=x)
        >>> y is x, saved.nbytes - y.nbytes
        (True, 125)
        >>> slope = sp.GELU().backward(np.ones(1000, np.float32), saved)
        >>> bool(np.abs(slope - sp.GELU().derivative(np.linspace(-4, 4, 1000, dtype=np.float32))).max() < 1e-4)
        True
        """
        return memory.forward(self, self._bits, self.check_save(save), self._input("x", x), out, bias)

    def _output_ufunc(self, operation: str) -> np.ufunc:
        ufunc: np.ufunc | None = getattr(self._ufuncs, operation) if self.gradient_from == "output" else None
        if ufunc is None:
            reason = (
                "two inputs share each output, so it takes one more bit per element (the side of the minimum), which "
                "forward(x, save='bits') keeps"
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

    def parameter_gradients(self, grad: ArrayLike, x: ArrayLike, **parameters: ArrayLike) -> dict[str, Any]:
        """Return the gradient of each parameter: the sum of grad·∂f/∂p over the elements that share it.

        Parameters
        ----------
        grad, x
            Gradient with respect to the output, and the input; they broadcast.
        **parameters
            Arrays in place of this activation's own parameters, such as one slope per channel; each broadcasts
            against x.

        Returns
        -------
        dict
            For each parameter a float64, or a float64 array of its shape. Computed in one pass and summed in float64
            in an order that the shapes alone determine, so that the bits depend neither on the number of threads nor
            on the strides.

        Raises
        ------
        TypeError
            If x or grad is no array of real numbers, or a name is none of a parameter.
        ValueError
            If the shapes do not broadcast.

        Examples
        --------
        >>> import numpy as np, spatium as sp
        >>> act = sp.LeakyReLU(0.1)
        >>> act.parameter_gradients([1.0, 1.0, 2.0], [3.0, -1.0, -2.0])
        {'negative_slope': np.float64(-5.0)}
        >>> act.parameter_gradients(np.ones((2, 2)), [[-1.0, -2.0], [-3.0, 4.0]], negative_slope=[0.1, 0.2])
        {'negative_slope': array([-4., -2.])}
        """
        if unknown := parameters.keys() - self._domains.keys():
            names, own_names = ", ".join(sorted(unknown)), ", ".join(self._domains) or "none"
            raise TypeError(f"{self.name} has no parameter {names}; its parameters are: {own_names}")
        g, values = real_array("grad", grad), real_array("x", x)
        shape = np.broadcast_shapes(g.shape, values.shape)
        arrays = []
        for name, own in self.parameters.items():
            array = real_array(name, parameters.get(name, own)).astype(np.float64)
            ends = shape[max(len(shape) - array.ndim, 0) :]
            if len(ends) < array.ndim or any(n not in (1, end) for n, end in zip(array.shape, ends, strict=True)):
                raise ValueError(f"{name} has shape {array.shape}, expected one that broadcasts to that of x, {shape}")
            arrays.append(array)
        if not arrays:
            return {}
        dtype = OPERATIONS["relu"].backward.resolve_dtypes((g.dtype, values.dtype, None))[-1]
        joint = np.broadcast_shapes((1,) * len(shape), *(array.shape for array in arrays))
        long = [axis for axis, length in enumerate(shape) if length != 1]
        sums = _sums_per_parameter(
            self.code,
            np.broadcast_to(g.astype(dtype, copy=False), shape).reshape([shape[axis] for axis in long]),
            np.broadcast_to(values.astype(dtype, copy=False), shape).reshape([shape[axis] for axis in long]),
            [np.broadcast_to(array, joint).reshape([joint[axis] for axis in long]) for array in arrays],
        )
        return {
            name: _summed_to(total.reshape(joint), array.shape)[()]
            for name, total, array in zip(self._domains, sums, arrays, strict=True)
        }


def _sums_per_parameter(code: int, grad: Array, x: Array, parameters: list[Array]) -> list[Array]:
    """Sums of grad·∂f/∂p over the axes where the parameters, all of one shape, have length 1.

    The axes are joined to (outer, channels, inner), the parameters varying along the middle one; where that takes more
    than three, the first axis is gone through here.
    """
    if x.size == 0:
        return [np.zeros(p.shape) for p in parameters]
    kept = [length > 1 for length in parameters[0].shape]
    changes = [i for i in range(1, len(kept)) if kept[i] != kept[i - 1]]
    begins = [0, *changes] if any(kept) and not kept[0] else [0, 0, *changes]
    if len(begins) <= 3:
        begins += [len(kept) if any(kept) else 0] * (3 - len(begins)) + [len(kept)]
        joined = tuple(math.prod(x.shape[i:j]) for i, j in itertools.pairwise(begins))
        result = _engine.parameter_gradients(
            code,
            x.reshape(joined),
            grad.reshape(joined),
            tuple(np.broadcast_to(p.reshape(-1), joined[1:2]) for p in parameters),
            x.dtype.name == "bfloat16",
        )
        return [total.reshape(p.shape) for total, p in zip(result, parameters, strict=True)]
    rows = [
        _sums_per_parameter(code, grad[i], x[i], [p[i if kept[0] else 0] for p in parameters]) for i in range(len(x))
    ]
    together = np.stack if kept[0] else _added
    return [together(totals).reshape(p.shape) for totals, p in zip(zip(*rows, strict=True), parameters, strict=True)]


def _added(totals: tuple[Array, ...]) -> Array:
    """Their sum, in order."""
    result = np.zeros_like(totals[0])
    for total in totals:
        result += total
    return result


def _summed_to(total: Array, shape: tuple[int, ...]) -> Array:
    """The sum over the axes that broadcasting has added or stretched."""
    total = np.asarray(total.sum(axis=tuple(range(total.ndim - len(shape)))))
    return np.asarray(total.sum(axis=tuple(i for i, length in enumerate(shape) if length == 1), keepdims=True))


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


class LeakyReLU(Activation, names=("leaky_relu",)):
    """Rectified linear unit with a slope on the negative side.

    leaky_relu(x, negative_slope) = x if x > 0 else negative_slope·x

    The derivative at 0 is `negative_slope`. Half an ulp. The derivative follows from the output if the slope is
    positive. [1]_

    Parameters
    ----------
    negative_slope : float
        Any finite number; 0.01 means 0.01, not its float32 rounding.

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
    _domains: ClassVar[dict[str, str]] = {"alpha": "nonnegative"}

    def __init__(self, alpha: float = 1.0) -> None:
        self._set("elu", (check_scalar("alpha", alpha, "nonnegative"),))


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
    _domains: ClassVar[dict[str, str]] = {"beta": "positive"}

    def __init__(self, beta: float = 1.0) -> None:
        self._set("softplus", (check_scalar("beta", beta, "positive"),))


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
    _domains: ClassVar[dict[str, str]] = {"slope": "finite", "offset": "finite"}

    def __init__(self, slope: float = 1 / 6, offset: float = 0.5) -> None:
        self._set("hard_sigmoid", (check_scalar("slope", slope, "finite"), check_scalar("offset", offset, "finite")))


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
    _domains: ClassVar[dict[str, str]] = {"min_val": "number", "max_val": "number"}

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        bounds = (check_scalar("min_val", min_val, "number"), check_scalar("max_val", max_val, "number"))
        check_bounds(*bounds)
        self._set("hard_tanh", bounds)


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


class ScaledSwish(Activation, names=("scaled_swish",)):
    """Swish with a trainable scale, the adaptive activation.

    scaled_swish(x, alpha, beta) = alpha·x·σ(beta·x)

    One minimum, at beta·x = −1.27846. [1]_

    Parameters
    ----------
    alpha, beta : float
        Any finite numbers.

    References
    ----------
    .. [1] Ramachandran, Zoph, Le, "Searching for activation functions", arXiv:1710.05941.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.ScaledSwish(alpha=2.0)([-1.0, 1.0])
    array([-0.53788284,  1.46211716])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"alpha": "finite", "beta": "finite"}

    def __init__(self, alpha: float = 1.0, beta: float = 1.0) -> None:
        self._set("scaled_swish", (check_scalar("alpha", alpha, "finite"), check_scalar("beta", beta, "finite")))


class Snake(Activation, names=("snake",)):
    """Periodic activation that keeps a trend.

    snake(x, alpha, beta) = x + sin(alpha·x)²/beta

    `beta` defaults to `alpha`, the published form; its limit for alpha = 0 is x. Monotone in that form. Limits −inf
    and inf; the derivative has none. [1]_

    Parameters
    ----------
    alpha : float
        Any finite number.
    beta : float, optional
        Any finite number but 0, unless `alpha` is 0 too.

    References
    ----------
    .. [1] Liu, Hartwig, Ueda, "Neural networks fail to learn periodic functions and how to fix it", NeurIPS 2020.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Snake()([-1.0, 0.0, 1.0])
    array([-0.29192658,  0.        ,  1.70807342])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"alpha": "finite", "beta": "finite"}

    def __init__(self, alpha: float = 1.0, beta: float | None = None) -> None:
        self._set("snake", snake_parameters(alpha, beta))


def snake_parameters(alpha: Any, beta: Any) -> tuple[float, float]:
    """The two scalars of `Snake`, checked; `beta` None is `alpha`."""
    a = check_scalar("alpha", alpha, "finite")
    b = a if beta is None else check_scalar("beta", beta, "finite")
    if b == 0.0 != a:
        raise ValueError(f"beta is 0 and alpha is {a!r}, expected a beta other than 0")
    return a, b


class ScaledTanh(Activation, names=("scaled_tanh",)):
    """Hyperbolic tangent with a scale and a slope.

    scaled_tanh(x, scale, slope) = scale·tanh(slope·x)

    The defaults put ±1 near the points of greatest curvature. [1]_

    Parameters
    ----------
    scale : float
        Above 0.
    slope : float
        Any finite number.

    References
    ----------
    .. [1] LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.ScaledTanh()([-1.0, 0.0, 1.0])
    array([-0.99999726,  0.        ,  0.99999726])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"scale": "positive", "slope": "finite"}

    def __init__(self, scale: float = 1.7159, slope: float = 2 / 3) -> None:
        self._set("scaled_tanh", (check_scalar("scale", scale, "positive"), check_scalar("slope", slope, "finite")))


class ReLU6(Activation, names=("relu6",)):
    """Rectified linear unit that saturates at 6.

    relu6(x) = min(max(x, 0), 6)

    The derivative is 0 at 0 and at 6. Exact. [1]_

    References
    ----------
    .. [1] Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.ReLU6()([-2.0, 3.0, 8.0])
    array([0., 3., 6.])
    """

    __slots__ = ()


class ReLUSquared(Activation, names=("relu_squared",)):
    """Square of the rectified linear unit.

    relu_squared(x) = max(x, 0)²

    From the output the derivative is 2·√y. [1]_

    References
    ----------
    .. [1] So et al., "Primer: searching for efficient transformers for language modeling", NeurIPS 2021.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.ReLUSquared()([-2.0, 0.0, 3.0])
    array([0., 0., 9.])
    """

    __slots__ = ()


class Threshold(Activation, names=("threshold",)):
    """Identity above a threshold, a constant elsewhere.

    threshold(x, threshold, value) = x if x > threshold else value

    The derivative at the threshold is 0. It follows from the output if value <= threshold. The defaults make it relu.

    Parameters
    ----------
    threshold, value : float
        Any numbers but NaN.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Threshold(threshold=0.5, value=0.0)([-2.0, 0.5, 3.0])
    array([0., 0., 3.])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"threshold": "number", "value": "number"}

    def __init__(self, threshold: float = 0.0, value: float = 0.0) -> None:
        self._set("threshold", (check_scalar("threshold", threshold, "number"), check_scalar("value", value, "number")))

    @property
    def gradient_from(self) -> GradientSource:
        """What the derivative can be computed from: "output" if value <= threshold, else "input"."""
        threshold, value = self._arguments
        return "output" if value <= threshold else "input"


class SELU(Activation, names=("selu",)):
    """Self-normalising exponential linear unit.

    selu(x) = λ·(x if x > 0 else α·expm1(x))

    α = 1.6732632423543772 and λ = 1.0507009873554805; the derivative at 0 is λ·α. Limits −λ·α and inf. [1]_

    References
    ----------
    .. [1] Klambauer et al., "Self-normalizing neural networks", NIPS 2017.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.SELU()([-1.0, 0.0, 1.0])
    array([-1.11133074,  0.        ,  1.05070099])
    """

    __slots__ = ()


class CELU(Activation, names=("celu",)):
    """Exponential linear unit with a continuous derivative for every `alpha`.

    celu(x, alpha) = max(0, x) + min(0, alpha·expm1(x/alpha))

    Limits −alpha and inf. [1]_

    Parameters
    ----------
    alpha : float
        Above 0.

    References
    ----------
    .. [1] Barron, "Continuously differentiable exponential linear units", arXiv:1704.07483.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.CELU(alpha=0.5)([-1.0, 2.0])
    array([-0.43233236,  2.        ])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"alpha": "positive"}

    def __init__(self, alpha: float = 1.0) -> None:
        self._set("celu", (check_scalar("alpha", alpha, "positive"),))


class LogSigmoid(Activation, names=("log_sigmoid",)):
    """Logarithm of the logistic function.

    log_sigmoid(x) = −log1p(e^−x)

    Limits −inf and −0.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.LogSigmoid()([-300.0, 0.0, 40.0])
    array([-3.00000000e+02, -6.93147181e-01, -4.24835426e-18])
    """

    __slots__ = ()


class SoftSign(Activation, names=("soft_sign",)):
    """Rational sigmoid.

    soft_sign(x) = x/(1 + |x|)

    Limits −1 and 1. [1]_

    References
    ----------
    .. [1] Bergstra, Desjardins, Lamblin, Bengio, "Quadratic polynomials learn better image features", 2009.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.SoftSign()([-1.0, 0.0, 3.0])
    array([-0.5 ,  0.  ,  0.75])
    """

    __slots__ = ()


class TanhShrink(Activation, names=("tanh_shrink",)):
    """What the hyperbolic tangent leaves of x.

    tanh_shrink(x) = x − tanh(x)

    Every digit near 0 too, where the subtraction has none left. Limits −inf and inf.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.TanhShrink()([1e-5, 1.0])
    array([3.33333333e-16, 2.38405844e-01])
    """

    __slots__ = ()


class HardShrink(Activation, names=("hard_shrink",)):
    """Identity outside an interval around 0, 0 inside.

    hard_shrink(x, lambd) = x if |x| > lambd else 0

    The derivative at ±lambd is 0. Exact.

    Parameters
    ----------
    lambd : float
        At least 0.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.HardShrink()([-2.0, 0.5, 0.75])
    array([-2.  ,  0.  ,  0.75])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"lambd": "nonnegative"}

    def __init__(self, lambd: float = 0.5) -> None:
        self._set("hard_shrink", (check_scalar("lambd", lambd, "nonnegative"),))


class SoftShrink(Activation, names=("soft_shrink",)):
    """Soft thresholding.

    soft_shrink(x, lambd) = x − lambd if x > lambd else x + lambd if x < −lambd else 0

    The derivative at ±lambd is 0. [1]_

    Parameters
    ----------
    lambd : float
        At least 0.

    References
    ----------
    .. [1] Donoho, Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81, 1994.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.SoftShrink()([-2.0, 0.25, 0.75])
    array([-1.5 ,  0.  ,  0.25])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"lambd": "nonnegative"}

    def __init__(self, lambd: float = 0.5) -> None:
        self._set("soft_shrink", (check_scalar("lambd", lambd, "nonnegative"),))


class Squareplus(Activation, names=("squareplus",)):
    """Algebraic smooth rectifier.

    squareplus(x, b) = (x + √(x² + b))/2

    Every digit for negative x too, where the sum cancels. Limits 0 and inf. [1]_

    Parameters
    ----------
    b : float
        At least 0; 0 is relu, with the derivative 1/2 at 0.

    References
    ----------
    .. [1] Barron, "Squareplus: a softplus-like algebraic rectifier", arXiv:2112.11687.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Squareplus()([-1e4, 0.0, 1.5])
    array([9.9999999e-05, 1.0000000e+00, 2.0000000e+00])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"b": "nonnegative"}

    def __init__(self, b: float = 4.0) -> None:
        self._set("squareplus", (check_scalar("b", b, "nonnegative"),))


class SparsePlus(Activation, names=("sparse_plus",)):
    """Piecewise quadratic softplus.

    sparse_plus(x) = 0 if x <= −1 else (x + 1)²/4 if x < 1 else x

    From the output the derivative is min(1, √y). [1]_

    References
    ----------
    .. [1] Zhou et al., "Sparsity-inducing activations" as in jax.nn, 2022.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.SparsePlus()([-2.0, 0.0, 3.0])
    array([0.  , 0.25, 3.  ])
    """

    __slots__ = ()


class SparseSigmoid(Activation, names=("sparse_sigmoid",)):
    """Derivative of `SparsePlus`.

    sparse_sigmoid(x) = clip((x + 1)/2, 0, 1)

    The derivative at ±1 is 0.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.SparseSigmoid()([-2.0, 0.5, 3.0])
    array([0.  , 0.75, 1.  ])
    """

    __slots__ = ()


class HardMish(Activation, names=("hard_mish",)):
    """Piecewise quadratic mish.

    hard_mish(x) = x/2·clip(x + 2, 0, 2)

    The derivative at −2 is 0. One minimum, −1/2 at −1.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.HardMish()([-3.0, -1.0, 2.0])
    array([-0. , -0.5,  2. ])
    """

    __slots__ = ()


class LiSHT(Activation, names=("lisht",)):
    """Linearly scaled hyperbolic tangent.

    lisht(x) = x·tanh(x)

    Even; limits inf and inf. [1]_

    References
    ----------
    .. [1] Roy et al., "LiSHT: non-parametric linearly scaled hyperbolic tangent activation function",
       arXiv:1901.05894.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.LiSHT()([-1.0, 0.0, 1.0])
    array([0.76159416, 0.        , 0.76159416])
    """

    __slots__ = ()


class Dish(Activation, names=("dish",)):
    """Self-gated linear unit without an exponential.

    dish(x) = x/2·(x/√(1 + x²) + 1)

    Limits −0 and inf; one minimum, −0.15014 at −0.78615.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Dish()([-1e6, 0.0, 1.0])
    array([-2.50000000e-07,  0.00000000e+00,  8.53553391e-01])
    """

    __slots__ = ()


class Gaussian(Activation, names=("gaussian",)):
    """Gaussian bell.

    gaussian(x) = e^(−x²)

    Even; limits 0 and 0.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Gaussian()([-1.0, 0.0, 1.0])
    array([0.36787944, 1.        , 0.36787944])
    """

    __slots__ = ()


class LogCosh(Activation, names=("log_cosh",)):
    """Logarithm of the hyperbolic cosine.

    log_cosh(x) = |x| + log1p(e^(−2·|x|)) − log(2)

    Every digit near 0 too, where the sum cancels. Even; limits inf and inf.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.LogCosh()([-1000.0, 0.0, 1e-5])
    array([9.99306853e+02, 0.00000000e+00, 5.00000000e-11])
    """

    __slots__ = ()


class Identity(Activation, names=("identity",)):
    """The input itself.

    identity(x) = x

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Identity()([-1.0, 2.0])
    array([-1.,  2.])
    """

    __slots__ = ()
    _bits: ClassVar[Bits] = "none"


class Phish(Activation, names=("phish",)):
    """Self-gated linear unit whose gate is the hyperbolic tangent of the exact gelu.

    phish(x) = x·tanh(x·Φ(x))

    Limits 0, from above, and inf; a minimum of 0 at 0, where the function is x²/2, and a maximum of 0.16466 at
    −1.19543. Up to three inputs share an output, so that not even one more bit would give the derivative: it is
    computed from x. [1]_

    References
    ----------
    .. [1] Naveen, "Phish: a novel hyper-optimizable activation function", 2022.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Phish()([-1.0, 0.0, 1.0])
    array([0.15733733, 0.        , 0.68652067])
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
    second_derivative : callable, optional
        Its second derivative, in the same form.

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

    __slots__ = ("_derivative", "_second_derivative", "_value")

    _value: Callable[[Array], Any]
    _derivative: Callable[[Array], Any] | None
    _second_derivative: Callable[[Array], Any] | None
    _bits: ClassVar[Bits] = None

    def __init__(
        self,
        value: Callable[[Array], Any],
        derivative: Callable[[Array], Any] | None = None,
        name: str | None = None,
        second_derivative: Callable[[Array], Any] | None = None,
    ) -> None:
        functions = {"value": value, "derivative": derivative, "second_derivative": second_derivative}
        for argument, function in functions.items():
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
        object.__setattr__(self, "_second_derivative", second_derivative)

    @property
    def code(self) -> int:
        """−1: not in the C list."""
        return -1

    @property
    def gradient_from(self) -> GradientSource:
        """The input: nothing is known about a user's function."""
        return "input"

    def _key(self) -> tuple[Any, ...]:
        return ("custom", self.name, self._value, self._derivative, self._second_derivative)

    def __repr__(self) -> str:
        second = "" if self._second_derivative is None else f", second_derivative={self._second_derivative!r}"
        return f"Custom({self._value!r}, {self._derivative!r}, name={self.name!r}{second})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Custom, (self._value, self._derivative, self.name, self._second_derivative))

    def _evaluate(self, function: Callable[[Array], Any], x: Array, what: str) -> Array:
        result = np.asarray(function(x))
        if result.shape != x.shape:
            raise ValueError(f"{what} of {self.name!r} returned shape {result.shape} for shape {x.shape}")
        real_array(f"{what} of {self.name!r}", result)
        # the user's function may return its argument: the result is an array of its own
        return result.astype(x.dtype, copy=np.may_share_memory(result, x))

    def _result_dtype(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        """The dtype that a ufunc of the library would give."""
        return np.result_type(OPERATIONS["relu"].value.resolve_dtypes((dtype, None))[1])

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

    def __call__(self, x: ArrayLike, out: Out = None, where: Any = True, bias: ArrayLike | None = None) -> Any:
        """Return the user's function of x, in the dtype of x; of x + bias if there is one."""
        if bias is not None:
            if _dask.is_lazy(x) or _dask.is_lazy(bias):
                return _dask.with_bias(self, x, bias, out, where)
            array = self._input("x", x)
            total = memory.shifted(array, memory.bias_of(bias, array))
            Target(out if where is True else None, array.shape, array.dtype)  # checks out before anything is computed
            return self(total, out=out, where=where)
        if _dask.is_lazy(x):
            return _dask.method(self, "__call__", (x,), out, where)
        return self._deliver(self._evaluate(self._value, self._input("x", x), "value"), out, where)

    def derivative(self, x: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return the user's derivative at x."""
        if _dask.is_lazy(x):
            return _dask.method(self, "derivative", (x,), out, where)
        return self._deliver(self._slope(self._input("x", x)), out, where)

    def second_derivative(self, x: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return the user's second derivative at x."""
        if _dask.is_lazy(x):
            return _dask.method(self, "second_derivative", (x,), out, where)
        if self._second_derivative is None:
            raise TypeError(f"{self.name!r} was made without a second derivative: Custom(..., second_derivative=...)")
        second = self._evaluate(self._second_derivative, self._input("x", x), "second derivative")
        return self._deliver(second, out, where)

    def value_and_derivative(
        self, x: ArrayLike, out: tuple[Out, Out] | None = None, where: Any = True
    ) -> tuple[Any, Any]:
        """Return both; the user's functions are called one after the other."""
        outs = check_pair(out)
        if _dask.is_lazy(x):
            y, dy = _dask.method(self, "value_and_derivative", (x,), out, where)
            return y, dy
        array = self._input("x", x)
        value, slope = self._evaluate(self._value, array, "value"), self._slope(array)
        return self._deliver(value, outs[0], where), self._deliver(slope, outs[1], where)

    def backward(
        self,
        grad: ArrayLike,
        x: ArrayLike | Saved,
        out: Out = None,
        where: Any = True,
        bias: ArrayLike | None = None,
    ) -> Any:
        """Return grad times the user's derivative at x; see `Activation.backward`."""
        if isinstance(x, Saved) or bias is not None:
            return super().backward(grad, x, out, where, bias)
        if _dask.is_lazy(x) or _dask.is_lazy(grad):
            return _dask.method(self, "backward", (grad, x), out, where)
        return self._deliver(np.multiply(self._input("grad", grad), self._slope(self._input("x", x))), out, where)

    def _run(self, run: memory.BackwardPass) -> Any:
        assert run.x is not None  # "input" is the only policy
        slopes_at = run.x if run.bias is None else memory.shifted(run.x, run.bias)
        result = run.target.array
        self.backward(run.gradient, slopes_at, out=result)
        if run.bias_like is None:
            return run.delivered(None)
        columns = math.prod(run.bias_like[0])
        rows = result.reshape(-1, columns) if columns else result.reshape(0, 0)
        return run.delivered(np.asarray(np.sum(rows, axis=0, dtype=np.float64)))

    def forward(
        self, x: ArrayLike, save: Policy | None = None, out: Out = None, bias: ArrayLike | None = None
    ) -> tuple[Any, Saved]:
        """Return the user's function of x and a `Saved` that holds x, or x + bias; see `Activation.forward`."""
        policy, array = self.check_save(save), self._input("x", x)
        shift = None if bias is None else memory.bias_of(bias, array)
        target = Target(out, array.shape, array.dtype)
        if shift is not None:
            kept, like = memory.shifted(array, shift), memory.bias_like(shift)
        else:
            kept, like = array.copy() if np.may_share_memory(target.array, array) else array, None
        self(kept, out=target.array)
        return target.deliver(), Saved(self, policy, array.shape, array.dtype, kept, bias_like=like)


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
        raise TypeError(f"{name} got parameters {', '.join(parameters) or 'none'}; it takes {allowed}") from None


def activations() -> tuple[str, ...]:
    """Return the names of all activations, in the order of their codes.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.activations()[:3]
    ('relu', 'leaky_relu', 'sigmoid')
    """
    return tuple(_RECORDS)


__all__ = ["Activation", "SiLU", "activation", "activations", *(cls.__name__ for cls in Activation.__subclasses__())]
