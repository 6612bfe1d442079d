// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: kernels whose types are known when the program runs. function.hpp has those that the compiler
// knows.
#pragma once

#include <exprjit/hpp/calls.hpp>

#include <initializer_list>

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {

enum class listing : ej_dump { ir = EJ_DUMP_IR, optimised_ir = EJ_DUMP_OPT, assembly = EJ_DUMP_ASM };

struct kernel_info {
    exprjit::tier tier;
    exprjit::isa isa;
    bool needs_context;  // no plain entry
    int cache_hit;       // 0 no, 1 by text, 2 by canonical IR
    std::uint64_t nodes, code_bytes, memory_bytes, spills;
};
// In nanoseconds.
struct timings {
    std::uint64_t total, parse, verify, key, optimise, uses, allocate, emit, install;
};
struct output_info {
    std::string_view name;  // of the kernel; "" for a final expression
    dtype type;
    bool is_reduced, is_nullable;
};
struct parameter_info {
    std::string_view name;  // of the kernel
    dtype type;
};

// A reduction that is fed batch by batch. Used by one thread at a time.
class reducer {
  public:
    reducer() noexcept = default;
    reducer(reducer&& other) noexcept
        : handle_(std::exchange(other.handle_, nullptr)), kernel_(std::exchange(other.kernel_, nullptr)),
          kept_(std::move(other.kept_)) {}
    reducer& operator=(reducer other) noexcept {
        std::swap(handle_, other.handle_), std::swap(kernel_, other.kernel_), kept_.swap(other.kept_);
        return *this;
    }
    ~reducer() { ej_reducer_destroy(handle_), ej_kernel_release(kernel_); }
    explicit operator bool() const noexcept { return handle_ != nullptr; }

    // The next rows. After a failure the reducer is as before the call.
    outcome<void> feed(span<const input> inputs, const run_options& run = {}) {
        return detail::done(feed_columns(inputs, run));
    }
    outcome<void> feed(std::initializer_list<input> inputs, const run_options& run = {}) {
        return feed(span<const input>(inputs.begin(), inputs.size()), run);
    }
    // The outputs for everything fed so far; feeding may go on.
    outcome<std::vector<value>> finish() {
        std::vector<value> values(ej_kernel_output_count(kernel_));
        detail::failure f = read(values.data(), values.size());
        return detail::finish(std::move(f), std::move(values));
    }

  protected:
    friend class kernel;
    reducer(ej_reducer* owned, ej_kernel* kernel, std::shared_ptr<void> kept) noexcept
        : handle_(owned), kernel_(ej_kernel_retain(kernel)), kept_(std::move(kept)) {}

    detail::failure feed_columns(span<const input> inputs, const run_options& run) {
        std::int64_t rows = 0;
        if (detail::failure f = detail::agree(kernel_, inputs, rows)) return f;
        if (rows == detail::kOneForAll) rows = 1;
        detail::workspace columns(inputs.size());
        detail::lower(inputs, columns.data());
        const ej_run_options raw = run.raw();
        return detail::attempt(
            [&](ej_error** e) { return ej_reducer_feed(handle_, &raw, columns.data(), inputs.size(), rows, e); });
    }
    detail::failure read(value* values, std::size_t count) {
        return detail::attempt(
            [&](ej_error** e) { return ej_reducer_finish(handle_, reinterpret_cast<ej_value*>(values), count, e); });
    }

  private:
    ej_reducer* handle_ = nullptr;
    ej_kernel* kernel_ = nullptr;
    std::shared_ptr<void> kept_;  // as a kernel's
};

// One reference to a kernel, which is immutable: any number of threads may call through it at once.
class kernel {
  public:
    kernel() noexcept = default;
    // Takes over a reference of the C interface.
    explicit kernel(ej_kernel* owned) noexcept : handle_(owned) {}
    kernel(kernel&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)), kept_(std::move(other.kept_)) {}
    kernel& operator=(kernel&& other) noexcept {
        kernel taken(std::move(other));
        std::swap(handle_, taken.handle_), kept_.swap(taken.kept_);
        return *this;
    }
    ~kernel() { ej_kernel_release(handle_); }

    explicit operator bool() const noexcept { return handle_ != nullptr; }
    ej_kernel* get() const noexcept { return handle_; }
    // A second reference.
    kernel share() const noexcept {
        kernel second(ej_kernel_retain(handle_));
        second.kept_ = kept_;
        return second;
    }

    // ---- What it is ----
    std::string_view signature() const noexcept { return ej_kernel_signature(handle_); }
    std::string_view source() const noexcept { return ej_kernel_source(handle_); }
    bool is_reducing() const noexcept { return ej_kernel_is_reducing(handle_) != 0; }
    std::vector<parameter_info> parameters() const {
        std::vector<parameter_info> all(ej_kernel_param_count(handle_));
        for (std::size_t i = 0; i < all.size(); ++i) {
            ej_param p = {};
            if (ej_kernel_get_param(handle_, i, &p) == EJ_OK) all[i] = {p.name, static_cast<dtype>(p.type)};
        }
        return all;
    }
    outcome<std::vector<output_info>> outputs() const {
        std::vector<output_info> all;
        ej_status s = EJ_OK;
        for (std::size_t i = 0, n = ej_kernel_output_count(handle_); i < n && s == EJ_OK; ++i) {
            ej_output_info o = {};
            o.struct_size = sizeof o;
            s = ej_kernel_get_output_info(handle_, i, &o);
            if (s == EJ_OK) {
                all.push_back({o.name, static_cast<dtype>(o.type), o.is_reduced != 0, o.is_nullable != 0});
            }
        }
        return detail::finish(detail::failed(s), std::move(all));
    }
    outcome<kernel_info> info() const {
        ej_kernel_info i = {};
        i.struct_size = sizeof i;
        const ej_status s = ej_kernel_get_info(handle_, &i);
        return detail::finish(detail::failed(s),
                              kernel_info{static_cast<exprjit::tier>(i.tier), static_cast<exprjit::isa>(i.isa),
                                          i.needs_context != 0, i.cache_hit, i.nodes, i.code_bytes, i.memory_bytes,
                                          i.spills});
    }
    outcome<exprjit::timings> timings() const {
        ej_timings t = {};
        t.struct_size = sizeof t;
        const ej_status s = ej_kernel_get_timings(handle_, &t);
        return detail::finish(detail::failed(s), exprjit::timings{t.total, t.parse, t.verify, t.key, t.optimise, t.uses,
                                                                  t.allocate, t.emit, t.install});
    }
    // A listing; `pass` names one of passes(), "" means after all of them.
    outcome<std::string> dump(listing what, const std::string& pass = {}) const {
        char* text = nullptr;
        detail::failure f = detail::attempt([&](ej_error** e) {
            return ej_kernel_dump(handle_, static_cast<ej_dump>(what), pass.empty() ? nullptr : pass.c_str(), &text, e);
        });
        const std::unique_ptr<char, void (*)(char*)> owned(text, &ej_string_free);
        return detail::finish(std::move(f), std::string(text != nullptr ? text : ""));
    }

    // ---- Single values ----
    // One value per parameter in, one per output out.
    outcome<void> call(span<const value> arguments, span<value> results, const run_options& run = {}) const {
        return detail::done(call_values(arguments.data(), arguments.size(), results.data(), results.size(), run));
    }
    // The one output.
    outcome<value> call(std::initializer_list<value> arguments, const run_options& run = {}) const {
        value result;
        detail::failure f = call_values(arguments.begin(), arguments.size(), &result, 1, run);
        return detail::finish(std::move(f), result);
    }

    // ---- Columns ----
    outcome<void> eval(span<const input> inputs, span<const output> outputs, const run_options& run = {}) const {
        return detail::done(detail::evaluate(handle_, run, inputs, outputs));
    }
    outcome<void> eval(std::initializer_list<input> inputs, std::initializer_list<output> outputs,
                       const run_options& run = {}) const {
        return eval(as_span(inputs), as_span(outputs), run);
    }
    // For a kernel whose only output is a condition: the rows where it holds, ascending.
    outcome<std::vector<std::int64_t>> select(span<const input> inputs, const run_options& run = {}) const {
        std::vector<std::int64_t> indices;
        detail::failure f = detail::select(handle_, run, inputs, indices);
        return detail::finish(std::move(f), std::move(indices));
    }
    outcome<std::vector<std::int64_t>> select(std::initializer_list<input> inputs, const run_options& run = {}) const {
        return select(as_span(inputs), run);
    }
    // For a kernel whose first output is a condition: the other outputs for the rows where it holds, next to each other
    // in `outputs`, which have room for all rows. Returns how many rows were kept.
    outcome<std::int64_t> filter(span<const input> inputs, span<const output> outputs,
                                 const run_options& run = {}) const {
        std::int64_t count = 0;
        detail::failure f = detail::filter(handle_, run, inputs, outputs, count);
        return detail::finish(std::move(f), count);
    }
    outcome<std::int64_t> filter(std::initializer_list<input> inputs, std::initializer_list<output> outputs,
                                 const run_options& run = {}) const {
        return filter(as_span(inputs), as_span(outputs), run);
    }
    // Element k of each output belongs to row indices[k] of the inputs.
    outcome<void> eval_selected(span<const std::int64_t> indices, span<const input> inputs, span<const output> outputs,
                                const run_options& run = {}) const {
        return detail::done(detail::evaluate_selected(handle_, run, indices, inputs, outputs));
    }
    outcome<void> eval_selected(span<const std::int64_t> indices, std::initializer_list<input> inputs,
                                std::initializer_list<output> outputs, const run_options& run = {}) const {
        return eval_selected(indices, as_span(inputs), as_span(outputs), run);
    }
    // A record batch of the Arrow C Data Interface, see ej_kernel_eval_arrow.
    outcome<void> eval_arrow(const ArrowSchema& schema, const ArrowArray& batch, ArrowSchema& out_schema,
                             ArrowArray& out_batch, const run_options& run = {}) const {
        const ej_run_options raw = run.raw();
        detail::failure f = detail::attempt([&](ej_error** e) {
            return ej_kernel_eval_arrow(handle_, &raw, &schema, &batch, &out_schema, &out_batch, e);
        });
        return detail::done(std::move(f));
    }
    // The program as bytes, for engine::compile_bytes in this or another process. Equal programs give equal bytes.
    outcome<std::vector<std::uint8_t>> encode() const {
        std::uint8_t* bytes = nullptr;
        std::size_t size = 0;
        detail::failure f = detail::attempt([&](ej_error** e) { return ej_kernel_encode(handle_, &bytes, &size, e); });
        const std::unique_ptr<std::uint8_t, void (*)(std::uint8_t*)> owned(bytes, &ej_bytes_free);
        return detail::finish(std::move(f), std::vector<std::uint8_t>(bytes, bytes + size));
    }
    outcome<exprjit::reducer> reducer() const {
        detail::failure f;
        exprjit::reducer made = start(f);
        return detail::finish(std::move(f), std::move(made));
    }

  protected:
    detail::failure call_values(const value* arguments, std::size_t argument_count, value* results,
                                std::size_t result_count, const run_options& run) const {
        const ej_run_options raw = run.raw();
        return detail::attempt([&](ej_error** e) {
            return ej_kernel_call_with(handle_, &raw, reinterpret_cast<const ej_value*>(arguments), argument_count,
                                       reinterpret_cast<ej_value*>(results), result_count, e);
        });
    }
    exprjit::reducer start(detail::failure& f) const {
        ej_reducer* made = nullptr;
        f = detail::attempt([&](ej_error** e) { return ej_reducer_create(handle_, &made, e); });
        return exprjit::reducer(made, handle_, kept_);
    }

  private:
    template <class T>
    static span<const T> as_span(std::initializer_list<T> list) noexcept {
        return span<const T>(list.begin(), list.size());
    }
    friend class engine;
    ej_kernel* handle_ = nullptr;
    std::shared_ptr<void> kept_;  // the host functions it may call live at least as long
};

}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
