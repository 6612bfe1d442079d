# SPDX-License-Identifier: MIT OR Apache-2.0
"""`ej.compile`: an expression compiled for types given beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from . import _calling, _codes, _dtypes, _ffi, _ufunc, errors
from ._arrow import ArrowBatch, eval_batch
from ._dispatch import Dispatched
from ._operands import Operand, check_accepts
from ._param import Param
from ._program import check_text, make_options, option_words


class Function(Dispatched):
    """A compiled expression.

    Call it with numbers or arrays, by position or by keyword; `out=` takes an array to write into and `casting=` what
    conversions into it are allowed. Numbers give a number, arrays a new array, a text with named outputs a dict. Python
    numbers are fitted to the parameter's type; NumPy scalars and arrays convert only where nothing is lost.

    Immutable, safe to call from any number of threads. Pickles and copies as its text, types and options, never as
    machine code.
    """

    __slots__ = ("_kernel", "_options", "_types")

    def __init__(self, source: str, types: Iterable[tuple[str, int]] | None, options: _ffi.Options) -> None:
        self._types = None if types is None else tuple(types)
        self._options = options
        self._kernel = _ffi.compile_text(source, self._types or (), options, exact=self._types is not None)
        self._dispatch(partial(_prepare, self._kernel))

    @classmethod
    def _of_kernel(cls, kernel: _ffi.Kernel, options: _ffi.Options) -> Function:
        """What a Builder or IR made: its kernel has no text. ArgumentError unless its outputs can be told apart."""
        names = [output.name for output in kernel.outputs]
        if len(names) > 1 and ("" in names or len(set(names)) < len(names)):
            raise errors.make(
                errors.ArgumentError,
                "EJ9031",
                f"the program has {len(names)} results without a name of their own each",
                hint='end the last function of a Builder with b.output(y, "name") for each, and not with return_',
            )
        self = cls.__new__(cls)
        self._types, self._options, self._kernel = None, options, kernel
        self._dispatch(partial(_prepare, kernel))
        return self

    @property
    def source(self) -> str:
        """The text it was compiled from; of what a Builder made, its IR text."""
        return self._kernel.source or self._kernel.dump(1)

    @property
    def params(self) -> tuple[Param, ...]:
        """The parameters in order."""
        return tuple(Param(value.name, _dtypes.NAMES[value.code]) for value in self._kernel.params)

    @property
    def outputs(self) -> tuple[Param, ...]:
        """The outputs in order; the output of a final expression is named ""."""
        return tuple(Param(value.name, _dtypes.NAMES[value.code]) for value in self._kernel.outputs)

    @property
    def signature(self) -> str:
        """One line such as "(a: f64, b: f64) -> f64"."""
        return self._kernel.signature()

    @property
    def ir(self) -> str:
        """The program as the front end made it."""
        return self._kernel.dump(1)

    def inspect_ir(self, pass_: str | None = None) -> str:
        """The program after the pass of that name (see `ej.pass_names()`), or after all passes."""
        return self._kernel.dump(2, pass_)

    def encode(self) -> bytes:
        """The program as IR bytes (docs/ir.md), for `compile_bytes` here, in another process or on another machine:
        with its names, flags and accuracy, without tier and machine code. Equal programs give equal bytes.
        UnsupportedError if it calls C functions of this process."""
        return self._kernel.encode()

    @property
    def asm(self) -> str:
        """The machine code, in Intel syntax."""
        return self._kernel.dump(3)

    @property
    def nbytes(self) -> int:
        """Bytes of machine code and constants; 0 when interpreted."""
        return int(self._kernel.info.code_bytes)

    @property
    def compile_time(self) -> float:
        """Seconds that compiling took. After a cache hit, those of the compilation that filled the cache."""
        return self._kernel.timings()["total"] / 1e9

    @property
    def timings(self) -> dict[str, float]:
        """Seconds per phase of the compilation, and in total."""
        return {phase: nanoseconds / 1e9 for phase, nanoseconds in self._kernel.timings().items()}

    @property
    def tier(self) -> str:
        """ "interpreter", "baseline" or "optimised"."""
        return _codes.TIER_NAMES[self._kernel.info.tier]

    @property
    def isa(self) -> str:
        """The instruction set level in use: "v2", "v3" or "v4"; "auto" when interpreted without one."""
        return _codes.ISA_NAMES[self._kernel.info.isa]

    @property
    def cache_hit(self) -> str | None:
        """None if it was compiled, else how it was found: "text" or "canonical"."""
        return _codes.CACHE_KINDS[self._kernel.info.cache_hit]

    @property
    def address(self) -> int | None:
        """The plain C function pointer, valid while this object lives; None for functions that can fail or are
        interpreted. Its types are those of `signature`, with int32_t for bool."""
        return self._kernel.address()

    def eval_arrow(self, batch: Any) -> ArrowBatch:
        """Evaluates over an Arrow record batch of any library (pyarrow, Polars, DuckDB, nanoarrow): an object with
        `__arrow_c_array__` whose fields are matched with the parameters by name, or an array where there is one
        parameter.

        Nulls propagate. The result is an ArrowBatch with one column per output; the output of a final expression is
        named "result". One row if every output is a reduction. Raises as a call does.
        """
        return eval_batch(self._kernel, batch)

    @property
    def ufunc(self) -> Any:
        """The function as a NumPy ufunc: with broadcasting, `out=`, `where=`, `.outer`, `.at` and pandas' and Dask's
        support of ufuncs. Its types are those of the parameters; NumPy casts arguments to them where that is safe. It
        runs on the calling thread. UnsupportedError if the function can fail or has reductions."""
        reason = _ufunc.why_not(self._kernel)
        if reason:
            hint = "call the function itself, which takes arrays of any shape"
            message = f"this function has no ufunc: {reason}"
            raise errors.make(errors.UnsupportedError, "EJ9007", message, self.source, None, hint)
        return _ufunc.ufunc_of(self._kernel)

    def __repr__(self) -> str:
        text = self.source if len(self.source) <= 60 else self.source[:57] + "…"
        return f"<exprjit.Function {text!r} {self.signature}>"

    def __reduce__(self) -> Any:
        if not self._kernel.source:
            return _restore_ir, (self.source, option_words(self._options))
        types = None if self._types is None else tuple((name, _dtypes.NAMES[code]) for name, code in self._types)
        return _restore, (self.source, types, option_words(self._options))

    def __copy__(self) -> Function:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Function:
        return self


def _prepare(kernel: _ffi.Kernel, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[_ffi.Kernel, list[Operand]]:
    names = [param.name for param in kernel.params]
    operands = _calling.classify_all(names, _calling.bind(names, args, kwargs, kernel.source), kernel.source)
    for param, operand in zip(kernel.params, operands, strict=True):
        check_accepts(param.name, param.code, operand, kernel.source)
    return kernel, operands


def _restore_ir(source: str, words: dict[str, Any]) -> Function:
    options = make_options(**words)
    return Function._of_kernel(_ffi.compile_ir(source, options), options)


def _restore(source: str, types: tuple[tuple[str, str], ...] | None, words: dict[str, Any]) -> Function:
    codes = {name: code for code, name in _dtypes.NAMES.items()}
    return Function(
        source, None if types is None else [(name, codes[spelling]) for name, spelling in types], make_options(**words)
    )


def compile_bytes(
    data: bytes | bytearray | memoryview,
    /,
    *,
    tier: str = "auto",
    isa: str = "auto",
    fast: str | Iterable[str] = (),
    accuracy: str = "1ulp",
) -> Function:
    """Compiles IR bytes, as `Function.encode` and `Builder.encode` of this or an older version make them.

    The bytes need not be trusted: everything in them is verified. Options as in `ej.compile`. Raises ExprSyntaxError
    for damaged bytes, UnsupportedError for those of a newer version, LimitError, or ArgumentError.
    """
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise errors.make(
            errors.ExprTypeError,
            "EJ9001",
            f"IR bytes are bytes, not {type(data).__name__}",
            hint="ej.compile takes texts"
            if isinstance(data, str)
            else "Function.encode() and Builder.encode() make them",
        )
    options = make_options(tier, isa, fast, accuracy=accuracy)
    return Function._of_kernel(_ffi.compile_bytes(bytes(data), options), options)


def compile(
    expression: str,
    types: Mapping[str, Any] | None = None,
    /,
    *,
    tier: str = "auto",
    isa: str = "auto",
    fast: str | Iterable[str] = (),
    div: str = "error",
    caret: str = "power",
    accuracy: str = "1ulp",
    **type_keywords: Any,
) -> Function:
    """Compiles an expression for given types: `ej.compile("a*b + c", a="f8", b="f8", c="f8")`.

    The types come as keywords, or as a dict for names that are no Python identifiers or are options; their order is the
    order of the parameters. A type is a NumPy dtype or its spelling ("f8", "int32"; "i8" is NumPy's, eight bytes), a
    Python type, or one of exprjit's names ("f64", "f32", "i64", "i32", "bool"). Without any types the variables are
    f64, in order of first use.

    `tier` is "auto", "interpreter", "baseline" or "optimised"; `isa` caps the instruction set ("v2", "v3", "v4");
    `fast` names what may change values ("contract", "reassoc"); `div` says what integer division by zero does
    ("error" raises, "zero" gives 0); `caret` what `^` means ("power", "xor", "strict": power between floats only);
    `accuracy` how far exp, sin, pow and the like may be off: "1ulp", one unit in the last place, or "fast", four.

    Raises ExprSyntaxError, ExprNameError, ExprTypeError, LimitError, UnsupportedError or CompileError, and ValueError
    for an unknown option.
    """
    text = check_text(expression)
    options = make_options(tier, isa, fast, div, caret, accuracy)
    given = {**(types or {}), **type_keywords}
    if types is None and not type_keywords:
        return Function(text, None, options)
    declared = []
    for name, spec in given.items():
        code = _dtypes.parse(spec)
        if code is None:
            raise errors.make(
                errors.ExprTypeError,
                "EJ9002",
                f"the type {spec!r} given for '{name}' is not one exprjit computes with",
                text,
                None,
                "the types are bool, i32, i64, f32, f64, and in arrays also "
                "int8, int16, uint8, uint16, uint32, uint64, float16",
            )
        declared.append((name, code))
    return Function(text, declared, options)
