// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Bytes from a stranger that the reader or the verifier must refuse, each with a code of its own, and quickly.
#include <chrono>

#include "draft.h"

namespace exprjit::wire_test {
namespace {

using wire::schema::Element;
using wire::schema::Kind;

Bytes everything() {
    const std::string path = std::string(EXPRJIT_SOURCE_DIR) + "/tests/wire/golden/1.0-everything.bytes";
    const std::string stored = read_file(path);
    EXPECT_FALSE(stored.empty()) << path;
    return {stored.begin(), stored.end()};
}

void expect_refused(const Bytes& bytes, int code, std::string_view part, const Limits& limits = Limits()) {
    const Diagnostic d = complaint(bytes, limits);
    EXPECT_EQ(d.code, code) << d.message;
    EXPECT_NE(d.message.find(part), std::string::npos) << d.message;
}

TEST(WireHostile, TheDraftItselfIsGood) {
    const Program p = decoded(Draft().bytes());
    EXPECT_EQ(print(p), "func @f(%a: f64) -> (f64) {\n  %1 = add f64 %a, %a\n  return %1\n}\n");
    EXPECT_TRUE(verify(p, Limits()).ok());
}

TEST(WireHostile, EveryTruncationIsRefused) {
    const Bytes whole = everything();
    for (size_t size = 0; size < whole.size(); ++size) {
        // On the heap and no longer than it says, so that a sanitizer sees every byte read beyond it.
        const Bytes cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
        const auto p = wire::decode(cut, Limits());
        ASSERT_FALSE(p.ok()) << size;
        EXPECT_TRUE(p.error().diagnostics[0].code >= 2200 && p.error().diagnostics[0].code < 2210) << size;
    }
}

TEST(WireHostile, AnyAddressWillDo) {
    const Bytes whole = everything();
    const std::string text = print(decoded(whole));
    for (size_t shift = 1; shift < 16; ++shift) {
        Bytes room(shift + whole.size());
        std::copy(whole.begin(), whole.end(), room.begin() + static_cast<ptrdiff_t>(shift));
        auto p = wire::decode(std::span(room).subspan(shift), Limits());
        ASSERT_TRUE(p.ok()) << shift;
        EXPECT_EQ(print(*p), text);
    }
}

TEST(WireHostile, EveryWordReplaced) {
    const Bytes whole = everything();
    size_t read = 0;
    for (size_t at = 0; at + 4 <= whole.size(); at += 2) {
        for (const uint32_t word : {0xffffffffu, 0x7fffffffu, 0x80000000u, 0x40000000u, 0u, 1u, 0xffffu, 0xfffffffcu}) {
            Bytes bytes = whole;
            std::memcpy(bytes.data() + at, &word, sizeof word);
            auto p = wire::decode(bytes, Limits());
            if (!p.ok()) continue;
            ++read;
            (void)verify(*p, Limits()).ok();  // it must stand every program the reader lets through
            print(*p);
        }
    }
    EXPECT_GT(read, 0u);
}

TEST(WireHostile, OtherThings) {
    expect_refused({}, 2200, "too few");
    expect_refused(Bytes(11, 0), 2200, "too few");
    expect_refused(Bytes(64, 0), 2200, "'EJIR' does not stand at byte 4");
    expect_refused(Draft().bytes(true), 2200, "size prefix");
    Bytes bytes = Draft().bytes();
    bytes[4] = 'X';
    expect_refused(bytes, 2200, "no IR bytes");
    const std::string text = "func @f() -> () {\n  return\n}\n";
    const Diagnostic d = complaint(Bytes(text.begin(), text.end()));
    EXPECT_EQ(d.code, 2200);
    EXPECT_NE(d.hint.find("ej_engine_compile_ir"), std::string::npos);
    // What stands behind the program does not matter.
    bytes = Draft().bytes();
    bytes.insert(bytes.end(), 1000, 0xff);
    EXPECT_EQ(print(decoded(bytes)), print(decoded(Draft().bytes())));
}

TEST(WireHostile, Versions) {
    Draft d;
    d.minor = wire::kMinor + 1;
    expect_refused(d.bytes(), 2201, "version 1.1; this library reads 1.0");
    d.major = 2, d.minor = 0;
    expect_refused(d.bytes(), 2201, "version 2.0");
    d.major = 0;
    expect_refused(d.bytes(), 2201, "version 0.0");
    // A newer version is told by its number even if nothing else can be read.
    d.major = 3;
    d.functions[0].ops.clear();
    d.types.assign(1000, d.types[0]);
    EXPECT_EQ(complaint(d.bytes()).status, Status::Unsupported);
    Draft odd;
    odd.odd = 1;
    expect_refused(odd.bytes(), 2202, "fields that version 1.0 does not have");
}

TEST(WireHostile, SharedPartsDoNotMultiply) {
    const auto start = std::chrono::steady_clock::now();
    Draft d;
    DraftFunction& f = d.f();
    f.ops.assign(200'000, info(Op::Add).code);
    f.types.assign(200'000, 0);
    f.shapes.assign(200'000, 2);
    f.operands.assign(400'000, 0);
    d.times = 4'000;
    expect_refused(d.bytes(), 2202, "share vectors");
    // Names may be shared, but not without end.
    d = Draft();
    d.names = {std::string(1 << 20, 'n')};
    d.f().name = 1;
    d.f().params.assign(4'000, 0);
    d.f().param_names.assign(4'000, 1);
    const Diagnostic names = complaint(d.bytes());
    EXPECT_EQ(names.code, 2207);
    EXPECT_NE(names.message.find("max_text_bytes"), std::string::npos) << names.message;
    EXPECT_LT(names.message.size(), 300u);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(WireHostile, Limits) {
    exprjit::Limits limits;
    Draft d;
    d.times = 6;
    limits.max_functions = 5;
    expect_refused(d.bytes(), 2207, "functions: 6, the limit is 5", limits);
    limits = {};
    limits.max_text_bytes = 40;
    expect_refused(Draft().bytes(), 2207, "the limit max_text_bytes is 40", limits);
    EXPECT_EQ(complaint(Draft().bytes(), limits).status, Status::Limit);
    limits = {};
    limits.max_nodes = 2;
    expect_refused(Draft().bytes(), 2207, "3 nodes or more; the limit max_nodes is 2", limits);
    limits = {};
    limits.max_params = 0;
    expect_refused(Draft().bytes(), 2207, "parameters: 1, the limit is 0", limits);
    EXPECT_EQ(complaint(Draft().bytes(), limits).hint, "split it; this limit is fixed");
    limits = {};
    limits.max_table_bytes = 2;
    d = Draft();
    d.table_elements = {2, 2, 2};
    d.table_lengths = {0, 0, 0};
    expect_refused(d.bytes(), 2207, "bytes in constant tables: 3, the limit is 2", limits);
    // Limits that the verifier looks after.
    limits = {};
    limits.max_operands = 1;
    d = Draft();
    d.f().shapes = {0x7f, 1};
    d.f().counts = {200};
    d.f().operands.assign(201, 0);
    expect_refused(d.bytes(), 2101, "200 operands, the limit is 1", limits);
}

TEST(WireHostile, Types) {
    const auto with = [](Kind kind, Element element, int extent, int is_mut) {
        Draft d;
        d.types[0] = {kind, element, static_cast<uint8_t>(extent), static_cast<uint8_t>(is_mut)};
        return d.bytes();
    };
    const Bytes wrong[] = {
        with(Kind::Value, Element::F64, 0, 0),          with(Kind::Value, Element::F64, 3, 0),
        with(Kind::Value, Element::F64, 128, 0),        with(Kind::Value, Element::F64, 255, 0),
        with(Kind::Value, Element::F64, 1, 1),          with(Kind::Value, Element::None, 1, 0),
        with(Kind::Value, Element::I8, 1, 0),           with(Kind::Value, static_cast<Element>(13), 1, 0),
        with(Kind::Array, Element::F64, 0, 0),          with(Kind::Array, Element::F64, 4, 0),
        with(Kind::Array, Element::F64, 1, 2),          with(Kind::Array, Element::None, 1, 0),
        with(static_cast<Kind>(3), Element::F64, 1, 0), with(static_cast<Kind>(255), Element::F64, 1, 0),
        with(Kind::Nothing, Element::F64, 0, 0),        with(Kind::Nothing, Element::None, 1, 0)};
    for (const Bytes& bytes : wrong) expect_refused(bytes, 2204, "type 0 is none");
    EXPECT_TRUE(wire::decode(with(Kind::Value, Element::I32, 64, 0), Limits()).ok());
    Draft d;
    d.types.assign(257, d.types[0]);
    expect_refused(d.bytes(), 2204, "257 types");
    d = Draft();
    d.f().types[0] = 2;
    expect_refused(d.bytes(), 2204, "function 'f', node %1 (add): type 2 does not exist, there are 2");
    d = Draft();
    d.f().params[0] = 9;
    expect_refused(d.bytes(), 2204, "function 'f', parameter 0: type 9");
    d = Draft();
    d.permissions = 8;
    expect_refused(d.bytes(), 2204, "permissions 8");
}

TEST(WireHostile, CountsThatDoNotAgree) {
    const auto change = [](auto edit) {
        Draft d;
        edit(d.f(), d);
        return d.bytes();
    };
    expect_refused(change([](auto& f, auto&) { f.types.push_back(0); }), 2203, "2 operations, but types of 3");
    expect_refused(change([](auto& f, auto&) { f.shapes.pop_back(); }), 2203, "shapes of 1");
    expect_refused(change([](auto& f, auto&) { f.operands.pop_back(); }), 2203,
                   "node %2 (return): has 1 operands, but 0");
    expect_refused(change([](auto& f, auto&) { f.operands.push_back(0); }), 2203, "belong to no node");
    expect_refused(change([](auto& f, auto&) { f.shapes[0] = 0x7f; }), 2203, "node %1 (add): its number of operands");
    expect_refused(change([](auto& f, auto&) { f.counts = {1}; }), 2203, "belong to no node");
    expect_refused(change([](auto& f, auto&) { f.shapes[0] |= 0x80; }), 2203,
                   "node %1 (add): its immediate is missing");
    expect_refused(change([](auto& f, auto&) { f.shapes[0] = 0x7f, f.counts = {0xffffffff}; }), 2203,
                   "has 4294967295 operands");
    expect_refused(change([](auto& f, auto&) { f.param_names = {1, 1}; }), 2203, "1 parameters, but 2 names");
    expect_refused(change([](auto& f, auto&) { f.result_names = {1, 1, 1}; }), 2203, "1 results, but 3 names");
    expect_refused(change([](auto& f, auto&) { f.param_names = {3}; }), 2206, "name 3 does not exist, there are 2");
    expect_refused(change([](auto& f, auto&) { f.name = UINT32_MAX; }), 2206, "name 4294967295");
    const auto tables = [&](Bytes elements, std::vector<uint32_t> lengths, size_t bytes) {
        return change([&](auto&, Draft& d) {
            d.table_elements = elements, d.table_lengths = lengths, d.table_data.assign(bytes, 0);
        });
    };
    expect_refused(tables({2, 2}, {1}, 4), 2203, "2 constant tables, but lengths of 1");
    expect_refused(tables({5}, {UINT32_MAX}, 64), 2203, "table 0 needs 34359738360 bytes of data, but 64");
    expect_refused(tables({2, 5}, {1, 1}, 8), 2203, "table 1 needs 8 bytes of data, but 4 are left");
    expect_refused(tables({2}, {1}, 5), 2203, "1 bytes of table data belong to no table");
    expect_refused(tables({0}, {1}, 5), 2204, "table 0 has no element type");
    expect_refused(tables({13}, {1}, 5), 2204, "table 0 has no element type");
}

TEST(WireHostile, Operations) {
    Draft d;
    d.f().ops[0] = 9999;
    expect_refused(d.bytes(), 2205, "function 'f', node %1 (operation 9999)");
    for (int k = 0; k < kOpCount; ++k) {
        if (!info(static_cast<Op>(k)).has(kInternal)) continue;
        d.f().ops[0] = kOpInfos[k].code;
        expect_refused(d.bytes(), 2105, std::string("node %1 (") + kOpInfos[k].text + "): is made by passes only");
    }
    d.f().ops[0] = info(Op::Param).code;
    EXPECT_NE(complaint(d.bytes()).code, 0);
    // What the verifier says names function and node, too.
    d = Draft();
    d.f().operands[1] = 1;
    expect_refused(d.bytes(), 2120, "function 'f', node %1 (add): operand 1, %1,");
    d = Draft();
    d.functions.clear();
    expect_refused(d.bytes(), 2100, "the program has no function");
    for (const Op op :
         {Op::If, Op::Else, Op::EndIf, Op::For, Op::EndFor, Op::Loop, Op::EndLoop, Op::Yield, Op::Break}) {
        d = Draft();
        d.f().ops[0] = info(op).code;
        EXPECT_NE(complaint(d.bytes()).code, 0) << info(op).text;
    }
}

}  // namespace
}  // namespace exprjit::wire_test
