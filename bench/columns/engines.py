# SPDX-License-Identifier: MIT OR Apache-2.0
"""The contestants in Python: each turns an expression over given columns into a function of no arguments.

A contestant that is not installed, or has no such thing as the expression, raises Missing with the reason.
"""

from __future__ import annotations

import importlib
import math
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np

from expressions import NUMPY_TYPES, THRESHOLD, Expression, named_literals, with_literals
from stopwatch import repeated

Columns = dict[str, np.ndarray]
Run = Callable[[], Any]
# Elementary functions under NumPy's names, which the rivals share; each has those it has.
FUNCTIONS = (
    "sqrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan",
    "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "cbrt", "hypot",
)  # fmt: skip


class Missing(Exception):
    """Why a contestant does not take part."""


def module(name: str, package: str = "") -> Any:
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:
        raise Missing(f"pip install {package or name}: {error}") from None


def functions_of(namespace: Any) -> dict[str, Any]:
    return {name: getattr(namespace, name) for name in FUNCTIONS if hasattr(namespace, name)}


def reduce_in(namespace: Any, expression: Expression, mapped: Callable[..., Any]) -> Callable[..., Any]:
    """The map followed by the expression's reduction, for rivals that have sum and mean as functions."""
    if expression.reduce == "sum":
        return lambda *columns: namespace.sum(mapped(*columns))
    if expression.reduce == "mean":
        return lambda *columns: namespace.mean(mapped(*columns))
    if expression.reduce == "center":
        return lambda a: a - namespace.mean(a)
    return mapped


def python_function(expression: Expression, body: str, names: dict[str, Any]) -> Callable[..., Any]:
    """The statements of `body` as a Python function of the columns."""
    namespace = dict(names)
    exec(f"def formula({', '.join(expression.columns)}):\n" + textwrap.indent(body, "    "), namespace)
    return namespace["formula"]


class NumPy:
    name = "NumPy"

    def __init__(self, threads: int) -> None:
        if threads > 1:
            raise Missing("NumPy runs element-wise operations on one thread")

    def prepare(self, expression: Expression, dtype: str, columns: Columns, out: np.ndarray) -> Run:
        values = tuple(columns.values())
        if expression.name == "multiply_add":
            a, b, c = values
            return lambda: np.add(np.multiply(a, b, out=out), c, out=out)
        if expression.name == "dot":
            return lambda: np.dot(*values)
        if expression.name == "filter_sum":
            (a,) = values
            return lambda: np.sum(a, where=a > THRESHOLD)
        if expression.name == "center":
            (a,) = values
            return lambda: np.subtract(a, np.mean(a), out=out)
        functions = functions_of(np) | {"where": np.where}
        function = reduce_in(np, expression, python_function(expression, expression.function_body, functions))
        return lambda: function(*values)


class Numexpr:
    """numexpr.evaluate: looks its expression up in a cache, as ej.evaluate does."""

    name = "numexpr"

    def __init__(self, threads: int) -> None:
        self.numexpr = module("numexpr")
        self.numexpr.set_num_threads(threads)

    def text(self, expression: Expression, dtype: str) -> tuple[str, dict[str, Any]]:
        text, literals = named_literals(expression.text) if dtype == "f32" else (expression.text, {})
        return text, {name: np.float32(value) for name, value in literals.items()}

    def prepare(self, expression: Expression, dtype: str, columns: Columns, out: np.ndarray) -> Run:
        text, literals = self.text(expression, dtype)
        evaluate, variables = self.numexpr.evaluate, {**columns, **literals}
        if not expression.reduce:
            return lambda: evaluate(text, variables, {}, out)
        rows = len(columns["a"])
        if expression.reduce == "sum":
            return lambda: evaluate(f"sum({text})", variables, {})
        if expression.reduce == "mean":
            return lambda: evaluate("sum(a)", variables, {}) / rows
        kind = NUMPY_TYPES[dtype].type

        def center() -> Any:
            mean = kind(evaluate("sum(a)", variables, {}) / rows)
            return evaluate("a - m", {"a": columns["a"], "m": mean}, {}, out)

        return center


