# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# ./dev demo: the main job on real data, from the command line, from C and from Python. Sourced by ./dev.

demo_airports() {
    # Haversine: the great-circle distance to Seattle, in kilometres.
    "$exprjit" eval '
        lat0 = deg2rad(47.6062); lon0 = deg2rad(-122.3321)   # Seattle
        a = sin((deg2rad(latitude) - lat0) / 2)^2 +
            cos(lat0) * cos(deg2rad(latitude)) * sin((deg2rad(longitude) - lon0) / 2)^2
        2 * 6371.0 * asin(sqrt(a))' \
        --csv "$root/examples/data/airports.csv" --as km_to_seattle --out "$build_root/demo/airports.csv" || return 1
    say "the first rows of the result:"
    head -n 4 "$build_root/demo/airports.csv"
    say "and the five nearest:"
    tail -n +2 "$build_root/demo/airports.csv" | awk -F, '{ printf "%9.2f km  %s  %s\n", $NF, $1, $2 }' | sort -n | sed -n 1,5p
}

demo_birdstrikes() {
    # shellcheck disable=SC2016 # the backticks quote names of columns, for exprjit
    "$exprjit" eval 'kmh = `Speed IAS in knots` * 1.852; dollars_per_kmh = `Cost Total $` / max(kmh, 1)' \
        --csv "$root/examples/data/birdstrikes.csv" --out "$build_root/demo/birdstrikes.csv" || return 1
    say "the last columns of some rows; where the speed is missing both results are empty:"
    "$python" - "$build_root/demo/birdstrikes.csv" <<'PY'
import csv, sys
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = csv.reader(file)
    names = next(rows)
    picked = [row for row in rows if row[-1] not in ("", "0")][:3]
    file.seek(0)
    empty = [row for row in list(csv.reader(file))[1:] if not row[-1]][:2]
for row in [names] + picked + empty:
    print("  ".join(f"{cell[:21]:>21}" for cell in row[-4:]))
PY
}

demo_reductions() {
    # shellcheck disable=SC2016 # the backticks quote names of columns, for exprjit
    "$exprjit" eval 'strikes = count(); cost = sum(`Cost Total $`); fast = mean(`Cost Total $`, where=`Speed IAS in knots` > 200)
        worst = argmax(`Cost Total $`)' --csv "$root/examples/data/birdstrikes.csv" || return 1
    say "and how far north of the average each airport lies, in standard deviations:"
    "$exprjit" eval '(latitude - mean(latitude)) / std(latitude)' --csv "$root/examples/data/airports.csv" --as north \
        --out "$build_root/demo/north.csv" || return 1
    tail -n +2 "$build_root/demo/north.csv" | awk -F, '{ printf "%6.2f  %s  %s\n", $NF, $1, $2 }' | sort -rn | sed -n 1,3p
}

demo_caret_error() {
    # It must fail, and with a caret: an error that is missing is a failure of the demo.
    local text
    if text="$("$exprjit" eval 'sqroot(x) + 3 * (y' -D x=2 2>&1)"; then
        say "a text with mistakes was accepted"
        return 1
    fi
    printf '%s\n' "$text"
    [[ "$text" == *^* ]]
}

demo_c_examples() {
    "$build_root/release/bin/example_quickstart" && "$build_root/release/bin/example_columns"
}

demo_rates() {
    "$exprjit" bench 'sqrt(x*x + y*y) * 0.5 + x'
}

demo_python() {
    (cd "$root" && "$python" examples/python/quickstart.py)
}

demo() {
    local start="$EPOCHREALTIME"
    need g++ cmake ninja-build libcli11-dev python3 python3-venv
    # Examples are named by file, so that a new one is built without a word here.
    local targets=(exprjit exprjit_cli) source
    for source in "$root"/examples/c/*.c; do targets+=("example_$(basename "$source" .c)"); done
    build release release -DEXPRJIT_BUILD_TESTS=OFF -- "${targets[@]}"
    python_environment numpy
    python_client release
    mkdir -p "$build_root/demo"
    exprjit="$build_root/release/bin/exprjit"

    show "airports.csv: great-circle distance to Seattle, one expression over the columns" demo_airports
    show "birdstrikes.csv: names with spaces, missing cells" demo_birdstrikes
    show "reductions over whole tables, with a condition, and inside an expression" demo_reductions
    show "from C: examples/c/quickstart.c and columns.c" demo_c_examples
    show "from Python: examples/python/quickstart.py" demo_python
    show "compile times and evaluation rates" demo_rates
    show "a mistake, with the place and the way out" demo_caret_error

    printf '\nAll of it in %s s. Try:\n\n' "$(seconds_since "$start")"
    cat <<PASTE
  .build/release/bin/exprjit eval 'a*b+c' -D a=3 -D b=4 -D c=5
  .build/release/bin/exprjit asm 'sqrt(x*x + y*y)'
  .build/venv/bin/python -c 'import exprjit as ej; print(ej.jit("a*b+c")(3, 4, 5))'
PASTE
}
