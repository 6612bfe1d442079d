# SPDX-License-Identifier: MIT OR Apache-2.0
"""The library's functions wrapped in Python values: kernels, their evaluation, errors.

ctypes releases the GIL around every call made here except plain entries of small kernels, which return in nanoseconds.
"""

from __future__ import annotations

import ctypes
import re
import struct
import sys
from collections.abc import Callable, Sequence
from ctypes import byref, c_double, c_float, c_int32, c_int64, c_size_t, c_void_p
from typing import Any, NamedTuple

import numpy as np

from . import _codes, _dtypes, _host, errors
from ._abi import (
    ABI_VERSION,
    CompileOptions,
    Diagnostic,
    KernelInfo,
    OutputInfo,
    Param,
    Timings,
    field_names,
    library,
    library_path,
    library_version,
)

__all__ = ["ABI_VERSION", "library_path", "library_version"]

# ---- Errors ----------------------------------------------------------------------------------------------------------


def decoded(raw: bytes | None) -> str:
    return raw.decode("utf-8", "replace") if raw else ""


def take_error(status: int, error: c_void_p, source: str | None) -> BaseException:
    """The exception for a failed call; reads and frees the ej_error."""
    if not error.value:
        diagnostics = [errors.Diagnostic("", status_name(status), status_name(status), "", None, 0, 0)]
        rendered, row = "", -1
    else:
        raw = source.encode("utf-8", "surrogatepass") if source is not None else b""
        diagnostics = [_diagnostic(error, index, raw) for index in range(library.ej_error_count(error))]
        rendered, row = decoded(library.ej_error_render(error)), library.ej_error_row(error)
        library.ej_error_destroy(error)
    if status == _codes.ERR_NO_MEMORY:
        return MemoryError(diagnostics[0].message)
    cls = _codes.EXCEPTIONS.get(status, errors.CompileError)
    return errors.build(cls, diagnostics, source, rendered, row)


def _diagnostic(error: c_void_p, index: int, source: bytes) -> errors.Diagnostic:
    found = Diagnostic()
    library.ej_error_get(error, index, byref(found))
    span = None
    if found.line > 0 and source:
        # The library counts bytes; Python counts characters.
        begin = len(source[: found.begin].decode("utf-8", "replace"))
        span = begin, begin + len(source[found.begin : found.end].decode("utf-8", "replace"))
    code = f"EJ{found.code:04d}" if found.code else ""
    return errors.Diagnostic(
        code, status_name(found.status), decoded(found.message), decoded(found.hint), span, found.line, found.column
    )


def status_name(status: int) -> str:
    return decoded(library.ej_status_name(status))


# ---- Kernels ---------------------------------------------------------------------------------------------------------


class Options(NamedTuple):
    """Compile options, in the library's codes. Hashable, so that it can be part of a cache key."""

    div: int = 0
    caret: int = 0
    tier: int = 0
    isa: int = 0
    flags: int = 0
    accuracy: int = 0


class Value(NamedTuple):
    """A parameter or an output. `reduced`: one value for all rows."""

    name: str
    code: int
    reduced: bool = False


# One ej_value per type: tag, reserved, and the payload in an 8-byte union.
_VALUE_FORMAT = {
    _dtypes.BOOL: "iii4x",
    _dtypes.I32: "iii4x",
    _dtypes.I64: "iiq",
    _dtypes.F32: "iif4x",
    _dtypes.F64: "iid",
}
# Offset of the payload, by type, for values read back.
_PAYLOAD = {code: struct.Struct("8x" + text[2:]) for code, text in _VALUE_FORMAT.items()}
_SCALAR = {code: struct.Struct(text[2:]) for code, text in _VALUE_FORMAT.items()}
_C_TYPES = {
    _dtypes.BOOL: c_int32,
    _dtypes.I32: c_int32,
    _dtypes.I64: c_int64,
    _dtypes.F32: c_float,
    _dtypes.F64: c_double,
}
# A kernel with at most this many nodes is called through its plain entry without giving up the GIL.
_QUICK_NODES = 2000
#: Trips of a kernel whose loops end when the data say so, or never.
UNBOUNDED = 1 << 62
# One ej_column: data, stride, dtype, reserved, validity, validity_offset.
_COLUMN = "PqiiPq"
_column_packers: dict[int, struct.Struct] = {}

# One ej_run_options: size, stop, threads, reserved, parallel, its data.
_RUN = struct.Struct("NPiiPP")

_compile, _release, _call, _eval, _eval_with = (
    library.ej_engine_compile_n,
    library.ej_kernel_release,
    library.ej_kernel_call,
    library.ej_kernel_eval,
    library.ej_kernel_eval_with,
)


