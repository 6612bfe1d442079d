# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The Rust client: its tests, and its benchmark. Sourced by ./dev.

# A cargo of one's own is used if there is one; else Debian's, whose version is the oldest the client supports.
need_cargo() {
    command -v cargo >/dev/null || need cargo rustc rust-clippy
}

# rust_cargo FOLDER COMMAND... : cargo for the client over the library built in FOLDER.
rust_cargo() {
    local lib="$build_root/$1/lib"
    shift
    # Debian's cargo does not show doc tests the library, as newer ones do: the loader's variable has to.
    (cd "$root/clients/rust" && env "EXPRJIT_LIB_DIR=$lib" "LD_LIBRARY_PATH=$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" \
        "CARGO_TARGET_DIR=${cargo_target:-$build_root/cargo}" CARGO_TERM_COLOR=never "$@")
}

# run_cargo_tests LABEL FILE COMMAND... : counts the lines "test result: ok. 5 passed; 0 failed; ..." of cargo test.
run_cargo_tests() {
    local label="$1" output="$log_dir/$2.txt" good=0 before="$failed" counted=0 ok bad
    shift 2
    mkdir -p "$log_dir"
    to_file() { "$@" 2>&1 | tee "$output"; }
    attempt "$label" "the failing test's name and message stand in the log" to_file "$@" || good=1
    while read -r ok bad; do
        passed=$((passed + ok)) failed=$((failed + bad)) counted=$((counted + ok + bad))
    done < <(sed -nE 's/^test result: .* ([0-9]+) passed; ([0-9]+) failed;.*/\1 \2/p' "$output")
    # A run that did not compile, or that found nothing to run, is a failure of its own.
    if [[ $failed -eq $before && ($good -ne 0 || $counted -eq 0) ]]; then
        say "          $label: no test was counted"
        failed=$((failed + 1))
    fi
}

# run_rust_tests QUICK : with 1 without the examples of the documentation, each of which is compiled by itself.
run_rust_tests() {
    local selection=(--tests)
    need_cargo
    [[ "$1" -eq 1 ]] || selection=()
    run_cargo_tests "Rust client tests" rust rust_cargo test cargo test --locked --no-fail-fast "${selection[@]}"
    if cargo clippy --version >/dev/null 2>&1; then
        run_check "Rust client under clippy" "the message names the lint" \
            rust_cargo test cargo clippy --locked --all-targets -- -D warnings
    else
        say "          this cargo has no clippy: the Rust client is not looked at (rustup component add clippy)"
    fi
    # Where Debian's compiler stands beside another one, the promised minimum version is tried too.
    if [[ "$1" -eq 0 && -x /usr/bin/cargo && "$(/usr/bin/rustc --version)" != "$(rustc --version)" ]]; then
        cargo_target="$build_root/cargo-debian" run_cargo_tests "Rust client tests, Debian's compiler" rust-debian \
            rust_cargo test env PATH=/usr/bin:/bin cargo test --locked --no-fail-fast --tests
    fi
}

# rust_bench : Criterion beside evalexpr, fasteval and meval, from the registry that cargo is set up for.
rust_bench() {
    local results="$build_root/bench/results" options=()
    [[ "${1:-}" == --quick ]] && options=(--quick)
    need_cargo
    printf '\n── rust\n'
    if ! attempt "compile the benchmark and its rivals" "Criterion needs Rust 1.80 or newer, and cargo its registry" \
        rust_bench_cargo bench --locked --bench rivals --no-run; then
        say "          without them the Rust benchmark is left out: everything there is missing"
        return 0
    fi
    rm -rf "$build_root/cargo-bench/criterion"
    attempt "measure" "the message is above" rust_bench_cargo bench --locked --bench rivals -- --noplot "${options[@]}" || return 1
    rust_bench_cargo run --locked --quiet --release -- "$build_root/cargo-bench/criterion" "$results/rust.json"
    say "   .build/bench/results/rust.json"
}

rust_bench_cargo() {
    cargo_target="$build_root/cargo-bench" rust_cargo bench sh -c 'cd bench && exec cargo "$@"' cargo "$@"
}
