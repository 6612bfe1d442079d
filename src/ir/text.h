// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "ir/program.h"
#include "support/result.h"

namespace exprjit {

// The text form (docs/ir.md). print(parse(t)) parses to the same program, and parse(print(p)) is p up to value ids that
// no node uses. Constants print as hex floats or decimal integers that read back to the same bits.
std::string print(const Program& program);
std::string print(const Function& function);

// Parses untrusted text; several diagnostics with spans. The result is structurally complete but not verified: call
// verify(). Never recurses; time linear in the text.
Result<Program> parse_ir(std::string_view text, const Limits& limits);

}  // namespace exprjit
