# SPDX-License-Identifier: MIT OR Apache-2.0
"""The version of the Python package; the build backend reads it from here."""

__version__ = "0.1.0"
