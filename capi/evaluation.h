// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What all functions that evaluate over columns do first: read the run options, and the columns.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "border.h"
#include "runtime/columns.h"
#include "runtime/executor.h"

namespace exprjit::capi {

// ej_run_options in the terms of the column engine. Keeps the executor that run() points to.
class RunSetup {
  public:
    // nullptr if the options are fine; NULL options are.
    Failure read(const ej_run_options* options);
    ColumnRun run() { return ColumnRun(stop_, executor_); }
    const volatile int32_t* stop() const { return stop_; }

  private:
    const volatile int32_t* stop_ = nullptr;
    Executor* executor_ = nullptr;
    std::optional<PoolExecutor> pool_;
    std::optional<HostExecutor> host_;
};

Failure wrong_count(const char* what, size_t wanted, size_t given);

// The out.size() columns that a caller states, checked as far as that needs no kernel. `what` is "input" or "output".
Failure convert_columns(const ej_column* columns, const char* what, std::span<Column> out);

Failure check_rows(int64_t rows);

// The tagged value of a slot.
ej_value value_of(Scalar type, Slot s);

}  // namespace exprjit::capi
