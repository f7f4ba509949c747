"""The base class of activation objects: an activation with its parameters, and all computations with it."""

from __future__ import annotations

import inspect
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from spatium import _dask, _engine, passes
from spatium._arrays import Array, Out, real_array
from spatium.activations.operations import (
    OPERATIONS,
    RECORDS,
    BoundOperations,
    Operations,
    bound_operations,
    make_operations,
    result_dtype,
)
from spatium.passes import Bits, Policy, Saved

GradientSource = Literal["output", "output+bit", "input"]


# ---- parameters ----


def as_inputs(parameters: Sequence[float]) -> tuple[Array, ...]:
    """Return the parameters as arrays, so that a ufunc does not convert them in each call.

    This saves 120 ns of a call. Use it only if the other inputs are arrays: if they are Python numbers, a float64 array
    changes the dtype of the result, but a Python number does not.
    """
    arrays = tuple(np.array(parameter, np.float64) for parameter in parameters)
    for array in arrays:
        array.flags.writeable = False
    return arrays


def number_text(value: float, digits: int | None = None) -> str:
    """Return the text of a parameter: 1/6 for 0.16666666666666666; other numbers with all digits, or with `digits`."""
    text = repr(value)
    if len(text) > 14 and 1e-3 < abs(value) < 1e3:
        fraction = Fraction(value).limit_denominator(99)
        if float(fraction) == value:
            return str(fraction)
    return text if digits is None else f"{value:.{digits}g}"


# ---- the base class ----


def check_pair(out: object) -> tuple[Out, Out]:
    """Return the two outputs of `value_and_derivative`, or raise TypeError."""
    if out is None:
        return None, None
    if not isinstance(out, tuple) or len(out) != 2:
        raise TypeError(f"out is {type(out).__name__}, expected a pair (array for values, array for derivatives)")
    return out


