// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How a command ends: an exit code and the text that explains it.
#pragma once

#include <exprjit/exprjit.h>

#include <string>
#include <string_view>

namespace exprjit::cli {

// The exit codes of the tool, as docs/cli.md lists them.
enum ExitCode : int {
    kExitOk = 0,
    kExitFailed = 1,       // evaluation failed, or a file could not be read or written
    kExitUsage = 2,        // the command line itself is wrong
    kExitInvalid = 3,      // syntax, name or type error in the expression
    kExitLimit = 4,        // a documented limit was reached
    kExitSignalBase = 128  // plus the number of the signal: 130 for Ctrl-C, 141 for a closed pipe, 143 for SIGTERM
};

// The outcome of a step. `text` is complete (it ends in a newline) and is for standard error; it is empty when there is
// nothing to say, as after a closed pipe.
struct Status {
    int exit_code = kExitOk;
    std::string text;

    bool ok() const { return exit_code == kExitOk; }
};

// A failure in the tool's own words: "error: message", and "hint: ..." when there is a way out.
Status failure(int exit_code, std::string_view message, std::string_view hint = {});

// A failure that names the system's reason: "error: cannot read x: No such file or directory".
Status system_failure(std::string_view what, int error_number, std::string_view hint = {});

// When something happened: which decides what a status of the library means to a shell.
enum class Phase { kCompile, kRun };

// The exit code for a status of the library.
int exit_code_of(ej_status status, Phase phase);

}  // namespace exprjit::cli
