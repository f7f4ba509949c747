"""Activation maps and pattern hashes as operators."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from spatium.maps.hashes import as_hashes
from spatium.torch._library import Op, Tensor, array, check_tensor, define, in_front, no_more_derivatives

__all__ = ["Handle", "activate", "check_hashes", "find_hashes"]

_HANDLES: weakref.WeakValueDictionary[int, Handle] = weakref.WeakValueDictionary()
_COUNTER = itertools.count()


class Handle:
    """A map or a hash function, and the number by which operators, which take only tensors and numbers, find it.

    A copy has its own number. The module that keeps the handle keeps the object.
    """

    def __init__(self, item: Any) -> None:
        self.item = item
        self.number = next(_COUNTER)
        _HANDLES[self.number] = self

    def __reduce__(self) -> tuple[Any, ...]:
        return Handle, (self.item,)


def _object(number: int) -> Any:
    handle = _HANDLES.get(number)
    if handle is None:
        raise RuntimeError("the module whose map or hash is evaluated does not exist any more")
    return handle.item


def check_hashes(hashes: Any) -> None:
    """Raise TypeError unless the hashes are a tensor of int64 or uint64 on the CPU."""
    if not isinstance(hashes, torch.Tensor):
        raise TypeError(f"hashes is {type(hashes).__name__}, expected a tensor")
    if hashes.dtype not in (torch.int64, torch.uint64):
        raise TypeError(f"hashes has dtype {hashes.dtype}, expected int64 or uint64")
    if hashes.device.type not in ("cpu", "meta"):
        raise TypeError(f"hashes is on the device {hashes.device}, expected a tensor on the CPU: use hashes.cpu()")


def _hash_array(hashes: Tensor) -> Any:
    """Return the bits of the hashes as uint64."""
    return hashes.numpy().view(np.uint64)


# ---- maps ----


def _check_shapes(x: Tensor, hashes: Tensor, number: int) -> None:
    neurons = _object(number).shape
    for name, shape in (("hashes", tuple(hashes.shape)), ("the map", neurons)):
        ends = tuple(x.shape)[max(x.dim() - len(shape), 0) :]
        fits = len(ends) == len(shape) and all(n in (1, end) for n, end in zip(shape, ends, strict=True))
        if not fits:
            raise ValueError(f"{name} has shape {shape}, expected one that broadcasts to that of x, {tuple(x.shape)}")


def _define(operation: str, n_tensors: int, keep: Callable[..., None] | None, gradient: Op) -> Op:
    """Define an operator of one or two tensors of one shape, hashes that are broadcast against them, and a map."""

    def run(*arguments: Any) -> Tensor:
        *tensors, hashes, number, count = arguments
        out = fake(*arguments)
        amap = _object(number)
        arrays = [*map(array, tensors), _hash_array(hashes)]
        if operation == "value":
            amap.activate(*arrays, out=array(out), count=count)
        else:
            getattr(amap, operation)(*arrays, out=array(out))
        return out

    def fake(*arguments: Any) -> Tensor:
        x, hashes, number, _ = arguments[n_tensors - 1 :]
        _check_shapes(x, hashes, number)
        return torch.empty_like(x)

    def batched(info: Any, dims: Sequence[int | None], *arguments: Any) -> tuple[Tensor, int]:
        *tensors, hashes = in_front(info, arguments[: n_tensors + 1], dims[: n_tensors + 1])
        missing = tensors[0].dim() - hashes.dim()
        hashes = hashes.reshape(hashes.shape[0], *(1,) * missing, *hashes.shape[1:])
        return op(*tensors, hashes, *arguments[n_tensors + 1 :]), 0

    tensors = "Tensor grad, Tensor x" if n_tensors == 2 else "Tensor x"
    name = "map_activate" if operation == "value" else f"map_{operation}"
    op = define(f"{name}({tensors}, Tensor hashes, int map, bool count) -> Tensor", run, fake, batched, keep, gradient)
    return op


def _keep(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    *tensors, ctx.map, _ = inputs
    ctx.save_for_backward(*tensors)


def _gradient_of_backward(ctx: Any, outer: Tensor) -> Any:
    grad, x, hashes = ctx.saved_tensors
    by_grad = by_x = None
    if ctx.needs_input_grad[0]:
        by_grad = _backward(outer, x, hashes, ctx.map, False)
    if ctx.needs_input_grad[1]:
        by_x = outer * grad * _second_derivative(x, hashes, ctx.map, False)
    return by_grad, by_x, None, None, None


def _gradient(ctx: Any, grad: Tensor) -> Any:
    return _backward(grad, *ctx.saved_tensors, ctx.map, False), None, None, None


_second_derivative = _define(
    "second_derivative", 1, None, no_more_derivatives("the second derivative of a map has no derivative")
)
_backward = _define("backward", 2, _keep, _gradient_of_backward)
_activate = _define("value", 1, _keep, _gradient)


def activate(x: Tensor, hashes: Tensor, number: int, count: bool) -> Tensor:
    """Evaluate the map with this number."""
    check_tensor("x", x)
    check_hashes(hashes)
    return _activate(x, hashes, number, count)


# ---- hashes ----


def _define_hash() -> Op:
    def run(x: Tensor, number: int) -> Tensor:
        rows = array(x)
        hashes = as_hashes("the result of pattern_hash", _object(number)(rows.reshape(-1, rows.shape[-1])))
        return torch.from_numpy(hashes.reshape(rows.shape[:-1]).view(np.int64).copy())

    def fake(x: Tensor, number: int) -> Tensor:
        return x.new_empty(x.shape[:-1], dtype=torch.int64)

    def batched(info: Any, dims: Sequence[int | None], x: Tensor, number: int) -> tuple[Tensor, int]:
        return op(x.movedim(dims[0], 0), number), 0

    op = define("pattern_hash(Tensor x, int hash) -> Tensor", run, fake, batched)
    return op


_pattern_hash = _define_hash()


def find_hashes(x: Tensor, number: int) -> Tensor:
    """Return the hash of each row of x, as int64, by the hash function with this number."""
    check_tensor("x", x)
    if x.dim() == 0:
        raise ValueError("x has no axis, expected rows of features")
    return _pattern_hash(x.detach(), number)
