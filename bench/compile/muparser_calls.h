// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <memory>

namespace exprjit::bench {

// An expression over a, b and c in muParser, evaluated row after row.
class MuParserExpression {
  public:
    explicit MuParserExpression(const char* text);
    ~MuParserExpression();
    static bool installed();
    // False if muParser does not understand the text.
    bool good() const { return good_; }
    void evaluate(const double* a, const double* b, const double* c, double* out, int n);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
    bool good_ = false;
};

}  // namespace exprjit::bench
