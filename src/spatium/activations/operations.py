"""The ufuncs of the C registry, with docstrings that are generated from those of the activation classes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from spatium import _engine
from spatium._arrays import Array, real_array


class Operations(NamedTuple):
    """The ufuncs of one activation. The `_from_output` ufuncs are None if the output does not determine f′."""

    value: np.ufunc
    derivative: np.ufunc
    value_and_derivative: np.ufunc
    backward: np.ufunc
    derivative_from_output: np.ufunc | None
    backward_from_output: np.ufunc | None
    second_derivative: np.ufunc


OPERATIONS: dict[str, Operations] = {}
RECORDS = {record.name: record for record in _engine.registry()}

_WHAT = {
    "value": ("x", "Evaluate {name} elementwise: {formula}."),
    "derivative": ("x", "Evaluate the derivative of {name} elementwise, from its input."),
    "value_and_derivative": ("x", "Evaluate {name} and its derivative in one pass; two outputs."),
    "backward": ("grad, x", "Evaluate grad times the derivative of {name} at x, in one pass."),
    "derivative_from_output": ("y", "Evaluate the derivative of {name} from its output y alone."),
    "backward_from_output": ("grad, y", "Evaluate grad times the derivative of {name}, from its output y alone."),
    "second_derivative": ("x", "Evaluate the second derivative of {name} elementwise, from its input."),
}


_CANCELS = {
    "derivative": ", except next to a minimum, where the float64 error is below 2⁻⁶⁰",
    "second_derivative": ", except where it changes its sign",
}


def _errors(record: _engine.Record, operation: str) -> str:
    """Return the sentence on the error bounds of an operation, if there are any."""
    if operation not in ("value", "derivative", "second_derivative"):
        return ""
    single, double, plain = (
        f"{record.bound(operation, dtype, isa):g} ulp"
        for dtype, isa in (("float32", None), ("float64", None), ("float64", "baseline"))
    )
    without = "" if plain == double else f" (without AVX2: {plain})"
    results = "With moderate parameters, results" if record.n_parameters else "Results"
    return (
        f"{results} are within {single} in float32 and {double} in float64{without}"
        f"{_CANCELS.get(operation, '')}; float16 and bfloat16 results are correctly rounded.\n\n"
    )


def _ufunc_docstring(name: str, formula: str, operation: str, parameters: list[str], cls: str) -> str:
    errors = _errors(RECORDS[name], operation)
    arguments, sentence = _WHAT[operation]
    function = name if operation == "value" else f"{name}_{operation}"
    arrays = arguments.split(", ")
    call = f"sp.ufuncs.{function}({', '.join(['np.array([-1.0, 2.0])'] * len(arrays) + ['0.5'] * len(parameters))})"
    inputs = "".join(
        f"{array} : array_like\n    float16, float32, float64 (integers as in NumPy's own ufuncs), any shape.\n"
        for array in arrays
    ) + "".join(
        f"{parameter} : array_like of float64\n    Parameter, broadcast against x; does not affect the dtype.\n"
        for parameter in parameters
    )
    outputs = {"value": "y", "value_and_derivative": "y, dy", "second_derivative": "d2y"}.get(operation, "dy")
    return f"""{function}({", ".join(arrays + parameters)}, /, out=None, *, where=True, **ufunc_keywords)

{sentence.format(name=name, formula=formula)}

{errors}Parameters
----------
{inputs}
Returns
-------
{outputs} : ndarray
    An array with the dtype of the arrays and the broadcast shape.

See Also
--------
spatium.{cls} : formula, source and special values.

Examples
--------
>>> import numpy as np, spatium as sp
>>> result = {call}
"""


def make_operations(name: str, parameters: list[str], formula: str, cls: str) -> Operations:
    """Create the ufuncs of the activation `name` of the class `cls`."""
    record = RECORDS[name]
    if len(parameters) != record.n_parameters:
        raise TypeError(f"{cls} has parameters {parameters}, expected {record.n_parameters} as in the registry")
    made: list[Any] = [
        None
        if "from_output" in operation and not record.from_output
        else _engine.make_ufunc(record.code, operation, _ufunc_docstring(name, formula, operation, parameters, cls))
        for operation in _engine.OPERATIONS
    ]
    return Operations(*made)


class BoundOperations(NamedTuple):
    """The operations with one input and one output, with their parameters given: functions of an array and `out`."""

    value: _engine.BoundUfunc
    derivative: _engine.BoundUfunc
    second_derivative: _engine.BoundUfunc


def bound_ufunc(name: str, operation: str, inputs: tuple[Array, ...]) -> _engine.BoundUfunc:
    """Return an operation of the activation `name` with these parameters."""
    return _engine.BoundUfunc(RECORDS[name].code, operation, getattr(OPERATIONS[name], operation), inputs)


def bound_operations(name: str, inputs: tuple[Array, ...]) -> BoundOperations:
    """Return all of them."""
    return BoundOperations(*(bound_ufunc(name, operation, inputs) for operation in BoundOperations._fields))


def result_dtype(*inputs: Any) -> np.dtype[Any]:
    """Return the dtype of the results for one or two arrays of these dtypes; a Python number is given by its type.

    All activations have the same loops, and their parameters do not change the dtype.
    """
    relu = OPERATIONS["relu"]
    return (relu.value if len(inputs) == 1 else relu.backward).resolve_dtypes((*inputs, None))[-1]


def arrays_of_one_dtype(**values: ArrayLike) -> list[Array]:
    """Return the arguments as arrays of one dtype, the result dtype of a ufunc by NumPy's rules."""
    arrays = [real_array(name, value) for name, value in values.items()]
    first = arrays[0].dtype
    alike = all(type(value) is np.ndarray and value.dtype == first for value in values.values())
    if alike and first.kind == "f" and first.isnative:
        return arrays
    weak = [
        type(value) if type(value) in (int, float) else array.dtype
        for value, array in zip(values.values(), arrays, strict=True)
    ]
    dtype: Any = weak[0] if len(weak) > 1 else result_dtype(weak[0])
    for other in weak[1:]:
        dtype = result_dtype(dtype, other)
    with np.errstate(over="ignore", under="ignore"):  # from converting Python numbers
        return [array.astype(dtype, copy=False) for array in arrays]
