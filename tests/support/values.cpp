// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/values.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace exprjit::trial {

Slot canonical(Scalar type, Slot bits) {
    switch (type) {
    case Scalar::Bool: return bits & 1;
    case Scalar::I32:
    case Scalar::F32: return bits & 0xffffffffu;
    default: return bits;
    }
}

bool same_value(Scalar type, Slot a, Slot b) {
    if (a == b) return true;
    if (type == Scalar::F64) return std::isnan(std::bit_cast<double>(a)) && std::isnan(std::bit_cast<double>(b));
    if (type == Scalar::F32)
        return a >> 32 == 0 && b >> 32 == 0 && std::isnan(std::bit_cast<float>(static_cast<uint32_t>(a))) &&
               std::isnan(std::bit_cast<float>(static_cast<uint32_t>(b)));
    return false;
}

bool same_element(Storage type, uint64_t a, uint64_t b) {
    if (a == b) return true;
    if (type == Storage::F32 || type == Storage::F64) return same_value(widened(type), a, b);
    if (type == Storage::F16) return (a & 0x7fff) > 0x7c00 && (b & 0x7fff) > 0x7c00;
    return false;
}

std::string describe(Scalar type, Slot bits) {
    char text[96];
    switch (type) {
    case Scalar::Bool: return bits == 0 ? "false" : bits == 1 ? "true" : "bad bool " + std::to_string(bits);
    case Scalar::I32:
        std::snprintf(text, sizeof text, "%d", static_cast<int32_t>(bits));
        if (bits >> 32 != 0)
            std::snprintf(text, sizeof text, "bad i32 slot 0x%llx", static_cast<unsigned long long>(bits));
        break;
    case Scalar::I64: std::snprintf(text, sizeof text, "%lld", static_cast<long long>(bits)); break;
    case Scalar::F32: {
        const double f = static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)));
        std::snprintf(text, sizeof text, "%a (%.9g)", f, f);
        break;
    }
    case Scalar::F64: {
        const double f = std::bit_cast<double>(bits);
        std::snprintf(text, sizeof text, "%a (%.17g)", f, f);
        break;
    }
    }
    return text;
}

std::string describe_element(Storage type, uint64_t bits) {
    switch (type) {
    case Storage::Bool: return bits <= 1 ? (bits != 0 ? "true" : "false") : "byte " + std::to_string(bits);
    case Storage::F16:
        return describe(Scalar::F32, std::bit_cast<uint32_t>(f16_to_f32(static_cast<uint16_t>(bits)))) + " as f16";
    case Storage::I8: return std::to_string(static_cast<int8_t>(bits));
    case Storage::I16: return std::to_string(static_cast<int16_t>(bits));
    case Storage::U8:
    case Storage::U16:
    case Storage::U32: return std::to_string(bits);
    default: return describe(widened(type), bits);
    }
}

namespace {

bool parse_integer(std::string_view text, int64_t lo, int64_t hi, int64_t& out) {
    if (text == "min") return out = lo, true;
    if (text == "max") return out = hi, true;
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    int base = 10;
    if (text.starts_with("0x")) base = 16, text.remove_prefix(2);
    uint64_t magnitude = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return false;
    out = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
    if (base == 16 && !negative) return true;
    return negative ? magnitude <= uint64_t{1} << 63 && out >= lo : magnitude <= static_cast<uint64_t>(hi);
}

template <class T>
bool parse_float(std::string_view text, T& out) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    using Limits = std::numeric_limits<T>;
    if (text == "nan")
        out = Limits::quiet_NaN();
    else if (text == "inf")
        out = Limits::infinity();
    else if (text == "denorm")
        out = Limits::denorm_min();
    else if (text == "huge")
        out = Limits::max();
    else {
        auto format = std::chars_format::general;
        if (text.starts_with("0x")) format = std::chars_format::hex, text.remove_prefix(2);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, format);
        if (error != std::errc() || end != text.data() + text.size() || text.empty()) return false;
    }
    if (negative) out = -out;
    return true;
}

}  // namespace

bool parse_value(std::string_view text, Scalar type, Slot& out) {
    int64_t i = 0;
    double d = 0;
    float f = 0;
    switch (type) {
    case Scalar::Bool:
        if (text != "true" && text != "false") return false;
        out = text == "true";
        return true;
    case Scalar::I32:
        if (!parse_integer(text, INT32_MIN, INT32_MAX, i)) return false;
        out = static_cast<uint32_t>(i);
        return true;
    case Scalar::I64:
        if (!parse_integer(text, INT64_MIN, INT64_MAX, i)) return false;
        out = static_cast<uint64_t>(i);
        return true;
    case Scalar::F32:
        if (!parse_float(text, f)) return false;
        out = std::bit_cast<uint32_t>(f);
        return true;
    case Scalar::F64:
        if (!parse_float(text, d)) return false;
        out = std::bit_cast<uint64_t>(d);
        return true;
    }
    return false;
}

