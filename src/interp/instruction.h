// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the interpreter executes: a flat array of instructions per function, each with the address of its handler and
// the frame slots of its operands, so that dispatch decides nothing at run time.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "interp/interpreter.h"
#include "ir/context.h"

namespace exprjit::interp {

struct Instruction;
struct Machine;

// Executes one instruction and returns the next, or nullptr when the run is over. Handlers return to the loop instead
// of calling each other, so that the native stack stays flat in every build, sanitizers included.
using Handler = const Instruction* (*)(const Instruction* at, Slot* frame, Machine& machine);

// What dst, a, b, c and imm mean is up to the handler; the first four are mostly slots of the frame.
struct Instruction {
    Handler run = nullptr;
    uint32_t dst = 0;
    uint32_t a = 0;
    uint32_t b = 0;
    uint32_t c = 0;
    uint64_t imm = 0;
};
static_assert(sizeof(Instruction) == 32);

// A jump distance in instructions travels in imm.
inline const Instruction* jump(const Instruction* at) { return at + static_cast<int64_t>(at->imm); }

// First slots of every frame; the parameters follow, then the constants, then everything else.
enum FrameSlot : uint32_t {
    kReturnTo,       // const Instruction* in the caller, null in the entry function
    kCallerFrame,    // Slot*
    kResults,        // Slot*: where Return writes
    kOuterIndex,     // index of the outermost For around the call
    kHasOuterIndex,  // 0 if no For is around the call
    kLists,          // const uint32_t*: FunctionCode::lists of the running function
    kHeaderSlots
};

// One function, made ready.
struct FunctionCode {
    std::vector<Instruction> instructions;
    std::vector<Slot> constants;  // copied behind the parameters when a frame begins
    std::vector<uint32_t> lists;  // slots of call arguments and of returned values
    uint32_t constants_at = 0;
    uint32_t param_slots = 0;
    uint32_t frame_slots = 0;
    uint64_t stack_slots = 0;  // its frame and the deepest chain of frames below it
};

// The state of one run.
struct Machine {
    Slot* frame = nullptr;
    const volatile int32_t* stop = nullptr;
    const FunctionCode* functions = nullptr;
    Context* context = nullptr;
    Exit exit = Exit::Ok;
};

template <class T>
T decode(Slot slot) {
    if constexpr (std::is_same_v<T, bool>) {
        return slot != 0;
    } else {
        T value;
        std::memcpy(&value, &slot, sizeof value);
        return value;
    }
}

template <class T>
Slot encode(T value) {
    Slot slot = 0;
    std::memcpy(&slot, &value, sizeof value);
    return slot;
}

inline Slot from_address(const void* p) { return reinterpret_cast<Slot>(p); }
template <class T>
T* to_address(Slot slot) {
    return reinterpret_cast<T*>(slot);
}

// Fills what every frame of `code` begins with, besides where it returns to and its arguments.
inline void begin_frame(const FunctionCode& code, Slot* frame) {
    frame[kLists] = from_address(code.lists.data());
    if (!code.constants.empty())
        std::memcpy(frame + code.constants_at, code.constants.data(), code.constants.size() * sizeof(Slot));
}

}  // namespace exprjit::interp
