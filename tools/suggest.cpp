// SPDX-License-Identifier: MIT OR Apache-2.0
#include "suggest.h"

#include <algorithm>

namespace exprjit::cli {
namespace {

// Damerau-Levenshtein distance (optimal string alignment). Both words are short: the caller bounds them.
size_t distance(std::string_view a, std::string_view b) {
    std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr size_t kLongestWord = 64;
    if (word.size() < 3 || word.size() > kLongestWord) {
        return {};  // everything is near to a very short word
    }
    size_t best = word.size() / 3;  // one slip in a short word, more in a long one
    std::string found;
    for (const std::string& candidate : candidates) {
        if (candidate.size() > kLongestWord) {
            continue;
        }
        const size_t far = distance(word, candidate);
        if (far <= best && (found.empty() || far < best)) {
            best = far;
            found = candidate;
        }
    }
    return found;
}

}  // namespace exprjit::cli
