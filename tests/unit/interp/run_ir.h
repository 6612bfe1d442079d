// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Runs IR text in the interpreter. The text must need no pass: no operation that `expand` rewrites.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <string_view>
#include <vector>

#include "interp/interpreter.h"
#include "ir/text.h"
#include "ir/verify.h"

namespace exprjit::testing {

inline Slot slot(double v) { return std::bit_cast<uint64_t>(v); }
inline Slot slot(float v) { return std::bit_cast<uint32_t>(v); }
inline Slot slot(int64_t v) { return static_cast<uint64_t>(v); }
inline Slot slot(int32_t v) { return static_cast<uint32_t>(v); }
inline Slot slot(bool v) { return v ? 1 : 0; }
inline Slot slot(const ArrayDescriptor& v) { return reinterpret_cast<Slot>(&v); }

template <class T>
T from_slot(Slot s) {
    T v{};
    std::memcpy(&v, &s, sizeof v);
    return v;
}

inline Program checked(std::string_view text, Trust trust = Trust::Border) {
    auto p = parse_ir(text, Limits());
    EXPECT_TRUE(p.ok()) << text.substr(0, 4000) << (p.ok() ? "" : p.error().diagnostics[0].message);
    if (!p.ok()) return {};
    const auto verified = verify(*p, Limits(), trust);
    EXPECT_TRUE(verified.ok()) << text << (verified.ok() ? "" : verified.error().diagnostics[0].message);
    return verified.ok() ? std::move(*p) : Program();
}

struct Outcome {
    Exit exit = Exit::Ok;
    std::vector<Slot> outs;
    Context context;

    template <class T>
    T get(size_t k = 0) const {
        return from_slot<T>(outs.at(k));
    }
};

inline Outcome run_program(const Program& program, std::vector<Slot> args, const volatile int32_t* stop = nullptr) {
    Outcome o;
    if (program.functions.empty()) return o;  // reported by checked()
    o.outs.assign(program.entry().results.size(), 0xdeadbeefdeadbeef);
    o.context.stop = stop;
    const Interpreter interpreter(program);
    o.exit = interpreter.run(o.context, args.data(), o.outs.data());
    return o;
}

inline Outcome run_ir(std::string_view text, std::vector<Slot> args = {}, Trust trust = Trust::Border) {
    return run_program(checked(text, trust), std::move(args));
}

// A contiguous array of rank 1 over `data`.
template <class T>
ArrayDescriptor array_over(std::vector<T>& data) {
    ArrayDescriptor d;
    d.data = data.data();
    d.length[0] = static_cast<int64_t>(data.size());
    d.stride[0] = sizeof(T);
    return d;
}

}  // namespace exprjit::testing
