// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Bytes that older versions wrote load for ever, and this version writes its own as it always did.
#include <cstdlib>

#include "wire_test.h"

namespace exprjit::wire_test {
namespace {

namespace fs = std::filesystem;

TEST(WireGolden, BytesOfEveryMinorVersionLoad) {
    const std::string current = std::to_string(wire::kMajor) + "." + std::to_string(wire::kMinor) + "-";
    size_t seen = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(EXPRJIT_SOURCE_DIR) / "tests/wire/golden")) {
        if (entry.path().extension() != ".ir") continue;
        SCOPED_TRACE(entry.path().filename().string());
        const std::string text = read_file(entry.path());
        const fs::path bytes_path = fs::path(entry.path()).replace_extension(".bytes");
        const Program program = parsed(text);
        ASSERT_EQ(print(program), text) << "a golden text stands as print() writes it";
        if (!fs::exists(bytes_path) && std::getenv("EXPRJIT_WIRE_BLESS") != nullptr) {
            const Bytes bytes = encoded(program);
            std::ofstream(bytes_path, std::ios::binary)
                .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        }
        ASSERT_TRUE(fs::exists(bytes_path)) << "EXPRJIT_WIRE_BLESS=1 writes the bytes of a new text";
        const std::string stored = read_file(bytes_path);
        const Bytes bytes(stored.begin(), stored.end());
        const Program back = decoded(bytes);
        EXPECT_EQ(print(back), text);
        EXPECT_EQ(testing::first_difference(back, program), "");
        const auto verified = verify(back, Limits());
        EXPECT_TRUE(verified.ok()) << explain(verified.error());
        if (entry.path().filename().string().starts_with(current)) {
            EXPECT_EQ(encoded(program), bytes)
                << "the same program gives other bytes than it gave: a digest of them is no "
                   "longer its name";
        }
        ++seen;
    }
    EXPECT_GE(seen, 4u);
}

}  // namespace
}  // namespace exprjit::wire_test
