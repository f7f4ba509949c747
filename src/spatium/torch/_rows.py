"""Functions of rows as operators: softmax and similar functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from spatium import rows
from spatium.torch._library import Op, Tensor, array, check_tensor, define, dimension, in_front

__all__ = ["hardmax", "log_softmax", "logsumexp", "softmax", "softmin"]


def _by_output_of_softmax(outer: Tensor, grad: Tensor, y: Tensor, dim: int) -> Tensor:
    """The gradient of outer·softmax_backward(grad, y) with respect to y."""
    return outer * (grad - (grad * y).sum(dim, keepdim=True)) - grad * (outer * y).sum(dim, keepdim=True)


def _by_output_of_softmin(outer: Tensor, grad: Tensor, y: Tensor, dim: int) -> Tensor:
    return -_by_output_of_softmax(outer, grad, y, dim)


def _by_output_of_log_softmax(outer: Tensor, grad: Tensor, y: Tensor, dim: int) -> Tensor:
    return -outer * y.exp() * grad.sum(dim, keepdim=True)


def _by_grad_of_log_softmax(outer: Tensor, y: Tensor, dim: int) -> Tensor:
    return outer - (outer * y.exp()).sum(dim, keepdim=True)


def _zeros(outer: Tensor, grad: Tensor, y: Tensor, dim: int) -> Tensor:
    return torch.zeros_like(y)


def _define(name: str, by_output: Callable[..., Tensor], by_grad: Callable[..., Tensor] | None = None) -> Op:
    """Define a function whose gradient is computed from its output, and the gradient of the gradient.

    ``by_output(outer, grad, y, dim)`` and ``by_grad(outer, y, dim)`` are the gradients of its backward operator, which
    is symmetric without the latter.
    """
    values, backwards = getattr(rows, name), getattr(rows, f"{name}_backward")

    def run(x: Tensor, dim: int) -> Tensor:
        out = torch.empty_like(x)
        values(array(x), axis=dim, out=array(out))
        return out

    def run_backward(grad: Tensor, y: Tensor, dim: int) -> Tensor:
        out = torch.empty_like(y)
        backwards(array(grad), array(y), axis=dim, out=array(out))
        return out

    def batched(info: Any, dims: Sequence[int | None], x: Tensor, dim: int) -> tuple[Tensor, int]:
        return op(x.movedim(dims[0], 0), dim + 1), 0

    def batched_backward(
        info: Any, dims: Sequence[int | None], grad: Tensor, y: Tensor, dim: int
    ) -> tuple[Tensor, int]:
        return backward(*in_front(info, (grad, y), dims[:2]), dim + 1), 0

    def keep(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.save_for_backward(output)
        ctx.dim = inputs[1]

    def keep_backward(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.save_for_backward(*inputs[:2])
        ctx.dim = inputs[2]

    def gradient(ctx: Any, grad: Tensor) -> Any:
        return backward(grad, *ctx.saved_tensors, ctx.dim), None

    def gradient_backward(ctx: Any, outer: Tensor) -> Any:
        grad, y = ctx.saved_tensors
        first = second = None
        if ctx.needs_input_grad[0]:
            first = backward(outer, y, ctx.dim) if by_grad is None else by_grad(outer, y, ctx.dim)
        if ctx.needs_input_grad[1]:
            second = by_output(outer, grad, y, ctx.dim)
        return first, second, None

    backward = define(
        f"{name}_backward(Tensor grad, Tensor y, int dim) -> Tensor",
        run_backward, lambda grad, y, dim: torch.empty_like(y), batched_backward, keep_backward, gradient_backward,
    )  # fmt: skip
    op = define(
        f"{name}(Tensor x, int dim) -> Tensor",
        run, lambda x, dim: torch.empty_like(x), batched, keep, gradient,
    )  # fmt: skip
    return op


_softmax = _define("softmax", _by_output_of_softmax)
_softmin = _define("softmin", _by_output_of_softmin)
_hardmax = _define("hardmax", _zeros)
_log_softmax = _define("log_softmax", _by_output_of_log_softmax, _by_grad_of_log_softmax)


def _define_logsumexp() -> Op:
    def run(x: Tensor, dims: list[int]) -> Tensor:
        out = fake(x, dims)
        rows.logsumexp(array(x), axis=tuple(dims), out=array(out))
        return out

    def fake(x: Tensor, dims: list[int]) -> Tensor:
        return x.new_empty([n for axis, n in enumerate(x.shape) if axis not in dims])

    def run_backward(grad: Tensor, x: Tensor, dims: list[int]) -> Tensor:
        out = torch.empty_like(x)
        rows.logsumexp_backward(array(grad), array(x), axis=tuple(dims), out=array(out))
        return out

    def batched(info: Any, batches: Sequence[int | None], x: Tensor, dims: list[int]) -> tuple[Tensor, int]:
        return op(x.movedim(batches[0], 0), [dim + 1 for dim in dims]), 0

    def batched_backward(
        info: Any, batches: Sequence[int | None], grad: Tensor, x: Tensor, dims: list[int]
    ) -> tuple[Tensor, int]:
        return backward(*in_front(info, (grad, x), batches[:2]), [dim + 1 for dim in dims]), 0

    def keep(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        *tensors, ctx.dims = inputs
        ctx.save_for_backward(*tensors)

    def gradient(ctx: Any, grad: Tensor) -> Any:
        return backward(grad, *ctx.saved_tensors, ctx.dims), None

    def gradient_backward(ctx: Any, outer: Tensor) -> Any:
        grad, x = ctx.saved_tensors
        ones = torch.ones_like(grad)
        product = outer * backward(ones, x, ctx.dims)  # outer·softmax(x)
        total = product.sum(ctx.dims)
        by_x = grad_with_axes(grad, ctx.dims) * product - backward(grad * total, x, ctx.dims)
        return total, by_x, None

    def grad_with_axes(grad: Tensor, dims: list[int]) -> Tensor:
        for dim in sorted(dims):
            grad = grad.unsqueeze(dim)
        return grad

    backward = define(
        "logsumexp_backward(Tensor grad, Tensor x, int[] dims) -> Tensor",
        run_backward, lambda grad, x, dims: torch.empty_like(x), batched_backward, keep, gradient_backward,
    )  # fmt: skip
    op = define("logsumexp(Tensor x, int[] dims) -> Tensor", run, fake, batched, keep, gradient)
    return op


_logsumexp = _define_logsumexp()


def _along(op: Op, x: Tensor, dim: int) -> Tensor:
    check_tensor("x", x)
    return op(x, dimension("x", x, dim))


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Probabilities along an axis: exp(x) / sum(exp(x)).

    Parameters
    ----------
    x : Tensor
        A tensor on the CPU, of float16, bfloat16, float32 or float64, with at least one axis.
    dim : int
        The axis along which the results add up to 1.

    Returns
    -------
    Tensor
        A tensor with the shape and the dtype of x, and the bits that ``sp.softmax`` returns. Its result is kept for the
        gradient, not x.

    Raises
    ------
    TypeError
        If x is no such tensor.
    IndexError
        If x does not have this axis.
    ValueError
        If the axis has no elements.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.softmax(torch.tensor([[0.0, 0.0], [1000.0, -1000.0]]))
    tensor([[0.5000, 0.5000],
            [1.0000, 0.0000]])
    """
    return _along(_softmax, x, dim)


