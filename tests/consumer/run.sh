#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# run.sh CMAKE BUILD_DIR CC CXX [--rename]
#
# Installs exprjit from BUILD_DIR into a fresh prefix (with a space in its path) and uses it from outside: a CMake project
# by find_package, a C and a C++ program by pkg-config, the installed command line. With --rename the build folder is away
# meanwhile; without (inside ctest, where other tests run from it) the installed files are searched for its path.
set -euo pipefail
cmake="$1" build="$2" cc="$3" cxx="$4" rename="${5:-}"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source_root="$(cd "$here/../.." && pwd)"
work="$(mktemp -d)"
away=""
restore() {
    if [[ -n "$away" && -d "$away" ]]; then mv "$away" "$build"; fi
    rm -rf "$work"
}
trap restore EXIT
trap 'exit 130' INT TERM

fail() {
    echo "consumer: $1" >&2
    exit 1
}
quietly() { # runs a command; its output is shown only if it fails
    "$@" >"$work/log" 2>&1 || {
        tail -n 30 "$work/log" >&2
        fail "failed: $*"
    }
}

prefix="$work/an installed copy"
quietly "$cmake" --install "$build" --prefix "$prefix"
if leaks="$(grep -rlF -e "$build" -e "$source_root" "$prefix")"; then
    fail "installed files name the build or source folder: $leaks"
fi
cp -r "$here" "$work/project"
if [[ "$rename" == --rename ]]; then
    away="$build.away"
    mv "$build" "$away"
fi

# find_package, and a version that must be refused
quietly "$cmake" -S "$work/project" -B "$work/out" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx"
quietly "$cmake" --build "$work/out"
[[ "$("$work/out/consumer_c")" == ok ]] || fail "consumer_c (find_package) failed"
[[ "$("$work/out/consumer_cpp")" == ok ]] || fail "consumer_cpp (find_package) failed"
[[ "$("$work/out/consumer_hpp")" == ok ]] || fail "consumer_hpp (find_package) failed"
if "$cmake" -S "$work/project" -B "$work/newer" -DCMAKE_PREFIX_PATH="$prefix" -DEXPRJIT_WANTED=0.2 >"$work/log" 2>&1; then
    fail "find_package(exprjit 0.2) accepted version 0.1"
fi

# pkg-config
pc="$(find "$prefix" -name exprjit.pc)"
PKG_CONFIG_PATH="$(dirname "$pc")"
export PKG_CONFIG_PATH
[[ "$(pkg-config --modversion exprjit)" == 0.1.* ]] || fail "pkg-config does not give the version"
flags="$(pkg-config --cflags --libs exprjit)" # escaped for the shell; hence eval
eval "\"\$cc\" -std=c99 -pedantic -Wall -Wextra -Werror -o \"\$work/by_pkg_c\" \"\$here/consumer.c\" $flags"
eval "\"\$cxx\" -std=c++11 -pedantic -Wall -Wextra -Werror -o \"\$work/by_pkg_cpp\" \"\$here/consumer.cpp\" $flags"
library_dir="$(dirname "$(find "$prefix" -name libexprjit.so)")"
[[ "$(LD_LIBRARY_PATH="$library_dir" "$work/by_pkg_c")" == ok ]] || fail "consumer.c (pkg-config) failed"
[[ "$(LD_LIBRARY_PATH="$library_dir" "$work/by_pkg_cpp")" == ok ]] || fail "consumer.cpp (pkg-config) failed"
# The examples, by the command that stands on top of each.
for example in "$source_root"/examples/c/*.c; do
    eval "\"\$cc\" -std=c99 -pedantic -Wall -Wextra -Werror \"\$example\" $flags -o \"\$work/example\""
    LD_LIBRARY_PATH="$library_dir" "$work/example" >"$work/log" 2>&1 || fail "$example failed: $(tail -n 5 "$work/log")"
done
for example in "$source_root"/examples/cpp/*.cpp "$here/consumer_hpp.cpp"; do
    eval "\"\$cxx\" -std=c++17 -pedantic -Wall -Wextra -Werror \"\$example\" $flags -o \"\$work/example\""
    LD_LIBRARY_PATH="$library_dir" "$work/example" >"$work/log" 2>&1 || fail "$example failed: $(tail -n 5 "$work/log")"
done

# The command line finds its library beside it.
if [[ -x "$prefix/bin/exprjit" ]]; then
    [[ "$("$prefix/bin/exprjit" eval 'a*b+c' -D a=3 -D b=4 -D c=5)" == 17 ]] || fail "the installed command line does not print 17"
fi
echo "consumer: find_package, pkg-config and the installed command line work"
