"""Operators in PyTorch's dispatcher, and the arrays that share memory with tensors."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch

from spatium import _engine

__all__ = ["LIBRARY", "Op", "Tensor", "array", "check_tensor", "define", "dimension", "in_front", "no_more_derivatives"]

Tensor: TypeAlias = Any  # torch.Tensor; PyTorch is not installed where the types are checked
Op: TypeAlias = Callable[..., Any]

LIBRARY = torch.library.Library("spatium", "FRAGMENT")
_DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)


# ---- arguments ----


def check_tensor(name: str, value: Any) -> None:
    """Raise TypeError unless the argument `name` is a tensor of a floating-point dtype, in memory of the CPU.

    Tensors without data, on the device "meta", are accepted too.
    """
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name} is {type(value).__name__}, expected a tensor")
    if value.device.type not in ("cpu", "meta"):
        raise TypeError(f"{name} is on the device {value.device}, expected a tensor on the CPU: use {name}.cpu()")
    if value.layout is not torch.strided:
        raise TypeError(f"{name} has the layout {value.layout}, expected torch.strided: use {name}.to_dense()")
    if value.dtype not in _DTYPES:
        raise TypeError(f"{name} has dtype {value.dtype}, expected float16, bfloat16, float32 or float64")


def dimension(name: str, value: Tensor, dim: int) -> int:
    """Return the argument `dim` as the nonnegative number of an axis of the argument `name`."""
    if not -value.dim() <= dim < value.dim():
        raise IndexError(f"dim is {dim}, expected an axis of {name}, which has {value.dim()}")
    return int(dim % value.dim())


@functools.cache
def _bfloat16() -> np.dtype[Any]:
    try:
        import ml_dtypes
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'tensors of bfloat16 need ml_dtypes: pip install "spatium-activations[torch]"', name=error.name
        ) from error
    dtype: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
    return dtype


def array(tensor: Tensor) -> Any:
    """Return a NumPy array that shares the memory of the tensor."""
    if tensor.requires_grad:
        tensor = tensor.detach()
    if tensor.dtype is torch.bfloat16:  # Tensor.numpy() does not support it
        return tensor.view(torch.int16).numpy().view(_bfloat16())
    return tensor.numpy()


# ---- operators ----


def _on_torch_threads(run: Op) -> Op:
    """Return the kernel without warnings, and serial where PyTorch uses one thread, as in a DataLoader's workers."""

    @functools.wraps(run)
    def limited(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):  # PyTorch's own operators do not warn either
            if torch.get_num_threads() > 1:
                return run(*arguments)
            before = _engine.serial(True)
            try:
                return run(*arguments)
            finally:
                _engine.serial(before)

    return limited


def define(
    schema: str, run: Op, fake: Op, batched: Op, keep: Callable[..., None] | None = None, gradient: Op | None = None
) -> Op:
    """Define an operator and return it.

    Parameters
    ----------
    schema : str
        Its name in the namespace "spatium", its arguments and results.
    run : callable
        Computes the results for tensors on the CPU.
    fake : callable
        Returns results without data, with the shapes, strides and dtypes of `run`.
    batched : callable
        The rule for vmap: ``batched(info, in_dims, *arguments)`` returns the results and their batch axes.
    keep, gradient : callable, optional
        ``keep(ctx, inputs, output)`` saves data, from which ``gradient(ctx, *gradients)`` computes the gradients.
    """
    name = schema.partition("(")[0]
    qualified = f"spatium::{name}"
    kernel = _on_torch_threads(run)
    LIBRARY.define(schema, tags=(torch.Tag.pt2_compliant_tag,))
    LIBRARY.impl(name, kernel, "CPU")
    torch.library.register_fake(qualified, fake, lib=LIBRARY)
    torch.library.register_vmap(qualified, batched, lib=LIBRARY)
    packet, _, overload = name.partition(".")
    op: Op = getattr(getattr(torch.ops.spatium, packet), overload or "default")
    if gradient is None:
        return op
    torch.library.register_autograd(qualified, gradient, setup_context=keep, lib=LIBRARY)
    return _transformable(op, kernel, batched, keep, gradient)


def _nobody_watches() -> bool:
    """Return whether no mode, trace or profile would see an operator that is called through the dispatcher."""
    c = torch._C
    return not (
        c._len_torch_dispatch_stack()
        or c._len_torch_function_stack()
        or c._get_tracing_state() is not None
        or torch.autograd._profiler_enabled()
    )


def _is_plain(argument: Any) -> bool:
    """Return whether the argument is no tensor, or one whose numbers alone matter: on the CPU, without a gradient."""
    if type(argument) is not torch.Tensor and type(argument) is not torch.nn.Parameter:
        return not isinstance(argument, torch.Tensor)
    recorded = argument.requires_grad and torch.is_grad_enabled()
    return not recorded and argument.is_cpu and not argument.is_neg()


def _transformable(op: Op, kernel: Op, batched: Op, keep: Callable[..., None] | None, gradient: Op) -> Op:
    """Return the operator as a function that `torch.func.grad`, `torch.vmap` and the like can transform in any order.

    Within these transformations, PyTorch (2.13) refuses the gradient of `torch.library.register_autograd`, but not that
    of an autograd.Function with the same parts.
    """

    def forward(*arguments: Any) -> Any:
        return op(*arguments)

    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        if keep is not None:
            keep(ctx, inputs, output)

    members = {"forward": forward, "setup_context": setup_context, "backward": gradient, "vmap": batched}
    function: Any = type("Transformable", (torch.autograd.Function,), {k: staticmethod(f) for k, f in members.items()})

    def call(*arguments: Any) -> Any:
        if not torch.compiler.is_compiling():
            if torch._C._are_functorch_transforms_active():
                return function.apply(*arguments)
            if all(map(_is_plain, arguments)) and _nobody_watches():  # the dispatcher alone takes 10 µs
                return kernel(*arguments)
        return op(*arguments)

    call.operator = op  # type: ignore[attr-defined]
    return call


def in_front(info: Any, tensors: Sequence[Tensor], dims: Sequence[int | None]) -> list[Tensor]:
    """Return the tensors with the batch as the first axis. Tensors without a batch are repeated along it."""
    return [
        tensor.expand(info.batch_size, *tensor.shape) if dim is None else tensor.movedim(dim, 0)
        for tensor, dim in zip(tensors, dims, strict=True)
    ]


def no_more_derivatives(reason: str) -> Op:
    """Return a gradient that raises NotImplementedError."""

    def gradient(ctx: Any, *gradients: Any) -> Any:
        raise NotImplementedError(reason)

    return gradient
