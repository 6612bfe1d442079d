// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>

#include "options.h"

namespace exprjit::cli {

// Options that are a word from a list, as they were written: they are checked after parsing, where messages can be
// clear.
struct OptionWords {
    std::string color = "auto", isa = "auto", tier = "auto", div = "error", caret = "power", accuracy = "1ulp", fast,
                delimiter = ",";
};

// Turns the words into what they mean. A usage error names the option, the nearest choice and all others.
Status read_words(const OptionWords& words, Options& options);

}  // namespace exprjit::cli
