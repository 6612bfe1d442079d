// SPDX-License-Identifier: MIT OR Apache-2.0
#include "metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

namespace exprjit::server {
namespace {

constexpr int kCodes = 17;
constexpr const char* kCodeNames[kCodes] = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

const prometheus::Histogram::BucketBoundaries kSeconds = {
    1e-6, 1e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

}  // namespace

const char* method_name(Method method) {
    constexpr const char* kNames[kMethodCount] = {"Compile", "Evaluate",      "EvaluateStream",
                                                  "Explain", "ListFunctions", "GetServerInfo"};
    return kNames[static_cast<size_t>(method)];
}

struct Metrics::Parts {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& calls = prometheus::BuildCounter()
                                                         .Name("exprjit_calls_total")
                                                         .Help("Calls that ended, by method and gRPC status.")
                                                         .Register(registry);
    // Made when first counted, so that the text stays short; found without a lock from then on.
    std::array<std::array<std::atomic<prometheus::Counter*>, kCodes>, kMethodCount> call_counters{};
    prometheus::Counter& batches = counter("exprjit_batches_total", "Batches evaluated.");
    prometheus::Counter& rows = counter("exprjit_rows_total", "Rows evaluated.");
    prometheus::Counter& bytes_in = counter("exprjit_received_bytes_total", "Bytes of the batches received.");
    prometheus::Counter& bytes_out = counter("exprjit_sent_bytes_total", "Bytes of the batches answered.");
    prometheus::Histogram& queue = histogram("exprjit_queue_seconds", "Time a call waited for a worker.");
    prometheus::Histogram& run = histogram("exprjit_run_seconds", "Time a kernel ran over one batch.");
    prometheus::Histogram& compile =
        histogram("exprjit_compile_seconds", "Time to compile a program that was not there yet.");
    prometheus::Counter& accepted = counter("exprjit_connections_accepted_total", "Connections accepted.");
    prometheus::Counter& refused =
        counter("exprjit_connections_refused_total", "Connections closed at once: a limit was reached.");
    std::vector<std::pair<prometheus::Gauge*, std::function<double()>>> gauges;
    std::mutex text_mutex;

    prometheus::Counter& counter(const char* name, const char* help) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
    }
    prometheus::Histogram& histogram(const char* name, const char* help) {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, kSeconds);
    }
};

Metrics::Metrics() : parts_(std::make_unique<Parts>()) {}
Metrics::~Metrics() = default;

void Metrics::count_call(Method method, int code) {
    code = code < 0 || code >= kCodes ? 2 : code;
    auto& slot = parts_->call_counters[static_cast<size_t>(method)][static_cast<size_t>(code)];
    prometheus::Counter* counter = slot.load(std::memory_order_acquire);
    if (counter == nullptr) {  // two threads get the same counter: the family finds it by its labels
        counter = &parts_->calls.Add({{"method", method_name(method)}, {"code", kCodeNames[code]}});
        slot.store(counter, std::memory_order_release);
    }
    counter->Increment();
}

void Metrics::count_batch(int64_t rows, size_t bytes_in, size_t bytes_out) {
    parts_->batches.Increment();
    parts_->rows.Increment(static_cast<double>(rows));
    parts_->bytes_in.Increment(static_cast<double>(bytes_in));
    parts_->bytes_out.Increment(static_cast<double>(bytes_out));
}

void Metrics::observe_queue(int64_t ns) { parts_->queue.Observe(static_cast<double>(ns) * 1e-9); }
void Metrics::observe_run(int64_t ns) { parts_->run.Observe(static_cast<double>(ns) * 1e-9); }
void Metrics::observe_compile(int64_t ns) { parts_->compile.Observe(static_cast<double>(ns) * 1e-9); }
void Metrics::count_connection(bool accepted) { (accepted ? parts_->accepted : parts_->refused).Increment(); }

void Metrics::add_gauge(const std::string& name, const std::string& help, std::function<double()> read) {
    auto& gauge = prometheus::BuildGauge().Name(name).Help(help).Register(parts_->registry).Add({});
    parts_->gauges.emplace_back(&gauge, std::move(read));
}

std::string Metrics::text() {
    const std::lock_guard lock(parts_->text_mutex);
    for (auto& [gauge, read] : parts_->gauges) {
        gauge->Set(read());
    }
    return prometheus::TextSerializer().Serialize(parts_->registry.Collect());
}

}  // namespace exprjit::server
