# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# ./dev accuracy: every elementary function against MPFR, beside its rivals. Sourced by ./dev.

run_accuracy() {
    local part=1 rows=0 functions=()
    while [[ $# -gt 0 ]]; do
        case "$1" in
        --quick) part=128 ;;
        --part)
            part="${2:-}"
            shift
            ;;
        --rows) rows=1 ;;
        -*) part="" ;;
        *) functions+=("$1") ;;
        esac
        if [[ ! "$part" =~ ^[1-9][0-9]*$ ]]; then
            say "./dev accuracy knows --quick, --part N (a number from 1), --rows and names of functions, not $1" >&2
            exit 2
        fi
        shift
    done
    need g++ cmake ninja-build pkg-config libcli11-dev libgtest-dev libmpfr-dev python3
    # A rival is a welcome guest: without it its columns stay empty.
    have_package libsleef-dev ||
        attempt "install a rival: libsleef-dev" "none needed: its columns stay empty" install_packages libsleef-dev || true
    build release test -DEXPRJIT_WERROR=ON -- exprjit exprjit_accuracy # the folder of ./dev test
    local program="$build_root/test/tests/accuracy/exprjit_accuracy" results="$build_root/accuracy/part-$part"
    local start="$EPOCHREALTIME" function json fresh samples=$((100000000 / part))
    # An odd step visits all endings of the significand.
    local step=$((part == 1 ? 1 : part | 1))
    local words32="all 2³² arguments"
    local words64="$(in_words "$samples") arguments, spread over all exponents, dense where the function is interesting and close to
  its edges, and some hundred known hard cases"
    if [[ $part -ne 1 ]]; then words32="one in $step of the 2³² arguments"; fi
    words32="$words32 of every function of one argument, $(in_words "$samples") of the others"
    mkdir -p "$results"
    local all=() files=() done_count=0
    mapfile -t all < <("$program" --list)
    [[ ${#functions[@]} -gt 0 ]] || functions=("${all[@]}")
    say "   measuring ${#functions[@]} functions, f64 and f32, on $jobs threads; ./dev accuracy exp sin ... measures some"
    for function in "${functions[@]}"; do
        json="$results/$function.jsonl" fresh="$results/$function.part"
        # Status 1 says that a result is wrong in kind, which stands in the table; 2 that the measurement failed.
        "$program" "$function" --type f64 --accuracy both --rivals --samples "$samples" --threads "$jobs" --json >"$fresh" || [[ $? -eq 1 ]]
        "$program" "$function" --type f32 --accuracy both --rivals --samples "$samples" --all --every "$step" --threads "$jobs" \
            --json >>"$fresh" || [[ $? -eq 1 ]]
        mv "$fresh" "$json"
        done_count=$((done_count + 1))
        printf '%7s s  %2d of %d  %-9s %s\n' "$(seconds_since "$start")" "$done_count" "${#functions[@]}" "$function" \
            "$(sed -nE "s/.*\"function\": \"$function\", \"type\": \"(f..)\", \"who\": \"(1ulp|fast)\", \"max\": ([^,]*),.*/\1 \2 \3/p" "$json" |
                paste -sd ' ')"
    done
    # A function keeps its figures until it is measured again, so that the document can follow a change of one function.
    local document="$results/accuracy.md" outputs=()
    for function in "${all[@]}"; do
        if [[ -f "$results/$function.jsonl" ]]; then files+=("$results/$function.jsonl"); fi
    done
    if [[ $part -eq 1 && ${#files[@]} -eq ${#all[@]} ]]; then
        document="$root/docs/accuracy.md" outputs=(--recorded "$root/tests/accuracy/recorded.inc")
    fi
    if [[ $rows -eq 1 ]]; then outputs+=(--rows "$root/src/ir/ops.def"); fi
    "$(python_command)" -B "$root/tests/accuracy/report.py" "${files[@]}" --document "$document" "${outputs[@]}" --f32 "$words32" \
        --f64 "$words64" --machine "$(accuracy_machine)" --calls "gamma lgamma"
    say "   ${document#"$root/"}"
    if [[ "$document" != "$root/docs/"* ]]; then
        say "   docs/accuracy.md is written once the whole of every function is measured: ./dev accuracy"
    fi
}

in_words() { # 100000000 as 10⁸, others with commas
    if [[ $1 -eq 100000000 ]]; then printf '10⁸'; else printf '%s' "$1" | sed -E ':a;s/([0-9])([0-9]{3})(,|$)/\1,\2\3/;ta'; fi
}

accuracy_machine() {
    local cpu sleef
    cpu="$(sed -nE 's/^model name[[:space:]]*: (.*)/\1/p' /proc/cpuinfo | head -n 1)"
    sleef="$(dpkg-query -W -f='${Version}' libsleef3 2>/dev/null || echo none)"
    printf '%s, glibc %s, SLEEF %s' "$cpu" "$(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)" "${sleef%%-*}"
}
