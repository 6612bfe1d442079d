// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Batches as they come from the wire: what is read, what is refused, and that no bytes whatever do harm.
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "batch.h"
#include "exprjit.pb.h"
#include "server_limits.h"

namespace exprjit::server {
namespace {

// In pieces of `piece` bytes, as gRPC's slices are.
Outcome read(const std::string& bytes, Arena& arena, EvaluateMessage& out, int piece = -1, const Limits& limits = {}) {
    google::protobuf::io::ArrayInputStream source(bytes.data(), static_cast<int>(bytes.size()), piece);
    return read_evaluate(source, bytes.size(), limits, arena, out);
}

template <typename T>
void add_column(v1::Batch& batch, const std::string& name, v1::Dtype dtype, const std::vector<T>& values) {
    v1::Column& column = *batch.add_columns();
    column.set_name(name);
    column.set_dtype(dtype);
    column.set_length(static_cast<int64_t>(values.size()));
    column.set_data(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

HeldRef compiled(const std::string& text, std::vector<ej_param> params = {}) {
    auto held = std::make_shared<Held>();
    ej_compile_options options{};
    options.struct_size = sizeof options;
    options.params = params.data();
    options.param_count = params.size();
    EXPECT_EQ(ej_engine_compile(nullptr, text.c_str(), &options, &held->kernel, nullptr), EJ_OK);
    for (size_t i = 0; i < ej_kernel_param_count(held->kernel); ++i) {
        ej_param param{};
        ej_kernel_get_param(held->kernel, i, &param);
        held->parameters.push_back({param.name, param.type});
    }
    for (size_t i = 0; i < ej_kernel_output_count(held->kernel); ++i) {
        ej_output_info info{};
        info.struct_size = sizeof info;
        ej_kernel_get_output_info(held->kernel, i, &info);
        held->outputs.push_back({info.name, info.type, info.is_reduced != 0, info.is_nullable != 0});
    }
    return held;
}

std::string request(const std::vector<double>& a, const std::vector<int64_t>& b) {
    v1::EvaluateRequest message;
    message.mutable_program()->mutable_program()->set_text("a*b");
    message.mutable_batch()->set_rows(static_cast<int64_t>(a.size()));
    add_column(*message.mutable_batch(), "a", v1::DTYPE_F64, a);
    add_column(*message.mutable_batch(), "b", v1::DTYPE_I64, b);
    return message.SerializeAsString();
}

TEST(BatchRead, PayloadsLieAlignedHoweverTheyCame) {
    const std::vector<double> a = {1, 2.5, -3};
    const std::string bytes = request(a, {4, 5, 6});
    for (const int piece : {1, 3, 7, 1000}) {
        MemoryQuota quota(1 << 20);
        Arena arena(quota);
        EvaluateMessage message;
        ASSERT_FALSE(read(bytes, arena, message, piece));
        ASSERT_EQ(message.batch.columns.size(), 2u);
        EXPECT_EQ(message.batch.rows, 3);
        EXPECT_EQ(message.batch.columns[0].name, "a");
        EXPECT_EQ(reinterpret_cast<uintptr_t>(message.batch.columns[0].data) % Arena::kAlignment, 0u);
        ASSERT_EQ(message.batch.columns[0].data_bytes, 24u);
        EXPECT_EQ(std::memcmp(message.batch.columns[0].data, a.data(), 24), 0);
        v1::ProgramRef reference;
        EXPECT_TRUE(reference.ParseFromString(message.program_ref));
        EXPECT_EQ(reference.program().text(), "a*b");
    }
}

TEST(BatchRead, EveryPrefixIsReadOrRefusedAndNothingLeaks) {
    const std::string bytes = request({1, 2, 3}, {4, 5, 6});
    MemoryQuota quota(1 << 20);
    for (size_t size = 0; size < bytes.size(); ++size) {
        Arena arena(quota);
        EvaluateMessage message;
        const Outcome problem = read(bytes.substr(0, size), arena, message);
        if (problem) {
            EXPECT_EQ(problem->code, Code::kInvalidArgument);
        }
    }
    EXPECT_EQ(quota.used(), 0);
}

TEST(BatchRead, ALengthThatLiesTakesNoMemory) {
    // batch { columns { data: 2^31 - 1 bytes, it says } }, and the same with lengths that fit the fields around.
    for (const std::string& lie : {std::string("\x12\x08\x12\x06\x22\xff\xff\xff\xff\x07", 10),
                                   std::string("\x12\xff\xff\xff\x03\x12\xff\xff\xff\x02\x22\xff\xff\xff\x01", 15)}) {
        MemoryQuota quota(1 << 20);
        Arena arena(quota);
        EvaluateMessage message;
        const Outcome problem = read(lie, arena, message);
        ASSERT_TRUE(problem);
        EXPECT_EQ(problem->code, Code::kInvalidArgument);
        EXPECT_EQ(quota.used(), 0);
    }
}

TEST(BatchRead, ChangedBytesNeverDoHarm) {
    const std::string good = request({1, 2, 3, 4, 5}, {4, 5, 6, 7, 8});
    const HeldRef held = compiled("a*b");
    std::mt19937_64 random(1);
    MemoryQuota quota(1 << 20);
    int evaluated = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string bytes = good;
        for (uint64_t changes = random() % 3; changes-- > 0;) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        if (random() % 4 == 0) {
            bytes.resize(random() % (bytes.size() + 1));
        }
        Arena arena(quota);
        EvaluateMessage message;
        std::vector<ej_column> inputs;
        if (!read(bytes, arena, message, 1 + static_cast<int>(random() % 40)) &&
            !bind_inputs(*held, message.batch, {}, arena, inputs)) {
            ej_run_options run{};
            run.struct_size = sizeof run;
            OutBatch out;
            evaluated += evaluate(held, run, inputs, message.batch.rows, {}, quota, 0, out) ? 0 : 1;
        }
    }
    EXPECT_GT(evaluated, 1000);
    EXPECT_EQ(quota.used(), 0);
}

TEST(BatchBind, EveryMistakeIsNamed) {
    const HeldRef held = compiled("a*b");
    MemoryQuota quota(1 << 20);
    Arena arena(quota);
    uint8_t* data = arena.allocate(64);
    const auto problem = [&](InBatch batch) {
        std::vector<ej_column> inputs;
        const Outcome found = bind_inputs(*held, batch, {}, arena, inputs);
        return found ? found->message : "";
    };
    const InColumn a{"a", EJ_F64, 3, data, 24, nullptr, 0};
    const InColumn b{"b", EJ_F64, 1, data, 8, nullptr, 0};
    const auto with = [](InColumn column, auto change) {
        change(column);
        return column;
    };
    EXPECT_EQ(problem({3, {a, b}}), "");
    EXPECT_EQ(problem({3, {b, a}}), "") << "by name, in any order";
    EXPECT_NE(problem({3, {a}}).find("no column 'b'"), std::string::npos);
    EXPECT_NE(problem({3, {a, a, b}}).find("two columns are named 'a'"), std::string::npos);
    EXPECT_NE(problem({3, {a, b, with(a, [](auto& c) { c.name = "q"; })}}).find("no parameter 'q'"), std::string::npos);
    EXPECT_NE(problem({3, {a, with(b, [](auto& c) { c.name = ""; })}}).find("name all of them or none"),
              std::string::npos);
    EXPECT_NE(problem({4, {a, b}}).find("length 3"), std::string::npos);
    EXPECT_NE(problem({-1, {a, b}}).find("-1 rows"), std::string::npos);
    EXPECT_NE(problem({INT64_MAX, {a, b}}).find("max-rows"), std::string::npos);
    EXPECT_NE(problem({3, {with(a, [](auto& c) { c.data_bytes = 23; }), b}}).find("23 bytes"), std::string::npos);
    EXPECT_NE(problem({3, {with(a, [](auto& c) { c.dtype = 13; }), b}}).find("dtype"), std::string::npos);
    EXPECT_NE(problem({3, {with(a, [](auto& c) { c.dtype = 0; }), b}}).find("dtype"), std::string::npos);
    EXPECT_NE(problem({3, {with(a, [](auto& c) { c.length = -3; }), b}}).find("length -3"), std::string::npos);
    EXPECT_NE(problem({3, {with(a, [&](auto& c) { c.validity = data, c.validity_bytes = 2; }), b}}).find("validity"),
              std::string::npos);
    const auto unnamed = [](InColumn& column) { column.name = ""; };
    EXPECT_EQ(problem({3, {with(a, unnamed), with(b, unnamed)}}), "") << "by position";
    EXPECT_NE(problem({3, {with(a, unnamed)}}).find("takes 2 columns (a, b)"), std::string::npos);
}

TEST(BatchEvaluate, NullsOneValueForAllRowsAndReductions) {
    const HeldRef held = compiled("y = a*b; s = sum(a)");
    MemoryQuota quota(1 << 20);
    Arena arena(quota);
    auto* a = reinterpret_cast<double*>(arena.allocate(80));
    auto* b = reinterpret_cast<double*>(arena.allocate(8));
    for (int i = 0; i < 10; ++i) {
        a[i] = i;
    }
    *b = 2;
    uint8_t* validity = arena.allocate(2);
    validity[0] = 0xfb, validity[1] = 0xff;  // row 2 is null; bits beyond the rows mean nothing
    const InBatch batch{10,
                        {{"a", EJ_F64, 10, reinterpret_cast<uint8_t*>(a), 80, validity, 2},
                         {"b", EJ_F64, 1, reinterpret_cast<uint8_t*>(b), 8, nullptr, 0}}};
    std::vector<ej_column> inputs;
    ASSERT_FALSE(bind_inputs(*held, batch, {}, arena, inputs));
    ej_run_options run{};
    run.struct_size = sizeof run;
    OutBatch out;
    ASSERT_FALSE(evaluate(held, run, inputs, 10, {}, quota, 0, out));
    ASSERT_EQ(out.columns.size(), 2u);
    EXPECT_EQ(out.columns[0].length, 10);
    ASSERT_EQ(out.columns[0].validity_bytes, 2u);
    EXPECT_EQ(out.columns[0].validity[0], 0xfb);
    EXPECT_EQ(out.columns[0].validity[1], 0x03) << "nothing beyond the last row";
    EXPECT_EQ(reinterpret_cast<double*>(out.columns[0].data)[9], 18);
    EXPECT_EQ(out.columns[1].length, 1);
    EXPECT_EQ(out.columns[1].validity_bytes, 0u);
    EXPECT_EQ(*reinterpret_cast<double*>(out.columns[1].data), 43);
}

TEST(BatchEvaluate, AnswersBeyondTheLimitAreRefusedBeforeMemoryIsTaken) {
    const HeldRef held = compiled("1.5");
    MemoryQuota quota(1 << 30);
    ej_run_options run{};
    run.struct_size = sizeof run;
    const Limits limits;
    OutBatch fits, too_large;
    EXPECT_FALSE(evaluate(held, run, {}, limits.max_message_bytes / 8, limits, quota, 0, fits));
    const int64_t used = quota.used();
    const Outcome problem = evaluate(held, run, {}, limits.max_message_bytes / 8 + 1, limits, quota, 0, too_large);
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->limit, "max-message-bytes");
    EXPECT_EQ(quota.used(), used);
}

TEST(Problem, DetailsAlwaysFitIntoTrailersAndAreUtf8) {
    EXPECT_EQ(utf8_prefix("a\xc3\xa4", 2), "a");
    EXPECT_EQ(utf8_prefix("a\xc3\xa4", 3), "a\xc3\xa4");
    EXPECT_EQ(utf8_prefix("ok\xff", 9), "ok");
    EXPECT_EQ(utf8_prefix("\xed\xa0\x80", 9), "");  // a surrogate
    Problem problem = wrong_request(std::string(100'000, 'm'));
    problem.rendered = std::string(50'000, 'r') + "\xc3";
    for (int i = 0; i < 8; ++i) {
        problem.findings.push_back({1013, std::string(5000, 'f'), std::string(5000, 'h'), 1, 2, 1, 2});
    }
    const std::string bytes = encode_detail(problem);
    EXPECT_LE(bytes.size(), kMostDetailBytes);
    v1::RichStatus status;
    ASSERT_TRUE(status.ParseFromString(bytes));
    EXPECT_EQ(status.code(), 3);
    ASSERT_EQ(status.details_size(), 1);
    EXPECT_EQ(status.details(0).type_url(), "type.googleapis.com/exprjit.v1.ErrorDetail");
    v1::ErrorDetail detail;
    ASSERT_TRUE(detail.ParseFromString(status.details(0).value()));
    ASSERT_GE(detail.diagnostics_size(), 1);
    EXPECT_EQ(detail.diagnostics(0).code(), "EJ1013");
    EXPECT_EQ(detail.row(), -1);
}

}  // namespace
}  // namespace exprjit::server