bool parse_element(std::string_view text, Storage type, uint64_t& out) {
    int64_t i = 0;
    float f = 0;
    switch (type) {
    case Storage::I8:
        if (!parse_integer(text, INT8_MIN, INT8_MAX, i)) return false;
        out = static_cast<uint8_t>(i);
        return true;
    case Storage::I16:
        if (!parse_integer(text, INT16_MIN, INT16_MAX, i)) return false;
        out = static_cast<uint16_t>(i);
        return true;
    case Storage::U8: return parse_integer(text, 0, UINT8_MAX, i) && (out = static_cast<uint64_t>(i), true);
    case Storage::U16: return parse_integer(text, 0, UINT16_MAX, i) && (out = static_cast<uint64_t>(i), true);
    case Storage::U32: return parse_integer(text, 0, UINT32_MAX, i) && (out = static_cast<uint64_t>(i), true);
    case Storage::F16:
        if (text == "huge") return out = 0x7bff, true;
        if (text == "denorm") return out = 1, true;
        if (!parse_float(text, f)) return false;
        out = f32_to_f16(f);
        return true;
    case Storage::Bool: {
        Slot s = 0;
        if (parse_value(text, Scalar::Bool, s)) return out = s, true;
        return parse_integer(text, 0, UINT8_MAX, i) &&
               (out = static_cast<uint64_t>(i), true);  // any byte may lie there
    }
    default: return parse_value(text, widened(type), out);
    }
}

namespace {

Slot bits(int32_t i) { return static_cast<uint32_t>(i); }
Slot bits(int64_t i) { return static_cast<uint64_t>(i); }
Slot bits(float f) { return std::bit_cast<uint32_t>(f); }
Slot bits(double d) { return std::bit_cast<uint64_t>(d); }

template <class T>
std::vector<Slot> integers() {
    using L = std::numeric_limits<T>;
    constexpr T w = sizeof(T) * 8;
    std::vector<Slot> out;
    for (const T t : {T(0),
                      T(1),
                      T(-1),
                      T(2),
                      T(-2),
                      T(3),
                      T(-3),
                      T(7),
                      T(10),
                      T(-10),
                      T(16),
                      T(31),
                      T(32),
                      T(33),
                      T(w - 1),
                      w,
                      T(w + 1),
                      T(-w),
                      T(100),
                      T(255),
                      T(256),
                      T(-128),
                      T(1000),
                      T(65535),
                      T(1) << 20,
                      T(0x55555555),
                      T(46341),
                      T(L::max() / 3),
                      T(L::max() / 2),
                      T(L::min() / 2),
                      T(L::max() - 1),
                      L::max(),
                      T(L::min() + 1),
                      L::min()})
        out.push_back(bits(t));
    if constexpr (sizeof(T) == 8)
        for (const int64_t t : {int64_t{INT32_MAX}, int64_t{INT32_MIN}, int64_t{INT32_MAX} + 1, int64_t{INT32_MIN} - 1,
                                int64_t{1} << 53, (int64_t{1} << 53) + 1, (int64_t{1} << 62) + 1, int64_t{3037000500},
                                int64_t{0x0123456789abcdef}, int64_t{UINT32_MAX}})
            out.push_back(bits(t));
    else
        for (const int32_t t : {16777216, 16777217, 0x12345678, -16777217}) out.push_back(bits(t));
    return out;
}

template <class T>
std::vector<Slot> floats() {
    using L = std::numeric_limits<T>;
    const T inf = L::infinity();
    std::vector<Slot> out{bits(L::quiet_NaN())};
    const T pi = static_cast<T>(3.14159265358979323846);
    for (const T t : {T(0),
                      L::denorm_min(),
                      T(L::min() / 2),
                      L::min(),
                      T(1e-30),
                      T(1e-10),
                      L::epsilon(),
                      T(0.1),
                      T(0.25),
                      std::nextafter(T(0.5), T(0)),
                      T(0.5),
                      std::nextafter(T(0.5), T(1)),
                      T(0.75),
                      std::nextafter(T(1), T(0)),
                      T(1),
                      std::nextafter(T(1), T(2)),
                      T(1.5),
                      T(2),
                      T(2.5),
                      T(3),
                      T(3.5),
                      pi,
                      T(pi / 2),
                      T(7),
                      T(10),
                      T(20.25),
                      T(88.7),
                      T(100),
                      T(255),
                      T(4503599627370495.5),
                      T(4503599627370497.0),
                      T(8388607.5),
                      T(8388609),
                      T(2147483647),
                      T(2147483648.0),
                      T(2147483904.0),
                      T(4294967296.0),
                      T(9007199254740993.0),
                      T(9223372036854774784.0),
                      T(9223372036854775808.0),
                      T(18446744073709551616.0),
                      T(1e20),
                      T(1e30),
                      T(L::max() / 2),
                      L::max(),
                      inf}) {
        out.push_back(bits(t));
        out.push_back(bits(-t));
    }
    if constexpr (sizeof(T) == 8)
        for (const double t : {709.5, 710.5, -745.5, 1e150, 1e-150, 1e300, 1e-310, 171.5, -2147483649.0, 2147483647.5})
            out.push_back(bits(t));
    else
        for (const float t : {-103.5f, 35.5f, 1e-40f, 1e19f, 1e-20f}) out.push_back(bits(t));
    return out;
}

template <class T>
std::vector<Slot> few_floats() {
    using L = std::numeric_limits<T>;
    std::vector<Slot> out{bits(L::quiet_NaN())};
    for (const T t : {T(0), L::denorm_min(), T(0.5), T(1), T(1.5), T(3), T(1e10), L::max(), L::infinity()}) {
        out.push_back(bits(t));
        out.push_back(bits(-t));
    }
    return out;
}

template <class T>
std::vector<Slot> few_integers() {
    using L = std::numeric_limits<T>;
    std::vector<Slot> out;
    for (const T t : {T(0), T(1), T(-1), T(2), T(-7), T(31), T(64), T(1000), L::max(), L::min(), T(L::min() + 1)})
        out.push_back(bits(t));
    return out;
}

}  // namespace

