// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/columns_run.h"
#include "runtime/staging.h"

namespace exprjit {

// Rows that a loop is given at once: the stop word is looked at in between.
inline constexpr int64_t kDirectChunk = 16 * 1024;
inline constexpr int64_t kStagedChunk = 2048;  // through scratch that stays in the cache

// Feeds one loop, chunk by chunk, on one thread. Lives on the stack of a call; allocates nothing for a few contiguous
// columns.
class ChunkRunner {
  public:
    // Throws std::bad_alloc.
    ChunkRunner(const Evaluation& e, const ColumnCode& code, const StageCode& stage);

    // Whether all columns are read and written where they are.
    bool is_direct() const { return is_direct_; }
    int64_t lanes() const { return lanes_; }
    int64_t chunk_rows() const { return is_direct_ ? kDirectChunk : kStagedChunk; }

    // Runs `count` rows from `first` (counted from 0) in one call. `results` receives what the loop gives. The
    // outputs of a chunk that failed are not written where they are staged. Throws std::bad_alloc.
    Exit run(int64_t first, int64_t count, Context& context, Slot* results);

    // Scratch of a loop parameter, for the chunk that ran last.
    const uint8_t* bools(int32_t param) const;

  private:
    enum class Kind : uint8_t { Input, Output, Unpack, Pack, Single };
    // A parameter that moves with the rows.
    struct Feed {
        Kind kind;
        bool is_direct;
        uint8_t size;
        uint32_t param;
        char* data;      // element 0, or the bitmap
        int64_t stride;  // or the bitmap's offset
        char* scratch;
    };
    void add_feed(const Evaluation& e, const LoopParam& p, uint32_t index);
    void need_scratch(int64_t rows);
    void stage_in(Feed& f, int64_t first, int64_t count, int64_t padded);

    static constexpr size_t kFew = 16;
    static constexpr size_t kSmallScratch = 4096;

    const StageCode& stage_;
    int64_t lanes_;
    bool masked_;
    bool is_direct_ = true;
    int64_t rows_;
    int64_t first_row_;
    InlineArray<Slot, kFew + 4> args_;
    InlineArray<Feed, kFew> feeds_;
    size_t feed_count_ = 0;
    int64_t scratch_rows_ = 0;
    std::unique_ptr<char[]> large_;
    alignas(64) char small_[kSmallScratch];
};

}  // namespace exprjit
