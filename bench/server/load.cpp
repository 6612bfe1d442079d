// SPDX-License-Identifier: MIT OR Apache-2.0
#include "load.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace exprjit::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// The calls of a closed loop: each one that ends begins the next.
class UnaryLoop {
  public:
    UnaryLoop(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
              const std::function<grpc::ByteBuffer(uint64_t n)>& request, double seconds)
        : stub_(channel), method_(method), request_(request),
          end_(Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))) {}

    void begin() {
        uint64_t n;
        {
            const std::lock_guard lock(mutex_);
            ++open_;
            n = begun_++;
        }
        auto* call = new OneCall;
        call->request = request_(n);
        call->start = Clock::now();
        stub_.UnaryCall(&call->context, method_, {}, &call->request, &call->reply,
                        [this, call](grpc::Status status) { end(call, status); });
    }
    Load wait() {
        std::unique_lock lock(mutex_);
        all_ended_.wait(lock, [this] { return open_ == 0; });
        return std::move(load_);
    }

  private:
    struct OneCall {
        grpc::ClientContext context;
        grpc::ByteBuffer request, reply;
        Clock::time_point start;
    };
    void end(OneCall* call, const grpc::Status& status) {
        const bool goes_on = Clock::now() < end_;
        {
            const std::lock_guard lock(mutex_);
            if (status.ok()) {
                ++load_.answers;
                load_.answer_bytes += call->reply.Length();
                load_.milliseconds.push_back(seconds_since(call->start) * 1e3);
            } else if (load_.failures++ == 0) {
                load_.first_failure = status.error_message();
            }
        }
        delete call;
        if (goes_on) {
            begin();
        }
        const std::lock_guard lock(mutex_);
        if (--open_ == 0) {
            all_ended_.notify_all();
        }
    }

    grpc::GenericStub stub_;
    const std::string method_;
    const std::function<grpc::ByteBuffer(uint64_t n)>& request_;
    const Clock::time_point end_;
    std::mutex mutex_;
    std::condition_variable all_ended_;
    Load load_;
    uint64_t begun_ = 0;
    int open_ = 0;
};

class StreamLoop final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
  public:
    StreamLoop(const std::string& first, const grpc::ByteBuffer& batch, int window, double seconds)
        : first_(buffer_of(first)), batch_(batch), window_(window), seconds_(seconds), is_started_(first.empty()) {}

    Load run(const std::shared_ptr<grpc::Channel>& channel, const std::string& method) {
        grpc::GenericStub stub(channel);
        stub.PrepareBidiStreamingCall(&context_, method, {}, this);
        start_ = Clock::now();
        if (is_started_) {
            sent_ = 1;
            StartWrite(&batch_);
        } else {
            StartWrite(&first_);
        }
        is_writing_ = true;
        AddHold();
        StartRead(&reply_);
        StartCall();
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return is_done_; });
        return std::move(load_);
    }
    void OnWriteDone(bool ok) override {
        const std::lock_guard lock(mutex_);
        is_writing_ = false;
        if (ok) {
            next_write();
        }
    }
    void OnReadDone(bool ok) override {
        const std::lock_guard lock(mutex_);
        if (!ok) {  // the server has ended the stream
            if (!has_ended_) {
                has_ended_ = true;
                RemoveHold();
            }
            return;
        }
        if (!is_started_) {
            is_started_ = true;
            start_ = Clock::now();
        } else {
            ++load_.answers;
            load_.answer_bytes += reply_.Length();
            load_.seconds = seconds_since(start_);
        }
        next_write();
        StartRead(&reply_);
    }
    void OnDone(const grpc::Status& status) override {
        const std::lock_guard lock(mutex_);
        if (!status.ok()) {
            load_.failures = 1;
            load_.first_failure = status.error_message();
        }
        is_done_ = true;
        done_.notify_all();
    }

  private:
    void next_write() {  // a hold keeps the reactor alive while writes can still begin
        if (is_writing_ || !is_started_ || has_ended_) {
            return;
        }
        if (seconds_since(start_) >= seconds_) {
            has_ended_ = true;
            StartWritesDone();
            RemoveHold();
        } else if (sent_ - load_.answers < static_cast<uint64_t>(window_)) {
            ++sent_;
            is_writing_ = true;
            StartWrite(&batch_);
        }
    }

    grpc::ClientContext context_;
    grpc::ByteBuffer first_, batch_, reply_;
    const int window_;
    const double seconds_;
    Clock::time_point start_;
    std::mutex mutex_;
    std::condition_variable done_;
    Load load_;
    uint64_t sent_ = 0;
    bool is_started_, is_writing_ = false, has_ended_ = false, is_done_ = false;
};

}  // namespace

double Load::quantile(double q) const {
    if (milliseconds.empty()) {
        return 0;
    }
    std::vector<double> sorted = milliseconds;
    std::sort(sorted.begin(), sorted.end());
    return sorted[std::min(sorted.size() - 1, static_cast<size_t>(q * static_cast<double>(sorted.size())))];
}

grpc::ByteBuffer buffer_of(const std::string& bytes) {
    const grpc::Slice slice(bytes);
    return {&slice, 1};
}

std::string bytes_of(const grpc::ByteBuffer& buffer) {
    std::vector<grpc::Slice> slices;
    std::string bytes;
    if (buffer.Dump(&slices).ok()) {
        for (const grpc::Slice& slice : slices) {
            bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
        }
    }
    return bytes;
}

Load unary_load(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                const std::function<grpc::ByteBuffer(uint64_t n)>& request, int depth, double seconds) {
    UnaryLoop loop(channel, method, request, seconds);
    const auto start = Clock::now();
    for (int i = 0; i < depth; ++i) {
        loop.begin();
    }
    Load load = loop.wait();
    load.seconds = seconds_since(start);
    return load;
}

Load stream_load(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, const std::string& first,
                 const grpc::ByteBuffer& batch, int window, double seconds) {
    StreamLoop loop(first, batch, window, seconds);
    return loop.run(channel, method);
}

}  // namespace exprjit::bench
