// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exprjit-server: start, wait for a signal, drain.
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <thread>

#include "log.h"
#include "options.h"
#include "server.h"

namespace {

// Columns of a megabyte come and go with every batch. By default each would be a mapping of its own, whose pages the kernel
// clears one by one: as slow as the copy itself.
void keep_freed_memory() {
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_ARENA_MAX, 4);
}

// SIGTERM, SIGINT and SIGHUP (the terminal is gone) are taken by the main thread alone; every other thread inherits that they are
// blocked. What is ignored stays so: that is how nohup asks to go on.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    struct sigaction hangup {};
    if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) {
        sigaddset(&signals, SIGHUP);
    }
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
    return signals;
}

const char* signal_name(int number) { return number == SIGTERM ? "SIGTERM" : number == SIGINT ? "SIGINT" : "SIGHUP"; }

}  // namespace

int main(int argc, char** argv) {
    using namespace exprjit::server;
    keep_freed_memory();
    Options options;
    int exit_code = 0;
    if (!read_options(argc, argv, options, exit_code)) {
        return exit_code;
    }
    const sigset_t signals = block_signals();
    start_log(options.log_format, options.log_level);
    Server server;
    const std::string why = server.start(options, exit_code);
    if (!why.empty()) {
        std::cerr << "exprjit-server: " << why << "\n";
        return exit_code;
    }
    std::printf("%s\n", server.start_up_line().c_str());
    std::fflush(stdout);

    int signal_number = 0;
    sigwait(&signals, &signal_number);
    log_event(LogLevel::kInfo, "draining", {{"signal", std::string(signal_name(signal_number))}});
    // A second signal does not wait for anybody.
    std::thread([signals] {
        int again = 0;
        sigwait(&signals, &again);
        log_event(LogLevel::kWarning, "ended at once", {});
        flush_log();
        _exit(128 + again);
    }).detach();
    const bool all_ended = server.drain();
    log_event(LogLevel::kInfo, "ended", {{"calls cut off", !all_ended}});
    flush_log();
    // Everything is answered and the sockets are gone. gRPC's own end would now and then wait ten seconds for a connection it has
    // lost count of, and a supervisor that waits for this process would start the next one late.
    _exit(0);
}
