#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# check_refused.sh CXX STANDARD INCLUDE SOURCE: every case of SOURCE fails to compile and says why.
set -euo pipefail
cxx="$1" standard="$2" include="$3" source="$4"
compile() { LC_ALL=C "$cxx" "-std=$standard" -fsyntax-only -w -I "$include" "$source" "$@" 2>&1; }

compile || { echo "the file without any case does not compile"; exit 1; }
failures=0 cases=0
while IFS='|' read -r name words; do
    name="${name// /}" words="${words# }" cases=$((cases + 1))
    if said="$(compile "-D$name")"; then
        echo "$name compiles"
    elif ! grep -qF "$words" <<<"$said"; then
        echo "$name is refused, but not with the words '$words':"
        head -n 5 <<<"$said"
    else
        continue
    fi
    failures=$((failures + 1))
done < <(sed -n 's|^// case: ||p' "$source")
echo "$cases cases, $failures wrong"
[[ $failures -eq 0 && $cases -ge 15 ]]
