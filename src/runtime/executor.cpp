// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/executor.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>

#include "runtime/fork_aware.h"
#include "runtime/mxcsr.h"

namespace exprjit {

namespace {

using Task = void (*)(void* data, int64_t index);

// One run. It lies on the stack of its caller, who leaves only after the last worker has.
struct Job {
    Task task;
    void* data;
    int64_t count;
    std::atomic<int64_t> next{0};

    void work() {
        for (int64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) task(data, i);
    }
};

// What callers and workers share. A forked child gets a new one: in the old one a thread that the child does not have
// may have been in the middle of a run, and condition variables remember their waiters.
struct Crew {
    std::mutex mutex;
    std::condition_variable wake;  // workers wait for a job, or for the end
    std::condition_variable idle;  // the caller waits for the last worker
    Job* job = nullptr;            // nullptr: nobody may join any more
    uint64_t number = 0;           // of the job
    int seats = 0;                 // how many more workers may join it
    int active = 0;                // how many have joined and not finished
    bool is_busy = false;          // a run is in progress
    bool is_closed = false;
    int worker_count = 0;
    pthread_t workers[PoolExecutor::kMostThreads];

    void serve();
    void start_workers(int wanted);
    bool begin(Job& new_job, int workers_wanted);
    void finish();
    void close();
};

void* serve_crew(void* crew) {
    const DefaultFloatEnvironment environment;  // a new thread inherits what its creator had set
    static_cast<Crew*>(crew)->serve();
    return nullptr;
}

void Crew::serve() {
    std::unique_lock lock(mutex);
    uint64_t last = 0;
    for (;;) {
        wake.wait(lock, [&] { return is_closed || (job != nullptr && seats > 0 && number != last); });
        if (is_closed) return;
        Job* const mine = job;
        last = number;
        --seats;
        ++active;
        lock.unlock();
        mine->work();
        lock.lock();
        if (--active == 0) idle.notify_one();
    }
}

// With the mutex held. What cannot be started is done without.
void Crew::start_workers(int wanted) {
    if (worker_count >= wanted) return;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the threads of the host
    while (worker_count < wanted && pthread_create(&workers[worker_count], nullptr, serve_crew, this) == 0)
        ++worker_count;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

bool Crew::begin(Job& new_job, int workers_wanted) {
    const std::lock_guard lock(mutex);
    if (is_busy || is_closed) return false;
    start_workers(workers_wanted);
    is_busy = true;
    job = &new_job;
    ++number;
    seats = workers_wanted;
    wake.notify_all();
    return true;
}

void Crew::finish() {
    std::unique_lock lock(mutex);
    job = nullptr;
    idle.wait(lock, [&] { return active == 0; });
    is_busy = false;
}

// A run in progress goes on without its workers once they have finished the pieces they are at.
void Crew::close() {
    {
        const std::lock_guard lock(mutex);
        is_closed = true;
        wake.notify_all();
    }
    for (int i = 0; i < worker_count; ++i) pthread_join(workers[i], nullptr);
}

// Owns the crew of this process.
class Pool final : ForkAware {
  public:
    // Published by compare-and-swap: a fork while another thread is inside must not leave the child waiting for it.
    // Never destroyed, since a caller's own static objects may evaluate in their destructors; Closer ends the threads.
    static Pool* get_if_made() { return g_pool.load(std::memory_order_acquire); }
    static Pool& get() {
        Pool* pool = get_if_made();
        if (pool != nullptr) return *pool;
        Pool* const mine = new Pool;
        if (g_pool.compare_exchange_strong(pool, mine, std::memory_order_acq_rel)) return *mine;
        delete mine;
        return *pool;
    }
    Crew& crew() const { return *crew_.load(std::memory_order_acquire); }

  private:
    Pool() : crew_(new Crew) { register_for_fork(); }
    ~Pool() {
        unregister_for_fork();
        delete &crew();
    }
    // The mutex is held across the fork, so that the crew is whole in the parent and nobody is starting threads. It is
    // never held while a task runs, so a run in progress delays nothing.
    void before_fork() override {
        spare_ = new (std::nothrow) Crew;
        crew().mutex.lock();
    }
    void after_fork(bool in_child) override {
        crew().mutex.unlock();
        Crew* const spare = spare_;
        spare_ = nullptr;
        if (!in_child) {
            delete spare;
            return;
        }
        // The old one is left as it is: the condition variables may not be destroyed while they count waiters.
        if (spare != nullptr) {
            crew_.store(spare, std::memory_order_release);
        } else {
            crew().is_closed = true;
            crew().worker_count = 0;
        }
    }

    static std::atomic<Pool*> g_pool;
    std::atomic<Crew*> crew_;
    Crew* spare_ = nullptr;
};
std::atomic<Pool*> Pool::g_pool{nullptr};

// Destroyed when the library is unloaded or the process exits.
struct Closer {
    ~Closer() {
        if (Pool* const pool = Pool::get_if_made()) pool->crew().close();
    }
};
Closer g_closer;

void run_alone(int64_t count, Task task, void* data) {
    for (int64_t i = 0; i < count; ++i) task(data, i);
}

}  // namespace

void PoolExecutor::run(int64_t count, Task task, void* data) {
    const auto workers = static_cast<int>(std::min<int64_t>(threads_ - 1, count - 1));
    if (workers <= 0) return run_alone(count, task, data);
    Crew* crew = nullptr;
    try {
        crew = &Pool::get().crew();
    } catch (const std::bad_alloc&) {
        return run_alone(count, task, data);
    }
    Job job{task, data, count};
    if (!crew->begin(job, workers)) return run_alone(count, task, data);
    job.work();
    crew->finish();
}

int PoolExecutor::started() {
    Pool* const pool = Pool::get_if_made();
    if (pool == nullptr) return 0;
    Crew& crew = pool->crew();
    const std::lock_guard lock(crew.mutex);
    return crew.worker_count;
}

int available_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return std::max(1, CPU_COUNT(&set));
}

}  // namespace exprjit
