// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lang/builtins.h"

#include <algorithm>
#include <cassert>
#include <random>

#include "lang/functions.h"

namespace exprjit::lang {

namespace {

struct Word {
    const char* text;
    Tok token;
};
constexpr Word kWords[] = {
    {"if", Tok::If},     {"else", Tok::Else},   {"let", Tok::Let},   {"in", Tok::In},
    {"not", Tok::Not},   {"and", Tok::And},     {"or", Tok::Or},     {"xor", Tok::Xor},
    {"true", Tok::True}, {"false", Tok::False}, {"True", Tok::True}, {"False", Tok::False},
};

// Functions of whole columns that people reach for and that do not exist. They are named here so that the message says what
// is the matter instead of guessing at a spelling mistake.
constexpr const char* kReductions[] = {"median",  "quantile", "percentile", "mode",          "ptp",    "cumsum",
                                       "cumprod", "nansum",   "nanmean",    "nanstd",        "nanvar", "nanmin",
                                       "nanmax",  "nanprod",  "unique",     "sort",          "rank",   "first",
                                       "last",    "diff",     "argsort",    "cumulative_sum"};

uint64_t random_seed() {
    uint64_t seed = reinterpret_cast<uintptr_t>(&seed);  // address-space randomisation, if there is nothing better
    try {
        std::random_device device;
        seed ^= static_cast<uint64_t>(device()) << 32 | device();
    } catch (...) {  // no entropy source: the seed only has to be hard to guess, not secret
    }
    return seed | 1;
}

}  // namespace

const Builtins& Builtins::get() {
    static const Builtins builtins;
    return builtins;
}

Builtins::Builtins() : seed_(random_seed()) {
    entries_.push_back({});  // 0 is "none"
    for (const Word& w : kWords) add(w.text, Kind::Word, w.token, 0);
    const auto functions = function_rows();
    for (size_t i = 0; i < functions.size(); ++i) {
        // `if` is a reserved word; the parser knows its call form.
        if (functions[i].form != Form::If) add(functions[i].doc.name, Kind::Function, Tok::End, i);
        add_aliases(functions[i].doc.aliases, Kind::Function, i);
    }
    const auto constants = constant_rows();
    for (size_t i = 0; i < constants.size(); ++i) {
        add(constants[i].doc.name, Kind::Constant, Tok::End, i);
        add_aliases(constants[i].doc.aliases, Kind::Constant, i);
    }
    for (const char* name : kReductions) add(name, Kind::Reduction, Tok::End, 0);
}

void Builtins::add(std::string_view name, Kind kind, Tok word, size_t row) {
    const uint64_t h = hash(name);
    assert(find(name, h) == 0 && "two builtins of one name");
    uint64_t s = h;
    while (slots_[s & (kSlots - 1)].entry != 0) ++s;
    slots_[s & (kSlots - 1)] = {static_cast<uint32_t>(h), static_cast<uint16_t>(entries_.size())};
    entries_.push_back({name, kind, word, static_cast<uint16_t>(row)});
}

void Builtins::add_aliases(std::string_view aliases, Kind kind, size_t row) {
    while (!aliases.empty()) {
        const size_t space = std::min(aliases.find(' '), aliases.size());
        add(aliases.substr(0, space), kind, Tok::End, row);
        aliases.remove_prefix(std::min(space + 1, aliases.size()));
    }
}

std::string_view reserved_word_like(std::string_view text) {
    for (const Word& w : kWords) {
        const std::string_view word = w.text;
        bool same = word.size() == text.size();
        for (size_t i = 0; same && i < word.size(); ++i) same = (text[i] | 0x20) == word[i];
        if (same) return word;
    }
    return {};
}

Suggestion::Suggestion(std::string_view wrong)
    : wrong_(wrong), distance_(wrong.size() < 6    ? 1
                               : wrong.size() < 10 ? 2
                                                   : 3) {
    // A suggestion at this distance or more would be noise; consider() only takes what is nearer.
    ++distance_;
}

void Suggestion::consider(std::string_view candidate) {
    constexpr size_t kLongest = 32;
    const size_t n = wrong_.size(), m = candidate.size();
    if (n > kLongest || m > kLongest || m == 0) return;
    if ((n > m ? n - m : m - n) >= static_cast<size_t>(distance_)) return;
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    // Optimal string alignment: insert, delete, replace, swap neighbours. Changing everything is no likeness.
    int rows[3][kLongest + 1];
    for (size_t j = 0; j <= m; ++j) rows[0][j] = static_cast<int>(j);
    for (size_t i = 1; i <= n; ++i) {
        int* row = rows[i % 3];
        const int* above = rows[(i - 1) % 3];
        const int* above2 = rows[(i + 1) % 3];
        row[0] = static_cast<int>(i);
        for (size_t j = 1; j <= m; ++j) {
            const bool same = lower(wrong_[i - 1]) == lower(candidate[j - 1]);
            row[j] = std::min({row[j - 1] + 1, above[j] + 1, above[j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && wrong_[i - 1] == candidate[j - 2] && wrong_[i - 2] == candidate[j - 1])
                row[j] = std::min(row[j], above2[j - 2] + 1);
        }
    }
    const int d = rows[n % 3][m];
    if (d < distance_ && d < static_cast<int>(std::min(n, m))) {
        distance_ = d;
        best_ = candidate;
    }
}

}  // namespace exprjit::lang
