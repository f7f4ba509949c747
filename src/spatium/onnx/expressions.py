"""Expressions of one variable in a normal form, in which different spellings of an activation are equal.

Exporters write an activation without an operator of its own as several nodes, in many orders: gelu is
``0.5·x·(1 + erf(x/√2))`` or ``x·(0.5·erf(0.707·x) + 0.5)``. The normal form is a sum of products of functions, here
``0.5·x·erf(0.707·x) + 0.5·x``. Without its numbers it is the *structure* "erf(x)*x+x". A condition is a value that is 1
where it holds, otherwise 0: ``x > c`` is the *step* of x − c, and the other conditions and cases are sums and products.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = ["Algebra", "Atom", "Expression", "X", "alike", "of_atom", "substitute"]

# The numbers of an expression, after which it is not an activation. A file could describe one that grows exponentially.
LARGEST = 100
# Numbers of files are float32, and some exporters write six digits of them.
TOLERANCE = 2e-6


@dataclass(frozen=True)
class Atom:
    """The variable, which has no argument, or a function of an expression with its parameters."""

    function: str
    argument: Expression | None = None
    parameters: tuple[float, ...] = ()

    @property
    def structure(self) -> str:
        """The function and the structure of its argument."""
        return self.function if self.argument is None else f"{self.function}({self.argument.structure})"

    @property
    def numbers(self) -> tuple[float, ...]:
        """The parameters and the numbers of the argument."""
        return self.parameters + (() if self.argument is None else self.argument.numbers)


Term: TypeAlias = tuple[float, tuple[Atom, ...]]  # a factor, and atoms; without any, a number


@dataclass(frozen=True)
class Expression:
    """A sum of terms in the order of their structures."""

    structure: str
    numbers: tuple[float, ...]
    terms: tuple[Term, ...] = field(compare=False, repr=False)

    def __add__(self, other: Expression | float) -> Expression:
        return _sum([*self.terms, *_terms(other)])

    def __mul__(self, other: Expression | float) -> Expression:
        return _sum((a * b, p + q) for (a, p), (b, q) in itertools.product(self.terms, _terms(other)))

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Expression:
        return -1.0 * self

    def __sub__(self, other: Expression | float) -> Expression:
        return self + (-1.0) * other

    def __rsub__(self, other: float) -> Expression:
        return other + (-1.0) * self

    def __truediv__(self, other: Expression | float) -> Expression:
        if isinstance(other, Expression):
            return self * reciprocal(other)
        if other == 0.0:
            raise ValueError("it divides by 0")
        return self * (1.0 / other)

    def __rtruediv__(self, other: float) -> Expression:
        return other * reciprocal(self)

    def __gt__(self, other: Expression | float) -> Expression:
        return _step(self - other)

    def __lt__(self, other: Expression | float) -> Expression:
        return _step(other - self)

    def __ge__(self, other: Expression | float) -> Expression:
        return 1.0 - _step(other - self)

    def __le__(self, other: Expression | float) -> Expression:
        return 1.0 - _step(self - other)

    @property
    def line(self) -> tuple[float, float] | None:
        """The numbers a and b of ``a·x + b``; None for another expression."""
        if self.structure not in ("x", "1+x"):
            return None
        return self.numbers[-1], self.numbers[0] if len(self.numbers) == 2 else 0.0


def _terms(value: Expression | float) -> tuple[Term, ...]:
    return value.terms if isinstance(value, Expression) else ((float(value), ()),)


def _sum(terms: Iterable[Term]) -> Expression:
    merged: dict[tuple[Atom, ...], float] = {}
    for factor, atoms in terms:
        conditions = dict.fromkeys(atom for atom in atoms if atom.function == "step")  # whose squares are themselves
        others = (atom for atom in atoms if atom.function != "step")
        product = tuple(sorted((*conditions, *others), key=lambda atom: (atom.structure, atom.numbers)))
        merged[product] = merged.get(product, 0.0) + factor
    named = [
        ("*".join(atom.structure for atom in atoms) or "1", [n for atom in atoms for n in atom.numbers], factor, atoms)
        for atoms, factor in merged.items()
        if factor != 0.0
    ]
    named.sort(key=lambda term: term[:3])
    numbers = tuple(n for _, inner, factor, _ in named for n in (factor, *inner))
    if len(numbers) > LARGEST or not all(map(math.isfinite, numbers)):
        raise ValueError("it is not an activation")
    structure = "+".join(text for text, _, _, _ in named) or "0"
    return Expression(structure, numbers, tuple((factor, atoms) for _, _, factor, atoms in named))


def of_atom(atom: Atom) -> Expression:
    """Return the expression that is one atom."""
    return _sum([(1.0, (atom,))])


X = of_atom(Atom("x"))


def _function(name: str, argument: Expression, *parameters: float) -> Expression:
    return of_atom(Atom(name, argument, parameters))


def _step(e: Expression) -> Expression:
    """Return 1 where e is positive, otherwise 0."""
    if not any(atoms for _, atoms in e.terms):
        raise ValueError("it compares constants")
    return _function("step", e / abs(e.terms[-1][0]))  # so that 2·x > 2 is x > 1


def _one_plus(e: Expression, function: str) -> Expression | None:
    """Return p if `e` is ``1 + function(p)``."""
    if len(e.terms) == 2 and e.terms[0] == (1.0, ()) and e.terms[1][0] == 1.0 and len(e.terms[1][1]) == 1:
        (atom,) = e.terms[1][1]
        if atom.function == function:
            return atom.argument
    return None


def reciprocal(e: Expression) -> Expression:
    """Return 1/e; of 1 + exp(p) it is the sigmoid of −p."""
    p = _one_plus(e, "exp")
    return _function("reciprocal", e) if p is None else _function("sigmoid", -p)


class Algebra:
    """The functions of `formulas`, of expressions."""

    def __getattr__(self, name: str) -> Any:
        return lambda e, *parameters: _function(name, e, *parameters)

    @staticmethod
    def log(e: Expression) -> Expression:
        """Return the logarithm; of 1 + exp(p) it is softplus, and of the sigmoid of p it is −softplus(−p)."""
        p = _one_plus(e, "exp")
        if p is not None:
            return _function("softplus", p)
        if (
            e.structure.startswith("sigmoid(")
            and len(e.terms) == 1
            and e.terms[0][0] == 1.0
            and len(e.terms[0][1]) == 1
        ):
            (atom,) = e.terms[0][1]
            if atom.argument is not None:
                return -_function("softplus", -atom.argument)
        return _function("log", e)

    @staticmethod
    def clip(e: Expression, low: float, high: float) -> Expression:
        """Return e between two bounds, as a multiple of ``hard_sigmoid``, which is between 0 and 1, or of relu."""
        if math.isinf(high):
            return e if math.isinf(low) else low + _function("relu", e - low)
        if math.isinf(low):
            return high - _function("relu", high - e)
        if not low < high:
            raise ValueError(f"it clips to the range from {low} to {high}")
        return low + (high - low) * _function("clip", (e - low) / (high - low))

    @staticmethod
    def where(condition: Expression, x: Expression | float, y: Expression | float) -> Expression:
        """Return x where the condition holds, otherwise y."""
        return condition * x + (1.0 - condition) * y

    @staticmethod
    def either(a: Expression, b: Expression) -> Expression:
        """Return the condition that one of two conditions holds."""
        return a + b - a * b

    @staticmethod
    def power(e: Expression, exponent: float) -> Expression:
        """Return a power whose exponent is 0.5 or an integer from 1 to 4."""
        if exponent == 0.5:
            return _function("sqrt", e)
        if exponent not in (1.0, 2.0, 3.0, 4.0):
            raise ValueError(f"its exponent is {exponent:g}")
        product = e
        for _ in range(int(exponent) - 1):
            product = product * e
        return product


def alike(a: Expression, b: Expression) -> bool:
    """Return whether two expressions differ in the rounding of their numbers only."""
    return a.structure == b.structure and all(
        math.isclose(m, n, rel_tol=TOLERANCE) for m, n in zip(a.numbers, b.numbers, strict=True)
    )


def substitute(e: Expression, part: Expression) -> Expression | None:
    """Return `e` with x in the place of `part`; None if another x remains."""
    if alike(e, part):
        return X
    total = _sum([])
    for factor, atoms in e.terms:
        product = _sum([(factor, ())])
        for atom in atoms:
            if atom.argument is None:
                return None
            if alike(of_atom(atom), part):
                product = product * X
                continue
            argument = substitute(atom.argument, part)
            if argument is None:
                return None
            product = product * of_atom(Atom(atom.function, argument, atom.parameters))
        total = total + product
    return total
