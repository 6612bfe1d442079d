# SPDX-License-Identifier: MIT OR Apache-2.0
"""The only file that touches ctypes: loads libexprjit, declares its functions, and wraps them in Python values.

ctypes releases the GIL around every call made here except plain entries of small kernels, which return in nanoseconds.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Callable, Sequence
from ctypes import POINTER, byref, c_char_p, c_double, c_float, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, NamedTuple

import numpy as np

from . import _codes, _dtypes, _locate, errors

ABI_VERSION = 0

# fmt: off
# ---- Structures, as in exprjit.h -------------------------------------------------------------------------------------


class _Sized(ctypes.Structure):
    """A struct that begins with its own size."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(struct_size=ctypes.sizeof(self), **fields)


def _fields(struct: type[ctypes.Structure]) -> list[str]:
    """The names of a sized struct's fields, without its size and padding."""
    return [field[0] for field in struct._fields_ if field[0] not in ("struct_size", "reserved")]


class _Param(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("type", c_int32), ("reserved", c_int32)]


class _CompileOptions(_Sized):
    _fields_ = [
        ("struct_size", c_size_t), ("params", POINTER(_Param)), ("param_count", c_size_t),
        ("params_declared", c_int32), ("result_type", c_int32), ("div_mode", c_int32), ("caret", c_int32),
        ("tier", c_int32), ("isa", c_int32), ("flags", c_uint32), ("reserved", c_int32), ("source_name", c_char_p),
    ]


class _Diagnostic(_Sized):
    _fields_ = [
        ("struct_size", c_size_t), ("code", c_int32), ("status", c_int32), ("message", c_char_p), ("hint", c_char_p),
        ("begin", c_size_t), ("end", c_size_t), ("line", c_int32), ("column", c_int32),
    ]


class _EngineStats(_Sized):
    _fields_ = [
        ("struct_size", c_size_t), ("compiles", c_uint64), ("text_hits", c_uint64), ("canonical_hits", c_uint64),
        ("misses", c_uint64), ("evictions", c_uint64), ("entries", c_uint64), ("cache_bytes", c_uint64),
        ("code_bytes", c_uint64), ("arena_bytes", c_uint64), ("isa", c_int32), ("jit", c_int32),
    ]


class _KernelInfo(_Sized):
    _fields_ = [
        ("struct_size", c_size_t), ("tier", c_int32), ("isa", c_int32), ("needs_context", c_int32),
        ("cache_hit", c_int32), ("nodes", c_uint64), ("code_bytes", c_uint64), ("memory_bytes", c_uint64),
        ("spills", c_uint64),
    ]


class _Timings(_Sized):
    _fields_ = [("struct_size", c_size_t)] + [
        (name, c_uint64)
        for name in ("total", "parse", "verify", "key", "optimise", "uses", "allocate", "emit", "install")
    ]


class _FunctionInfo(_Sized):
    _fields_ = [
        ("struct_size", c_size_t), ("name", c_char_p), ("aliases", c_char_p), ("parameters", c_char_p),
        ("category", c_char_p), ("summary", c_char_p), ("min_args", c_int32), ("max_args", c_int32),
        ("is_constant", c_int32), ("reserved", c_int32),
    ]
# fmt: on


# ---- Loading ---------------------------------------------------------------------------------------------------------

