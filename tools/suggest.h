// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace exprjit::cli {

// The candidate nearest to `word` by edit distance (a swap of neighbours counts once), or "" if none is close enough
// for a "did you mean".
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace exprjit::cli
