// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: engines, which compile and cache.
#pragma once

#include <exprjit/hpp/builder.hpp>
#include <exprjit/hpp/compile.hpp>
#include <exprjit/hpp/function.hpp>
#include <exprjit/hpp/host_function.hpp>

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {

struct engine_stats {
    std::uint64_t compiles, text_hits, canonical_hits, misses, evictions, entries, cache_bytes, code_bytes, arena_bytes;
    exprjit::isa isa;
    bool is_jit;  // false: everything is interpreted
};

// Every function may be called from any thread. Kernels outlive their engine.
class engine {
  public:
    // The process's shared engine, which nobody destroys.
    engine() noexcept = default;
    // An engine of one's own.
    static outcome<engine> create(const engine_options& options = {}) {
        ej_engine_options raw = {};
        raw.struct_size = sizeof raw;
        raw.isa = static_cast<ej_isa>(options.isa);
        raw.tier = static_cast<ej_tier>(options.tier);
        raw.code_memory = options.interpret ? EJ_CODE_MEMORY_NONE : static_cast<ej_code_memory>(options.code_memory);
        raw.cache_bytes = options.cache_bytes;
        raw.log = options.log;
        raw.log_user_data = options.log_user_data;
        raw.log_level = options.log_level;
        raw.max_text_bytes = options.max_text_bytes;
        raw.max_nodes = options.max_nodes;
        raw.max_nesting = options.max_nesting;
        raw.max_code_bytes = options.max_code_bytes;
        raw.max_compile_ns = options.max_compile_ns;
        engine made;
        made.functions_ = std::make_shared<detail::host_functions>();
        detail::failure f = detail::attempt([&](ej_error** e) { return ej_engine_create(&raw, &made.handle_, e); });
        return detail::finish(std::move(f), std::move(made));
    }
    engine(engine&& other) noexcept
        : handle_(std::exchange(other.handle_, nullptr)), functions_(std::move(other.functions_)) {}
    engine& operator=(engine&& other) noexcept {
        engine taken(std::move(other));
        std::swap(handle_, taken.handle_), functions_.swap(taken.functions_);
        return *this;
    }
    ~engine() { ej_engine_destroy(handle_); }
    ej_engine* get() const noexcept { return handle_; }  // NULL: the shared one

    // compile<double(double, double)>("a*b", {"a", "b"}): the text knows these names and no others, with the types of
    // the signature. An output that is not of the signature's type is converted if that loses nothing, an error
    // otherwise.
    template <class Signature, std::size_t N>
    outcome<function<Signature>> compile(std::string_view text, const char* const (&names)[N],
                                         const compile_options& options = {}) const {
        static_assert(N == function<Signature>::arity, "exprjit: the signature has another number of parameters");
        return compile_typed<Signature>(text, names, options);
    }
    template <class Signature>
    outcome<function<Signature>> compile(std::string_view text, const compile_options& options = {}) const {
        static_assert(function<Signature>::arity == 0, "exprjit: the parameters need names: {\"a\", \"b\"}");
        return compile_typed<Signature>(text, nullptr, options);
    }

    // Untyped: parameters that are not named are f64, in order of first use.
    outcome<kernel> compile(std::string_view text, span<const parameter> parameters,
                            const compile_options& options = {}) const {
        std::vector<ej_param> params;
        for (const parameter& p : parameters) params.push_back({p.name, static_cast<ej_dtype>(p.type), 0});
        const ej_compile_options raw = detail::raw_options(options, params.data(), params.size());
        detail::failure f;
        kernel made = detail::compile(handle_, text, raw, f);
        made.kept_ = functions_;
        return detail::finish(std::move(f), std::move(made));
    }
    outcome<kernel> compile(std::string_view text, std::initializer_list<parameter> parameters,
                            const compile_options& options = {}) const {
        return compile(text, span<const parameter>(parameters.begin(), parameters.size()), options);
    }
    outcome<kernel> compile(std::string_view text, const compile_options& options = {}) const {
        return compile(text, span<const parameter>(), options);
    }
    // A program as IR text, the form that kernel::dump gives.
    outcome<kernel> compile_ir(std::string_view ir, const compile_options& options = {}) const {
        const ej_compile_options raw = detail::raw_options(options, nullptr, 0);
        ej_kernel* made = nullptr;
        detail::failure f = detail::attempt(
            [&](ej_error** e) { return ej_engine_compile_ir(handle_, ir.data(), ir.size(), &raw, &made, e); });
        return detail::finish(std::move(f), kernel(made));
    }
    // A program as bytes, the form that kernel::encode gives. Untrusted: everything is verified.
    outcome<kernel> compile_bytes(span<const std::uint8_t> bytes, const compile_options& options = {}) const {
        const ej_compile_options raw = detail::raw_options(options, nullptr, 0);
        ej_kernel* made = nullptr;
        detail::failure f = detail::attempt(
            [&](ej_error** e) { return ej_engine_compile_bytes(handle_, bytes.data(), bytes.size(), &raw, &made, e); });
        return detail::finish(std::move(f), kernel(made));
    }
    // A program built node by node. The builder is unchanged.
    outcome<kernel> compile(const builder& program, const compile_options& options = {}) const {
        const ej_compile_options raw = detail::raw_options(options, nullptr, 0);
        ej_kernel* made = nullptr;
        detail::failure f = detail::attempt(
            [&](ej_error** e) { return ej_engine_compile_builder(handle_, program.get(), &raw, &made, e); });
        return detail::finish(std::move(f), kernel(made));
    }
    // The mistakes of a text, nothing if there are none. Compiles nothing.
    std::optional<error> check(std::string_view text, std::initializer_list<parameter> parameters = {},
                               const compile_options& options = {}) const {
        std::vector<ej_param> params;
        for (const parameter& p : parameters) params.push_back({p.name, static_cast<ej_dtype>(p.type), 0});
        const ej_compile_options raw = detail::raw_options(options, params.data(), params.size());
        return detail::attempt(
            [&](ej_error** e) { return ej_engine_check(handle_, text.data(), text.size(), &raw, e); });
    }

    // ---- Functions of one's own, for every text compiled afterwards ----

    // "f(x, y) = x*y + 1": a function by an expression, for arguments of any type.
    outcome<void> define(std::string_view text) const {
        if (detail::failure f = detail::refuse_nul(text, "the definition")) return detail::done(std::move(f));
        const std::string owned(text);
        return detail::done(detail::attempt([&](ej_error** e) { return ej_engine_define(handle_, owned.c_str(), e); }));
    }
    // A C++ callable: a function (+[](double x) { ... }, &erf as double (*)(double)) or an object with one operator(), a
    // lambda with captures for one. It is copied, and kept until this engine and every kernel of it is gone, for the shared
    // engine for good; also when its name is given to another or removed, since kernels that call it go on doing so,
    // and definitions may. (To exchange a function often, let it call through a pointer of its own.) One that is refused is
    // let go at once. It must be safe to call on every thread that runs such kernels; where it throws, the program ends.
    template <class F>
    outcome<void> add_function(std::string_view name, F callable, purity effects = purity::impure) const {
        using call = detail::host_call<F, typename detail::callable_signature<F>::type>;
        if (detail::failure f = detail::refuse_nul(name, "the name of the function")) return detail::done(std::move(f));
        detail::host_functions& all = functions_ ? *functions_ : *detail::host_functions::shared();
        F* const kept = all.keep(std::move(callable));
        const std::string owned(name), signature = call::signature();
        const std::uint32_t flags = effects == purity::pure ? std::uint32_t{EJ_FUNCTION_PURE} : 0;
        detail::failure f = detail::attempt([&](ej_error** e) {
            return ej_engine_add_function(handle_, owned.c_str(), signature.c_str(),
                                          reinterpret_cast<ej_native_fn>(&call::call), kept, flags, e);
        });
        if (f) all.drop(kept);
        return detail::done(std::move(f));
    }
    outcome<void> remove_function(std::string_view name) const {
        if (detail::failure f = detail::refuse_nul(name, "the name of the function")) return detail::done(std::move(f));
        const std::string owned(name);
        return detail::done(
            detail::attempt([&](ej_error** e) { return ej_engine_remove_function(handle_, owned.c_str(), e); }));
    }

    void clear_cache() const noexcept { ej_engine_clear_cache(handle_); }
    outcome<engine_stats> stats() const {
        ej_engine_stats s = {};
        s.struct_size = sizeof s;
        const ej_status got = ej_engine_get_stats(handle_, &s);
        return detail::finish(detail::failed(got),
                              engine_stats{s.compiles, s.text_hits, s.canonical_hits, s.misses, s.evictions, s.entries,
                                           s.cache_bytes, s.code_bytes, s.arena_bytes, static_cast<exprjit::isa>(s.isa),
                                           s.jit != 0});
    }

  private:
    template <class Signature>
    outcome<function<Signature>> compile_typed(std::string_view text, const char* const* names,
                                               const compile_options& options) const {
        using types = detail::signature_types<Signature>;
        auto params = types::parameters();
        for (std::size_t i = 0; i < types::arity; ++i) params[i].name = names[i];
        ej_compile_options raw = detail::raw_options(options, params.data(), types::arity);
        raw.params_declared = 1;
        raw.result_type = EJ_DTYPE_NONE;
        constexpr auto outputs = types::outputs();
        detail::failure f;
        kernel made = detail::compile_as(handle_, text, raw, outputs.data(), outputs.size(), f);
        if (f) return detail::fail<function<Signature>>(std::move(*f));
        made.kept_ = functions_;
        return function<Signature>(std::move(made));
    }
    ej_engine* handle_ = nullptr;
    std::shared_ptr<detail::host_functions> functions_;  // empty: the shared engine's
};

// ---- The library and the machine ----

inline std::string_view version() noexcept { return ej_version(); }
inline std::string_view cpu_name() noexcept { return ej_cpu_name(); }
// The best level of this CPU; automatic if it is below v2.
inline isa cpu_isa() noexcept { return static_cast<isa>(ej_cpu_isa()); }
// The passes in the order of the optimised tier.
inline std::vector<std::string_view> passes() {
    std::vector<std::string_view> all;
    while (const char* pass = ej_pass_name(all.size())) all.push_back(pass);
    return all;
}

}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
