# SPDX-License-Identifier: MIT OR Apache-2.0
"""Loading the library, introspection, the module's command line, building the package."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import pytest
from checks import PACKAGE_PARENT, run_python

import exprjit as ej
from exprjit import _abi, _ffi, _locate

CLIENT = Path(__file__).resolve().parent.parent


def test_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", ej.__version__)
    assert ej.__version__ == _ffi.library_version


def test_public_names_are_documented() -> None:
    for name in ej.__all__:
        value = getattr(ej, name)
        if name != "__version__":
            assert inspect.getdoc(value), name
    assert (Path(ej.__file__).parent / "py.typed").exists()


def test_ctypes_is_in_few_files() -> None:
    package = Path(ej.__file__).parent
    users = [
        path.name for path in package.glob("*.py") if "ctypes" in re.sub(r'"""[\s\S]*?"""|#.*', "", path.read_text())
    ]
    abi = {"_abi.py", "_arrow_abi.py", "_builder_abi.py", "_c_signature.py", "_engine.py"}
    assert set(users) <= {"_ffi.py", "_prepared.py", "_ufunc.py", *abi}


def test_functions() -> None:
    found = {function.name: function for function in ej.functions()}
    assert {"sqrt", "atan2", "clamp", "erf", "pi"} <= set(found)
    assert found["pi"].is_constant and not found["sqrt"].is_constant
    assert (found["atan2"].min_args, found["atan2"].max_args) == (2, 2) and "arctan2" in found["atan2"].aliases
    assert found["min"].max_args == -1
    for function in found.values():
        assert function.summary and function.category and function.name in str(function)


def test_every_function_can_be_called() -> None:
    for function in ej.functions():
        if function.is_constant:
            assert isinstance(ej.jit(function.name)(), (int, float, bool)), function.name
            continue
        count = max(function.min_args, 1)
        text = f"{function.name}({', '.join('abcdef'[:count])})"
        results = []
        for value in (0.5, 1, True):
            try:
                results.append(ej.jit(text)(*[value] * count))
            except ej.ExprTypeError:
                continue
        assert results, f"{text} takes neither float nor int nor bool"


def test_show_config(capsys: pytest.CaptureFixture[str]) -> None:
    assert ej.show_config() is None
    printed = capsys.readouterr().out
    config = ej.show_config("dicts")
    assert config is not None
    assert ej.__version__ in printed and _ffi.library_path in printed and config["cpu"]["name"] in printed
    assert config["exprjit"]["ABI"] == 0 and config["engine"]["level in use"] in ("v2", "v3", "v4", "auto")
    with pytest.raises(ValueError, match="dicts"):
        ej.show_config("json")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [(["-s"], 0, "library path"), (["--version"], 0, ej.__version__), (["--functions"], 0, "atan2(y, x)"), ([], 2, "")],
)
def test_command_line(arguments: list[str], status: int, words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "exprjit", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGE_PARENT)},
    )
    assert done.returncode == status and words in done.stdout
    assert status == 0 or "usage" in done.stderr


# ---- Finding the library ---------------------------------------------------------------------------------------------


def test_a_wrong_path_in_the_environment_is_told(tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere.so")
    done = run_python("import exprjit; exprjit.jit", env={**os.environ, "EXPRJIT_LIBRARY": missing})
    assert done.returncode == 1 and "ImportError" in done.stderr and missing in done.stderr
    assert "EXPRJIT_LIBRARY is set" in done.stderr


def test_another_library_in_the_environment_is_told() -> None:
    done = run_python("import exprjit; exprjit.jit", env={**os.environ, "EXPRJIT_LIBRARY": "libm.so.6"})
    assert "ImportError" in done.stderr and "libm.so.6" in done.stderr and "same version" in done.stderr


@pytest.fixture
def bare_copy(tmp_path: Path) -> Path:
    """The Python files alone, without a library and outside a checkout."""
    target = tmp_path / "with a space" / "exprjit"
    shutil.copytree(Path(ej.__file__).parent, target, ignore=shutil.ignore_patterns("_lib", "__pycache__"))
    return target


def import_copy(copy: Path, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("EXPRJIT_LIBRARY", "PYTHONPATH")}
    return subprocess.run(
        [sys.executable, "-c", "import exprjit; print(exprjit._ffi.library_path)"],
        capture_output=True,
        text=True,
        cwd=copy.parent,
        env={**clean, **env},
    )


def test_the_error_lists_every_place(bare_copy: Path) -> None:
    done = import_copy(bare_copy)
    if done.returncode == 0:
        pytest.skip("a system-wide libexprjit is installed")
    assert str(bare_copy / "_lib" / _locate.SONAME) in done.stderr and "system library path" in done.stderr
    assert "./dev build" in done.stderr and "EXPRJIT_LIBRARY" in done.stderr


def test_places_are_tried_in_order(bare_copy: Path) -> None:
    library = Path(_ffi.library_path)
    if not library.is_absolute():
        pytest.skip("the library under test came from the system's path")
    # A checkout around the package.
    root = bare_copy.parent / "checkout"
    package = root / "clients" / "python" / "src" / "exprjit"
    shutil.copytree(bare_copy, package)
    (root / "include" / "exprjit").mkdir(parents=True)
    (root / "include" / "exprjit" / "exprjit.h").touch()
    built = root / ".build" / "release" / "lib" / "libexprjit.so"
    built.parent.mkdir(parents=True)
    shutil.copy(library, built)
    assert import_copy(package).stdout.strip() == str(built)
    packed = package / "_lib" / _locate.SONAME
    packed.parent.mkdir()
    shutil.copy(library, packed)
    assert import_copy(package).stdout.strip() == str(packed)
    assert import_copy(package, EXPRJIT_LIBRARY=str(library)).stdout.strip() == str(library)


def test_a_library_of_another_abi_is_refused(bare_copy: Path, tmp_path: Path) -> None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    names = [name for name in _abi._PROTOTYPES if name not in ("ej_abi_version", "ej_version")]
    source = tmp_path / "other.c"
    source.write_text(
        'int ej_abi_version(void) { return 99; }\nconst char *ej_version(void) { return "9.9.9"; }\n'
        + "".join(f"int {name}(void) {{ return 0; }}\n" for name in names)
    )
    other = tmp_path / "libother.so"
    subprocess.run([compiler, "-w", "-shared", "-fPIC", "-o", str(other), str(source)], check=True)
    done = import_copy(bare_copy, EXPRJIT_LIBRARY=str(other))
    assert "needs libexprjit ABI 0, found ABI 99 (version 9.9.9)" in done.stderr and str(other) in done.stderr


# ---- Building --------------------------------------------------------------------------------------------------------


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    if not (CLIENT / "backend").is_dir():
        pytest.skip("not a source tree")
    monkeypatch.syspath_prepend(str(CLIENT / "backend"))
    return import_module("exprjit_build")


def test_wheel(backend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    library = tmp_path / "some lib.so"
    library.write_bytes(b"the library")
    monkeypatch.setenv("EXPRJIT_LIBRARY", str(library))
    assert backend.get_requires_for_build_wheel() == []
    name = backend.build_wheel(str(tmp_path))
    assert re.fullmatch(rf"exprjit-{re.escape(ej.__version__)}-py3-none-linux_\w+\.whl", name)
    with zipfile.ZipFile(tmp_path / name) as wheel:
        names = wheel.namelist()
        assert wheel.read("exprjit/_lib/libexprjit.so.0") == b"the library"
        assert "exprjit/py.typed" in names and not any("__pycache__" in entry for entry in names)
        metadata = wheel.read(f"exprjit-{ej.__version__}.dist-info/METADATA").decode()
        record = wheel.read(f"exprjit-{ej.__version__}.dist-info/RECORD").decode()
    assert "Requires-Dist: numpy>=1.24\n" in metadata and "Requires-Python: >=3.11\n" in metadata
    assert "Provides-Extra: remote\nRequires-Dist: grpcio>=" in metadata and '; extra == "remote"\n' in metadata
    assert "exprjit/remote/_client.py" in names
    assert len(record.splitlines()) == len(names)
    first = (tmp_path / name).read_bytes()
    backend.build_wheel(str(tmp_path))
    assert (tmp_path / name).read_bytes() == first


def test_build_failures_say_the_way_out(
    backend,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,  # type: ignore
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EXPRJIT_LIBRARY", str(tmp_path / "missing.so"))
    with pytest.raises(SystemExit):
        backend.build_wheel(str(tmp_path))
    assert "EXPRJIT_LIBRARY names" in capsys.readouterr().err
    monkeypatch.delenv("EXPRJIT_LIBRARY")
    monkeypatch.delenv("EXPRJIT_ASMJIT_DIR", raising=False)
    monkeypatch.setattr(backend, "ROOT", tmp_path)
    with pytest.raises(SystemExit):
        backend.build_wheel(str(tmp_path))
    assert "C++ sources" in capsys.readouterr().err
    (tmp_path / "CMakeLists.txt").touch()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit):
        backend.build_wheel(str(tmp_path))
    assert "cmake is not installed" in capsys.readouterr().err
    cmake = tmp_path / "bin" / "cmake"
    cmake.parent.mkdir()
    cmake.write_text("#!/bin/sh\nexit 1\n")
    cmake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{cmake.parent}:/usr/bin:/bin")
    with pytest.raises(SystemExit):
        backend.build_wheel(str(tmp_path))
    assert "asmjit" in (told := capsys.readouterr().err) and "./dev build" in told


def test_sdist_and_editable(backend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # type: ignore
    import tarfile

    name = backend.build_sdist(str(tmp_path))
    with tarfile.open(tmp_path / name) as archive:
        members = set(archive.getnames())
    stem = name.removesuffix(".tar.gz")
    assert {
        f"{stem}/pyproject.toml",
        f"{stem}/PKG-INFO",
        f"{stem}/src/exprjit/_ffi.py",
        f"{stem}/cpp/CMakeLists.txt",
        f"{stem}/cpp/include/exprjit/exprjit.h",
        f"{stem}/cpp/proto/ir.fbs",
        f"{stem}/backend/exprjit_build.py",
    } <= members
    library = tmp_path / "lib.so"
    library.touch()
    monkeypatch.setenv("EXPRJIT_LIBRARY", str(library))
    with zipfile.ZipFile(tmp_path / backend.build_editable(str(tmp_path))) as wheel:
        assert wheel.read("_exprjit_editable.pth").decode().strip() == str(CLIENT / "src")


def test_pip_install_in_a_fresh_environment(tmp_path: Path) -> None:
    """From another folder, in a new environment, out of a checkout whose path has a space. NumPy is lent by this
    environment, so that the test needs no network."""
    library = Path(_ffi.library_path)
    if not (CLIENT / "pyproject.toml").exists() or not library.is_absolute():
        pytest.skip("needs the source tree and a library file")
    import numpy

    client = tmp_path / "with a space" / "clients" / "python"
    shutil.copytree(CLIENT, client, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    home = tmp_path / "env"
    try:
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, capture_output=True)
    except subprocess.CalledProcessError:
        pytest.skip("this Python cannot make environments with pip")
    python = home / "bin" / "python"
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {
        "EXPRJIT_LIBRARY": str(library)
    }
    done = subprocess.run(
        [str(python), "-m", "pip", "install", "--no-index", "--no-deps", "--disable-pip-version-check", str(client)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=env,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    env.pop("EXPRJIT_LIBRARY")
    env["PYTHONPATH"] = str(Path(numpy.__file__).resolve().parent.parent)
    code = (
        "import sys; p = sys.path; p.sort(key=lambda entry: entry != sys.prefix and not entry.startswith(sys.prefix))\n"
        "import exprjit as ej; print(ej.jit('a*b+c')(3, 4, 5), ej._ffi.library_path)"
    )
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, cwd=tmp_path, env=env)
    assert done.stdout.startswith("17 ") and str(home) in done.stdout, done.stderr
    assert list(client.parent.rglob("*.egg-info")) == [] and not (client / "build").exists()