class Activation:
    """An elementwise function with its parameters: immutable, hashable, comparable, picklable.

    Each activation is a subclass; `Custom` wraps NumPy functions of the user.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> act = sp.ELU(alpha=0.5)
    >>> y, dy = act.value_and_derivative(np.array([-1.0, 2.0]))
    >>> bool((act.derivative_from_output(y) == dy).all()), act.gradient_from
    (True, 'output')
    """

    __slots__ = ("_arguments", "_bound", "_inputs", "_ufuncs", "name")

    name: str
    _arguments: tuple[float, ...]
    _inputs: tuple[Array, ...]  # the arguments as read-only arrays, the fastest inputs of a ufunc
    _bound: BoundOperations  # to the arguments, for arrays
    _ufuncs: Operations
    _names: ClassVar[tuple[str, ...]] = ()
    _domains: ClassVar[dict[str, str]] = {}  # parameter -> domain, in the order of the ufunc's inputs

    def __init_subclass__(cls, names: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if names:
            cls._names = names
        for name in names:
            OPERATIONS[name] = make_operations(name, list(cls._domains), cls._formula(name), cls.__name__)

    @classmethod
    def _formula(cls, name: str) -> str:
        """Return the line `name(...) = ...` of the class docstring."""
        match = re.search(rf"^\s*({name}\(.*?\) = .*?)\.?$", inspect.getdoc(cls) or "", re.MULTILINE)
        return match.group(1) if match else name

    def _set(self, name: str, arguments: tuple[float, ...] = ()) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "_arguments", arguments)
        object.__setattr__(self, "_inputs", as_inputs(arguments))
        object.__setattr__(self, "_bound", bound_operations(name, self._inputs))
        object.__setattr__(self, "_ufuncs", OPERATIONS[name])

    def __init__(self) -> None:
        self._set(self._names[0])

    def __setattr__(self, attribute: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: create a new object instead of setting {attribute}")

    def __delattr__(self, attribute: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    # -- identity --

    @property
    def code(self) -> int:
        """The number of the function in compiled code (compiled.pxd). It never changes."""
        return RECORDS[self.name].code

    @property
    def parameters(self) -> Mapping[str, float]:
        """A read-only mapping of the parameters by name, in the order of the ufunc's inputs."""
        return MappingProxyType(dict(zip(self._domains, self._arguments, strict=True)))

    @property
    def gradient_from(self) -> GradientSource:
        """The data from which the derivative can be computed: "output", "output+bit" or "input"."""
        return RECORDS[self.name].gradient_from

    @property
    def _bits(self) -> Bits:
        """The meaning of one bit per element for the derivative; see `forward`."""
        record = RECORDS[self.name]
        return "slope" if record.two_slopes else "side" if record.from_side else None

    def _key(self) -> tuple[Any, ...]:
        return (self.name, *self._arguments)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Activation) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        parameters = ", ".join(f"{name}={number_text(value)}" for name, value in self.parameters.items())
        return f"{type(self).__name__}({parameters})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), self._arguments)

    # -- evaluation --

    def __call__(self, x: ArrayLike, out: Out = None, where: Any = True, bias: ArrayLike | None = None) -> Any:
        """Return f(x), elementwise, in the dtype of x; `out` may be x itself.

        With `bias`, return f(x + bias), computed in one pass. `bias` is a number, or an array with one number per
        element of the last axis of x. The result has the same bits as f of the array x + bias, except for 16-bit types,
        whose sum is computed in float32 and not rounded to 16 bits.
        """
        if where is True and bias is None and type(x) is np.ndarray:
            return self._bound.value(x, out)
        if bias is not None:
            results = _engine.short_value(self.code, self._arguments, x, bias, out, False) if where is True else None
            if results is not None:
                return results[0]
            if _dask.is_lazy(x) or _dask.is_lazy(bias):
                return _dask.with_bias(self, x, bias, out, where)
            return passes.value(self.code, self._arguments, self._input("x", x), out, where, bias)
        return self._ufuncs.value(x, *self._arguments, out=out, where=where)

    def derivative(self, x: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return f′(x), elementwise. The class docstring lists the values at kinks."""
        if where is True and type(x) is np.ndarray:
            return self._bound.derivative(x, out)
        return self._ufuncs.derivative(x, *self._arguments, out=out, where=where)

    def second_derivative(self, x: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return f″(x), elementwise.

        f″ is 0 on linear pieces and at the kinks between them. At the end of a curved piece, f″ belongs to the same
        piece as the value of f′ at this point, or is 0. The docstring of the ufunc states the error bounds. Near the
        zeros of f″, the absolute error in float32 is below 2⁻⁴⁴ of the largest f″.

        Examples
        --------
        >>> import spatium as sp
        >>> sp.Tanh().second_derivative([-0.5, 0.0, 0.5]).round(6)
        array([ 0.726862, -0.      , -0.726862])
        """
        if where is True and type(x) is np.ndarray:
            return self._bound.second_derivative(x, out)
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
            The input, or the object that `forward` returned. With a `Saved` object, grad must have the shape of x and
            is converted to its dtype.
        out : ndarray, optional
        where : array_like of bool
            Not supported with a bias or a `Saved` object.
        bias : array_like, optional
            As in the call: the derivative is evaluated at x + bias.

        Returns
        -------
        ndarray or scalar
            The gradient with respect to x. With a bias, a pair of this gradient and the gradient with respect to the
            bias. The latter is summed in float64 in an order that does not depend on the number of threads, and has
            the shape and the dtype of the bias (float64 if that is not a floating-point dtype).

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
                raise TypeError("where cannot be given together with a bias or a Saved object")
            if isinstance(x, Saved):
                if bias is not None:
                    raise TypeError("bias is not accepted with a Saved object: forward has already used the bias")
                if x.activation is not self and x.activation != self:
                    raise ValueError(f"saved comes from {x.activation!r}, expected {self!r}")
            results = passes.short_backward(self, grad, x, out, bias)
            if results is not None:
                return results
            if not isinstance(x, Saved):
                run = passes.pass_with_bias(grad, self._input("x", x), bias, out)  # type: ignore[arg-type]  # not None here
            else:
                run = passes.pass_of_saved(x, grad, out)
            return self._run(run)
        return self._ufuncs.backward(grad, x, *self._arguments, out=out, where=where)

    def _run(self, run: passes.BackwardPass) -> Any:
        return passes.backward(self.code, self._arguments, run)

    # -- memory --

    @property
    def save_policies(self) -> tuple[Policy, ...]:
        """The save policies of `forward`, beginning with the one that keeps the least data; includes "input"."""
        return passes.policies(self._bits, self.gradient_from == "output")

    def check_save(self, save: Policy | None) -> Policy:
        """Return the policy that `forward` uses for this `save`, or raise the error that `forward` would raise."""
        return passes.check_policy(self, self._bits, save)

    def _input(self, name: str, x: ArrayLike) -> Array:
        """Return the argument `name` as an array with the dtype of the results."""
        array = real_array(name, x)
        return array.astype(result_dtype(array.dtype), copy=False)

    def forward(
        self, x: ArrayLike, save: Policy | None = None, out: Out = None, bias: ArrayLike | None = None
    ) -> tuple[Any, Saved]:
        """Return f(x) and the data that `backward` needs, computed in one pass.

        Parameters
        ----------
        x : array_like
            Any shape and layout; dtypes as in the call.
        save : {"input", "output", "bits"}, optional
            The data to keep. "input" keeps x, or a copy if out overwrites x. "output" keeps y; it is available if the
            derivative can be computed from y. "bits" keeps one bit per element and no array if the derivative has two
            values (relu and similar functions); if f has one minimum (the gelus, swish, mish and their hard forms), it
            keeps y and one bit per element, the side of the minimum. The default is "bits" if no array is kept, because
            then the gradient is exact, and otherwise "input".
        out : ndarray, optional
            May be x, which is then overwritten; backward works nevertheless.
        bias : array_like, optional
            Added to x in the same pass: a number, or one number per element of the last axis of x. backward then
            returns the gradient of the bias too.

        Returns
        -------
        y : ndarray or scalar
        saved : Saved
            The argument of ``backward(grad, saved)``; `Saved.nbytes` is its size.

        Raises
        ------
        TypeError
            If the derivative cannot be computed from the data that `save` keeps.
        ValueError
            If `save` is not a policy, or the shapes do not match.

        Notes
        -----
        With "input", and with bits alone, the gradients have the same bits as those computed from x. The exception is
        NaN: where x is NaN, bits give the derivative of the steeper side (y is NaN there). docs/memory.md describes
        the accuracy of gradients computed from the rounded y.

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
        policy = self.check_save(save)
        results = passes.short_forward(self, self._bits, policy, x, out, bias)
        if results is not None:
            return results
        return passes.forward(self, self._bits, policy, self._input("x", x), out, bias)

    def _output_ufunc(self, operation: str) -> np.ufunc:
        ufunc: np.ufunc | None = getattr(self._ufuncs, operation) if self.gradient_from == "output" else None
        if ufunc is None:
            reason = (
                "two inputs have the same output, so one more bit per element is needed, the side of the minimum, "
                "which forward(x, save='bits') keeps"
                if self.gradient_from == "output+bit"
                else "several inputs have the same output"
            )
            raise TypeError(f"{self!r} has no derivative from its output alone: {reason}; use the input")
        return ufunc

    def derivative_from_output(self, y: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return f′ computed from the output y = f(x). Raise TypeError if the output does not determine it."""
        return self._output_ufunc("derivative_from_output")(y, *self._arguments, out=out, where=where)

    def backward_from_output(self, grad: ArrayLike, y: ArrayLike, out: Out = None, where: Any = True) -> Any:
        """Return grad·f′ computed from the output y = f(x). Raise TypeError if the output does not determine it."""
        return self._output_ufunc("backward_from_output")(grad, y, *self._arguments, out=out, where=where)

    # -- gradients of the parameters --

    def parameter_gradients(self, grad: ArrayLike, x: ArrayLike, **parameters: ArrayLike) -> dict[str, Any]:
        """Return the gradient of each parameter: the sum of grad·∂f/∂p over the elements that share it.

        Parameters
        ----------
        grad, x
            The gradient with respect to the output, and the input. They are broadcast against each other.
        **parameters
            Arrays that replace the parameters of this object, such as one slope per channel. Each is broadcast against
            x.

        Returns
        -------
        dict
            For each parameter a float64, or a float64 array of its shape. The gradients are computed in one pass and
            summed in float64 in an order that depends only on the shapes, so the bits depend neither on the number of
            threads nor on the strides.

        Raises
        ------
        TypeError
            If x or grad is not an array of real numbers, or a name is not a parameter.
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
        short = bool(self._domains) and not parameters
        if short and isinstance(x, np.ndarray) and isinstance(grad, np.ndarray) and _are_alike(x, grad):
            numbers = tuple(value.reshape(1) for value in self._inputs)
            totals = _engine.parameter_gradients(self.code, x.reshape(1, 1, -1), grad.reshape(1, 1, -1), numbers, False)
            return {name: total[0] for name, total in zip(self._domains, totals, strict=True)}
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
        dtype = result_dtype(g.dtype, values.dtype)
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


def _are_alike(a: Array, b: Array) -> bool:
    """Return whether both are of one shape, not empty, and of one of the floating-point dtypes of NumPy's own."""
    return (
        type(a) is type(b) is np.ndarray
        and a.shape == b.shape
        and a.dtype == b.dtype
        and a.dtype.kind == "f"
        and a.dtype.itemsize <= 8
        and a.dtype.isnative
        and a.size > 0
    )


def _sums_per_parameter(code: int, grad: Array, x: Array, parameters: list[Array]) -> list[Array]:
    """Return the sums of grad·∂f/∂p over the axes where the parameters, which have the same shape, have length 1.

    The axes are joined to (outer, channels, inner), with the parameters varying along the middle axis. If this needs
    more than three axes, this function iterates over the first one.
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
    """Return the sum of the arrays, added in order."""
    result = np.zeros_like(totals[0])
    for total in totals:
        result += total
    return result


def _summed_to(total: Array, shape: tuple[int, ...]) -> Array:
    """Return the sum over the axes that broadcasting has added or extended."""
    total = np.asarray(total.sum(axis=tuple(range(total.ndim - len(shape)))))
    return np.asarray(total.sum(axis=tuple(i for i, length in enumerate(shape) if length == 1), keepdims=True))
