// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A row function that holds reductions cannot run in one pass: sum((x - mean(x))**2) needs the mean of all rows first. Here
// it is cut into stages, each free of Reduce nodes: every stage but the last two feeds the reductions whose operands it
// computes; their results are parameters of the later stages.
#pragma once

#include <vector>

#include "ir/op.h"
#include "ir/program.h"
#include "opt/pipeline.h"
#include "support/result.h"

namespace exprjit {

struct Reduction {
    ReduceKind kind;
    Scalar type;    // of the value that is reduced
    Scalar result;  // of the reduction: Count, ArgMin, ArgMax give i64
};

struct Stage {
    // One legal function. Its parameters are those of the row function in order (used or not), then one per reduction of
    // the earlier stages in the order of Stages::reductions. Its results are, for each reduction it feeds, the value and
    // the predicate (bool).
    Program program;
    std::vector<uint32_t>
        reductions;  // the reductions it feeds: indices in Stages::reductions, ascending and consecutive
};

struct Stages {
    std::vector<Reduction> reductions;
    std::vector<Stage> reducing;  // in order of execution; empty if there is no Reduce node
    // What gives the outputs; parameters as in Stage with all reductions.
    Program rows;                        // results: the outputs that differ from row to row; its checks are run per row
    Program once;                        // results: the outputs that are the same for all rows (reduced); run once
    std::vector<uint32_t> rows_outputs;  // the outputs of the row function that `rows` gives, in order
    std::vector<uint32_t> once_outputs;  // the others. An output is reduced if it depends on a Reduce node, and on
                                         // parameters only through Reduce nodes
    bool has_rows = false;               // whether `rows` must run: it has outputs or checks
    bool has_once = false;               // the same for `once`: outputs, or checks that depend on reductions only
};

// Cuts function 0 of a program that went through run_pipeline. Each check goes where its condition is first known (a
// check whose condition needs no parameter but reductions goes to `once`); all of its nodes that a stage does not need are
// left out. Without Reduce nodes `rows` is the program itself. Linear in nodes times stages.
Result<Stages> split_stages(Program program, PassScratch& scratch);

}  // namespace exprjit
