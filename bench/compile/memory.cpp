// SPDX-License-Identifier: MIT OR Apache-2.0
#include <malloc.h>
#include <unistd.h>

#include <cstdio>

#include "exprjit/exprjit.h"
#include "sections.h"

namespace exprjit::bench {

namespace {

// Resident bytes of this process.
double resident() {
    long total = 0, pages = 0;
    std::FILE* f = std::fopen("/proc/self/statm", "r");
    if (f == nullptr) return 0;
    if (std::fscanf(f, "%ld %ld", &total, &pages) != 2) pages = 0;
    std::fclose(f);
    return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

void measure_memory(Report& report) {
    const std::string group = "memory";
    // Kernels of the default engine first: what is set up once per process is not the second engine's weight.
    ej_kernel* warm = nullptr;
    ej_engine_compile(nullptr, "a*b+c", nullptr, &warm, nullptr);
    constexpr int kEngines = 64;
    ej_engine* engines[kEngines] = {};
    const double resident_before = resident();
    const double heap_before = static_cast<double>(mallinfo2().uordblks);
    for (ej_engine*& e : engines) ej_engine_create(nullptr, &e, nullptr);
    const double heap = (static_cast<double>(mallinfo2().uordblks) - heap_before) / kEngines;
    const double pages = (resident() - resident_before) / kEngines;
    report.add(
        {group, "engine with an empty cache, resident", "bytes", pages, 0, 0, 1048576.0, false, "mean of 64 engines"});
    report.add(
        {group, "engine with an empty cache, heap", "bytes", heap, 0, 0, 1048576.0, false, "mean of 64 engines"});
    ej_kernel* k = nullptr;
    ej_kernel_info info{};
    info.struct_size = sizeof info;
    if (ej_engine_compile(engines[0], "a*b+c", nullptr, &k, nullptr) == EJ_OK &&
        ej_kernel_get_info(k, &info) == EJ_OK) {
        report.add({group, "a*b+c: machine code and constants", "bytes", static_cast<double>(info.code_bytes), 0, 0,
                    1024.0, false, ""});
        report.add({group, "a*b+c: everything the kernel keeps alive", "bytes", static_cast<double>(info.memory_bytes),
                    0, 0, 4096.0, false, "as the library counts"});
    }
    ej_kernel_release(k);
    // The same from outside: a thousand different kernels, heap and pages.
    constexpr int kKernels = 1000;
    ej_kernel* kernels[kKernels] = {};
    const double before = resident();
    for (int i = 0; i < kKernels; ++i) {
        char text[64];
        std::snprintf(text, sizeof text, "a * b + c * %d.5", i);
        ej_engine_compile(engines[1], text, nullptr, &kernels[i], nullptr);
    }
    report.add({group, "a small kernel, resident", "bytes", (resident() - before) / kKernels, 0, 0, 4096.0, false,
                "mean of 1,000 kernels, cache records included"});
    for (ej_kernel* x : kernels) ej_kernel_release(x);
    for (ej_engine* e : engines) ej_engine_destroy(e);
    ej_kernel_release(warm);
}

}  // namespace exprjit::bench
