// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Calls of definitions. A definition is parsed once for each combination of argument types that a text uses (and of the
// values of literals, which stay literals inside) into a routine: stack code with locals of its own. Every call emits the
// routine again with its own arguments.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lang/code.h"
#include "lang/definitions.h"
#include "support/stack.h"

namespace exprjit::lang {

struct Routine {
    Stack<Code> code;
    uint32_t first = kNone;  // pops its arguments, the last one first, and leaves its value
    uint32_t local_count = 0;
    uint32_t argument_count = 0;  // literals are not passed
    Operand value;                // its type; a literal if the call is one
    bool is_failed = false;       // it was reported
    bool is_pure() const { return !value.effects && !value.reduces; }
};

// What all texts and definitions read for one program share.
struct Expansions {
    std::map<std::string, uint32_t> index;  // by definition and arguments
    std::vector<std::unique_ptr<Routine>> routines;
    std::vector<NativeRef> natives;  // Program::natives
    size_t code_size = 0;            // of all routines

    void clear() {
        index.clear();
        routines.clear();
        natives.clear();
        code_size = 0;
    }
};

}  // namespace exprjit::lang
