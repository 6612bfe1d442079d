// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/agreement.h"

#include <cstdlib>
#include <cstring>

#include "support/values.h"

namespace exprjit::trial {

LaidOut::LaidOut(const Arguments& arguments, std::span<const Param> params, Guarded::Side side)
    : arguments_(arguments), slots_(arguments.slots) {
    for (size_t i = 0; i < params.size(); ++i) {
        if (!params[i].type.is_array()) continue;
        const ArrayValue& v = arguments.arrays[slots_[i]];
        auto d = std::make_unique<ArrayDescriptor>();
        int64_t stride = static_cast<int64_t>(byte_size(v.storage)) * v.spread;
        for (int k = v.rank; k-- > 0;) {
            d->length[k] = v.length[k];
            d->stride[k] = stride;
            stride *= v.length[k];
        }
        // The bytes from the lowest to the highest element, whichever way they run.
        const int64_t count = v.count();
        const int64_t step = std::abs(v.spread) * static_cast<int64_t>(byte_size(v.storage));
        const size_t bytes = count == 0 ? 0 : static_cast<size_t>((count - 1) * step) + byte_size(v.storage);
        memory_.emplace_back(bytes, side);
        uint8_t* first = memory_.back().data();
        if (v.spread < 0 && count != 0) first += (count - 1) * step;
        d->data = first;
        slots_[i] = reinterpret_cast<Slot>(d.get());
        descriptors_.push_back(std::move(d));
    }
    refill();
}

void LaidOut::refill() {
    for (size_t a = 0; a < memory_.size(); ++a) {
        const ArrayValue& v = arguments_.arrays[a];
        const int64_t step = v.spread * static_cast<int64_t>(byte_size(v.storage));
        // Gaps between spread elements hold a pattern too, so that a write into one shows.
        std::memset(memory_[a].data(), 0x5c, memory_[a].size());
        uint8_t* p = static_cast<uint8_t*>(descriptors_[a]->data);
        for (const uint64_t e : v.elements) {
            std::memcpy(p, &e, byte_size(v.storage));
            p += step;
        }
    }
}

std::vector<uint64_t> LaidOut::elements(size_t a) const {
    const ArrayValue& v = arguments_.arrays[a];
    const int64_t step = v.spread * static_cast<int64_t>(byte_size(v.storage));
    std::vector<uint64_t> out(v.elements.size());
    const uint8_t* p = static_cast<const uint8_t*>(descriptors_[a]->data);
    for (uint64_t& e : out) {
        std::memcpy(&e, p, byte_size(v.storage));
        p += step;
    }
    return out;
}

bool LaidOut::intact() const {
    for (size_t a = 0; a < memory_.size(); ++a) {
        if (!memory_[a].intact()) return false;
        const ArrayValue& v = arguments_.arrays[a];
        const int64_t size = static_cast<int64_t>(byte_size(v.storage));
        const int64_t step = std::abs(v.spread) * size;
        for (int64_t at = 0; step > size && at + step <= static_cast<int64_t>(memory_[a].size()); at += step)
            for (int64_t k = size; k < step; ++k)
                if (memory_[a].data()[at + k] != 0x5c) return false;
    }
    return true;
}

std::optional<AllEngines> AllEngines::make(const Program& program, std::string& why, const Limits& limits,
                                           Mutation mutation) {
    AllEngines all;
    all.params_ = program.entry().params;
    all.results_ = program.entry().results;
    for (const Engine& engine : all_engines()) {
        Result<Prepared> p = Prepared::make(program, engine, limits);
        if (!p) {
            why = "engine " + engine.name() + " cannot be prepared:\n" + describe(p.error());
            return std::nullopt;
        }
        if (p->exists()) all.entries_.push_back({engine.name(), std::move(*p)});
    }
    if (mutation != nullptr) {
        Result<Prepared> p = Prepared::make(program, oracle(), limits, mutation);
        if (!p) {
            why = "the mutated program cannot be prepared:\n" + describe(p.error());
            return std::nullopt;
        }
        all.entries_.push_back({"planted bug", std::move(*p)});
    }
    return all;
}

namespace {

Observation observe_one(const Prepared& prepared, LaidOut& memory, size_t array_count) {
    memory.refill();
    Observation o;
    o.outcome = prepared.run(memory.slots());
    for (size_t a = 0; a < array_count; ++a) o.arrays.push_back(memory.elements(a));
    o.intact = memory.intact();
    return o;
}

// "" if `got` is what `want` says.
std::string difference(const Observation& got, const Observation& want, std::span<const Type> results,
                       const std::vector<ArrayValue>& arrays) {
    if (!got.outcome.misbehaviour.empty()) return got.outcome.misbehaviour;
    if (!got.intact) return "bytes outside the elements of an array were written";
    bool same = got.outcome.exit == want.outcome.exit;
    if (same && got.outcome.exit == Exit::CheckFailed)
        same =
            got.outcome.failed_imm == want.outcome.failed_imm && got.outcome.failed_index == want.outcome.failed_index;
    if (same && got.outcome.exit == Exit::Ok)
        for (size_t i = 0; i < results.size(); ++i)
            if (!same_value(results[i].scalar(), got.outcome.outs[i], want.outcome.outs[i])) {
                same = false;
                break;
            }
    if (!same) return "got " + describe(got.outcome, results) + "\n  want " + describe(want.outcome, results);
    if (got.outcome.exit != Exit::Ok) return {};
    for (size_t a = 0; a < want.arrays.size(); ++a)
        for (size_t e = 0; e < want.arrays[a].size(); ++e)
            if (!same_element(arrays[a].storage, got.arrays[a][e], want.arrays[a][e]))
                return "array argument " + std::to_string(a) + ", element " + std::to_string(e) + ": got " +
                       describe_element(arrays[a].storage, got.arrays[a][e]) + ", want " +
                       describe_element(arrays[a].storage, want.arrays[a][e]);
    return {};
}

}  // namespace

Observation AllEngines::observe(const Arguments& arguments, Guarded::Side side) const {
    LaidOut memory(arguments, params_, side);
    return observe_one(entries_.front().prepared, memory, arguments.arrays.size());
}

std::string AllEngines::compare(const Arguments& arguments, const Observation* expected, Guarded::Side side) const {
    LaidOut memory(arguments, params_, side);
    Observation want;
    if (expected != nullptr) want = *expected;
    for (const Entry& e : entries_) {
        const Observation got = observe_one(e.prepared, memory, arguments.arrays.size());
        if (expected == nullptr && &e == &entries_.front()) want = got;
        if (expected == nullptr && want.outcome.exit == Exit::Cancelled)
            return std::string(kDidNotEnd) + ": the program does not end with arguments " +
                   describe(arguments, params_);
        const std::string d = difference(got, want, results_, arguments.arrays);
        if (!d.empty())
            return "engine " + e.name + "\n  arguments " + describe(arguments, params_) + "\n  " + d +
                   (expected == nullptr ? "  (the oracle, " + entries_.front().name + ")" : "");
    }
    return {};
}

bool differs(const Prepared& a, const Prepared& b, const Arguments& arguments, const Function& entry) {
    LaidOut memory(arguments, entry.params, Guarded::Side::Back);
    const Observation x = observe_one(a, memory, arguments.arrays.size());
    const Observation y = observe_one(b, memory, arguments.arrays.size());
    return !difference(y, x, entry.results, arguments.arrays).empty();
}

std::string describe(const Arguments& arguments, std::span<const Param> params) {
    std::string s = "(";
    for (size_t i = 0; i < params.size(); ++i) {
        if (i != 0) s += ", ";
        if (!params[i].type.is_array()) {
            s += describe(params[i].type.scalar(), arguments.slots[i]);
            continue;
        }
        const ArrayValue& v = arguments.arrays[arguments.slots[i]];
        s += to_string(params[i].type);
        for (int d = 0; d < v.rank; ++d) s += (d == 0 ? " of " : "x") + std::to_string(v.length[d]);
        s += " [";
        for (size_t e = 0; e < v.elements.size() && e < 8; ++e)
            s += (e != 0 ? ", " : "") + describe_element(v.storage, v.elements[e]);
        s += v.elements.size() > 8 ? ", …]" : "]";
    }
    return s + ")";
}

}  // namespace exprjit::trial
