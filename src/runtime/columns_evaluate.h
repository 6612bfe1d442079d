// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The steps that whole evaluations and reductions fed in pieces share.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "runtime/columns_run.h"
#include "runtime/staging.h"

namespace exprjit {

class Kernel;

// The element at `data`, as a load in generated code widens it.
Slot read_element(Storage dtype, const void* data);

// Layout bytes of columns that come in whatever way. A uniform input's value goes to `uniforms`. False if a dtype
// does not convert and the layout may therefore be found by mistake.
bool describe_columns(const Kernel& kernel, std::span<const Column> inputs, std::span<const Column> outputs,
                      int64_t rows, uint8_t* layout, Slot* uniforms);

// Runs reducing stage number `index`, over all rows.
Result<void> evaluate_reducing(const Kernel& kernel, const Evaluation& e, size_t index, std::span<BlockTree> trees);

// Runs code->once: `outs` receives a slot per once output. Needs all reductions.
Result<void> evaluate_once(const Kernel& kernel, const Evaluation& e, Slot* outs);

// What a failing stage is reported as. `stage`: a reducing stage, or reducing.size() for the rows.
Failure explain_failure(const Kernel& kernel, const Evaluation& e, size_t stage, const FirstFailure& failure);

// The code of e's layout with outputs stored around the caches, or nullptr if that is not worth while or not possible.
Result<const ColumnCode*> streaming_code(const Kernel& kernel, const ColumnRun& run, const Evaluation& e,
                                         std::unique_ptr<ColumnCode>& single);

}  // namespace exprjit
