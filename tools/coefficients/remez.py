# SPDX-License-Identifier: MIT OR Apache-2.0
"""Polynomials for src/opt/maths: minimax approximations whose coefficients are floats.

`fit` runs the Remez exchange (Remez, "Sur un procede convergent d'approximations successives pour determiner les
polynomes d'approximation", 1934) in multiple precision. Coefficients are then rounded to the float format one after
the other, lowest power first, each time fitting the rest again, so that what rounding lost is made up for by those that
follow (the idea of Brisebarre and Chevillard, "Efficient polynomial L-infinity approximations", 2007, in its simplest form).
"""

from dataclasses import dataclass
from typing import Callable, Sequence

import mpmath as mp

mp.mp.prec = 200

BITS = {"f64": 53, "f32": 24}


def round_to(value, kind: str):
    """`value` rounded to nearest in the format `kind` ("f64" or "f32"; its exponent range is not looked at)."""
    value = mp.mpf(value)
    if value == 0:
        return value
    mantissa, exponent = mp.frexp(value)
    bits = BITS[kind]
    return mp.ldexp(mp.nint(mp.ldexp(mantissa, bits)), int(exponent) - bits)


@dataclass
class Polynomial:
    exponents: Sequence[int]
    coefficients: list
    error: object  # largest weighted error on the interval

    def __call__(self, x):
        return mp.fsum(c * mp.mpf(x) ** e for c, e in zip(self.coefficients, self.exponents))


def _chebyshev_points(lo, hi, count):
    points = [(lo + hi) / 2 - (hi - lo) / 2 * mp.cos(mp.pi * k / (count - 1)) for k in range(count)]
    # At 0 many a weight vanishes and many a quotient is not defined: look beside it.
    return [x if abs(x) > (hi - lo) * mp.mpf("1e-9") else (hi - lo) * mp.mpf("1e-4") for x in points]


def _solve(f, weight, exponents, points):
    n = len(exponents)
    rows, right = mp.matrix(n + 1, n + 1), mp.matrix(n + 1, 1)
    for i, x in enumerate(points):
        for j, e in enumerate(exponents):
            rows[i, j] = x**e
        rows[i, n] = (-1) ** i / abs(weight(x))
        right[i] = f(x)
    solution = mp.lu_solve(rows, right)
    return [solution[j] for j in range(n)], abs(solution[n])


def _extrema(error, lo, hi, count, grid):
    """About `count` points of alternating sign where the error is largest, one per run of equal signs."""
    values = [error(x) for x in grid]
    best = []
    for x, value in zip(grid, values):
        if best and (value >= 0) == (best[-1][1] >= 0):
            if abs(value) > abs(best[-1][1]):
                best[-1] = (x, value)
        else:
            best.append((x, value))
    while len(best) > count:  # drop the least, with a neighbour where the signs would not alternate any more
        least = min(range(len(best)), key=lambda k: abs(best[k][1]))
        if least in (0, len(best) - 1):
            best.pop(least)
        elif len(best) == count + 1:
            best.pop(0 if abs(best[0][1]) < abs(best[-1][1]) else -1)
        else:
            other = least - 1 if abs(best[least - 1][1]) < abs(best[least + 1][1]) else least + 1
            best = [b for k, b in enumerate(best) if k not in (least, other)]
    return [x for x, _ in best], max(abs(v) for v in values)


def minimax(f: Callable, lo, hi, exponents: Sequence[int], weight: Callable = lambda x: mp.mpf(1), rounds: int = 12) -> Polynomial:
    """The polynomial with these exponents whose largest weight(x) |p(x) - f(x)| on [lo, hi] is least.

    0 must not be in the interval if f or the weight is not defined there: begin a little beside it.
    """
    lo, hi = mp.mpf(lo), mp.mpf(hi)
    if exponents[0] != 0:
        # x p(x) changes its sign at 0, which would count as an alternation: the power belongs to the weight.
        least = exponents[0]
        rest = minimax(lambda x: f(x) / x**least, lo, hi, [e - least for e in exponents],
                       lambda x: weight(x) * abs(x) ** least, rounds)
        return Polynomial(list(exponents), rest.coefficients, rest.error)
    count = len(exponents) + 1
    points = _chebyshev_points(lo, hi, count)
    grid = _chebyshev_points(lo, hi, 40 * count)
    exact = {x: (f(x), abs(weight(x))) for x in grid}
    for _ in range(rounds):
        coefficients, level = _solve(f, weight, exponents, points)

        def error(x):
            value, w = exact[x]
            return w * (mp.fsum(c * x**e for c, e in zip(coefficients, exponents)) - value)

        points, largest = _extrema(error, lo, hi, count, grid)
        if len(points) < count or largest < level * mp.mpf("1.002"):
            break
    return Polynomial(list(exponents), coefficients, largest)


