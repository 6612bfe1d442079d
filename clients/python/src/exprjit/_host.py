# SPDX-License-Identifier: MIT OR Apache-2.0
"""What keeps functions of one's own alive: kernels may call them for as long as they exist.

Every kernel made of a text holds the table of the functions that were in the language then. A function that was
replaced or removed goes with the last kernel that could call it. (Definitions call whatever has the name when they are
compiled.)
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

#: What the C functions in the language need, by their names; never changed, only replaced.
table: Mapping[str, Any] = {}
_lock = Lock()
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def change(name: str, kept: Any, call: Callable[[], None]) -> None:
    """Makes `call` change the meaning of a name in the library, to a C function that needs `kept`, or none for None."""
    global table
    with _lock:
        before = table
        after = {key: value for key, value in before.items() if key != name}
        if kept is not None:
            after[name] = kept
        # A text compiled right now may get the old or the new one.
        table = {**before, name: (before.get(name), kept)}
        try:
            call()
        except BaseException:
            table = before
            raise
        table = after


def define(text: str, call: Callable[[], None]) -> None:
    """The same for a definition, which may replace a C function."""
    found = re.match(r"\s*`?(\w+)", text)
    change(found[1] if found else "", None, call)
