#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# check_shared_object.sh LIBRARY NM READELF STRIP
#
# What DESIGN promises of libexprjit.so: it needs four libraries, exports what the header declares and nothing else, is
# under 2 MB stripped, and has neither text relocations nor an executable stack.
set -euo pipefail
library="$1" nm="$2" readelf="$3" strip="$4"
header="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/include/exprjit/exprjit.h"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
failures=0
wrong() {
    echo "wrong: $1"
    failures=$((failures + 1))
}

dynamic="$("$readelf" -dW "$library")"
while read -r needed; do
    case "$needed" in
    libc.so.6 | libm.so.6 | libstdc++.so.6 | libgcc_s.so.1 | ld-linux-x86-64.so.2) ;;
    *) wrong "it needs $needed" ;;
    esac
done < <(sed -nE 's/.*\(NEEDED\).*\[(.*)\]/\1/p' <<<"$dynamic")
grep -q 'TEXTREL' <<<"$dynamic" && wrong "it has text relocations"
grep -qE '\((RPATH|RUNPATH)\)' <<<"$dynamic" && wrong "it has an RPATH"
grep -q 'SONAME.*\[libexprjit\.so\.0\]' <<<"$dynamic" || wrong "its SONAME is not libexprjit.so.0"
stack="$("$readelf" -lW "$library" | awk '$1 == "GNU_STACK" { print $7 }')"
[[ "$stack" == RW ]] || wrong "its stack flags are '$stack', not RW"

"$nm" -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | sed 's/@.*//' | sort -u >"$work/exported"
grep -oE 'EJ_API [^;(]*\bej_[a-z0-9_]+\(' "$header" | grep -oE 'ej_[a-z0-9_]+\($' | tr -d '(' | sort -u >"$work/declared"
[[ $(wc -l <"$work/declared") -ge 10 ]] || wrong "the header's declarations were not recognised"
while read -r name; do wrong "exported, but not in exprjit.h: $name"; done < <(comm -23 "$work/exported" "$work/declared")
while read -r name; do wrong "in exprjit.h, but not exported: $name"; done < <(comm -13 "$work/exported" "$work/declared")

cp "$library" "$work/stripped"
"$strip" --strip-unneeded "$work/stripped"
bytes=$(stat -c %s "$work/stripped")
((bytes < 2 * 1024 * 1024)) || wrong "it is $bytes bytes stripped; the limit is 2 MiB"

echo "$(wc -l <"$work/exported") symbols, $bytes bytes stripped, $failures wrong"
[[ $failures -eq 0 ]]
