// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Random programs of everything the interpreter executes: they end, stay inside their arrays, and say the same each
// time.
#include <random>

#include "ir/verify.h"
#include "run_ir.h"
#include "unit/ir/random_program.h"

namespace exprjit {
namespace {

struct Arguments {
    std::vector<Slot> slots;
    std::vector<ArrayDescriptor> descriptors;
    std::vector<std::vector<unsigned char>> bytes;
};

// Arrays of two elements in every dimension, in memory of exactly their size, so that a sanitizer sees any step
// outside.
Arguments arguments_for(const Function& f, uint64_t seed) {
    std::mt19937_64 random(seed);
    Arguments a;
    a.descriptors.resize(f.params.size());
    for (size_t k = 0; k < f.params.size(); ++k) {
        const Type t = f.params[k].type;
        if (t.is_array()) {
            const auto size = static_cast<int64_t>(byte_size(t.storage()));
            a.bytes.emplace_back(static_cast<size_t>(size << t.rank()));
            for (auto& b : a.bytes.back()) b = static_cast<unsigned char>(random());
            ArrayDescriptor& d = a.descriptors[k];
            d.data = a.bytes.back().data();
            for (int n = 0; n < t.rank(); ++n) d.length[n] = 2, d.stride[n] = size << n;
            a.slots.push_back(testing::slot(d));
        } else {
            const Slot bits = random() % 2 ? random() : random() % 5;
            a.slots.push_back(t.scalar() == Scalar::Bool   ? bits & 1
                              : byte_size(t.scalar()) == 4 ? bits & UINT32_MAX
                                                           : bits);
        }
    }
    return a;
}

TEST(InterpRandom, RunsAreDefinedAndRepeat) {
    testing::RandomOptions options;
    options.expand_ops = false;
    int finished = 0;
    for (uint64_t seed = 0; seed < 600; ++seed) {
        Program p = testing::random_program(seed, options);
        const Interpreter interpreter(p);
        Exit exits[2];
        std::vector<Slot> outs[2];
        Arguments arguments[2] = {arguments_for(p.entry(), seed), arguments_for(p.entry(), seed)};
        for (int round = 0; round < 2; ++round) {
            outs[round].assign(p.entry().results.size() + 1, 0x5555);
            Context context;
            exits[round] = interpreter.run(context, arguments[round].slots.data(), outs[round].data());
            EXPECT_EQ(outs[round].back(), 0x5555u) << "seed " << seed << ": wrote past the results";
        }
        ASSERT_EQ(exits[0], exits[1]) << "seed " << seed;
        ASSERT_TRUE(exits[0] == Exit::Ok || exits[0] == Exit::CheckFailed) << "seed " << seed;
        ASSERT_EQ(arguments[0].bytes, arguments[1].bytes) << "seed " << seed;
        if (exits[0] != Exit::Ok) continue;
        ++finished;
        ASSERT_EQ(outs[0], outs[1]) << "seed " << seed << "\n" << print(p);
        // Scalars come back in canonical slots: nothing above their width.
        for (size_t k = 0; k < p.entry().results.size(); ++k) {
            const Scalar s = p.entry().results[k].scalar();
            const Slot largest = s == Scalar::Bool ? 1 : byte_size(s) == 4 ? UINT32_MAX : UINT64_MAX;
            ASSERT_LE(outs[0][k], largest) << "seed " << seed;
        }
    }
    EXPECT_GT(finished, 100);
}

// What the verifier lets through is safe to run, however odd: nodes of valid programs changed at random.
TEST(InterpRandom, WhateverIsVerifiedCanRun) {
    std::mt19937_64 random(7);
    const int32_t stop = 1;  // loops end at their first back edge
    int ran = 0;
    for (uint64_t seed = 0; seed < 4000; ++seed) {
        testing::RandomOptions options;
        options.expand_ops = false;
        Program p = testing::random_program(seed % 100, options);
        for (int changes = 1 + static_cast<int>(random() % 3); changes > 0; --changes) {
            Function& f = p.functions[random() % p.functions.size()];
            Node& n = f.nodes[random() % f.nodes.size()];
            const auto other = static_cast<ValueId>(random() % f.size());
            switch (random() % 5) {
            case 0: n.op = static_cast<Op>(random() % kOpCount); break;
            case 1: n.imm = random() % 3 != 0 ? random() % 8 : random(); break;
            case 2: n.inline_operands[random() % 3] = other; break;
            case 3: n.type = f[other].type; break;
            default: std::swap(n, f.nodes[other]); break;
            }
        }
        if (!verify(p, Limits()).ok()) continue;
        bool runnable = true;
        for (const Function& f : p.functions) {
            for (const Node& n : f.nodes) runnable = runnable && info(n.op).lowering != Lowering::Expand;
        }
        if (!runnable) continue;
        ++ran;
        Arguments arguments = arguments_for(p.entry(), seed);
        testing::run_program(p, arguments.slots, &stop);
    }
    EXPECT_GT(ran, 200);
}

}  // namespace
}  // namespace exprjit
