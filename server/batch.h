// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Batches of columns between gRPC's buffers and kernels. Messages with columns are read by hand, so that a payload is copied once:
// from gRPC's slices, which are neither aligned nor contiguous, into an arena.
#pragma once

#include <exprjit/exprjit.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernel_store.h"
#include "memory.h"
#include "problem.h"

namespace google::protobuf::io {
class CodedInputStream;
class ZeroCopyInputStream;
}  // namespace google::protobuf::io

namespace exprjit::server {

struct Limits;

struct InColumn {
    std::string name;
    int64_t dtype = 0;
    int64_t length = 0;
    uint8_t* data = nullptr;  // in the arena
    size_t data_bytes = 0;
    uint8_t* validity = nullptr;
    size_t validity_bytes = 0;
};

struct InBatch {
    int64_t rows = 0;
    std::vector<InColumn> columns;
};

struct EvaluateMessage {
    std::string program_ref;  // bytes of the ProgramRef
    InBatch batch;
};

// A message of EvaluateStream is either of the two.
struct StreamMessage {
    bool is_start = false;
    std::string program_ref;
    InBatch batch;
};

// `size`: bytes of the message. Problems are about what was sent, or limits.
Outcome read_evaluate(google::protobuf::io::ZeroCopyInputStream& source, size_t size, const Limits& limits,
                      Arena& arena, EvaluateMessage& out);
Outcome read_stream_message(google::protobuf::io::ZeroCopyInputStream& source, size_t size, const Limits& limits,
                            Arena& arena, StreamMessage& out);

// One input per parameter of the program, in its order. `batch` must live as long as they do.
Outcome bind_inputs(const Held& held, const InBatch& batch, const Limits& limits, Arena& arena,
                    std::vector<ej_column>& inputs);

struct OutColumn {
    std::string_view name;
    ej_dtype dtype = 0;
    int64_t length = 0;
    uint8_t* data = nullptr;
    size_t data_bytes = 0;
    uint8_t* validity = nullptr;
    size_t validity_bytes = 0;
};

struct OutBatch {
    int64_t rows = 0;
    std::vector<OutColumn> columns;
    HeldRef held;                  // its names
    std::shared_ptr<Arena> arena;  // its data
};

// Runs the kernel over the batch. `besides`: bytes the call holds already.
Outcome evaluate(const HeldRef& held, const ej_run_options& run, const std::vector<ej_column>& inputs, int64_t rows,
                 const Limits& limits, MemoryQuota& quota, size_t besides, OutBatch& out);

}  // namespace exprjit::server
