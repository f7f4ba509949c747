"""The data that a forward pass keeps for the backward pass: the input, the output, or bits.

`Activation.forward` returns its result and a `Saved` object, which `Activation.backward` accepts in place of the input.
This module also contains the passes that add a bias and sum its gradient. The arithmetic is in
``_kernels/drivers/passes.c``.

The activation classes import this module, not the reverse: its functions accept codes and arguments of the registry.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from spatium import _engine
from spatium._arrays import Array, Out, Output, output_array, real_array

__all__ = ["Policy", "Saved"]

Policy = Literal["input", "output", "bits"]

# The meaning of one bit per element. "slope": f′ has two values, and the bit selects one. "side": the bit is the side
# of the minimum on which x lies; it determines f′ together with the output. "none": f′ is 1 everywhere, so no bit is
# needed. None: f′ cannot be computed from bits.
Bits = Literal["slope", "side", "none"] | None


class Saved:
    """The data that a forward pass keeps; returned by `Activation.forward`. The object is immutable and picklable.

    Attributes
    ----------
    activation : Activation
        The activation of the forward pass.
    save : {"input", "output", "bits"}
        The policy.
    shape, dtype
        The shape and the dtype of the result, and of the gradient that `Activation.backward` returns.
    array : ndarray or None
        The saved input or output. It is a copy only if the forward pass has overwritten the input; otherwise, changing
        the original array changes the gradient.
    bits : ndarray or None
        One bit per element, as uint8 of shape (⌈size/8⌉,), in C order; the first element is in the lowest bit.
    bias : ndarray or None
        A copy of the bias, kept only with "input".

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> x = np.linspace(-2.0, 2.0, 1000, dtype=np.float32)
    >>> y, saved = sp.ReLU().forward(x, save="bits")
    >>> saved.nbytes, x.nbytes
    (125, 4000)
    >>> bool((sp.ReLU().backward(np.ones_like(x), saved) == (x > 0)).all())
    True
    """

    __slots__ = ("_bias_like", "activation", "array", "bias", "bits", "dtype", "save", "shape")

    activation: Any  # an Activation
    save: Policy
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    array: Array | None
    bits: Array | None
    bias: Array | None
    _bias_like: tuple[tuple[int, ...], np.dtype[Any]] | None  # shape and dtype of the bias and of its gradient

    def __init__(
        self,
        activation: Any,
        save: Policy,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        array: Array | None = None,
        bits: Array | None = None,
        bias: Array | None = None,
        bias_like: tuple[tuple[int, ...], np.dtype[Any]] | None = None,
    ) -> None:
        _set_activation(self, activation)
        _set_save(self, save)
        _set_shape(self, shape)
        _set_dtype(self, dtype)
        _set_array(self, array)
        _set_bits(self, bits)
        _set_bias(self, bias)
        _set_bias_like(self, bias_like)
        if bits is not None:
            bits.flags.writeable = False
        if bias is not None:
            bias.flags.writeable = False

    def __setattr__(self, attribute: str, value: Any) -> None:
        raise AttributeError(f"Saved is immutable: {attribute} cannot be set")

    def __delattr__(self, attribute: str) -> None:
        raise AttributeError("Saved is immutable")

    def __reduce__(self) -> tuple[Any, ...]:
        fields = (self.activation, self.save, self.shape, self.dtype, self.array, self.bits, self.bias, self._bias_like)
        return (Saved, fields)

    def __repr__(self) -> str:
        kept = f"{self.nbytes} bytes for {self.dtype} of shape {self.shape}"
        return f"<Saved {self.save!r} of {self.activation!r}: {kept}>"

    @property
    def nbytes(self) -> int:
        """The number of bytes of all saved arrays. A saved output is counted although the next layer keeps it too."""
        return sum(part.nbytes for part in (self.array, self.bits, self.bias) if part is not None)


# By the slots, because `Saved.__setattr__` raises; one by one, because a loop is half of a short forward pass.
_set_activation, _set_save, _set_shape, _set_dtype, _set_array, _set_bits, _set_bias, _set_bias_like = (
    Saved.__dict__[name].__set__
    for name in ("activation", "save", "shape", "dtype", "array", "bits", "bias", "_bias_like")
)


# ---- policies ----


def policies(bits: Bits, from_output: bool) -> tuple[Policy, ...]:
    """Return the save policies of an activation, beginning with the one that keeps the least data."""
    allowed: list[Policy] = ["bits"] if bits else []
    if from_output:
        allowed.append("output")
    return (*allowed, "input")


def check_policy(activation: Any, bits: Bits, save: object) -> Policy:
    """Return the policy that `save` specifies, or raise an error that explains why `activation` does not support it."""
    if save is None:
        return "bits" if bits == "slope" or bits == "none" else "input"
    allowed: tuple[Policy, ...] = activation.save_policies
    for policy in allowed:
        if save == policy:
            return policy
    if save not in ("input", "output", "bits"):
        raise ValueError(f"save is {save!r}, expected 'input', 'output', 'bits' or None")
    if save == "output" and bits == "side":
        reason = "two inputs have the same output; save='bits' keeps the output and the side of the minimum"
    elif save == "output":
        reason = f"several inputs have the same output; use save={allowed[0]!r}"
    elif "output" in allowed:
        reason = "its derivative has more than two values; save='output' needs only the output"
    else:
        reason = "bits do not determine its derivative; use save='input'"
    raise TypeError(f"{activation!r} has no save={save!r}: {reason}")


def kept_bytes(bits: Bits, policy: Policy, size: int, dtype: np.dtype[Any]) -> int:
    """Return `Saved.nbytes` for `size` results of `dtype`, without a bias."""
    array, packed = size * dtype.itemsize, (size + 7) // 8
    if policy != "bits":
        return array
    if bits == "none":
        return 0
    return packed if bits == "slope" else array + packed


# ---- the bias ----


def _converted(array: Array, dtype: np.dtype[Any]) -> Array:
    """Return the array in `dtype`. Numbers outside its range become infinity or 0 without a warning."""
    if array.dtype == dtype:
        return array
    with np.errstate(over="ignore", under="ignore"):
        return array.astype(dtype, copy=False)


def bias_of(bias: ArrayLike, x: Array) -> Array:
    """Return the bias as an array: a number, or one number per element of the last axis of x."""
    array = real_array("bias", bias)
    if array.ndim != 0 and array.shape != x.shape[-1:]:
        expected = "()" if x.ndim == 0 else f"{x.shape[-1:]} (one number per element of the last axis of x) or ()"
        raise ValueError(f"bias has shape {array.shape}, expected {expected}")
    return array


def bias_like(bias: Array) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return the shape and the dtype of the gradient of the bias."""
    kept = bias.dtype if bias.dtype.kind == "f" or bias.dtype.name == "bfloat16" else np.dtype(np.float64)
    return bias.shape, kept


