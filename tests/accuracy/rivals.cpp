// SPDX-License-Identifier: MIT OR Apache-2.0
//
// glibc's scalar functions, its vector functions (libmvec) and SLEEF's, found by name at run time: without them the
// program works and says `missing`.
#include <dlfcn.h>
#include <immintrin.h>

#include "subjects.h"

namespace exprjit::accuracy {

const std::vector<Rival> kRivals = {{"glibc"}, {"libmvec"}, {"SLEEF u10"}, {"SLEEF u35"}};

namespace {

void* in_library(const char* library, const std::string& symbol) {
    void* handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    return handle == nullptr ? nullptr : dlsym(handle, symbol.c_str());
}

template <class T>
class Scalar final : public Subject<T> {
  public:
    Scalar(void* function, int arity) : function_(function), arity_(arity) {}
    void run(const T* x, const T* y, T* out, size_t count) const override {
        if (arity_ == 1)
            for (size_t i = 0; i < count; ++i) out[i] = reinterpret_cast<T (*)(T)>(function_)(x[i]);
        else
            for (size_t i = 0; i < count; ++i) out[i] = reinterpret_cast<T (*)(T, T)>(function_)(x[i], y[i]);
    }

  private:
    void* function_;
    int arity_;
};

// V is the register. Whole registers, and the rest from a copy.
#define EXPRJIT_VECTOR_LOOP(name, isa, V, T, load, store)                                                              \
    __attribute__((target(isa))) void name(void* function, int arity, const T* x, const T* y, T* out, size_t count) {  \
        constexpr size_t kWidth = sizeof(V) / sizeof(T);                                                               \
        const auto one = reinterpret_cast<V (*)(V)>(function);                                                         \
        const auto two = reinterpret_cast<V (*)(V, V)>(function);                                                      \
        size_t i = 0;                                                                                                  \
        for (; i + kWidth <= count; i += kWidth)                                                                       \
            store(out + i, arity == 1 ? one(load(x + i)) : two(load(x + i), load(y + i)));                             \
        if (i == count) return;                                                                                        \
        T a[kWidth] = {}, b[kWidth] = {}, c[kWidth];                                                                   \
        for (size_t k = 0; i + k < count; ++k) a[k] = x[i + k], b[k] = y[i + k];                                       \
        store(c, arity == 1 ? one(load(a)) : two(load(a), load(b)));                                                   \
        for (size_t k = 0; i + k < count; ++k) out[i + k] = c[k];                                                      \
    }
EXPRJIT_VECTOR_LOOP(wide_loop, "avx512f", __m512d, double, _mm512_loadu_pd, _mm512_storeu_pd)
EXPRJIT_VECTOR_LOOP(wide_loop, "avx512f", __m512, float, _mm512_loadu_ps, _mm512_storeu_ps)
EXPRJIT_VECTOR_LOOP(narrow_loop, "avx2", __m256d, double, _mm256_loadu_pd, _mm256_storeu_pd)
EXPRJIT_VECTOR_LOOP(narrow_loop, "avx2", __m256, float, _mm256_loadu_ps, _mm256_storeu_ps)
#undef EXPRJIT_VECTOR_LOOP

template <class T>
class Vector final : public Subject<T> {
  public:
    Vector(void* function, int arity, bool wide) : function_(function), arity_(arity), wide_(wide) {}
    void run(const T* x, const T* y, T* out, size_t count) const override {
        if (wide_)
            wide_loop(function_, arity_, x, y, out, count);
        else
            narrow_loop(function_, arity_, x, y, out, count);
    }

  private:
    void* function_;
    int arity_;
    bool wide_;
};

}  // namespace

template <class T>
std::unique_ptr<Subject<T>> rival_subject(size_t rival, const Function& f, const Way& way) {
    if (f.c_name.empty()) return nullptr;
    const bool narrow_type = sizeof(T) == 4;
    const std::string name = std::string(f.c_name) + (narrow_type ? "f" : "");
    if (rival == 0) {
        void* function = in_library("libm.so.6", name);
        return function == nullptr ? nullptr : std::make_unique<Scalar<T>>(function, f.arity);
    }
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return nullptr;
    const bool wide =
        (way.isa == 0 || way.isa == 4) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
    const int lanes = (wide ? 64 : 32) / static_cast<int>(sizeof(T));
    void* function = nullptr;
    if (rival == 1) {
        const std::string mangled = std::string("_ZGV") + (wide ? "e" : "d") + "N" + std::to_string(lanes) +
                                    (f.arity == 1 ? "v_" : "vv_") + name;
        function = in_library("libmvec.so.1", mangled);
    } else {
        const std::string begin =
            "Sleef_" + std::string(f.c_name) + (narrow_type ? "f" : "d") + std::to_string(lanes) + "_";
        // Where there is no variant of 1.0 ULP, the accurate one is called by what it promises.
        for (const char* bound :
             rival == 2 ? std::vector<const char*>{"u10", "u05", "u15"} : std::vector<const char*>{"u35"})
            if (function == nullptr)
                function = in_library("libsleef.so.3", begin + bound + (wide ? "avx512f" : "avx2"));
    }
    return function == nullptr ? nullptr : std::make_unique<Vector<T>>(function, f.arity, wide);
}

template std::unique_ptr<Subject<float>> rival_subject<float>(size_t, const Function&, const Way&);
template std::unique_ptr<Subject<double>> rival_subject<double>(size_t, const Function&, const Way&);

}  // namespace exprjit::accuracy
