// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace exprjit::cli {

// How an expression's text speaks of a name.
struct Mention {
    bool found = false;     // possibly used as a variable
    bool assigned = false;  // possibly given a value by the text itself: `let x = ...`, `x = ...`
};

// Looks for `name` in the text, as an identifier or between backticks. It may find more than the language would (a name
// in a comment, for one), never less.
Mention find_mention(std::string_view text, std::string_view name);

// The name as an expression writes it when it is no identifier: `wind speed`, with a backtick in it written twice.
std::string quoted_name(std::string_view name);

// Whether a name can stand in an expression without backticks.
bool is_identifier(std::string_view name);

}  // namespace exprjit::cli
