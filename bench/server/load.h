// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a client asks of a server, as bytes, and how fast the answers come. The same client for every server.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace exprjit::bench {

struct Load {
    uint64_t answers = 0, failures = 0;
    uint64_t answer_bytes = 0;
    double seconds = 0;
    std::vector<double> milliseconds;  // of each call
    std::string first_failure;

    double rate() const { return static_cast<double>(answers) / seconds; }
    double quantile(double q) const;
};

grpc::ByteBuffer buffer_of(const std::string& bytes);
std::string bytes_of(const grpc::ByteBuffer& buffer);

// `depth` calls of `method` are open at any time, for `seconds`. `request(n)`: the n-th.
Load unary_load(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                const std::function<grpc::ByteBuffer(uint64_t n)>& request, int depth, double seconds);

// One stream: `first` (if it is not empty) and its answer, then `batch` again and again with `window` of them under way.
Load stream_load(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, const std::string& first,
                 const grpc::ByteBuffer& batch, int window, double seconds);

}  // namespace exprjit::bench
