// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Everything the IR can say, said again through the C builder: the programs of all file tests and random ones. What comes
// out has to print as the original does, and to encode and compile as it does.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "builder/rebuild.h"
#include "differential/generator.h"
#include "filetests/case_file.h"
#include "filetests/runner.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "wire/bytes.h"

namespace exprjit::builder_test {
namespace {

struct Builder {
    ej_builder* handle = nullptr;
    Builder() { ej_builder_create(&handle); }
    ~Builder() { ej_builder_destroy(handle); }
};

// What the reference engine says about the program as IR text, against what it says about the builder's.
void expect_same_kernel(const std::string& text, const ej_builder* b) {
    ej_kernel *from_text = nullptr, *built = nullptr;
    ej_error *text_error = nullptr, *error = nullptr;
    ej_compile_options o{};
    o.struct_size = sizeof o;
    o.tier = EJ_TIER_BASELINE;
    const ej_status wanted = ej_engine_compile_ir(nullptr, text.data(), text.size(), &o, &from_text, &text_error);
    EXPECT_EQ(ej_engine_compile_builder(nullptr, b, &o, &built, &error), wanted) << ej_error_render(error);
    EXPECT_STREQ(ej_error_message(error), ej_error_message(text_error));
    if (built != nullptr && from_text != nullptr) {
        EXPECT_STREQ(ej_kernel_signature(built), ej_kernel_signature(from_text));
        ej_kernel_info facts{};
        facts.struct_size = sizeof facts;
        ej_kernel_get_info(built, &facts);
        EXPECT_GE(facts.cache_hit, 1) << "the builder's program is not the same by its canonical form";
    }
    ej_error_destroy(text_error);
    ej_error_destroy(error);
    ej_kernel_release(built);
    ej_kernel_release(from_text);
}

void expect_same(const Program& original, const std::string& name) {
    const Program wanted = shared(original);
    const std::string text = print(wanted);
    Builder b;
    std::string why;
    ASSERT_TRUE(rebuild(wanted, b.handle, why)) << name << ": " << why << "\n" << text;
    char* printed = nullptr;
    ASSERT_EQ(ej_builder_print(b.handle, &printed, nullptr), EJ_OK);
    EXPECT_EQ(text, printed) << name;
    ej_string_free(printed);

    uint8_t* bytes = nullptr;
    size_t size = 0;
    ASSERT_EQ(ej_builder_encode(b.handle, &bytes, &size, nullptr), EJ_OK) << name;
    auto encoded = wire::encode(wanted);
    ASSERT_TRUE(encoded.ok());
    EXPECT_TRUE(std::equal(encoded->begin(), encoded->end(), bytes, bytes + size)) << name;
    ej_bytes_free(bytes);
    expect_same_kernel(text, b.handle);
}

// What passes say about nodes that anybody can make.
void take_marks_off(Program& program) {
    for (Function& f : program.functions) {
        for (Node& n : f.nodes) {
            if (n.op == Op::If || n.op == Op::For || n.op == Op::Load || n.op == Op::Store) n.imm = 0;
        }
    }
}

TEST(Rebuild, EveryFileTest) {
    namespace fs = std::filesystem;
    size_t programs = 0;
    for (const auto& entry : fs::recursive_directory_iterator(EXPRJIT_SOURCE_DIR "/tests/filetests")) {
        if (entry.path().extension() != ".ej") continue;
        std::string why;
        const auto file = filetests::read_case_file(entry.path(), entry.path().filename(), why);
        ASSERT_TRUE(file) << entry.path() << ": " << why;
        for (const filetests::Case& c : file->cases) {
            if (c.options.trust == Trust::Internal) continue;  // has what only passes may write
            Result<Program> program = filetests::front_end(c);
            if (!program) continue;  // a test of what is refused
            program->flags &= EJ_FLAG_CONTRACT | EJ_FLAG_REASSOC;
            expect_same(program.value(), entry.path().filename().string() + ":" + std::to_string(c.source.line));
            ++programs;
        }
    }
    EXPECT_GT(programs, 300u) << "the file tests were not found";
}

TEST(Rebuild, RandomPrograms) {
    std::set<Op> seen;
    size_t programs = 0;
    for (uint64_t seed = 1; seed <= 500; ++seed) {
        differential::Recipe recipe;
        recipe.seed = seed;
        recipe.row_function = seed % 2 == 0;
        Program program = differential::generate(recipe, nullptr);
        take_marks_off(program);
        if (!verify(program, Limits{})) continue;  // has operations that only passes make
        ++programs;
        for (const Function& f : program.functions) {
            for (const Node& n : f.nodes) seen.insert(n.op);
        }
        expect_same(program, "seed " + std::to_string(seed));
        if (HasFailure()) return;
    }
    EXPECT_GT(programs, 100u) << "most programs have operations that only passes make";
    EXPECT_GT(seen.size(), 100u) << "the generator does not make most operations";
}

}  // namespace
}  // namespace exprjit::builder_test
