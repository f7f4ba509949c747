"""Compute the constants of the kernels: those of several functions for _kernels/arithmetic/coefficients.h, and those of
one function for _kernels/fn/<name>.tables.h.

    python tools/coefficients.py [--check] [name ...]

writes these files, or compares them; with names, such as `gelu` or `coefficients`, only those.

Minimax polynomials come from the Remez exchange in 60-digit arithmetic with the weight named beside each table; every
coefficient is then rounded to double.  The error printed above a table is that of the *rounded* coefficients evaluated
exactly; the rounding errors of the evaluation come on top and are measured by tools/accuracy.py.
"""

from __future__ import annotations

import contextlib
import io
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import mpmath as mp

mp.mp.dps = 60
Function = Callable[[mp.mpf], mp.mpf]
KERNELS = Path(__file__).parents[1] / "src" / "spatium" / "_kernels"


def chebyshev_nodes(a: mp.mpf, b: mp.mpf, n: int) -> list[mp.mpf]:
    return [(a + b) / 2 + (b - a) / 2 * mp.cos(mp.pi * (2 * k + 1) / (2 * n)) for k in range(n)][::-1]


def horner(coefficients: list[mp.mpf], x: mp.mpf) -> mp.mpf:
    total = mp.mpf(0)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def remez(f: Function, weight: Function, a: float, b: float, degree: int) -> list[mp.mpf]:
    """Coefficients, lowest first, of the polynomial with the smallest max |weight·(p − f)| on [a, b]."""
    a, b = mp.mpf(a), mp.mpf(b)
    n = degree + 2
    nodes = [(a + b) / 2 - (b - a) / 2 * mp.cos(mp.pi * k / (n - 1)) for k in range(n)]
    grid = chebyshev_nodes(a, b, 24 * n)
    values = [(f(x), weight(x)) for x in grid]
    coefficients: list[mp.mpf] = []
    for _ in range(12):
        matrix = mp.matrix(n, n)
        right = mp.matrix(n, 1)
        for i, x in enumerate(nodes):
            for j in range(degree + 1):
                matrix[i, j] = x**j
            matrix[i, degree + 1] = (-1) ** i / weight(x)
            right[i] = f(x)
        solution = mp.lu_solve(matrix, right)
        coefficients, level = [solution[i] for i in range(degree + 1)], abs(solution[degree + 1])
        error = [w * (horner(coefficients, x) - y) for x, (y, w) in zip(grid, values, strict=True)]
        # one extremum per run of equal sign; keep n of them, dropping the smaller end when there is one too many
        runs: list[int] = []
        for i, e in enumerate(error):
            if runs and (error[runs[-1]] > 0) == (e > 0):
                if abs(e) > abs(error[runs[-1]]):
                    runs[-1] = i
            else:
                runs.append(i)
        while len(runs) > n:
            runs.pop(0 if abs(error[runs[0]]) < abs(error[runs[-1]]) else -1)
        if len(runs) < n:
            break
        nodes = [grid[i] for i in runs]
        if max(abs(error[i]) for i in runs) < level * mp.mpf("1.02"):
            break
    return coefficients


def print_rows(texts: list[str], columns: int) -> None:
    for i in range(0, len(texts), columns):
        print("    " + ", ".join(texts[i : i + columns]) + ",")


def rounded_to(value: mp.mpf, bits: int, nearest: Function = mp.nint) -> mp.mpf:
    """The value to so many bits, whatever its exponent."""
    if value == 0:
        return mp.mpf(0)
    scale = mp.mpf(2) ** (bits - 1 - mp.floor(mp.log(abs(value), 2)))
    return nearest(value * scale) / scale


def emit(name: str, what: str, coefficients: list[mp.mpf], f: Function, weight: Function, a: float, b: float) -> None:
    rounded = [float(c) for c in coefficients]
    exact = [mp.mpf(c) for c in rounded]
    worst = max(abs(weight(x) * (horner(exact, x) - f(x))) for x in chebyshev_nodes(mp.mpf(a), mp.mpf(b), 400))
    interval = f"[{float(a):.6g}, {float(b):.6g}]"
    print(f"/* {what}\n   degree {len(rounded) - 1} on {interval}; error 2^{float(mp.log(worst, 2)):.1f} */")
    print(f"static const double {name}[{len(rounded)}] = {{")
    print_rows([c.hex() for c in rounded], 3)
    print("};\n")


def minimax(name: str, what: str, f: Function, weight: Function, a: float, b: float, degree: int) -> None:
    emit(name, what, remez(f, weight, a, b, degree), f, weight, a, b)


def split(
    name: str, what: str, value: mp.mpf, widths: list[int], *, suffix: str = "", nearest: Function = mp.nint
) -> None:
    """The constant as a sum of parts of `widths` bits; small multiples of a part shorter than the format are exact.

    `suffix` "f" makes them floats; with mp.floor all parts of a positive constant are positive.
    """
    print(f"/* {what} */")
    for i, width in enumerate(widths):
        part = rounded_to(value, width, nearest)
        print(f"#define {name}_{i + 1} {float(part).hex()}{suffix}")
        value -= part
    print()


def with_pair_first(name: str, what: str, f: Function, weight: Function, a: float, b: float, degree: int) -> None:
    """f = first + x·rest(x), the first coefficient as a pair: its rounding would be felt in float64."""
    coefficients = remez(f, weight, a, b, degree)
    split(f"{name}_FIRST", f"{what}: the constant coefficient", coefficients[0], [53, 53])
    first = sum(mp.mpf(float(c)) for c in (coefficients[0], coefficients[0] - mp.mpf(float(coefficients[0]))))
    rest: Function = lambda x: (f(x) - first) / x if abs(x) > mp.mpf("1e-12") else coefficients[1]
    emit(name, f"{what}: the rest", coefficients[1:], rest, lambda x: x * weight(x), a, b)


