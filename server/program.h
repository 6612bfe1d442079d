// SPDX-License-Identifier: MIT OR Apache-2.0
//
// From what a request says to a kernel: look up a handle, or compile a stranger's program and keep it.
#pragma once

#include <string>
#include <string_view>

#include "kernel_store.h"
#include "problem.h"
#include "stop_sign.h"

namespace exprjit::v1 {
class Program;
class Signature;
}  // namespace exprjit::v1

namespace exprjit::server {

struct Core;

struct Resolved {
    HeldRef held;
    bool was_there = false;
    int64_t compile_ns = 0;  // 0 if it was there
};

Outcome resolve(Core& core, const v1::Program& program, StopSign& stop, Resolved& out);
// The same for the bytes of a ProgramRef. Known handles and repeated programs are found without decoding them.
Outcome resolve_reference(Core& core, std::string_view program_ref, StopSign& stop, Resolved& out);

void describe(const Held& held, v1::Signature& out);

}  // namespace exprjit::server
