// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "ir/types.h"

namespace exprjit {

// Dense index of an operation in table order; the number on the wire is OpInfo::code.
enum class Op : uint8_t {
#define OP(code, Name, text, signature, types, traits, ulp, lowering, meaning) Name,
#include "ir/ops.def"
};

inline constexpr int kOpCount = 0
#define OP(...) +1
#include "ir/ops.def"
    ;

enum class Lowering : uint8_t { Inst, Expand, Call, Shape };

// A set of scalar types, one bit each.
using ScalarSet = uint16_t;
constexpr ScalarSet set_of(Scalar s) { return static_cast<ScalarSet>(1u << static_cast<int>(s)); }
inline constexpr ScalarSet kSetB = set_of(Scalar::Bool);
inline constexpr ScalarSet kSetI = set_of(Scalar::I32) | set_of(Scalar::I64);
inline constexpr ScalarSet kSetF = set_of(Scalar::F32) | set_of(Scalar::F64);

enum Trait : uint16_t {
    kCommutative = 1 << 0,
    kHasImm = 1 << 1,
    kEffect = 1 << 2,
    kReads = 1 << 3,
    kMulti = 1 << 4,
    kOpens = 1 << 5,
    kMid = 1 << 6,
    kEnds = 1 << 7,
    kTerminator = 1 << 8,
    kInternal = 1 << 9,
};

// Largest error in units in the last place, by type and accuracy; see Accuracy in opt/pipeline.h.
struct Ulp {
    float f64, f32;            // as accurate as the operation gets
    float fast_f64, fast_f32;  // with Accuracy::Fast

    float of(Scalar s, bool fast) const {
        const bool narrow = s == Scalar::F32;
        return fast ? (narrow ? fast_f32 : fast_f64) : (narrow ? f32 : f64);
    }
    float largest() const { return f64 > f32 ? f64 : f32; }
    float largest_fast() const { return fast_f64 > fast_f32 ? fast_f64 : fast_f32; }
};

struct OpInfo {
    const char* name;       // C++ spelling, "FloorDiv"
    const char* text;       // IR spelling, "floor_div"
    const char* signature;  // "TT>T"
    uint16_t code;
    uint16_t traits;
    ScalarSet types;    // what T may be
    ScalarSet results;  // what U may be, 0 if there is none
    Lowering lowering;
    int8_t arity;  // -1: its own rule
    Ulp ulp;

    bool has(Trait t) const { return (traits & t) != 0; }
    // A value operation: fixed operands, no effect, no structure; only these have a meaning or an expansion.
    bool is_value() const { return lowering != Lowering::Shape; }
};

extern const OpInfo kOpInfos[kOpCount];
inline const OpInfo& info(Op op) { return kOpInfos[static_cast<int>(op)]; }

// The operation with this IR spelling or wire code; false if there is none.
bool find_op(std::string_view text, Op& out);
bool find_op_by_code(uint16_t code, Op& out);

// Type of result 0 of a value operation whose operands of type T have type `t`. `u` is the node's choice for U and is
// ignored by other signatures.
Type result_type(Op op, Type t, Scalar u);

// How many results a value operation has: 1, or 2 for the *_overflow operations.
int value_result_count(Op op);

// Of a Reduce node. Sums, products and deviations are formed in one fixed order, see opt/vectorize.h.
enum class ReduceKind : uint8_t {
    Sum,         // T > T for i64, f32, f64
    Prod,        // T > T for i64, f32, f64
    Min,         // T > T for i32, i64, f32, f64; NaN wins; of no rows: the largest value of the type
    Max,         // of no rows: the smallest
    Count,       // bool > i64: rows where value and predicate are true
    ArgMin,      // T > i64: row of the first NaN, or else of the first smallest value; of no rows: -1
    ArgMax,      // T > i64
    Deviations,  // f64 > f64: sum of squared deviations from the mean
};
inline constexpr int kReduceKindCount = 8;
std::string_view name_of(ReduceKind kind);  // "sum", … "deviations"
bool parse_reduce_kind(std::string_view text, ReduceKind& out);
ScalarSet reduced_types(ReduceKind kind);              // what its value may be
Scalar reduced_result(ReduceKind kind, Scalar value);  // what the node then is

// Of LoadRaw and StoreRaw: the element type, and for a store whether it goes around the caches (the address is then a
// multiple of the bytes stored).
constexpr uint64_t raw_imm(Storage s, bool streaming = false) {
    return static_cast<uint64_t>(s) | (streaming ? 0x100u : 0u);
}
constexpr Storage raw_storage(uint64_t imm) { return static_cast<Storage>(imm & 0xff); }
constexpr bool raw_streaming(uint64_t imm) { return (imm & 0x100) != 0; }

// imm of an If whose condition nearly always holds: the else arm is written out of the way. In lanes such an If stays a
// branch, which is left only if the condition fails in some lane. The then arm holds nothing but its yield, and the else
// arm is pure: it may run for lanes that do not take it.
inline constexpr uint64_t kIfUsual = 1;

// imm of a For that does not look at the stop word: its caller runs it over a bounded piece and looks in between.
inline constexpr uint64_t kForUnpolled = 1;

// Of a Check: what went wrong, and a number that tells the site apart (the front end's span or an index).
enum class CheckCode : uint8_t {
    DivideByZero = 1,
    Domain = 2,
    Index = 3,
    User = 4,
    Unsigned = 5,  // an element of a u64 column is 2^63 or more
    NoRows = 6,    // a reduction that has no value for no rows
};
constexpr uint64_t check_imm(CheckCode code, uint32_t site) { return static_cast<uint64_t>(code) << 32 | site; }
constexpr CheckCode check_code(uint64_t imm) { return static_cast<CheckCode>(imm >> 32); }
constexpr uint32_t check_site(uint64_t imm) { return static_cast<uint32_t>(imm); }

}  // namespace exprjit
