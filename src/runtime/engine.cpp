// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/engine.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "runtime/codes.h"
#include "runtime/generate.h"
#include "runtime/kernel.h"
#include "runtime/mxcsr.h"
#include "runtime/watched.h"
#include "support/ticks.h"

namespace exprjit {

namespace {

// Positions are 32-bit, so no limit may let a text outgrow them.
Limits bounded(Limits limits) {
    limits.max_text_bytes = std::min(limits.max_text_bytes, size_t{1} << 30);
    limits.max_nodes = std::min(limits.max_nodes, size_t{1} << 28);
    limits.max_code_bytes = std::min(limits.max_code_bytes, size_t{1} << 30);
    return limits;
}

// Ends a flight that was not ended by putting what it made into the cache.
class Flight {
  public:
    Flight(Cache& cache, std::span<const uint8_t> key) : cache_(cache), key_(key) {}
    ~Flight() {
        if (!landed_) cache_.end_flight(key_);
    }
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;

    void land(const Hash128& hash, CompiledCode& code) {
        cache_.insert(Cache::kCode, hash, code, code.memory_bytes(), key_);
        landed_ = true;
    }

  private:
    Cache& cache_;
    std::span<const uint8_t> key_;
    bool landed_ = false;
};

// Gives large scratch back at the end of a compile.
struct Trim {
    CompileScratch& scratch;
    ~Trim() { scratch.trim(); }
};

}  // namespace

Engine::Engine(const EngineOptions& options)
    : limits_(bounded(options.limits)), max_compile_ns_(options.max_compile_ns), tier_(options.tier), isa_(host_isa()),
      log_(options.log), log_user_data_(options.log_user_data), log_level_(options.log_level),
      cache_(options.cache_bytes) {
    start_tick_calibration();
    if (options.isa != Isa::None) isa_ = std::min(isa_, options.isa);
    if (options.code_memory == CodeMemoryPolicy::None) return;
    const char* const wanted = std::getenv("EXPRJIT_JIT");
    if (wanted != nullptr && std::strcmp(wanted, "0") == 0) {
        log(LogLevel::Info, "EXPRJIT_JIT=0: every kernel is interpreted");
        return;
    }
    if (isa_ == Isa::None) {
        log(LogLevel::Warning, "this CPU is below x86-64-v2: every kernel is interpreted");
        return;
    }
    std::string why;
    code_memory_ =
        options.code_memory == CodeMemoryPolicy::Sealed ? make_sealed_code_memory(&why) : make_dual_code_memory(&why);
    if (!code_memory_) {
        log(LogLevel::Warning, "the system refuses executable memory (" + why + "): every kernel is interpreted");
    }
}

Ref<Engine> Engine::create(const EngineOptions& options) { return Ref<Engine>(new Engine(options)); }

Engine& Engine::shared() {
    // Never destroyed: kernels may outlive static objects. Published by compare-and-swap and not as a guarded static: a child
    // forked while another thread is creating it would wait for that thread for ever.
    static std::atomic<Engine*> shared{nullptr};
    Engine* present = shared.load(std::memory_order_acquire);
    if (present != nullptr) return *present;
    auto* const mine = new Engine(EngineOptions{});
    if (shared.compare_exchange_strong(present, mine, std::memory_order_acq_rel)) return *mine;
    Ref<Engine> late(mine);  // another thread was first
    return *present;
}

void Engine::close() {
    log_.store(nullptr);
    cache_.clear();
}

void Engine::log(LogLevel level, const std::string& message) const {
    const LogFunction function = log_.load(std::memory_order_relaxed);
    if (function != nullptr && level <= log_level_)
        function(static_cast<int32_t>(level), message.c_str(), log_user_data_);
}

CodeTraits Engine::traits_of(const CompileRequest& request, const Program& program) const {
    CodeTraits t;
    t.flags = request.flags | program.flags;  // IR from outside brings some of its own
    const TierChoice choice = request.tier == TierChoice::Auto ? tier_ : request.tier;
    if (!jit() || choice == TierChoice::Interpreter) {
        t.tier = Tier::Interpreter;
        return t;  // interpreted code is the same on every level
    }
    t.tier = choice == TierChoice::Auto ? choose_tier(program) : static_cast<Tier>(choice);
    t.isa = request.isa == Isa::None ? isa_ : std::min(request.isa, isa_);
    return t;
}

Result<Kernel*> Engine::compile(const CompileRequest& request) {
    return watched(request.cancel, max_compile_ns_, [&] { return compile_watched(request); });
}

Result<Kernel*> Engine::compile_watched(const CompileRequest& wish) {
    const uint64_t start = ticks();
    const std::shared_ptr<const Definitions> definitions = definitions_.snapshot();
    CompileRequest request = wish;
    CompileScratch& scratch = CompileScratch::of_this_thread();
    // A text over the limit is not copied into a key; reading it gives the error.
    if (request.text.size() > limits_.max_text_bytes && request.kind != SourceKind::Image) {
        if (auto checked = check(request); !checked) return checked.take_failure();
    }
    Hash128 hash;
    const auto cached = [&] {
        write_front_key(request, scratch.front_key);
        hash = hash_bytes(scratch.front_key.view());
        auto hit = cache_.find(Cache::kText, hash, scratch.front_key.view());
        if (hit) text_hits_.fetch_add(1, std::memory_order_relaxed);
        return hit;
    };
    // A text that means none of the definitions has no use for their stamp: it means the same under any others.
    if (auto hit = cached())
        return new Kernel(Ref<KernelText>::share(static_cast<KernelText*>(hit.get())), CacheHit::Text);
    if (definitions && request.kind == SourceKind::Text) {
        request.definitions = definitions.get();
        if (auto hit = cached())
            return new Kernel(Ref<KernelText>::share(static_cast<KernelText*>(hit.get())), CacheHit::Text);
    }
    poll_compile();  // a text that cannot be read is not read for a caller that has left

    const DefaultFloatEnvironment environment;  // constants are read and folded
    const Trim trim{scratch};
    scratch.optimised_of = 0;
    CompileTicks times;
    times.key = ticks() - start;
    std::vector<const Definition*> reached;
    request.reached = &reached;
    auto read = read_program(request, limits_, scratch.program, times);
    request.reached = nullptr;
    if (!read) {
        misses_.fetch_add(1, std::memory_order_relaxed);
        return read.take_failure();
    }
    poll_compile();
    if (reached.empty() && request.definitions != nullptr) {
        request.definitions = nullptr;
        write_front_key(request, scratch.front_key);
        hash = hash_bytes(scratch.front_key.view());
    }
    number_checks(scratch.program, request.kind, scratch.places);
    // Made before the pipeline runs, which is free to drop names.
    Ref<KernelText> text(new KernelText(scratch.front_key.view(), scratch.program, scratch.places,
                                        reached.empty() ? nullptr : definitions->only(reached)));
    bool found = false;
    auto code = find_or_generate(request, scratch, start, times, found);
    if (!code) return code.take_failure();
    text->code = std::move(*code);
    if (auto present = cache_.insert(Cache::kText, hash, *text, text->memory_bytes())) {
        text = Ref<KernelText>::share(static_cast<KernelText*>(present.get()));
    }
    return new Kernel(std::move(text), found ? CacheHit::Canonical : CacheHit::None);
}

Result<Ref<CompiledCode>> Engine::find_or_generate(const CompileRequest& request, CompileScratch& scratch,
                                                   uint64_t start, CompileTicks& times, bool& found) {
    const uint64_t start_of_key = ticks();
    CodeTraits traits = traits_of(request, scratch.program);
    write_canonical_key(scratch.program, traits, scratch.canonical_key);
    const auto key = scratch.canonical_key.view();
    const Hash128 hash = hash_bytes(key);
    if (auto hit = cache_.find_or_begin(Cache::kCode, hash, key)) {
        canonical_hits_.fetch_add(1, std::memory_order_relaxed);
        found = true;
        return Ref<CompiledCode>::share(static_cast<CompiledCode*>(hit.get()));
    }
    misses_.fetch_add(1, std::memory_order_relaxed);
    Flight flight(cache_, key);
    times.key += ticks() - start_of_key;

    auto code = Ref<CompiledCode>(new CompiledCode(*this, key, scratch.program, traits));
    Result<Generated> made = Generated{};
    if (code->is_reducing()) {  // there is no scalar entry; columns compile when they are first evaluated
        made->nodes = scratch.program.entry().size();
        made->needs_context = true;
    } else {
        made = generate(*this, scratch.program, traits, FormChoice::PlainIfPossible, scratch, times);
    }
    if (made.ok() && made->code_memory_full) {
        // The pipeline used the program up, so it is read again.
        log(LogLevel::Warning, "there is no executable memory left: a kernel is interpreted");
        traits.tier = Tier::Interpreter;
        traits.isa = Isa::None;
        if (auto read = read_program(request, limits_, scratch.program, times); !read) return read.take_failure();
        number_checks(scratch.program, request.kind, scratch.places);
        // Under the key of the native code: the next compile of the same program is answered, too.
        code = Ref<CompiledCode>(new CompiledCode(*this, key, scratch.program, traits));
        made = generate(*this, scratch.program, traits, FormChoice::PlainIfPossible, scratch, times);
    }
    if (!made) return made.take_failure();
    code->made = std::move(*made);
    if (!code->is_reducing()) scratch.optimised_of = code->id();
    count_compile();
    times.total = ticks() - start;
    code->times = times;
    if (logs(LogLevel::Debug)) {
        log(LogLevel::Debug, "compiled " + std::to_string(code->made.nodes) + " nodes to " +
                                 std::to_string(code->made.executable.code_bytes()) + " bytes of code in " +
                                 std::to_string(ticks_to_nanoseconds(times.total)) + " ns");
    }
    flight.land(hash, *code);
    return code;
}

Result<void> Engine::check(const CompileRequest& wish) {
    const std::shared_ptr<const Definitions> definitions = definitions_.snapshot();
    CompileRequest request = wish;
    if (request.kind == SourceKind::Text) request.definitions = definitions.get();
    const DefaultFloatEnvironment environment;
    CompileScratch& scratch = CompileScratch::of_this_thread();
    const Trim trim{scratch};
    scratch.optimised_of = 0;
    CompileTicks times;
    return watched(request.cancel, max_compile_ns_, [&] {
        poll_compile();
        auto read = read_program(request, limits_, scratch.program, times);
        poll_compile();
        return read;
    });
}

Result<void> Engine::define(std::string_view text) {
    const DefaultFloatEnvironment environment;
    return watched(nullptr, max_compile_ns_, [&] {
        return definitions_.change([&](const Definitions* now) {
            auto made = Definitions::with(now, text, limits_);
            poll_compile();
            return made;
        });
    });
}

Result<void> Engine::add_function(NativeRef function) {
    return definitions_.change([&](const Definitions* now) { return Definitions::with(now, std::move(function)); });
}

Result<void> Engine::remove_function(std::string_view name) {
    return definitions_.change([&](const Definitions* now) { return Definitions::without(now, name); });
}

EngineStats Engine::stats() {
    EngineStats s;
    s.compiles = compiles_.load(std::memory_order_relaxed);
    s.text_hits = text_hits_.load(std::memory_order_relaxed);
    s.canonical_hits = canonical_hits_.load(std::memory_order_relaxed);
    s.misses = misses_.load(std::memory_order_relaxed);
    s.cache = cache_.figures();
    s.isa = jit() ? isa_ : Isa::None;
    s.jit = jit();
    if (jit()) {
        s.code_bytes = code_memory_->code_bytes();
        s.arena_bytes = code_memory_->arena_bytes();
    }
    return s;
}

}  // namespace exprjit