def _period(bias: Array | None, dtype: np.dtype[Any]) -> Array | None:
    """Return the bias as the passes need it: repeated, and in the dtype in which the sum is computed."""
    if bias is None:
        return None
    wide = np.dtype(np.float64 if dtype == np.float64 else np.float32)
    period = np.empty((_engine.repeats(bias.size), bias.size), wide)
    period[...] = _converted(bias, wide).reshape(-1)
    return period.reshape(-1)


def shifted(x: Array, bias: Array) -> Array:
    """Return x + bias in the dtype of x, for activations that are not in the registry."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        total: Array = np.add(x, bias.astype(x.dtype), dtype=x.dtype)
    return total


# ---- passes: x and grad are arrays of the dtype of the results ----


def value(code: int, arguments: tuple[float, ...], x: Array, out: Out, where: Any, bias: ArrayLike) -> Any:
    """Return f(x + bias)."""
    shift = bias_of(bias, x)
    output = Output(out if where is True else None, x.shape, x.dtype)
    if where is not True and out is not None:
        output_array("out", out, x.shape, x.dtype)
    _engine.pass_over(code, "value", arguments, output.array, output.unaliased(x), None, None, _period(shift, x.dtype))
    if where is not True and out is not None:
        np.copyto(out, output.array, where=where, casting="same_kind")
        return out
    return output.result()


def forward(
    activation: Any, bits: Bits, policy: Policy, x: Array, out: Out, bias: ArrayLike | None
) -> tuple[Any, Saved]:
    """Return f(x + bias) and the data that its gradient needs; `activation` is in the registry."""
    shift = None if bias is None else bias_of(bias, x)
    output = Output(out, x.shape, x.dtype)
    readable = output.unaliased(x)
    kept: Array | None = None
    packed: Array | None = None
    if policy == "input":
        kept = x.copy() if readable is x and np.may_share_memory(output.array, x) else readable
    elif policy == "output" or bits == "side":
        kept = output.array
    if policy == "bits" and bits != "none":
        packed = np.empty((x.size + 7) // 8, np.uint8)
    _engine.pass_over(
        activation.code, "value", activation._arguments, output.array, readable, None, packed, _period(shift, x.dtype)
    )
    return output.result(), _saved(activation, policy, x, kept, packed, shift)


def short_forward(
    activation: Any, bits: Bits, policy: Policy, x: ArrayLike, out: Out, bias: ArrayLike | None
) -> tuple[Any, Saved] | None:
    """Return the result of `forward` for arguments that need no conversion, and None for other arguments."""
    if out is not None and policy == "input":  # it may overwrite x
        return None
    packs = policy == "bits" and bits != "none"
    results = _engine.short_value(activation.code, activation._arguments, x, bias, out, packs)
    if results is None:
        return None
    y, packed = results
    kept = x if policy == "input" else y if policy == "output" or bits == "side" else None
    return y, _saved(activation, policy, y, kept, packed, None if bias is None else np.asarray(bias))


def _saved(activation: Any, policy: Policy, result: Array, kept: Any, packed: Array | None, bias: Any) -> Saved:
    """Return the saved data of a pass with a result of the shape and dtype of `result`."""
    like = None if bias is None else bias_like(bias)
    copied = None if like is None or policy != "input" else bias.astype(like[1])
    return Saved(activation, policy, result.shape, result.dtype, kept, packed, copied, like)


class BackwardPass(NamedTuple):
    """The inputs and the output of one backward pass."""

    operation: str
    gradient: Array
    x: Array | None  # the input or the output; None if bits alone determine f′
    bits: Array | None
    bias: Array | None
    bias_like: tuple[tuple[int, ...], np.dtype[Any]] | None  # of the gradient of the bias, if required
    output: Output

    def result(self, sums: Array | None) -> Any:
        """Return the gradient; with `sums`, the sums of its (possibly repeated) columns, also that of the bias."""
        gradient = self.output.result()
        if self.bias_like is None or sums is None:
            return gradient
        shape, dtype = self.bias_like
        columns = math.prod(shape)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            total = sums.reshape(-1, columns).sum(axis=0) if columns else sums
            return gradient, total.astype(dtype).reshape(shape)[()]


def pass_of_saved(saved: Saved, grad: ArrayLike, out: Out) -> BackwardPass:
    """Prepare grad·f′(x) from saved data, with the gradient of the bias if there was one."""
    gradient = real_array("grad", grad)
    if gradient.shape != saved.shape:
        raise ValueError(f"grad has shape {gradient.shape}, expected {saved.shape}, that of the forward pass")
    gradient = _converted(gradient, saved.dtype)
    output = Output(out, saved.shape, saved.dtype)
    operation, x = _operation_of(saved, gradient)
    return BackwardPass(operation, gradient, x, saved.bits, saved.bias, saved._bias_like, output)


def _operation_of(saved: Saved, gradient: Array) -> tuple[str, Array | None]:
    """Return the operation and the array that it reads beside the gradient and the bits."""
    if saved.save == "output":
        return "backward_from_output", saved.array
    if saved.save == "bits":
        # without bits f′ is 1 for every x
        return ("backward", gradient) if saved.bits is None else ("backward_from_side", saved.array)
    return "backward", saved.array


def short_backward(activation: Any, grad: ArrayLike, x: ArrayLike | Saved, out: Out, bias: ArrayLike | None) -> Any:
    """Return the result of `Activation.backward` for arrays that need no conversion, and None for other arguments."""
    code, arguments = activation.code, activation._arguments
    if type(grad) is not np.ndarray or code < 0:
        return None
    if not isinstance(x, Saved):
        columns = bias.size if type(bias) is np.ndarray else 0
        if not columns:
            return None
        return _engine.short_backward(code, arguments, "backward", grad, x, None, bias, columns, out)
    if grad.shape != x.shape or grad.dtype != x.dtype:
        return None
    like, columns = x._bias_like, 0
    if like is not None:
        if len(like[0]) != 1 or like[1] != x.dtype or not like[0][0]:
            return None
        columns = like[0][0]
    operation, array = _operation_of(x, grad)
    return _engine.short_backward(code, arguments, operation, grad, array, x.bits, x.bias, columns, out)


def pass_with_bias(grad: ArrayLike, x: Array, bias: ArrayLike, out: Out) -> BackwardPass:
    """Prepare grad·f′(x + bias) and the gradient of the bias."""
    gradient = real_array("grad", grad)
    if gradient.shape != x.shape:
        raise ValueError(f"grad has shape {gradient.shape}, expected {x.shape}, that of x, because there is a bias")
    shift = bias_of(bias, x)
    output = Output(out, x.shape, x.dtype)
    return BackwardPass("backward", _converted(gradient, x.dtype), x, None, shift, bias_like(shift), output)


def backward(code: int, arguments: tuple[float, ...], run: BackwardPass) -> Any:
    """Run the backward pass of an activation in the registry."""
    columns = 1 if run.bias_like is None else math.prod(run.bias_like[0])
    sums = None if run.bias_like is None else np.zeros(columns * _engine.repeats(columns))
    output = run.output
    _engine.pass_over(
        code, run.operation, arguments, output.array, None if run.x is None else output.unaliased(run.x),
        output.unaliased(run.gradient), run.bits, _period(run.bias, output.array.dtype), sums,
    )  # fmt: skip
    return run.result(sums)
