"""An activation that consists of NumPy functions of the user."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from spatium import _dask, passes
from spatium._arrays import Array, Out, Output, real_array
from spatium.activations.base import Activation, GradientSource, check_pair
from spatium.passes import Bits, Policy, Saved


class Custom(Activation):
    """An activation that consists of NumPy functions of the user. It can be used like any other activation.

    Parameters
    ----------
    value : callable
        An elementwise function: it accepts an array and returns an array of the same shape.
    derivative : callable, optional
        The derivative, in the same form. Without it, methods that need a derivative raise a TypeError.
    name : str, optional
        The name for printing and for files; by default the name of the function `value`.
    second_derivative : callable, optional
        The second derivative, in the same form.

    Notes
    -----
    Results are cast to the dtype of built-in activations for the same input (float32 for float32). Two custom
    activations are equal if their functions and names are equal. Files of maps contain only the name of a custom
    activation.

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
            raise TypeError(f"name is {name!r}, expected a nonempty string")
        object.__setattr__(self, "name", label)
        object.__setattr__(self, "_arguments", ())
        object.__setattr__(self, "_value", value)
        object.__setattr__(self, "_derivative", derivative)
        object.__setattr__(self, "_second_derivative", second_derivative)

    @property
    def code(self) -> int:
        """−1, because the function is not in the registry."""
        return -1

    @property
    def gradient_from(self) -> GradientSource:
        """Always "input", because nothing is known about the function."""
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
        # copy if the user's function returned its argument, so that the result is a new array
        return result.astype(x.dtype, copy=np.may_share_memory(result, x))

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
            raise TypeError(f"{self.name!r} was created without a derivative: Custom(value, derivative)")
        return self._evaluate(self._derivative, x, "derivative")

    def __call__(self, x: ArrayLike, out: Out = None, where: Any = True, bias: ArrayLike | None = None) -> Any:
        """Return the user's function of x, or of x + bias, in the dtype of x."""
        if bias is not None:
            if _dask.is_lazy(x) or _dask.is_lazy(bias):
                return _dask.with_bias(self, x, bias, out, where)
            array = self._input("x", x)
            total = passes.shifted(array, passes.bias_of(bias, array))
            Output(out if where is True else None, array.shape, array.dtype)  # checks `out` before the computation
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
            raise TypeError(f"{self.name!r} was created without a second derivative: use Custom(second_derivative=...)")
        second = self._evaluate(self._second_derivative, self._input("x", x), "second derivative")
        return self._deliver(second, out, where)

    def value_and_derivative(
        self, x: ArrayLike, out: tuple[Out, Out] | None = None, where: Any = True
    ) -> tuple[Any, Any]:
        """Return the value and the derivative; calls the user's functions one after the other."""
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

    def _run(self, run: passes.BackwardPass) -> Any:
        assert run.x is not None  # "input" is the only policy
        slopes_at = run.x if run.bias is None else passes.shifted(run.x, run.bias)
        result = run.output.array
        self.backward(run.gradient, slopes_at, out=result)
        if run.bias_like is None:
            return run.result(None)
        columns = math.prod(run.bias_like[0])
        rows = result.reshape(-1, columns) if columns else result.reshape(0, 0)
        return run.result(np.asarray(np.sum(rows, axis=0, dtype=np.float64)))

    def forward(
        self, x: ArrayLike, save: Policy | None = None, out: Out = None, bias: ArrayLike | None = None
    ) -> tuple[Any, Saved]:
        """Return the user's function of x and a `Saved` object that holds x or x + bias; see `Activation.forward`."""
        policy, array = self.check_save(save), self._input("x", x)
        shift = None if bias is None else passes.bias_of(bias, array)
        output = Output(out, array.shape, array.dtype)
        if shift is not None:
            kept, like = passes.shifted(array, shift), passes.bias_like(shift)
        else:
            kept, like = array.copy() if np.may_share_memory(output.array, array) else array, None
        self(kept, out=output.array)
        return output.result(), Saved(self, policy, array.shape, array.dtype, kept, bias_like=like)
