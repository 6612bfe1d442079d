// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A kernel as the inner loop of a NumPy ufunc.
#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "border.h"
#include "runtime/columns.h"

using namespace exprjit;
using namespace exprjit::capi;

namespace {

Slot read_slot(Scalar type, const char* from) {
    if (type == Scalar::Bool) return *from != 0;
    uint32_t narrow;
    uint64_t wide;
    if (byte_size(type) == 4) return std::memcpy(&narrow, from, 4), narrow;
    return std::memcpy(&wide, from, 8), wide;
}

void write_slot(Scalar type, Slot s, char* to) {
    if (type == Scalar::Bool)
        *to = s != 0;
    else
        std::memcpy(to, &s, byte_size(type));  // little-endian: the low bytes are the value
}

// NumPy's reduce() and accumulate() pass an output that is the input of the next row: rows in order, one after the
// other.
void loop_row_by_row(const Kernel& kernel, char** args, int64_t rows, const intptr_t* steps, Slot* slots) {
    const CompiledCode& code = kernel.code();
    const size_t inputs = code.param_count(), outputs = code.result_count();
    for (int64_t row = 0; row < rows; ++row) {
        for (size_t i = 0; i < inputs; ++i) slots[i] = read_slot(code.param_type(i), args[i] + row * steps[i]);
        if (!call_kernel(kernel, nullptr, slots, slots + inputs)) return;
        for (size_t o = 0; o < outputs; ++o)
            write_slot(code.result_type(o), slots[inputs + o], args[inputs + o] + row * steps[inputs + o]);
    }
}

void loop(const Kernel& kernel, char** args, int64_t rows, const intptr_t* steps) {
    const CompiledCode& code = kernel.code();
    const size_t inputs = code.param_count(), count = inputs + code.result_count();
    std::array<Column, 16> few;
    std::vector<Column> many;
    if (count > few.size()) many.resize(count);
    const std::span<Column> columns(count > few.size() ? many.data() : few.data(), count);
    for (size_t i = 0; i < count; ++i) {
        const Scalar type = i < inputs ? code.param_type(i) : code.result_type(i - inputs);
        columns[i].data = args[i];
        columns[i].stride = steps[i];
        columns[i].dtype = storage_of(type);
    }
    // One element for several rows is a reduction's running value. What overlaps other than exactly is refused.
    bool is_running = false;
    for (size_t o = inputs; o < count; ++o) is_running = is_running || (steps[o] == 0 && rows > 1);
    if (!is_running && eval_columns(kernel, ColumnRun(), columns.first(inputs), columns.subspan(inputs), rows)) return;
    std::vector<Slot> slots(count);
    loop_row_by_row(kernel, args, rows, steps, slots.data());
}

}  // namespace

extern "C" {

void ej_kernel_numpy_loop(char** args, const intptr_t* dims, const intptr_t* steps, void* kernel) {
    if (args == nullptr || dims == nullptr || steps == nullptr || kernel == nullptr || dims[0] <= 0) return;
    at_border([&] {
        loop(kernel_of(static_cast<const ej_kernel*>(kernel)), args, dims[0], steps);
        return EJ_OK;
    });
}

}  // extern "C"
