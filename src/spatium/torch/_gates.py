"""Functions of two tensors as operators: gated linear units and recurrent gates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import torch

from spatium import _engine
from spatium._checks import check_scalar
from spatium.activations.catalogue import gelu_name
from spatium.torch._elementwise import FAMILIES, number
from spatium.torch._library import Op, Tensor, array, check_tensor, define, dimension, in_front

__all__ = ["gated_tanh", "gaussian_glu", "geglu", "glu", "reglu", "swiglu", "time_aware_tanh"]


class Curvature(NamedTuple):
    """The derivatives of f(a, b): the first ones, and the second ones; None is 0."""

    a: Tensor
    b: Tensor
    aa: Tensor
    ab: Tensor
    bb: Tensor | None


_Curvature = Callable[..., Curvature]


def _of_activation(name: str) -> _Curvature:
    """Return the derivatives of act(a)·b, with the parameters of the activation."""
    family = FAMILIES[name]

    def curvature(a: Tensor, b: Tensor, *parameters: float) -> Curvature:
        own = parameters[: len(family.names)]
        slope = family.backward(torch.ones_like(a), a, *own)
        return Curvature(b * slope, family.value(a, *own), b * family.second_derivative(a, *own), slope, None)

    return curvature


def _of_glu(a: Tensor, b: Tensor) -> Curvature:
    value, slope, _, by_ab, _ = _of_activation("sigmoid")(b, a)
    second = FAMILIES["sigmoid"].second_derivative(b)
    return Curvature(slope, value, torch.zeros_like(a), by_ab, a * second)


def _of_gaussian_glu(a: Tensor, b: Tensor, mean: float, std: float) -> Curvature:
    z = (a - mean) / std
    gate = torch.exp(-0.5 * z * z)
    slope = -z * gate / std
    return Curvature(b * slope, gate, b * (z * z - 1.0) * gate / std**2, slope, None)


def _of_time_aware_tanh(x: Tensor, t: Tensor, rate: float) -> Curvature:
    family, decay = FAMILIES["tanh"], torch.exp(-rate * t)
    value, slope = family.value(x) * decay, family.backward(decay, x)
    return Curvature(slope, -rate * value, decay * family.second_derivative(x), -rate * slope, rate**2 * value)


def _of_gated_tanh(x: Tensor, h: Tensor) -> Curvature:
    s, sigmoid, tanh = x + h, FAMILIES["sigmoid"], FAMILIES["tanh"]
    ones = torch.ones_like(x)
    z, z1, z2 = sigmoid.value(s), sigmoid.backward(ones, s), sigmoid.second_derivative(s)
    t, t1, t2 = tanh.value(x), tanh.backward(ones, x), tanh.second_derivative(x)
    rest, difference = sigmoid.value(-s), t - h
    bend = z2 * difference
    return Curvature(
        z1 * difference + z * t1,
        z1 * difference + rest,
        bend + 2.0 * z1 * t1 + z * t2,
        bend + z1 * (t1 - 1.0),
        bend - 2.0 * z1,
    )


def _twice(curvature: Curvature, grad: Tensor, outer: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients of the two gradients of a gate with respect to `grad`, a and b."""
    first, second = outer
    by_b = first * curvature.ab
    if curvature.bb is not None:
        by_b = by_b + second * curvature.bb
    by_a = first * curvature.aa + second * curvature.ab
    return first * curvature.a + second * curvature.b, grad * by_a, grad * by_b


