// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One program, one set of arguments, every engine: do they agree to the bit?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/engines.h"
#include "support/guarded.h"

namespace exprjit::trial {

// An array argument: elements in row-major order; `spread` multiplies the byte strides (negative: the array lies
// backwards in memory; 0 only for arrays that are not written).
struct ArrayValue {
    Storage storage = Storage::F64;
    int rank = 1;
    int64_t length[kMaxRank] = {0, 0, 0};
    std::vector<uint64_t> elements;
    int64_t spread = 1;

    int64_t count() const {
        int64_t n = 1;
        for (int d = 0; d < rank; ++d) n *= length[d];
        return n;
    }
};

// One argument list. A slot per parameter; the slot of an array parameter is an index into `arrays`.
struct Arguments {
    std::vector<Slot> slots;
    std::vector<ArrayValue> arrays;
};

// Arguments laid out in guarded memory, ready to be passed to any engine, and to be filled again before the next one.
class LaidOut {
  public:
    LaidOut(const Arguments& arguments, std::span<const Param> params, Guarded::Side side);
    void refill();
    std::span<const Slot> slots() const { return slots_; }
    // The elements of array `a` as they lie there now.
    std::vector<uint64_t> elements(size_t a) const;
    bool intact() const;

  private:
    const Arguments& arguments_;
    std::vector<Slot> slots_;
    std::vector<Guarded> memory_;
    std::vector<std::unique_ptr<ArrayDescriptor>> descriptors_;
};

// What a run gave, arrays included.
struct Observation {
    Outcome outcome;
    std::vector<std::vector<uint64_t>> arrays;
    bool intact = true;
};

inline constexpr const char* kDidNotEnd = "the oracle was stopped";

// Every engine's prepared form of one program.
class AllEngines {
  public:
    // On failure `why` tells which engine could not be prepared and why. With `mutation` the last engine of the list is
    // an interpreter of the mutated program.
    static std::optional<AllEngines> make(const Program& program, std::string& why, const Limits& limits = {},
                                          Mutation mutation = nullptr);

    // Runs `arguments` on every engine. "" if all gave the same as the oracle (or as `expected`, if given); otherwise a
    // message with engine, argument values and both results. A failed check makes outs and arrays unspecified, so then
    // only the failure itself is compared. A message that begins with kDidNotEnd says that the oracle had to be
    // stopped.
    std::string compare(const Arguments& arguments, const Observation* expected = nullptr,
                        Guarded::Side side = Guarded::Side::Back) const;
    // What the oracle says.
    Observation observe(const Arguments& arguments, Guarded::Side side = Guarded::Side::Back) const;

    struct Entry {
        std::string name;
        Prepared prepared;
    };
    const std::vector<Entry>& entries() const { return entries_; }

  private:
    std::vector<Param> params_;
    std::vector<Type> results_;
    std::vector<Entry> entries_;
};

// Whether two prepared forms of one function observably differ on these arguments.
bool differs(const Prepared& a, const Prepared& b, const Arguments& arguments, const Function& entry);

// The arguments as they would be written in a file test: "(7, [1, 2, 3])".
std::string describe(const Arguments& arguments, std::span<const Param> params);

}  // namespace exprjit::trial
