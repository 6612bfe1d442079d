# SPDX-License-Identifier: MIT OR Apache-2.0
"""The tests run against the installed package, or against src beside them when none is installed."""

from __future__ import annotations

import importlib.util
import signal
import sys
from pathlib import Path

# Whoever runs the tests in the background may ignore Ctrl-C, and then Python does.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

if importlib.util.find_spec("exprjit") is None:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
