#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Fetches the source of asmjit from Debian's source package into .deps/asmjit, which CMake then builds.
#
# The binary package is neither position-independent nor free of debug assertions, so the source is needed. Where it
# comes from is the machine's own business: the apt sources are copied into a private folder with "deb" turned into
# "deb-src", and apt works on that copy with private lists, so that neither the machine's configuration nor its lists
# change and root is not needed. apt checks the signatures as always. Present sources are kept: offline, nothing runs.
set -euo pipefail

readonly wanted_version="0.0~git20221210.5b5b0b3-1"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
target="${1:-$root/.deps/asmjit}"

fail() {
    printf 'fetch_asmjit: %s\n' "$1" >&2
    printf 'Another copy of asmjit (December 2022) can be used with  -DEXPRJIT_ASMJIT_DIR=FOLDER  or  EXPRJIT_ASMJIT_DIR=FOLDER ./dev …\n' >&2
    exit 1
}

if [[ -f "$target/src/asmjit/x86.h" ]]; then
    echo "asmjit is present in $target"
    exit 0
fi
for tool in apt-get dpkg-source patch; do
    command -v "$tool" >/dev/null || fail "$tool is missing; install it with: apt-get install dpkg-dev patch"
done

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/sources" "$work/lists/partial" "$work/cache/archives/partial" "$work/download"

# deb822 files: every stanza, whatever it served, serves source packages. All other fields (Signed-By, Suites, options,
# even keys in the file) stay as they are. One-line files: the same for each "deb" line.
copied=0
etc="$(apt-config shell d Dir::Etc/d | sed -n "s/^d='\(.*\)'$/\1/p")"
etc="${etc:-/etc/apt/}"
for file in "$etc"/sources.list "$etc"/sources.list.d/*.list; do
    [[ -f "$file" ]] || continue
    sed -E 's/^[[:space:]]*deb(-src)?([[:space:]])/deb-src\2/' "$file" | awk '!/^deb-src/ || !seen[$0]++' \
        >"$work/sources/one-line-$copied.list"
    copied=$((copied + 1))
done
for file in "$etc"/sources.list.d/*.sources; do
    [[ -f "$file" ]] || continue
    sed -E 's/^Types[[:space:]]*:.*/Types: deb-src/I' "$file" >"$work/sources/deb822-$copied.sources"
    copied=$((copied + 1))
done
grep -qsE '^(deb-src|Types: deb-src)' "$work"/sources/* || fail "this machine has no apt sources in $etc"

apt=(apt-get -q -y
    -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$work/sources"
    -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache"
    -o "Acquire::Retries=3" -o "Acquire::Languages=none")
if [[ $(id -u) -eq 0 ]]; then
    apt+=(-o "APT::Sandbox::User=root") # the private folder is closed to the _apt user
fi

# A third-party source without source packages makes update complain; what counts is whether asmjit is found.
"${apt[@]}" update >"$work/update.log" 2>&1 || true
cd "$work/download"
if ! "${apt[@]}" source --download-only "asmjit=$wanted_version" >"$work/source.log" 2>&1 &&
    ! "${apt[@]}" source --download-only asmjit >"$work/source.log" 2>&1; then
    tail -n 8 "$work/update.log" "$work/source.log" >&2
    fail "apt found no source package of asmjit (is the network up, and does \"main\" of Debian 12 stand in the apt sources?)"
fi
dsc=(asmjit_*.dsc)
[[ -f "${dsc[0]}" ]] || fail "apt delivered no .dsc file"
[[ "${dsc[0]}" == *20221210* ]] || echo "fetch_asmjit: warning: ${dsc[0]} is not the version exprjit is developed with" >&2
dpkg-source --no-check -x "${dsc[0]}" "$work/tree" >"$work/extract.log" 2>&1 || {
    tail -n 8 "$work/extract.log" >&2
    fail "dpkg-source could not unpack ${dsc[0]}"
}
[[ -f "$work/tree/src/asmjit/x86.h" ]] || fail "the source package does not hold src/asmjit/x86.h"

# The rename is last, so that an interrupted run leaves nothing that looks complete.
mkdir -p "$(dirname "$target")"
rm -rf "$target" "$target.new"
mv "$work/tree" "$target.new"
mv "$target.new" "$target"
echo "asmjit source in $target"
