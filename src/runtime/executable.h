// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "interp/interpreter.h"
#include "ir/context.h"
#include "jit/compile.h"
#include "runtime/code_memory.h"

namespace exprjit {

// One function ready to run: machine code in code memory, or a program for the interpreter. Move-only; the code memory
// must outlive it. call() may run on many threads at once.
class Executable {
  public:
    // How a parameter is passed: the five scalars, or the address of an ArrayDescriptor.
    static constexpr uint8_t kPointer = 0x80;

    Executable() = default;
    Executable(Executable&& other) noexcept;
    Executable& operator=(Executable&& other) noexcept;
    ~Executable();

    // Of a legalised entry function. `frame_bytes`: the stack that a plain entry takes without looking at the limit.
    static Executable native(CodeMemory& memory, const CodeBlock& block, uint32_t entry, EntryForm form,
                             const Function& function, uint32_t frame_bytes = 0);
    static Executable interpreted(const Program& program);

    bool is_native() const { return block_.address != nullptr; }
    // nullptr unless native in plain form.
    const void* plain_entry() const { return form_ == EntryForm::Plain ? entry_ : nullptr; }
    size_t code_bytes() const { return block_.bytes; }
    size_t memory_bytes() const;
    size_t param_count() const { return param_count_; }

    // Runs it in the default floating-point environment; `args` has a slot per parameter, `outs` one per result.
    Exit call(Context& context, const Slot* args, Slot* outs) const;

  private:
    Exit call_native(Context& context, const Slot* args, Slot* outs) const;
    void set_params(const Function& function);

    CodeMemory* memory_ = nullptr;
    CodeBlock block_;
    const void* entry_ = nullptr;
    std::unique_ptr<Interpreter> interpreter_;
    // A byte per parameter: here while they fit, else in memory of their own.
    uint8_t few_params_[16] = {};
    std::unique_ptr<uint8_t[]> many_params_;
    uint32_t param_count_ = 0;
    uint32_t unchecked_frame_ = 0;
    EntryForm form_ = EntryForm::Context;
    Scalar result_ = Scalar::F64;
};

}  // namespace exprjit
