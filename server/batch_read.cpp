// SPDX-License-Identifier: MIT OR Apache-2.0
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "batch.h"
#include "program_check.h"
#include "server_limits.h"

namespace exprjit::server {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr uint32_t length_delimited(int field) {
    return static_cast<uint32_t>(field) << 3 | WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
}
constexpr uint32_t varint(int field) { return static_cast<uint32_t>(field) << 3 | WireFormatLite::WIRETYPE_VARINT; }

// Reads one message; the first problem stays.
class Reader {
  public:
    Reader(CodedInputStream& in, const Limits& limits, Arena& arena) : in_(in), limits_(limits), arena_(arena) {}

    // Calls on_field(tag) for every field of a message that ends where the current limit does. on_field returns false for a
    // field it does not know, which is skipped, as protobuf asks.
    template <typename OnField>
    bool fields(OnField&& on_field) {
        while (const uint32_t tag = in_.ReadTag()) {
            const bool known = on_field(tag);
            if (problem_ || (!known && !WireFormatLite::SkipField(&in_, tag))) {
                return fail();
            }
        }
        return in_.ConsumedEntireMessage() || fail();
    }
    template <typename Body>
    bool message(Body&& body) {
        uint32_t size;
        // A length beyond the end of what there is is a lie.
        if (!in_.ReadVarint32(&size) || static_cast<int64_t>(size) > in_.BytesUntilLimit()) {
            return fail();
        }
        if (static_cast<int64_t>(size) > limits_.max_message_bytes) {
            return fail(limit_problem("max-message-bytes", "a part of the message has " + std::to_string(size) +
                                                               " bytes; this server's limit max-message-bytes is " +
                                                               std::to_string(limits_.max_message_bytes) +
                                                               ": send smaller batches"));
        }
        const auto outer = in_.PushLimit(static_cast<int>(size));
        const bool good = body();
        in_.PopLimit(outer);
        return good || fail();
    }
    bool integer(int64_t& value) {
        uint64_t bits;
        if (!in_.ReadVarint64(&bits)) {
            return fail();
        }
        value = static_cast<int64_t>(bits);
        return true;
    }
    // At most as many bytes as the limit `name` allows, and `more`.
    bool text(std::string& value, const char* what, const char* name, int64_t most) {
        uint32_t size;
        if (!in_.ReadVarint32(&size) || static_cast<int64_t>(size) > in_.BytesUntilLimit()) {
            return fail();
        }
        if (static_cast<int64_t>(size) > most) {
            return fail(limit_problem(name, std::string(what) + " has " + std::to_string(size) +
                                                " bytes; this server's limit " + name + " allows " +
                                                std::to_string(most)));
        }
        return in_.ReadString(&value, static_cast<int>(size)) || fail();
    }
    bool payload(const char* what, bool& is_there, uint8_t*& data, size_t& bytes) {
        uint32_t size;
        // Before memory is taken: a length beyond the end of the message is a lie.
        if (!in_.ReadVarint32(&size) || static_cast<int64_t>(size) > in_.BytesUntilLimit()) {
            return fail();
        }
        // protobuf would take the last one; here each would take memory, and no client sends two.
        if (is_there) {
            return fail(wrong_request(std::string("a column holds its ") + what + " twice"));
        }
        is_there = true;
        if (size == 0) {
            return true;
        }
        data = arena_.allocate(size);
        if (data == nullptr) {
            return fail(out_of_memory(arena_.alone() + size, arena_.limit()));
        }
        bytes = size;
        return in_.ReadRaw(data, static_cast<int>(size)) || fail();
    }
    bool column(InBatch& batch) {
        if (static_cast<int64_t>(batch.columns.size()) >= limits_.max_columns) {
            return fail(
                limit_problem("max-columns", "the batch has more columns than this server's limit max-columns (" +
                                                 std::to_string(limits_.max_columns) + ")"));
        }
        InColumn& column = batch.columns.emplace_back();
        bool has_data = false, has_validity = false;
        return fields([&](uint32_t tag) {
            switch (tag) {
            case length_delimited(1):
                return text(column.name, "the name of a column", "max-text-bytes", limits_.max_text_bytes);
            case varint(2): return integer(column.dtype);
            case varint(3): return integer(column.length);
            case length_delimited(4): return payload("data", has_data, column.data, column.data_bytes);
            case length_delimited(5): return payload("validity", has_validity, column.validity, column.validity_bytes);
            default: return false;
            }
        });
    }
    bool batch(InBatch& batch) {
        return fields([&](uint32_t tag) {
            switch (tag) {
            case varint(1): return integer(batch.rows);
            case length_delimited(2): return message([&] { return column(batch); });
            default: return false;
            }
        });
    }
    // Whatever fits into the message; check_program tells which part is too large.
    bool program_ref(std::string& bytes) {
        return text(bytes, "the program", "max-message-bytes", limits_.max_message_bytes + int64_t{kBesidesBatch});
    }

    Outcome take_problem() { return std::move(problem_); }

  private:
    bool fail(Problem problem = wrong_request("the bytes are not the message of exprjit.proto that this call takes")) {
        if (!problem_) {
            problem_ = std::move(problem);
        }
        return false;
    }

    CodedInputStream& in_;
    const Limits& limits_;
    Arena& arena_;
    Outcome problem_;
};

// With a limit at the top, BytesUntilLimit never tells more than there is, whatever the lengths inside say.
template <typename Body>
Outcome read_message(google::protobuf::io::ZeroCopyInputStream& source, size_t size, const Limits& limits, Arena& arena,
                     Body&& body) {
    if (Outcome problem = check_message_size(size, limits)) {
        return problem;
    }
    CodedInputStream in(&source);
    in.PushLimit(static_cast<int>(size));
    Reader reader(in, limits, arena);
    body(reader);
    return reader.take_problem();
}

}  // namespace

Outcome read_evaluate(google::protobuf::io::ZeroCopyInputStream& source, size_t size, const Limits& limits,
                      Arena& arena, EvaluateMessage& out) {
    return read_message(source, size, limits, arena, [&](Reader& reader) {
        return reader.fields([&](uint32_t tag) {
            switch (tag) {
            case length_delimited(1): return reader.program_ref(out.program_ref);
            case length_delimited(2): return reader.message([&] { return reader.batch(out.batch); });
            default: return false;
            }
        });
    });
}

Outcome read_stream_message(google::protobuf::io::ZeroCopyInputStream& source, size_t size, const Limits& limits,
                            Arena& arena, StreamMessage& out) {
    return read_message(source, size, limits, arena, [&](Reader& reader) {
        return reader.fields([&](uint32_t tag) {
            switch (tag) {
            case length_delimited(1):
                out.is_start = true;
                return reader.message([&] {
                    return reader.fields([&](uint32_t inner) {
                        return inner == length_delimited(1) && reader.program_ref(out.program_ref);
                    });
                });
            case length_delimited(2):
                out.is_start = false;
                return reader.message([&] { return reader.batch(out.batch); });
            default: return false;
            }
        });
    });
}

}  // namespace exprjit::server
