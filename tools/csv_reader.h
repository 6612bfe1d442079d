// SPDX-License-Identifier: MIT OR Apache-2.0
//
// RFC 4180 records, as views into a buffer: nothing is copied and nothing is unquoted until somebody asks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "csv_source.h"

namespace exprjit::cli {

// One record. The pointers are valid until the reader has said kBatchEnd and is asked again.
struct CsvRecord {
    const char* begin = nullptr;
    const char* body_end = nullptr;  // before the line terminator
    const char* end = nullptr;       // after it; equal to body_end at the end of a file that lacks it
    int64_t line = 0;                // from 1: the line the record begins on
    // The end of each cell; a cell begins one byte after the end of the one before it.
    const std::vector<const char*>* cell_ends = nullptr;

    size_t cell_count() const { return cell_ends->size(); }
    // The bytes of a cell as they stand in the file, quotes included.
    std::string_view raw_cell(size_t index) const {
        const char* const from = index == 0 ? begin : (*cell_ends)[index - 1] + 1;
        return std::string_view(from, static_cast<size_t>((*cell_ends)[index] - from));
    }
    std::string_view terminator() const { return std::string_view(body_end, static_cast<size_t>(end - body_end)); }
    bool blank() const { return begin == body_end; }
};

enum class CsvStep {
    kRecord,
    kBatchEnd,  // every record so far must be used up before the next call: the buffer is about to be refilled
    kEnd,       // of the file; comes after a kBatchEnd
    kFailed
};

class CsvReader {
  public:
    CsvReader(CsvSource& source, char delimiter) : source_(source), delimiter_(delimiter) {}

    // The next record, or what stands in its way.
    CsvStep next(CsvRecord& record);

    // Makes rewind possible for a source that is a pipe. Only after the first record and before the second.
    Status prepare_second_pass();
    // Back to the beginning.
    Status rewind();

    // After kFailed.
    const Status& status() const { return status_; }
    // Whether the file begins with a UTF-8 byte order mark (known after the first call of next). It is in no cell.
    bool has_bom() const { return has_bom_; }
    int64_t bytes_used() const { return bytes_before_buffer_ + static_cast<int64_t>(cursor_); }

  private:
    enum class Scan { kComplete, kIncomplete, kFailed };

    Scan scan_record(const char* at, const char* end, CsvRecord& record);
    bool refill();
    CsvStep fail(Status status);
    Scan fail_at(int64_t line, const std::string& message, const std::string& hint);

    CsvSource& source_;
    char delimiter_;
    std::vector<char> buffer_;
    size_t cursor_ = 0;  // the next record
    size_t filled_ = 0;
    int64_t bytes_before_buffer_ = 0;
    int64_t line_ = 1;
    int64_t line_breaks_ = 0;  // in the record being scanned
    std::vector<const char*> cell_ends_;
    bool started_ = false;
    bool at_end_ = false;  // the source has no more bytes
    bool records_in_batch_ = false;
    bool has_bom_ = false;
    Status status_;
};

// The text of a cell: quotes taken off and doubled quotes made single. `scratch` holds it when it had to be changed.
std::string_view unquoted_cell(std::string_view raw, std::string& scratch);

// `text` as a cell, in quotes where it needs them.
void append_cell(std::string& out, std::string_view text, char delimiter);

}  // namespace exprjit::cli