class NumexprCompiled(Numexpr):
    """The object behind numexpr.evaluate, made once: its least overhead, the counterpart of ej.compile."""

    name = "numexpr (NumExpr object)"

    def prepare(self, expression: Expression, dtype: str, columns: Columns, out: np.ndarray) -> Run:
        if expression.reduce:
            raise Missing("measured on maps only")
        text, literals = self.text(expression, dtype)
        variables = {**columns, **literals}
        type_of = self.numexpr.necompiler.getType
        signature = [(name, type_of(np.asarray(value))) for name, value in variables.items()]
        compiled = self.numexpr.NumExpr(text, signature)
        values = [variables[name] for name in compiled.input_names]
        return lambda: compiled(*values, out=out, ex_uses_vml=False)


class Numba:
    """Numba's @vectorize, and njit loops for reductions. On two threads loops over prange, which Numba vectorises where
    its target="parallel" does not."""

    fastmath = False

    def __init__(self, threads: int) -> None:
        self.numba = module("numba")
        self.parallel = threads > 1
        if self.parallel:
            self.numba.set_num_threads(threads)
        self.made: dict[tuple[str, str], Callable[..., Any]] = {}

    @property
    def name(self) -> str:
        svml = ", SVML" if self.numba.config.USING_SVML else ""
        return f"Numba {'fastmath' if self.fastmath else '@vectorize'}{svml}"

    def prepare(self, expression: Expression, dtype: str, columns: Columns, out: np.ndarray) -> Run:
        key = (expression.name, dtype)
        if key not in self.made:
            self.made[key] = self.compile(expression, dtype)
        function, values = self.made[key], tuple(columns.values())
        if expression.reduce in ("sum", "mean"):
            return lambda: function(*values)
        if expression.reduce or self.parallel:
            return lambda: function(*values, out)
        return lambda: function(*values, out=out)

    def compile(self, expression: Expression, dtype: str) -> Callable[..., Any]:
        kind = NUMPY_TYPES[dtype].type
        names = functions_of(np) | {"erf": math.erf, "erfc": math.erfc}
        names |= {"kind": kind, "where": self.numba.njit(lambda c, x, y: x if c else y, inline="always")}
        body = expression.function_body
        formula = python_function(expression, with_literals(body, "kind({})") if dtype == "f32" else body, names)
        if not expression.reduce and not self.parallel:
            kinds = {"f64": "float64", "f32": "float32", "i64": "int64", "i32": "int32"}
            signature = f"{kinds[dtype]}({', '.join([kinds[dtype]] * len(expression.columns))})"
            return self.numba.vectorize([signature], fastmath=self.fastmath)(formula)
        return self.compile_loop(expression, kind, formula)

    def compile_loop(self, expression: Expression, kind: Any, formula: Callable[..., Any]) -> Callable[..., Any]:
        columns = ", ".join(expression.columns)
        row = ", ".join(f"{name}[i]" for name in expression.columns)
        lines = [f"    for i in prange(len(a)): total += row({row})", "    return total"]
        if not expression.reduce:
            lines = [f"    for i in prange(len(a)): out[i] = row({row})", "    return out"]
            columns += ", out"
        if expression.reduce == "mean":
            lines[1] = "    return kind(total/len(a))"
        if expression.reduce == "center":
            lines[1:] = [
                "    mean = kind(total/len(a))", "    for i in prange(len(a)): out[i] = a[i] - mean", "    return out",
            ]  # fmt: skip
            columns += ", out"
        text = "\n".join([f"def loop({columns}):", "    total = kind(0)", *lines])
        namespace = {"prange": self.numba.prange, "kind": kind, "row": self.numba.njit(formula, inline="always")}
        exec(text, namespace)
        return self.numba.njit(fastmath=self.fastmath, parallel=self.parallel)(namespace["loop"])


class NumbaFast(Numba):
    fastmath = True


class Jax:
    name = "JAX"

    def __init__(self, threads: int) -> None:
        self.jax = module("jax")
        self.jax.config.update("jax_enable_x64", True)
        self.jax.config.update("jax_platforms", "cpu")

    def prepare(self, expression: Expression, dtype: str, columns: Columns, out: np.ndarray) -> Run:
        jnp = module("jax.numpy")
        functions = functions_of(jnp) | {"where": jnp.where}
        formula = python_function(expression, expression.function_body, functions)
        function = self.jax.jit(reduce_in(jnp, expression, formula))
        values = tuple(self.jax.device_put(column) for column in columns.values())
        return lambda: function(*values).block_until_ready()


