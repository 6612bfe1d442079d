// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rivals.h"

#if EXPRJIT_BENCH_HAVE_ASMJIT
#include <asmjit/x86.h>

namespace exprjit::bench {

namespace {

// asmjit's own Compiler and register allocator, with its objects reused from compile to compile as its manual advises.
class AsmjitCompiler final : public Rival {
  public:
    const char* name() const override { return "asmjit Compiler"; }
    bool from_text() const override { return false; }
    uint32_t most_steps() const override { return 1'000; }

    bool compile(const Formula& f) override {
        using namespace asmjit;
        code_.reset();
        code_.init(runtime_.environment());
        x86::Compiler cc(&code_);
        FuncNode* function = cc.addFunc(FuncSignatureT<double, double, double, double, double>());
        function->frame().setAvxEnabled();
        std::vector<x86::Xmm> values;
        values.reserve(f.first_step() + f.steps.size());
        for (uint32_t p = 0; p < f.params; ++p) {
            values.push_back(cc.newXmmSd());
            function->setArg(p, values.back());
        }
        for (const double d : f.constants) {
            values.push_back(cc.newXmmSd());
            cc.vmovsd(values.back(), cc.newDoubleConst(ConstPoolScope::kLocal, d));
        }
        for (const Formula::Step& s : f.steps) {
            const x86::Xmm out = cc.newXmmSd();
            switch (s.kind) {
            case Formula::Kind::Add: cc.vaddsd(out, values[s.a], values[s.b]); break;
            case Formula::Kind::Sub: cc.vsubsd(out, values[s.a], values[s.b]); break;
            case Formula::Kind::Mul: cc.vmulsd(out, values[s.a], values[s.b]); break;
            case Formula::Kind::Div: cc.vdivsd(out, values[s.a], values[s.b]); break;
            }
            values.push_back(out);
        }
        cc.ret(values.back());
        cc.endFunc();
        return cc.finalize() == kErrorOk && runtime_.add(&function_, &code_) == kErrorOk;
    }
    void release() override {
        if (function_ != nullptr) runtime_.release(function_);
        function_ = nullptr;
    }
    double call(double a, double b, double c, double d) override { return function_(a, b, c, d); }

  private:
    asmjit::JitRuntime runtime_;
    asmjit::CodeHolder code_;
    double (*function_)(double, double, double, double) = nullptr;
};

}  // namespace

std::unique_ptr<Rival> make_asmjit_compiler() { return std::make_unique<AsmjitCompiler>(); }

}  // namespace exprjit::bench
#else
std::unique_ptr<exprjit::bench::Rival> exprjit::bench::make_asmjit_compiler() { return nullptr; }
#endif
