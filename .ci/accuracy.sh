# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# ./dev accuracy: every elementary function against MPFR, beside its rivals. Sourced by ./dev.

run_accuracy() {
    local quick=0 functions=() argument
    for argument in "$@"; do
        case "$argument" in
        --quick) quick=1 ;;
        -*)
            say "./dev accuracy knows --quick and names of functions, not $argument" >&2
            exit 2
            ;;
        *) functions+=("$argument") ;;
        esac
    done
    need g++ cmake ninja-build pkg-config libcli11-dev libgtest-dev libmpfr-dev python3
    # A rival is a welcome guest: without it its columns stay empty.
    have_package libsleef-dev ||
        attempt "install a rival: libsleef-dev" "none needed: its columns stay empty" install_packages libsleef-dev || true
    build release test -DEXPRJIT_WERROR=ON -- exprjit exprjit_accuracy # the folder of ./dev test
    local program="$build_root/test/tests/accuracy/exprjit_accuracy" results="$build_root/accuracy/whole"
    local start="$EPOCHREALTIME" function json part f64=100000000 every=1
    local words32="all 2³² arguments of every function of one argument, 10⁸ of the others"
    local words64="10⁸ arguments, spread over all exponents, dense where the function is interesting and close to its edges, and known
  hard cases"
    if [[ $quick -eq 1 ]]; then
        f64=1000000 every=256 results="$build_root/accuracy/quick"
        words32="every 256th of the 2³² arguments, 10⁶ of functions of two arguments" words64="${words64/10⁸/10⁶}"
    fi
    mkdir -p "$results"
    local all=() files=() done_count=0
    mapfile -t all < <("$program" --list)
    [[ ${#functions[@]} -gt 0 ]] || functions=("${all[@]}")
    say "   measuring ${#functions[@]} functions, f64 and f32, on $jobs threads; ./dev accuracy exp sin ... measures some"
    for function in "${functions[@]}"; do
        json="$results/$function.jsonl" part="$results/$function.part"
        # Status 1 says that a result is wrong in kind, which stands in the table; 2 that the measurement failed.
        "$program" "$function" --type f64 --accuracy both --rivals --samples "$f64" --threads "$jobs" --json >"$part" || [[ $? -eq 1 ]]
        "$program" "$function" --type f32 --accuracy both --rivals --samples "$f64" --all --every "$every" --threads "$jobs" --json \
            >>"$part" || [[ $? -eq 1 ]]
        mv "$part" "$json"
        done_count=$((done_count + 1))
        printf '%7s s  %2d of %d  %-9s %s\n' "$(seconds_since "$start")" "$done_count" "${#functions[@]}" "$function" \
            "$(sed -nE "s/.*\"function\": \"$function\", \"type\": \"(f..)\", \"who\": \"(1ulp|fast)\", \"max\": ([^,]*),.*/\1 \2 \3/p" "$json" |
                paste -sd ' ')"
    done
    # A function keeps its figures until it is measured again, so that the document can follow a change of one function.
    local document="$results/accuracy.md" recorded=()
    for function in "${all[@]}"; do
        if [[ -f "$results/$function.jsonl" ]]; then files+=("$results/$function.jsonl"); fi
    done
    if [[ $quick -eq 0 && ${#files[@]} -eq ${#all[@]} ]]; then
        document="$root/docs/accuracy.md" recorded=(--recorded "$root/tests/accuracy/recorded.inc")
    fi
    "$(python_command)" -B "$root/tests/accuracy/report.py" "${files[@]}" --document "$document" "${recorded[@]}" --f32 "$words32" --f64 "$words64" \
        --machine "$(accuracy_machine)" --calls "gamma lgamma" --rows "$results/rows.txt"
    say "   ${document#"$root/"}; the figures for src/ir/ops.def: $results/rows.txt"
    if [[ ${#recorded[@]} -eq 0 ]]; then
        say "   docs/accuracy.md is written once the whole of every function is measured: ./dev accuracy"
    fi
}

accuracy_machine() {
    local cpu sleef
    cpu="$(sed -nE 's/^model name[[:space:]]*: (.*)/\1/p' /proc/cpuinfo | head -n 1)"
    sleef="$(dpkg-query -W -f='${Version}' libsleef3 2>/dev/null || echo none)"
    printf '%s, glibc %s, SLEEF %s' "$cpu" "$(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)" "${sleef%%-*}"
}
