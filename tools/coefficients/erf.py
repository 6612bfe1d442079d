# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints src/opt/maths/erf_coefficients.h: python3 tools/coefficients/erf.py > src/opt/maths/erf_coefficients.h"""

from dataclasses import dataclass

import mpmath as mp

from remez import array, fit, hexadecimal, round_to, split

mp.mp.prec = 500  # high powers of variables that begin at 0


def erfcx(x):
    """erfc without its Gauss bell."""
    return mp.exp(x * x) * mp.erfc(x)


HALF = {"f64": mp.log(2) / 2 + mp.mpf("1e-9"), "f32": mp.log(2) / 2 + mp.mpf("1e-5")}

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


def near_zero_from_one(kind, terms):
    """p of erfc(x) = 1 - x - x p(x^2 - begin^2); the error is absolute, in units of the least erfc."""
    return fit(lambda u: centre(u + ERFC.begin**2), mp.mpf("1e-3") - ERFC.begin**2, 0, list(range(terms)),
               kind, lambda u: 1 / mp.erfc(ERFC.begin))


# ---- The tail to its last bits, of erfc(x) and of x/2 erfc(x / sqrt(2)), which is gelu's. z is the argument of erfc
# in x.


class Tail:
    def __init__(self, z, begin, end, weight, flattener, shift, centre, fast_terms):
        self.z, self.begin, self.end = z, mp.mpf(begin), {kind: mp.mpf(x) for kind, x in end.items()}
        self.weight, self.flattener, self.shift, self.centre = map(mp.mpf, (weight, flattener, shift, centre))
        self.fast_terms = fast_terms  # of f64; None: as many as the accurate form, because fewer are not good enough
        # u runs over about [-1, 1]: u = scale / (x + shift) - middle.
        low, high = 1 / (self.end["f64"] + self.shift), 1 / (self.begin + self.shift)
        self.scale = mp.nint(2 / (high - low) * 8) / 8
        self.middle = mp.nint((high + low) / 2 * self.scale * 8) / 8

    def rest(self, x):
        """The logarithm of what the bell and weight / (x + flattener) leave of erfc(z(x))."""
        return mp.log((x + self.flattener) * erfcx(self.z(x)) / self.weight)

    def polynomial(self, kind, terms):
        u = lambda x: self.scale / (x + self.shift) - self.middle
        x = lambda u: self.scale / (u + self.middle) - self.shift
        return fit(lambda v: self.rest(x(v)) - self.centre, u(self.end[kind]), u(self.begin), list(range(terms)), kind)

    def exponential(self, kind, terms):
        """q of exp(r) = 1 + r + r^2 q(r) for what the bell leaves, half of log(2), and p adds; relative."""
        values = [self.rest(self.begin + (self.end["f64"] - self.begin) * k / 400) for k in range(401)]
        low, high = min(values) - self.centre - HALF[kind], max(values) - self.centre + HALF[kind]
        q = lambda r: (mp.exp(r) - 1 - r) / r**2
        return fit(q, low, high, list(range(terms)), kind, lambda r: r**2 / mp.exp(r))


ERFC = Tail(lambda x: x, "0.75", {"f64": "27.5", "f32": "10.25"}, "0.59375", "0.5", "2", "0", None)
GELU = Tail(lambda x: x / mp.sqrt(2), "1.0625", {"f64": "39.25", "f32": "14.5"}, "1", "0.75", "2.75", "-0.140625", 21)


SLOPE = mp.mpf("0.359375")


def distribution(kind, terms):
    """p of Phi(x) = 1/2 + x (slope + p(x^2 - begin^2)), the normal distribution; the error is relative to Phi(-x)."""
    x = lambda u: mp.sqrt(u + GELU.begin**2)
    return fit(lambda u: (mp.ncdf(x(u)) - mp.mpf(1) / 2) / x(u) - SLOPE, mp.mpf("1e-3") - GELU.begin**2,
               0, list(range(terms)), kind, lambda u: x(u) / mp.ncdf(-x(u)))


