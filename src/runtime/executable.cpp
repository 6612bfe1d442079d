// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/executable.h"

#include <utility>

#include "runtime/mxcsr.h"
#include "runtime/stack_limit.h"
#include "support/trampoline.h"

namespace exprjit {

Executable::Executable(Executable&& other) noexcept { *this = std::move(other); }

Executable& Executable::operator=(Executable&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(block_, other.block_);
    std::swap(entry_, other.entry_);
    std::swap(interpreter_, other.interpreter_);
    std::swap(few_params_, other.few_params_);
    std::swap(many_params_, other.many_params_);
    std::swap(param_count_, other.param_count_);
    std::swap(unchecked_frame_, other.unchecked_frame_);
    std::swap(form_, other.form_);
    std::swap(result_, other.result_);
    return *this;
}

Executable::~Executable() {
    if (memory_ != nullptr) memory_->release(block_);
}

void Executable::set_params(const Function& f) {
    param_count_ = static_cast<uint32_t>(f.params.size());
    uint8_t* params = few_params_;
    if (param_count_ > sizeof few_params_) {
        many_params_ = std::make_unique<uint8_t[]>(param_count_);
        params = many_params_.get();
    }
    for (uint32_t i = 0; i < param_count_; ++i) {
        const Type t = f.params[i].type;
        params[i] = t.is_array() ? kPointer : static_cast<uint8_t>(t.scalar());
    }
}

Executable Executable::native(CodeMemory& memory, const CodeBlock& block, uint32_t entry, EntryForm form,
                              const Function& f, uint32_t frame_bytes) {
    Executable e;
    e.memory_ = &memory;
    e.block_ = block;
    e.entry_ = block.address + entry;
    e.form_ = form;
    e.set_params(f);
    if (form == EntryForm::Plain) {
        e.result_ = f.results.front().scalar();
        e.unchecked_frame_ = frame_bytes;
    }
    return e;
}

Executable Executable::interpreted(const Program& program) {
    Executable e;
    e.interpreter_ = std::make_unique<Interpreter>(program);
    e.set_params(program.entry());
    return e;
}

size_t Executable::memory_bytes() const {
    return block_.bytes + (many_params_ ? param_count_ : 0) +
           (interpreter_ ? interpreter_->memory_bytes() + sizeof(Interpreter) : 0);
}

Exit Executable::call(Context& context, const Slot* args, Slot* outs) const {
    if (context.stop == nullptr) context.stop = &kNeverStop;
    if (context.stack_limit == 0) context.stack_limit = stack_limit();
    // The words for arguments on the stack, here and in the trampoline, the trampoline itself, and what a plain entry takes.
    const uintptr_t needed = size_t{16} * param_count_ + 1024 + unchecked_frame_;
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    if (context.stack_limit != 0 && here - needed < context.stack_limit) return Exit::StackOverflow;
    const DefaultFloatEnvironment environment;
    if (interpreter_) return interpreter_->run(context, args, outs);
    return call_native(context, args, outs);
}

Exit Executable::call_native(Context& context, const Slot* args, Slot* outs) const {
    CallFrame frame;
    const uint8_t* const params = many_params_ ? many_params_.get() : few_params_;
    uint32_t integers = 0, floats = 0;
    // At most every parameter, and the two that a context form adds, overflows its registers.
    auto* const stack = static_cast<uint64_t*>(__builtin_alloca(sizeof(uint64_t) * (param_count_ + size_t{2})));
    frame.stack = stack;
    const auto put_integer = [&](uint64_t word) {
        if (integers < 6)
            frame.integers[integers++] = word;
        else
            stack[frame.stack_count++] = word;
    };
    if (form_ == EntryForm::Context) put_integer(reinterpret_cast<uintptr_t>(&context));
    for (uint32_t i = 0; i < param_count_; ++i) {
        const uint8_t p = params[i];
        if (p == kPointer || !is_float(static_cast<Scalar>(p)))
            put_integer(args[i]);
        else if (floats < 8)
            frame.floats[floats++] = args[i];
        else
            stack[frame.stack_count++] = args[i];
    }
    if (form_ == EntryForm::Context) put_integer(reinterpret_cast<uintptr_t>(outs));
    exprjit_call_sysv(entry_, &frame);
    if (form_ == EntryForm::Context) return static_cast<Exit>(static_cast<int32_t>(frame.integer_result));
    switch (result_) {
    case Scalar::Bool: outs[0] = (frame.integer_result & 0xff) != 0; break;
    case Scalar::I32: outs[0] = static_cast<uint32_t>(frame.integer_result); break;
    case Scalar::I64: outs[0] = frame.integer_result; break;
    case Scalar::F32: outs[0] = static_cast<uint32_t>(frame.float_result); break;
    case Scalar::F64: outs[0] = frame.float_result; break;
    }
    return Exit::Ok;
}

}  // namespace exprjit
