// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "csv_source.h"
#include "status.h"

namespace exprjit::cli {

// The lines of a file or of standard input, without their ends (line feed, or carriage return and line feed). A byte
// order mark at the beginning is dropped.
class LineReader {
  public:
    // `before_waiting` is called before every read, so that an answer is on the screen before the next question is
    // asked.
    LineReader(CsvSource& source, std::function<void()> before_waiting)
        : source_(source), before_waiting_(std::move(before_waiting)) {}

    // The next line; false at the end or on failure. Of a line longer than the library takes only as much is kept as
    // the library needs to refuse it.
    bool next(std::string& line);

    int64_t line_number() const { return line_number_; }
    const Status& status() const { return status_; }

  private:
    CsvSource& source_;
    std::function<void()> before_waiting_;
    std::string buffer_;
    size_t position_ = 0;
    int64_t line_number_ = 0;
    bool at_end_ = false;
    Status status_;
};

}  // namespace exprjit::cli
