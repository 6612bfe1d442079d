// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/engine.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "runtime/codes.h"
#include "runtime/dump.h"
#include "runtime/kernel.h"

namespace exprjit {
namespace {

struct Closer {
    Ref<Engine> engine;
    explicit Closer(const EngineOptions& options = {}) : engine(Engine::create(options)) {}
    ~Closer() { engine->close(); }
    Engine* operator->() const { return engine.get(); }
};

struct KernelRelease {
    void operator()(Kernel* k) const { k->release(); }
};
using KernelPtr = std::unique_ptr<Kernel, KernelRelease>;

KernelPtr compile(Engine& e, std::string_view text, CompileRequest r = {}) {
    r.text = text;
    auto made = e.compile(r);
    EXPECT_TRUE(made.ok()) << text << ": " << (made.ok() ? "" : made.error().diagnostics.front().message);
    return KernelPtr(made.ok() ? *made : nullptr);
}

CompileRequest ir() {
    CompileRequest r;
    r.kind = SourceKind::Ir;
    return r;
}

double call(const Kernel& k, std::vector<double> args) {
    std::vector<Slot> slots;
    for (const double a : args) slots.push_back(std::bit_cast<uint64_t>(a));
    Slot out = 0;
    const auto done = call_kernel(k, nullptr, slots.data(), &out);
    EXPECT_TRUE(done.ok());
    return std::bit_cast<double>(out);
}

TEST(RuntimeEngine, CompilesAndCalls) {
    const Closer e;
    const KernelPtr k = compile(*e.engine, "a*b+c");
    EXPECT_EQ(call(*k, {3, 4, 5}), 17);
    EXPECT_STREQ(k->text().signature(), "(a: f64, b: f64, c: f64) -> f64");
    EXPECT_EQ(k->text().source(), "a*b+c");
    EXPECT_EQ(k->text().source_name(), "<expression>");
    EXPECT_EQ(k->hit(), CacheHit::None);
}

TEST(RuntimeEngine, SecondCompileHitsByText) {
    const Closer e;
    const KernelPtr a = compile(*e.engine, "x+1"), b = compile(*e.engine, "x+1");
    EXPECT_EQ(b->hit(), CacheHit::Text);
    EXPECT_EQ(a->hit(), CacheHit::None) << "a handle keeps what its own compile was";
    EXPECT_EQ(&a->text(), &b->text());
    EXPECT_EQ(e->stats().text_hits, 1u);
    EXPECT_EQ(e->stats().compiles, 1u);
}

TEST(RuntimeEngine, SameMeaningHitsByCanonicalKey) {
    const Closer e;
    const KernelPtr a = compile(*e.engine, "x*y+1"), b = compile(*e.engine, "  speed * time + 1.0 # comment");
    EXPECT_EQ(b->hit(), CacheHit::Canonical);
    EXPECT_EQ(&a->code(), &b->code());
    EXPECT_STREQ(b->text().param_name(0), "speed") << "names are each text's own";
    EXPECT_STREQ(a->text().param_name(0), "x");
    const EngineStats s = e->stats();
    EXPECT_EQ(s.canonical_hits, 1u);
    EXPECT_EQ(s.compiles, 1u);
    EXPECT_EQ(s.misses, 1u);
    EXPECT_EQ(s.cache.entries, 1u);
}

TEST(RuntimeEngine, SharedCodeReportsEachTextsOwnPosition) {
    const Closer e;
    const TextParam params[] = {{"a", Storage::I64}, {"b", Storage::I64}};
    CompileRequest r;
    r.params = params;
    const KernelPtr near = compile(*e.engine, "a//b", r), far = compile(*e.engine, "a      //   b", r);
    EXPECT_EQ(far->hit(), CacheHit::Canonical);
    for (const auto& [kernel, begin] : {std::pair(near.get(), 1u), std::pair(far.get(), 7u)}) {
        const Slot args[] = {1, 0};
        Slot out = 0;
        const auto done = call_kernel(*kernel, nullptr, args, &out);
        ASSERT_FALSE(done.ok());
        EXPECT_EQ(done.error().status(), Status::DivideByZero);
        const Diagnostic& d = done.error().diagnostics.front();
        EXPECT_EQ(d.code, code_of(RuntimeCode::DivideByZero));
        EXPECT_LE(d.span.begin, begin);
        EXPECT_GE(d.span.end, begin + 2);
    }
}

TEST(RuntimeEngine, OptionsSeparateCode) {
    const Closer e;
    CompileRequest baseline;
    baseline.tier = TierChoice::Baseline;
    CompileRequest interpreter;
    interpreter.tier = TierChoice::Interpreter;
    const KernelPtr a = compile(*e.engine, "x*2"), b = compile(*e.engine, "x*2", baseline),
                    c = compile(*e.engine, "x*2", interpreter);
    EXPECT_EQ(&a->code() != &b->code(), e->jit()) << "without machine code there is one tier";
    EXPECT_EQ(&a->code() != &c->code(), e->jit());
    EXPECT_FALSE(c->code().made.executable.is_native());
    for (const Kernel* k : {a.get(), b.get(), c.get()}) EXPECT_EQ(call(*k, {21}), 42);
}

TEST(RuntimeEngine, EveryEngineAgrees) {
    const Closer e;
    for (const TierChoice tier : {TierChoice::Interpreter, TierChoice::Baseline, TierChoice::Optimised}) {
        for (const Isa isa : {Isa::V2, Isa::V3, Isa::V4}) {
            CompileRequest r;
            r.tier = tier;
            r.isa = isa;
            const KernelPtr k = compile(*e.engine, "sqrt(a*a + b*b) - hypot(a, b) + (a > b ? floor(a) : -b)", r);
            EXPECT_EQ(call(*k, {3, 4}), -4);
            EXPECT_EQ(call(*k, {4.5, 2.25}), call(*k, {4.5, 2.25}));
        }
    }
}

TEST(RuntimeEngine, FailuresCarryDiagnosticsAndAreNotCached) {
    const Closer e;
    CompileRequest r;
    r.text = "a +";
    for (int i = 0; i < 2; ++i) {
        auto made = e->compile(r);
        ASSERT_FALSE(made.ok());
        EXPECT_EQ(made.error().status(), Status::Syntax);
    }
    EXPECT_EQ(e->stats().text_hits, 0u);
    EXPECT_EQ(e->stats().cache.bytes, 0u);
    EXPECT_FALSE(e->check(r).ok());
    r.text = "a + 1";
    EXPECT_TRUE(e->check(r).ok());
    EXPECT_EQ(e->stats().compiles, 0u);
}

TEST(RuntimeEngine, ATextOverTheLimitIsAnError) {
    EngineOptions options;
    options.limits.max_text_bytes = 100;
    const Closer e(options);
    const std::string text = "1" + std::string(200, ' ');
    CompileRequest r;
    r.text = text;
    auto made = e->compile(r);
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().status(), Status::Limit);
}

TEST(RuntimeEngine, EightThreadsCompileOneProgramOnce) {
    for (int round = 0; round < 20; ++round) {
        const Closer e;
        std::vector<std::thread> threads;
        std::vector<KernelPtr> kernels(8);
        std::atomic<int> ready{0};
        for (size_t t = 0; t < kernels.size(); ++t) {
            threads.emplace_back([&, t] {
                ++ready;
                while (ready < 8) std::this_thread::yield();
                kernels[t] = compile(*e.engine, std::string(t, ' ') + "x*3 + y");
            });
        }
        for (std::thread& t : threads) t.join();
        EXPECT_EQ(e->stats().compiles, 1u);
        for (const KernelPtr& k : kernels) {
            EXPECT_EQ(&k->code(), &kernels[0]->code());
            EXPECT_EQ(call(*k, {2, 1}), 7);
        }
    }
}

TEST(RuntimeEngine, ThreadsCompileCallAndReleaseWithATinyCache) {
    EngineOptions options;
    options.cache_bytes = 8 * 1024;
    const Closer e(options);
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 400; ++i) {
                const int n = (i * 7 + t) % 40;
                const KernelPtr k = compile(*e.engine, "x + " + std::to_string(n) + ".5");
                if (call(*k, {1}) != n + 1.5) ++wrong;
            }
        });
    }
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(wrong, 0);
    const EngineStats s = e->stats();
    EXPECT_GT(s.cache.evictions, 0u);
    EXPECT_LE(s.cache.bytes, options.cache_bytes);
}

