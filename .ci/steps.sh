# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What ./dev is made of: timed steps, packages, asmjit, the build folders, the Python environment. Sourced, never run.

build_root="$root/.build"
log_dir="$build_root/log"
jobs="$(nproc 2>/dev/null || echo 2)"
step_count=0

seconds_since() { # the time since $1 (a value of EPOCHREALTIME) as 12.3
    local tenths=$(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

say() { printf '%s\n' "$*"; }

# attempt LABEL CURE COMMAND... : one line with its time; its output goes to a log. On failure the last 20 lines and the
# cure are shown, and the result is 1.
attempt() {
    local label="$1" cure="$2" start="$EPOCHREALTIME" log
    shift 2
    step_count=$((step_count + 1))
    mkdir -p "$log_dir"
    log="$log_dir/$(printf '%02d' "$step_count")-${label//[^A-Za-z0-9]/-}.log"
    [[ -t 1 ]] && printf '  ….. s  %s\r' "$label"
    if "$@" >"$log" 2>&1 </dev/null; then
        printf '%7s s  %s\n' "$(seconds_since "$start")" "$label"
        return 0
    fi
    printf '%7s s  %s: FAILED. Its last 20 lines:\n' "$(seconds_since "$start")" "$label"
    tail -n 20 "$log" | sed 's/^/    | /'
    say "    all of it: $log"
    say "    the way out: $cure"
    return 1
}

# step: an attempt without which nothing after it makes sense.
step() { attempt "$@" || stop_here; }
stop_here() { exit 1; } # ./dev test replaces it, to end in its one line

# show LABEL COMMAND... : a step whose output is the point. The same promises: time, cure (show_cure), exit on failure.
show_cure="./dev build, then this command again; a fault of exprjit is worth an issue with the lines above"
show() {
    local label="$1" start="$EPOCHREALTIME"
    shift
    printf '\n── %s\n' "$label"
    if ! "$@" 2>&1 </dev/null | sed 's/^/   /'; then
        say "   FAILED: $label"
        say "   the way out: $show_cure"
        stop_here
    fi
    printf '%7s s\n' "$(seconds_since "$start")"
}

# ---- Packages -------------------------------------------------------------------------------------------------

have_package() {
    case "$1" in
    g++) command -v g++ ;;
    cmake) command -v cmake ;;
    ninja-build) command -v ninja ;;
    pkg-config) command -v pkg-config ;;
    dpkg-dev) command -v dpkg-source ;;
    patch) command -v patch ;;
    python3-venv) "$(python_command)" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' ;;
    *) [[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]] ;;
    esac >/dev/null 2>&1
}

as_root() {
    if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    # The lists of a fresh machine are empty and those of an old one stale, so a first failure is answered by an update.
    as_root apt-get install -y -q --no-install-recommends "$@" ||
        { as_root apt-get update -q && as_root apt-get install -y -q --no-install-recommends "$@"; }
}

