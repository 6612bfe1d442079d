// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exprjit_bench_server [--json FILE] [--quick]
// exprjit-server beside a server that sends every message back as it came, over unix sockets, with the same client, in turns.
// Client and servers share the machine's processors. Targets are printed as pass or fail; the exit status is 0 either way.
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "exprjit.grpc.pb.h"
#include "load.h"
#include "report.h"
#include "server_process.h"

namespace exprjit::bench {
namespace {

constexpr const char* kEvaluate = "/exprjit.v1.Exprjit/Evaluate";
constexpr const char* kStream = "/exprjit.v1.Exprjit/EvaluateStream";
constexpr int kDepth = 32;
constexpr int kRows = 64;
constexpr int kStreamRows = (1 << 20) / sizeof(double);

struct Side {
    std::string name;
    std::shared_ptr<grpc::Channel> channel;
    const ServerProcess* process;
    std::vector<double> rates, processor_micros, p50, p99;
    std::string failure;
};

std::shared_ptr<grpc::Channel> connect(const std::string& socket) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    auto channel = grpc::CreateCustomChannel("unix:" + socket, grpc::InsecureChannelCredentials(), arguments);
    channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10));
    return channel;
}

void add_column(v1::Batch& batch, const char* name, int rows, double scale) {
    std::vector<double> values;
    for (int i = 0; i < rows; ++i) {
        values.push_back(scale * (i + 1));
    }
    v1::Column& column = *batch.add_columns();
    column.set_name(name);
    column.set_dtype(v1::DTYPE_F64);
    column.set_length(rows);
    column.set_data(values.data(), values.size() * sizeof(double));
}

std::string unary_request(const std::string& text) {
    v1::EvaluateRequest request;
    request.mutable_program()->mutable_program()->set_text(text);
    request.mutable_batch()->set_rows(kRows);
    add_column(*request.mutable_batch(), "a", kRows, 0.5);
    add_column(*request.mutable_batch(), "b", kRows, 0.25);
    return request.SerializeAsString();
}

// One call, whose answer is checked before anything is timed; its handle.
std::string checked_handle(const Side& side) {
    v1::EvaluateRequest request;
    request.ParseFromString(unary_request("sqrt(a*a + b*b)"));
    v1::EvaluateReply reply;
    grpc::ClientContext context;
    const grpc::Status status = v1::Exprjit::NewStub(side.channel)->Evaluate(&context, request, &reply);
    if (!status.ok() || reply.batch().columns_size() != 1 ||
        reply.batch().columns(0).data().size() != kRows * sizeof(double)) {
        return "";
    }
    for (int i = 0; i < kRows; ++i) {
        double value;
        std::memcpy(&value, reply.batch().columns(0).data().data() + static_cast<size_t>(i) * sizeof value,
                    sizeof value);
        const double a = 0.5 * (i + 1), b = 0.25 * (i + 1);
        if (value != std::sqrt(a * a + b * b)) {
            return "";
        }
    }
    return reply.handle();
}

void keep(Side& side, const Load& load, double processor_before, double unit) {
    if (load.failures != 0 || load.answers == 0) {
        side.failure = load.first_failure.empty() ? "no answer" : load.first_failure;
        return;
    }
    side.rates.push_back(load.rate() * unit);
    side.processor_micros.push_back((side.process->processor_seconds() - processor_before) * 1e6 /
                                    static_cast<double>(load.answers));
    side.p50.push_back(load.quantile(0.5));
    side.p99.push_back(load.quantile(0.99));
}

double median(const std::vector<double>& values) { return Samples{values}.median(); }

// The rates of both sides, and the second's over the first's: of each round, since the machine's mood changes between rounds.
void report_pair(Report& report, const std::string& group, const char* unit, Side& echo, Side& ours, double target) {
    for (const Side* side : {&echo, &ours}) {
        const Samples rates{side->rates};
        std::optional<double> value;
        if (side->failure.empty()) {
            value = rates.median();
        }
        char note[120];
        const int length =
            std::snprintf(note, sizeof note, "server %.0f us of processor each", median(side->processor_micros));
        if (median(side->p99) > 0) {
            std::snprintf(note + length, sizeof note - static_cast<size_t>(length), "; p50 %.2f ms, p99 %.2f ms",
                          median(side->p50), median(side->p99));
        }
        report.add({.group = group,
                    .name = side->name,
                    .unit = unit,
                    .value = value,
                    .low = rates.quantile(0.1),
                    .high = rates.quantile(0.9),
                    .target = {},
                    .at_least = true,
                    .note = value ? note : side->failure});
    }
    std::vector<double> ratios;
    for (size_t i = 0; i < std::min(echo.rates.size(), ours.rates.size()); ++i) {
        ratios.push_back(ours.rates[i] / echo.rates[i]);
    }
    std::optional<double> ratio;
    if (!ratios.empty()) {
        ratio = median(ratios);
    }
    report.add({.group = group,
                .name = "exprjit-server over echo",
                .unit = "x",
                .value = ratio,
                .low = Samples{ratios}.quantile(0.1),
                .high = Samples{ratios}.quantile(0.9),
                .target = target,
                .at_least = true,
                .note = "median of the rounds"});
    for (Side* side : {&echo, &ours}) {
        *side = Side{side->name, side->channel, side->process, {}, {}, {}, {}, ""};
    }
}

