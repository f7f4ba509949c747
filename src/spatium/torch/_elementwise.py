"""The elementwise functions as operators, one set for each activation of the registry."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from spatium import _engine
from spatium.activations import Activation, activation
from spatium.activations.operations import RECORDS
from spatium.passes import Policy
from spatium.torch._library import Op, Tensor, array, check_tensor, define, in_front, no_more_derivatives

__all__ = ["FAMILIES", "Family"]

_NO_INPUT = "save={!r} does not keep the input of {}, which its second derivative needs: use save='input'"
_THIRD = "the second derivative of {} has no derivative"
_TWICE = "the gradients of the parameters of {} have no derivatives"


@functools.lru_cache(maxsize=1024)
def _activation(name: str, parameters: tuple[float, ...]) -> Activation:
    """Return the activation, after the check of its parameters."""
    act = activation(name)
    return type(act)(*parameters) if parameters else act


def number(name: str, value: Any) -> float:
    """Return the parameter `name` as a float; the operator checks its domain."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} is {value!r}, expected a number or a tensor") from None


class Family:
    """The operators of one activation.

    Attributes
    ----------
    value, backward, second_derivative
        f(x), grad·f′(x) and f″(x), with numbers as parameters.
    with_bits, backward_from_bits
        f(x) and one bit per element, and the gradient computed from the bits; None if bits do not determine it.
    with_output
        f(x), whose gradient is computed from the output; None if the output does not determine it.
    value_of, backward_of, second_derivative_of
        The same with tensors as parameters, which are broadcast against x; None without parameters.
    """

    def __init__(self, name: str) -> None:
        record, act = RECORDS[name], activation(name)
        self.name = name
        self.names = tuple(act.parameters)
        self.defaults: tuple[Any, ...] = tuple(act.parameters.values())
        self.save_policies, self.default_save = act.save_policies, act.check_save(None)
        self.bits = act._bits
        self.numbers = "".join(f", float {parameter}" for parameter in self.names)
        self.tensors = "".join(f", Tensor {parameter}" for parameter in self.names)
        self.rest = (None,) * len(self.names)  # the gradients of the parameters, which are numbers
        self.ufuncs = act._ufuncs
        self.second_derivative = self._define_second_derivative()
        self.backward = self._define_backward()
        self.value = self._define_value()
        self.with_bits = self.backward_from_bits = self.with_output = self.backward_from_output = None
        if self.bits is not None:
            self.backward_from_bits = self._define_backward_from_bits()
            self.with_bits = self._define_with_bits()
        if record.from_output:
            self.backward_from_output = self._define_backward_from_output()
            self.with_output = self._define_with_output()
        self.value_of = self.backward_of = self.second_derivative_of = None
        if self.names:
            self.second_derivative_of = self._define_second_derivative_of()
            self.backward_of = self._define_backward_of()
            self.parameter_gradients = self._define_parameter_gradients()
            self.value_of = self._define_value_of()

    def __call__(self, x: Tensor, parameters: Sequence[Any], save: Policy | None) -> Tensor:
        """Return f(x) by the operator for the kind of the parameters and for the data to save."""
        check_tensor("x", x)
        if parameters and any(isinstance(parameter, torch.Tensor) for parameter in parameters):
            if save not in (None, "input"):
                raise TypeError(f"save is {save!r}, expected 'input' or None, because a parameter is a tensor")
            return self.value_of(x, *map(_as_tensor, self.names, parameters))  # type: ignore[misc]
        values = tuple(map(number, self.names, parameters)) if parameters else ()
        if save is None:
            save = self.default_save
        elif save not in self.save_policies:
            _activation(self.name, values).check_save(save)  # raises the error
        if save == "output":
            return self.with_output(x, *values)  # type: ignore[misc]
        if save == "bits" and x.requires_grad and torch.is_grad_enabled():
            return self.with_bits(x, *values)[0]  # type: ignore[misc]
        return self.value(x, *values)

    # ---- numbers as parameters ----

    def _elementwise(self, suffix: str, tensors: str, compute: Callable[..., Any], keep: Op | None, gradient: Op) -> Op:
        """Define an operator of tensors of one shape whose result has the layout of the last one."""
        n_tensors = tensors.count("Tensor")

        def run(*arguments: Any) -> Tensor:
            out = torch.empty_like(arguments[n_tensors - 1])
            act = _activation(self.name, arguments[n_tensors:])
            compute(act, *map(array, arguments[:n_tensors]), array(out))
            return out

        def fake(*arguments: Any) -> Tensor:
            _activation(self.name, arguments[n_tensors:])
            return torch.empty_like(arguments[n_tensors - 1])

        def batched(info: Any, dims: Sequence[int | None], *arguments: Any) -> tuple[Tensor, int | None]:
            if n_tensors == 1:
                return op(*arguments), dims[0]
            return op(*in_front(info, arguments[:n_tensors], dims[:n_tensors]), *arguments[n_tensors:]), 0

        op = define(f"{self.name}{suffix}({tensors}{self.numbers}) -> Tensor", run, fake, batched, keep, gradient)
        return op

    def _keep(self, n_tensors: int) -> Callable[..., None]:
        """Return what saves the tensors among the inputs, and the parameters."""

        def keep(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
            ctx.save_for_backward(*inputs[:n_tensors])
            ctx.parameters = inputs[n_tensors:]

        return keep

    def _define_second_derivative(self) -> Op:
        def compute(act: Activation, x: Any, out: Any) -> None:
            act._ufuncs.second_derivative(x, *act._inputs, out=out)

        gradient = no_more_derivatives(_THIRD.format(self.name))
        return self._elementwise("_second_derivative", "Tensor x", compute, None, gradient)

    def _define_backward(self) -> Op:
        def compute(act: Activation, grad: Any, x: Any, out: Any) -> None:
            act._ufuncs.backward(grad, x, *act._inputs, out=out)

        def gradient(ctx: Any, outer: Tensor) -> Any:
            grad, x = ctx.saved_tensors
            by_grad = by_x = None
            if ctx.needs_input_grad[0]:
                by_grad = self.backward(outer, x, *ctx.parameters)
            if ctx.needs_input_grad[1]:
                by_x = outer * grad * self.second_derivative(x, *ctx.parameters)
            return by_grad, by_x, *self.rest

        return self._elementwise("_backward", "Tensor grad, Tensor x", compute, self._keep(2), gradient)

    def _define_value(self) -> Op:
        def compute(act: Activation, x: Any, out: Any) -> None:
            act._ufuncs.value(x, *act._inputs, out=out)

        def gradient(ctx: Any, grad: Tensor) -> Any:
            (x,) = ctx.saved_tensors
            return self.backward(grad, x, *ctx.parameters), *self.rest

        return self._elementwise("", "Tensor x", compute, self._keep(1), gradient)

    # ---- less than the input saved ----

    def _only_in_grad(self, save: Policy, again: Op) -> Op:
        """Return the gradient of a backward operator without x: that of `grad`, and none of what has been saved.

        Where f′ has two values, f″ is 0, and the gradient of the output is too.
        """

        def gradient(ctx: Any, outer: Tensor) -> Any:
            saved, parameters = tuple(ctx.saved_tensors), ctx.parameters
            if any(ctx.needs_input_grad[1:]):
                raise NotImplementedError(_NO_INPUT.format(save, self.name))
            return again(outer, *saved, *parameters), *(None,) * len(saved), *self.rest

        return gradient

    def _keep_saved(self, n_tensors: int) -> Callable[..., None]:
        def keep(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
            ctx.save_for_backward(*inputs[1:n_tensors])
            ctx.parameters = inputs[n_tensors:]

        return keep

    def _define_backward_from_output(self) -> Op:
        def compute(act: Activation, grad: Any, y: Any, out: Any) -> None:
            act._ufuncs.backward_from_output(grad, y, *act._inputs, out=out)  # type: ignore[misc]

        def again(*arguments: Any) -> Tensor:
            return self.backward_from_output(*arguments)  # type: ignore[misc]

        gradient = self._only_in_grad("output", again)
        return self._elementwise(
            "_backward_from_output", "Tensor grad, Tensor y", compute, self._keep_saved(2), gradient
        )

    def _define_with_output(self) -> Op:
        def compute(act: Activation, x: Any, out: Any) -> None:
            act.check_save("output")  # which depends on the parameter of leaky_relu
            act._ufuncs.value(x, *act._inputs, out=out)

        def keep(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
            ctx.save_for_backward(output)
            ctx.parameters = inputs[1:]

        def gradient(ctx: Any, grad: Tensor) -> Any:
            (y,) = ctx.saved_tensors
            return self.backward_from_output(grad, y, *ctx.parameters), *self.rest  # type: ignore[misc]

        return self._elementwise("_with_output", "Tensor x", compute, keep, gradient)

    def _define_with_bits(self) -> Op:
        code, has_side, has_bits = RECORDS[self.name].code, self.bits == "side", self.bits != "none"

        def run(x: Tensor, *parameters: float) -> tuple[Tensor, Tensor]:
            y, bits = fake(x, *parameters)
            arguments = _activation(self.name, parameters)._arguments
            _engine.pass_over(code, "value", arguments, array(y), array(x), None, array(bits) if has_bits else None)
            return y, bits

        def fake(x: Tensor, *parameters: float) -> tuple[Tensor, Tensor]:
            _activation(self.name, parameters)
            return torch.empty_like(x), x.new_empty((x.numel() + 7) // 8 * has_bits, dtype=torch.uint8)

        def batched(info: Any, dims: Sequence[int | None], x: Tensor, *parameters: float) -> Any:
            x = x.movedim(dims[0], 0)
            y, bits = op(_whole_bytes(x), *parameters)
            bits = bits.view(info.batch_size, bits.numel() // max(info.batch_size, 1))
            return (_without_padding(y, x), bits), (0, 0)

        def keep(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
            ctx.save_for_backward(*output if has_side else output[1:])
            ctx.parameters = inputs[1:]

        def gradient(ctx: Any, grad: Tensor, of_bits: Tensor) -> Any:
            return self.backward_from_bits(grad, *ctx.saved_tensors, *ctx.parameters), *self.rest  # type: ignore[misc]

        op = define(
            f"{self.name}_with_bits(Tensor x{self.numbers}) -> (Tensor, Tensor)", run, fake, batched, keep, gradient
        )
        return op

    def _define_backward_from_bits(self) -> Op:
        code, has_side, has_bits = RECORDS[self.name].code, self.bits == "side", self.bits != "none"
        operation = "backward_from_side" if has_bits else "backward"

        def split(arguments: tuple[Any, ...]) -> tuple[list[Tensor], tuple[float, ...]]:
            return list(arguments[: 2 + has_side]), arguments[2 + has_side :]

        def run(*arguments: Any) -> Tensor:
            (grad, *y, bits), parameters = split(arguments)
            out = torch.empty_like(grad)
            values, g = _activation(self.name, parameters)._arguments, array(grad)
            saved = array(y[0]) if has_side else None if has_bits else g  # without bits f′ is 1 for every x
            _engine.pass_over(
                code, operation, values, array(out), saved, g, array(bits.contiguous()) if has_bits else None
            )
            return out

        def fake(*arguments: Any) -> Tensor:
            return torch.empty_like(arguments[0])

        def batched(info: Any, dims: Sequence[int | None], *arguments: Any) -> tuple[Tensor, int]:
            tensors, parameters = split(arguments)
            grad, *y, bits = in_front(info, tensors, dims[: len(tensors)])
            padded = op(*map(_whole_bytes, (grad, *y)), bits.reshape(bits.numel()), *parameters)
            return _without_padding(padded, grad), 0

        def again(*arguments: Any) -> Tensor:
            return op(*arguments)

        tensors = f"Tensor grad{', Tensor y' * has_side}, Tensor bits"
        op = define(
            f"{self.name}_backward_from_bits({tensors}{self.numbers}) -> Tensor",
            run, fake, batched, self._keep_saved(2 + has_side), self._only_in_grad("bits", again),
        )  # fmt: skip
        return op

    # ---- tensors as parameters ----

    def _elementwise_of(self, operation: str, tensors: str, keep: Op | None, gradient: Op) -> Op:
        n_tensors = tensors.count("Tensor")
        ufunc = getattr(self.ufuncs, operation)

        def run(*arguments: Any) -> Tensor:
            out = fake(*arguments)
            ufunc(*map(array, arguments[:n_tensors]), *map(_float64, arguments[n_tensors:]), out=array(out))
            return out

        def fake(*arguments: Any) -> Tensor:
            x, *parameters = arguments[n_tensors - 1 :]
            self._check_shapes(x, parameters)
            return torch.empty_like(x)

        def batched(info: Any, dims: Sequence[int | None], *arguments: Any) -> tuple[Tensor, int]:
            moved = in_front(info, arguments, dims)
            rank = moved[n_tensors - 1].dim()
            return op(*moved[:n_tensors], *(_aligned(parameter, rank) for parameter in moved[n_tensors:])), 0

        suffix = "" if operation == "value" else f"_{operation}"
        op = define(
            f"{self.name}{suffix}.tensor({tensors}{self.tensors}) -> Tensor", run, fake, batched, keep, gradient
        )
        return op

    def _check_shapes(self, x: Tensor, parameters: Sequence[Tensor]) -> None:
        for name, parameter in zip(self.names, parameters, strict=True):
            ends = x.shape[max(x.dim() - parameter.dim(), 0) :]
            fits = len(ends) == parameter.dim() and all(
                n in (1, end) for n, end in zip(parameter.shape, ends, strict=True)
            )
            if not fits:
                expected = f"one that broadcasts to that of x, {tuple(x.shape)}"
                raise ValueError(f"{name} has shape {tuple(parameter.shape)}, expected {expected}")

    def _define_second_derivative_of(self) -> Op:
        gradient = no_more_derivatives(_THIRD.format(self.name))
        return self._elementwise_of("second_derivative", "Tensor x", None, gradient)

    def _define_backward_of(self) -> Op:
        def keep(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            ctx.save_for_backward(*inputs)

        def gradient(ctx: Any, outer: Tensor) -> Any:
            grad, x, *parameters = ctx.saved_tensors
            if any(ctx.needs_input_grad[2:]):
                raise NotImplementedError(f"the derivatives of {self.name} have no derivatives by its parameters")
            by_grad = by_x = None
            if ctx.needs_input_grad[0]:
                by_grad = self.backward_of(outer, x, *parameters)  # type: ignore[misc]
            if ctx.needs_input_grad[1]:
                by_x = outer * grad * self.second_derivative_of(x, *parameters)  # type: ignore[misc]
            return by_grad, by_x, *self.rest

        return self._elementwise_of("backward", "Tensor grad, Tensor x", keep, gradient)

    def _define_parameter_gradients(self) -> Op:
        """Define the operator of the sums of grad·∂f/∂p over the elements that share a parameter, in float64."""

        def run(grad: Tensor, x: Tensor, *parameters: Tensor) -> Any:
            arrays = dict(zip(self.names, map(_float64, parameters), strict=True))
            sums = activation(self.name).parameter_gradients(array(grad), array(x), **arrays)
            return _one_or_tuple([torch.from_numpy(np.array(total)) for total in sums.values()])

        def fake(grad: Tensor, x: Tensor, *parameters: Tensor) -> Any:
            return _one_or_tuple([x.new_empty(parameter.shape, dtype=torch.float64) for parameter in parameters])

        def batched(info: Any, dims: Sequence[int | None], *arguments: Tensor) -> Any:
            grad, x, *parameters = in_front(info, arguments, dims)
            sums = op(grad, x, *(_aligned(parameter, x.dim()) for parameter in parameters))
            sums = sums if isinstance(sums, tuple) else (sums,)
            shaped = [total.view(parameter.shape) for total, parameter in zip(sums, parameters, strict=True)]
            return _one_or_tuple(shaped), _one_or_tuple([0] * len(shaped))

        results = ", ".join(["Tensor"] * len(self.names))
        op = define(
            f"{self.name}_parameter_gradients(Tensor grad, Tensor x{self.tensors}) -> "
            f"{f'({results})' if len(self.names) > 1 else results}",
            run, fake, batched, None, no_more_derivatives(_TWICE.format(self.name)),
        )  # fmt: skip
        return op

    def _define_value_of(self) -> Op:
        def keep(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            ctx.save_for_backward(*inputs)

        def gradient(ctx: Any, grad: Tensor) -> Any:
            x, *parameters = ctx.saved_tensors
            by_x, by_parameters = None, list(self.rest)
            if ctx.needs_input_grad[0]:
                by_x = self.backward_of(grad, x, *parameters)  # type: ignore[misc]
            if any(ctx.needs_input_grad[1:]):
                sums = self.parameter_gradients(grad, x, *parameters)
                sums = sums if isinstance(sums, tuple) else (sums,)
                by_parameters = [total.to(p.dtype) for total, p in zip(sums, parameters, strict=True)]
            return by_x, *by_parameters

        return self._elementwise_of("value", "Tensor x", keep, gradient)


def _one_or_tuple(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else tuple(items)


def _as_tensor(name: str, parameter: Any) -> Tensor:
    if isinstance(parameter, torch.Tensor):
        check_tensor(name, parameter)
        return parameter
    return torch.full((), number(name, parameter), dtype=torch.float64)


def _float64(parameter: Tensor) -> Any:
    return array(parameter.to(torch.float64))


def _aligned(parameter: Tensor, rank: int) -> Tensor:
    """Return the parameter, whose first axis is the batch, with so many axes that it is broadcast against x."""
    missing = rank - parameter.dim()
    return parameter.reshape(parameter.shape[0], *(1,) * missing, *parameter.shape[1:])


def _whole_bytes(x: Tensor) -> Tensor:
    """Return the samples along the first axis as rows whose lengths are multiples of 8, so that none share a byte."""
    rows = x.reshape(x.shape[0], math.prod(x.shape[1:]))
    missing = -rows.shape[1] % 8
    return torch.nn.functional.pad(rows, (0, missing)) if missing else rows


def _without_padding(rows: Tensor, model: Tensor) -> Tensor:
    return rows[:, : math.prod(model.shape[1:])].reshape(model.shape)


FAMILIES = {name: Family(name) for name in RECORDS}
