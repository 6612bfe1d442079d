// SPDX-License-Identifier: MIT OR Apache-2.0
#include "muparser_calls.h"
#include "rivals.h"

#if EXPRJIT_BENCH_HAVE_MUPARSER
#include <muParser.h>

namespace exprjit::bench {

namespace {

// An interpreter of byte code: its compile is the first evaluation.
class MuParser final : public Rival {
  public:
    MuParser() {
        for (int p = 0; p < 4; ++p) parser_.DefineVar("p" + std::to_string(p), &values_[p]);
    }
    const char* name() const override { return "muParser (byte code)"; }
    bool from_text() const override { return true; }
    uint32_t most_steps() const override { return 100; }

    bool compile(const Formula& f) override {
        if (f.steps.data() != text_of_) {
            text_ = f.text();
            text_of_ = f.steps.data();
        }
        try {
            parser_.SetExpr(text_);
            parser_.Eval();
            return true;
        } catch (const mu::Parser::exception_type&) {
            return false;
        }
    }
    void release() override {}
    double call(double a, double b, double c, double d) override {
        values_[0] = a, values_[1] = b, values_[2] = c, values_[3] = d;
        return parser_.Eval();
    }

  private:
    mu::Parser parser_;
    double values_[4] = {1, 2, 3, 4};
    std::string text_;
    const void* text_of_ = nullptr;
};

}  // namespace

std::unique_ptr<Rival> make_muparser() { return std::make_unique<MuParser>(); }

struct MuParserExpression::Impl {
    mu::Parser parser;
    double values[3] = {};
};

MuParserExpression::MuParserExpression(const char* text) : impl_(std::make_unique<Impl>()) {
    static constexpr const char* names[] = {"a", "b", "c"};
    for (int k = 0; k < 3; ++k) impl_->parser.DefineVar(names[k], &impl_->values[k]);
    try {
        impl_->parser.SetExpr(text);
        impl_->parser.Eval();
        good_ = true;
    } catch (const mu::Parser::exception_type&) {
        good_ = false;
    }
}
MuParserExpression::~MuParserExpression() = default;

void MuParserExpression::evaluate(const double* a, const double* b, const double* c, double* out, int n) {
    for (int k = 0; k < n; ++k) {
        impl_->values[0] = a[k], impl_->values[1] = b[k], impl_->values[2] = c[k];
        out[k] = impl_->parser.Eval();
    }
}
bool MuParserExpression::installed() { return true; }

}  // namespace exprjit::bench
#else
namespace exprjit::bench {
std::unique_ptr<Rival> make_muparser() { return nullptr; }
struct MuParserExpression::Impl {};
MuParserExpression::MuParserExpression(const char*) {}
MuParserExpression::~MuParserExpression() = default;
void MuParserExpression::evaluate(const double*, const double*, const double*, double*, int) {}
bool MuParserExpression::installed() { return false; }
}  // namespace exprjit::bench
#endif