void measure_unary(Report& report, Side& echo, Side& ours, const std::string& handle, int rounds, double seconds) {
    v1::EvaluateRequest request;
    request.ParseFromString(unary_request(""));
    request.mutable_program()->set_handle(handle);
    const grpc::ByteBuffer bytes = buffer_of(request.SerializeAsString());
    for (int round = -1; round < rounds; ++round) {
        for (Side* side : {&echo, &ours}) {
            const double before = side->process->processor_seconds();
            const Load load = unary_load(
                side->channel, kEvaluate, [&](uint64_t) { return bytes; }, kDepth, round < 0 ? 0.2 : seconds);
            if (round >= 0) {
                keep(*side, load, before, 1);
            }
        }
    }
    report_pair(report, "unary, 64 rows of two columns, 32 calls open", "calls/s", echo, ours, 0.7);
}

void measure_stream(Report& report, Side& echo, Side& ours, int rounds, double seconds) {
    v1::EvaluateStreamRequest start, batch;
    start.mutable_start()->mutable_program()->mutable_program()->set_text("a*2 + 1");
    batch.mutable_batch()->set_rows(kStreamRows);
    add_column(*batch.mutable_batch(), "a", kStreamRows, 1);
    const grpc::ByteBuffer bytes = buffer_of(batch.SerializeAsString());
    for (int round = -1; round < rounds; ++round) {
        for (Side* side : {&echo, &ours}) {
            const double before = side->process->processor_seconds();
            const Load load =
                stream_load(side->channel, kStream, start.SerializeAsString(), bytes, 4, round < 0 ? 0.2 : seconds);
            if (round >= 0) {
                keep(*side, load, before, static_cast<double>(bytes.Length()) / 1e6);
            }
        }
    }
    report_pair(report, "one stream, batches of 1 MiB, 4 under way", "MB/s each way", echo, ours, 0.7);
}

// Every call brings a formula that nobody has seen.
void measure_new_formulas(Report& report, Side& ours, double seconds) {
    const Load load = unary_load(
        ours.channel, kEvaluate,
        [](uint64_t n) {
            const char* shapes[] = {"sqrt(a*a + b*%llu.5)", "where(a > %llu, exp(-b), a*b)", "sin(a*%llu) + cos(b)",
                                    "(a - b)/(a + b + %llu)"};
            char text[100];
            std::snprintf(text, sizeof text, shapes[n % 4], static_cast<unsigned long long>(n + 1));
            return buffer_of(unary_request(text));
        },
        8, seconds);
    std::optional<double> value;
    if (load.failures == 0) {
        value = load.rate();
    }
    char note[80];
    std::snprintf(note, sizeof note, "p50 %.2f ms, p99 %.2f ms; server %.0f MB", load.quantile(0.5),
                  load.quantile(0.99), ours.process->resident_megabytes());
    report.add({.group = "new formulas, compiled and evaluated over 64 rows",
                .name = "exprjit-server",
                .unit = "formulas/s",
                .value = value,
                .target = 1000,
                .at_least = true,
                .note = value ? note : load.first_failure});
}

int run(const char* json, bool quick) {
    const auto folder = std::filesystem::temp_directory_path() / ("exprjit-bench-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    Report report;
    {
        const std::string echo_socket = folder / "echo.sock", socket = folder / "exprjit.sock";
        const ServerProcess echo_process("exprjit_echo_server", {"unix:" + echo_socket});
        const ServerProcess process("exprjit-server",
                                    {"--listen", "unix:" + socket, "--metrics-port", "off", "--log-level", "warning"});
        if (!echo_process.is_running() || !process.is_running()) {
            return 1;
        }
        Side echo{"bare gRPC echo", connect(echo_socket), &echo_process, {}, {}, {}, {}, ""};
        Side ours{"exprjit-server", connect(socket), &process, {}, {}, {}, {}, ""};
        const std::string handle = checked_handle(ours);
        if (handle.empty()) {
            return std::fputs("exprjit-server gives a wrong answer: nothing is measured\n", stderr), 1;
        }
        const int rounds = quick ? 3 : 9;
        const double seconds = quick ? 0.5 : 1.5;
        measure_unary(report, echo, ours, handle, rounds, seconds);
        measure_stream(report, echo, ours, rounds, seconds);
        measure_new_formulas(report, ours, quick ? 1 : 5);
    }
    std::filesystem::remove_all(folder);
    report.print();
    if (json != nullptr && !report.write_json(json)) {
        return std::fprintf(stderr, "cannot write %s\n", json), 1;
    }
    return 0;
}

}  // namespace
}  // namespace exprjit::bench

int main(int argc, char** argv) {
    const char* json = nullptr;
    bool quick = false;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
            json = argv[++i];
        } else if (std::strcmp(argv[i], "--quick") == 0) {
            quick = true;
        } else {
            return std::fprintf(stderr, "usage: %s [--json FILE] [--quick]\n", argv[0]), 2;
        }
    }
    return exprjit::bench::run(json, quick);
}
