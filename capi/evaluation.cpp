// SPDX-License-Identifier: MIT OR Apache-2.0
#include "evaluation.h"

#include <bit>

#include "abi.h"
#include "cancel_token.h"
#include "runtime/codes.h"

namespace exprjit::capi {

Failure RunSetup::read(const ej_run_options* given) {
    ej_run_options o;
    // The first version ended after `stop`.
    if (Failure f = read_options(given, "ej_run_options", o, offsetof(ej_run_options, threads))) return f;
    if (o.stop != nullptr && o.cancel != nullptr) {
        return invalid(CallCode::BadNumber, "ej_run_options has both a stop word and a cancel token",
                       "leave `stop` NULL and cancel the token");
    }
    stop_ = o.stop != nullptr ? o.stop : stop_word_of(o.cancel);
    if (o.threads < 0) {
        return invalid(CallCode::BadNumber,
                       "ej_run_options.threads is " + std::to_string(o.threads) + "; it must be 0 or more",
                       "0 and 1 mean the calling thread alone");
    }
    if (o.reserved != 0) return invalid(CallCode::BadNumber, "the reserved field of ej_run_options is not 0");
    // Once, whatever the run would do: what is short or has no rows may not look again.
    if (stop_ != nullptr && __atomic_load_n(stop_, __ATOMIC_RELAXED) != 0)
        return fail(Status::Cancelled, code_of(RuntimeCode::Cancelled), "the run was cancelled before it started");
    if (o.parallel != nullptr) {
        if (o.threads != 1) {
            executor_ = &host_.emplace(o.parallel, o.parallel_user_data, o.threads == 0 ? available_cpus() : o.threads);
        }
    } else if (o.threads > 1) {
        executor_ = &pool_.emplace(o.threads);
    }
    return nullptr;
}

Failure wrong_count(const char* what, size_t wanted, size_t given) {
    return fail(Status::InvalidArgument, code_of(RuntimeCode::WrongCount),
                "the kernel has " + std::to_string(wanted) + " " + what + ", but " + std::to_string(given) +
                    " were given");
}

namespace {

Failure convert_column(const ej_column& c, const char* what, size_t i, Column& out) {
    const auto which = [&] { return std::string(what) + " column " + std::to_string(i); };
    if (!is_dtype(c.dtype)) {
        return invalid(CallCode::UnknownEnumerator,
                       which() + " has dtype " + std::to_string(c.dtype) + ", which is no ej_dtype",
                       "use EJ_BOOL … EJ_U64");
    }
    if (c.reserved != 0) return invalid(CallCode::BadNumber, "the reserved field of " + which() + " is not 0");
    if (c.validity_offset < 0) {
        return invalid(CallCode::BadNumber, "the validity_offset of " + which() + " is " +
                                                std::to_string(c.validity_offset) + "; it must be 0 or more");
    }
    out.data = c.data;
    out.stride = c.stride;
    out.dtype = storage_of_dtype(c.dtype);
    out.validity = c.validity;
    out.validity_offset = c.validity != nullptr ? c.validity_offset : 0;
    return nullptr;
}

}  // namespace

Failure convert_columns(const ej_column* columns, const char* what, std::span<Column> out) {
    for (size_t i = 0; i < out.size(); ++i) {
        if (Failure f = convert_column(columns[i], what, i, out[i])) return f;
    }
    return nullptr;
}

Failure check_rows(int64_t rows) {
    if (rows >= 0) return nullptr;
    return invalid(CallCode::BadNumber, "rows is " + std::to_string(rows) + "; it must be 0 or more");
}

ej_value value_of(Scalar type, Slot s) {
    switch (type) {
    case Scalar::Bool: return ej_bool(s != 0);
    case Scalar::I32: return ej_i32(static_cast<int32_t>(static_cast<uint32_t>(s)));
    case Scalar::I64: return ej_i64(static_cast<int64_t>(s));
    case Scalar::F32: return ej_f32(std::bit_cast<float>(static_cast<uint32_t>(s)));
    case Scalar::F64: return ej_f64(std::bit_cast<double>(s));
    }
    return ej_f64(0);
}

}  // namespace exprjit::capi
