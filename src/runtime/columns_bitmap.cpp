// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/columns_bitmap.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace exprjit {

static_assert(std::endian::native == std::endian::little, "a word of a bitmap is eight of its bytes");

namespace {

constexpr uint64_t low_bits(int count) { return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1; }

// The bits of `byte` under `mask` become those of `bits`; the others may be written by somebody else right now.
void write_part(uint8_t* byte, uint8_t mask, uint8_t bits) {
    __atomic_fetch_and(byte, static_cast<uint8_t>(bits | ~mask), __ATOMIC_RELAXED);
    __atomic_fetch_or(byte, static_cast<uint8_t>(bits & mask), __ATOMIC_RELAXED);
}

}  // namespace

uint64_t read_bits(const uint8_t* bitmap, int64_t offset, int count) {
    const uint8_t* const first = bitmap + (offset >> 3);
    const int shift = static_cast<int>(offset & 7);
    const int bytes = (shift + count + 7) / 8;  // at most 9
    uint64_t low = 0;
    std::memcpy(&low, first, static_cast<size_t>(std::min(bytes, 8)));
    uint64_t bits = low >> shift;
    if (bytes == 9) bits |= static_cast<uint64_t>(first[8]) << (64 - shift);
    return bits & low_bits(count);
}

void and_bits(uint64_t* words, const uint8_t* bitmap, int64_t offset, int64_t count) {
    const uint8_t* from = bitmap + (offset >> 3);
    const int shift = static_cast<int>(offset & 7);
    for (; count > 64; count -= 64, from += 8) {  // not the last word, so that the ninth byte exists
        uint64_t low;
        std::memcpy(&low, from, sizeof low);
        *words++ &= shift == 0 ? low : low >> shift | static_cast<uint64_t>(from[8]) << (64 - shift);
    }
    if (count > 0) *words &= read_bits(from, shift, static_cast<int>(count));
}

void write_bits(uint8_t* bitmap, int64_t offset, const uint64_t* words, int64_t count) {
    uint8_t* to = bitmap + (offset >> 3);
    const int head = std::min(static_cast<int>(-offset & 7), static_cast<int>(std::min<int64_t>(count, 8)));
    if (head > 0) {
        const int shift = static_cast<int>(offset & 7);
        write_part(to++, static_cast<uint8_t>(low_bits(head) << shift), static_cast<uint8_t>(words[0] << shift));
    }
    // From here on bytes are whole; bit `at` of the source comes next.
    int64_t at = head;
    const auto source = [words](int64_t bit, int64_t end) {
        const int64_t w = bit >> 6;
        const int s = static_cast<int>(bit & 63);
        uint64_t bits = words[w] >> s;
        if (s != 0 && (w + 1) * 64 < end) bits |= words[w + 1] << (64 - s);
        return bits;
    };
    for (; count - at >= 64; at += 64, to += 8) {
        const uint64_t bits = source(at, count);
        std::memcpy(to, &bits, sizeof bits);
    }
    if (at == count) return;
    uint64_t rest = source(at, count);
    for (; count - at >= 8; at += 8, rest >>= 8) *to++ = static_cast<uint8_t>(rest);
    if (at < count)
        write_part(to, static_cast<uint8_t>(low_bits(static_cast<int>(count - at))), static_cast<uint8_t>(rest));
}

void fill_bits(uint8_t* bitmap, int64_t offset, int64_t count, bool value) {
    if (count <= 0) return;
    const uint8_t all = value ? 0xff : 0;
    uint8_t* to = bitmap + (offset >> 3);
    const int64_t head = std::min<int64_t>(-offset & 7, count);
    if (head > 0) {
        write_part(to++, static_cast<uint8_t>(low_bits(static_cast<int>(head)) << (offset & 7)), all);
        count -= head;
    }
    std::memset(to, all, static_cast<size_t>(count >> 3));
    to += count >> 3;
    if ((count & 7) != 0) write_part(to, static_cast<uint8_t>(low_bits(static_cast<int>(count & 7))), all);
}

void unpack_bits(uint8_t* bools, const uint8_t* bitmap, int64_t offset, int64_t count) {
    const uint8_t* from = bitmap + (offset >> 3);
    const int shift = static_cast<int>(offset & 7);
    // Eight bits spread to eight bytes: copy the byte to all of them, keep one bit in each, make that bit 1.
    const auto spread = [](uint8_t bits) {
        const uint64_t picked = uint64_t{bits} * 0x0101010101010101u & 0x8040201008040201u;
        return (picked + 0x7f7f7f7f7f7f7f7fu) >> 7 & 0x0101010101010101u;
    };
    for (; count > 8; count -= 8, ++from, bools += 8) {  // not the last ones, so that the next byte exists
        const auto bits = static_cast<uint8_t>(shift == 0 ? *from : *from >> shift | from[1] << (8 - shift));
        const uint64_t eight = spread(bits);
        std::memcpy(bools, &eight, sizeof eight);
    }
    for (int64_t i = 0; i < count; ++i) bools[i] = read_bit(from, shift + i);
}

void pack_bools(uint64_t* words, const uint8_t* bools, int64_t count) {
    for (; count > 0; count -= 64, ++words) {
        const int here = static_cast<int>(std::min<int64_t>(count, 64));
        uint64_t word = 0;
        int i = 0;
        for (; i + 8 <= here; i += 8, bools += 8) {
            uint64_t eight;
            std::memcpy(&eight, bools, sizeof eight);
            // The lowest bits of eight bytes gather in the top byte: byte k's bit moves to bit 56 + k.
            word |= (eight * 0x0102040810204080u >> 56) << i;
        }
        for (; i < here; ++i) word |= static_cast<uint64_t>(*bools++ & 1) << i;
        *words = word;
    }
}

}  // namespace exprjit
