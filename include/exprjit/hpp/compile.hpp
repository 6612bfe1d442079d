// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: from text to a kernel.
#pragma once

#include <exprjit/hpp/kernel.hpp>

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {
namespace detail {

inline ej_compile_options raw_options(const compile_options& o, const ej_param* params, std::size_t count) {
    ej_compile_options raw = {};
    raw.struct_size = sizeof raw;
    raw.params = count != 0 ? params : nullptr;
    raw.param_count = count;
    raw.params_declared = o.only_named_parameters;
    raw.result_type = static_cast<ej_dtype>(o.result_type);
    raw.div_mode = static_cast<ej_div_mode>(o.division);
    raw.caret = static_cast<ej_caret>(o.caret);
    raw.tier = static_cast<ej_tier>(o.tier);
    raw.isa = static_cast<ej_isa>(o.isa);
    if (o.contract) raw.flags |= EJ_FLAG_CONTRACT;
    if (o.reassoc) raw.flags |= EJ_FLAG_REASSOC;
    raw.accuracy = static_cast<ej_accuracy>(o.accuracy);
    raw.source_name = o.source_name.empty() ? nullptr : o.source_name.c_str();
    raw.cancel = o.cancel != nullptr ? o.cancel->get() : nullptr;
    raw.untrusted = o.untrusted;
    return raw;
}

inline kernel compile(ej_engine* engine, std::string_view text, const ej_compile_options& options, failure& f) {
    ej_kernel* made = nullptr;
    f = attempt(
        [&](ej_error** e) { return ej_engine_compile_n(engine, text.data(), text.size(), &options, &made, e); });
    return kernel(made);
}

// Compiles `text` so that its outputs are of these types. A single output of another type that converts without loss is
// converted in the kernel; several are, after the call.
inline kernel compile_as(ej_engine* engine, std::string_view text, ej_compile_options options, const dtype* types,
                         std::size_t type_count, failure& f) {
    kernel made = compile(engine, text, options, f);
    if (f) return made;
    const std::size_t count = ej_kernel_output_count(made.get());
    if (count != type_count) {
        f = error(status::type, "the text gives " + std::to_string(count) + (count == 1 ? " output" : " outputs") +
                                    ", the C++ signature asks for " + std::to_string(type_count) + ": " +
                                    std::string(made.signature()));
        return kernel();
    }
    for (std::size_t i = 0; i < count; ++i) {
        ej_param p = {};
        ej_kernel_get_output(made.get(), i, &p);
        const dtype own = static_cast<dtype>(p.type);
        if (own == types[i]) continue;
        if (!converts(own, types[i])) {
            const std::string wanted(name(types[i]));
            f = error(status::type, called(made.get(), false, i) + " is " + std::string(name(own)) +
                                        ", which does not become the " + wanted +
                                        " of the C++ signature without loss; write " + wanted +
                                        "(...) in the text, or change the signature");
            return kernel();
        }
        if (count == 1) {
            options.result_type = static_cast<ej_dtype>(types[i]);
            return compile(engine, text, options, f);
        }
    }
    return made;
}

}  // namespace detail
}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
