// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Arrays: a load outside gives zero, a store outside does nothing, whatever the node claims to know. Elements need no
// alignment, and narrow ones widen when loaded and wrap when stored.
#include "interp/half.h"
#include "interp/handlers.h"
#include "ir/meaning.h"

namespace exprjit::interp {

namespace {

struct Half {
    uint16_t bits;
};

template <Storage s>
struct MemoryTypeOf;
template <>
struct MemoryTypeOf<Storage::Bool> {
    using type = uint8_t;
};
template <>
struct MemoryTypeOf<Storage::I32> {
    using type = int32_t;
};
template <>
struct MemoryTypeOf<Storage::I64> {
    using type = int64_t;
};
template <>
struct MemoryTypeOf<Storage::F32> {
    using type = float;
};
template <>
struct MemoryTypeOf<Storage::F64> {
    using type = double;
};
template <>
struct MemoryTypeOf<Storage::I8> {
    using type = int8_t;
};
template <>
struct MemoryTypeOf<Storage::I16> {
    using type = int16_t;
};
template <>
struct MemoryTypeOf<Storage::U8> {
    using type = uint8_t;
};
template <>
struct MemoryTypeOf<Storage::U16> {
    using type = uint16_t;
};
template <>
struct MemoryTypeOf<Storage::U32> {
    using type = uint32_t;
};
template <>
struct MemoryTypeOf<Storage::F16> {
    using type = Half;
};
template <>
struct MemoryTypeOf<Storage::U64> {
    using type = int64_t;  // the same bits; who loads one checks the sign
};

template <Storage s>
Slot read(const unsigned char* from) {
    typename MemoryTypeOf<s>::type element;
    std::memcpy(&element, from, sizeof element);
    if constexpr (s == Storage::Bool)
        return element != 0;
    else if constexpr (s == Storage::F16)
        return encode(float_from_half(element.bits));
    else
        return encode(static_cast<cpp_type<widened(s)>>(element));
}

template <Storage s>
void write(unsigned char* to, Slot slot) {
    using Element = typename MemoryTypeOf<s>::type;
    const auto value = decode<cpp_type<widened(s)>>(slot);
    Element element;
    if constexpr (s == Storage::F16)
        element.bits = half_from_float(value);
    else
        element = static_cast<Element>(value);
    std::memcpy(to, &element, sizeof element);
}

// Address of the element at the indices of lane k, nullptr if it lies outside. Unsigned arithmetic: an index that
// passed its bound cannot wrap in any array that exists, and garbage descriptors must not be undefined behaviour here.
template <bool kRankOne>
unsigned char* element(const Instruction* at, const Slot* frame, size_t k) {
    const auto& array = *to_address<const ArrayDescriptor>(frame[at->a]);
    const uint64_t first = frame[at->b + k];
    if (first >= static_cast<uint64_t>(array.length[0]) || array.length[0] < 0) return nullptr;
    uint64_t offset = first * static_cast<uint64_t>(array.stride[0]);
    if constexpr (!kRankOne) {
        const uint32_t slots[kMaxRank] = {at->b, at->c, static_cast<uint32_t>(at->imm)};
        const int rank = static_cast<int>(at->imm >> 48);
        for (int d = 1; d < rank; ++d) {
            const uint64_t index = frame[slots[d] + k];
            if (index >= static_cast<uint64_t>(array.length[d]) || array.length[d] < 0) return nullptr;
            offset += index * static_cast<uint64_t>(array.stride[d]);
        }
    }
    return reinterpret_cast<unsigned char*>(reinterpret_cast<uint64_t>(array.data) + offset);
}

template <bool kLanes>
size_t lanes_of(const Instruction* at) {
    return kLanes ? at->imm >> 32 & 0xffff : 1;
}

template <Storage s, bool kRankOne, bool kLanes>
const Instruction* run_load(const Instruction* at, Slot* frame, Machine&) {
    const size_t lanes = lanes_of<kLanes>(at);
    for (size_t k = 0; k < lanes; ++k) {
        const unsigned char* p = element<kRankOne>(at, frame, k);
        frame[at->dst + k] = p ? read<s>(p) : 0;
    }
    return at + 1;
}

template <Storage s, bool kRankOne, bool kLanes>
const Instruction* run_store(const Instruction* at, Slot* frame, Machine&) {
    const size_t lanes = lanes_of<kLanes>(at);
    for (size_t k = 0; k < lanes; ++k) {
        if (unsigned char* p = element<kRankOne>(at, frame, k)) write<s>(p, frame[at->dst + k]);
    }
    return at + 1;
}

// Raw addresses exist only behind the verifier, made by passes that keep the checks.
template <Storage s>
unsigned char* raw_address(const Instruction* at, const Slot* frame, size_t k) {
    const uint64_t offset = at->c != 0 ? frame[at->b + k] : frame[at->b] + k * byte_size(s);
    return reinterpret_cast<unsigned char*>(frame[at->a] + offset);
}

// Slot 0 belongs to the frame's header, so it can say that there is no mask.
bool is_masked_out(const Instruction* at, const Slot* frame, size_t k) {
    const uint64_t mask = at->imm >> 32;
    return mask != 0 && frame[mask + k] == 0;
}

template <Storage s>
const Instruction* run_load_raw(const Instruction* at, Slot* frame, Machine&) {
    const auto lanes = static_cast<uint32_t>(at->imm);
    for (size_t k = 0; k < lanes; ++k)
        frame[at->dst + k] = is_masked_out(at, frame, k) ? 0 : read<s>(raw_address<s>(at, frame, k));
    return at + 1;
}

template <Storage s>
const Instruction* run_store_raw(const Instruction* at, Slot* frame, Machine&) {
    const auto lanes = static_cast<uint32_t>(at->imm);
    for (size_t k = 0; k < lanes; ++k) {
        if (!is_masked_out(at, frame, k)) write<s>(raw_address<s>(at, frame, k), frame[at->dst + k]);
    }
    return at + 1;
}

// Calls `f` with the storage as a compile-time constant.
template <class F>
Handler with_storage(Storage storage, F f) {
    switch (storage) {
    case Storage::Bool: return f.template operator()<Storage::Bool>();
    case Storage::I32: return f.template operator()<Storage::I32>();
    case Storage::I64: return f.template operator()<Storage::I64>();
    case Storage::F32: return f.template operator()<Storage::F32>();
    case Storage::F64: return f.template operator()<Storage::F64>();
    case Storage::I8: return f.template operator()<Storage::I8>();
    case Storage::I16: return f.template operator()<Storage::I16>();
    case Storage::U8: return f.template operator()<Storage::U8>();
    case Storage::U16: return f.template operator()<Storage::U16>();
    case Storage::U32: return f.template operator()<Storage::U32>();
    case Storage::F16: return f.template operator()<Storage::F16>();
    case Storage::U64: return f.template operator()<Storage::U64>();
    }
    return nullptr;
}

}  // namespace

Handler load_handler(Storage storage, int rank, bool lanes) {
    return with_storage(storage, [&]<Storage s>() -> Handler {
        if (rank == 1) return lanes ? &run_load<s, true, true> : &run_load<s, true, false>;
        return lanes ? &run_load<s, false, true> : &run_load<s, false, false>;
    });
}

Handler store_handler(Storage storage, int rank, bool lanes) {
    return with_storage(storage, [&]<Storage s>() -> Handler {
        if (rank == 1) return lanes ? &run_store<s, true, true> : &run_store<s, true, false>;
        return lanes ? &run_store<s, false, true> : &run_store<s, false, false>;
    });
}

Handler load_raw_handler(Storage storage) {
    return with_storage(storage, []<Storage s>() -> Handler { return &run_load_raw<s>; });
}

Handler store_raw_handler(Storage storage) {
    return with_storage(storage, []<Storage s>() -> Handler { return &run_store_raw<s>; });
}

const Instruction* run_len(const Instruction* at, Slot* frame, Machine&) {
    frame[at->dst] = encode(to_address<const ArrayDescriptor>(frame[at->a])->length[at->b]);
    return at + 1;
}

const Instruction* run_base(const Instruction* at, Slot* frame, Machine&) {
    frame[at->dst] = from_address(to_address<const ArrayDescriptor>(frame[at->a])->data);
    return at + 1;
}

const Instruction* run_stride(const Instruction* at, Slot* frame, Machine&) {
    frame[at->dst] = encode(to_address<const ArrayDescriptor>(frame[at->a])->stride[at->b]);
    return at + 1;
}

const Instruction* run_local(const Instruction* at, Slot* frame, Machine&) {
    const size_t element_bytes = byte_size(static_cast<Storage>(at->c));
    ArrayDescriptor descriptor;
    descriptor.data = frame + at->b;
    descriptor.length[0] = static_cast<int64_t>(at->imm);
    descriptor.stride[0] = static_cast<int64_t>(element_bytes);
    std::memset(frame + at->b, 0, at->imm * element_bytes);
    std::memcpy(frame + at->a, &descriptor, sizeof descriptor);
    frame[at->dst] = from_address(frame + at->a);
    return at + 1;
}

}  // namespace exprjit::interp
