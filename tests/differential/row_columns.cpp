// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Random layouts and columns for row functions.
#include "row_loops.h"
#include "support/values.h"

namespace exprjit::differential {

namespace {

// A storage that widens to this type: mostly the type's own.
Storage storage_for(Scalar type, trial::Random& random) {
    Storage s = storage_of(type);
    if (random.one_in(3)) do
            s = static_cast<Storage>(random.below(kStorageCount));
        while (widened(s) != type);
    return s;
}

uint64_t random_element(Storage s, trial::Random& random) {
    const Scalar wide = widened(s);
    uint64_t e = byte_size(wide) == byte_size(s) ? trial::random_value(wide, random) : random.next();
    if (s == Storage::Bool) e = random.one_in(4) ? random.next() : random.below(2);
    return e & UINT64_MAX >> (64 - 8 * byte_size(s));
}

}  // namespace

RowLayout random_layout(const Function& row, trial::Random& random) {
    RowLayout out;
    for (const Param& p : row.params) out.inputs.push_back({random.one_in(6), storage_for(p.type.scalar(), random)});
    const bool streams = random.one_in(10), reduces = random.one_in(3);
    std::vector<bool> overwritten(out.inputs.size(), false);
    bool reads_twice = false;
    for (uint32_t r = 0; r < row.results.size(); ++r) {
        const Scalar t = row.results[r].scalar();
        RowSink sink;
        sink.value = r;
        sink.kind = static_cast<ReduceKind>(random.below(kReduceKindCount));
        sink.is_reduction = reduces && (reduced_types(sink.kind) & set_of(t)) != 0;
        if (sink.is_reduction) {
            do sink.predicate = static_cast<uint32_t>(random.below(row.results.size()));
            while (row.results[sink.predicate] != kBool);
            reads_twice |= sink.kind == ReduceKind::Deviations;
        } else {
            sink.storage = storage_for(t, random);
            sink.streaming = streams;
        }
        int in_place = -1;
        for (size_t i = 0; i < out.inputs.size() && !sink.is_reduction && !sink.streaming; ++i)
            if (!out.inputs[i].uniform && !overwritten[i] && random.one_in(8) &&
                byte_size(out.inputs[i].storage) == byte_size(sink.storage)) {
                in_place = static_cast<int>(i);
                overwritten[i] = true;
                break;
            }
        out.sinks.push_back(sink);
        out.in_place.push_back(in_place);
    }
    // Their second pass over the block must find the inputs as they were; see vectorize().
    if (reads_twice) out.in_place.assign(out.sinks.size(), -1);
    return out;
}

RowColumns random_columns(const RowLayout& layout, const Function& row, int64_t rows, trial::Random& random) {
    RowColumns out;
    out.rows = rows;
    bool reduces = false;
    for (const RowSink& s : layout.sinks) {
        reduces |= s.is_reduction;
        // Streaming stores want aligned columns, which those in front of a page are.
        if (s.streaming) out.side = trial::Guarded::Side::Front;
    }
    if (random.one_in(2)) out.side = trial::Guarded::Side::Front;
    out.first_row = random.one_in(2) ? 0 : random.between(1, int64_t{1} << 40);
    if (reduces) out.first_row &= ~(kBlockRows - 1);
    for (size_t i = 0; i < layout.inputs.size(); ++i) {
        const RowInput& in = layout.inputs[i];
        const Storage s = in.uniform ? storage_of(row.params[i].type.scalar()) : in.storage;
        std::vector<uint64_t>& values = out.inputs.emplace_back();
        for (int64_t r = in.uniform ? 1 : rows; r-- > 0;) values.push_back(random_element(s, random));
        if (in.uniform && s == Storage::Bool) values[0] &= 1;
    }
    return out;
}

}  // namespace exprjit::differential
