// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Bytes of random programs with bits flipped, pieces cut out, put in, moved and repeated, always the same ones. The
// reader and the verifier must stand them all, and what gets through goes through every pass and both tiers.
#include "fuzz/program_checks.h"
#include "support/random.h"
#include "wire_test.h"

namespace exprjit::wire_test {
namespace {

constexpr int kPrograms = 100;
constexpr int kMutationsOfEach = 1'000;

void mutate(Bytes& bytes, trial::Random& random) {
    const size_t size = bytes.size();
    const size_t at = random.below(size);
    const size_t count = std::min<size_t>(size - at, 1 + random.below(16));
    const auto position = [&](size_t k) { return bytes.begin() + static_cast<ptrdiff_t>(k); };
    switch (random.below(7)) {
    case 0: bytes[at] ^= static_cast<uint8_t>(1u << random.below(8)); break;
    case 1: bytes[at] = static_cast<uint8_t>(random.next()); break;
    case 2: bytes[at] = static_cast<uint8_t>(bytes[at] + random.between(-2, 2)); break;
    case 3: bytes.erase(position(at), position(at + count)); break;
    case 4: bytes.insert(position(at), count, static_cast<uint8_t>(random.next())); break;
    case 5: {  // a whole word, near what offsets and lengths are
        const auto word = static_cast<uint32_t>(random.one_in(2) ? random.below(size) : random.next());
        if (at + 4 <= size) std::memcpy(bytes.data() + at, &word, sizeof word);
        break;
    }
    default: {
        const size_t from = random.below(size - count + 1);
        std::memmove(bytes.data() + at, bytes.data() + from, count);
        break;
    }
    }
    if (bytes.empty()) bytes.push_back(0);
}

TEST(WireMutation, NothingBreaksAndWhatLoadsRuns) {
    trial::Random random(5);
    const Limits limits = fuzz::small_limits();
    size_t loaded = 0, verified = 0, ran = 0;
    for (int k = 0; k < kPrograms; ++k) {
        testing::RandomOptions options;
        options.columns = k % 2 == 0;
        options.statements = 3 + k % 8;
        const Bytes good = encoded(testing::random_program(1000 + static_cast<uint64_t>(k), options));
        for (int m = 0; m < kMutationsOfEach; ++m) {
            Bytes bytes = good;
            for (uint64_t n = 1 + random.below(3); n > 0; --n) mutate(bytes, random);
            auto p = wire::decode(bytes, limits);
            if (!p.ok()) {
                fuzz::check_error(p.error(), "");
                continue;
            }
            ++loaded;
            if (auto v = verify(*p, limits); !v.ok()) {
                fuzz::check_error(v.error(), "");
                continue;
            }
            ++verified;
            // What is inside is a program like any other: it goes out and comes back.
            const Bytes again = encoded(*p);
            auto back = wire::decode(again, limits);
            ASSERT_TRUE(back.ok()) << explain(back.error());
            ASSERT_EQ(testing::first_difference(*back, *p), "");
            if (bytes != good) {
                fuzz::check_pipeline_and_run(*p, limits, random.next());
                ++ran;
            }
        }
    }
    // The test would prove little if nearly everything were refused at the door.
    EXPECT_GT(loaded, 10'000u);
    EXPECT_GT(verified, 3'000u);
    EXPECT_GT(ran, 2'000u);
    std::printf("%d mutations: %zu loaded, %zu verified, %zu ran\n", kPrograms * kMutationsOfEach, loaded, verified,
                ran);
}

}  // namespace
}  // namespace exprjit::wire_test
