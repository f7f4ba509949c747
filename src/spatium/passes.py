"""What a forward pass keeps for the backward pass: the input, the output, or bits.

`Activation.forward` returns its result and a `Saved`, which `Activation.backward` takes in place of the input. Also the
passes that add a bias and sum up its gradient on the way. The arithmetic is in ``_kernels/drivers/passes.c``.

Activations call what is here and are not known here: the passes take codes and arguments of the C list.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from spatium import _engine
from spatium._arrays import Array, Out, Target, output_array, real_array

__all__ = ["Policy", "Saved"]

Policy = Literal["input", "output", "bits"]

# What one bit per element tells about f′: which of its two values it takes; together with the output, which side of the
# minimum x is on; "none" if no bit is needed, because f′ is 1 everywhere. None: bits do not tell f′.
Bits = Literal["slope", "side", "none"] | None


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
        fields = (activation, save, shape, dtype, array, bits, bias, bias_like)
        for set_field, value in zip(_SET_FIELDS, fields, strict=True):
            set_field(self, value)
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


_FIELDS = ("activation", "save", "shape", "dtype", "array", "bits", "bias", "_bias_like")
_SET_FIELDS = [Saved.__dict__[name].__set__ for name in _FIELDS]  # by the slots: `Saved.__setattr__` raises


# ---- policies ----


def policies(bits: Bits, from_output: bool) -> tuple[Policy, ...]:
    """The policies of an activation, the one that keeps least first."""
    allowed: list[Policy] = ["bits"] if bits else []
    if from_output:
        allowed.append("output")
    return (*allowed, "input")


def check_policy(activation: object, allowed: tuple[Policy, ...], bits: Bits, save: object) -> Policy:
    """The policy that `save` stands for, or an error that says why `activation` has none."""
    if save is None:
        return "bits" if bits in ("slope", "none") else "input"
    for policy in allowed:
        if save == policy:
            return policy
    if save not in ("input", "output", "bits"):
        raise ValueError(f"save is {save!r}, expected 'input', 'output', 'bits' or None")
    if save == "output" and bits == "side":
        reason = "two inputs share each output; save='bits' keeps the output and the side of the minimum"
    elif save == "output":
        reason = f"many inputs share each output; use save={allowed[0]!r}"
    elif "output" in allowed:
        reason = "its derivative takes more than two values; save='output' needs the output alone"
    else:
        reason = "neither two slopes nor the two sides of one minimum tell its derivative; use save='input'"
    raise TypeError(f"{activation!r} has no save={save!r}: {reason}")


def kept_bytes(bits: Bits, policy: Policy, size: int, dtype: np.dtype[Any]) -> int:
    """`Saved.nbytes` of `size` results of `dtype`, without a bias."""
    array, packed = size * dtype.itemsize, (size + 7) // 8
    if policy != "bits":
        return array
    if bits == "none":
        return 0
    return packed if bits == "slope" else array + packed


# ---- the bias ----


def _converted(array: Array, dtype: np.dtype[Any]) -> Array:
    """The array in `dtype`; what is too large or too small for it becomes an infinity or 0 without a warning."""
    if array.dtype == dtype:
        return array
    with np.errstate(over="ignore", under="ignore"):
        return array.astype(dtype, copy=False)


def bias_of(bias: ArrayLike, x: Array) -> Array:
    """The bias: a number, or one per element of the last axis of x."""
    array = real_array("bias", bias)
    if array.ndim != 0 and array.shape != x.shape[-1:]:
        expected = "()" if x.ndim == 0 else f"{x.shape[-1:]} (one number per element of the last axis of x) or ()"
        raise ValueError(f"bias has shape {array.shape}, expected {expected}")
    return array


def bias_like(bias: Array) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and dtype of the gradient of the bias."""
    kept = bias.dtype if bias.dtype.kind == "f" or bias.dtype.name == "bfloat16" else np.dtype(np.float64)
    return bias.shape, kept


def _period(bias: Array | None, dtype: np.dtype[Any]) -> Array | None:
    """The bias as the passes take it: repeated, in the type that the sum is formed in."""
    if bias is None:
        return None
    wide = np.float64 if dtype == np.float64 else np.float32
    with np.errstate(over="ignore", under="ignore"):
        return np.tile(bias.astype(wide).reshape(-1), _engine.repeats(bias.size))