# need PACKAGE... : installs what is missing, and only that. With everything there, nothing runs and no network is needed.
need() {
    local missing=() package
    for package in "$@"; do
        have_package "$package" || missing+=("$package")
    done
    [[ ${#missing[@]} -eq 0 ]] && return 0
    if ! command -v apt-get >/dev/null; then
        say "missing: ${missing[*]} (Debian's names). This machine has no apt-get: install them by its own means, then run this again."
        stop_here
    fi
    if [[ $(id -u) -ne 0 ]]; then
        if ! command -v sudo >/dev/null; then
            say "missing: ${missing[*]}. As root:   apt-get install ${missing[*]}   then run this again."
            stop_here
        fi
        sudo -v || stop_here # asks for the password here, where the prompt can be seen
    fi
    step "install ${missing[*]}" "check the network and the apt sources; or by hand: apt-get install ${missing[*]}" \
        install_packages "${missing[@]}"
}

# src/wire needs FlatBuffers' headers and flatc, so every build of the library does.
flatbuffers_packages=(libflatbuffers-dev flatbuffers-compiler)
# What exprjit-server is made of, on top of that.
server_packages=(pkg-config libcli11-dev libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libspdlog-dev
    prometheus-cpp-dev libcpp-httplib-dev libssl-dev)

# ---- Building -------------------------------------------------------------------------------------------------

need_asmjit() {
    asmjit_dir="${EXPRJIT_ASMJIT_DIR:-$root/.deps/asmjit}"
    [[ -f "$asmjit_dir/src/asmjit/x86.h" ]] && return 0
    if [[ -n "${EXPRJIT_ASMJIT_DIR:-}" ]]; then
        say "EXPRJIT_ASMJIT_DIR is $EXPRJIT_ASMJIT_DIR, which has no src/asmjit/x86.h. Correct it, or unset it to have the source fetched."
        stop_here
    fi
    need dpkg-dev patch
    step "fetch the source of asmjit (Debian's source package)" \
        "check the network; or set EXPRJIT_ASMJIT_DIR to a folder that holds the source of asmjit (December 2022)" \
        "$root/cmake/fetch_asmjit.sh" "$asmjit_dir"
}

# build PRESET FOLDER [cmake options...] -- [targets...]
build() {
    local preset="$1" folder="$build_root/$2" options=() targets=()
    shift 2
    while [[ $# -gt 0 && "$1" != "--" ]]; do options+=("$1") && shift; done
    shift || true
    [[ $# -gt 0 ]] && targets=(--target "$@")
    need g++ cmake ninja-build "${flatbuffers_packages[@]}"
    need_asmjit
    step "configure ($preset)" "rm -rf '$folder'   and again, if the folder was made by another version of the tools" \
        cmake --preset "$preset" -B "$folder" "-DEXPRJIT_ASMJIT_DIR=$asmjit_dir" "${options[@]}"
    step "build ($preset)" "the compiler's message is above; g++ 12 or newer and 2 GB of memory are needed" \
        cmake --build "$folder" -j "$jobs" "${targets[@]}"
}

# ---- Python ---------------------------------------------------------------------------------------------------

# The python3 of the PATH if it is new enough and can make environments, else Debian's.
python_command() {
    if python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        command -v python3
    else
        echo /usr/bin/python3
    fi
}

# python_environment MODULE... : .build/venv with these modules, written module=package where PyPI's name is another. Debian 12
# marks its Python as externally managed, so nothing is ever installed outside the environment.
python_environment() {
    local module missing=()
    need python3 python3-venv
    python="$build_root/venv/bin/python"
    if ! "$python" -c 'import pip' >/dev/null 2>&1; then
        rm -rf "$build_root/venv"
        step "make a Python environment" "apt-get install python3-venv" "$(python_command)" -m venv "$build_root/venv"
    fi
    for module in "$@"; do
        "$python" -c "import ${module%%=*}" >/dev/null 2>&1 || missing+=("${module##*=}")
    done
    if [[ ${#missing[@]} -gt 0 ]]; then
        step "pip install ${missing[*]} (into .build/venv)" "check the network, or that pip can reach its index" \
            "$python" -m pip install --quiet --disable-pip-version-check "${missing[@]}"
    fi
}

# python_client FOLDER : installs clients/python into the environment if it, or the library built in FOLDER, has changed.
python_client() {
    local stamp="$build_root/venv/exprjit-$1.stamp" state
    state="$(cd "$root" && find clients/python include ".build/$1/lib" \
        \( -name __pycache__ -o -name '*.egg-info' -o -name .pytest_cache -o -name build \) -prune -o \
        -type f -printf '%p %s %T@\n' | sort | cksum)"
    if [[ "$(cat "$stamp" 2>/dev/null)" == "$state" ]] && "$python" -c 'import exprjit' >/dev/null 2>&1; then return 0; fi
    step "pip install ./clients/python" "./dev build first; without a network, pip needs its build backend in its cache" \
        env "EXPRJIT_LIBRARY=$build_root/$1/lib/libexprjit.so" \
        "$python" -m pip install --quiet --disable-pip-version-check "$root/clients/python"
    rm -f "$build_root"/venv/exprjit-*.stamp # one environment holds one installation
    printf '%s\n' "$state" >"$stamp"
}
