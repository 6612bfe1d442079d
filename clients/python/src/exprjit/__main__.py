# SPDX-License-Identifier: MIT OR Apache-2.0
"""`python -m exprjit -s`: what is installed, for bug reports."""

from __future__ import annotations

import argparse
import os
import sys

from . import __version__, functions, show_config


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m exprjit", description="Information about the installed exprjit.")
    parser.add_argument("-s", "--sysinfo", action="store_true", help="versions, CPU, engine and environment")
    parser.add_argument("--functions", action="store_true", help="the functions and constants of the language")
    parser.add_argument("--version", action="version", version=__version__)
    options = parser.parse_args(arguments)
    if not options.sysinfo and not options.functions:
        parser.print_help(sys.stderr)
        return 2
    if options.sysinfo:
        show_config()
    if options.functions:
        for function in functions():
            print(function)
    return 0


if __name__ == "__main__":
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`| head`) has gone; without this the interpreter complains when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)
