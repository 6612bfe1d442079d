// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Everything about `eval --csv` that is decided before the first row is evaluated.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "column_types.h"
#include "csv_reader.h"
#include "definitions.h"
#include "library.h"
#include "options.h"
#include "progress.h"

namespace exprjit::cli {

struct CsvPlan {
    std::vector<std::string> header;       // the names as they mean, without quotes
    std::vector<UsedColumn> columns;       // what the expression uses, in the order of the file
    std::vector<Definition> constants;     // -D values the kernel takes after the columns
    std::vector<std::string> new_columns;  // names of the results
    std::vector<ej_dtype> result_types;
    std::vector<bool> result_is_reduced;  // one value for the whole table
    bool is_reducing = false;             // the expression looks at all rows at once
    int64_t rows_seen = -1;               // by the pass that finds types; -1 if it was not needed
    Kernel kernel;

    // Whether there is nothing to say about single rows: the results are a line each, not columns.
    bool all_reduced() const {
        return is_reducing &&
               std::find(result_is_reduced.begin(), result_is_reduced.end(), false) == result_is_reduced.end();
    }
};

// The names of a header record. A name that is not UTF-8 or holds a NUL stays in the list, but no expression can use
// it.
std::vector<std::string> header_names(const CsvRecord& record);

// Reports errors of syntax and of names before a large file is read, and fills header and columns; `columns` whose type
// has to be found in the cells have EJ_DTYPE_NONE.
Status plan_columns(ej_engine* engine, const Options& options, const Definitions& definitions, CsvPlan& plan);

// Reads all records after the header and gives each column a type that suits all of its cells.
Status find_types(ej_engine* engine, const Options& options, CsvReader& reader, const CsvSource& source,
                  Progress& progress, CsvPlan& plan);

// Compiles for the types found and names the results.
Status compile_plan(ej_engine* engine, const Options& options, CsvPlan& plan);

// A row whose number of cells differs from the header's. A blank line among several columns is no row.
Status ragged_row(const std::string& file, const CsvRecord& record, size_t wanted);

}  // namespace exprjit::cli