def shifted(x: Array, bias: Array) -> Array:
    """The sum in the dtype of x, for activations that are not in the C list."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        total: Array = np.add(x, bias.astype(x.dtype), dtype=x.dtype)
    return total


# ---- passes: x and grad are arrays of the dtype of the results ----


def value(code: int, arguments: tuple[float, ...], x: Array, out: Out, where: Any, bias: ArrayLike) -> Any:
    """f(x + bias)."""
    shift = bias_of(bias, x)
    target = Target(out if where is True else None, x.shape, x.dtype)
    if where is not True and out is not None:
        output_array("out", out, x.shape, x.dtype)
    _engine.pass_over(code, "value", arguments, target.array, target.apart(x), None, None, _period(shift, x.dtype))
    if where is not True and out is not None:
        np.copyto(out, target.array, where=where, casting="same_kind")
        return out
    return target.deliver()


def forward(
    activation: Any, bits: Bits, policy: Policy, x: Array, out: Out, bias: ArrayLike | None
) -> tuple[Any, Saved]:
    """f(x + bias), and what its gradient needs; `activation` is one of the C list."""
    shift = None if bias is None else bias_of(bias, x)
    target = Target(out, x.shape, x.dtype)
    readable = target.apart(x)
    kept: Array | None = None
    packed: Array | None = None
    if policy == "input":
        kept = x.copy() if readable is x and np.may_share_memory(target.array, x) else readable
    elif policy == "output" or bits == "side":
        kept = target.array
    if policy == "bits" and bits != "none":
        packed = np.empty((x.size + 7) // 8, np.uint8)
    _engine.pass_over(
        activation.code, "value", activation._arguments, target.array, readable, None, packed, _period(shift, x.dtype)
    )
    return target.deliver(), _saved(activation, policy, x, kept, packed, shift)


def short_forward(
    activation: Any, bits: Bits, policy: Policy, x: ArrayLike, bias: ArrayLike | None
) -> tuple[Any, Saved] | None:
    """What `forward` returns for arguments that need no conversion; None for others."""
    packs = policy == "bits" and bits != "none"
    results = _engine.short_value(activation.code, activation._arguments, x, bias, None, packs)
    if results is None:
        return None
    y, packed = results
    kept = x if policy == "input" else y if policy == "output" or bits == "side" else None
    return y, _saved(activation, policy, y, kept, packed, bias)


def _saved(activation: Any, policy: Policy, result: Array, kept: Any, packed: Array | None, bias: Any) -> Saved:
    """What a pass keeps whose result is like `result`."""
    like = None if bias is None else bias_like(bias)
    copied = None if like is None or policy != "input" else bias.astype(like[1])
    return Saved(activation, policy, result.shape, result.dtype, kept, packed, copied, like)


class BackwardPass(NamedTuple):
    """What one pass backwards reads, and where it writes."""

    operation: str
    gradient: Array
    x: Array | None  # the input or the output; None where bits alone tell f′
    bits: Array | None
    bias: Array | None
    bias_like: tuple[tuple[int, ...], np.dtype[Any]] | None  # asks for the gradient of a bias of this shape and dtype
    target: Target

    def delivered(self, sums: Array | None) -> Any:
        """The gradient, and with `sums`, those of its columns (each perhaps several times), that of the bias too."""
        result = self.target.deliver()
        if self.bias_like is None or sums is None:
            return result
        shape, dtype = self.bias_like
        columns = math.prod(shape)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            total = sums.reshape(-1, columns).sum(axis=0) if columns else sums
            return result, total.astype(dtype).reshape(shape)[()]


def pass_of_saved(saved: Saved, grad: ArrayLike, out: Out) -> BackwardPass:
    """grad·f′(x), from what a forward pass kept; with the gradient of the bias if there was one."""
    gradient = real_array("grad", grad)
    if gradient.shape != saved.shape:
        raise ValueError(f"grad has shape {gradient.shape}, the forward pass had {saved.shape}")
    gradient = _converted(gradient, saved.dtype)
    target = Target(out, saved.shape, saved.dtype)
    operation, x = "backward", saved.array
    if saved.save == "output":
        operation = "backward_from_output"
    elif saved.save == "bits":
        operation = "backward" if saved.bits is None else "backward_from_side"
        x = gradient if saved.bits is None else saved.array  # without bits f′ is 1 whatever x is
    return BackwardPass(operation, gradient, x, saved.bits, saved.bias, saved._bias_like, target)


def pass_with_bias(grad: ArrayLike, x: Array, bias: ArrayLike, out: Out) -> BackwardPass:
    """grad·f′(x + bias), and the gradient of the bias."""
    gradient = real_array("grad", grad)
    if gradient.shape != x.shape:
        raise ValueError(f"grad has shape {gradient.shape}, x has {x.shape}; with a bias they have to be the same")
    shift = bias_of(bias, x)
    target = Target(out, x.shape, x.dtype)
    return BackwardPass("backward", _converted(gradient, x.dtype), x, None, shift, bias_like(shift), target)


def backward(code: int, arguments: tuple[float, ...], run: BackwardPass) -> Any:
    """The pass by an activation of the C list."""
    columns = 1 if run.bias_like is None else math.prod(run.bias_like[0])
    sums = None if run.bias_like is None else np.zeros(columns * _engine.repeats(columns))
    target = run.target
    _engine.pass_over(
        code, run.operation, arguments, target.array, None if run.x is None else target.apart(run.x),
        target.apart(run.gradient), run.bits, _period(run.bias, target.array.dtype), sums,
    )  # fmt: skip
    return run.delivered(sums)
