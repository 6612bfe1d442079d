// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lane_coverage.h"

#include <algorithm>
#include <numeric>

namespace exprjit::differential {

namespace {

// What engines execute: the rest was expanded before.
bool wanted(Op op, Scalar t) {
    const OpInfo& o = info(op);
    return (o.lowering == Lowering::Inst || o.lowering == Lowering::Call) && (o.types & set_of(t)) != 0;
}

template <class Counts>
std::string by_lanes(const Counts& counts) {
    std::string s;
    for (size_t log2 = 1; log2 < counts.size(); ++log2)
        if (counts[log2] != 0) s += " x" + std::to_string(1 << log2) + " " + std::to_string(counts[log2]);
    return s.empty() ? " never" : s;
}

}  // namespace

void LaneCoverage::count(const Program& program) {
    for (const Function& f : program.functions)
        for (ValueId v = 0; v < f.size(); ++v) {
            const Node& n = f[v];
            if (n.op == Op::LoadRaw || n.op == Op::StoreRaw) {
                const bool loads = n.op == Op::LoadRaw;
                const Type t = loads ? n.type : f[f.operands(n)[2]].type;
                ++(loads ? loads_
                         : stores_)[static_cast<size_t>(raw_storage(n.imm))][static_cast<size_t>(t.lane_log2())];
            }
            // The type of an operation is that of its last operand; a node without operands has its own.
            const auto operands = f.operands(n);
            const Type last = operands.empty() ? n.type : f[n.op == Op::Check ? operands[0] : operands.back()].type;
            const Type t = n.type.is_value() && n.type.lane_log2() != 0 ? n.type : last;
            if (!t.is_value()) continue;
            const Scalar s = last.is_value() ? last.scalar() : t.scalar();
            ++counts_[static_cast<size_t>(n.op)][static_cast<size_t>(s)][static_cast<size_t>(t.lane_log2())];
        }
}

std::string LaneCoverage::missing() const {
    std::string out;
    for (size_t op = 0; op < kOpCount; ++op)
        for (size_t t = 0; t < kScalarCount; ++t) {
            if (!wanted(static_cast<Op>(op), static_cast<Scalar>(t))) continue;
            const auto& c = counts_[op][t];
            if (std::accumulate(c.begin() + 1, c.end(), uint64_t{0}) != 0) continue;
            out += std::string(out.empty() ? "" : ", ") + kOpInfos[op].text + " " +
                   std::string(name_of(static_cast<Scalar>(t)));
        }
    return out;
}

std::string LaneCoverage::report() const {
    uint64_t pairs = 0, seen = 0, fewest = UINT64_MAX;
    std::array<uint64_t, kLaneCounts> per{}, pairs_per{};
    for (size_t op = 0; op < kOpCount; ++op)
        for (size_t t = 0; t < kScalarCount; ++t) {
            if (!wanted(static_cast<Op>(op), static_cast<Scalar>(t))) continue;
            uint64_t sum = 0;
            for (size_t l = 1; l < kLaneCounts; ++l) {
                const uint64_t n = counts_[op][t][l];
                sum += n, per[l] += n, pairs_per[l] += n != 0;
            }
            ++pairs, seen += sum != 0;
            fewest = std::min(fewest, sum);
        }
    std::string out = "lanes: operation x type " + std::to_string(seen) + " of " + std::to_string(pairs) +
                      " (the rarest " + std::to_string(fewest) + " times); operations" + by_lanes(per) + "; pairs" +
                      by_lanes(pairs_per) + "\n";
    if (const std::string m = missing(); !m.empty()) out += "  never in lanes: " + m + "\n";
    for (const Op op :
         {Op::Const, Op::Splat, Op::Extract, Op::Iota, Op::Any, Op::LaneMask, Op::CountLanes, Op::Check, Op::Select}) {
        std::array<uint64_t, kLaneCounts> sum{};
        for (const auto& by_type : counts_[static_cast<size_t>(op)])
            for (size_t l = 0; l < kLaneCounts; ++l) sum[l] += by_type[l];
        out += std::string("    ") + info(op).text + by_lanes(sum) + "\n";
    }
    for (const bool loads : {true, false})
        for (size_t s = 0; s < kStorageCount; ++s)
            out += std::string("    ") + (loads ? "load " : "store ") + std::string(name_of(static_cast<Storage>(s))) +
                   by_lanes((loads ? loads_ : stores_)[s]) + "\n";
    return out;
}

}  // namespace exprjit::differential
