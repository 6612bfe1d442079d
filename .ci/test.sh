# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# ./dev test: every test of every language, and one line with the sum at the end. Sourced by ./dev.

passed=0
failed=0

# add_counts FILE : adds the counts of a JUnit file, as ctest and pytest write it. Skipped and disabled tests count as neither.
add_counts() {
    local tests=0 bad=0 left_out=0 header name value
    while IFS= read -r header; do
        for name in tests failures errors skipped disabled; do
            value="$(sed -nE "s/.*[[:space:]]$name=\"([0-9]+)\".*/\1/p" <<<"$header")"
            case "$name" in
            tests) tests=$((tests + ${value:-0})) ;;
            failures | errors) bad=$((bad + ${value:-0})) ;;
            *) left_out=$((left_out + ${value:-0})) ;;
            esac
        done
    done < <(tr '\n\t' '  ' <"$1" | grep -oE '<testsuite [^>]*>')
    failed=$((failed + bad))
    passed=$((passed + tests - bad - left_out))
    counted=$tests
}

# run_tests LABEL NAME COMMAND... : runs ctest or pytest with a JUnit file, adds its counts, goes on whatever happens.
run_tests() {
    local label="$1" junit="$log_dir/$2.xml" before="$failed" option good=0
    shift 2
    mkdir -p "$log_dir"
    rm -f "$junit"
    if [[ "$1" == ctest ]]; then option=(--output-junit "$junit"); else option=("--junitxml=$junit"); fi
    attempt "$label" "the failing test's name and message stand in the log" "$@" "${option[@]}" || good=1
    counted=0
    if [[ -f "$junit" ]]; then add_counts "$junit"; fi
    # A run that broke down before it could count, or that found nothing to run, is a failure of its own.
    if [[ $failed -eq $before && ($good -ne 0 || $counted -eq 0) ]]; then
        say "          $label: no test was counted"
        failed=$((failed + 1))
    fi
}

# run_check LABEL CURE COMMAND... : a test that is one command.
run_check() {
    if attempt "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

finish_tests() {
    say "$passed passed, $failed failed"
    [[ $failed -eq 0 ]] || exit 1
    exit 0
}

run_all_tests() {
    local quick=0 argument
    for argument in "$@"; do
        case "$argument" in
        --quick) quick=1 ;;
        *)
            say "./dev test knows --quick, not $argument" >&2
            exit 2
            ;;
        esac
    done
    stop_here() {
        failed=$((failed + 1))
        finish_tests
    }
    local start="$EPOCHREALTIME" selection=()
    if [[ $quick -eq 1 ]]; then
        selection=(-LE full)
    else
        export EXPRJIT_FUZZ_TIMES="${EXPRJIT_FUZZ_TIMES:-10}"
    fi
    # Every commit tries inputs that none before it tried, and the same ones wherever it is tested.
    EXPRJIT_FUZZ_SEED="${EXPRJIT_FUZZ_SEED:-$((16#$(git rev-parse --short=12 HEAD 2>/dev/null || echo 1)))}"
    export EXPRJIT_FUZZ_SEED

    need g++ cmake ninja-build pkg-config libcli11-dev libgtest-dev libmpfr-dev python3 python3-venv "${server_packages[@]}"
    # The C++ header is tested by two compilers: tests/cpp takes any clang++ it finds.
    compgen -c clang++ >/dev/null || need clang-14
    [[ $quick -eq 1 ]] || need valgrind
    build release test -DEXPRJIT_WERROR=ON -DEXPRJIT_BUILD_SERVER=ON
    run_tests "C and C++ tests" ctest ctest --test-dir "$build_root/test" -j "$jobs" --output-on-failure "${selection[@]}"
    run_check "outside consumer, with the build folder away" "tests/consumer/run.sh says which part failed" \
        tests/consumer/run.sh cmake "$build_root/test" cc c++ --rename
    if [[ $quick -eq 0 ]]; then
        # The same tests with every assert on: what the verifier promises the later layers is checked there.
        build dev dev -DEXPRJIT_BUILD_SERVER=OFF
        run_tests "C and C++ tests, asserts on" ctest-asserts ctest --test-dir "$build_root/dev" -j "$jobs" --output-on-failure
    fi

    need openssl
    python_environment numpy pytest grpc=grpcio google.protobuf=protobuf
    export EXPRJIT_CLI="$build_root/test/bin/exprjit" EXPRJIT_LIBRARY="$build_root/test/lib/libexprjit.so"
    run_tests "command line tests" cli "$python" -m pytest -q -p no:cacheprovider tests/cli
    python_client test
    run_tests "Python client tests" python "$python" -m pytest -q -p no:cacheprovider clients/python/tests
    export EXPRJIT_SERVER="$build_root/test/bin/exprjit-server"
    need_cargo
    run_tests "server and remote client tests" server env "CARGO_TARGET_DIR=$build_root/cargo" "$python" -m pytest -q -p no:cacheprovider tests/server
    run_tests "the examples of README" readme "$python" -m pytest -q -p no:cacheprovider tests/readme
    run_rust_tests "$quick"
    say "          all of it in $(seconds_since "$start") s"
    finish_tests
}
