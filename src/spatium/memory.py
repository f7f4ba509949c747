"""What a forward pass keeps for the backward pass: the input, the output, or bits.

`Activation.forward` returns its result and a `Saved`, which `Activation.backward` takes in place of the input. Also the
passes that add a bias and sum up its gradient on the way. The arithmetic is in ``_kernels/memory.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from . import _engine
from ._arrays import Array, Out, Target, output_array, real_array

if TYPE_CHECKING:
    from .activations import Activation

__all__ = ["Policy", "Saved"]

Policy = Literal["input", "output", "bits"]

_RECORDS = {record.name: record for record in _engine.registry()}
# A bias shorter than this is repeated, so that the inner loops are not shorter.
_SHORTEST_PERIOD = 64


class Saved:
    """What a forward pass kept: immutable, picklable, made by `Activation.forward`.

    Attributes
    ----------
    activation : Activation
        Whose pass it was.
    save : {"input", "output", "bits"}
        The policy.
    shape, dtype
        Of the result, and of the gradient that `Activation.backward` takes and returns.
    array : ndarray or None
        The input or the output that is kept. It is not a copy (unless the forward pass has overwritten the input), so
        writing into that array changes the gradient.
    bits : ndarray or None
        One bit per element, uint8 of shape (⌈size/8⌉,), in C order, the first element in the lowest bit.
    bias : ndarray or None
        Its copy, kept with "input" only.

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

    activation: Activation
    save: Policy
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    array: Array | None
    bits: Array | None
    bias: Array | None
    _bias_like: tuple[tuple[int, ...], np.dtype[Any]] | None  # shape and dtype of the bias and of its gradient

    def __init__(
        self,
        activation: Activation,
        save: Policy,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        array: Array | None = None,
        bits: Array | None = None,
        bias: Array | None = None,
        bias_like: tuple[tuple[int, ...], np.dtype[Any]] | None = None,
    ) -> None:
        fields = (activation, save, shape, dtype, array, bits, bias, bias_like)
        names = ("activation", "save", "shape", "dtype", "array", "bits", "bias", "_bias_like")
        for name, value in zip(names, fields, strict=True):
            object.__setattr__(self, name, value)
        for own in (bits, bias):
            if own is not None:
                own.flags.writeable = False

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
        """Bytes of everything that is kept; an output is counted although the next layer will hold it as well."""
        return sum(part.nbytes for part in (self.array, self.bits, self.bias) if part is not None)


# ---- policies ----


def policies(activation: Activation) -> tuple[Policy, ...]:
    """The policies that `activation` allows, the one that keeps least first."""
    record = _RECORDS.get(activation.name) if activation.code >= 0 else None
    allowed: list[Policy] = []
    if record is not None and (record.two_slopes or record.from_side or record.name == "identity"):
        allowed.append("bits")
    if activation.gradient_from == "output":
        allowed.append("output")
    return (*allowed, "input")


def _is_exact(activation: Activation) -> bool:
    """Whether bits alone tell the derivative."""
    record = _RECORDS.get(activation.name) if activation.code >= 0 else None
    return record is not None and (record.two_slopes or record.name == "identity")


def check_policy(activation: Activation, save: object) -> Policy:
    """The policy that `save` stands for, or an error that says why there is none."""
    allowed = policies(activation)
    if save is None:
        return "bits" if _is_exact(activation) else "input"
    for policy in allowed:
        if save == policy:
            return policy
    if save not in ("input", "output", "bits"):
        raise ValueError(f"save is {save!r}, expected 'input', 'output', 'bits' or None")
    if save == "output" and "bits" in allowed and not _is_exact(activation):
        reason = "two inputs share each output; save='bits' keeps the output and the side of the minimum"
    elif save == "output":
        reason = f"many inputs share each output; use save={allowed[0]!r}"
    elif "output" in allowed:
        reason = "its derivative takes more than two values; save='output' needs the output alone"
    else:
        reason = "neither two slopes nor the two sides of one minimum tell its derivative; use save='input'"
    raise TypeError(f"{activation!r} has no save={save!r}: {reason}")


