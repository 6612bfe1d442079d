// SPDX-License-Identifier: MIT OR Apache-2.0
#include "interp/native_call.h"

#include <cstring>

#include "support/trampoline.h"

namespace exprjit {

namespace {

constexpr size_t kOperandBytes = 64;

// The registers of one call, laid out for arguments one after the other.
class Arguments {
  public:
    explicit Arguments(const NativeFunction& f) {
        frame_.stack = stack_;
        if (f.takes_user_data) integer(reinterpret_cast<uintptr_t>(f.user_data));
    }
    void add(Scalar type, uint64_t bits) {
        if (!is_float(type)) return integer(bits);
        if (floats_ < 8)
            frame_.floats[floats_++] = bits;
        else
            stack_[frame_.stack_count++] = bits;
    }
    Slot call(const NativeFunction& f) {
        exprjit_call_sysv(f.address, &frame_);
        switch (f.result) {
        case Scalar::Bool: return static_cast<uint32_t>(frame_.integer_result) != 0;
        case Scalar::I32: return static_cast<uint32_t>(frame_.integer_result);
        case Scalar::I64: return frame_.integer_result;
        case Scalar::F32: return static_cast<uint32_t>(frame_.float_result);
        case Scalar::F64: return frame_.float_result;
        }
        return 0;
    }

  private:
    void integer(uint64_t bits) {
        if (integers_ < 6)
            frame_.integers[integers_++] = bits;
        else
            stack_[frame_.stack_count++] = bits;
    }

    CallFrame frame_;
    uint64_t stack_[kMaxNativeParams + 1];
    uint32_t integers_ = 0, floats_ = 0;
};

size_t lane_bytes(Scalar type) { return byte_size(type); }

}  // namespace

void call_native(const NativeFunction& f, const Slot* args, Slot* result) {
    Arguments arguments(f);
    for (size_t k = 0; k < f.params.size(); ++k) arguments.add(f.params[k], args[k]);
    *result = arguments.call(f);
}

void call_native_lanes(const NativeFunction* function, void* buffer, int64_t lanes) {
    const NativeFunction& f = *function;
    auto* const bytes = static_cast<unsigned char*>(buffer);
    for (size_t lane = 0; lane < static_cast<size_t>(lanes); ++lane) {
        Arguments arguments(f);
        for (size_t k = 0; k < f.params.size(); ++k) {
            const size_t size = lane_bytes(f.params[k]);
            uint64_t bits = 0;
            std::memcpy(&bits, bytes + (k + 1) * kOperandBytes + lane * size, size);
            arguments.add(f.params[k], bits);
        }
        const Slot result = arguments.call(f);
        const size_t size = lane_bytes(f.result);
        std::memcpy(bytes + lane * size, &result, size);
    }
}

}  // namespace exprjit
