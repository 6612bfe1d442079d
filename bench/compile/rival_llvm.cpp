// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rivals.h"

#if EXPRJIT_BENCH_HAVE_LLVM
#include <llvm-c/Core.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Orc.h>
#include <llvm-c/Target.h>

#include <atomic>

namespace exprjit::bench {

namespace {

// LLVM's ORC LLJIT through its C API, default code generation, no IR passes: the quickest way its manual shows.
class Llvm final : public Rival {
  public:
    Llvm() {
        LLVMInitializeNativeTarget();
        LLVMInitializeNativeAsmPrinter();
        good_ = LLVMOrcCreateLLJIT(&jit_, nullptr) == nullptr;
        context_ = LLVMOrcCreateNewThreadSafeContext();
    }
    ~Llvm() override {
        LLVMOrcDisposeThreadSafeContext(context_);
        if (good_) LLVMConsumeError(LLVMOrcDisposeLLJIT(jit_));
    }
    const char* name() const override { return "LLVM 14 ORC LLJIT"; }
    bool from_text() const override { return false; }
    uint32_t most_steps() const override { return 1'000; }

    bool compile(const Formula& f) override {
        if (!good_) return false;
        const std::string name = "f" + std::to_string(number_++);
        LLVMContextRef context = LLVMOrcThreadSafeContextGetContext(context_);
        LLVMModuleRef module = LLVMModuleCreateWithNameInContext("bench", context);
        LLVMTypeRef number_type = LLVMDoubleTypeInContext(context);
        LLVMTypeRef params[4] = {number_type, number_type, number_type, number_type};
        LLVMValueRef function = LLVMAddFunction(module, name.c_str(), LLVMFunctionType(number_type, params, 4, 0));
        LLVMBuilderRef b = LLVMCreateBuilderInContext(context);
        LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(context, function, "entry"));
        std::vector<LLVMValueRef> values;
        for (uint32_t p = 0; p < f.params; ++p) values.push_back(LLVMGetParam(function, p));
        for (const double d : f.constants) values.push_back(LLVMConstReal(number_type, d));
        for (const Formula::Step& s : f.steps) {
            constexpr LLVMOpcode ops[] = {LLVMFAdd, LLVMFSub, LLVMFMul, LLVMFDiv};
            values.push_back(LLVMBuildBinOp(b, ops[static_cast<int>(s.kind)], values[s.a], values[s.b], ""));
        }
        LLVMBuildRet(b, values.back());
        LLVMDisposeBuilder(b);
        tracker_ = LLVMOrcJITDylibCreateResourceTracker(LLVMOrcLLJITGetMainJITDylib(jit_));
        LLVMErrorRef error =
            LLVMOrcLLJITAddLLVMIRModuleWithRT(jit_, tracker_, LLVMOrcCreateNewThreadSafeModule(module, context_));
        LLVMOrcJITTargetAddress address = 0;
        if (error == nullptr) error = LLVMOrcLLJITLookup(jit_, &address, name.c_str());
        if (error != nullptr) {
            LLVMConsumeError(error);
            return false;
        }
        function_ = reinterpret_cast<double (*)(double, double, double, double)>(address);
        return true;
    }
    void release() override {
        if (tracker_ == nullptr) return;
        LLVMConsumeError(LLVMOrcResourceTrackerRemove(tracker_));
        LLVMOrcReleaseResourceTracker(tracker_);
        tracker_ = nullptr;
    }
    double call(double a, double b, double c, double d) override { return function_(a, b, c, d); }

  private:
    LLVMOrcLLJITRef jit_ = nullptr;
    LLVMOrcThreadSafeContextRef context_ = nullptr;
    LLVMOrcResourceTrackerRef tracker_ = nullptr;
    bool good_ = false;
    int number_ = 0;
    double (*function_)(double, double, double, double) = nullptr;
};

}  // namespace

std::unique_ptr<Rival> make_llvm() { return std::make_unique<Llvm>(); }

}  // namespace exprjit::bench
#else
std::unique_ptr<exprjit::bench::Rival> exprjit::bench::make_llvm() { return nullptr; }
#endif