std::span<const Slot> special_values(Scalar type) {
    static const std::vector<Slot> lists[kScalarCount] = {
        {0, 1}, integers<int32_t>(), integers<int64_t>(), floats<float>(), floats<double>()};
    return lists[static_cast<int>(type)];
}

std::span<const Slot> few_special_values(Scalar type) {
    static const std::vector<Slot> lists[kScalarCount] = {
        {0, 1}, few_integers<int32_t>(), few_integers<int64_t>(), few_floats<float>(), few_floats<double>()};
    return lists[static_cast<int>(type)];
}

Slot random_value(Scalar type, Random& random) {
    switch (random.below(4)) {
    case 0: return random.pick(special_values(type));
    case 1:
        switch (type) {
        case Scalar::F32: return bits(static_cast<float>(random.between(-4000, 4000)) / 256.0f);
        case Scalar::F64: return bits(static_cast<double>(random.between(-4000000, 4000000)) / 4096.0);
        default: return canonical(type, static_cast<uint64_t>(random.between(-20, 20)));
        }
    default: return canonical(type, random.next());
    }
}

uint16_t f32_to_f16(float f) {
    const uint32_t b = std::bit_cast<uint32_t>(f);
    const uint16_t sign = static_cast<uint16_t>(b >> 16 & 0x8000);
    const float a = std::fabs(f);
    if (a != a) return static_cast<uint16_t>(sign | 0x7e00);
    if (a >= 65520.0f) return static_cast<uint16_t>(sign | 0x7c00);
    if (a == 0) return sign;
    // Scaling by powers of two is exact; nearbyint rounds half to even, at the place where the half's last bit is.
    int exponent = 0;
    std::frexp(a, &exponent);
    const int last = (exponent - 11 > -24) ? exponent - 11 : -24;
    const uint32_t units = static_cast<uint32_t>(std::nearbyint(std::ldexp(a, -last)));
    if (last == -24) return static_cast<uint16_t>(sign | units);  // subnormal, or the first normal by carry
    return static_cast<uint16_t>(sign | ((static_cast<uint32_t>(last + 24) << 10) + units));
}

float f16_to_f32(uint16_t h) {
    const int exponent = h >> 10 & 31;
    const int fraction = h & 1023;
    float a = exponent == 31
                  ? (fraction != 0 ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity())
              : exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                              : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
    return (h & 0x8000) != 0 ? -a : a;
}

}  // namespace exprjit::trial