# name: (result, arguments). void* is used wherever bytes or addresses are passed, because ctypes takes both for it.
_PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "ej_version": (c_char_p, []),
    "ej_abi_version": (c_int32, []),
    "ej_status_name": (c_char_p, [c_int32]),
    "ej_engine_compile_n": (
        c_int32,
        [c_void_p, c_char_p, c_size_t, POINTER(_CompileOptions), POINTER(c_void_p), POINTER(c_void_p)],
    ),
    "ej_kernel_call": (c_int32, [c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p]),
    "ej_kernel_eval": (c_int32, [c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_int64, c_void_p]),
    "ej_kernel_release": (None, [c_void_p]),
    "ej_kernel_param_count": (c_size_t, [c_void_p]),
    "ej_kernel_output_count": (c_size_t, [c_void_p]),
    "ej_kernel_get_param": (c_int32, [c_void_p, c_size_t, POINTER(_Param)]),
    "ej_kernel_get_output": (c_int32, [c_void_p, c_size_t, POINTER(_Param)]),
    "ej_kernel_signature": (c_char_p, [c_void_p]),
    "ej_kernel_get_info": (c_int32, [c_void_p, POINTER(_KernelInfo)]),
    "ej_kernel_get_timings": (c_int32, [c_void_p, POINTER(_Timings)]),
    "ej_kernel_get_entry": (c_int32, [c_void_p, POINTER(c_void_p)]),
    "ej_kernel_dump": (c_int32, [c_void_p, c_int32, c_char_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "ej_string_free": (None, [c_void_p]),
    "ej_error_message": (c_char_p, [c_void_p]),
    "ej_error_render": (c_char_p, [c_void_p]),
    "ej_error_destroy": (None, [c_void_p]),
    "ej_error_count": (c_size_t, [c_void_p]),
    "ej_error_get": (c_int32, [c_void_p, c_size_t, POINTER(_Diagnostic)]),
    "ej_error_row": (c_int64, [c_void_p]),
    "ej_engine_clear_cache": (None, [c_void_p]),
    "ej_engine_get_stats": (c_int32, [c_void_p, POINTER(_EngineStats)]),
    "ej_pass_name": (c_char_p, [c_size_t]),
    "ej_cpu_isa": (c_int32, []),
    "ej_cpu_name": (c_char_p, []),
    "ej_function_count": (c_size_t, []),
    "ej_function_get": (c_int32, [c_size_t, POINTER(_FunctionInfo)]),
}


def _load() -> tuple[ctypes.CDLL, str]:
    """The first candidate that loads, with its ABI checked. ImportError lists everything that was tried."""
    tried = []
    for candidate in _locate.candidates():
        try:
            library = ctypes.CDLL(candidate.target)
        except OSError as problem:
            # dlopen begins its message with the path that is printed anyway.
            tried.append((candidate, str(problem).removeprefix(f"{candidate.target}: ")))
            continue
        try:
            for name, (result, arguments) in _PROTOTYPES.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
        except AttributeError as problem:
            raise ImportError(
                f"{candidate.target} ({candidate.reason}) is not a libexprjit this package can use: {problem}. "
                "Install the library and the Python package from the same version."
            ) from None
        found = library.ej_abi_version()
        if found != ABI_VERSION:
            raise ImportError(
                f"this exprjit package needs libexprjit ABI {ABI_VERSION}, found ABI {found} "
                f"(version {library.ej_version().decode()}) at {candidate.target} ({candidate.reason}). "
                "Install the library and the Python package from the same version."
            )
        return library, candidate.target
    raise ImportError(_locate.not_found_message(tried))


_library, library_path = _load()
library_version: str = _library.ej_version().decode()


# ---- Errors ----------------------------------------------------------------------------------------------------------


def _text(raw: bytes | None) -> str:
    return raw.decode("utf-8", "replace") if raw else ""


def _take_error(status: int, error: c_void_p, source: str | None) -> BaseException:
    """The exception for a failed call; reads and frees the ej_error."""
    if not error.value:
        diagnostics = [errors.Diagnostic("", status_name(status), status_name(status), "", None, 0, 0)]
        rendered, row = "", -1
    else:
        raw = source.encode("utf-8", "surrogatepass") if source is not None else b""
        diagnostics = [_diagnostic(error, index, raw) for index in range(_library.ej_error_count(error))]
        rendered, row = _text(_library.ej_error_render(error)), _library.ej_error_row(error)
        _library.ej_error_destroy(error)
    if status == _codes.ERR_NO_MEMORY:
        return MemoryError(diagnostics[0].message)
    cls = _codes.EXCEPTIONS.get(status, errors.CompileError)
    return errors.build(cls, diagnostics, source, rendered, row)


def _diagnostic(error: c_void_p, index: int, source: bytes) -> errors.Diagnostic:
    found = _Diagnostic()
    _library.ej_error_get(error, index, byref(found))
    span = None
    if found.line > 0 and source:
        # The library counts bytes; Python counts characters.
        begin = len(source[: found.begin].decode("utf-8", "replace"))
        span = begin, begin + len(source[found.begin : found.end].decode("utf-8", "replace"))
    code = f"EJ{found.code:04d}" if found.code else ""
    return errors.Diagnostic(
        code, status_name(found.status), _text(found.message), _text(found.hint), span, found.line, found.column
    )


def status_name(status: int) -> str:
    return _text(_library.ej_status_name(status))


# ---- Kernels ---------------------------------------------------------------------------------------------------------


class Options(NamedTuple):
    """Compile options, in the library's codes. Hashable, so that it can be part of a cache key."""

    div: int = 0
    caret: int = 0
    tier: int = 0
    isa: int = 0
    flags: int = 0


class Value(NamedTuple):
    """A parameter or an output."""

    name: str
    code: int


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
# One ej_column: data, stride, dtype, reserved, validity, validity_offset.
_COLUMN = "PqiiPq"
_column_packers: dict[int, struct.Struct] = {}

_compile, _release, _call, _eval = (
    _library.ej_engine_compile_n,
    _library.ej_kernel_release,
    _library.ej_kernel_call,
    _library.ej_kernel_eval,
)


class Kernel:
    """One reference to an ej_kernel. Immutable and callable from any number of threads."""

    __slots__ = ("_outs_size", "_pack", "_pointer", "codes", "info", "outputs", "params", "source")

    def __init__(self, pointer: int, source: str) -> None:
        self._pointer = pointer
        self.source = source
        self.params = _values(pointer, _library.ej_kernel_param_count, _library.ej_kernel_get_param)
        self.outputs = _values(pointer, _library.ej_kernel_output_count, _library.ej_kernel_get_output)
        self.info = _KernelInfo()
        _library.ej_kernel_get_info(pointer, byref(self.info))
        self.codes = tuple(_dtypes.WIDE[param.code] for param in self.params)
        self._pack = struct.Struct("".join(_VALUE_FORMAT[code] for code in self.codes)).pack
        self._outs_size = 16 * len(self.outputs)

    def __del__(
        self, _release: Callable[[int], None] = _release, _finalizing: Callable[[], bool] = sys.is_finalizing
    ) -> None:
        # At interpreter exit the process gives everything back anyway, and nothing may be called safely any more. The
        # defaults keep both functions alive when module globals are already gone.
        pointer, self._pointer = self._pointer, 0
        if pointer and not _finalizing():
            _release(pointer)

    @property
    def needs_context(self) -> bool:
        """True when running can fail, so that no plain entry exists."""
        return bool(self.info.needs_context)

    def signature(self) -> str:
        """One line such as "(a: f64, b: f64) -> f64"."""
        return _text(_library.ej_kernel_signature(self._pointer))

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
            raise _take_error(status, error, self.source)
        return [_PAYLOAD[output.code].unpack_from(outs, 16 * i)[0] for i, output in enumerate(self.outputs)]

    def eval(self, inputs: Sequence[int], outputs: Sequence[int], rows: int) -> None:
        """Evaluates columns. Each column is six numbers in the order of ej_column, flattened."""
        n_in, n_out = len(inputs) // 6, len(outputs) // 6
        error = c_void_p()
        status = _eval(
            self._pointer, _pack_columns(n_in, inputs), n_in, _pack_columns(n_out, outputs), n_out, rows, byref(error)
        )
        if status:
            raise _take_error(status, error, self.source)

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
        return found.value if _library.ej_kernel_get_entry(self._pointer, byref(found)) == _codes.OK else None

    def dump(self, what: int, pass_name: str | None = None) -> str:
        """A listing: 1 IR, 2 after a pass (all passes for None), 3 assembly."""
        out, error = c_void_p(), c_void_p()
        name = pass_name.encode() if pass_name is not None else None
        status = _library.ej_kernel_dump(self._pointer, what, name, byref(out), byref(error))
        if status:
            raise _take_error(status, error, self.source)
        try:
            return _text(ctypes.string_at(out.value or 0))
        finally:
            _library.ej_string_free(out)

    def timings(self) -> dict[str, int]:
        """Nanoseconds per phase of the compilation."""
        times = _Timings()
        _library.ej_kernel_get_timings(self._pointer, byref(times))
        return {name: getattr(times, name) for name in _fields(_Timings)}


def _values(pointer: int, count: Callable[..., int], get: Callable[..., int]) -> tuple[Value, ...]:
    found, item = [], _Param()
    for index in range(count(pointer)):
        get(pointer, index, byref(item))
        found.append(Value(_text(item.name), item.type))
    return tuple(found)


def compile_text(source: str, params: Sequence[tuple[str, int]], options: Options, exact: bool = True) -> Kernel:
    """Compiles `source` with these parameters; unless `exact`, further variables become f64 parameters after them, in
    order of first use. Raises the classes of exprjit.errors."""
    request = _CompileOptions(
        div_mode=options.div,
        caret=options.caret,
        tier=options.tier,
        isa=options.isa,
        flags=options.flags,
        params_declared=exact,
    )
    if params:
        declared = (_Param * len(params))()
        for slot, (name, code) in zip(declared, params, strict=True):
            if "\0" in name:
                raise ValueError(f"the variable name {name!r} contains a NUL character")
            slot.name, slot.type = name.encode("utf-8", "surrogatepass"), code
        request.params, request.param_count = declared, len(params)
    text = source.encode("utf-8", "surrogatepass")
    pointer, error = c_void_p(), c_void_p()
    status = _compile(None, text, len(text), byref(request), byref(pointer), byref(error))
    if status or pointer.value is None:
        raise _take_error(status, error, source)
    return Kernel(pointer.value, source)


# ---- Columns ---------------------------------------------------------------------------------------------------------


def _pack_columns(count: int, numbers: Sequence[int]) -> bytes:
    packer = _column_packers.get(count)
    if packer is None:
        packer = _column_packers.setdefault(count, struct.Struct(_COLUMN * count))
    return packer.pack(*numbers)


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


def round_f32(value: float) -> float:
    """The nearest f32, infinity beyond its range."""
    return c_float(value).value


def _interface_address(array: np.ndarray[Any, Any]) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _choose_address() -> Callable[[np.ndarray[Any, Any]], int]:
    """The fastest correct way to read the data pointer of an array.

    NumPy's own attributes cost a microsecond each. In CPython the pointer is the first field after the object header,
    as its C ABI fixes; that is used only after it has agreed with NumPy on several arrays.
    """
    if sys.implementation.name != "cpython":
        return _interface_address
    offset = object.__basicsize__
    read = c_size_t.from_address

    def direct(array: np.ndarray[Any, Any]) -> int:
        return read(id(array) + offset).value

    base = np.arange(24.0).reshape(4, 6)
    probes = [base, base[1:, ::-2], base.T, np.float32(1).reshape(1), np.zeros(3, np.bool_), base[:0]]
    return direct if all(direct(probe) == _interface_address(probe) for probe in probes) else _interface_address


data_address = _choose_address()


# ---- The library about itself ----------------------------------------------------------------------------------------


def functions() -> list[dict[str, Any]]:
    """Every function and constant of the language."""
    found, item = [], _FunctionInfo()
    for index in range(_library.ej_function_count()):
        item.struct_size = ctypes.sizeof(item)
        _library.ej_function_get(index, byref(item))
        found.append(
            {
                name: _text(value) if isinstance(value := getattr(item, name), bytes) else value
                for name in _fields(_FunctionInfo)
            }
        )
    return found


def pass_names() -> list[str]:
    """The optimiser's passes in order."""
    names: list[str] = []
    while (name := _library.ej_pass_name(len(names))) is not None:
        names.append(_text(name))
    return names


def stats() -> dict[str, int]:
    """Counters of the default engine."""
    found = _EngineStats()
    _library.ej_engine_get_stats(None, byref(found))
    return {name: getattr(found, name) for name in _fields(_EngineStats)}


def cpu() -> tuple[str, str]:
    """The CPU's name and its best level ("v3"; "none" below v2)."""
    level = _library.ej_cpu_isa()
    return _text(_library.ej_cpu_name()), _codes.ISA_NAMES[level] if level else "none"


def clear_cache() -> None:
    """Drops the default engine's cached kernels."""
    _library.ej_engine_clear_cache(None)
