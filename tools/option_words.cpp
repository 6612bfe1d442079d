// SPDX-License-Identifier: MIT OR Apache-2.0
#include "option_words.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "suggest.h"

namespace exprjit::cli {
namespace {

bool is_tab(const std::string& text) { return text == "\\t" || text == "tab"; }

// Picks a word from a list; `what` names the option.
template <class T>
Status choose(const char* what, const std::string& word, const std::vector<std::pair<std::string, T>>& choices,
              T& out) {
    std::vector<std::string> names;
    std::string listing;
    for (const auto& [name, value] : choices) {
        if (name == word) {
            out = value;
            return {};
        }
        names.push_back(name);
        listing += (listing.empty() ? "" : ", ") + name;
    }
    const std::string near = nearest(word, names);
    return failure(kExitUsage, std::string(what) + " " + word + ": unknown choice",
                   (near.empty() ? "" : "did you mean " + near + "? ") + std::string("the choices are ") + listing);
}

}  // namespace

Status read_words(const OptionWords& words, Options& options) {
    Status status = choose<ColourChoice>(
        "--color", words.color,
        {{"auto", ColourChoice::kAuto}, {"always", ColourChoice::kAlways}, {"never", ColourChoice::kNever}},
        options.colour);
    if (status.ok()) {
        status = choose<ej_isa>("--isa", words.isa,
                                {{"auto", EJ_ISA_AUTO}, {"v2", EJ_ISA_V2}, {"v3", EJ_ISA_V3}, {"v4", EJ_ISA_V4}},
                                options.isa);
    }
    if (status.ok()) {
        status = choose<ej_tier>("--tier", words.tier == "optimized" ? "optimised" : words.tier,
                                 {{"auto", EJ_TIER_AUTO},
                                  {"interpreter", EJ_TIER_INTERPRETER},
                                  {"baseline", EJ_TIER_BASELINE},
                                  {"optimised", EJ_TIER_OPTIMISED}},
                                 options.tier);
    }
    if (status.ok()) {
        status =
            choose<ej_div_mode>("--div", words.div, {{"error", EJ_DIV_ERROR}, {"zero", EJ_DIV_ZERO}}, options.div_mode);
    }
    if (status.ok()) {
        status = choose<ej_caret>("--caret", words.caret,
                                  {{"power", EJ_CARET_POWER}, {"xor", EJ_CARET_XOR}, {"strict", EJ_CARET_STRICT}},
                                  options.caret);
    }
    if (status.ok()) {
        status = choose<ej_accuracy>("--accuracy", words.accuracy,
                                     {{"1ulp", EJ_ACCURACY_1ULP}, {"fast", EJ_ACCURACY_FAST}}, options.accuracy);
    }
    for (size_t begin = 0; status.ok() && begin < words.fast.size();) {
        const size_t end = std::min(words.fast.find(',', begin), words.fast.size());
        uint32_t flag = 0;
        status = choose<uint32_t>("--fast", words.fast.substr(begin, end - begin),
                                  {{"contract", EJ_FLAG_CONTRACT}, {"reassoc", EJ_FLAG_REASSOC}}, flag);
        options.flags |= flag;
        begin = end + 1;
    }
    if (status.ok()) {
        options.delimiter = is_tab(words.delimiter) ? '\t' : words.delimiter.empty() ? '\0' : words.delimiter[0];
        const bool single = is_tab(words.delimiter) || words.delimiter.size() == 1;
        if (!single || std::string_view("\"\r\n\0", 4).find(options.delimiter) != std::string_view::npos) {
            status = failure(kExitUsage, "--delimiter '" + words.delimiter + "': it must be one ASCII character",
                             "any but the quote and line ends; tab or \\t for a tab");
        }
    }
    return status;
}

}  // namespace exprjit::cli
