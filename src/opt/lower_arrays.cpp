// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Element access becomes address arithmetic. What a parameter's descriptor says is read once, at the function's entry.
#include "opt/constants.h"
#include "opt/passes.h"
#include "opt/rebuild.h"
#include "support/compile_watch.h"

namespace exprjit {

namespace {

// Where an array is: values of the new function.
struct Place {
    ValueId base = kNoValue;
    ValueId length[kMaxRank] = {kNoValue, kNoValue, kNoValue};
    ValueId stride[kMaxRank] = {kNoValue, kNoValue, kNoValue};
};

class ArrayLowerer {
  public:
    ArrayLowerer(Program& program, PassScratch& scratch)
        : program_(program), f_(program.entry()), rebuild_(f_, scratch), b_(rebuild_.builder()) {}
    void run();

  private:
    enum Use : uint8_t { kAccessed = 1, kBounded = 2 };

    // Gathers and scatters (lanes of indices) stay: generated code has none, see compile().
    bool is_scalar_access(const Node& n) const {
        return (n.op == Op::Load || n.op == Op::Store) && f_[f_.operands(n)[1]].type.is_scalar();
    }
    void find_uses();
    void place_parameter(ValueId v);
    void place_fixed(ValueId v, uint64_t length);
    void access(ValueId v);
    ValueId offset(const Place& place, std::span<const ValueId> indices);
    enum class Inside { Always, Never, Sometimes };
    Inside bounds(const Place& place, std::span<const ValueId> indices, ValueId& condition);
    ValueId raw(ValueId v, const Place& place, std::span<const ValueId> operands);
    void len(ValueId v);

