// SPDX-License-Identifier: MIT OR Apache-2.0
#include <atomic>
#include <thread>

#include "contestants.h"

namespace exprjit::bench {

namespace {

// A second thread that sleeps between calls, as a pool's does: one that spins would take the core away from whoever is
// measured next.
class Partner {
  public:
    Partner() : thread_([this] { serve(); }) {}
    ~Partner() {
        work_ = nullptr;
        asked_.fetch_add(1);
        asked_.notify_one();
        thread_.join();
    }
    void run(void (*work)(void*, int), void* data) {
        work_ = work;
        data_ = data;
        const uint32_t number = asked_.fetch_add(1) + 1;
        asked_.notify_one();
        work(data, 0);
        for (uint32_t seen = done_.load(); seen != number; seen = done_.load()) done_.wait(seen);
    }

  private:
    void serve() {
        for (uint32_t last = 0;;) {
            asked_.wait(last);
            ++last;
            if (work_ == nullptr) return;
            work_(data_, 1);
            done_.store(last);
            done_.notify_one();
        }
    }
    void (*work_)(void*, int) = nullptr;
    void* data_ = nullptr;
    std::atomic<uint32_t> asked_{0}, done_{0};
    std::thread thread_;
};

}  // namespace

void on_two_threads(void (*work)(void* data, int part), void* data) {
    static Partner partner;
    partner.run(work, data);
}

}  // namespace exprjit::bench