def series_at_root(name: str, what: str, f: Function, guess: str, radius: float, degree: int) -> None:
    """f(x) = (x − root)·p(x − root) near its simple root, p minimax in relative error."""
    root = mp.findroot(f, mp.mpf(guess))
    split(f"{name}_ROOT", f"{what}: its root", root, [53, 53])
    taylor = mp.taylor(f, root, degree + 14)[1:]
    p: Function = lambda d: horner(taylor, d)
    print(f"#define {name}_RADIUS {float(radius).hex()}")
    with_pair_first(name, f"({what})/(x - root) around the root", p, lambda d: 1 / p(d), -radius, radius, degree)


# ---- float32 tables of vectors.h ----


def single(value: mp.mpf) -> mp.mpf:
    """The nearest float32 number, as it is in a normal range."""
    return rounded_to(value, 24)


def less_bits(value: mp.mpf, bits: int) -> mp.mpf:
    """The float32 number whose bits, as an integer, are `bits` less than those of the value's."""
    (pattern,) = struct.unpack("<I", struct.pack("<f", float(single(value))))
    return mp.mpf(struct.unpack("<f", struct.pack("<I", pattern - bits))[0])


def less_bits_of_double(value: mp.mpf, bits: int) -> mp.mpf:
    (pattern,) = struct.unpack("<Q", struct.pack("<d", float(value)))
    return mp.mpf(struct.unpack("<d", struct.pack("<Q", pattern - bits))[0])


def single_texts(values: list[mp.mpf]) -> list[str]:
    return [float(single(v)).hex() + "f" for v in values]


def emit_singles(name: str, what: str, values: list[mp.mpf], first: str | None = None) -> None:
    texts = single_texts(values)
    print(f"/* {what} */\nstatic const float {name}[{len(values)}] = {{")
    print_rows([first or texts[0], *texts[1:]], 4)
    print("};\n")


def emit_rows(name: str, what: str, kind: str, rows: list[list[str]]) -> None:
    """A table that all instruction sets share: declared everywhere, defined in loops/tables.c."""
    print(f"/* {what} */\nSP_TABLE({kind}, {name}, {len(rows)}, {len(rows[0])})\n#ifdef SP_DEFINES_TABLES\n= {{")
    for row in rows:
        print("    {" + ", ".join(row) + "},")
    print("}\n#endif\n;\n")


def in_both(name: str, what: str, value: mp.mpf, short: tuple[int, int] = (0, 0)) -> None:
    """The constant as a pair of floats and as a pair of doubles, the first parts `short` by so many bits."""
    split(f"{name}_FLOAT", f"{what}, as floats", value, [24 - short[0], 24], suffix="f")
    split(f"{name}_DOUBLE", f"{what}, as doubles", value, [53 - short[1], 53])


def good_center(f: Function, middle: mp.mpf, step: mp.mpf, reach: int) -> mp.mpf:
    """A float near the middle where f is nearly a float itself (Gal 1986), so that it needs no low word."""
    return min((single(middle + k * step) for k in range(-reach, reach)), key=lambda x: abs(f(x) / single(f(x)) - 1))


def piecewise(name: str, what: str, f: Function, intervals: list[tuple[mp.mpf, mp.mpf] | None], degree: int) -> None:
    """f(center) and the coefficients of (f(center + d) - f(center))/d, relative error, one table per coefficient.

    An interval that begins at 0 has center and f(center) 0 and the exact slope 1 left out.
    """
    centers, firsts, rests, worst = [], [], [], mp.mpf(0)
    for interval in intervals:
        if interval is None:
            centers, firsts, rests = [*centers, mp.mpf(0)], [*firsts, mp.mpf(1)], [*rests, [mp.mpf(0)] * degree]
            continue
        low, high = interval
        if low == 0:
            c, first = mp.mpf(0), mp.mpf(0)
            cubic: Function = lambda d: (f(d) / d - 1) / d**2 if d > mp.mpf("1e-8") else -mp.mpf(1) / 3
            found = remez(cubic, lambda d: d**2 + mp.mpf("1e-12"), mp.mpf("1e-9"), high, degree - 3)
            rest = [mp.mpf(0), mp.mpf(0), *(single(v) for v in found)]
        else:
            c = good_center(f, single((low + high) / 2), mp.mpf(2) ** (mp.floor(mp.log(high, 2)) - 15), 400)
            first = single(f(c))
            slope: Function = lambda d, c=c: (f(c + d) - f(c)) / d if abs(d) > mp.mpf("1e-14") else mp.diff(f, c)
            weight: Function = lambda d, c=c: abs(d / f(c + d)) + mp.mpf("1e-9")
            rest = [single(v) for v in remez(slope, weight, low - c, high - c, degree - 1)]
        centers, firsts, rests = [*centers, c], [*firsts, first], [*rests, rest]
        for d in chebyshev_nodes(low - c, high - c, 40):
            got = first + d * (horner(rest, d) + (1 if low == 0 else 0))
            worst = max(worst, abs(got / f(c + d) - 1))
    print(f"/* {what}: 32 intervals, degree {degree}, error 2^{float(mp.log(worst, 2)):.1f} */")
    emit_singles(f"{name}_CENTER", f"{name}: centers", centers)
    emit_singles(f"{name}_0", f"{name}: values there", firsts)
    print(f"/* {name}: coefficients of d, d^2, ... */\nstatic const float {name}[{degree}][{len(rests)}] = {{")
    for k in range(degree):
        print("    {")
        print_rows(single_texts([rest[k] for rest in rests]), 4)
        print("    },")
    print("};\n")
    rows = [[first, c, *rest] for first, c, rest in zip(firsts, centers, rests, strict=True)]
    emit_rows(f"{name}_ROWS", f"{name} by rows: value, center, coefficients", "float", [single_texts(r) for r in rows])


def octaves(first: int, bits: int) -> list[tuple[mp.mpf, mp.mpf]]:
    """The 32 intervals that share the low exponent bits and the first `bits` bits of the fraction, from 2^first on."""
    found = []
    for i in range(32):
        exponent = first + ((i >> bits) - (first + 127)) % 2 ** (5 - bits)
        part = i % 2**bits
        found.append(tuple(mp.mpf(2) ** exponent * (1 + mp.mpf(part + k) / 2**bits) for k in (0, 1)))
    return found


