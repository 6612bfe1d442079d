// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/hash.h"

#include <sys/random.h>
#include <time.h>

#include <cstring>

namespace exprjit {

namespace {

struct Secret {
    uint64_t word[6];

    Secret() {
        if (getrandom(word, sizeof word, GRND_NONBLOCK) == static_cast<ssize_t>(sizeof word)) return;
        // Early at boot, or in a sandbox that refuses the call: what an outsider cannot see either.
        timespec now{};
        clock_gettime(CLOCK_REALTIME, &now);
        uint64_t seed = static_cast<uint64_t>(now.tv_nsec) ^ reinterpret_cast<uintptr_t>(this) ^
                        reinterpret_cast<uintptr_t>(&now) << 16;
        for (uint64_t& w : word) {
            seed += 0x9e3779b97f4a7c15u;
            uint64_t z = seed;
            z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
            z = (z ^ z >> 27) * 0x94d049bb133111ebu;
            w = z ^ z >> 31;
        }
    }
};

const Secret& secret() {
    static const Secret s;
    return s;
}

// The 128-bit product folded to 64 bits: every input bit reaches every output bit.
inline uint64_t fold(uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t read64(const uint8_t* p) {
    uint64_t w;
    std::memcpy(&w, p, sizeof w);
    return w;
}

}  // namespace

Hash128 hash_bytes(std::span<const uint8_t> bytes) {
    const Secret& s = secret();
    uint64_t low = s.word[0] ^ bytes.size();
    uint64_t high = s.word[1] ^ bytes.size() << 32;
    const uint8_t* p = bytes.data();
    size_t n = bytes.size();
    for (; n >= 16; p += 16, n -= 16) {
        const uint64_t x = read64(p), y = read64(p + 8);
        low = fold(x ^ s.word[2], y ^ low);
        high = fold(y ^ s.word[3], x ^ high);
    }
    if (n != 0) {
        uint8_t rest[16] = {};
        std::memcpy(rest, p, n);
        const uint64_t x = read64(rest), y = read64(rest + 8);
        low = fold(x ^ s.word[2], y ^ low);
        high = fold(y ^ s.word[3], x ^ high);
    }
    return {fold(low ^ s.word[4], high ^ s.word[5]), fold(high ^ s.word[4], low ^ s.word[2])};
}

}  // namespace exprjit
