// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ir/verify_report.h"

namespace exprjit::verifier {

namespace {

Status status_of(Code code) {
    switch (code) {
#define EJ_CODE(number, Name, status, sentence)                                                                        \
    case k##Name:                                                                                                      \
        return Status::status;
#include "ir/verify_codes.def"
#undef EJ_CODE
    }
    return Status::InvalidArgument;
}

std::string name_of_function(const Function& f, uint32_t index) {
    if (f.name.empty()) return "function " + std::to_string(index);
    std::string name = "function '";
    for (const char c : f.name.substr(0, 80)) name += static_cast<unsigned char>(c) < ' ' ? '?' : c;
    return name + "'";
}

}  // namespace

void Report::add(Code code, Span span, std::string message, std::string hint) {
    if (full()) return;
    if (!error_) error_ = std::make_unique<Error>();
    error_->diagnostics.push_back({status_of(code), code, span, std::move(message), std::move(hint)});
}

void Report::program(Code code, std::string message, std::string hint) {
    add(code, kNoSpan, std::move(message), std::move(hint));
}

void Report::function(const Function& f, uint32_t index, Code code, std::string message, std::string hint) {
    if (full()) return;
    add(code, kNoSpan, name_of_function(f, index) + ": " + message, std::move(hint));
}

void Report::node(const Function& f, uint32_t index, ValueId v, Code code, std::string message, std::string hint) {
    refused(f, index, v, f[v].op, f.span_of(v), code, std::move(message), std::move(hint));
}

void Report::refused(const Function& f, uint32_t index, ValueId v, Op op, Span span, Code code, std::string message,
                     std::string hint) {
    if (full()) return;
    const auto number = static_cast<int>(op);
    const std::string op_name = number < kOpCount ? info(op).text : "unknown operation " + std::to_string(number);
    add(code, span, name_of_function(f, index) + ", node %" + std::to_string(v) + " (" + op_name + "): " + message,
        std::move(hint));
}

}  // namespace exprjit::verifier
