// SPDX-License-Identifier: MIT OR Apache-2.0
#include "interrupt.h"

#include <climits>
#include <csignal>
#include <cstring>
#include <unistd.h>

#include "status.h"

namespace exprjit::cli {
namespace {

volatile int32_t stop_signal = 0;
volatile sig_atomic_t temporary_is_set = 0;
char temporary_path[PATH_MAX];

void on_signal(int number) {
    if (stop_signal != 0) {
        if (temporary_is_set != 0) {
            unlink(temporary_path);  // async-signal-safe, as is _exit
        }
        _exit(kExitSignalBase + number);
    }
    stop_signal = number;
}

}  // namespace

void catch_interrupts() {
    for (int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before {};
        if (sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) {
            continue;
        }
        struct sigaction action {};
        action.sa_handler = on_signal;
        sigemptyset(&action.sa_mask);
        action.sa_flags = 0;  // no SA_RESTART: a blocked read or write must come back to look at the stop word
        sigaction(number, &action, nullptr);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

int interrupted() { return stop_signal; }

const volatile int32_t* stop_word() { return &stop_signal; }

void set_temporary_file(const char* path) {
    temporary_is_set = 0;
    if (path != nullptr && std::strlen(path) < sizeof temporary_path) {
        std::strcpy(temporary_path, path);
        temporary_is_set = 1;
    }
}

}  // namespace exprjit::cli
