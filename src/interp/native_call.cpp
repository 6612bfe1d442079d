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

// Most functions take one to three doubles and give one; they need no trampoline. `first` is the user data or nothing.
bool is_of_doubles(const NativeFunction& f) {
    if (f.result != Scalar::F64 || f.params.empty() || f.params.size() > 3) return false;
    for (const Scalar p : f.params) {
        if (p != Scalar::F64) return false;
    }
    return true;
}

template <class... First>
void call_doubles(const void* address, size_t params, double* values, int64_t lanes, First... first) {
    constexpr size_t kOperand = kOperandBytes / sizeof(double);
    const auto at = reinterpret_cast<uintptr_t>(address);
    const double *const a = values + kOperand, *const b = a + kOperand, *const c = b + kOperand;
    for (int64_t k = 0; k < lanes; ++k) {
        switch (params) {
        case 1: values[k] = reinterpret_cast<double (*)(First..., double)>(at)(first..., a[k]); break;
        case 2: values[k] = reinterpret_cast<double (*)(First..., double, double)>(at)(first..., a[k], b[k]); break;
        default:
            values[k] = reinterpret_cast<double (*)(First..., double, double, double)>(at)(first..., a[k], b[k], c[k]);
            break;
        }
    }
}

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
    if (is_of_doubles(f)) {
        auto* const values = static_cast<double*>(buffer);
        if (f.takes_user_data)
            call_doubles(f.address, f.params.size(), values, lanes, f.user_data);
        else
            call_doubles(f.address, f.params.size(), values, lanes);
        return;
    }
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
