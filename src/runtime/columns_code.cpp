// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/columns_code.h"

#include <cstring>

#include "runtime/generate.h"
#include "runtime/kernel.h"
#include "runtime/row_loop.h"
#include "runtime/watched.h"

namespace exprjit {

namespace {

// Layouts kept per kernel. What comes after them is compiled for one call only: a caller that sends every combination
// of dtypes does not fill the memory.
constexpr uint32_t kMostLayouts = 64;

size_t stage_bytes(const StageCode& s) { return s.executable.memory_bytes() + s.params.capacity() * sizeof(LoopParam); }

ColumnCode* find(const CompiledCode& code, std::span<const uint8_t> layout) {
    for (ColumnCode* c = code.columns.load(std::memory_order_acquire); c != nullptr; c = c->next) {
        if (c->layout_bytes == layout.size() && std::memcmp(c->layout.get(), layout.data(), layout.size()) == 0)
            return c;
    }
    return nullptr;
}

// The layout that the kernel's own types make, with every input nullable.
std::vector<uint8_t> nullable_layout(const CompiledCode& code) {
    std::vector<uint8_t> layout;
    for (size_t i = 0; i < code.param_count(); ++i)
        layout.push_back(static_cast<uint8_t>(storage_of(code.param_type(i))) | kNullableColumn);
    for (size_t o = 0; o < code.result_count(); ++o)
        layout.push_back(static_cast<uint8_t>(storage_of(code.result_type(o))));
    return layout;
}

std::unique_ptr<OutputFacts> find_facts(const Kernel& kernel) {
    const CompiledCode& code = kernel.code();
    auto facts = std::make_unique<OutputFacts>();
    facts->reduced.assign(code.result_count(), 0);
    facts->nullable.assign(code.result_count(), 0);
    const std::vector<uint8_t> layout = nullable_layout(code);
    auto built = build_row_program(kernel, layout, CompileScratch::of_this_thread());
    if (!built) {  // a limit; evaluating will say so. Until then the usual case stands
        facts->nullable.assign(code.result_count(), 1);
        return facts;
    }
    for (const uint32_t o : built->stages.once_outputs) {
        if (o < facts->reduced.size()) facts->reduced[o] = 1;
    }
    for (size_t o = 0; o < built->nulls.outputs.size() && o < facts->nullable.size(); ++o)
        facts->nullable[o] = !built->nulls.outputs[o].all_of.empty() || built->nulls.outputs[o].result >= 0;
    facts->has_rows = built->stages.has_rows;
    facts->passes = static_cast<uint32_t>(built->stages.reducing.size()) + (built->stages.has_rows ? 1 : 0);
    return facts;
}

}  // namespace

size_t ColumnCode::memory_bytes() const {
    size_t bytes = sizeof *this + layout_bytes + stage_bytes(rows) + once.memory_bytes() +
                   reductions.capacity() * sizeof(Reduction) + once_outputs.capacity() * sizeof(uint32_t);
    for (const StageCode& s : reducing) bytes += sizeof s + stage_bytes(s);
    for (const OutputPlan& p : outputs) bytes += sizeof p + p.all_of.capacity() * sizeof(uint32_t);
    return bytes;
}

void delete_column_code(ColumnCode* first) {
    while (first != nullptr) {
        ColumnCode* const next = first->next;
        delete first;
        first = next;
    }
}

const ColumnCode* find_column_code(const Kernel& kernel, std::span<const uint8_t> layout) {
    return find(kernel.code(), layout);
}

// Two threads may compile the same layout at once; the first to publish wins and the other uses its code.
Result<const ColumnCode*> column_code(const Kernel& kernel, std::span<const uint8_t> layout,
                                      const volatile int32_t* stop, std::unique_ptr<ColumnCode>& single) {
    CompiledCode& code = kernel.code();
    if (const ColumnCode* const present = find(code, layout)) return present;
    auto compiled = watched(stop, code.engine().max_compile_ns(), [&] { return compile_columns(kernel, layout); });
    if (!compiled) return compiled.take_failure();
    std::unique_ptr<ColumnCode> made = std::move(*compiled);
    const size_t charge = made->memory_bytes();
    ColumnCode* head = code.columns.load(std::memory_order_acquire);
    do {
        if (const ColumnCode* const other = find(code, layout)) return other;
        if (code.column_count.load(std::memory_order_relaxed) >= kMostLayouts) {
            single = std::move(made);
            return static_cast<const ColumnCode*>(single.get());
        }
        made->next = head;
    } while (!code.columns.compare_exchange_weak(head, made.get(), std::memory_order_acq_rel));
    code.column_count.fetch_add(1, std::memory_order_relaxed);
    code.column_bytes.fetch_add(charge, std::memory_order_relaxed);
    code.engine().cache().recharge(code, static_cast<ptrdiff_t>(charge));
    return static_cast<const ColumnCode*>(made.release());
}

const OutputFacts& output_facts(const Kernel& kernel) {
    CompiledCode& code = kernel.code();
    if (const OutputFacts* const present = code.output_facts.load(std::memory_order_acquire)) return *present;
    std::unique_ptr<OutputFacts> made = find_facts(kernel);
    const OutputFacts* expected = nullptr;
    if (!code.output_facts.compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel)) return *expected;
    return *made.release();
}

bool Kernel::output_is_reduced(size_t i) const { return is_reducing() && output_facts(*this).reduced[i] != 0; }
bool Kernel::output_is_nullable(size_t i) const { return output_facts(*this).nullable[i] != 0; }

}  // namespace exprjit
