// SPDX-License-Identifier: MIT OR Apache-2.0
#include "interp/interpreter.h"

#include <algorithm>
#include <new>

#include "interp/prepare.h"

namespace exprjit {

struct Interpreter::Impl {
    std::vector<std::vector<uint8_t>> table_bytes;
    std::vector<NativeRef> natives;       // code points to what these own
    std::vector<ArrayDescriptor> tables;  // never resized once code points to them
    std::vector<interp::FunctionCode> functions;
};

Interpreter::Interpreter(const Program& program) : impl_(std::make_unique<Impl>()) {
    Impl& impl = *impl_;
    impl.table_bytes.reserve(program.tables.size());
    impl.tables.resize(program.tables.size());
    for (size_t t = 0; t < program.tables.size(); ++t) {
        const ConstantTable& table = program.tables[t];
        impl.table_bytes.push_back(table.bytes);
        impl.tables[t].data = impl.table_bytes[t].data();
        impl.tables[t].length[0] = static_cast<int64_t>(table.length());
        impl.tables[t].stride[0] = static_cast<int64_t>(byte_size(table.storage));
    }
    impl.natives = program.natives;
    const auto count = static_cast<uint32_t>(program.functions.size());
    impl.functions.reserve(count);
    for (uint32_t i = 0; i < count; ++i) impl.functions.push_back(interp::prepare(program, i, impl.tables));
    // Calls go to later functions only, so walking backwards every callee is known: the deepest chain of frames is
    // computed here and no call has to look whether there is room.
    for (uint32_t i = count; i-- > 0;) {
        uint64_t below = 0;
        for (const Node& n : program.functions[i].nodes) {
            if (n.op == Op::Call) below = std::max(below, impl.functions[n.imm].stack_slots);
        }
        impl.functions[i].stack_slots = impl.functions[i].frame_slots + below;
    }
}

Interpreter::~Interpreter() = default;
Interpreter::Interpreter(Interpreter&&) noexcept = default;
Interpreter& Interpreter::operator=(Interpreter&&) noexcept = default;

namespace {

Exit run_on(Slot* stack, const std::vector<interp::FunctionCode>& functions, Context& context, const Slot* args,
            Slot* outs) {
    const interp::FunctionCode& entry = functions.front();
    interp::Machine machine;
    machine.frame = stack;
    machine.stop = context.stop ? context.stop : &kNeverStop;
    machine.functions = functions.data();
    machine.context = &context;
    stack[interp::kReturnTo] = 0;
    stack[interp::kCallerFrame] = 0;
    stack[interp::kResults] = interp::from_address(outs);
    stack[interp::kOuterIndex] = 0;
    stack[interp::kHasOuterIndex] = 0;
    for (uint32_t k = 0; k < entry.param_slots; ++k) stack[interp::kHeaderSlots + k] = args[k];
    interp::begin_frame(entry, stack);
    for (const interp::Instruction* at = entry.instructions.data(); at;) at = at->run(at, machine.frame, machine);
    return machine.exit;
}

}  // namespace

Exit Interpreter::run(Context& context, const Slot* args, Slot* outs) const {
    // Small programs run on the native stack, which costs nothing; others on memory of their own.
    constexpr uint64_t kSmall = 512;
    const uint64_t slots = impl_->functions.front().stack_slots;
    if (slots <= kSmall) {
        Slot stack[kSmall];
        return run_on(stack, impl_->functions, context, args, outs);
    }
    if (slots > interp::kMaxStackSlots) return Exit::StackOverflow;
    const std::unique_ptr<Slot[]> stack(new (std::nothrow) Slot[slots]);
    if (!stack) return Exit::StackOverflow;
    return run_on(stack.get(), impl_->functions, context, args, outs);
}

size_t Interpreter::memory_bytes() const {
    size_t bytes = sizeof(Impl) + impl_->tables.capacity() * sizeof(ArrayDescriptor) +
                   impl_->table_bytes.capacity() * sizeof(std::vector<uint8_t>) +
                   impl_->functions.capacity() * sizeof(interp::FunctionCode);
    for (const auto& table : impl_->table_bytes) bytes += table.capacity();
    for (const auto& f : impl_->functions) {
        bytes += f.instructions.capacity() * sizeof(interp::Instruction) + f.constants.capacity() * sizeof(Slot) +
                 f.lists.capacity() * sizeof(uint32_t);
    }
    return bytes;
}

}  // namespace exprjit
