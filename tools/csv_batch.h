// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "csv_plan.h"
#include "output.h"

namespace exprjit::cli {

// The rows between two refills of the reader's buffer: collected, evaluated in one call and written with their results.
class CsvBatch {
  public:
    // Everything is borrowed and must outlive the batch.
    CsvBatch(const Options& options, const CsvSource& source, const CsvPlan& plan, Output& output);

    // Takes a record in; a row with an empty cell among those used will come out with empty results.
    Status add(const CsvRecord& record);
    // Evaluates and writes what was added, and starts afresh.
    Status finish();

    // Enough rows for one evaluation: more would only leave the caches.
    bool full() const { return rows_.size() >= size_t(64) << 10; }
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
    int64_t row_count_ = 0;
    int64_t null_count_ = 0;
};

}  // namespace exprjit::cli
