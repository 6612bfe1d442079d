// SPDX-License-Identifier: MIT OR Apache-2.0
#include "coverage.h"

#include <algorithm>
#include <numeric>

namespace exprjit::differential {

const char* name_of(Construct c) {
    static constexpr const char* names[] = {"top", "then", "else", "for", "loop", "callee"};
    return names[static_cast<size_t>(c)];
}

namespace {

bool wanted(Op op, Scalar s) {
    return info(op).is_value() && !info(op).has(kInternal) && (info(op).types & set_of(s)) != 0;
}

}  // namespace

std::string Coverage::missing() const {
    std::string out;
    for (size_t op = 0; op < kOpCount; ++op)
        for (size_t t = 0; t < kScalarCount; ++t) {
            if (!wanted(static_cast<Op>(op), static_cast<Scalar>(t))) continue;
            const auto& c = counts_[op][t];
            if (std::accumulate(c.begin(), c.end(), uint64_t{0}) != 0) continue;
            out += std::string(out.empty() ? "" : ", ") + kOpInfos[op].text + " " +
                   std::string(exprjit::name_of(static_cast<Scalar>(t)));
        }
    return out;
}

std::string Coverage::report() const {
    uint64_t pairs = 0, pairs_seen = 0, triples = 0, triples_seen = 0, total = 0;
    uint64_t fewest = UINT64_MAX;
    for (size_t op = 0; op < kOpCount; ++op)
        for (size_t t = 0; t < kScalarCount; ++t) {
            if (!wanted(static_cast<Op>(op), static_cast<Scalar>(t))) continue;
            uint64_t sum = 0;
            for (const uint64_t n : counts_[op][t]) {
                sum += n;
                triples_seen += n != 0;
                ++triples;
            }
            ++pairs;
            pairs_seen += sum != 0;
            total += sum;
            fewest = std::min(fewest, sum);
        }
    std::string out = "coverage: " + std::to_string(total) + " value operations; operation x type " +
                      std::to_string(pairs_seen) + " of " + std::to_string(pairs) + " (the rarest " +
                      std::to_string(fewest) + " times); operation x type x construct " + std::to_string(triples_seen) +
                      " of " + std::to_string(triples) + "\n";
    if (const std::string m = missing(); !m.empty()) out += "  never generated: " + m + "\n";
    out += "  structure, by construct around it:";
    for (size_t op = 0; op < kOpCount; ++op) {
        if (info(static_cast<Op>(op)).is_value()) continue;
        std::array<uint64_t, kConstructCount> per{};
        uint64_t sum = 0;
        for (const auto& by_type : counts_[op])
            for (size_t c = 0; c < kConstructCount; ++c) per[c] += by_type[c], sum += by_type[c];
        if (sum == 0) continue;
        out += std::string("\n    ") + kOpInfos[op].text;
        out.append(kOpInfos[op].text ? 12 - std::min<size_t>(11, std::char_traits<char>::length(kOpInfos[op].text)) : 1,
                   ' ');
        for (size_t c = 0; c < kConstructCount; ++c)
            out += std::string(name_of(static_cast<Construct>(c))) + " " + std::to_string(per[c]) + "  ";
    }
    return out + "\n";
}

}  // namespace exprjit::differential
