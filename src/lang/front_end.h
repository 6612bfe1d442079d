// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ir/program.h"
#include "lang/definitions.h"
#include "support/result.h"

namespace exprjit {

enum class DivMode : uint8_t { Error = 0, Zero = 1 };           // ej_div_mode
enum class Caret : uint8_t { Power = 0, Xor = 1, Strict = 2 };  // ej_caret

// A variable the caller declares. Narrow storage types act as the type they widen to.
struct TextParam {
    std::string_view name;
    Storage type;
};

struct TextOptions {
    std::span<const TextParam> params;
    bool declared =
        false;  // exactly `params` exist; otherwise unknown names become f64 parameters in order of first use
    std::optional<Scalar> result_type;
    DivMode div_mode = DivMode::Error;
    Caret caret = Caret::Power;
    const Definitions* definitions = nullptr;  // functions besides the built-in ones
    bool host_functions = true;                // whether those of the host, and definitions that call them, exist
    // Definitions that call each other are read recursively; the machine's stack may grow down to here. 0: no limit.
    uintptr_t stack_limit = 0;
    // Receives those of `definitions` that the text means: what it names, and what replaced functions of the host that the
    // definitions call. May be nullptr.
    std::vector<const Definition*>* reached = nullptr;
};

// Parses and type-checks an expression text into `out` (overwritten; its memory is reused). Function 0 gets the parameters
// in order (declared ones first, all of them, used or not), the results, and their names. Checks carry the byte offset of
// the operator as their site. On failure `out` is unspecified and the error holds every diagnostic found, at most 20.
// Linear time, bounded stack, whatever the text.
Result<void> compile_text(std::string_view text, const TextOptions& options, const Limits& limits, Program& out);

// Documentation of one function or constant of the language, for introspection and the generated reference.
struct FunctionDoc {
    const char* name;
    const char* aliases;     // separated by spaces
    const char* parameters;  // "y, x"
    const char* category;
    const char* summary;
    int min_args, max_args;  // max -1: any number
    bool is_constant;
};
std::span<const FunctionDoc> function_docs();

}  // namespace exprjit
