// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Compiles a text, verifies the IR, runs the passes every engine shares, and evaluates it in the interpreter.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "interp/interpreter.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "lang/front_end.h"
#include "opt/pipeline.h"

namespace exprjit::testing {

// A typed scalar: "f64 1.5", or what went wrong.
struct Value {
    Scalar type = Scalar::F64;
    Slot bits = 0;
    Exit exit = Exit::Ok;
    std::string error;

    bool operator==(const Value& o) const {
        if (exit != o.exit || error != o.error || type != o.type) return false;
        return bits == o.bits || (is_nan() && o.is_nan());
    }
    bool is_nan() const {
        return type == Scalar::F64   ? std::isnan(std::bit_cast<double>(bits))
               : type == Scalar::F32 ? std::isnan(std::bit_cast<float>(static_cast<uint32_t>(bits)))
                                     : false;
    }
};

inline Value value(double v) { return {Scalar::F64, std::bit_cast<uint64_t>(v), Exit::Ok, {}}; }
inline Value value(float v) { return {Scalar::F32, std::bit_cast<uint32_t>(v), Exit::Ok, {}}; }
inline Value value(int64_t v) { return {Scalar::I64, static_cast<uint64_t>(v), Exit::Ok, {}}; }
inline Value value(int32_t v) { return {Scalar::I32, static_cast<uint32_t>(v), Exit::Ok, {}}; }
inline Value value(bool v) { return {Scalar::Bool, v, Exit::Ok, {}}; }

inline void PrintTo(const Value& v, std::ostream* out) {
    if (!v.error.empty()) {
        *out << v.error;
    } else if (v.exit != Exit::Ok) {
        *out << "exit " << static_cast<int>(v.exit);
    } else {
        *out << name_of(v.type) << " ";
        if (v.type == Scalar::F64)
            *out << std::bit_cast<double>(v.bits);
        else if (v.type == Scalar::F32)
            *out << std::bit_cast<float>(static_cast<uint32_t>(v.bits));
        else if (v.type == Scalar::I32)
            *out << static_cast<int32_t>(v.bits);
        else
            *out << static_cast<int64_t>(v.bits);
    }
}

inline std::string explain(const Error& e) {
    std::string all;
    for (const Diagnostic& d : e.diagnostics)
        all += "EJ" + std::to_string(d.code) + " " + std::to_string(d.span.begin) + ":" + std::to_string(d.span.end) +
               " " + d.message + "\n";
    return all;
}

// Variables with values; the options a test needs beside them.
struct Inputs {
    struct Variable {
        const char* name;
        Value value;
    };
    std::vector<Variable> variables;
    TextOptions options = {};
    Limits limits = {};
};

// Every output of `text`, in order; one Value with an error if it does not compile, verify or run.
inline std::vector<Value> run_all(std::string_view text, const Inputs& setup = {}) {
    std::vector<TextParam> params;
    for (const auto& v : setup.variables) params.push_back({v.name, storage_of(v.value.type)});
    TextOptions options = setup.options;
    options.params = params;
    options.declared = true;
    Program program;
    auto compiled = compile_text(text, options, setup.limits, program);
    if (!compiled.ok()) return {{Scalar::F64, 0, Exit::Ok, explain(compiled.error())}};
    auto verified = verify(program, setup.limits);
    if (!verified.ok()) return {{Scalar::F64, 0, Exit::Ok, "does not verify: " + explain(verified.error())}};
    const std::vector<Type> results = program.entry().results;
    PassScratch scratch;
    PipelineOptions pipeline;
    pipeline.tier = Tier::Baseline;
    auto lowered = run_pipeline(program, pipeline, setup.limits, scratch);
    if (!lowered.ok()) return {{Scalar::F64, 0, Exit::Ok, "pipeline: " + explain(lowered.error())}};
    std::vector<Slot> args, outs(results.size());
    for (const auto& v : setup.variables) args.push_back(v.value.bits);
    args.push_back(0);
    Context context;
    context.stop = &kNeverStop;
    const Exit exit = Interpreter(program).run(context, args.data(), outs.data());
    std::vector<Value> values;
    for (size_t i = 0; i < results.size(); ++i)
        values.push_back({results[i].scalar(), exit == Exit::Ok ? outs[i] : 0, exit, {}});
    return values;
}

inline Value run(std::string_view text, const Inputs& setup = {}) { return run_all(text, setup).front(); }

// The diagnostics of a text that must not compile: "EJ1010 2:3\n…".
inline std::string errors_of(std::string_view text, TextOptions options = {}, Limits limits = {}) {
    Program program;
    auto compiled = compile_text(text, options, limits, program);
    if (compiled.ok()) return "it compiles";
    std::string all;
    for (const Diagnostic& d : compiled.error().diagnostics) {
        if (!all.empty()) all += ", ";
        all += "EJ" + std::to_string(d.code) + " " + std::to_string(d.span.begin) + ":" + std::to_string(d.span.end);
        EXPECT_FALSE(d.message.empty());
        EXPECT_TRUE(d.span.begin <= d.span.end && d.span.end <= text.size()) << text;
    }
    return all;
}

inline Diagnostic first_error(std::string_view text, TextOptions options = {}, Limits limits = {}) {
    Program program;
    auto compiled = compile_text(text, options, limits, program);
    EXPECT_FALSE(compiled.ok()) << text;
    return compiled.ok() ? Diagnostic{} : compiled.error().diagnostics.front();
}

// The IR of a text that must compile, as the front end made it, without positions.
inline std::string ir_of(std::string_view text, TextOptions options = {}) {
    Program program;
    auto compiled = compile_text(text, options, Limits(), program);
    if (!compiled.ok()) return explain(compiled.error());
    program.entry().spans.clear();
    return print(program);
}

}  // namespace exprjit::testing