class Reference:
    """One reference to an ej_kernel, given back when this object goes; and to the functions it may call."""

    __slots__ = ("functions", "pointer")

    def __init__(self, pointer: int, functions: Any = None) -> None:
        self.pointer = pointer
        self.functions = functions

    def __del__(
        self, _release: Callable[[int], None] = _release, _finalizing: Callable[[], bool] = sys.is_finalizing
    ) -> None:
        # At interpreter exit the process gives everything back anyway, and nothing may be called safely any more. The
        # defaults keep both functions alive when module globals are already gone.
        pointer, self.pointer = self.pointer, 0
        if pointer and not _finalizing():
            _release(pointer)


class Kernel:
    """A compiled program. Immutable but for the ufunc kept with it; callable from any number of threads."""

    __slots__ = (
        "_outs_size", "_pack", "_pointer", "codes", "info", "outputs", "params", "reducing", "reference", "source",
        "trips", "ufunc",
    )  # fmt: skip

    def __init__(self, pointer: int, source: str, trips: int = 1, functions: Any = None) -> None:
        self._pointer = pointer
        #: How often a node runs for one row, at most: more than once where there are loops, which texts never have.
        self.trips = trips
        self.reference = Reference(pointer, functions)
        self.source = source
        self.params = _params(pointer)
        #: True if there are reductions over rows, so that it can be evaluated over columns only.
        self.reducing = bool(library.ej_kernel_is_reducing(pointer))
        self.outputs = _outputs(pointer, self.reducing)
        self.info = KernelInfo()
        library.ej_kernel_get_info(pointer, byref(self.info))
        self.codes = tuple(_dtypes.WIDE[param.code] for param in self.params)
        self._pack = struct.Struct("".join(_VALUE_FORMAT[code] for code in self.codes)).pack
        self._outs_size = 16 * len(self.outputs)
        #: The kernel as an np.ufunc, once _ufunc has made it.
        self.ufunc: Any = None

    @property
    def pointer(self) -> int:
        """The ej_kernel, valid while `reference` lives."""
        return self._pointer

    @property
    def needs_context(self) -> bool:
        """True when running can fail, so that no plain entry exists."""
        return bool(self.info.needs_context)

    def work(self, rows: int) -> int:
        """How many operations a run over so many rows is, about; of a kernel with loops, at most."""
        return max(1, rows) * int(self.info.nodes) * self.trips

    def nullable(self, index: int) -> bool:
        """Whether that output is null where its inputs are."""
        info = OutputInfo()
        library.ej_kernel_get_output_info(self._pointer, index, byref(info))
        return bool(info.is_nullable)

    def signature(self) -> str:
        """One line such as "(a: f64, b: f64) -> f64"."""
        return decoded(library.ej_kernel_signature(self._pointer))

    def call(self, values: Sequence[Any]) -> list[Any]:
        """One call; `values` are Python numbers already of the parameters' types. Returns one number per output."""
        arguments: list[Any] = []
        for code, value in zip(self.codes, values, strict=True):
            arguments += (code, 0, value)
        packed = self._pack(*arguments)
        outs = ctypes.create_string_buffer(self._outs_size)
        error = c_void_p()
        status = _call(self._pointer, packed, len(values), outs, len(self.outputs), byref(error))
        if status:
            raise take_error(status, error, self.source)
        return [_PAYLOAD[output.code].unpack_from(outs, 16 * i)[0] for i, output in enumerate(self.outputs)]

    def eval(self, inputs: Sequence[int], outputs: Sequence[int], rows: int) -> None:
        """Evaluates columns. Each column is six numbers in the order of ej_column, flattened."""
        n_in, n_out = len(inputs) // 6, len(outputs) // 6
        error = c_void_p()
        status = _eval(
            self._pointer, pack_columns(n_in, inputs), n_in, pack_columns(n_out, outputs), n_out, rows, byref(error)
        )
        if status:
            raise take_error(status, error, self.source)

    def eval_with(
        self, inputs: Sequence[int], outputs: Sequence[int], rows: int, threads: int, stop: StopWord | None = None
    ) -> None:
        """The same on several threads, ended early with RunError when `stop` is set."""
        n_in, n_out = len(inputs) // 6, len(outputs) // 6
        error = c_void_p()
        status = _eval_with(
            self._pointer,
            run_options(threads, stop),
            pack_columns(n_in, inputs),
            n_in,
            pack_columns(n_out, outputs),
            n_out,
            rows,
            byref(error),
        )
        if status:
            raise take_error(status, error, self.source)

    def eval_selected(
        self,
        inputs: Sequence[int],
        rows: int,
        indices: np.ndarray[Any, Any],
        outputs: Sequence[int],
        threads: int,
        stop: StopWord | None = None,
    ) -> None:
        """Evaluates the rows that `indices` (contiguous int64) names; element k of the outputs is row indices[k]."""
        n_in, n_out = len(inputs) // 6, len(outputs) // 6
        error = c_void_p()
        status = library.ej_kernel_eval_selected(
            self._pointer,
            run_options(threads, stop),
            pack_columns(n_in, inputs),
            n_in,
            rows,
            data_address(indices),
            len(indices),
            pack_columns(n_out, outputs),
            n_out,
            byref(error),
        )
        if status:
            raise take_error(status, error, self.source)

    def entry(self) -> Callable[..., Any] | None:
        """The plain C function as a Python callable, or None where there is none. Keeps the kernel alive."""
        address = self.address()
        if address is None:
            return None
        kind: Any = ctypes.PYFUNCTYPE if self.info.nodes <= _QUICK_NODES else ctypes.CFUNCTYPE
        function: Callable[..., Any] = kind(_C_TYPES[self.outputs[0].code], *[_C_TYPES[code] for code in self.codes])(
            address
        )
        setattr(function, "kernel", self)  # noqa: B010 - ctypes' function objects take attributes; mypy does not know
        return function

    def address(self) -> int | None:
        """Address of the plain C function, valid while the kernel lives, or None."""
        found = c_void_p()
        return found.value if library.ej_kernel_get_entry(self._pointer, byref(found)) == _codes.OK else None

    def dump(self, what: int, pass_name: str | None = None) -> str:
        """A listing: 1 IR, 2 after a pass (all passes for None), 3 assembly."""
        out, error = c_void_p(), c_void_p()
        name = pass_name.encode() if pass_name is not None else None
        status = library.ej_kernel_dump(self._pointer, what, name, byref(out), byref(error))
        if status:
            raise take_error(status, error, self.source)
        try:
            return decoded(ctypes.string_at(out.value or 0))
        finally:
            library.ej_string_free(out)

    def encode(self) -> bytes:
        """The program as IR bytes."""
        return take_bytes(library.ej_kernel_encode, self._pointer, self.source)

    def timings(self) -> dict[str, int]:
        """Nanoseconds per phase of the compilation."""
        times = Timings()
        library.ej_kernel_get_timings(self._pointer, byref(times))
        return {name: getattr(times, name) for name in field_names(Timings)}


