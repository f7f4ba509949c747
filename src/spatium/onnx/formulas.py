"""The operators and the formulas of ONNX for activations.

Both directions read the formulas: with the nodes of a graph as values, they write an activation that has no operator;
with expressions as values, they tell what the nodes of another exporter compute.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from spatium.activations import Activation, activation
from spatium.onnx.expressions import Algebra, Atom, Expression, X, alike, of_atom, substitute

__all__ = ["FORMULAS", "OPERATORS", "READ", "Operator", "chain_of", "tidy"]

SELU = 1.6732632423543772, 1.0507009873554805  # alpha and gamma
_ROOT = math.sqrt(2.0 / math.pi)


class Operator(NamedTuple):
    """An operator that is an activation: its attributes by the parameters of the activation, or numbers."""

    name: str
    attributes: Mapping[str, str | float] = {}
    in_double: bool = False  # whether ONNX Runtime has it in float64, on processors


# What `save` writes for float32, in the operators of version 20.
OPERATORS = {
    "relu": Operator("Relu", {}, True),
    "leaky_relu": Operator("LeakyRelu", {"alpha": "negative_slope"}),
    "sigmoid": Operator("Sigmoid", {}, True),
    "tanh": Operator("Tanh", {}, True),
    "gelu": Operator("Gelu"),
    "gelu_tanh": Operator("Gelu", {"approximate": "tanh"}),
    "mish": Operator("Mish"),
    "elu": Operator("Elu", {"alpha": "alpha"}),
    "hard_sigmoid": Operator("HardSigmoid", {"alpha": "slope", "beta": "offset"}),
    "sine": Operator("Sin", {}, True),
    "hard_swish": Operator("HardSwish"),
    "selu": Operator("Selu", {"alpha": SELU[0], "gamma": SELU[1]}),
    "celu": Operator("Celu", {"alpha": "alpha"}),
    "soft_sign": Operator("Softsign"),
    "hard_shrink": Operator("Shrink", {"lambd": "lambd", "bias": 0.0}, True),
    "soft_shrink": Operator("Shrink", {"lambd": "lambd", "bias": "lambd"}, True),
}


def _squareplus(o: Any, x: Any, b: Any) -> Any:
    larger = (o.abs(x) + o.sqrt(x * x + b)) / 2.0  # the other root is b/4 divided by this one
    return o.where(x >= 0.0, larger, b / 4.0 / larger)


def _dish(o: Any, x: Any) -> Any:
    root = o.sqrt(1.0 + x * x)
    return o.where(x >= 0.0, 0.5 * x * (x / root + 1.0), 0.5 * x / (root * (root - x)))


def _sparse_plus(o: Any, x: Any) -> Any:
    rising = o.clip(0.5 * x + 0.5, 0.0, 1.0)
    return rising * rising + o.relu(x - 1.0)


def _gelu(o: Any, x: Any) -> Any:
    return 0.5 * x * (1.0 + o.erf(x * math.sqrt(0.5)))


# o has the functions, x is the value; the parameters are numbers, or one number per channel.
FORMULAS: dict[str, Callable[..., Any]] = {
    "relu": lambda o, x: o.relu(x),
    "leaky_relu": lambda o, x, slope: o.where(x > 0.0, x, x * slope),
    "sigmoid": lambda o, x: o.sigmoid(x),
    "tanh": lambda o, x: o.tanh(x),
    "gelu_tanh": lambda o, x: 0.5 * x * (1.0 + o.tanh(_ROOT * x + (_ROOT * 0.044715) * (x * x * x))),
    "swish": lambda o, x, beta: x * o.sigmoid(x * beta),
    "mish": lambda o, x: x * o.tanh(o.softplus(x)),
    "elu": lambda o, x, alpha: o.where(x > 0.0, x, (o.exp(x) - 1.0) * alpha),
    "softplus": lambda o, x, beta: o.softplus(x * beta) / beta,
    "hard_sigmoid": lambda o, x, slope, offset: o.clip(x * slope + offset, 0.0, 1.0),
    "hard_tanh": lambda o, x, low, high: o.clip(x, low, high),
    "sine": lambda o, x: o.sine(x),
    "gelu": _gelu,
    "gelu_sigmoid": lambda o, x: x * o.sigmoid(1.702 * x),
    "hard_swish": lambda o, x: x * o.clip(x / 6.0 + 0.5, 0.0, 1.0),
    "hard_gelu": lambda o, x: o.minimum(x * o.clip((x + 1.5) / 3.0, 0.0, 1.0), 3.0),
    "scaled_swish": lambda o, x, alpha, beta: x * o.sigmoid(x * beta) * alpha,
    "snake": lambda o, x, alpha, beta: x + o.sine(x * alpha) * o.sine(x * alpha) / beta,
    "scaled_tanh": lambda o, x, scale, slope: o.tanh(x * slope) * scale,
    "relu6": lambda o, x: o.clip(x, 0.0, 6.0),
    "relu_squared": lambda o, x: o.relu(x) * o.relu(x),
    "threshold": lambda o, x, threshold, value: o.where(x > threshold, x, value),
    "selu": lambda o, x: SELU[1] * o.where(x > 0.0, x, SELU[0] * (o.exp(x) - 1.0)),
    "celu": lambda o, x, alpha: o.where(x > 0.0, x, (o.exp(x / alpha) - 1.0) * alpha),
    "log_sigmoid": lambda o, x: -o.softplus(-x),
    "soft_sign": lambda o, x: x / (1.0 + o.abs(x)),
    "tanh_shrink": lambda o, x: x - o.tanh(x),
    "hard_shrink": lambda o, x, lambd: o.where(o.abs(x) > lambd, x, 0.0),
    "soft_shrink": lambda o, x, lambd: o.where(x > 0.0, o.relu(x - lambd), -o.relu(-x - lambd)),
    "squareplus": _squareplus,
    "sparse_plus": _sparse_plus,
    "sparse_sigmoid": lambda o, x: o.clip(0.5 * x + 0.5, 0.0, 1.0),
    "hard_mish": lambda o, x: 0.5 * x * o.clip(x + 2.0, 0.0, 2.0),
    "lisht": lambda o, x: x * o.tanh(x),
    "dish": _dish,
    "gaussian": lambda o, x: o.exp(-(x * x)),
    "log_cosh": lambda o, x: o.abs(x) + o.softplus(-2.0 * o.abs(x)) - math.log(2.0),
    "identity": lambda o, x: x,
    "phish": lambda o, x: x * o.tanh(_gelu(o, x)),
}

# Other spellings that exporters use; parameters that they lack have their defaults.
_ALSO: list[tuple[str, int, Callable[..., Any]]] = [
    ("gelu_tanh", 0, lambda o, x: x * o.sigmoid(2.0 * _ROOT * x + (2.0 * _ROOT * 0.044715) * (x * x * x))),
    ("relu", 0, lambda o, x: o.where(x > 0.0, x, 0.0)),
    ("relu6", 0, lambda o, x: o.clip(o.relu(x), -math.inf, 6.0)),
    ("relu6", 0, lambda o, x: o.clip(o.relu(x), 0.0, 6.0)),
    ("softplus", 1, lambda o, x, beta: o.where(x * beta > 20.0, x, o.softplus(x * beta) / beta)),
    ("threshold", 1, lambda o, x, threshold: o.where(x > threshold, x, 0.0)),
    ("hard_shrink", 1, lambda o, x, lambd: o.where(o.either(x > lambd, x < -lambd), x, 0.0)),
    ("soft_shrink", 1, lambda o, x, lambd: o.where(x > lambd, x - lambd, 0.0) + o.where(x < -lambd, x + lambd, 0.0)),
    ("soft_shrink", 1, lambda o, x, lambd: o.where(o.abs(x) > lambd, x - o.sign(x) * lambd, 0.0)),
]

# All formulas with their numbers of parameters: those without first, because x·sigmoid(1.702·x) is also a swish.
_KNOWN = sorted(
    [*((name, len(activation(name).parameters), formula) for name, formula in FORMULAS.items()), *_ALSO],
    key=lambda entry: entry[1],
)


# ---- reading ----


def tidy(number: float) -> float:
    """Return the decimal number with the fewest digits that has this value in float32: 0.01 for 0.0099999998.

    The attributes of ONNX are float32. Other numbers are returned as they are.
    """
    with np.errstate(over="ignore", under="ignore"):
        rounded = np.float32(number)
    return float(str(rounded)) if float(rounded) == number else number


def _of(name: str) -> Callable[..., Expression]:
    return lambda e, *parameters: of_atom(Atom(name, e, parameters))


def _formula_of(name: str) -> Callable[..., Expression]:
    return lambda e, *parameters: FORMULAS[name](Algebra(), e, *parameters)


def _selu(e: Expression, alpha: float, gamma: float) -> Expression:
    if all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip((alpha, gamma), SELU, strict=True)):
        return of_atom(Atom("selu", e))
    return gamma * of_atom(Atom("elu", e, (alpha,)))


def _shrink(e: Expression, lambd: float, bias: float) -> Expression:
    if bias not in (0.0, lambd):
        raise ValueError(f"bias is {bias:g}, expected 0 or lambd")
    return of_atom(Atom("soft_shrink" if bias else "hard_shrink", e, (lambd,)))


def _gelu_form(e: Expression, approximate: str) -> Expression:
    if approximate not in ("none", "tanh"):
        raise ValueError(f"approximate is {approximate!r}, expected 'none' or 'tanh'")
    return of_atom(Atom("gelu_tanh" if approximate == "tanh" else "gelu", e))


# Operators of one value: the defaults of their attributes, and the expression. Attributes that are missing here, such
# as `consumed_inputs` of the first versions, mean nothing in inference.
READ: dict[tuple[str, str], tuple[dict[str, Any], Callable[..., Expression]]] = {
    ("", "Relu"): ({}, _of("relu")),
    ("", "LeakyRelu"): ({"alpha": 0.01}, _of("leaky_relu")),
    ("", "Sigmoid"): ({}, _of("sigmoid")),
    ("", "Tanh"): ({}, _of("tanh")),
    ("", "Gelu"): ({"approximate": "none"}, _gelu_form),
    ("", "Mish"): ({}, _of("mish")),
    ("", "Elu"): ({"alpha": 1.0}, _of("elu")),
    ("", "Celu"): ({"alpha": 1.0}, _of("celu")),
    ("", "Selu"): ({"alpha": SELU[0], "gamma": SELU[1]}, _selu),
    ("", "Softplus"): ({}, _of("softplus")),
    ("", "Softsign"): ({}, _of("soft_sign")),
    ("", "HardSigmoid"): ({"alpha": 0.2, "beta": 0.5}, _formula_of("hard_sigmoid")),
    ("", "HardSwish"): ({}, _formula_of("hard_swish")),
    ("", "ThresholdedRelu"): ({"alpha": 1.0}, lambda e, alpha: of_atom(Atom("threshold", e, (alpha, 0.0)))),
    ("", "Shrink"): ({"lambd": 0.5, "bias": 0.0}, _shrink),
    ("", "Swish"): ({"alpha": 1.0}, _formula_of("swish")),
    ("com.microsoft", "Gelu"): ({}, _of("gelu")),
    ("com.microsoft", "QuickGelu"): ({"alpha": 1.702}, _formula_of("swish")),
    ("", "Sin"): ({}, _of("sine")),
    ("", "Exp"): ({}, _of("exp")),
    ("", "Log"): ({}, Algebra.log),
    ("", "Erf"): ({}, _of("erf")),
    ("", "Abs"): ({}, _of("abs")),
    ("", "Sqrt"): ({}, _of("sqrt")),
    ("", "Sign"): ({}, _of("sign")),
    ("", "Neg"): ({}, lambda e: -e),
    ("", "Reciprocal"): ({}, lambda e: 1.0 / e),
}


def _named(e: Expression) -> Activation | None:
    """Return the activation that an operator names: a function of x with its parameters."""
    if len(e.terms) != 1 or len(e.terms[0][1]) != 1 or e.terms[0][0] != 1.0:
        return None
    (atom,) = e.terms[0][1]
    if atom.argument != X or atom.function not in FORMULAS:
        return None
    names = activation(atom.function).parameters
    return activation(atom.function, **dict(zip(names, map(tidy, atom.parameters), strict=False)))


def _clipped(e: Expression) -> Activation | None:
    """Return hard_tanh, relu6 or hard_sigmoid: a multiple of the function between 0 and 1 of a line."""
    low, rest = (e.terms[0][0], e.terms[1:]) if e.structure.startswith("1+clip(") else (0.0, e.terms)
    if len(rest) != 1 or len(rest[0][1]) != 1 or rest[0][1][0].function != "clip":
        return None
    height, (atom,) = rest[0]
    line = None if atom.argument is None else atom.argument.line
    if line is None:
        return None
    slope, offset = line[0] * height, line[1] * height + low
    if math.isclose(slope, 1.0, rel_tol=1e-6) and abs(offset) <= 1e-6 * max(1.0, abs(low), abs(height)):
        if math.isclose(height, 6.0, rel_tol=1e-6) and low == 0.0:
            return activation("relu6")
        return activation("hard_tanh", min_val=tidy(low), max_val=tidy(low + height))
    if low == 0.0 and math.isclose(height, 1.0, rel_tol=1e-6):
        if math.isclose(line[0], 1.0 / 6.0, rel_tol=1e-6):  # which has no short decimal
            return activation("hard_sigmoid", offset=tidy(line[1]))
        return activation("hard_sigmoid", slope=tidy(line[0]), offset=tidy(line[1]))
    return None


def _one_bound(e: Expression) -> Activation | None:
    """Return hard_tanh with one bound: ``low + relu(x - low)`` or ``high - relu(high - x)``."""
    bound = e.numbers[0] if e.structure == "1+relu(1+x)" else 0.0
    if alike(e, Algebra.clip(X, bound, math.inf)):
        return activation("hard_tanh", min_val=tidy(bound), max_val=math.inf)
    if alike(e, Algebra.clip(X, -math.inf, bound)):
        return activation("hard_tanh", min_val=-math.inf, max_val=tidy(bound))
    return None


def _formula(e: Expression) -> Activation | None:
    """Return the activation whose formula has this structure, with the numbers of the expression as parameters."""
    numbers = dict.fromkeys(e.numbers)
    numbers |= dict.fromkeys(1.0 / n for n in e.numbers if n)
    numbers |= dict.fromkeys(-n for n in e.numbers)
    for name, count, formula in _KNOWN:
        if formula(Algebra(), X, *([0.3, 0.7][:count])).structure != e.structure:
            continue
        for chosen in itertools.product(numbers, repeat=count):
            try:
                if alike(formula(Algebra(), X, *chosen), e):
                    return activation(name, **dict(zip(activation(name).parameters, map(tidy, chosen), strict=False)))
            except ValueError:  # outside of the domain
                continue
    return None


def _single(e: Expression) -> Activation | None:
    for find in (_named, _clipped, _one_bound, _formula):
        act = find(e)
        if act is not None:
            return act
    return None


def chain_of(e: Expression) -> list[Activation | tuple[float, float]]:
    """Return the activations, and numbers a and b of ``a·x + b``, that compute an expression one after the other.

    Raises ValueError if there are none.
    """
    line = e.line
    if line is not None:
        return [] if line == (1.0, 0.0) else [line]
    act = _single(e)
    if act is not None:
        return [act]
    parts = [of_atom(atom) for _, atoms in e.terms for atom in atoms if atom.argument is not None]
    parts += [atom.argument for _, atoms in e.terms for atom in atoms if atom.argument not in (None, X)]
    for part in parts:
        outer = substitute(e, part)
        if outer is not None and outer != e and part != e:
            with_rest = chain_of(outer)
            return [*chain_of(part), *with_rest]
    raise ValueError(f"{e.structure} is not an activation")
