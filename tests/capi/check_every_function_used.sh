#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# check_every_function_used.sh HEADER FOLDER LIBRARY NM: every function that the header declares is called by the C
# tests and exported by the library, and the library exports nothing else.
set -euo pipefail

header="$1" folder="$2" library="$3" nm="$4"
declared="$(grep -oE '^EJ_API [^;]*' "$header" | grep -oE '\bej_[a-z0-9_]+\(' | tr -d '(' | sort -u)"
exported="$("$nm" -D --defined-only "$library" | awk '$2 != "A" {print $3}' | sed 's/@.*//' | sort -u)"
# Some declarations begin on one line and name the function on it, so counting by EJ_API must agree.
wanted="$(grep -cE '^EJ_API ' "$header")"
[[ "$(wc -l <<<"$declared")" -eq "$wanted" ]] || {
    echo "the header has $wanted EJ_API declarations, but $(wc -l <<<"$declared") names were found" >&2
    exit 1
}
status=0
while read -r name; do
    if ! grep -qE "\b$name\(" "$folder"/*.c; then
        echo "$name is declared but no test in $folder calls it" >&2
        status=1
    fi
done <<<"$declared"
if ! difference="$(diff <(echo "$declared") <(echo "$exported"))"; then
    echo "declared (<) and exported (>) functions differ:" >&2
    echo "$difference" >&2
    status=1
fi
exit $status
