// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Ctrl-C, SIGTERM and SIGHUP: the first one asks every loop to stop in order, the second one ends the process at once.
#pragma once

#include <cstdint>

namespace exprjit::cli {

// Installs the handlers and ignores SIGPIPE and SIGXFSZ, so that writing reports an error instead. Call once, early. A
// signal that the parent process told us to ignore stays ignored.
void catch_interrupts();

// The number of the signal that asked the tool to stop; 0 while it may go on.
int interrupted();

// The word the library polls while a kernel runs: non-zero once interrupted.
const volatile int32_t* stop_word();

// The temporary file that even a second signal must remove; nullptr when there is none (any more). A path too long for
// the fixed buffer is left to the ordinary clean-up.
void set_temporary_file(const char* path);

}  // namespace exprjit::cli
