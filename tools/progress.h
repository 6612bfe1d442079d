// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "messages.h"

namespace exprjit::cli {

// A line on the terminal that is redrawn while a file is read. Silent where there is no terminal, and under -q.
class Progress {
  public:
    explicit Progress(const Messages& messages) : messages_(messages) {}
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() { clear(); }

    // Redraws at most ten times a second. `total_bytes` is -1 where it is not known.
    void show(const char* what, int64_t rows, int64_t bytes, int64_t total_bytes);
    // Removes the line.
    void clear();

    double seconds() const;

  private:
    using Clock = std::chrono::steady_clock;

    const Messages& messages_;
    Clock::time_point start_ = Clock::now();
    Clock::time_point drawn_{};
    bool visible_ = false;
};

// "1.23 M", "456 k", "78": a count or a rate for people.
std::string scaled(double value);

}  // namespace exprjit::cli
