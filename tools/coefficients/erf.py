# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints src/opt/maths/erf_coefficients.h: python3 tools/coefficients/erf.py > src/opt/maths/erf_coefficients.h"""

from dataclasses import dataclass

import mpmath as mp

from remez import Polynomial, array, fit, round_to

mp.mp.prec = 500  # high powers of variables that begin at 0


def erfcx(x):
    """erfc without its Gauss bell."""
    return mp.exp(x * x) * mp.erfc(x)


# ---- erf. Beside 0 a polynomial in x^2; from `border` on 1 minus the tail, which is a power of a polynomial: the
# root of erfc falls so slowly that its degree is low, and the tail's error counts the less the smaller it is.
# Variables are small where accuracy counts. From `end` on erf is 1.
END = {"f64": mp.mpf("5.9375"), "f32": mp.mpf("3.9375")}


@dataclass
class Erf:
    name: str
    kind: str
    border: float
    terms: tuple
    power: int
    times: int  # chosen so that the polynomial and its square are well above a power of two, where they round least


ERFS = [Erf("64", "f64", 1.1875, (14, 22), 4, 8), Erf("Fast64", "f64", 1.75, (16, 16), 8, 1),
        Erf("32", "f32", 1.1875, (8, 8), 4, 8), Erf("Fast32", "f32", 1.25, (7, 7), 8, 1)]


def centre(t):
    """erf(x) / x - 1 as a function of x^2."""
    return mp.erf(mp.sqrt(t)) / mp.sqrt(t) - 1


def near_zero(e):
    """p of erf(x) = x + x p(x^2 - border^2 / 2); the error is relative to erf."""
    border = mp.mpf(e.border)
    middle = border**2 / 2
    f = lambda u: centre(u + middle)
    return fit(f, mp.mpf("1e-3") - middle, middle, list(range(e.terms[0])), e.kind, lambda u: 1 / (1 + f(u)))


def root_of_tail(e):
    """p of erf(x) = 1 - p(x - border)^power / times; the error is relative to erf."""
    border = mp.mpf(e.border)
    root = lambda u: (e.times * mp.erfc(border + u)) ** (mp.mpf(1) / e.power)
    weight = lambda u: e.power * root(u) ** (e.power - 1) / e.times / mp.erf(border + u)
    return fit(root, 0, END[e.kind] - border, list(range(e.terms[1])), e.kind, weight)


# ---- The tail of the normal distribution, of erfc(x) and of x/2 erfc(x / sqrt(2)), which is gelu's. z is the argument of
# erfc in x.


@dataclass
class Tail:
    """factor erfc(z(x)) = bell f(t) / (slope x + flattener), x >= 0, t = x / (x + shift): f rounds least if it varies
    least. If it is `fast`, f(t) = p(t - middle), relative; else f(t) = 1 + p[0] + p[1] t + t (1 - t) q(t - middle), where
    the line meets f at both ends, absolute. M. Shepherd and J. Laframboise, "Chebyshev Approximation of (1 + 2x) exp(x^2)
    erfc(x)" (1981), have the like, with 2x + 1 and (x - shift) / (x + shift).
    """

    z: object
    factor: str
    fast: bool
    slope: str
    flattener: str
    shift: str
    middle: str
    terms: dict
    end: dict

    def polynomial(self, kind):
        factor, slope, flattener, shift, middle = map(
            mp.mpf, (self.factor, self.slope, self.flattener, self.shift, self.middle))
        last = mp.mpf(self.end[kind]) / (mp.mpf(self.end[kind]) + shift)
        x = lambda t: shift * t / (1 - t)
        f = lambda t: factor * erfcx(self.z(x(t))) * (slope * x(t) + flattener)
        exponents = list(range(self.terms[kind]))
        if self.fast:
            return fit(lambda u: f(u + middle), -middle, last - middle, exponents, kind, lambda u: 1 / f(u + middle))
        start = flattener * factor - 1
        end = slope * factor / mp.sqrt(mp.pi) / self.z(mp.mpf(1)) - 1
        line = [start, round_to(end - start, kind)]
        weight = lambda t: t * (1 - t)
        q = fit(lambda u: (f(u + middle) - 1 - line[0] - line[1] * (u + middle)) / weight(u + middle),
                mp.mpf("1e-4") - middle, last - middle, exponents, kind, lambda u: weight(u + middle))
        return Polynomial(None, line + q.coefficients, q.error)


ERFC_END = {"f64": "27.5", "f32": "10.25"}
GELU_END = {"f64": "39.25", "f32": "14.5"}
OF_ROOT = lambda x: x / mp.sqrt(2)
TAILS = {
    "Erfc": Tail(lambda x: x, "1", False, "1.5625", "0.984375", "3.5", "0.4375", {"f64": 22, "f32": 11}, ERFC_END),
    "Gelu": Tail(OF_ROOT, "1", False, "1.109375", "0.984375", "4.875", "0.4375", {"f64": 22, "f32": 11}, GELU_END),
    "ErfcFast": Tail(lambda x: x, "1", True, "1", "1", "4", "0.4375", {"f64": 22, "f32": 11}, ERFC_END),
    "GeluFast": Tail(OF_ROOT, "0.5", True, "1", "1.25", "5.5", "0.4375", {"f64": 22, "f32": 11}, GELU_END),
}


def main():
    print("""// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/erf.py; change that.
// clang-format off
#pragma once

namespace exprjit::maths {
""")
    print(f"inline constexpr double kErfEnd64 = {float(END['f64'])!r}, kErfEnd32 = {float(END['f32'])!r};")
    mp.mp.prec = 500  # high powers of variables that begin at 0
    for e in ERFS:
        print(f"inline constexpr double kErfBorder{e.name} = {e.border!r};")
        print(array(f"kErf{e.name}", near_zero(e), e.kind,
                    "p of erf(x) = x + x p(x^2 - border^2 / 2), |x| < border, relative"))
        print(array(f"kErfTail{e.name}", root_of_tail(e), e.kind,
                    f"p of erf(x) = 1 - p(x - border)^{e.power} / {e.times}, border <= x <= end, relative"))
    mp.mp.prec = 200
    for name, t in TAILS.items():
        print()
        for what in ("slope", "flattener", "shift", "middle"):
            print(f"inline constexpr double k{name}{what.capitalize()} = {float(mp.mpf(getattr(t, what)))!r};")
        if not name.endswith("Fast"):
            for kind, suffix in (("f64", "64"), ("f32", "32")):
                print(f"inline constexpr double k{name}End{suffix} = {t.end[kind]};")
        note = "p of the tail of erfc(x)" if name.startswith("Erfc") else "p of the tail of erfc(x / sqrt(2))"
        note += ", relative" if t.fast else ", and q, absolute"
        for kind, suffix in (("f64", "64"), ("f32", "32")):
            print(array(f"k{name}Tail{suffix}", t.polynomial(kind), kind, note))
    print("\n}  // namespace exprjit::maths")


main()