def _params(pointer: int) -> tuple[Value, ...]:
    found, item = [], Param()
    for index in range(library.ej_kernel_param_count(pointer)):
        library.ej_kernel_get_param(pointer, index, byref(item))
        found.append(Value(decoded(item.name), item.type))
    return tuple(found)


def _outputs(pointer: int, reducing: bool) -> tuple[Value, ...]:
    found, item, info = [], Param(), OutputInfo()
    for index in range(library.ej_kernel_output_count(pointer)):
        if reducing:
            library.ej_kernel_get_output_info(pointer, index, byref(info))
            found.append(Value(decoded(info.name), info.type, bool(info.is_reduced)))
        else:  # saves an analysis of the program, which takes longer than most compilations
            library.ej_kernel_get_output(pointer, index, byref(item))
            found.append(Value(decoded(item.name), item.type))
    return tuple(found)


def compile_text(source: str, params: Sequence[tuple[str, int]], options: Options, exact: bool = True) -> Kernel:
    """Compiles `source` with these parameters; unless `exact`, further variables become f64 parameters after them, in
    order of first use. Raises the classes of exprjit.errors."""
    request = CompileOptions(
        div_mode=options.div,
        caret=options.caret,
        tier=options.tier,
        isa=options.isa,
        flags=options.flags,
        accuracy=options.accuracy,
        params_declared=exact,
    )
    if params:
        declared = (Param * len(params))()
        for slot, (name, code) in zip(declared, params, strict=True):
            if "\0" in name:
                raise ValueError(f"the variable name {name!r} contains a NUL character")
            slot.name, slot.type = name.encode("utf-8", "surrogatepass"), code
        request.params, request.param_count = declared, len(params)
    text = source.encode("utf-8", "surrogatepass")
    while True:
        functions = _host.table
        pointer, error = c_void_p(), c_void_p()
        status = _compile(None, text, len(text), byref(request), byref(pointer), byref(error))
        if status or pointer.value is None:
            raise take_error(status, error, source)
        if functions is _host.table:
            return Kernel(pointer.value, source, functions=functions or None)
        _release(pointer.value)  # another thread changed functions: which ones are in it is not known


