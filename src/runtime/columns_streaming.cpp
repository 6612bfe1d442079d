// SPDX-License-Identifier: MIT OR Apache-2.0
//
// When outputs are larger than the cache can hold, storing them around it saves reading each line before it is
// overwritten.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstring>

#include "runtime/columns_evaluate.h"
#include "runtime/kernel.h"

namespace exprjit {

namespace {

constexpr int64_t kLeastThreshold = int64_t{8} << 20;

// A short file of the system, as text; "" if it cannot be read.
std::string_view read_short_file(const char* path, char (&buffer)[256]) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return {};
    const ssize_t n = read(fd, buffer, sizeof buffer);
    close(fd);
    return n > 0 ? std::string_view(buffer, static_cast<size_t>(n)) : std::string_view();
}

// "32768K"
int64_t parse_cache_size(std::string_view text) {
    int64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc()) return 0;
    const char unit = end < text.data() + text.size() ? *end : '\0';
    return unit == 'K' ? n << 10 : unit == 'M' ? n << 20 : n;
}

// "0-3,8-11"
int64_t count_cpus(std::string_view list) {
    int64_t count = 0;
    const char* p = list.data();
    const char* const end = p + list.size();
    while (p < end) {
        int64_t low = 0;
        auto parsed = std::from_chars(p, end, low);
        if (parsed.ec != std::errc()) break;
        int64_t high = low;
        p = parsed.ptr;
        if (p < end && *p == '-') {
            parsed = std::from_chars(p + 1, end, high);
            if (parsed.ec != std::errc()) break;
            p = parsed.ptr;
        }
        count += std::max<int64_t>(high - low + 1, 1);
        if (p >= end || *p != ',') break;
        ++p;
    }
    return std::max<int64_t>(count, 1);
}

int64_t find_threshold() {
    char buffer[256];
    // The system's files tell the truth where the C library multiplies or guesses, under hypervisors above all.
    int64_t size = parse_cache_size(read_short_file("/sys/devices/system/cpu/cpu0/cache/index3/size", buffer));
    int64_t cpus = count_cpus(read_short_file("/sys/devices/system/cpu/cpu0/cache/index3/shared_cpu_list", buffer));
#if defined(_SC_LEVEL3_CACHE_SIZE)
    if (size <= 0) size = sysconf(_SC_LEVEL3_CACHE_SIZE);
#endif
    if (cpus < 1) cpus = 1;
    return std::max(size / cpus / 2, kLeastThreshold);
}

// Output bytes from which on streaming pays: half of one processor's share of the last cache.
int64_t default_threshold() {
    static std::atomic<int64_t> known{0};
    int64_t t = known.load(std::memory_order_relaxed);
    if (t == 0) known.store(t = find_threshold(), std::memory_order_relaxed);
    return t;
}

bool is_in_place(const Evaluation& e) {
    for (const Column& out : e.outputs) {
        for (const Column& in : e.inputs) {
            if (in.data == out.data) return true;
        }
    }
    return false;
}

}  // namespace

Result<const ColumnCode*> streaming_code(const Kernel& kernel, const ColumnRun& run, const Evaluation& e,
                                         std::unique_ptr<ColumnCode>& single) {
    const ColumnCode& code = *e.code;
    if (code.vector_bytes == 0 || code.rows.lane_log2 == 0 || e.rows < 1024) return nullptr;
    int64_t bytes = 0;
    for (size_t o = 0; o < e.outputs.size(); ++o) {
        if (!code.outputs[o].is_reduced) bytes += static_cast<int64_t>(byte_size(e.outputs[o].dtype)) * e.rows;
    }
    if (bytes <= (run.streaming_bytes >= 0 ? run.streaming_bytes : default_threshold())) return nullptr;
    if (is_in_place(e)) return nullptr;

    std::vector<uint8_t> layout(code.layout.get(), code.layout.get() + code.layout_bytes);
    int64_t head = -1;  // rows until the first streamed output is aligned; the others must be aligned there too
    for (size_t o = 0; o < e.outputs.size(); ++o) {
        const Column& c = e.outputs[o];
        const size_t size = byte_size(c.dtype);
        const auto at = reinterpret_cast<uintptr_t>(c.data);
        if (code.outputs[o].is_reduced || c.stride != static_cast<int64_t>(size) || at % size != 0) continue;
        if (size << code.rows.lane_log2 != code.vector_bytes) continue;
        const auto rows = static_cast<int64_t>((-at & (uintptr_t{code.vector_bytes} - 1)) / size);
        if (head >= 0 && rows != head) continue;
        head = rows;
        layout[e.inputs.size() + o] |= kStreamedColumn;
    }
    if (head < 0) return nullptr;
    return column_code(kernel, layout, run.stop, single);
}

}  // namespace exprjit
