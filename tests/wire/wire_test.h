// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the tests of IR bytes share.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "ir/text.h"
#include "ir/verify.h"
#include "unit/ir/program_equal.h"
#include "unit/ir/random_program.h"
#include "wire/bytes.h"

namespace exprjit::wire_test {

using Bytes = std::vector<uint8_t>;

inline std::string explain(const Error& error) {
    std::string all;
    for (const Diagnostic& d : error.diagnostics)
        all += "EJ" + std::to_string(d.code) + " " + d.message + " (" + d.hint + ")\n";
    return all;
}

inline Program parsed(std::string_view text) {
    auto p = parse_ir(text, Limits());
    EXPECT_TRUE(p.ok()) << explain(p.error()) << text;
    return p.ok() ? std::move(*p) : Program();
}

inline Bytes encoded(const Program& program) {
    auto bytes = wire::encode(program);
    EXPECT_TRUE(bytes.ok()) << explain(bytes.error());
    return bytes.ok() ? std::move(*bytes) : Bytes();
}

inline Program decoded(const Bytes& bytes, const Limits& limits = Limits()) {
    auto p = wire::decode(bytes, limits);
    EXPECT_TRUE(p.ok()) << explain(p.error());
    return p.ok() ? std::move(*p) : Program();
}

// The one diagnostic that these bytes give, from the reader or the verifier.
inline Diagnostic complaint(const Bytes& bytes, const Limits& limits = Limits()) {
    auto p = wire::decode(bytes, limits);
    if (!p.ok()) return p.error().diagnostics.at(0);
    const auto verified = verify(*p, limits);
    EXPECT_FALSE(verified.ok()) << print(*p);
    return verified.ok() ? Diagnostic() : verified.error().diagnostics.at(0);
}

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Without what the wire does not carry.
inline Program without_positions(Program p) {
    for (Function& f : p.functions) f.spans.clear();
    return p;
}

}  // namespace exprjit::wire_test
