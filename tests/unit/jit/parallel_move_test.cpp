// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Random parallel moves between registers, slots and constants, run on a model of the machine: whatever the order and
// the scratch registers the sequence uses, every destination must end with what its source held before.
#include "jit/parallel_move.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace exprjit::jit {
namespace {

constexpr ValueId kConstantBase = 1000;  // "constant" values hold their own id

struct Machine {
    uint64_t reg[kClassCount][kRegsPerClass];
    std::map<ValueId, uint64_t> slot;

    void run(const std::vector<PlanItem>& items) {
        for (const PlanItem& i : items) {
            const int c = index(i.cls);
            switch (i.kind) {
            case ItemKind::Move: reg[c][i.dst] = reg[c][i.r[0]]; break;
            case ItemKind::Reload: reg[c][i.dst] = i.node >= kConstantBase ? i.node : slot.at(i.node); break;
            case ItemKind::Store: slot[i.node] = reg[c][i.r[0]]; break;
            default: FAIL() << "not a move";
            }
        }
    }
};

struct Location {
    RegClass cls;
    bool is_reg;
    uint32_t id;  // register number, or the value whose slot it is
    bool operator<(const Location& o) const { return std::tie(cls, is_reg, id) < std::tie(o.cls, o.is_reg, o.id); }
};

TEST(ParallelMove, EveryDestinationGetsWhatItsSourceHeld) {
    std::mt19937 random(1);
    ParallelMove moves;
    moves.prepare(64);
    for (int round = 0; round < 20'000; ++round) {
        Machine before;
        for (int c = 0; c < kClassCount; ++c)
            for (int r = 0; r < kRegsPerClass; ++r) before.reg[c][r] = random();
        for (ValueId v = 0; v < 40; ++v) before.slot[v] = random();
        // Few locations, so that cycles, shared sources and memory-to-memory copies are common. Slots 0…19 belong to
        // general values, 20…39 to floating ones.
        const auto pick = [&](RegClass c) -> Location {
            const bool is_reg = random() % 2 != 0;
            const uint32_t slot = random() % 4 + (c == RegClass::Vec ? 20 : 0);
            return {c, is_reg, is_reg ? static_cast<uint32_t>(random() % 4) : slot};
        };
        std::map<Location, uint64_t> expected;
        for (unsigned k = random() % 10; k-- > 0;) {
            const RegClass c = random() % 2 != 0 ? RegClass::Vec : RegClass::Gp;
            const Location dst = pick(c), src = pick(c);
            if (expected.count(dst) != 0) continue;
            const bool constant = random() % 5 == 0;
            const ValueId from = constant     ? kConstantBase + static_cast<ValueId>(random() % 50)
                                 : src.is_reg ? 63
                                              : src.id;
            const Reg from_reg = constant ? kImm : src.is_reg ? static_cast<Reg>(src.id) : kMem;
            if (dst.is_reg)
                moves.to_register(c, static_cast<Reg>(dst.id), from, from_reg, from);
            else
                moves.to_slot(c, dst.id, dst.id, from, from_reg, from);
            expected[dst] = constant ? from : src.is_reg ? before.reg[index(c)][src.id] : before.slot[src.id];
        }
        std::vector<PlanItem> items;
        moves.flush(items);
        Machine after = before;
        after.run(items);
        for (const auto& [where, value] : expected) {
            const uint64_t got = where.is_reg ? after.reg[index(where.cls)][where.id] : after.slot[where.id];
            ASSERT_EQ(got, value) << "round " << round;
        }
        // Nothing else may change but the two scratch registers.
        for (int c = 0; c < kClassCount; ++c)
            for (Reg r = 0; r < kRegsPerClass; ++r) {
                if (r == (c == 0 ? kScratchGp : kScratchVec)) continue;
                if (expected.count({static_cast<RegClass>(c), true, r}) == 0) {
                    ASSERT_EQ(after.reg[c][r], before.reg[c][r]) << "round " << round;
                }
            }
    }
}

TEST(ParallelMove, ASwapTakesThreeMoves) {
    ParallelMove moves;
    moves.prepare(4);
    moves.to_register(RegClass::Gp, kRax, 0, kRcx, 0);
    moves.to_register(RegClass::Gp, kRcx, 1, kRax, 1);
    std::vector<PlanItem> items;
    moves.flush(items);
    EXPECT_EQ(items.size(), 3u);
}

TEST(ParallelMove, AValueInPlaceNeedsNoMove) {
    ParallelMove moves;
    moves.prepare(4);
    moves.to_register(RegClass::Vec, 3, 0, 3, 0);
    std::vector<PlanItem> items;
    moves.flush(items);
    EXPECT_TRUE(items.empty());
}

}  // namespace
}  // namespace exprjit::jit
