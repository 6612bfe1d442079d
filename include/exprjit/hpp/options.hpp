// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: what can be chosen when compiling, running and making engines. Every default is exprjit.h's.
#pragma once

#include <exprjit/hpp/cancel.hpp>
#include <exprjit/hpp/types.hpp>

#include <atomic>

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {

// Integer division and remainder by zero: a failure with the row, or 0.
enum class division : ej_div_mode { error = EJ_DIV_ERROR, zero = EJ_DIV_ZERO };
// What `^` means in a text.
enum class caret : ej_caret { power = EJ_CARET_POWER, bitwise_xor = EJ_CARET_XOR, strict = EJ_CARET_STRICT };
enum class tier : ej_tier {
    automatic = EJ_TIER_AUTO,
    interpreter = EJ_TIER_INTERPRETER,
    baseline = EJ_TIER_BASELINE,
    optimised = EJ_TIER_OPTIMISED,
};
enum class isa : ej_isa { automatic = EJ_ISA_AUTO, v2 = EJ_ISA_V2, v3 = EJ_ISA_V3, v4 = EJ_ISA_V4 };
enum class accuracy : ej_accuracy { one_ulp = EJ_ACCURACY_1ULP, fast = EJ_ACCURACY_FAST };

struct compile_options {
    exprjit::accuracy accuracy = exprjit::accuracy::one_ulp;
    bool contract = false;  // a*b+c may become fma(a,b,c)
    bool reassoc = false;   // sums and products may be regrouped
    exprjit::division division = exprjit::division::error;
    exprjit::caret caret = exprjit::caret::power;
    exprjit::tier tier = exprjit::tier::automatic;
    exprjit::isa isa = exprjit::isa::automatic;
    std::string source_name;  // shown in diagnostics; "<expression>" if empty
    // Of untyped kernels only, whose signature does not say it.
    dtype result_type = dtype::none;     // converts every output to it
    bool only_named_parameters = false;  // other names are errors, not f64 parameters
    // Of all.
    const cancel_token* cancel = nullptr;  // outlives the call
    bool untrusted = false;                // a stranger's text: host functions do not exist
};

// A word that any thread sets to end evaluations that were given it: status::cancelled, within a block of rows.
class stop_flag {
  public:
    void request() noexcept { word_.store(1, std::memory_order_relaxed); }
    void reset() noexcept { word_.store(0, std::memory_order_relaxed); }
    bool is_requested() const noexcept { return word_.load(std::memory_order_relaxed) != 0; }
    // As exprjit.h takes it: a lock-free atomic is the word itself.
    const volatile std::int32_t* word() const noexcept {
        return reinterpret_cast<const volatile std::int32_t*>(&word_);
    }

  private:
    std::atomic<std::int32_t> word_{0};
};
static_assert(sizeof(stop_flag) == sizeof(std::int32_t) && std::atomic<std::int32_t>::is_always_lock_free,
              "stop_flag is the word that kernels read");

struct run_options {
    std::int32_t threads = 0;              // 0 and 1: the calling thread; more: up to so many of the library's pool
    const stop_flag* stop = nullptr;       // outlives the call
    ej_parallel_fn parallel = nullptr;     // the host's executor instead of the pool
    void* parallel_user_data = nullptr;    // for `parallel`
    const cancel_token* cancel = nullptr;  // instead of `stop`; outlives the call

    // Runs the pieces on the host's own threads: parallel_for(count, task) calls task(i) for every i below count, each
    // once, and returns when all are done. It outlives the calls it is used for, and throws nothing.
    template <class F>
    static run_options on(F& parallel_for) {
        run_options run;
        run.parallel = [](void* user, std::int64_t count, ej_task_fn task, void* data) {
            (*static_cast<F*>(user))(count, [task, data](std::int64_t i) { task(data, i); });
        };
        run.parallel_user_data = &parallel_for;
        return run;
    }

    ej_run_options raw() const noexcept {
        ej_run_options r = {};
        r.struct_size = sizeof r;
        r.stop = stop != nullptr ? stop->word() : nullptr;
        r.threads = threads;
        r.parallel = parallel;
        r.parallel_user_data = parallel_user_data;
        r.cancel = cancel != nullptr ? cancel->get() : nullptr;
        return r;
    }
};

// Where machine code lives. Both: never writable and executable at once; the interpreter if the system refuses.
enum class code_memory : ej_code_memory {
    automatic = EJ_CODE_MEMORY_AUTO,  // dual
    dual = EJ_CODE_MEMORY_DUAL,
    none = EJ_CODE_MEMORY_NONE,      // every kernel is interpreted
    sealed = EJ_CODE_MEMORY_SEALED,  // private pages, written once: for texts of strangers; 4 KiB or more per kernel
};

struct engine_options {
    exprjit::isa isa = exprjit::isa::automatic;     // the highest level to use
    exprjit::tier tier = exprjit::tier::automatic;  // for compilations that leave it open
    bool interpret = false;                         // the same as code_memory::none
    std::size_t cache_bytes = 0;                    // this and the bounds below: 0 is the library's default
    std::size_t max_text_bytes = 0;
    std::size_t max_nodes = 0;
    std::size_t max_nesting = 0;
    std::size_t max_code_bytes = 0;
    ej_log_fn log = nullptr;  // from any thread, also after the engine is gone, as long as kernels of it live
    void* log_user_data = nullptr;
    ej_log_level log_level = 0;
    exprjit::code_memory code_memory = exprjit::code_memory::automatic;
    std::uint64_t max_compile_ns = 0;  // 0: 10 s; UINT64_MAX: no limit
};

// A parameter of an untyped kernel. "x" alone is an f64.
struct parameter {
    parameter(const char* called, dtype of = dtype::f64) : name(called), type(of) {}
    const char* name;
    dtype type;
};

}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
