# SPDX-License-Identifier: MIT OR Apache-2.0
"""The PEP 517 build backend of the Python package: packs the Python files and libexprjit into a wheel.

The library comes from, in this order: EXPRJIT_LIBRARY (a file, taken as it is); the checkout's .build/release if it
is not older than the sources; a CMake build of the checkout. Standard library only.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
# In a source distribution the C++ tree lies inside; in a checkout it is around.
ROOT = HERE / "cpp" if (HERE / "cpp" / "CMakeLists.txt").is_file() else HERE.parent.parent
SOURCES = ("CMakeLists.txt", "cmake", "include", "proto", "src", "capi")
LICENSES = ("LICENSE", "LICENSE-MIT", "LICENSE-APACHE", "NOTICE")
# Files in archives carry this date, so that the same input makes the same archive.
DATE = (2026, 1, 1, 0, 0, 0)
Settings = dict[str, Any] | None


# ---- The hooks -------------------------------------------------------------------------------------------------------


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """CMake from the package index only where neither a library nor CMake is at hand."""
    return [] if ready_library() or shutil.which("cmake") else ["cmake>=3.25"]


get_requires_for_build_editable = get_requires_for_build_wheel


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    """Nothing."""
    return []


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Settings = None) -> str:
    """Writes the .dist-info folder."""
    folder = Path(metadata_directory) / dist_info()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "METADATA").write_text(metadata(), encoding="utf-8")
    (folder / "WHEEL").write_text(wheel_file(), encoding="utf-8")
    return folder.name


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """The wheel with the library inside."""
    files = {
        f"exprjit/{path.relative_to(HERE / 'src' / 'exprjit').as_posix()}": path.read_bytes() for path in python_files()
    }
    files["exprjit/_lib/libexprjit.so.0"] = find_library().read_bytes()
    return write_wheel(Path(wheel_directory), files)


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """A wheel that points at this tree; the library is found in the checkout's build folder."""
    find_library()
    return write_wheel(Path(wheel_directory), {"_exprjit_editable.pth": f"{HERE / 'src'}\n".encode()})


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """The Python files and the C++ tree the library is built from."""
    name = f"exprjit-{version()}"
    members = {
        path.relative_to(HERE).as_posix(): path
        for folder in ("src", "backend", "tests")
        for path in walk(HERE / folder)
    }
    members |= {file: HERE / file for file in ("pyproject.toml", "README.md")}
    for source in (*SOURCES, *LICENSES):
        path = ROOT / source
        if path.exists():
            members |= {f"cpp/{found.relative_to(ROOT).as_posix()}": found for found in walk(path)}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member, path in sorted(members.items()):
            add_to_tar(archive, f"{name}/{member}", path.read_bytes(), path.stat().st_mode & 0o777)
        add_to_tar(archive, f"{name}/PKG-INFO", metadata().encode(), 0o644)
    target = Path(sdist_directory) / f"{name}.tar.gz"
    target.write_bytes(gzip.compress(buffer.getvalue(), mtime=0))
    return target.name


# ---- The library -----------------------------------------------------------------------------------------------------


def ready_library() -> Path | None:
    """A library that can be packed as it is, or None."""
    chosen = os.environ.get("EXPRJIT_LIBRARY")
    if chosen:
        path = Path(chosen)
        if not path.is_file():
            fail(f"EXPRJIT_LIBRARY names {chosen}, which is not a file. Correct it, or unset it to build the library.")
        return path
    built = ROOT / ".build" / "release" / "lib" / "libexprjit.so"
    if not built.is_file():
        return None
    newest = max(path.stat().st_mtime for source in SOURCES for path in walk(ROOT / source))
    return built if built.stat().st_mtime >= newest else None


def find_library() -> Path:
    """The library to pack, built if need be."""
    return ready_library() or build_library()