    Program& program_;
    Function& f_;
    Rebuild rebuild_;
    Builder& b_;
    std::vector<uint8_t> uses_;     // per node that is an array
    std::vector<uint32_t> number_;  // per node that is an array: its index in places_
    std::vector<Place> places_;
};

void ArrayLowerer::find_uses() {
    uses_.assign(f_.size(), 0);
    number_.assign(f_.size(), 0);
    for (const Node& n : f_.nodes) {
        if (!is_scalar_access(n)) continue;
        uses_[f_.operands(n)[0]] |= n.imm != 0 ? kAccessed : kAccessed | kBounded;
    }
}

void ArrayLowerer::place_parameter(ValueId v) {
    number_[v] = static_cast<uint32_t>(places_.size());
    Place& place = places_.emplace_back();
    const ValueId array = rebuild_[v];
    const int rank = f_[v].type.rank();
    place.base = b_.append(Op::Base, kI64, {&array, 1});
    for (int d = 0; d < rank; ++d) {
        place.stride[d] = b_.append(Op::Stride, kI64, {&array, 1}, static_cast<uint64_t>(d));
        if ((uses_[v] & kBounded) != 0) place.length[d] = b_.len(array, static_cast<uint32_t>(d));
    }
}

// A local array or a table: rank 1, contiguous, of known length.
void ArrayLowerer::place_fixed(ValueId v, uint64_t length) {
    number_[v] = static_cast<uint32_t>(places_.size());
    Place& place = places_.emplace_back();
    const ValueId array = rebuild_[v];
    place.base = b_.append(Op::Base, kI64, {&array, 1});
    place.length[0] = b_.i64(static_cast<int64_t>(length));
    place.stride[0] = b_.i64(static_cast<int64_t>(byte_size(f_[v].type.storage())));
}

ValueId ArrayLowerer::offset(const Place& place, std::span<const ValueId> indices) {
    ValueId sum = kNoValue;
    const auto constant = [&](ValueId v, int64_t& out) {
        uint64_t bits;
        if (!constant_bits(b_.function(), v, bits)) return false;
        out = static_cast<int64_t>(bits);
        return true;
    };
    uint64_t fixed = 0;  // wraps like the machine's arithmetic
    for (size_t d = 0; d < indices.size(); ++d) {
        int64_t index = 0, stride = 0;
        const bool known_index = constant(indices[d], index), known_stride = constant(place.stride[d], stride);
        if (known_index && (index == 0 || known_stride)) {
            fixed += index == 0 ? 0 : static_cast<uint64_t>(index) * static_cast<uint64_t>(stride);
            continue;
        }
        const ValueId term = known_stride && stride == 1 ? indices[d] : b_.binary(Op::Mul, indices[d], place.stride[d]);
        sum = sum == kNoValue ? term : b_.binary(Op::Add, sum, term);
    }
    if (sum == kNoValue) return b_.i64(static_cast<int64_t>(fixed));
    return fixed == 0 ? sum : b_.binary(Op::Add, sum, b_.i64(static_cast<int64_t>(fixed)));
}

// Whether 0 <= index < length in every dimension; `condition` tells when that depends.
ArrayLowerer::Inside ArrayLowerer::bounds(const Place& place, std::span<const ValueId> indices, ValueId& condition) {
    condition = kNoValue;
    const auto require = [&](ValueId c) { condition = condition == kNoValue ? c : b_.binary(Op::And, condition, c); };
    for (size_t d = 0; d < indices.size(); ++d) {
        uint64_t index, length;
        const bool known_index = constant_bits(b_.function(), indices[d], index);
        const bool known_length = constant_bits(b_.function(), place.length[d], length);
        if (known_index && static_cast<int64_t>(index) < 0) return Inside::Never;
        if (known_index && known_length) {
            if (index >= length) return Inside::Never;
            continue;
        }
        if (!known_index) require(b_.binary(Op::Ge, indices[d], b_.i64(0)));
        require(b_.binary(Op::Lt, indices[d], place.length[d]));
    }
    return condition == kNoValue ? Inside::Always : Inside::Sometimes;
}

ValueId ArrayLowerer::raw(ValueId v, const Place& place, std::span<const ValueId> operands) {
    const Node& n = f_[v];
    const bool is_load = n.op == Op::Load;
    const auto storage = static_cast<uint64_t>(f_[f_.operands(n)[0]].type.storage());
    const ValueId at = offset(place, operands.subspan(1, operands.size() - (is_load ? 1 : 2)));
    const ValueId address[3] = {place.base, at, operands.back()};
    return is_load ? b_.append(Op::LoadRaw, n.type, {address, 2}, storage)
                   : b_.append(Op::StoreRaw, kVoid, address, storage);
}

void ArrayLowerer::access(ValueId v) {
    const Node& n = f_[v];
    const bool is_load = n.op == Op::Load;
    const auto operands = rebuild_.operands(n);
    const Place& place = places_[number_[f_.operands(n)[0]]];
    const auto indices = operands.subspan(1, operands.size() - (is_load ? 1 : 2));
    rebuild_.at(v);
    ValueId condition = kNoValue;
    const Inside inside = n.imm != 0 ? Inside::Always : bounds(place, indices, condition);
    if (inside == Inside::Always) {
        rebuild_.set(v, raw(v, place, operands));
    } else if (inside == Inside::Never) {
        if (is_load) rebuild_.set(v, b_.number(n.type, 0));
    } else {
        b_.begin_if(condition);
        const ValueId loaded = raw(v, place, operands);
        b_.yield(is_load ? std::span(&loaded, 1) : std::span<const ValueId>());
        b_.begin_else();
        const ValueId zero = is_load ? b_.number(n.type, 0) : kNoValue;
        b_.yield(is_load ? std::span(&zero, 1) : std::span<const ValueId>());
        const Type type = n.type;
        rebuild_.set(v, b_.end_if(is_load ? std::span(&type, 1) : std::span<const Type>()));
    }
}

void ArrayLowerer::len(ValueId v) {
    const Node& array = f_[f_[v].inline_operands[0]];
    if (array.op == Op::Local)
        rebuild_.set(v, b_.i64(static_cast<int64_t>(array.imm)));
    else if (array.op == Op::Table)
        rebuild_.set(v, b_.i64(static_cast<int64_t>(program_.tables[array.imm].length())));
    else
        rebuild_.copy(v);
}

void ArrayLowerer::run() {
    find_uses();
    const auto params = static_cast<ValueId>(f_.params.size());
    for (ValueId v = 0; v < f_.size(); ++v) {
        poll_compile_at(v);
        if (v == params) {
            for (ValueId p = 0; p < params; ++p) {
                if (uses_[p] != 0) place_parameter(p);
            }
        }
        const Node& n = f_[v];
        if (is_owned(n.op)) continue;
        switch (n.op) {
        case Op::Load:
        case Op::Store:
            if (is_scalar_access(n))
                access(v);
            else
                rebuild_.copy(v);
            break;
        case Op::Len: len(v); break;
        case Op::Local:
        case Op::Table:
            rebuild_.copy(v);
            if (uses_[v] != 0) place_fixed(v, n.op == Op::Local ? n.imm : program_.tables[n.imm].length());
            break;
        default: rebuild_.copy(v); break;
        }
    }
    rebuild_.finish();
}

}  // namespace

Result<void> lower_arrays(Program& program, const Limits&, PassScratch& scratch) {
    bool has_arrays = false;
    for (const Node& n : program.entry().nodes) has_arrays |= n.op == Op::Load || n.op == Op::Store || n.op == Op::Len;
    if (has_arrays) ArrayLowerer(program, scratch).run();
    return {};
}

}  // namespace exprjit
