// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One function per command of the tool. Each returns its outcome; data goes to standard output, everything else is in
// the status or has been said already.
#pragma once

#include "options.h"

namespace exprjit::cli {

Status run_eval(const Options& options, const Messages& messages);
Status run_eval_csv(const Options& options, const Messages& messages);
Status run_ir(const Options& options, const Messages& messages);
Status run_asm(const Options& options, const Messages& messages);
Status run_check(const Options& options, const Messages& messages);
Status run_info(const Options& options, const Messages& messages);
Status run_functions(const Options& options, const Messages& messages);
Status run_bench(const Options& options, const Messages& messages);

}  // namespace exprjit::cli
