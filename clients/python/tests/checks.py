# SPDX-License-Identifier: MIT OR Apache-2.0
"""What several test files need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

import exprjit

#: The folder from which this process imported exprjit, for child processes.
PACKAGE_PARENT = Path(exprjit.__file__).resolve().parent.parent


def assert_same(actual: Any, expected: Any) -> None:
    """Equal in type, dtype, shape and bits (NaNs compare equal)."""
    assert type(actual) is type(expected), f"{type(actual)} is not {type(expected)}"
    if isinstance(expected, (np.ndarray, np.generic)):
        assert actual.dtype == expected.dtype, f"dtype {actual.dtype}, expected {expected.dtype}"
        assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
        np.testing.assert_array_equal(actual, expected)
        if actual.dtype.kind == "f":
            zeros = np.asarray(expected == 0)
            assert (np.signbit(actual) == np.signbit(expected))[zeros].all() if zeros.ndim else True, "sign of zero"
    else:
        assert actual == expected


def run_python(code: str, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that can import this exprjit."""
    prelude = f"import sys; sys.path.insert(0, {str(PACKAGE_PARENT)!r})\n"
    return subprocess.run(
        [sys.executable, "-c", prelude + code, *arguments], capture_output=True, text=True, env=env, timeout=120
    )
