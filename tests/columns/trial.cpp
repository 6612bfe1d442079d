// SPDX-License-Identifier: MIT OR Apache-2.0
#include "trial.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "ir/text.h"

namespace exprjit::columns_test {

std::span<const NamedEngine> all_engines() {
    static const std::vector<NamedEngine> engines = [] {
        std::vector<NamedEngine> list;
        const char* part = std::getenv("EXPRJIT_TEST_ENGINES");
        const auto add = [&](const char* name, ej_isa isa, ej_tier tier) {
            if ((isa > ej_cpu_isa() && tier != EJ_TIER_INTERPRETER) ||
                (part != nullptr && std::strstr(name, part) == nullptr))
                return;
            ej_engine_options options{};
            options.struct_size = sizeof options;
            options.isa = isa;
            options.tier = tier;
            ej_engine* engine = nullptr;
            if (ej_engine_create(&options, &engine, nullptr) == EJ_OK) list.push_back({name, engine});
        };
        add("interpreter", EJ_ISA_AUTO, EJ_TIER_INTERPRETER);
        add("v2", EJ_ISA_V2, EJ_TIER_OPTIMISED);
        add("v3", EJ_ISA_V3, EJ_TIER_OPTIMISED);
        add("v4", EJ_ISA_V4, EJ_TIER_OPTIMISED);
        return list;
    }();
    return engines;
}

Outcome outcome_of(ej_status status, ej_error* error) {
    Outcome o;
    o.status = status;
    if (status != EJ_OK) {
        o.message = ej_error_message(error);
        o.row = ej_error_row(error);
    }
    ej_error_destroy(error);
    return o;
}

Kernel compile(const NamedEngine& e, const std::string& text, std::span<const TypedName> params, ej_div_mode div_mode) {
    std::vector<ej_param> declared;
    for (const TypedName& p : params) declared.push_back({p.name, dtype_of(p.type), 0});
    ej_compile_options options{};
    options.struct_size = sizeof options;
    options.params = declared.data();
    options.param_count = declared.size();
    options.params_declared = 1;
    options.div_mode = div_mode;
    ej_kernel* kernel = nullptr;
    ej_error* error = nullptr;
    if (ej_engine_compile(e.engine, text.c_str(), &options, &kernel, &error) != EJ_OK)
        ADD_FAILURE() << e.name << ": `" << text << "` does not compile:\n" << ej_error_render(error);
    ej_error_destroy(error);
    return Kernel(kernel);
}

Kernel compile_ir(const NamedEngine& e, const Program& program) {
    const std::string ir = print(program);
    ej_kernel* kernel = nullptr;
    ej_error* error = nullptr;
    if (ej_engine_compile_ir(e.engine, ir.data(), ir.size(), nullptr, &kernel, &error) != EJ_OK)
        ADD_FAILURE() << e.name << ": this does not compile:\n" << ir << ej_error_render(error);
    ej_error_destroy(error);
    return Kernel(kernel);
}

void TestColumn::lay_out(Storage s, int64_t rows, const Pattern& p, trial::Guarded::Side side) {
    trial::ColumnShape shape;
    shape.storage = s;
    shape.rows = rows;
    shape.stride = p.times * static_cast<int64_t>(byte_size(s)) + p.plus;
    shape.gap = p.gap;
    shape.side = side;
    block_.lay_out(shape);
    has_validity_ = false;
}

void TestColumn::add_validity(std::span<const uint8_t> valid, int64_t offset, trial::Random& random) {
    has_validity_ = true;
    validity_offset_ = offset;
    const size_t bytes = (static_cast<size_t>(offset) + valid.size() + 7) / 8;
    bitmap_ = trial::Guarded(bytes, random.one_in(2) ? trial::Guarded::Side::Front : trial::Guarded::Side::Back);
    for (size_t i = 0; i < bytes; ++i) bitmap_.data()[i] = static_cast<uint8_t>(random.next());
    for (size_t r = 0; r < valid.size(); ++r) {
        const size_t bit = static_cast<size_t>(offset) + r;
        uint8_t& byte = bitmap_.data()[bit / 8];
        byte = static_cast<uint8_t>((byte & ~(1u << bit % 8)) | static_cast<unsigned>(valid[r] != 0) << bit % 8);
    }
    bitmap_before_.assign(bitmap_.data(), bitmap_.data() + bytes);
}

ej_column TestColumn::column() {
    ej_column c{};
    c.data = block_.data();
    c.stride = block_.shape().stride;
    c.dtype = dtype_of(block_.shape().storage);
    c.validity = has_validity_ ? bitmap_.data() : nullptr;
    c.validity_offset = validity_offset_;
    return c;
}

bool TestColumn::is_valid(int64_t row) const {
    const size_t bit = static_cast<size_t>(validity_offset_ + row);
    return !has_validity_ || (bitmap_.data()[bit / 8] >> bit % 8 & 1) != 0;
}

bool TestColumn::intact() const {
    if (!block_.intact()) return false;
    if (!has_validity_) return true;
    if (!bitmap_.intact()) return false;
    for (size_t bit = 0; bit < bitmap_before_.size() * 8; ++bit) {
        const int64_t row = static_cast<int64_t>(bit) - validity_offset_;
        if (row >= 0 && row < block_.shape().rows) continue;
        if (((bitmap_.data()[bit / 8] ^ bitmap_before_[bit / 8]) >> bit % 8 & 1) != 0) return false;
    }
    return true;
}

Outcome TestColumns::evaluate(const Kernel& kernel, int64_t rows, const ej_run_options* run) {
    std::vector<ej_column> in, out;
    for (TestColumn& c : inputs) in.push_back(c.column());
    for (TestColumn& c : outputs) out.push_back(c.column());
    ej_error* error = nullptr;
    const ej_status status =
        ej_kernel_eval_with(kernel.get(), run, in.data(), in.size(), out.data(), out.size(), rows, &error);
    return outcome_of(status, error);
}

bool TestColumns::intact() const {
    for (const TestColumn& c : inputs)
        if (!c.intact()) return false;
    for (const TestColumn& c : outputs)
        if (!c.intact()) return false;
    return true;
}

std::vector<uint64_t> random_elements(Storage s, size_t count, trial::Random& random) {
    std::vector<uint64_t> out(count);
    const Scalar wide = widened(s);
    for (uint64_t& e : out) {
        e = byte_size(wide) == byte_size(s) && s != Storage::U64 ? trial::random_value(wide, random) : random.next();
        if (s == Storage::Bool) e &= 1;
        if (s == Storage::U64) e >>= 1;  // 2^63 and more is an error of its own
        e &= UINT64_MAX >> (64 - 8 * byte_size(s));
    }
    return out;
}

}  // namespace exprjit::columns_test
