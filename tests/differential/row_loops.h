// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A row function as a loop over columns, in the shapes vectorize() offers: scalar, padded lanes (v3), masked lanes (v4), each
// in the interpreter and as machine code. The oracle runs the row function itself, row by row.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lane_coverage.h"
#include "opt/vectorize.h"
#include "support/column_block.h"
#include "support/engines.h"
#include "support/random.h"

namespace exprjit::differential {

// How the parameters and results of a row function meet columns.
struct RowLayout {
    std::vector<RowInput> inputs;
    std::vector<RowSink> sinks;
    std::vector<int> in_place;  // per sink: the input whose column it overwrites, or -1
};
RowLayout random_layout(const Function& row, trial::Random& random);

// One set of columns. Uniform inputs are one element.
struct RowColumns {
    int64_t rows = 0;
    int64_t first_row = 0;
    trial::Guarded::Side side = trial::Guarded::Side::Back;
    std::vector<std::vector<uint64_t>> inputs;
};
RowColumns random_columns(const RowLayout& layout, const Function& row, int64_t rows, trial::Random& random);

// What the columns must hold afterwards.
struct RowExpectation {
    bool fails = false;
    bool cancelled = false;                      // the oracle did not end
    int64_t failed_row = -1;                     // in the columns
    std::vector<std::vector<uint64_t>> outputs;  // per store, all rows; behind a failing row they do not count
    std::vector<std::vector<Slot>> partials;     // per reduction
};

// A way to run the loop.
struct LoopEngine {
    const char* name;
    RowTarget target;
    Isa isa = Isa::None;  // None: the interpreter
    bool few_registers = false;
};
// Those this host can run. EXPRJIT_TEST_ENGINES keeps the ones whose name contains it.
std::span<const LoopEngine> loop_engines();

// The row function's loop, ready to run on one engine.
class RowLoop {
  public:
    // `row` went through run_pipeline.
    static Result<RowLoop> make(const Program& row, const RowLayout& layout, const LoopEngine& engine,
                                trial::Mutation mutation = nullptr);
    // "" if it does what is expected.
    std::string check(const RowLayout& layout, const RowColumns& columns, const RowExpectation& want) const;

    const Program& program() const { return program_; }
    int lane_log2() const { return lane_log2_; }
    uint32_t spills() const { return spills_; }

  private:
    class Columns;
    trial::Outcome run(std::span<const Slot> args) const;
    std::string check_outputs(const RowLayout& layout, const RowColumns& columns, const RowExpectation& want,
                              const Columns& memory, int64_t done) const;

    Program program_;
    int lane_log2_ = 0;
    bool is_padded_ = false;
    std::optional<Interpreter> interpreter_;
    trial::NativeCode code_;
    uint32_t spills_ = 0;
};

// A random row function on every engine.
class RowTrial {
  public:
    // Errors of the oracle or of the pipelines end up in `why`.
    static std::optional<RowTrial> make(const Program& program, const RowLayout& layout, std::string& why,
                                        trial::Mutation mutation = nullptr);
    // "" if all engines agree with the oracle. Begins with trial::kDidNotEnd if the oracle had to be stopped.
    std::string compare(const RowColumns& columns) const;
    void count(LaneCoverage& coverage) const;
    bool uses_lanes() const;
    uint32_t most_spills() const;

  private:
    struct Entry {
        std::string name;
        RowLoop loop;
    };
    RowExpectation expect(const RowColumns& columns) const;

    RowLayout layout_;
    std::shared_ptr<trial::Prepared> oracle_;
    std::vector<Type> results_;
    std::vector<Entry> entries_;
};

}  // namespace exprjit::differential
