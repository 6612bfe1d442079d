// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rivals.h"

#if EXPRJIT_BENCH_HAVE_LIBTCC
#include <libtcc.h>

namespace exprjit::bench {

namespace {

class Libtcc final : public Rival {
  public:
    const char* name() const override { return "libtcc"; }
    bool from_text() const override { return true; }
    uint32_t most_steps() const override { return 10'000; }

    bool compile(const Formula& f) override {
        if (f.steps.data() != source_of_ ||
            f.steps.size() != source_size_) {  // the text is there before the clock starts
            source_ = f.c_source();
            source_of_ = f.steps.data();
            source_size_ = f.steps.size();
        }
        state_ = tcc_new();
        if (state_ == nullptr) return false;
        tcc_set_options(state_, "-nostdlib -nostdinc");
        tcc_set_output_type(state_, TCC_OUTPUT_MEMORY);
        if (tcc_compile_string(state_, source_.c_str()) != 0 || tcc_relocate(state_, TCC_RELOCATE_AUTO) < 0)
            return false;
        function_ = reinterpret_cast<double (*)(double, double, double, double)>(tcc_get_symbol(state_, "f"));
        return function_ != nullptr;
    }
    void release() override {
        if (state_ != nullptr) tcc_delete(state_);
        state_ = nullptr;
        function_ = nullptr;
    }
    double call(double a, double b, double c, double d) override { return function_(a, b, c, d); }

  private:
    TCCState* state_ = nullptr;
    std::string source_;
    const void* source_of_ = nullptr;
    size_t source_size_ = 0;
    double (*function_)(double, double, double, double) = nullptr;
};

}  // namespace

std::unique_ptr<Rival> make_libtcc() { return std::make_unique<Libtcc>(); }

}  // namespace exprjit::bench
#else
std::unique_ptr<exprjit::bench::Rival> exprjit::bench::make_libtcc() { return nullptr; }
#endif
