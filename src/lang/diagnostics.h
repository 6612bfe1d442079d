// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "support/result.h"

namespace exprjit::lang {

// The diagnostics of errors.def by name; the value is the code.
enum class Problem : int32_t {
#define LANG_ERROR(code, Name, status, meaning) Name = code,
#include "lang/errors.def"
};

// Collects what is wrong with one text. After kMost reports it is full, and whoever is working stops.
class Diagnostics {
  public:
    static constexpr size_t kMost = 20;

    void clear() { error_.reset(); }
    bool empty() const { return !error_; }
    bool full() const { return error_ && error_->diagnostics.size() >= kMost; }
    void report(Problem problem, Span span, std::string message, std::string hint = {});
    // What was reported, in order of position. Leaves this object empty.
    Failure take();

  private:
    Failure error_;
};

// A piece of the user's text as a message shows it: in single quotes, cut after 40 characters.
std::string quoted(std::string_view text);

}  // namespace exprjit::lang
