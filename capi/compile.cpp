// SPDX-License-Identifier: MIT OR Apache-2.0
#include <array>
#include <vector>

#include "abi.h"
#include "border.h"
#include "builder.h"
#include "cancel_token.h"
#include "ir/fixed_limit.h"

using namespace exprjit;
using namespace exprjit::capi;

namespace {

constexpr size_t kLongestName = 64 * 1024;

// Room for the parameters of most calls without allocating.
struct ParamRoom {
    std::array<TextParam, 16> few;
    std::vector<TextParam> many;
};

Failure unknown(const char* field, int64_t value) {
    return invalid(CallCode::UnknownEnumerator,
                   std::string("ej_compile_options.") + field + " has no value " + std::to_string(value),
                   "see the enumerations in exprjit.h; 0 is the default");
}

Failure convert_params(const ej_compile_options& o, const Limits& limits, ParamRoom& room, CompileRequest& r) {
    if (o.param_count == 0) return nullptr;
    if (o.params == nullptr) {
        return invalid(CallCode::NullArgument,
                       "ej_compile_options.params is NULL but param_count is " + std::to_string(o.param_count));
    }
    if (o.param_count > limits.max_params) {
        return fail(Status::Limit, static_cast<int32_t>(CallCode::BadNumber),
                    std::to_string(o.param_count) + " parameters; the limit is " + std::to_string(limits.max_params),
                    kFixedLimitHint);
    }
    TextParam* params = room.few.data();
    if (o.param_count > room.few.size()) {
        room.many.resize(o.param_count);
        params = room.many.data();
    }
    for (size_t i = 0; i < o.param_count; ++i) {
        const ej_param& p = o.params[i];
        const auto which = [i] { return "parameter " + std::to_string(i); };
        if (p.name == nullptr) return invalid(CallCode::NullArgument, "the name of " + which() + " is NULL");
        if (!is_dtype(p.type)) {
            return invalid(CallCode::UnknownEnumerator,
                           "the type of " + which() + " ('" + p.name + "') is " + std::to_string(p.type) +
                               ", which is no ej_dtype",
                           "use EJ_BOOL … EJ_U64");
        }
        if (p.reserved != 0) return invalid(CallCode::BadNumber, "the reserved field of " + which() + " is not 0");
        params[i] = {p.name, storage_of_dtype(p.type)};
        if (params[i].name.size() > kLongestName) {
            return fail(Status::Limit, static_cast<int32_t>(CallCode::BadNumber),
                        "the name of " + which() + " is longer than " + std::to_string(kLongestName) + " bytes");
        }
    }
    r.params = {params, o.param_count};
    return nullptr;
}

Failure convert(const ej_compile_options* options, const Limits& limits, ParamRoom& room, CompileRequest& r) {
    if (options == nullptr) return nullptr;
    ej_compile_options o;
    // The first version ended before `cancel`.
    if (Failure f = read_options(options, "ej_compile_options", o, offsetof(ej_compile_options, cancel))) return f;
    if (o.result_type != EJ_DTYPE_NONE && !is_value_dtype(o.result_type)) {
        return invalid(CallCode::UnknownEnumerator,
                       "ej_compile_options.result_type is " + std::to_string(o.result_type) +
                           ", which no value can have",
                       "use EJ_BOOL, EJ_I32, EJ_I64, EJ_F32, EJ_F64, or EJ_DTYPE_NONE to keep the natural type");
    }
    if (o.div_mode < EJ_DIV_ERROR || o.div_mode > EJ_DIV_ZERO) return unknown("div_mode", o.div_mode);
    if (o.caret < EJ_CARET_POWER || o.caret > EJ_CARET_STRICT) return unknown("caret", o.caret);
    if (!is_tier(o.tier)) return unknown("tier", o.tier);
    if (!is_isa(o.isa)) return unknown("isa", o.isa);
    if ((o.flags & ~(static_cast<uint32_t>(EJ_FLAG_CONTRACT) | static_cast<uint32_t>(EJ_FLAG_REASSOC))) != 0) {
        return unknown("flags", o.flags);
    }
    if (o.accuracy != EJ_ACCURACY_1ULP && o.accuracy != EJ_ACCURACY_FAST) return unknown("accuracy", o.accuracy);
    if (o.reserved != 0) {
        return invalid(CallCode::BadNumber, "the reserved field of ej_compile_options is not 0",
                       "clear the struct before filling it in");
    }
    if (o.result_type != EJ_DTYPE_NONE) r.result_type = static_cast<Scalar>(o.result_type - 1);
    r.div_mode = static_cast<DivMode>(o.div_mode);
    r.caret = static_cast<Caret>(o.caret);
    r.tier = static_cast<TierChoice>(o.tier);
    r.isa = static_cast<Isa>(o.isa);
    r.flags = o.flags | (o.accuracy == EJ_ACCURACY_FAST ? kFlagFastMaths : 0u);
    r.declared = o.params_declared != 0;
    r.cancel = stop_word_of(o.cancel);
    r.untrusted = o.untrusted != 0;
    if (o.source_name != nullptr) r.source_name = std::string_view(o.source_name).substr(0, kLongestName);
    return convert_params(o, limits, room, r);
}

Failure failed_on(Source& source, const CompileRequest& r, Failure f) {
    if (has_text(r.kind)) source.text = r.text;
    source.name = r.source_name;
    source.known = true;
    return f;
}

ej_status compile(ej_engine* engine, SourceKind kind, const char* text, size_t length,
                  const ej_compile_options* options, ej_kernel** kernel, ej_error** error) {
    if (kernel != nullptr) *kernel = nullptr;
    return at_border(error, [&](Source& source) -> Failure {
        if (text == nullptr && length != 0) {
            return null_argument(kind == SourceKind::Text ? "text" : kind == SourceKind::Ir ? "ir" : "bytes");
        }
        if (kernel == nullptr) return null_argument("kernel");
        Engine& e = engine_of(engine);
        ParamRoom room;
        CompileRequest r;
        if (Failure f = convert(options, e.limits(), room, r)) return f;
        r.kind = kind;
        r.text = {text != nullptr ? text : "", length};
        if (kind != SourceKind::Text) {  // types and names stand in the IR
            r.params = {};
            r.declared = false;
            r.result_type.reset();
            r.caret = Caret::Power;
            r.div_mode = DivMode::Error;
        }
        auto made = e.compile(r);
        if (!made) return failed_on(source, r, made.take_failure());
        *kernel = handle(*made);
        return nullptr;
    });
}

}  // namespace

