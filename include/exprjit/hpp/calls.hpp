// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: the evaluations of exprjit.h over checked columns. What a C++ column knows and an ej_column does
// not, its length, is compared here.
#pragma once

#include <exprjit/hpp/columns.hpp>
#include <exprjit/hpp/options.hpp>

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {
namespace detail {

// Room for the columns of one call, without an allocation for the usual few.
class workspace {
  public:
    explicit workspace(std::size_t count) {
        if (count > few_.size()) many_.resize(count);
    }
    ej_column* data() noexcept { return many_.empty() ? few_.data() : many_.data(); }

  private:
    std::array<ej_column, 12> few_;
    std::vector<ej_column> many_;
};

// How a message names a column.
inline std::string called(const ej_kernel* kernel, bool is_input, std::size_t i) {
    ej_param p = {};
    const ej_status found = is_input ? ej_kernel_get_param(kernel, i, &p) : ej_kernel_get_output(kernel, i, &p);
    if (found == EJ_OK && !is_input && *p.name == '\0') return "the output";
    std::string text = (is_input ? "input " : "output ") + std::to_string(i);
    return found == EJ_OK ? text + " ('" + p.name + "')" : text;
}

// How long outputs must be.
enum class room {
    rows,      // as long as the inputs, one element where reduced
    at_least,  // as long as the inputs or longer
    any        // checked by the caller
};

inline failure wrong_length(const ej_kernel* kernel, bool is_input, std::size_t i, std::int64_t has,
                            std::int64_t rows) {
    return error(status::invalid_argument, called(kernel, is_input, i) + " has " + std::to_string(has) +
                                               " rows where the others have " + std::to_string(rows));
}

// The rows that all inputs agree on; kOneForAll if there are only numbers.
inline failure agree(const ej_kernel* kernel, span<const input> inputs, std::int64_t& rows) {
    rows = kOneForAll;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i].bitmap_is_long_enough()) {
            return error(status::invalid_argument, called(kernel, true, i) + " has more rows than its bitmap has bits");
        }
        if (inputs[i].rows() == kOneForAll) continue;
        if (rows == kOneForAll) rows = inputs[i].rows();
        if (inputs[i].rows() != rows) return wrong_length(kernel, true, i, inputs[i].rows(), rows);
    }
    return std::nullopt;
}

inline failure check_outputs(const ej_kernel* kernel, span<const output> outputs, std::size_t first_output, room wanted,
                             std::int64_t& rows) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::int64_t own = outputs[i].rows();
        if (!outputs[i].bitmap_is_long_enough()) {
            return error(status::invalid_argument,
                         called(kernel, false, first_output + i) + " has more rows than its bitmap has bits");
        }
        if (own == kOneForAll || wanted == room::any) continue;
        if (rows == kOneForAll) rows = own;
        if (own == rows || (wanted == room::at_least && own > rows)) continue;
        ej_output_info info = {};
        info.struct_size = sizeof info;
        const bool fits = own >= 1 && ej_kernel_get_output_info(kernel, first_output + i, &info) == EJ_OK &&
                          info.is_reduced != 0 && wanted == room::rows;
        if (!fits) return wrong_length(kernel, false, first_output + i, own, rows);
    }
    if (rows == kOneForAll) rows = 1;
    return std::nullopt;
}

// A reduced output is no column.
inline failure check_is_mapped(const ej_kernel* kernel) {
    ej_output_info info = {};
    info.struct_size = sizeof info;
    if (ej_kernel_get_output_info(kernel, 0, &info) == EJ_OK && info.is_reduced == 0) return std::nullopt;
    return error(status::invalid_argument, "the output is one value, not a column: use reduce()");
}

inline void lower(span<const input> from, ej_column* to) {
    for (const input& i : from) *to++ = i.raw();
}
inline void lower(span<const output> from, ej_column* to) {
    for (const output& o : from) *to++ = o.raw();
}

inline failure evaluate(const ej_kernel* kernel, const run_options& run, span<const input> inputs,
                        span<const output> outputs) {
    std::int64_t rows = 0;
    if (failure f = agree(kernel, inputs, rows)) return f;
    if (failure f = check_outputs(kernel, outputs, 0, room::rows, rows)) return f;
    workspace columns(inputs.size() + outputs.size());
    ej_column* const space = columns.data();
    lower(inputs, space);
    lower(outputs, space + inputs.size());
    const ej_run_options raw = run.raw();
    return attempt([&](ej_error** e) {
        return ej_kernel_eval_with(kernel, &raw, space, inputs.size(), space + inputs.size(), outputs.size(), rows, e);
    });
}

inline failure filter(const ej_kernel* kernel, const run_options& run, span<const input> inputs,
                      span<const output> outputs, std::int64_t& count) {
    std::int64_t rows = 0;
    if (failure f = agree(kernel, inputs, rows)) return f;
    if (failure f = check_outputs(kernel, outputs, 1, room::at_least, rows)) return f;
    workspace columns(inputs.size() + outputs.size());
    ej_column* const space = columns.data();
    lower(inputs, space);
    lower(outputs, space + inputs.size());
    const ej_run_options raw = run.raw();
    return attempt([&](ej_error** e) {
        return ej_kernel_filter(kernel, &raw, space, inputs.size(), space + inputs.size(), outputs.size(), rows, &count,
                                e);
    });
}

inline failure select(const ej_kernel* kernel, const run_options& run, span<const input> inputs,
                      std::vector<std::int64_t>& indices) {
    std::int64_t rows = 0, count = 0;
    if (failure f = agree(kernel, inputs, rows)) return f;
    if (rows == kOneForAll) rows = 1;
    indices.resize(static_cast<std::size_t>(rows));
    workspace columns(inputs.size());
    ej_column* const space = columns.data();
    lower(inputs, space);
    const ej_run_options raw = run.raw();
    failure f = attempt([&](ej_error** e) {
        return ej_kernel_select(kernel, &raw, space, inputs.size(), rows, indices.data(), &count, e);
    });
    indices.resize(static_cast<std::size_t>(count));
    return f;
}

inline failure evaluate_selected(const ej_kernel* kernel, const run_options& run, span<const std::int64_t> indices,
                                 span<const input> inputs, span<const output> outputs) {
    std::int64_t rows = 0, selected = static_cast<std::int64_t>(indices.size());
    if (failure f = agree(kernel, inputs, rows)) return f;
    if (rows == kOneForAll) rows = 1;
    if (failure f = check_outputs(kernel, outputs, 0, room::rows, selected)) return f;
    workspace columns(inputs.size() + outputs.size());
    ej_column* const space = columns.data();
    lower(inputs, space);
    lower(outputs, space + inputs.size());
    const ej_run_options raw = run.raw();
    return attempt([&](ej_error** e) {
        return ej_kernel_eval_selected(kernel, &raw, space, inputs.size(), rows, indices.data(), selected,
                                       space + inputs.size(), outputs.size(), e);
    });
}

}  // namespace detail
}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
