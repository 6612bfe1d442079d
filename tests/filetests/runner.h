// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "case_file.h"
#include "support/result.h"

namespace exprjit::filetests {

// Told about everything that is not as expected: the line of the file, and a message of one or more lines.
using Report = std::function<void(int line, const std::string& message)>;

// Compiles or parses the source of a case the way its file says; checks the program with the verifier.
Result<Program> front_end(const Case& c);

// All `run:` lines of a case: variables, literals, columns, every engine (run_lines.cpp).
void check_runs(const Case& c, const Program& program, const Report& report);

// The expectations about diagnostics, types, names and listings (expectations.cpp). False if the rest of the case
// makes no sense any more. `blessed` receives the new text of a `listing:` that differs when `bless` is set.
bool check_front_end(const Case& c, const Result<Program>& compiled, const Report& report);
void check_listing(const CaseFile& file, const Case& c, const Program& program, bool bless, std::string* blessed,
                   const Report& report);

}  // namespace exprjit::filetests
