// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Arrays and memory. That an array operand is a param, local or table node needs no rule of its own: every other
// operation's rule refuses an array as its type.
#include "ir/verify_function.h"

namespace exprjit::verifier {

void FunctionVerifier::check_access(ValueId v) {
    const Node& n = f_[v];
    const auto operands = f_.operands(n);
    const bool stores = n.op == Op::Store;
    if (operands.empty() || !type_of(operands[0]).is_array()) {
        say(v, kVerifyOperandType, "operand 0 is not an array");
        return;
    }
    const Type array = type_of(operands[0]);
    const auto rank = static_cast<size_t>(array.rank());
    if (operands.size() != 1 + rank + (stores ? 1 : 0)) {
        say(v, kVerifyOperandCount,
            "has " + std::to_string(operands.size()) + " operands, but " + name_of_type(array) + " needs " +
                std::to_string(rank) + (rank == 1 ? " index" : " indices") + (stores ? " and the value" : ""));
        return;
    }
    // Lanes of indices gather or scatter: one element per lane.
    const Type index = type_of(operands[1]);
    if (!index.is_value() || index.scalar() != Scalar::I64) {
        say(v, kVerifyOperandType, "operand 1 is " + name_of_type(index) + ", an index must be i64");
        return;
    }
    for (size_t k = 2; k <= rank; ++k) {
        if (!expect_operand(v, k, index)) return;
    }
    const Type element = index.with(widened(array.storage()));
    if (stores) {
        if (!expect_operand(v, rank + 1, element) || !expect_type(v, kVoid)) return;
        if (!array.is_mut())
            say(v, kVerifyConstStore, "stores to a " + name_of_type(array), "make the array mut where it is declared");
    } else if (!expect_type(v, element)) {
        return;
    }
    if (n.imm > 1)
        say(v, kVerifyImmediate, "the immediate of an access is 0, or 1 for known inside");
    else if (n.imm == 1 && trust_ == Trust::Border)
        say(v, kVerifyInternal, "claims to be known inside its array, which only passes may say");
}

void FunctionVerifier::check_dimension(ValueId v) {
    if (!expect_count(v, 1)) return;
    const Type array = type_of(f_.operands(v)[0]);
    if (!array.is_array()) {
        say(v, kVerifyOperandType, "operand 0 is " + name_of_type(array) + ", expected an array");
        return;
    }
    if (!expect_type(v, kI64)) return;
    if (f_[v].op != Op::Base) expect_imm_below(v, static_cast<uint64_t>(array.rank()), "dimension");
}

void FunctionVerifier::check_local(ValueId v) {
    const Node& n = f_[v];
    if (!expect_count(v, 0)) return;
    if (!n.type.is_array() || n.type.rank() != 1 || !n.type.is_mut()) {
        say(v, kVerifyResultType, "has type " + name_of_type(n.type) + ", expected a mut array of rank 1");
        return;
    }
    const size_t limit = limits_.max_local_bytes;
    // Rounded up to words, so that empty locals are bounded too.
    const uint64_t words = n.imm / (8 / byte_size(n.type.storage())) + 1;
    if (n.imm > limit || words > limit / 8 || (local_bytes_ += words * 8) > limit)
        say(v, kVerifyLimit,
            "has " + std::to_string(n.imm) + " elements of " + std::to_string(byte_size(n.type.storage())) +
                " bytes, with which the local arrays of one function take more than " + std::to_string(limit) +
                " bytes",
            "pass the array as a parameter; this limit is fixed");
}

void FunctionVerifier::check_table(ValueId v) {
    const Node& n = f_[v];
    if (!expect_count(v, 0) || !expect_imm_below(v, program_.tables.size(), "table")) return;
    expect_type(v, Type::array(program_.tables[n.imm].storage, 1, false));
}

void FunctionVerifier::check_raw(ValueId v) {
    const Node& n = f_[v];
    const bool stores = n.op == Op::StoreRaw;
    const auto operands = f_.operands(n);
    const size_t required = stores ? 3 : 2;  // a mask may follow
    if (operands.size() != required + 1 && !expect_count(v, required)) return;
    if (!expect_operand(v, 0, kI64)) return;
    if (static_cast<int>(raw_storage(n.imm)) >= kStorageCount ||
        n.imm != raw_imm(raw_storage(n.imm), stores && raw_streaming(n.imm))) {
        say(v, kVerifyImmediate, "names no storage type");
        return;
    }
    const Type offset = type_of(operands[1]);
    if (!offset.is_value() || offset.scalar() != Scalar::I64) {
        say(v, kVerifyOperandType, "operand 1 is " + name_of_type(offset) + ", a byte offset must be i64");
        return;
    }
    if (stores && !expect_type(v, kVoid)) return;
    const Type value = stores ? type_of(operands[2]) : n.type;
    const Scalar element = widened(raw_storage(n.imm));
    // One offset for all lanes means contiguous elements.
    if (!value.is_value() || value.scalar() != element || (!offset.is_scalar() && value != offset.with(element))) {
        say(v, stores ? kVerifyOperandType : kVerifyResultType,
            "moves " + name_of_type(value) + ", expected " + name_of_type(offset.with(element)) +
                (offset.is_scalar() ? " or lanes of it" : ""));
        return;
    }
    if (operands.size() > required) expect_operand(v, required, value.with(Scalar::Bool));
}

}  // namespace exprjit::verifier
