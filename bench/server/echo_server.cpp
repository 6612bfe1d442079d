// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exprjit_echo_server ADDRESS: the least a gRPC server can do. Every method, unary or streaming, answers each message with its bytes, which
// are never decoded. gRPC's callback API and the settings of memory are exprjit-server's.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <malloc.h>

#include <cstdio>
#include <deque>
#include <mutex>
#include <utility>

namespace {

// Reads ahead while it writes, as far as exprjit-server does.
class Echo final : public grpc::ServerGenericBidiReactor {
  public:
    Echo() { StartRead(&read_); }
    void OnReadDone(bool ok) override {
        Next next;
        {
            const std::lock_guard lock(mutex_);
            is_reading_ = false;
            if (ok) {
                waiting_.emplace_back();
                waiting_.back().Swap(&read_);
            } else {
                has_ended_ = true;
            }
            next = choose();
        }
        go(next);
    }
    void OnWriteDone(bool ok) override {
        Next next;
        {
            const std::lock_guard lock(mutex_);
            is_writing_ = false;
            has_ended_ = has_ended_ || !ok;
            next = choose();
        }
        go(next);
    }
    void OnDone() override { delete this; }

  private:
    static constexpr size_t kMostWaiting = 4;
    struct Next {
        bool read = false, write = false, finish = false;
    };
    Next choose() {
        Next next;
        if (!is_writing_ && !waiting_.empty()) {
            next.write = is_writing_ = true;
            write_.Swap(&waiting_.front());
            waiting_.pop_front();
        }
        if (!is_reading_ && !has_ended_ && waiting_.size() < kMostWaiting) {
            next.read = is_reading_ = true;
        }
        next.finish =
            has_ended_ && !is_writing_ && waiting_.empty() && !is_reading_ && !std::exchange(is_finished_, true);
        return next;
    }
    void go(Next next) {
        if (next.write) {
            StartWrite(&write_);
        }
        if (next.read) {
            StartRead(&read_);
        }
        if (next.finish) {
            Finish(grpc::Status::OK);
        }
    }

    std::mutex mutex_;
    std::deque<grpc::ByteBuffer> waiting_;
    grpc::ByteBuffer read_, write_;
    bool is_reading_ = true, is_writing_ = false, has_ended_ = false, is_finished_ = false;
};

class EchoService final : public grpc::CallbackGenericService {
    grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* /*context*/) override {
        return new Echo;
    }
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        return std::fprintf(stderr, "usage: %s ADDRESS\n", argv[0]), 2;
    }
    // As exprjit-server does: memory of large messages is kept for the next one.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_ARENA_MAX, 4);
    EchoService service;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(argv[1], grpc::InsecureServerCredentials());
    builder.SetMaxReceiveMessageSize(16 << 20);
    builder.RegisterCallbackGenericService(&service);
    const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    if (server == nullptr) {
        return 1;
    }
    std::puts("listening");
    std::fflush(stdout);
    server->Wait();
}
