// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace exprjit {

// What a value can be.
enum class Scalar : uint8_t { Bool, I32, I64, F32, F64 };
inline constexpr int kScalarCount = 5;

// What an element of an array can be in memory. The narrow ones widen when loaded: see widened().
// A U64 widens to the i64 with the same bits; who loads one checks that it is not negative.
enum class Storage : uint8_t { Bool, I32, I64, F32, F64, I8, I16, U8, U16, U32, F16, U64 };
inline constexpr int kStorageCount = 12;

constexpr Scalar widened(Storage s) {
    switch (s) {
    case Storage::Bool: return Scalar::Bool;
    case Storage::I32:
    case Storage::I8:
    case Storage::I16:
    case Storage::U8:
    case Storage::U16: return Scalar::I32;
    case Storage::I64:
    case Storage::U32:
    case Storage::U64: return Scalar::I64;
    case Storage::F32:
    case Storage::F16: return Scalar::F32;
    case Storage::F64: return Scalar::F64;
    }
    return Scalar::F64;
}

constexpr Storage storage_of(Scalar s) { return static_cast<Storage>(s); }  // the first five coincide
static_assert(static_cast<int>(Storage::F64) == static_cast<int>(Scalar::F64));

constexpr size_t byte_size(Storage s) {
    constexpr uint8_t sizes[kStorageCount] = {1, 4, 8, 4, 8, 1, 2, 1, 2, 4, 2, 8};
    return sizes[static_cast<int>(s)];
}
constexpr size_t byte_size(Scalar s) { return byte_size(storage_of(s)); }

constexpr bool is_float(Scalar s) { return s >= Scalar::F32; }
constexpr bool is_int(Scalar s) { return s == Scalar::I32 || s == Scalar::I64; }

// The type of a node: nothing, a value (scalar or a power-of-two number of lanes of it), or an array.
// Four bytes, compared and hashed as one word.
class Type {
  public:
    enum class Kind : uint8_t { Void, Value, Array };

    constexpr Type() = default;
    constexpr Type(Scalar s) : kind_(Kind::Value), element_(static_cast<uint8_t>(s)) {}

    static constexpr Type lanes(Scalar s, int log2) {
        Type t(s);
        t.extent_ = static_cast<uint8_t>(log2);
        return t;
    }
    static constexpr Type array(Storage s, int rank, bool is_mut) {
        Type t;
        t.kind_ = Kind::Array;
        t.element_ = static_cast<uint8_t>(s);
        t.extent_ = static_cast<uint8_t>(rank);
        t.mut_ = is_mut;
        return t;
    }
    static constexpr Type from_bits(uint32_t bits) {
        Type t;
        t.kind_ = static_cast<Kind>(bits & 0xff);
        t.element_ = static_cast<uint8_t>(bits >> 8);
        t.extent_ = static_cast<uint8_t>(bits >> 16);
        t.mut_ = (bits >> 24) != 0;
        return t;
    }
    constexpr uint32_t bits() const {
        return static_cast<uint32_t>(kind_) | static_cast<uint32_t>(element_) << 8 |
               static_cast<uint32_t>(extent_) << 16 | static_cast<uint32_t>(mut_) << 24;
    }

    constexpr Kind kind() const { return kind_; }
    constexpr bool is_void() const { return kind_ == Kind::Void; }
    constexpr bool is_value() const { return kind_ == Kind::Value; }
    constexpr bool is_array() const { return kind_ == Kind::Array; }
    constexpr bool is_scalar() const { return kind_ == Kind::Value && extent_ == 0; }

    // Of a value: its element, and how many lanes (1 for a scalar).
    constexpr Scalar scalar() const { return static_cast<Scalar>(element_); }
    constexpr int lane_log2() const { return extent_; }
    constexpr int lane_count() const { return 1 << extent_; }
    // The same number of lanes of another element.
    constexpr Type with(Scalar s) const { return lanes(s, extent_); }

    // Of an array: what lies in memory, how many dimensions (1 to 3), and whether it may be stored to.
    constexpr Storage storage() const { return static_cast<Storage>(element_); }
    constexpr int rank() const { return extent_; }
    constexpr bool is_mut() const { return mut_; }

    constexpr bool operator==(const Type&) const = default;

  private:
    Kind kind_ = Kind::Void;
    uint8_t element_ = 0;
    uint8_t extent_ = 0;  // log2 of the lanes, or the rank
    bool mut_ = false;
};
static_assert(sizeof(Type) == 4);

inline constexpr Type kVoid{};
inline constexpr Type kBool{Scalar::Bool};
inline constexpr Type kI32{Scalar::I32};
inline constexpr Type kI64{Scalar::I64};
inline constexpr Type kF32{Scalar::F32};
inline constexpr Type kF64{Scalar::F64};
inline constexpr int kMaxLaneLog2 = 6;
inline constexpr int kMaxRank = 3;

std::string_view name_of(Scalar s);
std::string_view name_of(Storage s);
// "void", "f64", "f64x8", "array<f32,2>", "mut array<i8,1>".
std::string to_string(Type t);
// The inverse of to_string; false if `text` is no type.
bool parse_type(std::string_view text, Type& out);

}  // namespace exprjit
