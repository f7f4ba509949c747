"""The functions of Spatium for arrays of JAX: with jit, vmap, and derivatives of two orders in both modes.

Each call leaves the compiled program (`jax.pure_callback`) and evaluates a NumPy array of the same numbers. So results
have the bits of ``sp``'s, and small arrays take longer than with JAX's own functions.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np

try:
    import jax
    import jax.numpy as jnp
    from jax.custom_derivatives import SymbolicZero
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        'spatium.jax needs JAX: pip install "spatium-activations[jax]"', name=error.name
    ) from error

from spatium import gates, rows
from spatium._checks import check_scalar
from spatium.activations import Activation, activation
from spatium.activations.catalogue import gelu_name
from spatium.activations.operations import RECORDS

__all__ = [
    "gated_tanh", "gaussian_glu", "geglu", "gelu", "glu", "hardmax", "log_softmax", "logsumexp", "prelu", "reglu",
    "silu", "softmax", "softmin", "swiglu", "time_aware_tanh",
]  # fmt: skip  # and the functions that are made from the registry below

_Array: TypeAlias = Any  # jax.Array; JAX is not installed where the types are checked
_Host = Callable[..., Any]


# ---- calls of NumPy from JAX ----


def _as_array(name: str, value: Any) -> _Array:
    """Return the argument `name` as an array of JAX of a floating-point dtype, or raise TypeError."""
    array = jnp.asarray(value)
    if not jnp.issubdtype(array.dtype, jnp.floating):
        raise TypeError(f"{name} has dtype {array.dtype}, expected float16, bfloat16, float32 or float64")
    return array


def _call(host: _Host, shape: tuple[int, ...], dtype: Any, *arrays: _Array) -> _Array:
    """Call a function of NumPy arrays, with an axis in front of all arrays for each vmap.

    The function must not call JAX: a callback that waits for JAX can block the thread on which JAX would go on.
    """

    def quiet(*values: Any) -> Any:
        with np.errstate(all="ignore"):  # JAX's own functions do not warn either
            return host(*map(np.asarray, values))

    return jax.pure_callback(quiet, jax.ShapeDtypeStruct(shape, dtype), *arrays, vmap_method="broadcast_all")


def _no_derivative(text: str) -> Callable[..., Any]:
    def jvp(primals: Any, tangents: Any) -> Any:
        raise NotImplementedError(text)

    return jvp


# ---- elementwise functions ----

_NEXT = {"value": "derivative", "derivative": "second_derivative"}


@functools.lru_cache(maxsize=1024)
def _activation(name: str, parameters: tuple[float, ...]) -> Activation:
    """Return the activation, after the check of its parameters."""
    act = activation(name)
    return type(act)(*parameters) if parameters else act


@functools.lru_cache(maxsize=4096)
def _with_numbers(name: str, operation: str, parameters: tuple[float, ...]) -> Callable[[_Array], _Array]:
    """Return f, f′ or f″ as a function of x, each with the next one as its derivative."""
    act = _activation(name, parameters)
    ufunc, inputs = getattr(act._ufuncs, operation), act._inputs

    def host(x: Any) -> Any:
        return np.asarray(ufunc(x, *inputs))

    @jax.custom_jvp  # type: ignore[untyped-decorator]
    def function(x: _Array) -> _Array:
        return _call(host, x.shape, x.dtype, x)

    def jvp(primals: tuple[_Array], tangents: tuple[_Array]) -> tuple[_Array, _Array]:
        (x,), (tangent,) = primals, tangents
        return function(x), tangent * _with_numbers(name, _NEXT[operation], parameters)(x)

    if operation in _NEXT:
        function.defjvp(jvp)
    else:
        function.defjvp(_no_derivative(f"the second derivative of {name} has no derivative"))
    return function  # type: ignore[no-any-return]


@functools.cache
def _with_arrays(name: str, operation: str) -> Callable[..., _Array]:
    """Return f, f′ or f″ as a function of x and the parameters, which are arrays with as many axes as x."""
    ufunc = getattr(activation(name)._ufuncs, operation)

    def host(x: Any, *parameters: Any) -> Any:
        return np.asarray(ufunc(x, *(p.astype(np.float64) for p in parameters)))

    @jax.custom_jvp  # type: ignore[untyped-decorator]
    def function(x: _Array, *parameters: _Array) -> _Array:
        return _call(host, x.shape, x.dtype, x, *parameters)

    def jvp(primals: tuple[_Array, ...], tangents: tuple[_Array, ...]) -> tuple[_Array, _Array]:
        x, *parameters = primals
        y, total = function(x, *parameters), jnp.zeros_like(x)
        if not isinstance(tangents[0], SymbolicZero):
            total = total + tangents[0] * _with_arrays(name, _NEXT[operation])(x, *parameters)
        varied = [not isinstance(tangent, SymbolicZero) for tangent in tangents[1:]]
        if any(varied):
            if operation != "value":
                raise NotImplementedError(f"the derivatives of {name} have no derivatives by its parameters")
            for slope, tangent, varies in zip(
                _parameter_slopes(name)(x, *parameters), tangents[1:], varied, strict=True
            ):
                if varies:
                    total = total + (tangent * slope).astype(x.dtype)
        return y, total

    if operation in _NEXT:
        function.defjvp(jvp, symbolic_zeros=True)
    else:
        function.defjvp(_no_derivative(f"the second derivative of {name} has no derivative"))
    return function  # type: ignore[no-any-return]


@functools.cache
def _parameter_slopes(name: str) -> Callable[..., list[_Array]]:
    """Return ∂f/∂p for each parameter p as a function of x and the parameters."""
    act = activation(name)

    def host(x: Any, *parameters: Any) -> Any:
        values = [np.broadcast_to(p.astype(np.float64), x.shape) for p in parameters]
        slopes = act.parameter_gradients(np.ones_like(x), x, **dict(zip(act.parameters, values, strict=True)))
        return np.stack([np.asarray(slope).astype(x.dtype) for slope in slopes.values()], axis=-1)

    @jax.custom_jvp  # type: ignore[untyped-decorator]
    def function(x: _Array, *parameters: _Array) -> list[_Array]:
        slopes = _call(host, (*x.shape, len(parameters)), x.dtype, x, *parameters)
        return [slopes[..., k] for k in range(len(parameters))]

    function.defjvp(_no_derivative(f"the gradients of the parameters of {name} have no derivatives"))
    return function  # type: ignore[no-any-return]


def _apply(name: str, x: Any, parameters: list[Any]) -> _Array:
    """Return f(x); numbers as parameters are checked, arrays are broadcast against x."""
    array = _as_array("x", x)
    names = tuple(activation(name).parameters)
    if not any(isinstance(p, jax.Array | np.ndarray) for p in parameters):
        try:
            values = tuple(map(float, parameters))
        except (TypeError, ValueError):
            raise TypeError(f"{', '.join(names)} is {parameters!r}, expected numbers or arrays") from None
        return _with_numbers(name, "value", values)(array)
    aligned = []
    for own, parameter in zip(names, parameters, strict=True):
        value = jnp.asarray(parameter, dtype=None if hasattr(parameter, "dtype") else jnp.float32)
        ends = array.shape[max(array.ndim - value.ndim, 0) :]
        if value.ndim > array.ndim or any(n not in (1, end) for n, end in zip(value.shape, ends, strict=True)):
            raise ValueError(f"{own} has shape {value.shape}, expected one that broadcasts to that of x, {array.shape}")
        aligned.append(value.reshape((1,) * (array.ndim - value.ndim) + value.shape))
    return _with_arrays(name, "value")(array, *aligned)


_DOC = """{summary}

