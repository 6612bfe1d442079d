// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The machine's own limits, measured in this process.
#include "buffers.h"
#include "contestants.h"
#include "limits.h"
#include "sections.h"
#include "stopwatch.h"

namespace exprjit::bench {

namespace {

struct StreamingHalves {
    double* out;
    const double *a, *b;
    int64_t rows;
};

void streaming_half(void* data, int part) {
    const StreamingHalves& h = *static_cast<StreamingHalves*>(data);
    const int64_t half = h.rows / 2 / 8 * 8, begin = part == 0 ? 0 : half;
    limit_triad_streaming(h.out + begin, h.a + begin, h.b + begin, half, 1);
}

}  // namespace

Limits measure_limits(Report& report, const Settings& settings) {
    constexpr int64_t kL1 = 16 << 10, kL2 = 512 << 10, kSteps = 1000, kTriadL1 = 1024;
    const int64_t dram = 10'000'000;  // doubles, as the largest size of the formulas
    const Buffer a(static_cast<size_t>(dram) * 8), b(static_cast<size_t>(dram) * 8), c(static_cast<size_t>(dram) * 8);
    auto* out = static_cast<double*>(c.data());
    const auto *x = static_cast<const double*>(a.data()), *y = static_cast<const double*>(b.data());
    StreamingHalves halves{out, x, y, dram};
    Limits l;
    struct Limit {
        const char* name;
        double amount;  // bytes, or operations, of one run
        const char* unit;
        double* result;
        std::function<void()> run;
    };
    const int64_t flops64 = limit_multiply_add_f64(1), flops32 = limit_multiply_add_f32(1);
    // The three columns of the small triad begin 64-byte aligned, but at different places of a page.
    const Limit all[] = {
        {"read, L1", kL1 * 8.0, "GB/s", &l.read_l1, [&] { limit_read(x, kL1, 8); }},
        {"read, L2", kL2 * 1.0, "GB/s", &l.read_l2, [&] { limit_read(x, kL2, 1); }},
        {"read, memory", static_cast<double>(dram / 64 * 64) * 8, "GB/s", &l.read_dram,
         [&] { limit_read(x, dram / 64 * 64 * 8, 1); }},
        {"triad, L1", kTriadL1 * 24.0 * 8, "GB/s", &l.triad_l1, [&] { limit_triad(out + 80, x + 40, y, kTriadL1, 8); }},
        {"triad, memory", static_cast<double>(dram) * 24, "GB/s", &l.triad_dram,
         [&] { limit_triad(out, x, y, dram, 1); }},
        {"triad, memory, streaming stores", static_cast<double>(dram) * 24, "GB/s", &l.triad_streaming,
         [&] { limit_triad_streaming(out, x, y, dram, 1); }},
        {"triad, memory, streaming stores, 2 threads", static_cast<double>(dram) * 24, "GB/s", &l.triad_streaming_two,
         [&] { on_two_threads(streaming_half, &halves); }},
        {"multiply-add, f64", static_cast<double>(kSteps * flops64), "GFLOP/s", &l.multiply_add_f64,
         [&] { limit_multiply_add_f64(kSteps); }},
        {"multiply-add, f32", static_cast<double>(kSteps * flops32), "GFLOP/s", &l.multiply_add_f32,
         [&] { limit_multiply_add_f32(kSteps); }},
    };
    std::vector<Entrant> small, large;
    for (const Limit& limit : all) (limit.amount > 1e7 ? large : small).push_back({limit.name, limit.run});
    const std::vector<Samples> times[] = {time_entrants(small, settings.seconds * 2),
                                          time_entrants(large, settings.seconds * 4)};
    size_t next[2] = {0, 0};
    for (const Limit& limit : all) {
        const size_t which = limit.amount > 1e7 ? 1 : 0;
        const Samples& s = times[which][next[which]++];
        *limit.result = limit.amount / s.median();
        Row row;
        row.group = "the machine's limits";
        row.name = limit.name;
        row.unit = limit.unit;
        row.value = *limit.result;
        row.low = limit.amount / s.quantile(0.9);
        row.high = limit.amount / s.quantile(0.1);
        row.tags = {{"limit", limit.name}};
        report.add(std::move(row));
    }
    return l;
}

}  // namespace exprjit::bench
