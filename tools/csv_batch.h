// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "csv_plan.h"
#include "output.h"

namespace exprjit::cli {

// The rows between two refills of the reader's buffer: collected, evaluated in one call and written with their results. Where
// the expression looks at all rows at once (plan.is_reducing), the values of the whole table are collected instead, and the
// rows are read once more to be written.
class CsvBatch {
  public:
    // Everything is borrowed and must outlive the batch.
    CsvBatch(const Options& options, const CsvSource& source, const CsvPlan& plan, Output& output);

    // Takes a record in; a row with an empty cell among those used will come out with empty results.
    Status add(const CsvRecord& record);
    // Evaluates and writes what was added, and starts afresh. Of a reducing expression: nothing.
    Status finish();
    // Of a reducing expression: evaluates everything that was added.
    Status evaluate_all() { return evaluate(); }
    // And then, in the second pass, writes the next record with its results.
    Status write_next(const CsvRecord& record);
    // Or, where all results are reduced, writes them, a line each.
    void write_reduced();

    // Enough rows for one evaluation: more would only leave the caches.
    bool full() const { return !plan_.is_reducing && rows_.size() >= size_t(64) << 10; }
    int64_t row_count() const { return row_count_; }
    int64_t null_count() const { return null_count_; }

  private:
    enum class Kind : unsigned char { kValues, kNull, kBlankLine };
    struct Row {
        const char *begin, *body_end, *end;
        int64_t line;
        Kind kind;
    };

    Status evaluate();
    Status failed_row(ej_status status, ej_error* error);
    void write();
    void write_row(const Row& row, size_t& index);
    void append_result(std::string& out, const ej_value& value);

    const Options& options_;
    const CsvSource& source_;
    const CsvPlan& plan_;
    Output& output_;
    CellText cells_;
    bool delimiter_in_numbers_ = false;
    std::vector<Row> rows_;
    std::vector<ColumnValues> inputs_;
    std::vector<std::vector<unsigned char>> results_;  // one per output, for the rows that have values
    size_t next_row_ = 0;                              // of a reducing expression, in the second pass: in rows_
    size_t next_index_ = 0;                            // and in results_
    int64_t row_count_ = 0;
    int64_t null_count_ = 0;
};

}  // namespace exprjit::cli