def softmin(x: Tensor, dim: int = -1) -> Tensor:
    """Probabilities that decrease with x: softmax(-x). Arguments and errors are those of `softmax`.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.softmin(torch.tensor([0.0, 1000.0]))
    tensor([1., 0.])
    """
    return _along(_softmin, x, dim)


def hardmax(x: Tensor, dim: int = -1) -> Tensor:
    """One at the first maximum along an axis, zero elsewhere. The gradient is zero.

    Arguments and errors are those of `softmax`.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.hardmax(torch.tensor([1.0, 3.0, 3.0]))
    tensor([0., 1., 0.])
    """
    return _along(_hardmax, x, dim)


def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Logarithms of the probabilities: x - logsumexp(x). Arguments and errors are those of `softmax`.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.log_softmax(torch.tensor([40.0, 0.0]))
    tensor([-4.2484e-18, -4.0000e+01])
    """
    return _along(_log_softmax, x, dim)


def logsumexp(x: Tensor, dim: int | tuple[int, ...] = -1, keepdim: bool = False) -> Tensor:
    """Logarithm of the sum of exponentials along axes.

    Parameters
    ----------
    x : Tensor
        A tensor on the CPU, of float16, bfloat16, float32 or float64.
    dim : int or tuple of int
        The axes of the sum.
    keepdim : bool
        Whether the axes remain, with length 1.

    Returns
    -------
    Tensor
        A tensor with the dtype of x, and the bits that ``sp.logsumexp`` returns.

    Raises
    ------
    TypeError
        If x is no such tensor.
    IndexError
        If x does not have such an axis.
    ValueError
        If an axis is given twice.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.logsumexp(torch.tensor([[1000.0, 1000.0], [0.0, -50.0]]), dim=1)
    tensor([1.0007e+03, 1.9287e-22])
    """
    check_tensor("x", x)
    dims = sorted([dimension("x", x, axis) for axis in (dim if isinstance(dim, tuple) else (dim,))])
    if len(set(dims)) < len(dims):
        raise ValueError(f"dim is {dim}, expected each axis once")
    result = _logsumexp(x, dims)
    if keepdim:
        for axis in dims:
            result = result.unsqueeze(axis)
    return result
