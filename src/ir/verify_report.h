// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How the verifier and the checked builder collect what they find. Private to verify*.cpp and checked_builder.cpp.
#pragma once

#include <string>
#include <string_view>

#include "ir/program.h"
#include "support/result.h"

namespace exprjit::verifier {

enum Code : int32_t {
#define EJ_CODE(number, Name, status, sentence) k##Name = number,
#include "ir/verify_codes.def"
#undef EJ_CODE
};

inline constexpr size_t kMaxDiagnostics = 10;

class Report {
  public:
    bool full() const { return error_ && error_->diagnostics.size() >= kMaxDiagnostics; }
    size_t count() const { return error_ ? error_->diagnostics.size() : 0; }

    // About the program, a function as a whole, or one node of it. Text is built only here, on the failing path.
    void program(Code code, std::string message, std::string hint = {});
    void function(const Function& f, uint32_t index, Code code, std::string message, std::string hint = {});
    void node(const Function& f, uint32_t index, ValueId v, Code code, std::string message, std::string hint = {});

    // About a node that was not made: it would have been %v.
    void refused(const Function& f, uint32_t index, ValueId v, Op op, Span span, Code code, std::string message,
                 std::string hint = {});

    const Error* error() const { return error_.get(); }
    void clear() { error_.reset(); }
    Result<void> finish() { return error_ ? Result<void>(std::move(error_)) : Result<void>(); }

  private:
    void add(Code code, Span span, std::string message, std::string hint);

    Failure error_;
};

}  // namespace exprjit::verifier