def interpolated_rows(f: Function, parts: int, count: int, terms: int, bits: int) -> tuple[list[list[mp.mpf]], mp.mpf]:
    """`count` rows (value as a pair, center, other coefficients), `parts` per octave of 1 + a, and their worst error.

    The polynomials interpolate f at Chebyshev's nodes; the error is relative, of coefficients rounded to so many bits.
    """
    rows, worst = [], mp.mpf(0)
    for i in range(count):
        low, high = (mp.ldexp(1 + mp.mpf(k % parts) / parts, k // parts) for k in (i, i + 1))
        center, half = (low + high) / 2 - 1, (high - low) / 2
        nodes = chebyshev_nodes(-half, half, terms)
        matrix = mp.matrix([[(d / half) ** j for j in range(terms)] for d in nodes])
        found = mp.lu_solve(matrix, mp.matrix([f(center + d) for d in nodes]))
        rounded = [rounded_to(found[j] / half**j, bits) for j in range(terms)]
        low_word = rounded_to(found[0] - rounded[0], bits)
        rows.append([rounded[0], low_word, center, *rounded[1:]])
        for d in chebyshev_nodes(-half, half, 7):
            worst = max(worst, abs((horner(rounded, d) + low_word) / f(center + d) - 1))
    return rows, worst


def rows_by_octaves(name: str, kind: str, what: str, parts: int, count: int, *functions: Function) -> None:
    """`count` rows for each function, one after another: a pair, a center and nine coefficients, of floats five."""
    bits, more, word = (53, 9, "nine") if kind == "double" else (24, 5, "five")
    found = [interpolated_rows(f, parts, count, more + 1, bits) for f in functions]
    error, bit = f"2^{float(mp.log(max(worst for _, worst in found), 2)):.1f}", bits - parts.bit_length()
    what += f": value as a pair, center, {word} coefficients; index: the bits of 1 + a from {bit} on; error {error}"
    texts = single_texts if kind == "float" else lambda row: [float(v).hex() for v in row]
    emit_rows(name, what, kind, [texts(row) for rows, _ in found for row in rows])


def vector_tail_rows() -> None:
    """Phi(-a), a <= 10.9, by rows of a(5a + 22.5) rounded: narrow where it falls fast, and where a is about 1.

    A row has center c, Phi(-c) and s = -phi(c) as a pair. Phi(-c - d) - Phi(-c) = s·d·(1 + w·mean(w)), w = d·(c + d/3).
    """
    tail: Function = lambda a: mp.erfc(a / mp.sqrt(2)) / 2
    place, end, most = (mp.mpf("22.5"), mp.mpf(5)), mp.mpf("10.9"), mp.mpf("0.044")
    emit_singles("VECTOR_TAIL_PLACE", "the row of a is a·(this polynomial), rounded", list(place))
    of_mean: Function = lambda w: ((1 - mp.exp(-w)) / w - 1) / w if w else -mp.mpf(1) / 2
    mean = [single(v) for v in remez(of_mean, magnitude, -most, most, 2)]
    emit_singles("VECTOR_TAIL_MEAN", "((1 - e^-w)/w - 1)/w", mean)
    of_decay: Function = lambda u: (mp.exp(-u) - 1) / u if u else -mp.mpf(1)
    emit_singles("VECTOR_TAIL_DECAY", "(e^-u - 1)/u", remez(of_decay, magnitude, -most, most, 3))

    def a_of(row: mp.mpf) -> mp.mpf:
        return (mp.sqrt(place[0] ** 2 + 4 * place[1] * row) - place[0]) / (2 * place[1])

    def fitted(center: mp.mpf, nodes: list[mp.mpf], tails: list[mp.mpf]) -> tuple[mp.mpf, mp.mpf, list[mp.mpf]]:
        """The value at the center and the slope that suit the nodes best, and what the slope multiplies."""
        d = [a - center for a in nodes]
        w = [x * (center + x / 3) for x in d]
        runs = [x * (1 + v * horner(mean, v)) for x, v in zip(d, w, strict=True)]
        matrix = mp.matrix([[1 / q, r / q] for q, r in zip(tails, runs, strict=True)])
        value, slope = mp.lu_solve(matrix, mp.matrix([mp.mpf(1)] * len(nodes)))
        return value, slope, runs

    rows, worst = [[mp.mpf(1) / 2, mp.mpf(0), single(-phi(mp.mpf(0))), mp.mpf(0)]], mp.mpf(0)
    rows[0][3] = -phi(mp.mpf(0)) - rows[0][2]
    shift = mp.mpf(17) / 32  # half a row, and half of the last bit of what is cut off
    for i in range(1, int(end * horner(list(place), end) + shift) + 1):
        low, high = a_of(i - shift), a_of(i + 1 - shift)
        nodes = chebyshev_nodes(low, high, 12)
        tails = [tail(a) for a in nodes]
        middle = (low + high) / 2
        # the value that suits best, around the middle
        taylor = [
            fitted(middle, nodes, tails)[0],
            -phi(middle),
            middle * phi(middle) / 2,
            (1 - middle**2) * phi(middle) / 6,
        ]
        center = good_center(lambda a, m=middle, c=taylor: horner(c, a - m), middle, (high - low) / 2048, 128)
        value, slope, runs = fitted(center, nodes, tails)
        value, slope = single(value), single(slope)
        rows.append([value, center, slope, -phi(center) - slope])
        worst = max(worst, *(abs((value + slope * r) / q - 1) for q, r in zip(tails, runs, strict=True)))
    what = f"Phi(-a) by rows: value, center, slope, what it is rounded by; error 2^{float(mp.log(worst, 2)):.1f}"
    emit_rows("VECTOR_TAIL_ROWS", what, "float", [single_texts(row) for row in rows])


# What one function needs, by the name of its file.
TABLES: dict[str, Callable[[], None]] = {}


def tables(make: Callable[[], None]) -> Callable[[], None]:
    TABLES[make.__name__.rstrip("_")] = make
    return make


LN2 = mp.log(2)
# the argument of gelu_tanh's logistic function is K1·x + K3·x^3
K1, K3 = mp.sqrt(8 / mp.pi), mp.sqrt(8 / mp.pi) * mp.mpf("0.044715")


def logistic(x: mp.mpf) -> mp.mpf:
    return 1 / (1 + mp.exp(-x))


def phi(x: mp.mpf) -> mp.mpf:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def magnitude(x: mp.mpf) -> mp.mpf:
    return abs(x) + mp.mpf("1e-9")


# ---- derivatives at their roots, and from the output and the side of the minimum, inverse.h ----


def vector_series_at_root(
    name: str, what: str, slope: Function, guess: str, radius: float, terms: int, wide: tuple[float, int]
) -> None:
    """The same for vectors: slope(root + d) = d·(first + d·series(d)), root and first as pairs.

    `wide` is radius and terms for float64.
    """
    root = mp.findroot(slope, mp.mpf(guess))
    taylor = mp.taylor(slope, root, wide[1] + 14)[1:]
    rest: Function = lambda d: horner(taylor[1:], d)
    in_both(f"VECTOR_{name}_ROOT", f"the root of {what}', {float(root):.5f}", root)
    in_both(f"VECTOR_{name}_FIRST", f"{what}'' there", taylor[0])
    for kind, suffix, (end, count) in (("FLOAT", "f", (radius, terms)), ("DOUBLE", "", wide)):
        end = mp.mpf(end)
        split(f"VECTOR_{name}_RADIUS_{kind}", "where the series below serves", end, [24], suffix=suffix)
        found = remez(rest, magnitude, -end, end, count - 1)
        text = f"{what}'(root + d) = d·({what}''(root) + d·(this series))"
        if kind == "FLOAT":
            emit_singles(f"VECTOR_{name}_FLOAT", text, found)
        else:
            emit(f"VECTOR_{name}_DOUBLE", text, found, rest, magnitude, -end, end)


def branches(
    name: str, what: str, f: Function, slope: Function, guess: str, ends: tuple[float, ...], degrees: tuple[int, ...]
) -> None:
    """Tables for f'(y) left and right of f's one minimum: of the slope for float32, of x to start from for float64.

    `ends` are the inputs up to which the tables hold: left, right, left in float64. Left of the minimum
    r = sqrt(ln(minimum/y)), right of it r = sqrt(y - minimum); both are 0 at the minimum and x and f' analytic in them
    there. The polynomials are in t = A·r - 1, or in t = A - B/(r + C) where a table has these constants, on [-1, 1].
    """
    at = mp.findroot(slope, mp.mpf(guess))
    low = f(at)
    split(f"{name}_MINIMUM_AT", f"{what}: where its minimum is", at, [53])
    split(f"{name}_MINIMUM", f"{what}: its minimum", low, [53])
    # away from 0, where the quotients below are 0/0
    least = mp.mpf("1e-5")

    def table(suffix: str, end: float, degree: int, shift: float | None = None) -> None:
        left, point = "LEFT" in suffix, mp.mpf(end)
        depth: Function = (lambda x: mp.sqrt(mp.log(low / f(x)))) if left else (lambda x: mp.sqrt(f(x) - low))
        top = depth(point)
        # -1 at r = 0 and 1 at the top
        if shift is None:
            scale = 2 / top
            constants = {"A": scale, "TOP": top}
            t_of: Function = lambda r: scale * r - 1
            r_of: Function = lambda t: (t + 1) / scale
        else:
            c = mp.mpf(shift)
            b = 2 / (1 / c - 1 / (top + c))
            a = b / c - 1
            constants = {"A": a, "B": b, "C": c, "TOP": top}
            t_of = lambda r: a - b / (r + c)
            r_of = lambda t: b / (a - t) - c
        found: dict[mp.mpf, mp.mpf] = {}

        def x_of(t: mp.mpf) -> mp.mpf:
            if t not in found:
                r = r_of(t)
                aim = (lambda x: mp.log(low / f(x)) - r * r) if left else (lambda x: f(x) - low - r * r)
                bracket = (at + (point - at) * mp.mpf("1.01"), at)
                found[t] = mp.findroot(aim, bracket, solver="anderson", tol=mp.mpf(10) ** -80, maxsteps=200)
            return found[t]

        name_, side = f"{name}_{suffix}", "left" if left else "right"
        for letter, constant in constants.items():
            print(f"#define {name_}_{letter} {float(constant).hex()}")
        if "START" in suffix:
            text = f"|x - minimum|/r {side} of the minimum of {what}, minimax in relative error"
            goal: Function = lambda t: abs(x_of(t) - at) / r_of(t)
            weight: Function = lambda t: 1 / goal(t)
        elif left:
            text = f"f'/(r·y) left of the minimum of {what}, minimax in relative error"
            goal = lambda t: slope(x_of(t)) / f(x_of(t)) / r_of(t)
            weight = lambda t: 1 / goal(t)
        else:
            text = f"f'/r right of the minimum of {what}, minimax in the error of f'"
            goal = lambda t: slope(x_of(t)) / r_of(t)
            weight = lambda t: r_of(t)
        minimax(name_, text, goal, weight, t_of(least), 1, degree)

    (left, right, far_left), (degree, far_degree) = ends, degrees
    table("LEFT", left, degree)
    table("RIGHT", right, degree)
    table("START_LEFT", far_left, far_degree, 4.0)
    table("START_RIGHT", right, degree)


def with_minimum(
    name: str, what: str, f: Function, slope: Function, guess: str, *,
    ends: tuple[float, ...], degrees: tuple[int, ...], near: tuple[float, int] = (0.125, 13),
) -> None:  # fmt: skip
    """Everything that f needs because it has one minimum: f' next to its root, whose relative accuracy float64 keeps
    with this series up to the radius `near[0]`, and f' from the output and the side of the minimum.
    """
    series_at_root(f"{name}_SLOPE", f"d/d{what[0]} {what}", slope, guess, *near)
    branches(name, what, f, slope, guess, ends, degrees)


# ---- the files ----


def two_over_pi() -> None:
    """Print the digits of 2/pi that the reduction of the product of the two largest doubles needs."""
    print("/* 2/pi in 32-bit limbs, most significant first: limb i has weight 2^(-32·(i + 1)) */")
    with mp.workprec(2400):
        scaled, limbs = 2 / mp.pi, []
        for _ in range(72):
            scaled *= mp.mpf(2) ** 32
            limbs.append(int(mp.floor(scaled)))
            scaled -= limbs[-1]
    print(f"static const uint32_t TWO_OVER_PI[{len(limbs)}] = {{")
    print_rows([f"0x{limb:08x}" for limb in limbs], 8)
    print("};\n")


def coefficients() -> None:
    """What more than one function uses."""
    split("LN2", "ln 2: n·LN2_1 is exact for |n| < 2^11", LN2, [42, 53])
    split("PI", "pi: n·PI_k is exact for |n| < 2^20, k < 4", mp.pi, [33, 33, 33, 53])
    split("INVERSE_PI", "1/pi", 1 / mp.pi, [53])
    split("LOG2_E", "1/ln 2", 1 / LN2, [53])
    split("PI_PAIR", "pi as a normalized pair", mp.pi, [53, 53])
    split("LN2_PAIR", "ln 2 as a normalized pair", LN2, [53, 53])
    in_both("VECTOR_LN2", "ln 2", LN2)
    half = LN2 / 2 * mp.mpf("1.0001")
    q = lambda r: (mp.expm1(r) - r) / r**2 if abs(r) > mp.mpf("1e-20") else mp.mpf(1) / 2 + r / 6
    what = "(e^r - 1 - r)/r^2, minimax in absolute error: r^2 times it is added to 1 + r"
    minimax("EXP_SHORT", what, q, lambda r: mp.mpf(1), -half, half, 5)
    minimax("EXP_FULL", what, q, lambda r: mp.mpf(1), -half, half, 10)

    g = lambda u: mp.atanh(mp.sqrt(u)) / mp.sqrt(u) if u > mp.mpf("1e-40") else 1 + u / 3
    h = lambda u: 2 * (g(u) - 1) / u if u > mp.mpf("1e-30") else mp.mpf(2) / 3 + 2 * u / 5
    bound = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)
    minimax(
        "LOG1P_ATANH",
        "(2 atanh(w) - 2 w)/w^3 in u = w^2; log1p(E) = 2 atanh(w), w = E/(2 + E)",
        h, lambda u: mp.mpf(1), 0, bound**2 * mp.mpf("1.0002"), 9,
    )  # fmt: skip
    l1 = lambda e: mp.log1p(e) / e if e > mp.mpf("1e-25") else 1 - e / 2
    minimax("LOG1P_SHORT", "log1p(E)/E, minimax in relative error", l1, lambda e: 1 / l1(e), 0, 1, 12)

    s = lambda u: (mp.sin(mp.sqrt(u)) / mp.sqrt(u) - 1) / u if u > mp.mpf("1e-30") else -mp.mpf(1) / 6 + u / 120
    limit = (mp.pi / 2 * mp.mpf("1.00001")) ** 2
    what = "(sin(r)/r - 1)/r^2 in u = r^2, weighted by u"
    minimax("SINE_SHORT", what, s, lambda u: u + mp.mpf("1e-9"), 0, limit, 4)
    minimax("SINE_LONG", what, s, lambda u: u + mp.mpf("1e-9"), 0, limit, 9)
    limit = (mp.pi / 4 * mp.mpf("1.00001")) ** 2
    minimax("SINE_FULL", what, s, lambda u: u + mp.mpf("1e-9"), 0, limit, 6)
    with_pair_first("SINE_PAIR", what, s, lambda u: u + mp.mpf("1e-9"), 0, limit, 6)
    c = lambda u: (mp.cos(mp.sqrt(u)) - 1 + u / 2) / u**2 if u > mp.mpf("1e-15") else mp.mpf(1) / 24 - u / 720
    what = "(cos(r) - 1 + r^2/2)/r^4 in u = r^2, weighted by u^2"
    minimax("COSINE_FULL", what, c, lambda u: u**2 + mp.mpf("1e-9"), 0, limit, 6)

    eighths = [mp.mpf(2) ** (mp.mpf(j) / 8) for j in range(8)]
    shifted = [less_bits(v, j << 20) for j, v in enumerate(eighths)]
    emit_singles("VECTOR_EIGHTHS", "2^(j/8), its bits less j·2^20, for rows.h adds n·2^20; twice", shifted * 2)
    rests = [(v - single(v)) / single(v) for v in eighths]
    emit_singles("VECTOR_EIGHTHS_REST", "what that leaves of 2^(j/8), as a part of it; twice", rests * 2, "0.0f")
    split("VECTOR_LN2_8", "ln(2)/8", LN2 / 8, [24, 24], suffix="f")
    split("VECTOR_8_OVER_LN2", "8/ln(2)", 8 / LN2, [24], suffix="f")
    # the next two terms by Chebyshev's polynomials: their greatest part goes into the terms before
    radius = (LN2 / 16) ** 2
    emit_singles(
        "VECTOR_EXP_EIGHTHS", "(e^r - 1 - r)/r^2, |r| <= ln(2)/16; error of e^r 2^-31.5",
        [mp.mpf(1) / 2, mp.mpf(1) / 6 + 3 * radius / 480, mp.mpf(1) / 24 + radius / 720],
    )  # fmt: skip
    expm1: Function = lambda r: (mp.expm1(r) - r) / r**2 if abs(r) > mp.mpf("1e-20") else mp.mpf(1) / 2 + r / 6
    square: Function = lambda r: r**2 + mp.mpf("1e-12")
    end = LN2 / 16 * mp.mpf("1.0005")
    what = "(e^r - 1 - r)/r^2, |r| <= ln(2)/16; error of e^r - 1 2^-37"
    emit_singles("VECTOR_EXPM1_EIGHTHS", what, remez(expm1, square, -end, end, 3))
    sixteenths = [mp.mpf(2) ** (mp.mpf(j) / 16) for j in range(16)]
    shifted = [less_bits_of_double(v, j << 48) for j, v in enumerate(sixteenths)]
    texts = [float(v).hex() for v in shifted]
    rests = [float(v / mp.mpf(float(v)) - 1).hex() for v in sixteenths]
    what = "2^(j/16), its bits less j·2^48, for vectors.h adds n·2^48"
    print(f"/* {what} */\nstatic const double VECTOR_SIXTEENTHS[16] = {{")
    print_rows(texts, 4)
    print(
        "};\n\n/* what that leaves of 2^(j/16), as a part of it */\nstatic const double VECTOR_SIXTEENTHS_REST[16] = {"
    )
    print_rows(rests, 4)
    print("};\n")
    rows = [list(row) for row in zip(texts, rests, strict=True)]
    emit_rows("VECTOR_SIXTEENTHS_ROWS", "both by rows", "double", rows)
    split("VECTOR_LN2_16", "ln(2)/16", LN2 / 16, [53, 53])
    split("VECTOR_16_OVER_LN2", "16/ln(2)", 16 / LN2, [53])
    end = LN2 / 32 * mp.mpf("1.0005")
    what = "(e^r - 1 - r)/r^2, |r| <= ln(2)/32"
    minimax("VECTOR_EXP_SIXTEENTHS", what, expm1, square, -end, end, 5)
    what = "(2 atanh(s) - 2 s)/s^3 in s^2, s <= 1/3: log1p(E) = 2 atanh(s), s = E/(2 + E)"
    ninth, weight = mp.mpf("1.001") / 9, lambda u: u + mp.mpf("1e-9")
    emit_singles("VECTOR_LOG1P_SERIES_FLOAT", what, remez(h, weight, 0, ninth, 4))
    minimax("VECTOR_LOG1P_SERIES_DOUBLE", what, h, weight, 0, ninth, 9)
    two_over_pi()


@tables
def swish() -> None:
    slope: Function = lambda z: logistic(z) * (1 + z * logistic(-z))
    vector_series_at_root("SWISH_SLOPE", "z·sigmoid(z)", slope, "-1.2784645", 0.0625, 5, (0.03125, 8))
    with_minimum(
        "SWISH", "z·sigmoid(z)", lambda z: z * logistic(z), lambda z: logistic(z) * (1 + z * logistic(-z)),
        "-1.2784645", ends=(-108, 20.5, -752), degrees=(29, 25),
    )  # fmt: skip


@tables
def mish() -> None:
    tanh_softplus: Function = lambda x: mp.exp(x) * (mp.exp(x) + 2) / (mp.exp(x) * (mp.exp(x) + 2) + 2)
    slope: Function = lambda x: (
        tanh_softplus(x) + 4 * x * mp.exp(x) * (1 + mp.exp(x)) / (mp.exp(x) * (mp.exp(x) + 2) + 2) ** 2
    )
    vector_series_at_root("MISH_SLOPE", "mish", slope, "-1.1924312", 0.0625, 5, (0.03125, 8))
    with_minimum(
        "MISH", "x·tanh(softplus(x))", lambda x: x * tanh_softplus(x), slope, "-1.1924312",
        ends=(-108, 10.5, -752), degrees=(31, 25),
    )  # fmt: skip


@tables
def gelu_tanh() -> None:
    split("SQRT_8_OVER_PI", "2·sqrt(2/pi), the linear coefficient of gelu_tanh's argument", K1, [53, 53])
    split("GELU_CUBIC", "2·sqrt(2/pi)·0.044715", K3, [53, 53])
    in_both("VECTOR_GELU_TANH_LINEAR", "2·sqrt(2/pi), the first part short", K1, (4, 7))
    in_both("VECTOR_GELU_TANH_CUBIC", "2·sqrt(2/pi)·0.044715", K3)
    in_both("VECTOR_GELU_TANH_CUBIC_SLOPE", "3·2·sqrt(2/pi)·0.044715", 3 * K3)
    gate: Function = lambda x: K1 * x + K3 * x**3
    slope: Function = lambda x: logistic(gate(x)) * (1 + x * (K1 + 3 * K3 * x**2) * logistic(-gate(x)))
    vector_series_at_root("GELU_TANH_SLOPE", "gelu_tanh", slope, "-0.7524614", 0.0625, 5, (0.03125, 8))
    with_minimum(
        "GELU_TANH", "x·sigmoid(k1·x + k3·x^3)", lambda x: x * logistic(gate(x)), slope, "-0.7524614",
        ends=(-10.2, 6, -22), degrees=(29, 25),
    )  # fmt: skip


@tables
def gelu() -> None:
    split("INVERSE_SQRT_2PI", "1/sqrt(2 pi)", 1 / mp.sqrt(2 * mp.pi), [53, 53])

    # Q(a) = Phi(-a) = e^(-a^2/2)·H(t)/(a + 4), t = (a - 4)/(a + 4), 0 <= a <= 41
    a_of: Function = lambda t: 4 * (1 + t) / (1 - t)

    def tail(t: mp.mpf) -> mp.mpf:
        a = a_of(t)
        return mp.erfc(a / mp.sqrt(2)) / 2 * mp.exp(a * a / 2) * (a + 4)

    top = (mp.mpf(41) - 4) / (41 + 4)
    what = "e^(a^2/2)·Phi(-a)·(a + 4) in t = (a - 4)/(a + 4), 0 <= a <= 41, minimax in relative error"
    minimax("GAUSSIAN_TAIL_SHORT", what, tail, lambda t: 1 / tail(t), -1, top, 12)
    minimax("GAUSSIAN_TAIL_FULL", what, tail, lambda t: 1 / tail(t), -1, top, 24)

    # In float64 times a + 3/4 instead, which varies by 6% only and nowhere fast in t: t and t·rest(t) may be rounded.
    def flat(t: mp.mpf) -> mp.mpf:
        return tail(t) * (a_of(t) + mp.mpf(3) / 4) / (a_of(t) + 4)

    bottom = (mp.mpf("0.75") - 4) / (mp.mpf("0.75") + 4)
    what = "e^(a^2/2)·Phi(-a)·(a + 3/4) in t, 3/4 <= a <= 41"
    with_pair_first("GAUSSIAN_TAIL_WIDE", what, flat, lambda t: 1 / flat(t), bottom, top, 22)
    center = lambda u: mp.erf(mp.sqrt(u / 2)) / 2 / mp.sqrt(u) if u > mp.mpf("1e-30") else 1 / mp.sqrt(2 * mp.pi)
    what = "(Phi(a) - 1/2)/a in u = a^2, 0 <= a <= 1"
    with_pair_first("GAUSSIAN_CENTER", what, center, lambda u: mp.mpf(1), 0, 1, 13)
    slope: Function = lambda u: center(u) + mp.exp(-u / 2) / mp.sqrt(2 * mp.pi)
    what = "(Phi(a) - 1/2)/a + phi(a) in u = a^2, 0 <= a <= 1"
    with_pair_first("GELU_CENTER", what, slope, lambda u: mp.mpf(1), 0, 1, 14)

    gelu_slope: Function = lambda x: mp.erfc(-x / mp.sqrt(2)) / 2 + x * phi(x)
    with_minimum(
        "GELU", "x·Phi(x)", lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2, gelu_slope, "-0.7517916",
        ends=(-14.3, 6, -38.8), degrees=(31, 13), near=(0.25, 17),  # its other forms cancel further out
    )  # fmt: skip

    what = "e^(a^2/2)·Phi(-a) by rows"
    rows_by_octaves(
        "VECTOR_TAIL_WIDE", "double", what, 16, 96, lambda a: mp.erfc(a / mp.sqrt(2)) / 2 * mp.exp(a * a / 2)
    )
    vector_tail_rows()
    vector_series_at_root("GELU_SLOPE", "gelu", gelu_slope, "-0.7517916", 0.0625, 5, (0.09375, 11))


@tables
def phish() -> None:
    def gate(x: mp.mpf) -> mp.mpf:
        return mp.tanh(x * mp.erfc(-x / mp.sqrt(2)) / 2)

    def slope(x: mp.mpf) -> mp.mpf:
        return gate(x) + x * (1 - gate(x) ** 2) * (mp.erfc(-x / mp.sqrt(2)) / 2 + x * phi(x))

    series_at_root("PHISH_SLOPE", "d/dx x·tanh(gelu(x))", slope, "-1.1954312", 0.40625, 22)
    vector_series_at_root("PHISH_SLOPE", "phish", slope, "-1.1954312", 0.15625, 6, (0.25, 18))
    for name, what, f in (("GATE", "tanh(gelu(x))/x", gate), ("STEEP", "phish'(x)/x", slope)):
        left: Function = lambda a, f=f: -f(-a) * mp.exp(a * a / 2) / a
        right: Function = lambda a, f=f: f(a) / a
        what += ", for x < 0 times e^(a^2/2), by rows, those of x < 0 first"
        rows_by_octaves(f"VECTOR_PHISH_{name}_FLOAT", "float", what, 32, 112, left, right)  # to 1 + a = 11.9
        rows_by_octaves(f"VECTOR_PHISH_{name}_DOUBLE", "double", what, 32, 168, left, right)  # to 1 + a = 38.5


@tables
def gelu_sigmoid() -> None:
    factor = mp.mpf("1.702")
    split("GELU_SIGMOID", "1.702, the decimal number", factor, [53, 53])
    in_both("VECTOR_GELU_SIGMOID_RATE", "1.702", factor)


@tables
def selu() -> None:
    scale, lam = mp.mpf(1.6732632423543772), mp.mpf(1.0507009873554805)  # the doubles of selu.h
    in_both("VECTOR_SELU_SCALE", "lambda·alpha of selu", lam * scale)
    split("VECTOR_SELU_LAMBDA", "lambda of selu, both positive for inf", lam, [24, 24], suffix="f", nearest=mp.floor)


@tables
def tanh() -> None:
    tanh_limit = mp.mpf("9.2")
    intervals = [
        None if a >= tanh_limit else (mp.mpf(0) if a == mp.mpf(2) ** -4 else a, min(b, tanh_limit))
        for a, b in octaves(-4, 2)
    ]
    piecewise("VECTOR_TANH", "tanh(a), index: the bits of max(a, 2^-4) from 21 on", mp.tanh, intervals, 6)


@tables
def sine() -> None:
    angles = [mp.pi * j / 16 for j in range(32)]
    columns = []
    for name, what, f in (("SIN", "sin(j·pi/16)", mp.sin), ("COS", "cos(j·pi/16)", mp.cos)):
        values = [f(a) if abs(f(a)) > mp.mpf("1e-30") else mp.mpf(0) for a in angles]
        # sin 0 as -0: vectors.h adds to it
        emit_singles(f"VECTOR_{name}", what, values, "-0.0f" if name == "SIN" else None)
        emit_singles(f"VECTOR_{name}_LOW", f"the rest of {what}", [v - single(v) for v in values])
        columns += [values]
    rows = [list(pair) for pair in zip(*columns, strict=True)]
    what = "by rows: sin(j·pi/16), cos(j·pi/16) and the rests"
    texts = [single_texts([*row, *(v - single(v) for v in row)]) for row in rows]
    texts[0][0] = "-0.0f"
    emit_rows("VECTOR_SINE_FLOAT", what, "float", texts)
    texts = [[float(v).hex() for v in (*row, *(v - mp.mpf(float(v)) for v in row))] for row in rows]
    texts[0][0] = "-0.0"
    emit_rows("VECTOR_SINE_DOUBLE", what, "double", texts)
    what = "pi/16: n·VECTOR_PI_16_FLOAT_2 is exact for n < 2^12; all positive, for the sign of 0"
    split("VECTOR_PI_16_FLOAT", what, mp.pi / 16, [24, 12, 24], suffix="f", nearest=mp.floor)
    split("VECTOR_PI_16_DOUBLE", "pi/16, all positive", mp.pi / 16, [53, 53, 53], nearest=mp.floor)
    split("VECTOR_16_OVER_PI_FLOAT", "16/pi", 16 / mp.pi, [24], suffix="f")
    split("VECTOR_16_OVER_PI_DOUBLE", "16/pi", 16 / mp.pi, [53])
    sine: Function = lambda u: (mp.sin(mp.sqrt(u)) / mp.sqrt(u) - 1) / u if u > mp.mpf("1e-30") else -mp.mpf(1) / 6
    cosine: Function = lambda u: (mp.cos(mp.sqrt(u)) - 1) / u if u > mp.mpf("1e-30") else -mp.mpf(1) / 2
    limit = (mp.pi / 32 * mp.mpf("1.001")) ** 2
    weight: Function = lambda u: u + mp.mpf("1e-9")
    for name, what, f, terms in (
        ("SIN", "(sin(r)/r - 1)/r^2 in r^2", sine, (2, 5)),
        ("COS", "(cos(r) - 1)/r^2 in r^2", cosine, (2, 4)),
    ):
        emit_singles(f"VECTOR_{name}_SERIES_FLOAT", what, remez(f, weight, 0, limit, terms[0] - 1))
        minimax(f"VECTOR_{name}_SERIES_DOUBLE", what, f, weight, 0, limit, terms[1] - 1)


def even_series(name: str, what: str, f: Function) -> None:
    minimax(f"{name}_SHORT", what, f, lambda u: 1 / f(u), 0, 1, 9)
    with_pair_first(name, what, f, lambda u: 1 / f(u), 0, 1, 16)


def vector_even_series(name: str, what: str, f: Function, end: mp.mpf, terms: tuple[int, int]) -> None:
    """f = first + u·(second + u·rest(u)) for 0 <= u <= end, in vectors: `terms` of rest for float32 and float64."""
    first = f(mp.mpf(0))
    least = mp.mpf("1e-12")  # (f(u) - first)/u is 0/0 at 0
    tail: Function = lambda u: (f(max(u, least)) - first) / max(u, least)
    short, long = (remez(tail, magnitude, 0, end, count) for count in terms)
    in_both(f"VECTOR_{name}_FIRST", f"{what} at 0", first)
    split(f"VECTOR_{name}_SECOND_FLOAT", f"{what}: the second coefficient, as floats", short[0], [24, 24], suffix="f")
    split(f"VECTOR_{name}_SECOND_DOUBLE", f"{what}: the second coefficient, as doubles", long[0], [53, 53])
    emit_singles(f"VECTOR_{name}_FLOAT", f"{what}: the rest", short[1:])
    rest: Function = lambda u: (tail(u) - long[0]) / max(u, least)
    emit(f"VECTOR_{name}_DOUBLE", f"{what}: the rest, weighted by u^2", long[1:], rest, lambda u: u * u, 0, end)


@tables
def tanh_shrink() -> None:
    def shrink(u: mp.mpf) -> mp.mpf:
        x = mp.sqrt(u)
        return (x - mp.tanh(x)) / x**3 if x > mp.mpf("1e-10") else mp.mpf(1) / 3 - 2 * u / 15

    even_series("TANH_SHRINK", "(x - tanh(x))/x^3 in u = x^2, |x| <= 1", shrink)
    vector_even_series("TANH_SHRINK", "(x - tanh(x))/x^3 in u = x^2, |x| <= 3/8", shrink, mp.mpf("0.1407"), (4, 9))


@tables
def log_cosh() -> None:
    def quotient(u: mp.mpf) -> mp.mpf:
        x = mp.sqrt(u)
        return mp.log(mp.cosh(x)) / u if x > mp.mpf("1e-10") else mp.mpf(1) / 2 - u / 12

    even_series("LOG_COSH", "log(cosh(x))/x^2 in u = x^2, |x| <= 1", quotient)
    what, by_root = "log(cosh(a))/a^2 by rows", lambda a: quotient(a * a)
    rows_by_octaves("VECTOR_LOG_COSH_FLOAT", "float", what, 32, 105, by_root)  # to 1 + a = 10
    rows_by_octaves("VECTOR_LOG_COSH_DOUBLE", "double", what, 32, 139, by_root)  # to 1 + a = 20


def text_of(name: str) -> str:
    """The whole file."""
    guard = "SP_COEFFICIENTS_H" if name == "coefficients" else f"SP_TABLES_{name.upper()}_H"
    with contextlib.redirect_stdout(io.StringIO()) as text:
        print("/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */")
        print(f"#ifndef {guard}\n#define {guard}")
        with contextlib.redirect_stdout(io.StringIO()) as made:
            coefficients() if name == "coefficients" else TABLES[name]()
        print('#include "loops/tables.h"' if "SP_TABLE(" in made.getvalue() else "#include <stdint.h>", end="\n\n")
        print(made.getvalue(), end="")
        print("#endif")
    return text.getvalue()


def main(arguments: list[str]) -> int:
    outdated = 0
    for name in [a for a in arguments if a != "--check"] or ["coefficients", *TABLES]:
        path = KERNELS / ("arithmetic/coefficients.h" if name == "coefficients" else f"fn/{name}.tables.h")
        if "--check" not in arguments:
            path.write_text(text_of(name), encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text_of(name):
            print(f"{path} is not what tools/coefficients.py makes")
            outdated = 1
    return outdated


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
