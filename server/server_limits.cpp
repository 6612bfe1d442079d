// SPDX-License-Identifier: MIT OR Apache-2.0
#include "server_limits.h"

#include <cstring>

namespace exprjit::server {
namespace {

constexpr int64_t kMessageMost = 256LL << 20;
constexpr int64_t kMemoryMost = 1LL << 44;
constexpr int64_t kCountMost = 1'000'000;
constexpr int64_t kTimeMost = 7LL * 24 * 3'600'000;

// clang-format off
constexpr LimitRow kRows[] = {
    {"max-text-bytes", &Limits::max_text_bytes, "bytes", 16, 16 << 20, "text of one program"},
    {"max-ir-bytes", &Limits::max_ir_bytes, "bytes", 16, 64 << 20, "IR bytes of one program"},
    {"max-nodes", &Limits::max_nodes, "nodes", 16, 4'000'000, "IR nodes of one program"},
    {"max-nesting", &Limits::max_nesting, "levels", 2, 1000, "nested IR regions of one program"},
    {"max-columns", &Limits::max_columns, "columns", 1, 65'536, "parameters, and outputs, of one program"},
    {"max-code-bytes", &Limits::max_code_bytes, "bytes", 4096, 64 << 20, "machine code of one program"},
    {"max-compile-ms", &Limits::max_compile_ms, "ms", 1, kTimeMost, "time to compile one program"},
    {"max-message-bytes", &Limits::max_message_bytes, "bytes", 4096, kMessageMost, "one request or reply, one batch of a stream"},
    {"max-rows", &Limits::max_rows, "rows", 1, 1LL << 40, "rows of one batch"},
    {"max-call-ms", &Limits::max_call_ms, "ms", 1, kTimeMost, "one call, waiting and sending the answer included; the work for one batch of a stream"},
    {"max-stream-ms", &Limits::max_stream_ms, "ms", 1, kTimeMost, "one EvaluateStream from start to end"},
    {"stream-idle-ms", &Limits::stream_idle_ms, "ms", 1, kTimeMost, "a stream that sends nothing and reads nothing ends"},
    {"max-batches-in-flight", &Limits::max_batches_in_flight, "batches", 1, 64, "batches of one stream that wait for their answer"},
    {"queue", &Limits::queue, "calls", 1, kCountMost, "calls that wait for a worker; one more is refused at once"},
    {"max-streams", &Limits::max_streams, "streams", 1, kCountMost, "EvaluateStream calls open at once"},
    {"max-memory-bytes", &Limits::max_memory_bytes, "bytes", 1 << 20, kMemoryMost, "columns held by all calls together"},
    {"max-grpc-memory-bytes", &Limits::max_grpc_memory_bytes, "bytes", 1 << 20, kMemoryMost, "gRPC's own buffers"},
    {"max-grpc-threads", &Limits::max_grpc_threads, "threads", 4, 4096, "gRPC's own threads"},
    {"max-kernels", &Limits::max_kernels, "kernels", 1, kCountMost, "handles kept; the least recently used goes first"},
    {"max-kernel-bytes", &Limits::max_kernel_bytes, "bytes", 1 << 16, kMemoryMost, "memory of the kernels kept"},
    {"cache-bytes", &Limits::cache_bytes, "bytes", 1, kMemoryMost, "the engine's cache of compiled code"},
    {"max-connections", &Limits::max_connections, "connections", 1, kCountMost, "open connections"},
    {"max-connections-per-peer", &Limits::max_connections_per_peer, "connections", 1, kCountMost,
        "open connections of one IP address, or of one process over a unix socket"},
    {"max-calls-per-connection", &Limits::max_calls_per_connection, "calls", 1, 10'000, "calls open at once on one connection"},
    {"max-metadata-bytes", &Limits::max_metadata_bytes, "bytes", 1024, 1 << 20, "headers of one call"},
    {"handshake-ms", &Limits::handshake_ms, "ms", 1, kTimeMost, "until a new connection has said hello"},
    {"connection-idle-ms", &Limits::connection_idle_ms, "ms", 1, kTimeMost, "a connection without calls is closed"},
    {"connection-age-ms", &Limits::connection_age_ms, "ms", 1, kTimeMost, "a connection is renewed, which spreads clients over replicas"},
    {"connection-age-grace-ms", &Limits::connection_age_grace_ms, "ms", 1, kTimeMost, "its calls may still end"},
    {"keepalive-ms", &Limits::keepalive_ms, "ms", 1, kTimeMost, "a silent connection is pinged"},
    {"keepalive-timeout-ms", &Limits::keepalive_timeout_ms, "ms", 1, kTimeMost, "and closed if it does not answer"},
    {"min-ping-interval-ms", &Limits::min_ping_interval_ms, "ms", 1, kTimeMost, "clients that ping more often are disconnected"},
    {"grace-ms", &Limits::grace_ms, "ms", 0, kTimeMost, "after SIGTERM, for calls in flight"},
};
// clang-format on

}  // namespace

std::span<const LimitRow> limit_rows() { return kRows; }

std::string limit_text(int64_t value, const char* unit) {
    if (std::strcmp(unit, "bytes") == 0) {
        if (value >= 1 << 20 && value % (1 << 20) == 0) {
            return std::to_string(value >> 20) + " MiB";
        }
        return value >= 1024 && value % 1024 == 0 ? std::to_string(value >> 10) + " KiB"
                                                  : std::to_string(value) + " bytes";
    }
    if (std::strcmp(unit, "ms") == 0 && value >= 1000 && value % 1000 == 0) {
        return std::to_string(value / 1000) + " s";
    }
    return std::to_string(value) + " " + unit;
}

}  // namespace exprjit::server
