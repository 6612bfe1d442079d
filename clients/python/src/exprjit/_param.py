# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a function takes and gives, as users see it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from . import _dtypes

_CODES = {name: code for code, name in _dtypes.NAMES.items()}


class Param(NamedTuple):
    """A parameter or an output of a compiled function."""

    name: str  #: "" for the output of a final expression
    type: str  #: "bool", "i32", "i64", "f32", "f64", or a storage type such as "u8"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of that type."""
        return _dtypes.NUMPY[_CODES[self.type]]
