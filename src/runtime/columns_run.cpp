// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/columns_run.h"

#include <algorithm>
#include <memory>
#include <new>

#include "opt/vectorize.h"
#include "runtime/columns_bitmap.h"
#include "runtime/columns_chunk.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace exprjit {

namespace {

// A task is at least this long, and a multiple of it: whole chunks, whole blocks, and the same alignment for all.
constexpr int64_t kTaskUnit = kDirectChunk;
constexpr int64_t kTasksPerThread = 8;  // so that a thread that is late does not keep the others waiting for long
static_assert(kTaskUnit % kBlockRows == 0 && kTaskUnit % kDirectChunk == 0);

bool is_stopped(const Evaluation& e) { return e.stop != nullptr && __atomic_load_n(e.stop, __ATOMIC_RELAXED) != 0; }

// One output's validity after the other could overwrite a bitmap that the next one reads (in place), so that all are
// computed before the first is written, piece by piece.
void write_validity(const Evaluation& e, const ChunkRunner& runner, int64_t first, int64_t count) {
    constexpr int64_t kPieceWords = 32, kPiece = 64 * kPieceWords;
    const std::vector<OutputPlan>& plans = e.code->outputs;
    const auto is_by_row = [](const OutputPlan& p) { return p.is_nullable && p.validity_in_once < 0; };
    InlineArray<uint64_t, 8 * kPieceWords> words(plans.size() * kPieceWords);
    for (int64_t done = 0; done < count; done += kPiece) {
        const int64_t piece = std::min(kPiece, count - done), row = first + done;
        for (size_t o = 0; o < plans.size(); ++o) {
            if (!is_by_row(plans[o])) continue;
            uint64_t* const to = words.data() + o * kPieceWords;
            if (plans[o].validity_param >= 0) {
                pack_bools(to, runner.bools(plans[o].validity_param) + done, piece);
                continue;
            }
            std::fill_n(to, kPieceWords, ~uint64_t{0});
            for (const uint32_t i : plans[o].all_of) {
                const Column& c = e.inputs[i];
                if (c.validity != nullptr) and_bits(to, c.validity, c.validity_offset + row, piece);
            }
        }
        for (size_t o = 0; o < plans.size(); ++o) {
            if (!is_by_row(plans[o])) continue;
            const Column& c = e.outputs[o];
            write_bits(c.validity, c.validity_offset + row, words.data() + o * kPieceWords, piece);
        }
    }
}

void run_chunks(const Evaluation& e, ChunkRunner& runner, int64_t begin, int64_t end, FirstFailure& failure) {
    Context context;
    context.stop = e.stop;
    Slot none = 0;
    const int64_t chunk = runner.chunk_rows(), lanes = runner.lanes();
    for (int64_t first = begin; first < end;) {
        if (!failure.wants(first)) return;
        if (is_stopped(e)) return failure.record(Exit::Cancelled, context, -1);
        int64_t count = std::min(chunk, end - first);
        // Only the last group needs scratch if there are no masks; the others run where they are.
        if (runner.is_direct() && !e.code->masked && count > lanes) count -= count % lanes;
        const Exit exit = runner.run(first, count, context, &none);
        if (exit != Exit::Ok) return failure.record(exit, context, first);
        if (e.code->has_bitmaps) write_validity(e, runner, first, count);
        first += count;
    }
}

// Rows until the streamed outputs are aligned.
int64_t rows_to_alignment(const Evaluation& e, const ColumnCode& streaming, int64_t begin, int64_t end) {
    for (size_t o = 0; o < e.outputs.size(); ++o) {
        if ((streaming.layout[e.inputs.size() + o] & kStreamedColumn) == 0) continue;
        const auto size = static_cast<int64_t>(byte_size(e.outputs[o].dtype));
        const auto at = reinterpret_cast<uintptr_t>(e.outputs[o].data) + static_cast<uint64_t>(begin * size);
        const int64_t bytes = static_cast<int64_t>(-at & (uint64_t{streaming.vector_bytes} - 1));
        return std::min(bytes / size, end - begin);
    }
    return 0;
}

struct RowsJob {
    const Evaluation& e;
    const ColumnCode* streaming;
    FirstFailure& failure;
    int64_t task_rows;
};

void run_range(const RowsJob& job, int64_t begin, int64_t end) {
    const Evaluation& e = job.e;
    ChunkRunner runner(e, *e.code, e.code->rows);
    if (job.streaming == nullptr) return run_chunks(e, runner, begin, end, job.failure);
    ChunkRunner streaming(e, *job.streaming, job.streaming->rows);
    const int64_t head = begin + rows_to_alignment(e, *job.streaming, begin, end);
    const int64_t tail = end - (end - head) % streaming.lanes();
    run_chunks(e, runner, begin, head, job.failure);
    run_chunks(e, streaming, head, tail, job.failure);
    run_chunks(e, runner, tail, end, job.failure);
#if defined(__x86_64__)
    _mm_sfence();  // what went around the caches is visible to whoever learns that this task is done
#endif
}

void rows_task(void* data, int64_t index) {
    const auto& job = *static_cast<const RowsJob*>(data);
    const int64_t begin = index * job.task_rows;
    try {
        run_range(job, begin, std::min(begin + job.task_rows, job.e.rows));
    } catch (const std::bad_alloc&) {
        job.failure.out_of_memory();
    }
}

// How many rows a task has; all of them if they are not shared out.
int64_t rows_per_task(const Evaluation& e) {
    if (e.executor == nullptr || e.rows < 2 * kTaskUnit) return e.rows;
    const int64_t threads = e.executor->threads();
    if (threads <= 1) return e.rows;
    const int64_t units = (e.rows + kTaskUnit - 1) / kTaskUnit;
    const int64_t tasks = std::min(units, threads * kTasksPerThread);
    return (units + tasks - 1) / tasks * kTaskUnit;
}

struct ReducingJob {
    const Evaluation& e;
    const StageCode& stage;
    FirstFailure& failure;
    int64_t task_rows;
    Slot* partials;  // of all blocks
};

// Calls done(block, its partials) for each block that begins in the range.
template <class F>
void run_blocks(const Evaluation& e, const StageCode& stage, FirstFailure& failure, int64_t begin, int64_t end,
                F&& done) {
    ChunkRunner runner(e, *e.code, stage);
    InlineArray<Slot, 16> slots(stage.partial_slots + 1);
    Context context;
    context.stop = e.stop;
    for (int64_t first = begin; first < end; first += kBlockRows) {
        if (!failure.wants(first)) return;
        if (is_stopped(e)) return failure.record(Exit::Cancelled, context, -1);
        const Exit exit = runner.run(first, std::min(kBlockRows, end - first), context, slots.data());
        if (exit != Exit::Ok) return failure.record(exit, context, first);
        done(first / kBlockRows, slots.data());
    }
}

void reducing_task(void* data, int64_t index) {
    const auto& job = *static_cast<const ReducingJob*>(data);
    const int64_t begin = index * job.task_rows, end = std::min(begin + job.task_rows, job.e.rows);
    const size_t width = job.stage.partial_slots;
    try {
        run_blocks(job.e, job.stage, job.failure, begin, end, [&](int64_t block, const Slot* slots) {
            std::copy_n(slots, width, job.partials + static_cast<size_t>(block) * width);
        });
    } catch (const std::bad_alloc&) {
        job.failure.out_of_memory();
    }
}

void push_block(std::span<BlockTree> trees, const Slot* slots) {
    for (BlockTree& tree : trees) {
        BlockPartial p;
        const int n = tree.slots_per_block();
        std::copy_n(slots, n, p.slots);
        slots += n;
        tree.push(p);
    }
}

}  // namespace

