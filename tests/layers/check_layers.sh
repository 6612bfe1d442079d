#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# check_layers.sh CXX SOURCE_DIR INCLUDES_TSV ASMJIT_SRC
#
# For each target of the build and each folder under src: can a source of that target include a header of that folder?
# The answer must be the one in the table below, which is written out here and not taken from CMake. Likewise asmjit
# (src/jit only), the C ABI (capi and the command line), and a relative path that climbs out of a layer (never, by grep).
set -euo pipefail
cxx="$1" source_dir="$2" includes="$3" asmjit_src="$4"

declare -A may=(
    [exprjit_support]="support"
    [exprjit_ir]="support ir"
    [exprjit_lang]="support ir lang"
    [exprjit_wire]="support ir wire"
    [exprjit_interp]="support ir interp"
    [exprjit_opt]="support ir interp opt"
    [exprjit_jit]="support ir interp jit asmjit"
    [exprjit_runtime]="support ir lang wire interp opt jit runtime"
    [exprjit]="support ir lang wire interp opt jit runtime exprjit"
    [exprjit_cli]="exprjit"
)
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
failures=0 checked=0 refused=0

# Only whether the header is found matters here, so the preprocessor alone must stop: -E, and the first line of the error.
found() { # target's -I flags..., then the header
    local header="${*: -1}"
    printf '#if !__has_include("%s")\n#error not visible\n#endif\n' "$header" >"$work/probe.cpp"
    "$cxx" -std=c++20 -E "${@:1:$#-1}" "$work/probe.cpp" -o /dev/null 2>"$work/stderr"
}

while IFS=$'\t' read -r target rest; do
    [[ -n "$target" ]] || continue
    flags=()
    IFS=$'\t' read -ra folders <<<"$rest"
    for folder in "${folders[@]}"; do
        [[ -n "$folder" ]] && flags+=(-I "$folder")
    done
    for folder in support ir lang wire interp opt jit runtime exprjit asmjit; do
        case "$folder" in
        exprjit) header="exprjit/exprjit.h" ;;
        asmjit) header="asmjit/x86.h" ;;
        *)
            first="$(find "$source_dir/src/$folder" -name '*.h' 2>/dev/null | sort | head -n 1)"
            [[ -n "$first" ]] || continue
            header="${first#"$source_dir/src/"}"
            ;;
        esac
        expected=no actual=no
        [[ " ${may[$target]} " == *" $folder "* ]] && expected=yes
        found "${flags[@]}" "$header" && actual=yes
        checked=$((checked + 1))
        if [[ "$expected" != "$actual" ]]; then
            echo "$target: including \"$header\" compiles: $actual, must be: $expected"
            failures=$((failures + 1))
        elif [[ "$actual" == no ]]; then
            refused=$((refused + 1))
        fi
    done
done <"$includes"

# A relative path would walk around the view.
if grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"\.\.?/' "$source_dir/src" "$source_dir/capi" "$source_dir/tools"; then
    echo "the lines above include by a relative path; write the path from the root of src"
    failures=$((failures + 1))
fi
# The probe itself must be able to succeed and to fail, or the whole test says nothing.
found -I "$asmjit_src" "asmjit/x86.h" || { echo "the probe does not find a header that exists"; failures=$((failures + 1)); }
if found -I "$asmjit_src" "asmjit/no_such_header.h"; then
    echo "the probe finds a header that does not exist"
    failures=$((failures + 1))
fi
echo "$checked includes tried, $refused refused as they must be, $failures wrong"
[[ $failures -eq 0 && $refused -gt 0 ]]
