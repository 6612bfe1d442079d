# SPDX-License-Identifier: MIT OR Apache-2.0
"""The enumerations of the C ABI and their Python spellings."""

from __future__ import annotations

from . import errors

# `ej_status`
OK = 0
ERR_INVALID_ARGUMENT = 1
ERR_SYNTAX = 2
ERR_NAME = 3
ERR_TYPE = 4
ERR_LIMIT = 5
ERR_DIVIDE_BY_ZERO = 6
ERR_DOMAIN = 7
ERR_CANCELLED = 8
ERR_STACK = 9
ERR_UNSUPPORTED = 11
ERR_NO_MEMORY = 12

#: What a status becomes; CompileError for others.
EXCEPTIONS: dict[int, type[errors.ExprJITError]] = {
    ERR_INVALID_ARGUMENT: errors.ArgumentError,
    ERR_SYNTAX: errors.ExprSyntaxError,
    ERR_NAME: errors.ExprNameError,
    ERR_TYPE: errors.ExprTypeError,
    ERR_LIMIT: errors.LimitError,
    ERR_DIVIDE_BY_ZERO: errors.ExprZeroDivisionError,
    ERR_DOMAIN: errors.ExprDomainError,
    ERR_CANCELLED: errors.RunError,
    ERR_STACK: errors.RunError,
    ERR_UNSUPPORTED: errors.UnsupportedError,
}

TIERS = {"auto": 0, "interpreter": 1, "baseline": 2, "optimised": 3}
ISAS = {"auto": 0, "v2": 2, "v3": 3, "v4": 4}
DIVS = {"error": 0, "zero": 1}
CARETS = {"power": 0, "xor": 1, "strict": 2}
ACCURACIES = {"1ulp": 0, "fast": 1}
FLAGS = {"contract": 1, "reassoc": 2}
CACHE_KINDS = {0: None, 1: "text", 2: "canonical"}
TIER_NAMES = {code: name for name, code in TIERS.items()}
ISA_NAMES = {code: name for name, code in ISAS.items()}
