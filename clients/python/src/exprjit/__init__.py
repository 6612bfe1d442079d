# SPDX-License-Identifier: MIT OR Apache-2.0
"""exprjit: expressions to native code in microseconds.

>>> import exprjit as ej
>>> ej.jit("a * b + c")(3, 4, 5)
17
>>> ej.evaluate("sqrt(x*x + y*y)", x=3.0, y=4.0)
np.float64(5.0)
>>> ej.compile("a*b + c", a="f8", b="f8", c="f8").signature
'(a: f64, b: f64, c: f64) -> f64'
"""

from typing import Any

from ._param import Param
from ._version import __version__
from .errors import (
    ArgumentError,
    CompileError,
    Diagnostic,
    ExprDomainError,
    ExprJITError,
    ExprNameError,
    ExprShapeError,
    ExprSyntaxError,
    ExprTypeError,
    ExprZeroDivisionError,
    LimitError,
    RunError,
    UnsupportedError,
)

# Without its library exprjit can still talk to a server: exprjit.remote and the exceptions work. Whoever asks for
# anything else gets the ImportError then, with every place that was tried.
_load_failure: ImportError | None = None
try:
    from ._arrow import ArrowBatch, ArrowColumn
    from ._builder import Builder
    from ._builder_nodes import Node
    from ._config import FunctionInfo, clear_cache, functions, pass_names, show_config, stats
    from ._definitions import add_function, define, remove_function
    from ._evaluate import evaluate
    from ._function import Function, compile, compile_bytes
    from ._jit import JitFunction, jit
    from ._running import get_num_threads, set_num_threads
except ModuleNotFoundError:
    raise
except ImportError as _failure:
    _load_failure = _failure.with_traceback(None)

__all__ = [
    "ArgumentError",
    "ArrowBatch",
    "ArrowColumn",
    "Builder",
    "CompileError",
    "Diagnostic",
    "ExprDomainError",
    "ExprJITError",
    "ExprNameError",
    "ExprShapeError",
    "ExprSyntaxError",
    "ExprTypeError",
    "ExprZeroDivisionError",
    "Function",
    "FunctionInfo",
    "JitFunction",
    "LimitError",
    "Node",
    "Param",
    "RunError",
    "UnsupportedError",
    "__version__",
    "add_function",
    "clear_cache",
    "compile",
    "compile_bytes",
    "define",
    "evaluate",
    "functions",
    "get_num_threads",
    "jit",
    "pass_names",
    "remove_function",
    "set_num_threads",
    "show_config",
    "stats",
]

# Tracebacks and pickles show the public name.
for _public in list(globals().values()):
    if isinstance(_public, type) and _public.__module__.startswith("exprjit."):
        _public.__module__ = "exprjit"
del _public


def __getattr__(name: str) -> Any:
    if _load_failure is not None and (name in __all__ or name == "_ffi"):
        raise ImportError(*_load_failure.args)
    raise AttributeError(f"module 'exprjit' has no attribute {name!r}")
