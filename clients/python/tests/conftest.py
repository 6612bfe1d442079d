# SPDX-License-Identifier: MIT OR Apache-2.0
"""The tests run against the installed package, or against src beside them when none is installed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("exprjit") is None:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
