// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What type a CSV column has, and the values of its cells.
#pragma once

#include <exprjit/exprjit.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "csv_reader.h"
#include "status.h"

namespace exprjit::cli {

// A column the expression uses.
struct UsedColumn {
    std::string name;
    size_t index = 0;               // in the file
    ej_dtype type = EJ_DTYPE_NONE;  // EJ_DTYPE_NONE until it is known
    bool declared = false;          // by --param: the cells must be of that type
};

// Decides the type of one column from all of its cells: i64 if every cell is an integer in range, f64 if every cell is
// a number, bool if every cell is true or false. Empty cells say nothing.
class TypeGuess {
  public:
    void see(std::string_view content, int64_t line);

    // The type, or EJ_DTYPE_NONE when the cells agree on none. A column with no value at all is f64.
    ej_dtype type() const;
    // For EJ_DTYPE_NONE: the cell that settled it, where it was, and what the cells before it looked like.
    const std::string& odd_cell() const { return odd_cell_; }
    int64_t odd_line() const { return odd_line_; }
    bool odd_among_bools() const { return odd_among_bools_; }

  private:
    enum : unsigned { kInteger = 1, kNumber = 2, kBool = 4 };

    void narrow(unsigned kept, std::string_view content, int64_t line);

    unsigned candidates_ = kInteger | kNumber | kBool;
    std::string odd_cell_;
    int64_t odd_line_ = 0;
    bool odd_among_bools_ = false;
};

// Finds what is in cells: takes off quotes and blanks, and knows which texts mean that there is no value.
class CellText {
  public:
    explicit CellText(const std::vector<std::string>& null_words) : null_words_(null_words) {}

    // The content without quotes and surrounding blanks. Valid until the next call.
    std::string_view content(std::string_view raw);
    bool is_null(std::string_view content) const;

  private:
    const std::vector<std::string>& null_words_;
    std::string scratch_;
};

// Dense values of one column, in the layout the library reads.
class ColumnValues {
  public:
    explicit ColumnValues(ej_dtype type) : type_(type), size_(ej_dtype_size(type)) {}

    // Parses one cell and appends it; false (and nothing is appended) if it is not of the type.
    bool append(std::string_view content);
    // Takes back the last value.
    void remove_last() { bytes_.resize(bytes_.size() - size_); }
    void clear() { bytes_.clear(); }

    ej_column column() { return ej_column{bytes_.data(), static_cast<int64_t>(size_), type_, 0, nullptr, 0}; }
    ej_value value(size_t row) const;
    size_t count() const { return bytes_.size() / size_; }

  private:
    template <class T>
    bool put(T value);

    ej_dtype type_;
    size_t size_;
    std::vector<unsigned char> bytes_;
};

// "the column `x` is not numeric: ..." for a cell that does not fit.
Status bad_cell(const std::string& file, const UsedColumn& column, std::string_view content, int64_t line);
// The same for a column whose cells agree on no type.
Status no_type(const std::string& file, const UsedColumn& column, const TypeGuess& guess);

}  // namespace exprjit::cli
