# SPDX-License-Identifier: MIT OR Apache-2.0
"""The expressions of formulas.cpp in the spellings of the Python rivals.

`text` is what NumPy, numexpr, Numba, JAX and symjit all read, over the columns a, b, c, d and functions of NumPy's
names; `engine` is exprjit's own, where it is written otherwise. Float literals in `text` carry a decimal point: in f32
every rival gets them as f32, so that none computes in f64 by accident.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

THRESHOLD = 1.0  # t of sum(a, where=a > t)


@dataclass(frozen=True)
class Expression:
    name: str
    title: str
    text: str
    ranges: tuple[tuple[float, float], ...]  # of the columns a, b, c, d
    work: str  # "arithmetic", "transcendental" or "reduction"
    operations: int
    engine: str = ""
    body: str = ""  # `text` as the statements of a function, for those whose texts can name what they use twice
    integers: bool = False
    reduce: str = ""  # "sum" or "mean" of `text`; "center" takes the mean from each row

    @property
    def columns(self) -> tuple[str, ...]:
        return ("a", "b", "c", "d")[: len(self.ranges)]

    @property
    def dtypes(self) -> tuple[str, ...]:
        return ("i64", "i32") if self.integers else ("f64", "f32")

    @property
    def function_body(self) -> str:
        return self.body or f"return {self.text}"

    @property
    def engine_text(self) -> str:
        return self.engine or self.text


_SERIES = "(0.31938153 + {k}*(-0.356563782 + {k}*(1.781477937 + {k}*(-1.821255978 + {k}*1.330274429))))"


def _normal(x: str) -> str:
    """The cumulative normal distribution (Abramowitz and Stegun 26.2.17)."""
    k = f"(1.0/(1.0 + 0.2316419*abs({x})))"
    tail = f"(0.3989422804014327*exp(-0.5*{x}*{x})*{k}*{_SERIES.format(k=k)})"
    return f"where({x} > 0.0, 1.0 - {tail}, {tail})"


def _black_scholes() -> str:
    spread = "(0.25*sqrt(c))"
    p = f"((log(a/b) + 0.06125*c)/{spread})"
    q = f"({p} - {spread})"
    return f"a*{_normal(p)} - b*exp(-0.03*c)*{_normal(q)}"


_BLACK_SCHOLES_ENGINE = f"""let s = 0.25*sqrt(c)
let p = (log(a/b) + 0.06125*c)/s
let q = p - s
let k = 1/(1 + 0.2316419*abs(p))
let l = 1/(1 + 0.2316419*abs(q))
let u = 0.3989422804014327*exp(-0.5*p*p)*k*{_SERIES.format(k="k")}
let v = 0.3989422804014327*exp(-0.5*q*q)*l*{_SERIES.format(k="l")}
a*where(p > 0, 1 - u, u) - b*exp(-0.03*c)*where(q > 0, 1 - v, v)"""

_BLACK_SCHOLES_BODY = f"""s = 0.25*sqrt(c)
p = (log(a/b) + 0.06125*c)/s
q = p - s
k = 1.0/(1.0 + 0.2316419*abs(p))
l = 1.0/(1.0 + 0.2316419*abs(q))
u = 0.3989422804014327*exp(-0.5*p*p)*k*{_SERIES.format(k="k")}
v = 0.3989422804014327*exp(-0.5*q*q)*l*{_SERIES.format(k="l")}
return a*where(p > 0.0, 1.0 - u, u) - b*exp(-0.03*c)*where(q > 0.0, 1.0 - v, v)"""

_TWO = (-2.0, 2.0)
_SUMMED = (0.5, 1.5)

EXPRESSIONS = (
    Expression("multiply_add", "a*b + c", "a*b + c", (_TWO,) * 3, "arithmetic", 2),
    Expression(
        "horner",
        "polynomial of degree 9",
        "((((((((0.1*a + 0.2)*a + 0.3)*a + 0.4)*a + 0.5)*a + 0.6)*a + 0.7)*a + 0.8)*a + 0.9)*a + 1.1",
        ((-1.0, 1.0),),
        "arithmetic",
        18,
    ),
    Expression("mix", "mix of 8 operations", "(a + b)*(c - a) + (b*c - a)*2.0 - b", (_TWO,) * 3, "arithmetic", 8),
    Expression(
        "choose", "where(a > 0, sqrt(a), -a)", "where(a > 0.0, sqrt(a), -a)", (_TWO,), "arithmetic", 3
    ),
    Expression(
        "integers", "integer mix", "((a*31 + b) ^ (a >> 3)) + (b & 255)*c - where(a < b, a, c)",
        ((-1000.0, 1000.0),) * 3, "arithmetic", 9,
        engine="((a*31 + b) xor (a >> 3)) + (b & 255)*c - where(a < b, a, c)", integers=True,
    ),
    Expression(
        "haversine",
        "haversine",
        "12742.0*arcsin(sqrt(sin((c - a)*0.5)**2 + cos(a)*cos(c)*sin((d - b)*0.5)**2))",
        ((-1.5, 1.5), (-3.0, 3.0), (-1.5, 1.5), (-3.0, 3.0)),
        "transcendental",
        16,
    ),
    Expression(
        "black_scholes", "Black-Scholes", _black_scholes(), ((10.0, 100.0), (10.0, 100.0), (0.2, 2.0)),
        "transcendental", 40, engine=_BLACK_SCHOLES_ENGINE,
        body=_BLACK_SCHOLES_BODY,
    ),
    Expression(
        "waves", "sin(a)*exp(-a*a) + log(1 + b*b)", "sin(a)*exp(-a*a) + log(1.0 + b*b)", (_TWO,) * 2,
        "transcendental", 9,
    ),
    Expression(
        "gelu", "gelu (tanh)", "0.5*a*(1.0 + tanh(0.7978845608028654*(a + 0.044715*a*a*a)))", ((-4.0, 4.0),),
        "transcendental", 9,
    ),
    Expression("sum", "sum(a)", "a", (_SUMMED,), "reduction", 1, engine="sum(a)", reduce="sum"),
    Expression("dot", "dot(a, b)", "a*b", (_SUMMED,) * 2, "reduction", 2, engine="dot(a, b)", reduce="sum"),
    Expression("mean", "mean(a)", "a", (_SUMMED,), "reduction", 2, engine="mean(a)", reduce="mean"),
    Expression(
        "filter_sum", "sum(a, where=a > t)", "where(a > 1.0, a, 0.0)", (_SUMMED,), "reduction", 2,
        engine="sum(a, where=a > t)", reduce="sum",
    ),
    Expression(
        "center", "a - mean(a)", "a", (_SUMMED,), "arithmetic", 2, engine="a - mean(a)", reduce="center"
    ),
)  # fmt: skip

NUMPY_TYPES = {"f64": np.dtype("f8"), "f32": np.dtype("f4"), "i64": np.dtype("i8"), "i32": np.dtype("i4")}

_FLOAT = re.compile(r"(?<![\w.])\d+\.\d+")


def with_literals(text: str, spelling: str) -> str:
    """The text with each float literal written as `spelling`, in which {} is the number."""
    return _FLOAT.sub(lambda found: spelling.replace("{}", found.group()), text)


def named_literals(text: str) -> tuple[str, dict[str, float]]:
    """The text with a name in place of each float literal, and the names' values."""
    values: dict[str, float] = {}

    def name(found: re.Match[str]) -> str:
        key = "k" + found.group().replace(".", "_")
        values[key] = float(found.group())
        return key

    return _FLOAT.sub(name, text), values


def make_columns(expression: Expression, dtype: str, rows: int) -> dict[str, np.ndarray]:
    """The expression's columns, the same random numbers every time."""
    random = np.random.default_rng(1)
    return {
        name: (low + (high - low) * random.random(rows)).astype(NUMPY_TYPES[dtype])
        for name, (low, high) in zip(expression.columns, expression.ranges, strict=True)
    }