{formula}

Parameters
----------
x : array
    An array of float16, bfloat16, float32, or float64 where JAX has enabled it; any shape.
{parameters}
Returns
-------
array
    An array with the shape and the dtype of x, and the bits that ``sp.{name}`` returns for the same numbers.

Raises
------
TypeError
    If x is not of a floating-point dtype.
ValueError
    If a number is outside the domain of its parameter, or an array is not broadcast to the shape of x.

See Also
--------
spatium.{cls} : source and special values.

Examples
--------
>>> import jax, spatium.jax as sj
>>> jax.jit(jax.grad(lambda x: sj.{name}(x).sum()))(jax.numpy.zeros(3)).shape
(3,)
"""
_PARAMETERS = """{names} : float or array
    An array is broadcast against x and has a derivative, of the first order. The numbers in an array are not checked.
"""


def _function(name: str) -> Callable[..., _Array]:
    """Return the public function of the activation `name`."""
    cls = type(activation(name))
    own = list(inspect.signature(cls).parameters.values())
    x = inspect.Parameter("x", inspect.Parameter.POSITIONAL_ONLY)
    signature = inspect.Signature([x, *own])

    def function(*args: Any, **kwargs: Any) -> _Array:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        first, *parameters = bound.arguments.values()
        # a parameter whose default is None has the value of the parameter before it
        values = [parameters[k - 1] if value is None else value for k, value in enumerate(parameters)]
        return _apply(name, first, values)

    names = ", ".join(parameter.name for parameter in own)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = _DOC.format(
        summary=(inspect.getdoc(cls) or "").partition("\n")[0], formula=f"{cls._formula(name)}.", cls=cls.__name__,
        parameters=_PARAMETERS.format(names=names) if names else "", name=name,
    )  # fmt: skip
    function.__signature__ = signature  # type: ignore[attr-defined]
    return function


for _name in RECORDS:
    if not _name.startswith("gelu"):
        globals()[_name] = _function(_name)
        __all__ += [_name]
__all__.sort()
del _name


def gelu(x: Any, /, approximate: Literal["none", "tanh", "sigmoid"] = "none") -> _Array:
    """Gaussian error linear unit: x·Φ(x), or one of its approximations.

    The default is the exact function, unlike that of `jax.nn.gelu`. The rest is as for `tanh`.

    Raises
    ------
    ValueError
        If `approximate` is not one of these.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.gelu(jnp.array([-6.0, 1.0]))
    Array([-5.9195258e-09,  8.4134477e-01], dtype=float32)
    """
    return _with_numbers(gelu_name(approximate), "value", ())(_as_array("x", x))


def silu(x: Any, /) -> _Array:
    """Swish without a parameter: x·σ(x).

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.silu(jnp.array([-jnp.inf, 0.0]))
    Array([-0.,  0.], dtype=float32)
    """
    return _apply("swish", x, [1.0])


def prelu(x: Any, /, weight: Any, channel_axis: int = 1) -> _Array:
    """Leaky rectified linear unit with one slope per channel: x if x > 0 else weight·x.

    Parameters
    ----------
    x : array
        An array of a floating-point dtype.
    weight : float or array
        One slope, or one slope per channel of x.
    channel_axis : int
        The axis of the channels; Flax has them in the last axis, -1.

    Returns
    -------
    array
        An array with the shape and the dtype of x.

    Raises
    ------
    ValueError
        If weight has another number of slopes than x has channels.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.prelu(-jnp.ones((1, 2)), jnp.array([0.25, 0.5]))
    Array([[-0.25, -0.5 ]], dtype=float32)
    """
    array = _as_array("x", x)
    if not isinstance(weight, jax.Array | np.ndarray) or weight.size == 1:
        return _apply("leaky_relu", array, [weight.reshape(()) if hasattr(weight, "reshape") else weight])
    axis = _axis("x", array, channel_axis)
    if weight.shape != (array.shape[axis],):
        raise ValueError(f"weight has shape {weight.shape}, expected {(array.shape[axis],)}, one slope per channel")
    return _apply("leaky_relu", array, [weight.reshape(-1, *(1,) * (-axis - 1))])


# ---- functions of rows ----


def _axis(name: str, array: _Array, axis: int) -> int:
    """Return the axis as a negative number, which vmap does not change."""
    if not -array.ndim <= axis < array.ndim:
        raise ValueError(f"axis is {axis}, expected an axis of {name}, which has {array.ndim}")
    return axis if axis < 0 else axis - array.ndim


@functools.cache
def _of_rows(name: str, axis: int) -> Callable[[_Array], _Array]:
    """Return a function of rows along an axis; its derivative consists of operations of JAX and the function itself."""
    function_of_arrays = getattr(rows, name)

    def host(x: Any) -> Any:
        return np.asarray(function_of_arrays(x, axis=axis))

    @jax.custom_jvp  # type: ignore[untyped-decorator]
    def function(x: _Array) -> _Array:
        shape = list(x.shape)
        if name == "logsumexp":
            del shape[axis]
        elif shape[axis] == 0:
            raise ValueError(f"x has shape {x.shape}: {name} of no elements along axis {axis} is not defined")
        return _call(host, tuple(shape), x.dtype, x)

    def jvp(primals: tuple[_Array], tangents: tuple[_Array]) -> tuple[_Array, _Array]:
        (x,), (t,) = primals, tangents
        y = function(x)
        if name == "hardmax":
            return y, jnp.zeros_like(y)
        shares = y if name in ("softmax", "softmin") else _of_rows("softmax", axis)(x)
        if name == "logsumexp":
            return y, (shares * t).sum(axis)
        difference = t - (shares * t).sum(axis, keepdims=True)
        if name == "log_softmax":
            return y, difference
        return y, y * difference if name == "softmax" else -y * difference

    function.defjvp(jvp)
    return function  # type: ignore[no-any-return]


def softmax(x: Any, axis: int = -1) -> _Array:
    """Probabilities along an axis: exp(x) / sum(exp(x)).

    Parameters
    ----------
    x : array
        An array of a floating-point dtype with at least one axis.
    axis : int
        The axis along which the results add up to 1.

    Returns
    -------
    array
        An array with the shape and the dtype of x, and the bits that ``sp.softmax`` returns.

    Raises
    ------
    TypeError
        If x is not of a floating-point dtype.
    ValueError
        If x does not have this axis, or no elements along it.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.softmax(jnp.array([[0.0, 0.0], [1000.0, -1000.0]]))
    Array([[0.5, 0.5],
           [1. , 0. ]], dtype=float32)
    """
    array = _as_array("x", x)
    return _of_rows("softmax", _axis("x", array, axis))(array)


def softmin(x: Any, axis: int = -1) -> _Array:
    """Probabilities that decrease with x: softmax(-x). Arguments and errors are those of `softmax`.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.softmin(jnp.array([0.0, 1000.0]))
    Array([1., 0.], dtype=float32)
    """
    array = _as_array("x", x)
    return _of_rows("softmin", _axis("x", array, axis))(array)


def hardmax(x: Any, axis: int = -1) -> _Array:
    """One at the first maximum along an axis, zero elsewhere; the derivative is zero.

    Arguments and errors are those of `softmax`.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.hardmax(jnp.array([1.0, 3.0, 3.0]))
    Array([0., 1., 0.], dtype=float32)
    """
    array = _as_array("x", x)
    return _of_rows("hardmax", _axis("x", array, axis))(array)


def log_softmax(x: Any, axis: int = -1) -> _Array:
    """Logarithms of the probabilities: x - logsumexp(x). Arguments and errors are those of `softmax`.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.log_softmax(jnp.array([40.0, 0.0]))
    Array([-4.248354e-18, -4.000000e+01], dtype=float32)
    """
    array = _as_array("x", x)
    return _of_rows("log_softmax", _axis("x", array, axis))(array)


def logsumexp(x: Any, axis: int = -1, keepdims: bool = False) -> _Array:
    """Logarithm of the sum of exponentials along an axis, which remains with length 1 if `keepdims` is true.

    Arguments and errors are those of `softmax`.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.logsumexp(jnp.array([[1000.0, 1000.0], [0.0, -50.0]]))
    Array([1.0006932e+03, 1.9287499e-22], dtype=float32)
    """
    array = _as_array("x", x)
    place = _axis("x", array, axis)
    result = _of_rows("logsumexp", place)(array)
    return jnp.expand_dims(result, place) if keepdims else result


# ---- functions of two arrays ----


def _of(name: str, operation: str = "value", *parameters: float) -> Callable[[_Array], _Array]:
    return _with_numbers(name, operation, parameters)


def _by_activation(name: str) -> Callable[..., tuple[_Array, _Array]]:
    """Return the derivatives of act(a)·b."""
    return lambda a, b, *p: (b * _of(name, "derivative", *p)(a), _of(name, "value", *p)(a))


def _of_glu(a: _Array, b: _Array) -> tuple[_Array, _Array]:
    return _of("sigmoid")(b), a * _of("sigmoid", "derivative")(b)


def _of_gaussian_glu(a: _Array, b: _Array, mean: float, std: float) -> tuple[_Array, _Array]:
    z = (a - mean) / std
    gate = jnp.exp(-0.5 * z * z)
    return -z / std * gate * b, gate


def _of_time_aware_tanh(x: _Array, t: _Array, rate: float) -> tuple[_Array, _Array]:
    decay = jnp.exp(-rate * t)
    return _of("tanh", "derivative")(x) * decay, -rate * _of("tanh")(x) * decay


def _of_gated_tanh(x: _Array, h: _Array) -> tuple[_Array, _Array]:
    z, rest, slope = _of("sigmoid")(x + h), _of("sigmoid")(-x - h), _of("sigmoid", "derivative")(x + h)
    bend = slope * (_of("tanh")(x) - h)
    return bend + z * _of("tanh", "derivative")(x), bend + rest


_GATES: dict[str, tuple[Callable[..., Any], Callable[..., tuple[_Array, _Array]]]] = {
    "reglu": (gates.reglu, _by_activation("relu")),
    "geglu": (gates.geglu, _by_activation("gelu")),
    "geglu_tanh": (functools.partial(gates.geglu, approximate="tanh"), _by_activation("gelu_tanh")),
    "geglu_sigmoid": (functools.partial(gates.geglu, approximate="sigmoid"), _by_activation("gelu_sigmoid")),
    "swiglu": (gates.swiglu, _by_activation("swish")),
    "time_aware_tanh": (gates.time_aware_tanh, _of_time_aware_tanh),
    "gated_tanh": (gates.gated_tanh, _of_gated_tanh),
    "glu": (lambda a, b: gates.glu(np.stack((a, b)), axis=0)[0], _of_glu),
    "gaussian_glu": (
        lambda a, b, mean, std: gates.gaussian_glu(np.stack((a, b)), mean, std, 0)[0],
        _of_gaussian_glu,
    ),
}


@functools.lru_cache(maxsize=1024)
def _gate(name: str, parameters: tuple[float, ...]) -> Callable[[_Array, _Array], _Array]:
    """Return a function of two arrays of one shape and dtype."""
    function_of_arrays, derivatives = _GATES[name]

    def host(a: Any, b: Any) -> Any:
        return np.asarray(function_of_arrays(a, b, *parameters))

    @jax.custom_jvp  # type: ignore[untyped-decorator]
    def function(a: _Array, b: _Array) -> _Array:
        return _call(host, a.shape, a.dtype, a, b)

    def jvp(primals: tuple[_Array, _Array], tangents: tuple[_Array, _Array]) -> tuple[_Array, _Array]:
        by_a, by_b = derivatives(*primals, *parameters)
        return function(*primals), tangents[0] * by_a + tangents[1] * by_b

    function.defjvp(jvp)
    return function  # type: ignore[no-any-return]


def _alike(**values: Any) -> tuple[_Array, _Array]:
    """Return the arrays with their broadcast shape and common dtype."""
    a, b = (_as_array(name, value) for name, value in values.items())
    dtype = jnp.promote_types(a.dtype, b.dtype)
    a, b = jnp.broadcast_arrays(a.astype(dtype), b.astype(dtype))
    return a, b


def _halves(x: Any, axis: int) -> tuple[_Array, _Array]:
    array = _as_array("x", x)
    place = _axis("x", array, axis)
    if array.shape[place] % 2:
        raise ValueError(f"x has {array.shape[place]} elements along axis {axis}, expected an even number")
    a, b = jnp.split(array, 2, place)
    return a, b


def _number(name: str, value: Any, domain: str) -> float:
    number = float(value)
    if not math.isfinite(number) or (domain == "positive" and number <= 0.0):
        check_scalar(name, number, domain)
    return number


def glu(x: Any, axis: int = -1) -> _Array:
    """Gated linear unit: a·σ(b), where a and b are the first and second half along an axis.

    Parameters
    ----------
    x : array
        An array of a floating-point dtype, with an even number of elements along the axis.
    axis : int
        The axis that is halved.

    Returns
    -------
    array
        An array with half of the elements along the axis, and the bits that ``sp.glu`` returns.

    Raises
    ------
    TypeError
        If x is not of a floating-point dtype.
    ValueError
        If x does not have this axis, or an odd number of elements along it.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.glu(jnp.array([1.0, 2.0, 0.0, 100.0]))
    Array([0.5, 2. ], dtype=float32)
    """
    return _gate("glu", ())(*_halves(x, axis))


def gaussian_glu(x: Any, mean: float = 0.0, std: float = 1.0, axis: int = -1) -> _Array:
    """Linear unit gated by a Gaussian: exp(-((a - mean)/std)²/2)·b for the halves a, b along an axis.

    The arguments are those of `glu`, and two numbers: `mean`, and `std` above 0.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.gaussian_glu(jnp.array([0.0, 3.0]))
    Array([3.], dtype=float32)
    """
    parameters = _number("mean", mean, "finite"), _number("std", std, "positive")
    return _gate("gaussian_glu", parameters)(*_halves(x, axis))


def reglu(gate: Any, value: Any) -> _Array:
    """Linear unit gated by relu: relu(gate)·value.

    Parameters
    ----------
    gate, value : array
        Arrays of floating-point dtypes, which are broadcast against each other.

    Returns
    -------
    array
        An array with the broadcast shape and the common dtype, and the bits that ``sp.reglu`` returns.

    Raises
    ------
    TypeError
        If an argument is not of a floating-point dtype.
    ValueError
        If the shapes cannot be broadcast.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.reglu(jnp.array([1.0, 2.0]), jnp.array(3.0))
    Array([3., 6.], dtype=float32)
    """
    return _gate("reglu", ())(*_alike(gate=gate, value=value))


def geglu(gate: Any, value: Any, approximate: Literal["none", "tanh", "sigmoid"] = "none") -> _Array:
    """Linear unit gated by gelu: gelu(gate)·value. The rest is as for `reglu`.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.geglu(jnp.array(0.0), jnp.array(2.0))
    Array(0., dtype=float32)
    """
    return _gate(gelu_name(approximate).replace("gelu", "geglu"), ())(*_alike(gate=gate, value=value))


def swiglu(gate: Any, value: Any, beta: float = 1.0) -> _Array:
    """Linear unit gated by swish: gate·σ(beta·gate)·value. `beta` is a finite number, the rest is as for `reglu`.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.swiglu(jnp.array([0.0, 100.0]), jnp.array(2.0))
    Array([  0., 200.], dtype=float32)
    """
    return _gate("swiglu", (_number("beta", beta, "finite"),))(*_alike(gate=gate, value=value))


def time_aware_tanh(x: Any, t: Any, decay_rate: float = 0.1) -> _Array:
    """Hyperbolic tangent that decays with time: tanh(x)·exp(-decay_rate·t).

    `decay_rate` is a finite number; the rest is as for `reglu`.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.time_aware_tanh(jnp.array(0.0), jnp.array(10.0))
    Array(0., dtype=float32)
    """
    rate = _number("decay_rate", decay_rate, "finite")
    return _gate("time_aware_tanh", (rate,))(*_alike(x=x, t=t))


def gated_tanh(x: Any, h: Any) -> _Array:
    """Update of a recurrent state by a gate: z·tanh(x) + (1 - z)·h with z = σ(x + h). The rest is as for `reglu`.

    Examples
    --------
    >>> import jax.numpy as jnp, spatium.jax as sj
    >>> sj.gated_tanh(jnp.array(50.0), jnp.array(0.5))
    Array(1., dtype=float32)
    """
    return _gate("gated_tanh", ())(*_alike(x=x, h=h))
