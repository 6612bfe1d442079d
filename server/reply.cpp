// SPDX-License-Identifier: MIT OR Apache-2.0
#include "reply.h"

#include <grpcpp/support/slice.h>

#include <vector>

namespace exprjit::server {
namespace {

constexpr size_t kWorthASlice = 4096;  // what is smaller is copied next to what is around it

void put_varint(std::string& out, uint64_t value) {
    while (value >= 0x80) {
        out += static_cast<char>(value | 0x80);
        value >>= 7;
    }
    out += static_cast<char>(value);
}
void put_length(std::string& out, int field, uint64_t length) {
    put_varint(out, static_cast<uint64_t>(field) << 3 | 2);
    put_varint(out, length);
}
void put_integer(std::string& out, int field, int64_t value) {
    if (value != 0) {
        put_varint(out, static_cast<uint64_t>(field) << 3);
        put_varint(out, static_cast<uint64_t>(value));
    }
}
void put_text(std::string& out, int field, std::string_view value) {
    if (!value.empty()) {
        put_length(out, field, value.size());
        out += value;
    }
}
size_t varint_size(uint64_t value) {
    size_t size = 1;
    for (; value >= 0x80; value >>= 7) {
        ++size;
    }
    return size;
}
size_t bytes_field_size(size_t length) { return length == 0 ? 0 : 1 + varint_size(length) + length; }

// Collects a message from copied pieces and from pieces of the arena.
class Pieces {
  public:
    explicit Pieces(std::shared_ptr<Arena> arena) : arena_(std::move(arena)) {}

    std::string& copied() { return pending_; }
    void put_bytes(int field, uint8_t* data, size_t size) {
        if (size == 0) {
            return;
        }
        put_length(pending_, field, size);
        if (size < kWorthASlice) {
            pending_.append(reinterpret_cast<const char*>(data), size);
            return;
        }
        flush();
        // The slice keeps the arena alive until gRPC has sent it.
        slices_.emplace_back(
            data, size, [](void* owner) { delete static_cast<std::shared_ptr<Arena>*>(owner); },
            new std::shared_ptr<Arena>(arena_));
    }
    grpc::ByteBuffer finish() {
        flush();
        return {slices_.data(), slices_.size()};
    }

  private:
    void flush() {
        if (!pending_.empty() || slices_.empty()) {
            slices_.emplace_back(pending_);
            pending_.clear();
        }
    }

    std::shared_ptr<Arena> arena_;
    std::string pending_;
    std::vector<grpc::Slice> slices_;
};

std::string column_header(const OutColumn& column) {
    std::string header;
    put_text(header, 1, column.name);
    put_integer(header, 2, column.dtype);
    put_integer(header, 3, column.length);
    return header;
}

// The Batch as field `field` of the message in the making.
void put_batch(Pieces& pieces, int field, const OutBatch& batch) {
    std::vector<std::string> headers;
    std::vector<size_t> sizes;
    std::string rows;
    put_integer(rows, 1, batch.rows);
    size_t total = rows.size();
    for (const OutColumn& column : batch.columns) {
        headers.push_back(column_header(column));
        sizes.push_back(headers.back().size() + bytes_field_size(column.data_bytes) +
                        bytes_field_size(column.validity_bytes));
        total += 1 + varint_size(sizes.back()) + sizes.back();
    }
    put_length(pieces.copied(), field, total);
    pieces.copied() += rows;
    for (size_t i = 0; i < headers.size(); ++i) {
        put_length(pieces.copied(), 2, sizes[i]);
        pieces.copied() += headers[i];
        pieces.put_bytes(4, batch.columns[i].data, batch.columns[i].data_bytes);
        pieces.put_bytes(5, batch.columns[i].validity, batch.columns[i].validity_bytes);
    }
}

}  // namespace

grpc::ByteBuffer evaluate_reply(const OutBatch& batch, const EvaluateTimes& times, std::string_view handle) {
    Pieces pieces(batch.arena);
    std::string info;
    put_integer(info, 1, times.compile_ns);
    put_integer(info, 2, times.queue_ns);
    put_integer(info, 3, times.run_ns);
    put_length(pieces.copied(), 2, info.size());
    pieces.copied() += info;
    put_text(pieces.copied(), 3, handle);
    put_batch(pieces, 1, batch);
    return pieces.finish();
}

grpc::ByteBuffer stream_reply(const OutBatch& batch) {
    Pieces pieces(batch.arena);
    put_batch(pieces, 2, batch);
    return pieces.finish();
}

}  // namespace exprjit::server
