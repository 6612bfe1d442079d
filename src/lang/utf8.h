// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

namespace exprjit::lang {

// Decodes the character at `p` (p < end). Returns its length in bytes, 0 if the bytes are not valid UTF-8 (overlong
// forms, surrogates and values past U+10FFFF are not).
inline uint32_t decode_utf8(const char* p, const char* end, char32_t& out) {
    const auto at = [p](int i) { return static_cast<uint32_t>(static_cast<unsigned char>(p[i])); };
    const auto continues = [&](int i) { return p + i < end && (at(i) & 0xc0) == 0x80; };
    const uint32_t first = at(0);
    if (first < 0x80) {
        out = first;
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf && continues(1)) {
        out = (first & 0x1f) << 6 | (at(1) & 0x3f);
        return 2;
    }
    if (first >= 0xe0 && first <= 0xef && continues(1) && continues(2)) {
        out = (first & 0x0f) << 12 | (at(1) & 0x3f) << 6 | (at(2) & 0x3f);
        return out >= 0x800 && (out < 0xd800 || out > 0xdfff) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4 && continues(1) && continues(2) && continues(3)) {
        out = (first & 0x07) << 18 | (at(1) & 0x3f) << 12 | (at(2) & 0x3f) << 6 | (at(3) & 0x3f);
        return out >= 0x10000 && out <= 0x10ffff ? 4 : 0;
    }
    return 0;
}

// What a character past ASCII is in the language.
enum class Wide : uint8_t { Letter, Space, Sqrt, Times, Divide, Minus, LessEqual, GreaterEqual, NotEqual, Refused };

// Letters are everything but controls, spaces, punctuation, arrows, mathematical operators and superscript digits:
// those look like something else than part of a name, and pasting one should be noticed.
constexpr Wide classify(char32_t c) {
    switch (c) {
    case 0x00a0:  // no-break space
    case 0x202f:
    case 0x3000:
    case 0xfeff: return Wide::Space;
    case 0x00d7: return Wide::Times;
    case 0x00f7: return Wide::Divide;
    case 0x2212: return Wide::Minus;
    case 0x221a: return Wide::Sqrt;
    case 0x221e: return Wide::Letter;  // ∞ is a constant
    case 0x2260: return Wide::NotEqual;
    case 0x2264: return Wide::LessEqual;
    case 0x2265: return Wide::GreaterEqual;
    case 0x00b2:  // superscript digits
    case 0x00b3:
    case 0x00b9:
    case 0x00a1:  // punctuation and signs among the letters of Latin-1
    case 0x00a7:
    case 0x00a8:
    case 0x00ab:
    case 0x00ac:
    case 0x00ad:  // an invisible hyphen
    case 0x00af:
    case 0x00b1:
    case 0x00b4:
    case 0x00b6:
    case 0x00b7:
    case 0x00b8:
    case 0x00bb:
    case 0x00bf: return Wide::Refused;
    default: break;
    }
    if (c < 0xa0 || (c >= 0x2010 && c <= 0x207f) || (c >= 0x2190 && c <= 0x23ff) || (c >= 0x3001 && c <= 0x3003))
        return Wide::Refused;
    // The wide twins of ASCII punctuation, which an input method for Chinese or Japanese writes: （x＋1）. The wide
    // letters, digits and low line are letters.
    if ((c >= 0xff01 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20) || (c >= 0xff3b && c <= 0xff40 && c != 0xff3f) ||
        (c >= 0xff5b && c <= 0xff65))
        return Wide::Refused;
    if (c >= 0x2000 && c <= 0x200a) return Wide::Space;
    if (c >= 0x200b && c <= 0x200f) return Wide::Refused;  // invisible characters
    return Wide::Letter;
}

}  // namespace exprjit::lang
