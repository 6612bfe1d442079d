// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "case_file.h"
#include "runtime/engine.h"
#include "runtime/kernel.h"
#include "support/agreement.h"

namespace exprjit::filetests {

// What one evaluation over columns gets and must give.
struct ColumnTrial {
    int64_t rows = 0;
    int line = 0;              // of the run line to blame
    trial::Arguments columns;  // inputs, then outputs
    trial::Observation want;   // the arrays afterwards
    std::optional<int64_t> failing_row;
};

// A case compiled by the runtime, in every tier and at every level of this host, and evaluated by its column engine.
// Cases in IR text are not: they are programs, not kernels.
class RuntimeColumns {
  public:
    explicit RuntimeColumns(const Case& c);
    ~RuntimeColumns();
    RuntimeColumns(const RuntimeColumns&) = delete;
    RuntimeColumns& operator=(const RuntimeColumns&) = delete;

    // Why it could not be compiled; empty if it could.
    const std::string& why() const { return why_; }
    // "" if every kernel does what the trial says.
    std::string check(const ColumnTrial& t, trial::Guarded::Side side) const;

  private:
    struct Named {
        std::string name;
        Kernel* kernel;
    };
    std::string check_one(const Named& k, const ColumnTrial& t, trial::Guarded::Side side) const;

    Ref<Engine> engine_;
    std::vector<Named> kernels_;
    std::string why_;
};

}  // namespace exprjit::filetests
