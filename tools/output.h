// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Where data goes: standard output, or a file that appears whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "status.h"

namespace exprjit::cli {

// A buffered writer on a descriptor that it does not own. What reaches the descriptor before an interrupt ends with a
// whole line.
class Output {
  public:
    // `name` is for messages: "standard output", or a path.
    Output(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

    void append(std::string_view text) { buffer_.append(text); }
    // The buffer itself, for callers that format numbers in place.
    std::string& buffer() { return buffer_; }

    // A record ends here. Writes the buffer when enough has gathered.
    void end_record() {
        if (buffer_.size() >= kFlushBytes) {
            flush();
        }
    }
    // Writes everything now. False once anything has failed: then nothing more is written.
    bool flush();

    bool ok() const { return status_.ok(); }
    // Writes what is left and returns the outcome of everything so far.
    Status finish();

  private:
    static constexpr size_t kFlushBytes = size_t(256) << 10;

    // Waits up to a second for the descriptor to take more; false if it does not.
    bool wait_writable() const;

    int descriptor_;
    std::string name_;
    std::string buffer_;
    Status status_;
};

Output standard_output();

// A file written beside its final place and renamed over it, so that readers see the old content or the new one and
// nothing else. What is not a regular file (a terminal, a pipe, /dev/null) is written directly.
class ReplacedFile {
  public:
    ReplacedFile() = default;
    ReplacedFile(const ReplacedFile&) = delete;
    ReplacedFile& operator=(const ReplacedFile&) = delete;
    ~ReplacedFile();  // removes the temporary file unless it was committed

    Status open(const std::string& path);
    int descriptor() const { return descriptor_; }
    // Flushes the file to the disk and puts it in its place.
    Status commit();

  private:
    void discard();

    std::string target_;     // where symbolic links lead
    std::string temporary_;  // empty when written directly
    int descriptor_ = -1;
};

}  // namespace exprjit::cli
