#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes clients/python/src/exprjit/remote/_schema.py, the service's messages as the Python client knows them.

Run it after a change of exprjit.proto; needs protoc. `--check` writes nothing and fails if the file is out of date.
"""

from __future__ import annotations

import base64
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
TARGET = FOLDER.parent / "clients" / "python" / "src" / "exprjit" / "remote" / "_schema.py"
HEAD = '''# SPDX-License-Identifier: MIT OR Apache-2.0
"""Made by proto/python_schema.py from proto/exprjit.proto: its FileDescriptorProto, serialized. Not for editing."""

# Generated message classes are tied to one major version of protobuf; a descriptor is understood by all of them.
SCHEMA = """
'''


def main() -> int:
    """Makes the file, or compares it."""
    with tempfile.NamedTemporaryFile(suffix=".pb") as descriptor:
        subprocess.run(
            ["protoc", f"--proto_path={FOLDER}", f"--descriptor_set_out={descriptor.name}", "exprjit.proto"], check=True
        )
        raw = Path(descriptor.name).read_bytes()
    # A FileDescriptorSet of one file: the field's tag, its length as a varint, and the file.
    begin = 1
    while raw[begin] & 0x80:
        begin += 1
    encoded = "\n".join(textwrap.wrap(base64.b64encode(raw[begin + 1 :]).decode(), 116))
    text = f'{HEAD}{encoded}\n"""\n'
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET} is not made from exprjit.proto as it is: run {Path(__file__).name}", file=sys.stderr)
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
