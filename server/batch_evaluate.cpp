// SPDX-License-Identifier: MIT OR Apache-2.0
#include <cstring>

#include "batch.h"
#include "server_limits.h"

namespace exprjit::server {
namespace {

size_t bitmap_bytes(int64_t rows) { return static_cast<size_t>((rows + 7) / 8); }

std::string quoted(std::string_view name) { return "'" + std::string(utf8_prefix(name, 100)) + "'"; }

std::string names_of(const Held& held) {
    std::string names;
    for (const Held::Parameter& parameter : held.parameters) {
        names += (names.empty() ? "" : ", ") + parameter.name;
    }
    return names.empty() ? "none" : std::string(utf8_prefix(names, 300));
}

// The column for each parameter: by name, or by position where no column has one.
Outcome match_columns(const Held& held, const InBatch& batch, std::vector<const InColumn*>& matched) {
    bool any_name = false;
    for (const InColumn& column : batch.columns) {
        any_name = any_name || !column.name.empty();
    }
    const size_t wanted = held.parameters.size();
    matched.assign(wanted, nullptr);
    if (!any_name) {
        if (batch.columns.size() != wanted) {
            return wrong_request("the program takes " + std::to_string(wanted) + " columns (" + names_of(held) +
                                 "), the batch has " + std::to_string(batch.columns.size()));
        }
        for (size_t i = 0; i < wanted; ++i) {
            matched[i] = &batch.columns[i];
        }
        return {};
    }
    // Names come in the program's order from most clients, so the search begins behind the last one found.
    size_t next = 0;
    for (const InColumn& column : batch.columns) {
        size_t tried = 0;
        while (tried < wanted && held.parameters[next % wanted].name != column.name) {
            ++next;
            ++tried;
        }
        if (tried == wanted) {
            return wrong_request(column.name.empty()
                                     ? "some columns have names, others have none: name all of them or none"
                                     : "the program has no parameter " + quoted(column.name) +
                                           "; its parameters: " + names_of(held));
        }
        const InColumn*& place = matched[next++ % wanted];
        if (place != nullptr) {
            return wrong_request("two columns are named " + quoted(column.name));
        }
        place = &column;
    }
    for (size_t i = 0; i < wanted; ++i) {
        if (matched[i] == nullptr) {
            return wrong_request("the batch has no column " + quoted(held.parameters[i].name) +
                                 "; the program's parameters: " + names_of(held));
        }
    }
    return {};
}

// One validity for all rows, from the single bit of a column of length 1.
Outcome spread_validity(const InColumn& column, int64_t rows, Arena& arena, ej_column& input) {
    if ((column.validity[0] & 1) != 0) {
        return {};
    }
    input.validity = arena.allocate(bitmap_bytes(rows));
    if (input.validity == nullptr) {
        return out_of_memory(arena.alone() + bitmap_bytes(rows), arena.limit());
    }
    std::memset(input.validity, 0, bitmap_bytes(rows));
    return {};
}

Outcome bind_column(const std::string& name, const InColumn& column, int64_t rows, Arena& arena, ej_column& input) {
    if (column.dtype < EJ_BOOL || column.dtype > EJ_U64) {
        return wrong_request("column " + quoted(name) + " has no known dtype (" + std::to_string(column.dtype) +
                             "): exprjit.proto lists them, 1 to 12");
    }
    if (column.length != rows && column.length != 1) {
        return wrong_request("column " + quoted(name) + " has length " + std::to_string(column.length) +
                             ", the batch has " + std::to_string(rows) +
                             " rows: a column has as many elements as the batch, or one for all rows");
    }
    const auto dtype = static_cast<ej_dtype>(column.dtype);
    const size_t element = ej_dtype_size(dtype);
    const size_t expected = static_cast<size_t>(column.length) * element;  // at most max-rows, times 8
    if (column.data_bytes != expected) {
        return wrong_request("column " + quoted(name) + " holds " + std::to_string(column.data_bytes) + " bytes, but " +
                             std::to_string(column.length) + " elements of " + ej_dtype_name(dtype) + " are " +
                             std::to_string(expected));
    }
    if (column.validity_bytes != 0 && column.validity_bytes != bitmap_bytes(column.length)) {
        return wrong_request("column " + quoted(name) + " has " + std::to_string(column.validity_bytes) +
                             " bytes of validity, but " + std::to_string(column.length) + " rows need " +
                             std::to_string(bitmap_bytes(column.length)) + " (or none, if every row is valid)");
    }
    input = {};
    input.data = column.data;
    input.dtype = dtype;
    const bool is_spread = column.length != rows;
    input.stride = is_spread ? 0 : static_cast<int64_t>(element);
    if (column.validity_bytes != 0) {
        if (is_spread) {
            return spread_validity(column, rows, arena, input);
        }
        input.validity = column.validity;
    }
    return {};
}

bool any_nulls(const std::vector<ej_column>& inputs) {
    for (const ej_column& input : inputs) {
        if (input.validity != nullptr) {
            return true;
        }
    }
    return false;
}

}  // namespace

Outcome bind_inputs(const Held& held, const InBatch& batch, const Limits& limits, Arena& arena,
                    std::vector<ej_column>& inputs) {
    if (batch.rows < 0) {
        return wrong_request("a batch cannot have " + std::to_string(batch.rows) + " rows");
    }
    if (batch.rows > limits.max_rows) {
        return limit_problem("max-rows", "the batch has " + std::to_string(batch.rows) +
                                             " rows; this server's limit max-rows is " +
                                             std::to_string(limits.max_rows) + ": send several batches");
    }
    std::vector<const InColumn*> matched;
    if (Outcome problem = match_columns(held, batch, matched)) {
        return problem;
    }
    inputs.resize(matched.size());
    for (size_t i = 0; i < matched.size(); ++i) {
        if (Outcome problem = bind_column(held.parameters[i].name, *matched[i], batch.rows, arena, inputs[i])) {
            return problem;
        }
    }
    return {};
}

Outcome evaluate(const HeldRef& held, const ej_run_options& run, const std::vector<ej_column>& inputs, int64_t rows,
                 const Limits& limits, MemoryQuota& quota, size_t besides, OutBatch& out) {
    out.rows = rows;
    out.held = held;
    out.arena = std::make_shared<Arena>(quota, besides);
    const bool nulls = any_nulls(inputs);
    std::vector<ej_column> outputs(held->outputs.size());
    uint64_t total = 0;
    for (size_t i = 0; i < outputs.size(); ++i) {
        const Held::Output& output = held->outputs[i];
        OutColumn& column = out.columns.emplace_back();
        const size_t element = ej_dtype_size(output.dtype);
        column.name = output.name;
        column.dtype = output.dtype;
        column.length = output.is_reduced ? 1 : rows;
        column.data_bytes = static_cast<size_t>(column.length) * element;
        column.validity_bytes = nulls && output.is_nullable ? bitmap_bytes(column.length) : 0;
        total += column.data_bytes + column.validity_bytes;
        if (total > static_cast<uint64_t>(limits.max_message_bytes)) {
            return limit_problem("max-message-bytes",
                                 "the answer would have more than " + std::to_string(limits.max_message_bytes) +
                                     " bytes, this server's limit max-message-bytes: send fewer rows");
        }
        column.data = out.arena->allocate(column.data_bytes);
        column.validity = column.validity_bytes != 0 ? out.arena->allocate(column.validity_bytes) : nullptr;
        if (column.data == nullptr || (column.validity_bytes != 0 && column.validity == nullptr)) {
            return out_of_memory(besides + total, quota.limit());
        }
        if (column.validity_bytes != 0) {
            // The values of null rows are unspecified, and bits beyond the last row are kept: nothing of an earlier call may be in them.
            std::memset(column.data, 0, column.data_bytes);
            std::memset(column.validity, 0, column.validity_bytes);
        }
        outputs[i] = {column.data, static_cast<int64_t>(element), column.dtype, 0, column.validity, 0};
    }
    ej_error* error = nullptr;
    const ej_status status = ej_kernel_eval_with(held->kernel, &run, inputs.data(), inputs.size(), outputs.data(),
                                                 outputs.size(), rows, &error);
    if (status != EJ_OK) {
        return engine_problem(status, error, true);
    }
    return {};
}

}  // namespace exprjit::server