def build_library() -> Path:
    """Builds the C++ tree with CMake, next to the checkout's other builds where that is allowed."""
    if not (ROOT / "CMakeLists.txt").is_file():
        fail(
            f"the C++ sources are not in {ROOT}. Build from a source checkout or a source distribution, or set "
            "EXPRJIT_LIBRARY to the full path of a libexprjit.so."
        )
    cmake = shutil.which("cmake")
    if cmake is None:
        fail(
            "cmake is not installed, and there is no library built before. Install cmake and g++, or run './dev build' "
            "in the checkout first."
        )
    folder = ROOT / ".build" / "python"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        folder = Path(tempfile.mkdtemp(prefix="exprjit-build-"))
    asmjit = os.environ.get("EXPRJIT_ASMJIT_DIR")
    if not asmjit and not (ROOT / ".deps" / "asmjit").exists():
        fail(
            f"asmjit, which the library is built with, is not in {ROOT / '.deps' / 'asmjit'}. Run './dev build' in the "
            "checkout first: it fetches it. Or set EXPRJIT_ASMJIT_DIR to a copy of its sources."
        )
    configure = [
        cmake,
        "-S",
        str(ROOT),
        "-B",
        str(folder),
        "-DCMAKE_BUILD_TYPE=Release",
        "-DEXPRJIT_BUILD_TESTS=OFF",
        "-DEXPRJIT_BUILD_TOOLS=OFF",
        "-DEXPRJIT_BUILD_EXAMPLES=OFF",
    ]
    if asmjit:
        configure.append(f"-DEXPRJIT_ASMJIT_DIR={asmjit}")
    if shutil.which("ninja") and not (folder / "CMakeCache.txt").exists():
        configure += ["-G", "Ninja"]
    run(configure)
    run([cmake, "--build", str(folder), "--target", "exprjit", "--parallel", str(len(os.sched_getaffinity(0)))])
    built = folder / "lib" / "libexprjit.so"
    if not built.is_file():
        fail(f"the build ended well, but {built} is not there. Please report this.")
    return built


def run(command: list[str]) -> None:
    """Runs a step of the build; shows the end of its output when it fails."""
    print(" ".join(command), flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode:
        fail(
            "\n".join(
                [
                    *done.stdout.splitlines()[-30:],
                    f"building libexprjit failed: {' '.join(command)}",
                    "Run './dev build' in the checkout first; it installs what is missing and says what is wrong.",
                ]
            )
        )


def fail(message: str) -> Any:
    """Ends the build with a message and no traceback."""
    print(f"\nexprjit: {message}", file=sys.stderr, flush=True)
    sys.exit(1)


# ---- Files -----------------------------------------------------------------------------------------------------------


def walk(path: Path) -> Iterator[Path]:
    """The files under a path (or the file itself), without caches."""
    if path.is_file():
        yield path
    elif path.is_dir():
        for found in sorted(path.rglob("*")):
            if found.is_file() and "__pycache__" not in found.parts and ".pytest_cache" not in found.parts:
                yield found


def python_files() -> Iterator[Path]:
    """The files of the package."""
    for path in walk(HERE / "src" / "exprjit"):
        if path.suffix in (".py", ".typed") or path.name == "py.typed":
            yield path


def project() -> dict[str, Any]:
    """The [project] table."""
    return tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def version() -> str:
    """The version, from its one place."""
    text = (HERE / "src" / "exprjit" / "_version.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    return found.group(1) if found else fail("there is no version in src/exprjit/_version.py")


def dist_info() -> str:
    """The name of the .dist-info folder."""
    return f"exprjit-{version()}.dist-info"


def metadata() -> str:
    """The METADATA file."""
    table = project()
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {table['name']}",
        f"Version: {version()}",
        f"Summary: {table['description']}",
        f"License: {table['license']}",
        f"Keywords: {','.join(table['keywords'])}",
    ]
    lines += [f"Classifier: {classifier}" for classifier in table["classifiers"]]
    lines.append(f"Requires-Python: {table['requires-python']}")
    lines += [f"Requires-Dist: {dependency}" for dependency in table["dependencies"]]
    for extra, dependencies in table.get("optional-dependencies", {}).items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f'Requires-Dist: {dependency}; extra == "{extra}"' for dependency in dependencies]
    lines += ["Description-Content-Type: text/markdown", "", (HERE / table["readme"]).read_text(encoding="utf-8")]
    return "\n".join(lines)


def tag() -> str:
    """One wheel for every Python 3: the library is loaded at run time and knows nothing of Python."""
    return f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def wheel_file() -> str:
    """The WHEEL file."""
    return f"Wheel-Version: 1.0\nGenerator: exprjit_build {version()}\nRoot-Is-Purelib: false\nTag: {tag()}\n"


def write_wheel(directory: Path, files: dict[str, bytes]) -> str:
    """Writes a wheel with these files, the metadata and the record."""
    info = dist_info()
    files = {**files, f"{info}/METADATA": metadata().encode(), f"{info}/WHEEL": wheel_file().encode()}
    for name in LICENSES:
        if (ROOT / name).is_file():
            files[f"{info}/licenses/{name}"] = (ROOT / name).read_bytes()
    record = [f"{name},sha256={digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = ("\n".join([*record, f"{info}/RECORD,,"]) + "\n").encode()
    target = directory / f"exprjit-{version()}-{tag()}.whl"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if name.endswith(".so.0") else 0o100644) << 16
            archive.writestr(entry, content)
    return target.name


def digest(content: bytes) -> str:
    """The form of a SHA-256 that wheels use."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def add_to_tar(archive: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    """One file of a source distribution, without owner and date of this machine."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), mode, 1767225600
    archive.addfile(entry, io.BytesIO(content))
