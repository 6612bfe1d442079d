// SPDX-License-Identifier: MIT OR Apache-2.0
//
// EvaluateStream. Batches are evaluated one after the other on the workers, while the next one is read and the last answer written.
//
// Every event (a read, a write, the end of a batch, a cancellation, the deadline) changes the state under one mutex and then asks
// `next_steps` what follows. Steps are taken outside the mutex, because gRPC may run a reaction inside the call that starts an
// operation; `steps_in_progress_` keeps the end of the call away until they are taken.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <mutex>

#include "batch.h"
#include "call.h"
#include "reply.h"

namespace exprjit::server {

class StreamCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                         public Call,
                         public Endable {
  public:
    static grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* start(Core& core,
                                                                              grpc::CallbackServerContext* context);

    StreamCall(Core& core, grpc::CallbackServerContext* context) : Call(core, Method::kEvaluateStream, context) {}
    ~StreamCall() override;

    void run() override;
    void on_deadline() override;
    void end_if_quiet(std::chrono::milliseconds quiet) override;
    void OnCancel() override;
    void OnReadDone(bool ok) override;
    void OnWriteDone(bool ok) override;
    void OnDone() override { const std::shared_ptr<Call> last = std::move(self_); }

  private:
    struct Message {
        grpc::ByteBuffer bytes;
        size_t size = 0;  // taken from the memory of all calls
    };
    struct Steps {
        bool read = false, write = false, work = false, cancel = false, finish = false;
    };

    // A second clock beside that of the whole stream: when something happened last.
    struct IdleWatch final : Watched {
        explicit IdleWatch(StreamCall& watched) : stream(watched) {}
        void on_deadline() override { stream.on_idle(); }
        StreamCall& stream;
    };

    void watch_idle(Clock::time_point when);
    void on_idle();
    void end_idle_watch();
    bool has_work() const;  // messages read or answers to write

    void go_on(std::unique_lock<std::mutex> lock);
    Steps next_steps();
    bool fail(Problem problem);
    void drop(std::deque<Message>& messages);

    // On a worker, without the mutex. A reply is there if there is something to say.
    Outcome answer_message(grpc::ByteBuffer& bytes, std::optional<grpc::ByteBuffer>& reply);
    Outcome begin(const StreamMessage& message, std::optional<grpc::ByteBuffer>& reply);
    Outcome answer_batch(const InBatch& batch, size_t size, Arena& arena, std::optional<grpc::ByteBuffer>& reply);
    Outcome answer_end(std::optional<grpc::ByteBuffer>& reply);

    std::mutex mutex_;
    std::deque<Message> inbox_;  // read, not evaluated
    std::deque<grpc::ByteBuffer> outbox_;
    bool is_reading_ = false, is_writing_ = false, is_working_ = false;
    bool is_half_closed_ = false;  // the client sends no more
    bool is_complete_ = false;     // … and everything is answered but for what is in the outbox
    bool is_finished_ = false, has_cancelled_ = false;
    int steps_in_progress_ = 0;
    IdleWatch idle_{*this};
    DeadlineWatch::Ticket idle_ticket_;
    bool is_idle_watched_ = false;
    bool has_begun_ = false;  // the first message has come
    Clock::time_point last_active_ = Clock::now();
    Outcome problem_;
    grpc::ByteBuffer read_buffer_, write_buffer_;

    // Of the work, which is one message at a time.
    HeldRef held_;
    ej_reducer* reducer_ = nullptr;
    int64_t batches_ = 0, rows_ = 0;
    bool is_counted_ = false;  // in streams_open
};

}  // namespace exprjit::server
