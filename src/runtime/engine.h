// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "ir/program.h"
#include "jit/compile.h"
#include "runtime/cache.h"
#include "runtime/code_memory.h"
#include "runtime/definition_store.h"
#include "runtime/request.h"
#include "support/result.h"

namespace exprjit {

class Kernel;
class CompiledCode;
struct CodeTraits;
struct CompileScratch;
struct CompileTicks;

enum class LogLevel : int32_t { Error = 1, Warning = 2, Info = 3, Debug = 4 };  // ej_log_level
using LogFunction = void (*)(int32_t level, const char* message, void* user_data);

enum class CodeMemoryPolicy : uint8_t { Auto = 0, Dual = 1, None = 2, Sealed = 3 };  // ej_code_memory

struct EngineOptions {
    Isa isa = Isa::None;  // highest level to use; None: the host's
    TierChoice tier = TierChoice::Auto;
    CodeMemoryPolicy code_memory = CodeMemoryPolicy::Auto;
    size_t cache_bytes = size_t{64} << 20;
    LogFunction log = nullptr;
    void* log_user_data = nullptr;
    LogLevel log_level = LogLevel::Warning;
    Limits limits;
    uint64_t max_compile_ns = 10'000'000'000;  // for one compilation; UINT64_MAX: no limit
};

struct EngineStats {
    uint64_t compiles = 0, text_hits = 0, canonical_hits = 0, misses = 0;
    Cache::Figures cache;
    uint64_t code_bytes = 0, arena_bytes = 0;
    Isa isa = Isa::None;
    bool jit = false;
};

// Compiles and caches. Reference-counted: kernels keep their engine's code memory alive after it was closed. Every
// function may be called on many threads at once, except close().
class Engine {
  public:
    // One reference for the caller. Throws std::bad_alloc.
    static Ref<Engine> create(const EngineOptions& options);
    // The process's own, made on first use and never destroyed.
    static Engine& shared();

    void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
    void release() {
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }
    // Empties the cache and stops logging. Nothing may be compiled afterwards; kernels stay usable.
    void close();

    // Text to kernel, with one reference for the caller. Throws std::bad_alloc.
    Result<Kernel*> compile(const CompileRequest& request);
    // Only parses and checks.
    Result<void> check(const CompileRequest& request);

    // What texts compiled from now on can call besides the built-in functions; see lang/definitions.h.
    Result<void> define(std::string_view text);
    Result<void> add_function(NativeRef function);
    Result<void> remove_function(std::string_view name);

    void clear_cache() { cache_.clear(); }
    Cache& cache() { return cache_; }
    EngineStats stats();

    const Limits& limits() const { return limits_; }
    uint64_t max_compile_ns() const { return max_compile_ns_; }
    Isa isa() const { return isa_; }
    bool jit() const { return code_memory_ != nullptr; }
    CodeMemory* code_memory() { return code_memory_.get(); }
    void count_compile() { compiles_.fetch_add(1, std::memory_order_relaxed); }

    bool logs(LogLevel level) const { return log_.load(std::memory_order_relaxed) != nullptr && level <= log_level_; }
    void log(LogLevel level, const std::string& message) const;

  private:
    explicit Engine(const EngineOptions& options);
    ~Engine() = default;
    Result<Kernel*> compile_watched(const CompileRequest& request);
    CodeTraits traits_of(const CompileRequest& request, const Program& program) const;
    Result<Ref<CompiledCode>> find_or_generate(const CompileRequest& request, CompileScratch& scratch, uint64_t start,
                                               CompileTicks& ticks, bool& found);

    std::atomic<uint32_t> references_{1};
    const Limits limits_;
    const uint64_t max_compile_ns_;
    const TierChoice tier_;
    Isa isa_;
    std::atomic<LogFunction> log_;
    void* const log_user_data_;
    const LogLevel log_level_;
    std::atomic<uint64_t> compiles_{0}, text_hits_{0}, canonical_hits_{0}, misses_{0};
    std::unique_ptr<CodeMemory> code_memory_;  // nullptr: everything is interpreted
    DefinitionStore definitions_;
    Cache cache_;  // destroyed first: its kernels hold code
};

}  // namespace exprjit