def _define(name: str, parameters: str, curvature: _Curvature) -> Op:
    """Define a function of two tensors of one shape."""

    def run(a: Tensor, b: Tensor, *values: float) -> Tensor:
        out = torch.empty_like(a)
        _engine.run_gates(name, values, (array(a), array(b)), (array(out),))
        return out

    def fake(a: Tensor, b: Tensor, *values: float) -> Tensor:
        return torch.empty_like(a)

    def run_backward(grad: Tensor, a: Tensor, b: Tensor, *values: float) -> tuple[Tensor, Tensor]:
        outs = fake_backward(grad, a, b)
        _engine.run_gates(name, values, (array(a), array(b), array(grad)), tuple(map(array, outs)))
        return outs

    def fake_backward(grad: Tensor, a: Tensor, b: Tensor, *values: float) -> tuple[Tensor, Tensor]:
        return torch.empty_like(a), torch.empty_like(b)

    def batched(info: Any, dims: Sequence[int | None], a: Tensor, b: Tensor, *values: float) -> tuple[Tensor, int]:
        return op(*in_front(info, (a, b), dims[:2]), *values), 0

    def batched_backward(info: Any, dims: Sequence[int | None], *arguments: Any) -> Any:
        return backward(*in_front(info, arguments[:3], dims[:3]), *arguments[3:]), (0, 0)

    def keep(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.save_for_backward(*inputs[:2])
        ctx.parameters = inputs[2:]

    def keep_backward(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.save_for_backward(*inputs[:3])
        ctx.parameters = inputs[3:]

    def gradient(ctx: Any, grad: Tensor) -> Any:
        return *backward(grad, *ctx.saved_tensors, *ctx.parameters), *(None,) * len(ctx.parameters)

    def gradient_backward(ctx: Any, *outer: Tensor) -> Any:
        grad, a, b = ctx.saved_tensors
        gradients = _twice(curvature(a, b, *ctx.parameters), grad, outer)
        return *gradients, *(None,) * len(ctx.parameters)

    backward = define(
        f"{name}_backward(Tensor grad, Tensor a, Tensor b{parameters}) -> (Tensor, Tensor)",
        run_backward, fake_backward, batched_backward, keep_backward, gradient_backward,
    )  # fmt: skip
    op = define(f"{name}(Tensor a, Tensor b{parameters}) -> Tensor", run, fake, batched, keep, gradient)
    return op


def _halves(x: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    half = x.shape[dim] // 2
    return x.narrow(dim, 0, half), x.narrow(dim, half, half)


def _define_of_halves(name: str, parameters: str, curvature: _Curvature) -> Op:
    """Define a function of the two halves of a tensor along an axis."""

    def run(x: Tensor, dim: int, *values: float) -> Tensor:
        out = fake(x, dim)
        _engine.run_gates(name, values, tuple(map(array, _halves(x, dim))), (array(out),))
        return out

    def fake(x: Tensor, dim: int, *values: float) -> Tensor:
        return torch.empty_like(_halves(x, dim)[0])

    def run_backward(grad: Tensor, x: Tensor, dim: int, *values: float) -> Tensor:
        out = torch.empty_like(x)
        arrays = (*map(array, _halves(x, dim)), array(grad))
        _engine.run_gates(name, values, arrays, tuple(map(array, _halves(out, dim))))
        return out

    def fake_backward(grad: Tensor, x: Tensor, dim: int, *values: float) -> Tensor:
        return torch.empty_like(x)

    def batched(info: Any, dims: Sequence[int | None], x: Tensor, dim: int, *values: float) -> tuple[Tensor, int]:
        return op(x.movedim(dims[0], 0), dim + 1, *values), 0

    def batched_backward(info: Any, dims: Sequence[int | None], *arguments: Any) -> tuple[Tensor, int]:
        grad, x, dim, *values = arguments
        return backward(*in_front(info, (grad, x), dims[:2]), dim + 1, *values), 0

    def keep(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, ctx.dim, *ctx.parameters = inputs
        ctx.save_for_backward(x)

    def keep_backward(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        grad, x, ctx.dim, *ctx.parameters = inputs
        ctx.save_for_backward(grad, x)

    def gradient(ctx: Any, grad: Tensor) -> Any:
        result = backward(grad, *ctx.saved_tensors, ctx.dim, *ctx.parameters)
        return result, None, *(None,) * len(ctx.parameters)

    def gradient_backward(ctx: Any, outer: Tensor) -> Any:
        grad, x = ctx.saved_tensors
        derivatives = curvature(*_halves(x, ctx.dim), *ctx.parameters)
        by_grad, by_a, by_b = _twice(derivatives, grad, _halves(outer, ctx.dim))
        return by_grad, torch.cat((by_a, by_b), ctx.dim), None, *(None,) * len(ctx.parameters)

    backward = define(
        f"{name}_backward(Tensor grad, Tensor x, int dim{parameters}) -> Tensor",
        run_backward, fake_backward, batched_backward, keep_backward, gradient_backward,
    )  # fmt: skip
    op = define(f"{name}(Tensor x, int dim{parameters}) -> Tensor", run, fake, batched, keep, gradient)
    return op


_reglu = _define("reglu", "", _of_activation("relu"))
_geglu = {
    name: _define(name.replace("gelu", "geglu"), "", _of_activation(name))
    for name in ("gelu", "gelu_tanh", "gelu_sigmoid")
}
_swiglu = _define("swiglu", ", float beta", _of_activation("swish"))
_time_aware_tanh = _define("time_aware_tanh", ", float decay_rate", _of_time_aware_tanh)
_gated_tanh = _define("gated_tanh", "", _of_gated_tanh)
_glu = _define_of_halves("glu", "", _of_glu)
_gaussian_glu = _define_of_halves("gaussian_glu", ", float mean, float std", _of_gaussian_glu)


def _number(name: str, value: Any, domain: str) -> float:
    """Return the parameter `name` as a float in its domain."""
    finite = math.isfinite(value_of := number(name, value))
    if not finite or (domain == "positive" and value_of <= 0.0):
        check_scalar(name, value_of, domain)
    return value_of


def _alike(**tensors: Tensor) -> tuple[Tensor, ...]:
    """Return the tensors with their broadcast shape and common dtype."""
    for name, tensor in tensors.items():
        check_tensor(name, tensor)
    a, b = tensors.values()
    if a.dtype is not b.dtype:
        dtype = torch.promote_types(a.dtype, b.dtype)
        a, b = a.to(dtype), b.to(dtype)
    if a.shape != b.shape:
        try:
            shape = torch.broadcast_shapes(a.shape, b.shape)
        except RuntimeError:
            shapes = ", ".join(f"{name} {tuple(tensor.shape)}" for name, tensor in tensors.items())
            raise ValueError(f"shapes do not broadcast: {shapes}") from None
        a, b = a.expand(shape), b.expand(shape)
    return a, b


def _even(x: Tensor, dim: int) -> int:
    """Return the number of the axis, which must have an even number of elements."""
    check_tensor("x", x)
    axis = dimension("x", x, dim)
    if x.shape[axis] % 2:
        raise ValueError(f"x has {x.shape[axis]} elements along axis {axis}, expected an even number")
    return axis


def glu(x: Tensor, dim: int = -1) -> Tensor:
    """Gated linear unit: a·σ(b), where a and b are the first and second half along an axis.

    Parameters
    ----------
    x : Tensor
        A tensor on the CPU, of float16, bfloat16, float32 or float64, with an even number of elements along the axis.
    dim : int
        The axis that is halved.

    Returns
    -------
    Tensor
        A tensor with half of the elements along the axis, and the bits that ``sp.glu`` returns.

    Raises
    ------
    TypeError
        If x is no such tensor.
    ValueError
        If the number of elements along the axis is odd.
    IndexError
        If x does not have this axis.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.glu(torch.tensor([1.0, 2.0, 0.0, 100.0]))
    tensor([0.5000, 2.0000])
    """
    axis = _even(x, dim)
    return _glu(x, axis)


def gaussian_glu(x: Tensor, mean: float = 0.0, std: float = 1.0, dim: int = -1) -> Tensor:
    """Linear unit gated by a Gaussian: exp(-((a - mean)/std)²/2)·b for the halves a, b along an axis.

    The arguments are those of `glu`, and two numbers: `mean`, and `std` above 0.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.gaussian_glu(torch.tensor([0.0, 1.0, 3.0, 3.0]))
    tensor([3.0000, 1.8196])
    """
    axis = _even(x, dim)
    return _gaussian_glu(x, axis, _number("mean", mean, "finite"), _number("std", std, "positive"))


def reglu(gate: Tensor, value: Tensor) -> Tensor:
    """Linear unit gated by relu: relu(gate)·value.

    Parameters
    ----------
    gate, value : Tensor
        Tensors on the CPU, of float16, bfloat16, float32 or float64; they are broadcast against each other.

    Returns
    -------
    Tensor
        A tensor with the broadcast shape and the common dtype, and the bits that ``sp.reglu`` returns.

    Raises
    ------
    TypeError
        If an argument is no such tensor.
    ValueError
        If the shapes cannot be broadcast.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.reglu(torch.tensor([-1.0, 2.0]), torch.tensor(3.0))
    tensor([0., 6.])
    """
    return _reglu(*_alike(gate=gate, value=value))


def geglu(gate: Tensor, value: Tensor, approximate: Literal["none", "tanh", "sigmoid"] = "none") -> Tensor:
    """Linear unit gated by gelu: gelu(gate)·value. The other arguments and the errors are those of `reglu`.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.geglu(torch.tensor([1.0, -1.0]), torch.tensor(2.0))
    tensor([ 1.6827, -0.3173])
    """
    return _geglu[gelu_name(approximate)](*_alike(gate=gate, value=value))


def swiglu(gate: Tensor, value: Tensor, beta: float = 1.0) -> Tensor:
    """Linear unit gated by swish: gate·σ(beta·gate)·value. `beta` is a finite number, the rest is that of `reglu`.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.swiglu(torch.tensor([0.0, 100.0]), torch.tensor(2.0))
    tensor([  0., 200.])
    """
    return _swiglu(*_alike(gate=gate, value=value), _number("beta", beta, "finite"))


def time_aware_tanh(x: Tensor, t: Tensor, decay_rate: float = 0.1) -> Tensor:
    """Hyperbolic tangent that decays with time: tanh(x)·exp(-decay_rate·t).

    `decay_rate` is a finite number; the tensors, the result and the errors are those of `reglu`.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.time_aware_tanh(torch.tensor(1.0), torch.tensor([0.0, 10.0]))
    tensor([0.7616, 0.2802])
    """
    return _time_aware_tanh(*_alike(x=x, t=t), _number("decay_rate", decay_rate, "finite"))


def gated_tanh(x: Tensor, h: Tensor) -> Tensor:
    """Update of a recurrent state by a gate: z·tanh(x) + (1 - z)·h with z = σ(x + h).

    The tensors, the result and the errors are those of `reglu`.

    Examples
    --------
    >>> import torch, spatium.torch as st
    >>> st.gated_tanh(torch.tensor([50.0, 0.0]), torch.tensor([0.5, 1.0]))
    tensor([1.0000, 0.2689])
    """
    return _gated_tanh(*_alike(x=x, h=h))