TEST(RuntimeEngine, KernelsOutliveTheCacheAndTheEngine) {
    KernelPtr k;
    {
        const Closer e;
        k = compile(*e.engine, "a - b");
        e->clear_cache();
        EXPECT_EQ(e->stats().cache.entries, 0u);
    }
    EXPECT_EQ(call(*k, {5, 3}), 2);
    EXPECT_TRUE(dump(*k, DumpKind::Ir, nullptr).ok());
}

TEST(RuntimeEngine, CodeIsFreedWithItsLastReference) {
    const Closer e;
    const uint64_t before = e->stats().code_bytes;
    KernelPtr k = compile(*e.engine, "a ** 3 + 1");
    k->retain();
    Kernel* const second = k.get();
    k.reset();
    e->clear_cache();
    EXPECT_EQ(call(*second, {2}), 9);
    second->release();
    EXPECT_EQ(e->stats().code_bytes, before);
}

TEST(RuntimeEngine, TheEnvironmentVariableTurnsMachineCodeOff) {
    setenv("EXPRJIT_JIT", "0", 1);
    std::string logged;
    EngineOptions options;
    options.log = [](int32_t, const char* message, void* user) { *static_cast<std::string*>(user) = message; };
    options.log_user_data = &logged;
    options.log_level = LogLevel::Info;
    {
        const Closer e(options);
        EXPECT_FALSE(e->jit());
        EXPECT_NE(logged.find("EXPRJIT_JIT"), std::string::npos);
        const KernelPtr k = compile(*e.engine, "a*b+c");
        EXPECT_FALSE(k->code().made.executable.is_native());
        EXPECT_EQ(call(*k, {3, 4, 5}), 17);
    }
    unsetenv("EXPRJIT_JIT");
    options.code_memory = CodeMemoryPolicy::None;
    const Closer none(options);
    EXPECT_FALSE(none->jit());
}