def main():
    print("""// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/erf.py; change that.
// clang-format off
#pragma once

namespace exprjit::maths {
""")
    for kind, suffix, bits in (("f64", "64", 42), ("f32", "32", 16)):
        high, low = split(mp.log(2), [bits], kind)
        print(f"inline constexpr double kErfLog2E{suffix} = {hexadecimal(round_to(1 / mp.log(2), kind), kind)};")
        print(f"inline constexpr double kErfLn2{suffix} = {hexadecimal(round_to(mp.log(2), kind), kind)};")
        print(f"// log(2); the first part has {bits} bits, so that its product with an exponent is exact")
        print(f"inline constexpr double kErfLn2High{suffix} = {hexadecimal(high, kind)}, "
              f"kErfLn2Low{suffix} = {hexadecimal(low, kind)};")
    print()
    print(f"inline constexpr double kErfEnd64 = {float(END['f64'])!r}, kErfEnd32 = {float(END['f32'])!r};")
    mp.mp.prec = 500  # high powers of variables that begin at 0
    for e in ERFS:
        print(f"inline constexpr double kErfBorder{e.name} = {e.border!r};")
        print(array(f"kErf{e.name}", near_zero(e), e.kind,
                    "p of erf(x) = x + x p(x^2 - border^2 / 2), |x| < border, relative"))
        print(array(f"kErfTail{e.name}", root_of_tail(e), e.kind,
                    f"p of erf(x) = 1 - p(x - border)^{e.power} / {e.times}, border <= x <= end, relative"))
    mp.mp.prec = 200
    print()
    note = "p of erfc(x) = 1 - x - x p(x^2 - begin^2), |x| < 0.75, in units of erfc(0.75)"
    print(array("kErfc64", near_zero_from_one("f64", 11), "f64", note))
    print(array("kErfcFast64", near_zero_from_one("f64", 10), "f64", note))
    print(array("kErfc32", near_zero_from_one("f32", 6), "f32", note))
    print(array("kErfcFast32", near_zero_from_one("f32", 5), "f32", note))
    print(f"inline constexpr double kGeluSlope = {float(SLOPE)!r};")
    note = "p of Phi(x) = 1/2 + x (slope + p(x^2 - begin^2)), |x| < 1.0625, relative to Phi(-x)"
    print(array("kDistribution64", distribution("f64", 11), "f64", note))
    print(array("kDistributionFast64", distribution("f64", 10), "f64", note))
    print(array("kDistribution32", distribution("f32", 6), "f32", note))
    print(array("kDistributionFast32", distribution("f32", 5), "f32", note))
    for name, t, z in (("Erfc", ERFC, "x"), ("Gelu", GELU, "x / sqrt(2)")):
        print(f"""
inline constexpr double k{name}Begin = {float(t.begin)!r}, k{name}End64 = {float(t.end["f64"])!r},
                        k{name}End32 = {float(t.end["f32"])!r}, k{name}Flattener = {float(t.flattener)!r},
                        k{name}Shift = {float(t.shift)!r}, k{name}Scale = {float(t.scale)!r},
                        k{name}TailMiddle = {float(t.middle)!r}, k{name}Centre = {float(t.centre)!r},
                        k{name}Weight = {float(t.weight)!r};""")
        note = f"p of erfc({z}) = bell * {float(t.weight)!r} exp(centre + p(u)) / (x + flattener), absolute"
        print(array(f"k{name}Tail64", t.polynomial("f64", 23), "f64", note))
        if t.fast_terms:
            print(array(f"k{name}TailFast64", t.polynomial("f64", t.fast_terms), "f64", note))
        print(array(f"k{name}Tail32", t.polynomial("f32", 11), "f32", note))
        print(array(f"k{name}TailFast32", t.polynomial("f32", 9), "f32", note))
        note = "q of exp(r) = 1 + r + r^2 q(r) for what its bell leaves and p adds, relative"
        print(array(f"k{name}Exp64", t.exponential("f64", 11), "f64", note))
        print(array(f"k{name}ExpFast64", t.exponential("f64", 10), "f64", note))
        print(array(f"k{name}Exp32", t.exponential("f32", 6), "f32", note))
        print(array(f"k{name}ExpFast32", t.exponential("f32", 5), "f32", note))
    print("\n}  // namespace exprjit::maths")


main()