def rational(f: Callable, lo, hi, above: int, below: int, kind: str = "f64", rounds: int = 12):
    """Numerator and denominator, polynomials of these degrees whose quotient has the least relative error against f.

    The same exchange. Between exchanges the level stands in products with the denominator; it is iterated.
    """
    lo, hi = mp.mpf(lo), mp.mpf(hi)
    count = above + below + 2
    points, grid = _chebyshev_points(lo, hi, count), _chebyshev_points(lo, hi, 40 * count)
    level, p, q = mp.mpf(0), [], [mp.mpf(1)]
    at = lambda c, x: mp.fsum(a * x**k for k, a in enumerate(c))
    error = lambda x: at(p, x) / at(q, x) / f(x) - 1
    for _ in range(rounds):
        for _ in range(8):
            rows, right = mp.matrix(count, count), mp.matrix(count, 1)
            for i, x in enumerate(points):
                value, sign = f(x), (-1) ** i
                for j in range(above + 1):
                    rows[i, j] = x**j
                for j in range(1, below + 1):
                    rows[i, above + j] = -value * (1 + sign * level) * x**j
                rows[i, count - 1] = -sign * value * at(q, x) if level else -sign * value
                right[i] = value if not level else value * (1 + sign * level) - sign * level * value * at(q, x)
            solution = mp.lu_solve(rows, right)
            p, q = list(solution[: above + 1]), [mp.mpf(1), *solution[above + 1 : count - 1]]
            level = solution[count - 1]
        points, largest = _extrema(error, lo, hi, count, grid)
        if len(points) < count or largest < abs(level) * mp.mpf("1.002"):
            break
    p, q = [round_to(c, kind) for c in p], [round_to(c, kind) for c in q]
    largest = max(abs(error(x)) for x in _chebyshev_points(lo, hi, 1500))
    return Polynomial(range(above + 1), p, largest), Polynomial(range(below + 1), q, largest)


def fit(f: Callable, lo, hi, exponents: Sequence[int], kind: str = "f64", weight: Callable = lambda x: mp.mpf(1),
        fixed: dict | None = None, exact_bits: dict | None = None) -> Polynomial:
    """The minimax polynomial with coefficients rounded to `kind`.

    `fixed` gives coefficients that are prescribed, by exponent (`{0: 1, 1: 1}`); `exact_bits` says of some that they have
    fewer bits ({exponent: bits}). For a relative error pass weight=lambda x: 1 / f(x); for an error relative to another
    function than the polynomial approximates (sin x = x + x^3 p(x^2)), weight accordingly.
    """
    known = {e: mp.mpf(c) for e, c in (fixed or {}).items()}
    free = [e for e in exponents if e not in known]
    while free:
        rest = lambda x: f(x) - mp.fsum(c * x**e for e, c in known.items())
        p = minimax(rest, lo, hi, free, weight)
        first = p.coefficients[0]
        if exact_bits and free[0] in exact_bits:
            mantissa, exponent = mp.frexp(first)
            bits = exact_bits[free[0]]
            known[free[0]] = mp.ldexp(mp.nint(mp.ldexp(mantissa, bits)), int(exponent) - bits)
        else:
            known[free[0]] = round_to(first, kind)
        free.pop(0)
    lo, hi = mp.mpf(lo), mp.mpf(hi)
    result = Polynomial(list(exponents), [known[e] for e in exponents], None)
    grid = _chebyshev_points(lo, hi, 1500)
    result.error = max(abs(weight(x) * (result(x) - f(x))) for x in grid)
    return result


def hexadecimal(value, kind: str = "f64") -> str:
    """A C++ hexadecimal literal that is exactly `value`, which must fit the format."""
    assert round_to(value, kind) == value, value
    return float(value).hex()


def split(value, bits: Sequence[int], kind: str = "f64") -> list:
    """`value` as a sum of floats: all but the last have so many bits, the last is rounded to `kind`."""
    parts, rest = [], mp.mpf(value)
    for count in bits:
        mantissa, exponent = mp.frexp(rest)
        part = mp.ldexp(mp.floor(mp.ldexp(mantissa, count)), int(exponent) - count)
        parts.append(part)
        rest -= part
    parts.append(round_to(rest, kind))
    return parts


def array(name: str, p: Polynomial, kind: str = "f64", note: str = "") -> str:
    """C++ source of a coefficient array, with the error that the fit reached."""
    power = mp.log(abs(p.error), 2) if p.error else mp.mpf("-inf")
    lines = [f"// {note}{'; ' if note else ''}error 2^{mp.nstr(power, 4)}"]
    lines.append(f"inline constexpr double {name}[] = {{")
    lines += [f"    {hexadecimal(c, kind)}," for c in p.coefficients]
    return "\n".join(lines + ["};"])