def compile_ir(source: str, options: Options) -> Kernel:
    """Compiles a program given as IR text; the kernel keeps no text. Raises the classes of exprjit.errors."""
    request = CompileOptions(tier=options.tier, isa=options.isa, flags=options.flags, accuracy=options.accuracy)
    text = source.encode("utf-8", "surrogatepass")
    pointer, error = c_void_p(), c_void_p()
    status = library.ej_engine_compile_ir(None, text, len(text), byref(request), byref(pointer), byref(error))
    if status or pointer.value is None:
        raise take_error(status, error, source)
    return Kernel(pointer.value, "", _trips_of(source))


def compile_bytes(data: bytes, options: Options) -> Kernel:
    """The same of IR bytes."""
    request = CompileOptions(tier=options.tier, isa=options.isa, flags=options.flags, accuracy=options.accuracy)
    pointer, error = c_void_p(), c_void_p()
    status = library.ej_engine_compile_bytes(None, data, len(data), byref(request), byref(pointer), byref(error))
    if status or pointer.value is None:
        raise take_error(status, error, None)
    kernel = Kernel(pointer.value, "")
    kernel.trips = _trips_of(kernel.dump(1))
    return kernel


def take_bytes(encode: Callable[..., int], thing: Any, source: str | None) -> bytes:
    """What a function that makes IR bytes of something makes."""
    out, size, error = c_void_p(), c_size_t(), c_void_p()
    status = encode(thing, byref(out), byref(size), byref(error))
    if status:
        raise take_error(status, error, source)
    try:
        return ctypes.string_at(out.value or 0, size.value)
    finally:
        library.ej_bytes_free(out)


def _trips_of(ir: str) -> int:
    """Whether IR text loops. How often its loops turn, also through calls in loops, is not found out."""
    return UNBOUNDED if re.search(r"^\s*(?:%\S+ = )?(?:for|loop|call)\b", ir, re.MULTILINE) else 1


# ---- Columns ---------------------------------------------------------------------------------------------------------


def run_options(threads: int, stop: StopWord | None) -> bytes:
    """An ej_run_options."""
    return _RUN.pack(_RUN.size, 0 if stop is None else stop.address, threads, 0, 0, 0)


def pack_columns(count: int, numbers: Sequence[int]) -> bytes:
    packer = _column_packers.get(count)
    if packer is None:
        packer = _column_packers.setdefault(count, struct.Struct(_COLUMN * count))
    return packer.pack(*numbers)


class StopWord:
    """What a running kernel polls; setting it ends the run soon."""

    __slots__ = ("_word", "address")

    def __init__(self) -> None:
        self._word = c_int32(0)
        self.address = ctypes.addressof(self._word)

    def set(self) -> None:
        """Asks the run to end."""
        self._word.value = 1


class ScalarCells:
    """Memory for scalar operands of one evaluation: one 8-byte cell each, read through columns of stride 0."""

    __slots__ = ("_base", "_cells")

    def __init__(self, count: int) -> None:
        self._cells = (c_int64 * count)()
        self._base = ctypes.addressof(self._cells)

    def put(self, index: int, code: int, value: Any) -> int:
        """Stores a Python number of type `code`; returns its address, valid while this object lives."""
        if code == _dtypes.BOOL:
            value = int(value)
        _SCALAR[code].pack_into(self._cells, 8 * index, value)
        return self._base + 8 * index


def scalar_array(address: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """The scalar in a cell of ScalarCells as a zero-dimensional array, valid while the cells live."""
    memory: Any = (ctypes.c_char * dtype.itemsize).from_address(address)
    return np.ndarray((), dtype, memory)


def round_f32(value: float) -> float:
    """The nearest f32, infinity beyond its range."""
    return c_float(value).value


def interface_address(array: np.ndarray[Any, Any]) -> int:
    """The data pointer of an array as NumPy tells it."""
    address: int = array.__array_interface__["data"][0]
    return address


def _choose_address() -> Callable[[np.ndarray[Any, Any]], int]:
    """The fastest correct way to read the data pointer of an array.

    NumPy's own attributes cost a microsecond each. In CPython the pointer is the first field after the object header,
    as its C ABI fixes; that is used only after it has agreed with NumPy on several arrays.
    """
    if sys.implementation.name != "cpython":
        return interface_address
    offset = object.__basicsize__
    read = c_size_t.from_address

    def direct(array: np.ndarray[Any, Any]) -> int:
        return read(id(array) + offset).value

    base = np.arange(24.0).reshape(4, 6)
    probes = [base, base[1:, ::-2], base.T, np.float32(1).reshape(1), np.zeros(3, np.bool_), base[:0]]
    return direct if all(direct(probe) == interface_address(probe) for probe in probes) else interface_address


data_address = _choose_address()
