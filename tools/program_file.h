// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Programs in files: IR bytes, written by --bytes, and IR bytes or IR text, read by --from.
#pragma once

#include <string>

#include "library.h"

namespace exprjit::cli {

// Compiles the program in the file that --from names. Which of the two forms it is, its first bytes tell.
Status compile_file(ej_engine* engine, const Options& options, const CompileRequest& request, Kernel& kernel);

// Writes the program to the file that --bytes names; "-" is standard output.
Status write_bytes(const ej_kernel* kernel, const std::string& path);

}  // namespace exprjit::cli