def kept_bytes(activation: Activation, policy: Policy, size: int, dtype: np.dtype[Any]) -> int:
    """`Saved.nbytes` of `size` results of `dtype`, without a bias."""
    array, bits = size * dtype.itemsize, (size + 7) // 8
    if policy != "bits":
        return array
    if activation.name == "identity":
        return 0
    return bits if _is_exact(activation) else array + bits


# ---- arguments ----


def _input(activation: Activation, name: str, x: ArrayLike) -> Array:
    """An array of the dtype that the activation's ufunc would return."""
    array = real_array(name, x)
    return array.astype(result_dtype(activation, array.dtype), copy=False)


def result_dtype(activation: Activation, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of the results for inputs of `dtype`."""
    ufunc: np.ufunc = np.tanh if activation.code < 0 else activation._ufuncs.value
    return ufunc.resolve_dtypes((dtype, *[np.dtype(np.float64)] * len(activation._arguments), None))[0]


def _bias(bias: ArrayLike, x: Array) -> Array:
    """The bias: a number, or one per element of the last axis of x."""
    array = real_array("bias", bias)
    if array.ndim != 0 and array.shape != x.shape[-1:]:
        expected = "()" if x.ndim == 0 else f"{x.shape[-1:]} (one number per element of the last axis of x) or ()"
        raise ValueError(f"bias has shape {array.shape}, expected {expected}")
    return array


def _bias_like(bias: Array) -> tuple[tuple[int, ...], np.dtype[Any]]:
    kept = bias.dtype if bias.dtype.kind == "f" or bias.dtype.name == "bfloat16" else np.dtype(np.float64)
    return bias.shape, kept


def _repeats(size: int) -> int:
    return -(-_SHORTEST_PERIOD // max(size, 1))


def _period(bias: Array | None, dtype: np.dtype[Any]) -> Array | None:
    """The bias as the passes take it: repeated, in the type that the sum is formed in."""
    if bias is None:
        return None
    wide = np.float64 if dtype == np.float64 else np.float32
    with np.errstate(over="ignore"):
        return np.tile(bias.astype(wide).reshape(-1), _repeats(bias.size))


# ---- passes ----


def value(activation: Activation, x: ArrayLike, out: Out, where: Any, bias: ArrayLike) -> Any:
    """f(x + bias)."""
    array = _input(activation, "x", x)
    shift = _bias(bias, array)
    target = Target(out if where is True else None, array.shape, array.dtype)
    if activation.code < 0:
        return activation(_shifted(array, shift), out=out, where=where)
    if where is not True and out is not None:
        output_array("out", out, array.shape, array.dtype)
    _engine.pass_over(
        activation.code, "value", activation._arguments, target.array, target.apart(array), None, None,
        _period(shift, array.dtype),
    )  # fmt: skip
    if where is not True and out is not None:
        np.copyto(out, target.array, where=where, casting="same_kind")
        return out
    return target.deliver()


def _shifted(x: Array, bias: Array) -> Array:
    """The sum in the dtype of x, for activations that are not in the C list."""
    with np.errstate(over="ignore", invalid="ignore"):
        total: Array = np.add(x, bias.astype(x.dtype), dtype=x.dtype)
    return total


def forward(
    activation: Activation, x: ArrayLike, save: Policy | None, out: Out, bias: ArrayLike | None
) -> tuple[Any, Saved]:
    """f(x + bias), and what its gradient needs."""
    policy = check_policy(activation, save)
    array = _input(activation, "x", x)
    shift = None if bias is None else _bias(bias, array)
    like = None if shift is None else _bias_like(shift)
    target = Target(out, array.shape, array.dtype)
    if activation.code < 0:
        kept = array.copy() if shift is None and np.may_share_memory(target.array, array) else array
        kept = kept if shift is None else _shifted(array, shift)
        activation(kept, out=target.array)
        return target.deliver(), Saved(activation, policy, array.shape, array.dtype, kept, bias_like=like)
    readable = target.apart(array)
    kept_array: Array | None = None
    bits: Array | None = None
    record = _RECORDS[activation.name]
    if policy == "input":
        kept_array = array.copy() if readable is array and np.may_share_memory(target.array, array) else readable
    elif policy == "output" or record.from_side:
        kept_array = target.array
    if policy == "bits" and record.name != "identity":
        bits = np.empty((array.size + 7) // 8, np.uint8)
    _engine.pass_over(
        activation.code, "value", activation._arguments, target.array, readable, None, bits,
        _period(shift, array.dtype),
    )  # fmt: skip
    copied = None if shift is None or policy != "input" else shift.astype(like[1] if like else None)
    return target.deliver(), Saved(activation, policy, array.shape, array.dtype, kept_array, bits, copied, like)


def backward(activation: Activation, grad: ArrayLike, saved: Saved, out: Out) -> Any:
    """grad·f'(x), from what a forward pass kept; with the gradient of the bias if there was one."""
    if saved.activation != activation:
        raise ValueError(f"saved was made by {saved.activation!r}, not by {activation!r}")
    gradient = real_array("grad", grad)
    if gradient.shape != saved.shape:
        raise ValueError(f"grad has shape {gradient.shape}, the forward pass had {saved.shape}")
    gradient = gradient.astype(saved.dtype, copy=False)
    target = Target(out, saved.shape, saved.dtype)
    operation, x = "backward", saved.array
    if saved.save == "output":
        operation = "backward_from_output"
    elif saved.save == "bits":
        operation = "backward" if saved.bits is None else "backward_from_side"
        x = gradient if saved.bits is None else saved.array  # the identity: its derivative is 1
    return _backward(activation, operation, gradient, x, saved.bits, saved.bias, saved._bias_like, target)


def backward_with_bias(activation: Activation, grad: ArrayLike, x: ArrayLike, out: Out, bias: ArrayLike) -> Any:
    """grad·f'(x + bias), and the gradient of the bias."""
    array = _input(activation, "x", x)
    gradient = real_array("grad", grad)
    if gradient.shape != array.shape:
        raise ValueError(f"grad has shape {gradient.shape}, x has {array.shape}; with a bias they have to be the same")
    shift = _bias(bias, array)
    target = Target(out, array.shape, array.dtype)
    gradient = gradient.astype(array.dtype, copy=False)
    if activation.code < 0:
        array = _shifted(array, shift)
    return _backward(activation, "backward", gradient, array, None, shift, _bias_like(shift), target)


def _backward(
    activation: Activation,
    operation: str,
    gradient: Array,
    x: Array | None,
    bits: Array | None,
    bias: Array | None,
    like: tuple[tuple[int, ...], np.dtype[Any]] | None,
    target: Target,
) -> Any:
    """One pass; `like` asks for the gradient of a bias with this shape and dtype."""
    columns = 1 if like is None or like[0] == () else like[0][0]
    sums = None if like is None else np.zeros(columns * _repeats(columns))
    if activation.code < 0:
        activation.backward(gradient, x, out=target.array)  # type: ignore[arg-type]  # its input is always kept
        if sums is not None:
            sums = np.zeros(columns)
            rows = target.array.reshape(-1, columns) if columns else target.array.reshape(0, 0)
            np.sum(rows, axis=0, dtype=np.float64, out=sums)
    else:
        _engine.pass_over(
            activation.code, operation, activation._arguments, target.array, None if x is None else target.apart(x),
            target.apart(gradient), bits, _period(bias, target.array.dtype), sums,
        )  # fmt: skip
    delivered = target.deliver()
    if like is None or sums is None:
        return delivered
    with np.errstate(over="ignore", invalid="ignore"):
        total = sums.reshape(-1, columns).sum(axis=0) if columns else sums
        return delivered, total.astype(like[1]).reshape(like[0])[()]
