// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What every exported function does on its way in and out: check pointers and sizes, keep exceptions inside, and turn a
// Failure into a status and an ej_error.
#pragma once

#include <cstddef>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "error.h"
#include "exprjit/exprjit.h"
#include "runtime/engine.h"
#include "runtime/kernel.h"

namespace exprjit::capi {

// ---- Handles are the C++ objects themselves.

inline Engine& engine_of(ej_engine* e) { return e != nullptr ? *reinterpret_cast<Engine*>(e) : Engine::shared(); }
inline ej_kernel* handle(Kernel* k) { return reinterpret_cast<ej_kernel*>(k); }
inline const Kernel& kernel_of(const ej_kernel* k) { return *reinterpret_cast<const Kernel*>(k); }
inline Kernel* kernel_of(ej_kernel* k) { return reinterpret_cast<Kernel*>(k); }

// ---- Structs that begin with struct_size. Sizes below that of the first version are mistakes, and so are absurd ones:
// a variable that was never set must not make the library write over the caller's stack.

inline constexpr size_t kLargestStruct = 4096;

inline bool plausible_size(size_t given, size_t first_version) {
    return given >= first_version && given <= kLargestStruct;
}

template <class T>
bool can_fill(const T* out) {
    return out != nullptr && plausible_size(out->struct_size, sizeof(T));
}

// Copies to a struct that passed can_fill; fields of a newer version than this library's become zero.
template <class T>
ej_status fill(T* out, T value) {
    const size_t size = out->struct_size;
    value.struct_size = size;
    std::memcpy(static_cast<void*>(out), &value, sizeof value);
    std::memset(reinterpret_cast<char*>(out) + sizeof value, 0, size - sizeof value);
    return EJ_OK;
}

// Reads an option struct; NULL gives the defaults. `first_version` is the size that the struct had at first: a program
// compiled against that header leaves the later fields at their defaults. nullptr if it is fine.
template <class T>
Failure read_options(const T* given, const char* name, T& out, size_t first_version = sizeof(T)) {
    out = T{};
    out.struct_size = sizeof(T);
    if (given == nullptr) return nullptr;
    const size_t size = given->struct_size;
    if (!plausible_size(size, first_version)) {
        return invalid(CallCode::StructSize,
                       std::string(name) + ".struct_size is " + std::to_string(size) + "; this version needs " +
                           std::to_string(first_version) + " or more",
                       std::string("set it to sizeof(") + name + ")");
    }
    std::memcpy(static_cast<void*>(&out), given, size < sizeof(T) ? size : sizeof(T));
    return nullptr;
}

inline Failure null_argument(const char* name) {
    return invalid(CallCode::NullArgument, std::string(name) + " is NULL");
}

// ---- Failures

inline ej_status report(const Error& e, const Source& source, ej_error** error) {
    if (error != nullptr) *error = make_error(e, source);
    return static_cast<ej_status>(e.status());
}

// Runs `body(Source&)`, which returns a Failure (nullptr: success) and may say what source it is about.
template <class Body>
ej_status at_border(ej_error** error, Body&& body) noexcept {
    if (error != nullptr) *error = nullptr;
    try {
        Source source;
        if (const Failure failure = body(source)) return report(*failure, source, error);
        return EJ_OK;
    } catch (const std::bad_alloc&) {
        if (error != nullptr) *error = out_of_memory();
        return EJ_ERR_NO_MEMORY;
    } catch (...) {
        try {
            const Failure failure =
                fail(Status::Internal, static_cast<int32_t>(CallCode::Internal), "an unexpected exception",
                     "this is a bug in exprjit; please report it with the text");
            return report(*failure, {}, error);
        } catch (...) {
            return EJ_ERR_INTERNAL;
        }
    }
}

// The same for functions that only give a status.
template <class Body>
ej_status at_border(Body&& body) noexcept {
    try {
        return body();
    } catch (const std::bad_alloc&) {
        return EJ_ERR_NO_MEMORY;
    } catch (...) {
        return EJ_ERR_INTERNAL;
    }
}

inline void set_source(Source& source, const KernelText& text) {
    if (has_text(text.kind())) source.text = text.source();
    source.name = text.source_name();
    source.known = true;
}

}  // namespace exprjit::capi