TEST(RuntimeEngine, ASmallKernelIsSmall) {
    const Closer e;
    const KernelPtr k = compile(*e.engine, "(a*b + c) / (a - b) + sqrt(c) * 2 - a");
    EXPECT_LT(k->memory_bytes(), 4096u);
    EXPECT_LT(k->code().made.executable.code_bytes(), 1024u);
}

TEST(RuntimeEngine, HostileFloatEnvironmentChangesNothing) {
    const Closer e;
    const uint32_t before = __builtin_ia32_stmxcsr();
    const KernelPtr good = compile(*e.engine, "x / 3 + 0.1 * 0.3 + 1e-310 * 2");
    const double expected = call(*good, {1e-308});
    for (const uint32_t hostile : {0x9fc0u, 0x5f80u, 0x7f80u}) {
        e->clear_cache();
        __builtin_ia32_ldmxcsr(hostile);
        const KernelPtr k = compile(*e.engine, "x / 3 + 0.1 * 0.3 + 1e-310 * 2");
        const double got = call(*k, {1e-308});
        const uint32_t after = __builtin_ia32_stmxcsr();
        __builtin_ia32_ldmxcsr(before);
        EXPECT_EQ(std::bit_cast<uint64_t>(got), std::bit_cast<uint64_t>(expected));
        EXPECT_EQ(after & 0xffc0u, hostile & 0xffc0u);
    }
}

constexpr const char* kEndless = R"(func @endless(%a: f64) -> (f64) {
  loop
    yield
  end_loop
  return %a
})";

constexpr const char* kCount = R"(func @count(%a: f64) -> (f64) {
  %1 = const f64 1.0
  %2 = loop %a
    %3 = carried f64 0
    %4 = add f64 %3, %1
    yield %4
  %6 = end_loop f64
  return %6
})";

