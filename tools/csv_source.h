// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The bytes of a CSV file, readable twice even when they come from a pipe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "status.h"

namespace exprjit::cli {

class CsvSource {
  public:
    CsvSource() = default;
    CsvSource(const CsvSource&) = delete;
    CsvSource& operator=(const CsvSource&) = delete;
    ~CsvSource();

    // Opens `path`; "-" is standard input. Nothing is read yet.
    Status open(const std::string& path);

    // From now on what is read from a pipe is also kept in a temporary file without a name, so that rewind works. The
    // bytes read so far are `head` and then `rest`. Does nothing for a regular file.
    Status keep_for_second_pass(std::string_view head, std::string_view rest);

    // Reads up to `capacity` bytes; `got` is 0 at the end. An interrupt is a failure with its exit code.
    Status read(char* buffer, size_t capacity, size_t& got);

    // Back to the first byte. Only for regular files and after keep_for_second_pass.
    Status rewind();

    // "in.csv" or "standard input": for messages.
    const std::string& name() const { return name_; }
    // Bytes of the whole file, or -1 if that is not known.
    int64_t size() const { return size_; }

  private:
    Status keep(const char* data, size_t size);

    std::string name_;
    int descriptor_ = -1;  // where the next read comes from
    int kept_ = -1;        // the temporary copy
    int64_t size_ = -1;
    int64_t start_ = 0;  // where a regular file stood when it was opened: standard input need not be at its beginning
    int64_t position_ = 0;  // of the next read
    bool regular_ = false;
    bool from_copy_ = false;
};

}  // namespace exprjit::cli