extern "C" {

ej_status ej_engine_compile(ej_engine* engine, const char* text, const ej_compile_options* options, ej_kernel** kernel,
                            ej_error** error) {
    // A NULL text is passed on with a length, so that it is told apart from an empty one.
    return compile(engine, SourceKind::Text, text, text != nullptr ? std::strlen(text) : 1, options, kernel, error);
}

ej_status ej_engine_compile_n(ej_engine* engine, const char* text, size_t text_length,
                              const ej_compile_options* options, ej_kernel** kernel, ej_error** error) {
    return compile(engine, SourceKind::Text, text, text_length, options, kernel, error);
}

ej_status ej_engine_compile_ir(ej_engine* engine, const char* ir, size_t ir_length, const ej_compile_options* options,
                               ej_kernel** kernel, ej_error** error) {
    return compile(engine, SourceKind::Ir, ir, ir_length, options, kernel, error);
}

ej_status ej_engine_compile_bytes(ej_engine* engine, const uint8_t* bytes, size_t size,
                                  const ej_compile_options* options, ej_kernel** kernel, ej_error** error) {
    return compile(engine, SourceKind::Bytes, reinterpret_cast<const char*>(bytes), size, options, kernel, error);
}

ej_status ej_engine_compile_builder(ej_engine* engine, const ej_builder* builder, const ej_compile_options* options,
                                    ej_kernel** kernel, ej_error** error) {
    if (kernel != nullptr) *kernel = nullptr;
    const ej_status written = at_border(error, [&](Source&) -> Failure {
        if (builder == nullptr) return null_argument("builder");
        if (Failure f = mistakes(*builder)) return f;
        write_image(*builder);
        return nullptr;
    });
    if (written != EJ_OK) return written;
    const auto image = builder->image.view();
    return compile(engine, SourceKind::Image, reinterpret_cast<const char*>(image.data()), image.size(), options,
                   kernel, error);
}

ej_status ej_engine_check(ej_engine* engine, const char* text, size_t text_length, const ej_compile_options* options,
                          ej_error** error) {
    return at_border(error, [&](Source& source) -> Failure {
        if (text == nullptr && text_length != 0) return null_argument("text");
        Engine& e = engine_of(engine);
        ParamRoom room;
        CompileRequest r;
        if (Failure f = convert(options, e.limits(), room, r)) return f;
        r.text = {text != nullptr ? text : "", text_length};
        auto checked = e.check(r);
        return checked ? nullptr : failed_on(source, r, checked.take_failure());
    });
}

}  // extern "C"