class Symjit:
    name = "symjit"

    def __init__(self, threads: int) -> None:
        module("sympy")
        self.symjit = module("symjit")
        self.threads = threads

    def prepare(self, expression: Expression, dtype: str, columns: Columns, out: np.ndarray) -> Run:
        if dtype != "f64" or expression.reduce:
            raise Missing("symjit has f64 maps only")
        import sympy

        symbols = sympy.symbols(expression.columns)
        functions = {
            "where": lambda c, x, y: sympy.Piecewise((x, c), (y, True)), "abs": sympy.Abs, "arcsin": sympy.asin,
            **functions_of(sympy),
        }  # fmt: skip
        formula = python_function(expression, expression.function_body, functions)(*symbols)
        # Both widths, and the one that is faster here.
        values = tuple(columns.values())
        few = tuple(column[:100_000] for column in values)

        def time_of(compiled: Any) -> float:
            compiled(*few)
            return min(repeated(lambda: compiled(*few), 3) for _ in range(3))

        widths = [
            self.symjit.compile_func(list(symbols), [formula], use_threads=self.threads > 1, enable_simd512=wide)
            for wide in (False, True)
        ]
        best = min(widths, key=time_of)
        return lambda: best(*values)[0]


class Evaluate:
    """ej.evaluate, with its variables where a call usually has them: in the calling function."""

    name = "exprjit evaluate"
    arguments = "text, out=out"

    def __init__(self, threads: int) -> None:
        self.exprjit = module("exprjit", "./clients/python")
        if hasattr(self.exprjit, "set_num_threads"):
            self.exprjit.set_num_threads(threads)
        elif threads > 1:
            raise Missing("this version of the Python package evaluates on one thread")

    def prepare(self, expression: Expression, dtype: str, columns: Columns, out: np.ndarray) -> Run:
        variables: dict[str, Any] = dict(columns)
        if expression.name == "filter_sum":
            variables["t"] = THRESHOLD
        arguments = "text" if expression.reduce in ("sum", "mean") else self.arguments
        names = {"evaluate": self.exprjit.evaluate, "text": expression.engine_text, "out": out, "variables": variables}
        locals_ = ", ".join(f"{name}=variables['{name}']" for name in variables)
        exec(f"def run({locals_}):\n    return evaluate({arguments})", names)
        return names["run"]


class Compiled(Evaluate):
    """What ej.compile returns, with the permission to contract that C with -ffast-math and Numba fastmath have."""

    name = "exprjit compile"

    def prepare(self, expression: Expression, dtype: str, columns: Columns, out: np.ndarray) -> Run:
        types = dict.fromkeys(columns, dtype)
        values: tuple[Any, ...] = tuple(columns.values())
        if expression.name == "filter_sum":
            types["t"], values = dtype, (*values, THRESHOLD)
        function = self.exprjit.compile(expression.engine_text, types, fast="contract")
        if expression.reduce and expression.reduce != "center":
            return lambda: function(*values)
        return lambda: function(*values, out=out)


class EvaluateNew(Evaluate):
    """The same without out=, as most calls are written: every call makes its array."""

    name = "exprjit evaluate, new array"
    arguments = "text"

    def prepare(self, expression: Expression, dtype: str, columns: Columns, out: np.ndarray) -> Run:
        if expression.reduce:
            raise Missing("a reduction makes no array")
        return super().prepare(expression, dtype, columns, out)


class CompiledNew(Evaluate):
    name = "exprjit compile, new array"

    def prepare(self, expression: Expression, dtype: str, columns: Columns, out: np.ndarray) -> Run:
        if expression.reduce:
            raise Missing("a reduction makes no array")
        function = self.exprjit.compile(expression.engine_text, dict.fromkeys(columns, dtype), fast="contract")
        values = tuple(columns.values())
        return lambda: function(*values)


SMALL_ONLY = ("numexpr (NumExpr object)", EvaluateNew.name, CompiledNew.name)  # they differ by a call's fixed cost
CONTESTANTS = (
    Evaluate,
    EvaluateNew,
    Compiled,
    CompiledNew,
    NumPy,
    Numexpr,
    NumexprCompiled,
    Numba,
    NumbaFast,
    Jax,
    Symjit,
)
