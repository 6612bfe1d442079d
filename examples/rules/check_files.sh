#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# check_files.sh PROGRAM : a file of rules is evaluated round by round, each seen at once through a pipe; what is no rule is
# reported; a folder and a missing file are errors.
set -euo pipefail

program="$1"
folder="$(mktemp -d)"
watcher=""
finish() {
    if [[ -n "$watcher" ]]; then kill "$watcher" 2>/dev/null || true; fi
    rm -rf "$folder"
}
trap finish EXIT

wrong() {
    echo "$1" >&2
    exit 1
}

# Waits for a line that holds $1 in the output.
wait_for() {
    for ((i = 0; i < 200; ++i)); do
        if grep -qF -- "$1" "$folder/out"; then return 0; fi
        sleep 0.05
    done
    wrong "'$1' was not printed: $(cat "$folder/out")"
}

for unreadable in "$folder" "$folder/missing"; do
    status=0
    timeout 10 "$program" "$unreadable" >"$folder/out" 2>&1 || status=$?
    [[ $status -eq 1 ]] || wrong "$unreadable: status $status"
    grep -qF "rules: " "$folder/out" || wrong "$unreadable: no message"
done

printf '# a comment\n\nmany: quantity > 50\nno rule at all\nwrong: quantty > 1\n' >"$folder/rules.txt"
"$program" "$folder/rules.txt" >"$folder/out" &
watcher=$!
wait_for "1 rules, 1 of them compiled"
wait_for "rules.txt, line 4"
wait_for "| no rule at all"
wait_for "rules.txt, line 5, wrong:1:1"
wait_for " hits in "
: >"$folder/empty"
mv "$folder/empty" "$folder/rules.txt"
wait_for "0 rules, 0 of them compiled"