TEST(RuntimeEngine, TheStopWordEndsAnEndlessLoop) {
    const Closer e;
    for (const TierChoice tier : {TierChoice::Interpreter, TierChoice::Auto}) {
        CompileRequest r = ir();
        r.tier = tier;
        r.text = kCount;
        auto made = e->compile(r);
        if (!made.ok()) r.text = kEndless, made = e->compile(r);
        ASSERT_TRUE(made.ok()) << made.error().diagnostics.front().message;
        const KernelPtr k(*made);
        volatile int32_t stop = 0;
        std::thread setter([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
        });
        const Slot arg = 0;
        Slot out = 0;
        const auto done = call_kernel(*k, &stop, &arg, &out);
        setter.join();
        ASSERT_FALSE(done.ok());
        EXPECT_EQ(done.error().status(), Status::Cancelled);
    }
}

TEST(RuntimeEngine, IrKernelsMustTakeScalars) {
    const Closer e;
    CompileRequest r = ir();
    r.text = "func @f(%a: array<f64,1>) -> (f64) {\n  %1 = const f64 1.0\n  return %1\n}";
    const auto made = e->compile(r);
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().status(), Status::Unsupported);
    EXPECT_EQ(made.error().diagnostics.front().code, code_of(RuntimeCode::NotScalarKernel));
}

TEST(RuntimeEngine, IrTextCompilesAndDumpsBack) {
    const Closer e;
    const KernelPtr a = compile(*e.engine, "a*b - 2");
    auto text = dump(*a, DumpKind::Ir, nullptr);
    ASSERT_TRUE(text.ok());
    const KernelPtr b = compile(*e.engine, *text, ir());
    EXPECT_EQ(call(*b, {3, 4}), 10);
    EXPECT_EQ(b->hit(), CacheHit::Canonical) << "the same program, however it came";
}

TEST(RuntimeEngine, DumpsNameUnknownPasses) {
    const Closer e;
    const KernelPtr k = compile(*e.engine, "a % 3");
    ASSERT_NE(pass_name(0), nullptr);
    EXPECT_TRUE(dump(*k, DumpKind::Opt, nullptr).ok());
    const auto wrong = dump(*k, DumpKind::Opt, "no-such-pass");
    ASSERT_FALSE(wrong.ok());
    EXPECT_NE(wrong.error().diagnostics.front().hint.find(pass_name(0)), std::string::npos);
}

TEST(RuntimeEngine, ParentAndChildGoOnAfterAFork) {
    const Closer e;
    const KernelPtr k = compile(*e.engine, "a + 1");
    const pid_t child = fork();
    if (child == 0) {
        bool ok = call(*k, {1}) == 2;
        for (int i = 0; i < 50; ++i) {
            CompileRequest r;
            const std::string text = "a * " + std::to_string(i);
            r.text = text;
            auto made = e->compile(r);
            ok = ok && made.ok() && call(**made, {3}) == 3.0 * i;
            if (made.ok()) (*made)->release();
        }
        e->clear_cache();
        _exit(ok && call(*k, {1}) == 2 ? 0 : 1);
    }
    for (int i = 0; i < 50; ++i) EXPECT_EQ(call(*compile(*e.engine, "a - " + std::to_string(i)), {3}), 3.0 - i);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_EQ(call(*k, {1}), 2);
}

void* call_on_small_stack(void* kernel) {
    const double got = call(*static_cast<const Kernel*>(kernel), {1, 2, 3});
    return got == 5 ? kernel : nullptr;
}

TEST(RuntimeEngine, RunsOnSmallStacks) {
    const Closer e;
    const KernelPtr k = compile(*e.engine, "a*b+c");
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 128 * 1024);
    pthread_t thread;
    ASSERT_EQ(pthread_create(&thread, &attributes, call_on_small_stack, k.get()), 0);
    void* result = nullptr;
    pthread_join(thread, &result);
    pthread_attr_destroy(&attributes);
    EXPECT_EQ(result, k.get());
}

TEST(RuntimeEngine, ANearlyUsedUpStackIsAnErrorNotACrash) {
    const Closer e;
    const KernelPtr k = compile(*e.engine, "a*b+c");
    Context context;
    context.stack_limit = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));  // as if nothing were left
    const Slot args[3] = {};
    Slot out = 0;
    EXPECT_EQ(k->code().made.executable.call(context, args, &out), Exit::StackOverflow);
    const Failure f = run_time_failure(k->text(), Exit::StackOverflow, context, -1);
    EXPECT_EQ(f->status(), Status::Stack);
}

}  // namespace
}  // namespace exprjit
