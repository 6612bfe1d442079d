// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Every limit of the server: one row each in server_limits.cpp, from which the flags, the environment, --print-config, the start-up
// line, GetServerInfo and the documentation take name, default and unit.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace exprjit::server {

struct Limits {
    // What a program may be.
    int64_t max_text_bytes = 64 << 10;
    int64_t max_ir_bytes = 1 << 20;
    int64_t max_nodes = 8192;
    int64_t max_nesting = 64;
    int64_t max_columns = 256;
    int64_t max_code_bytes = 1 << 20;
    int64_t max_compile_ms = 2000;
    // What a call may be.
    int64_t max_message_bytes = 8 << 20;
    int64_t max_rows = 16 << 20;
    int64_t max_call_ms = 30'000;
    int64_t max_stream_ms = 600'000;
    int64_t stream_idle_ms = 60'000;
    int64_t max_batches_in_flight = 4;
    // What all calls together may be.
    int64_t queue = 256;
    int64_t max_streams = 256;
    int64_t max_memory_bytes = 512LL << 20;
    int64_t max_grpc_memory_bytes = 256LL << 20;
    int64_t max_grpc_threads = 64;
    int64_t max_kernels = 4096;
    int64_t max_kernel_bytes = 64LL << 20;
    int64_t cache_bytes = 64LL << 20;
    // What connections may be.
    int64_t max_connections = 512;
    int64_t max_connections_per_peer = 32;
    int64_t max_calls_per_connection = 64;
    int64_t max_metadata_bytes = 8 << 10;
    int64_t handshake_ms = 3000;
    int64_t connection_idle_ms = 600'000;
    int64_t connection_age_ms = 1'800'000;
    int64_t connection_age_grace_ms = 30'000;
    int64_t keepalive_ms = 60'000;
    int64_t keepalive_timeout_ms = 10'000;
    int64_t min_ping_interval_ms = 30'000;
    int64_t grace_ms = 30'000;
};

struct LimitRow {
    const char* name;  // as the flag is spelled, without the dashes
    int64_t Limits::*value;
    const char* unit;
    int64_t smallest, largest;
    const char* meaning;
};
std::span<const LimitRow> limit_rows();

// "64 KiB", "30 s", "8192 nodes": for people.
std::string limit_text(int64_t value, const char* unit);

}  // namespace exprjit::server
