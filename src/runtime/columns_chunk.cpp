// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/columns_chunk.h"

#include <algorithm>
#include <cstring>

#include "runtime/columns_bitmap.h"

namespace exprjit {

namespace {

constexpr size_t kLine = 64;

char* aligned(char* p) {
    return reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(p) + kLine - 1) & ~uintptr_t{kLine - 1});
}

int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

}  // namespace

ChunkRunner::ChunkRunner(const Evaluation& e, const ColumnCode& code, const StageCode& stage)
    : stage_(stage), lanes_(int64_t{1} << stage.lane_log2), masked_(code.masked), rows_(e.rows),
      first_row_(e.first_row) {
    const size_t params = stage.params.size();
    args_.resize(params + 2);
    feeds_.resize(params);
    for (uint32_t i = 0; i < params; ++i) {
        const LoopParam& p = stage.params[i];
        switch (p.from) {
        case LoopParam::From::Unused: args_[i] = 0; break;
        case LoopParam::From::Uniform: args_[i] = e.uniforms[p.index]; break;
        case LoopParam::From::Reduction: args_[i] = e.reductions[p.index]; break;
        default: add_feed(e, p, i); break;
        }
    }
}

void ChunkRunner::add_feed(const Evaluation& e, const LoopParam& p, uint32_t index) {
    Feed& f = feeds_[feed_count_++];
    f.param = index;
    f.size = p.size;
    f.scratch = nullptr;
    f.is_direct = false;
    switch (p.from) {
    case LoopParam::From::Validity:
        f.kind = Kind::Unpack;
        f.data = reinterpret_cast<char*>(e.inputs[p.index].validity);
        f.stride = e.inputs[p.index].validity_offset;
        break;
    case LoopParam::From::ValidityOf:
        f.kind = Kind::Pack;
        f.data = nullptr;
        f.stride = 0;
        break;
    default: {
        const bool is_input = p.from == LoopParam::From::Column;
        const Column& c = is_input ? e.inputs[p.index] : e.outputs[p.index];
        f.data = static_cast<char*>(c.data);
        f.stride = c.stride;
        f.kind = is_input ? Kind::Input : c.stride == 0 && e.rows > 1 ? Kind::Single : Kind::Output;
        f.is_direct = f.kind != Kind::Single && (c.stride == p.size || e.rows == 1);
        break;
    }
    }
    is_direct_ = is_direct_ && f.is_direct;
}

// Gives every feed room for `rows` elements.
void ChunkRunner::need_scratch(int64_t rows) {
    if (rows <= scratch_rows_) return;
    // A line more for each keeps columns of a power of two apart in the cache's sets.
    const auto bytes = [rows](const Feed& f) {
        return (static_cast<size_t>(rows) * f.size + 2 * kLine - 1) & ~(kLine - 1);
    };
    size_t total = 0;
    for (size_t i = 0; i < feed_count_; ++i) total += bytes(feeds_[i]);
    char* at = small_;
    if (total > kSmallScratch) {
        large_.reset(new char[total + kLine]);
        at = aligned(large_.get());
    }
    for (size_t i = 0; i < feed_count_; ++i) {
        feeds_[i].scratch = at;
        at += bytes(feeds_[i]);
    }
    scratch_rows_ = rows;
}

void ChunkRunner::stage_in(Feed& f, int64_t first, int64_t count, int64_t padded) {
    if (f.kind == Kind::Input) {
        gather_elements(f.scratch, f.data + first * f.stride, f.stride, f.size, count);
    } else if (f.kind == Kind::Unpack) {
        auto* const bools = reinterpret_cast<uint8_t*>(f.scratch);
        if (f.data != nullptr)
            unpack_bits(bools, reinterpret_cast<const uint8_t*>(f.data), f.stride + first, count);
        else
            std::memset(bools, 1, static_cast<size_t>(count));
    } else {
        return;
    }
    // Lanes past the end compute with zeros, whatever was there.
    if (padded > count) {
        const auto used = static_cast<size_t>(count) * f.size;
        std::memset(f.scratch + used, 0, static_cast<size_t>(padded) * f.size - used);
    }
}

Exit ChunkRunner::run(int64_t first, int64_t count, Context& context, Slot* results) {
    const int64_t padded = masked_ ? count : round_up(count, lanes_);
    // Without masks the loop touches whole groups, so no column can be used where it is if the last group is not full.
    const bool all_staged = padded != count;
    if (!is_direct_ || all_staged) {
        need_scratch(std::max(padded, std::min(is_direct_ ? lanes_ : kStagedChunk, round_up(rows_, lanes_))));
    }
    for (size_t i = 0; i < feed_count_; ++i) {
        Feed& f = feeds_[i];
        if (f.is_direct && !all_staged) {
            args_[f.param] = reinterpret_cast<uintptr_t>(f.data) + static_cast<uint64_t>(first) * f.size;
            continue;
        }
        stage_in(f, first, count, padded);
        args_[f.param] = reinterpret_cast<uintptr_t>(f.scratch);
    }
    const size_t params = stage_.params.size();
    args_[params] = static_cast<Slot>(first_row_ + first);
    args_[params + 1] = static_cast<Slot>(count);
    const Exit exit = stage_.executable.call(context, args_.data(), results);
    if (exit != Exit::Ok || (is_direct_ && !all_staged)) return exit;
    for (size_t i = 0; i < feed_count_; ++i) {
        const Feed& f = feeds_[i];
        if (f.kind == Kind::Output && !(f.is_direct && !all_staged))
            scatter_elements(f.data + first * f.stride, f.stride, f.scratch, f.size, count);
        else if (f.kind == Kind::Single && first == 0)
            std::memcpy(f.data, f.scratch, f.size);
    }
    return exit;
}

const uint8_t* ChunkRunner::bools(int32_t param) const {
    for (size_t i = 0; i < feed_count_; ++i) {
        if (feeds_[i].param == static_cast<uint32_t>(param)) return reinterpret_cast<const uint8_t*>(feeds_[i].scratch);
    }
    return nullptr;
}

}  // namespace exprjit