void FirstFailure::record(Exit exit_of_chunk, const Context& context_of_chunk, int64_t first) {
    const std::lock_guard lock(mutex_);
    if (first >= lowest_.load(std::memory_order_relaxed)) return;
    lowest_.store(first, std::memory_order_relaxed);
    exit = exit_of_chunk;
    context = context_of_chunk;
}

void FirstFailure::throw_if_out_of_memory() const {
    if (out_of_memory_.load(std::memory_order_relaxed)) throw std::bad_alloc();
}

void run_rows(const Evaluation& e, const ColumnCode* streaming, FirstFailure& failure) {
    RowsJob job{e, streaming, failure, rows_per_task(e)};
    if (job.task_rows >= e.rows) return run_range(job, 0, e.rows);
    e.executor->run((e.rows + job.task_rows - 1) / job.task_rows, rows_task, &job);
}

void run_reducing(const Evaluation& e, const StageCode& stage, std::span<BlockTree> trees, FirstFailure& failure) {
    const int64_t task_rows = rows_per_task(e);
    if (task_rows >= e.rows) {
        run_blocks(e, stage, failure, 0, e.rows, [&](int64_t, const Slot* slots) { push_block(trees, slots); });
        return;
    }
    const int64_t blocks = (e.rows + kBlockRows - 1) / kBlockRows;
    const std::unique_ptr<Slot[]> partials(new Slot[static_cast<size_t>(blocks) * stage.partial_slots + 1]);
    ReducingJob job{e, stage, failure, task_rows, partials.get()};
    e.executor->run((e.rows + task_rows - 1) / task_rows, reducing_task, &job);
    if (failure.any()) return;
    for (int64_t b = 0; b < blocks; ++b)
        push_block(trees, partials.get() + static_cast<size_t>(b) * stage.partial_slots);
}

}  // namespace exprjit
