// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Calling machine code with any signature, the way an unfriendly but correct C caller would: what the ABI leaves
// undefined (upper halves of narrow arguments) holds garbage, and what the ABI protects is checked afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ir/context.h"
#include "ir/types.h"

namespace exprjit::trial {

// Arguments sorted into the places of the System V x86-64 convention.
class NativeArguments {
  public:
    void pointer(const void* p) { integer(reinterpret_cast<uint64_t>(p)); }
    void integer(uint64_t bits);
    void floating(uint64_t bits);
    // A scalar in its C type; the bits that the ABI leaves undefined are garbage.
    void scalar(Scalar type, Slot value);

    uint64_t gp[6] = {};
    uint64_t xmm[8][2] = {};
    std::vector<uint64_t> stack;

  private:
    int gp_count_ = 0;
    int xmm_count_ = 0;
};

// What the assembly below leaves behind; read by offset.
struct NativeReturn {
    uint64_t rax = 0;
    uint64_t violations = 0;  // bit per broken promise, see describe_violations()
    uint64_t xmm0[2] = {};
    uint32_t mxcsr_before = 0;
    uint32_t mxcsr_after = 0;
};
static_assert(offsetof(NativeReturn, xmm0) == 16 && offsetof(NativeReturn, mxcsr_before) == 32);

// The stop word of every run in a test. A watchdog sets it when one run has used about half a second of processor
// time; native code that does not listen is left by force. begin_run() starts the count.
const volatile int32_t* stop_word();
void begin_run();

// Calls the code. A fault in it, or a run that does not end, does not end the test program: `fault` then says what
// happened (static storage; nullptr when nothing did) and the return record is meaningless. One thread at a time.
NativeReturn call_native(const void* function, const NativeArguments& arguments, const char** fault);

// Runs work(data) under the same protection: nullptr, or what fault ended it. What it held then stays allocated.
const char* run_protected(void (*work)(void* data), void* data);

// "" if the callee kept the ABI, else which registers or flags it changed.
const char* describe_violations(const NativeReturn& r);

// Executable copies of machine code. Each block has pages of its own, written first and executable afterwards.
class NativeCode {
  public:
    NativeCode() = default;
    NativeCode(std::span<const uint8_t> bytes, uint32_t entry);
    ~NativeCode();
    NativeCode(NativeCode&& other) noexcept { *this = static_cast<NativeCode&&>(other); }
    NativeCode& operator=(NativeCode&& other) noexcept;
    const void* entry() const { return entry_; }

  private:
    void* base_ = nullptr;
    size_t mapped_ = 0;
    const void* entry_ = nullptr;
};

}  // namespace exprjit::trial
