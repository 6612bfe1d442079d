// SPDX-License-Identifier: MIT OR Apache-2.0
#include "measure.h"

#include <algorithm>
#include <bit>

namespace exprjit::accuracy {
namespace {

constexpr size_t kBlock = 4096;
constexpr uint64_t kBlocksPerTurn = 16;  // a thread takes so many at once

// One thread's work: blocks of arguments, the truth about them, and what every subject makes of them.
template <class T>
class Worker {
  public:
    Worker(const Function& f, const std::vector<const Subject<T>*>& subjects)
        : subjects_(subjects), truth_(f), verdicts(subjects.size()), x(kBlock), y(kBlock), out_(kBlock) {}

    void judge(const T* xs, const T* ys, size_t count) {
        truth_.compute(xs, ys, count);
        for (size_t s = 0; s < subjects_.size(); ++s) {
            if (subjects_[s] == nullptr) continue;
            subjects_[s]->run(xs, ys, out_.data(), count);
            truth_.judge(out_.data(), verdicts[s]);
        }
    }

  private:
    const std::vector<const Subject<T>*>& subjects_;
    Truth<T> truth_;

  public:
    std::vector<Verdict> verdicts;
    std::vector<T> x, y;

  private:
    std::vector<T> out_;
};

}  // namespace

template <class T>
std::vector<Verdict> measure(const Function& f, const std::vector<const Subject<T>*>& subjects, const Plan& plan) {
    const Samples<T> samples(f, plan.only);
    const bool all = plan.all && sizeof(T) == 4 && f.arity == 1;
    const uint64_t every = std::max<uint64_t>(1, plan.every);
    const uint64_t total = all ? (uint64_t{1} << 32) / every : plan.samples;
    const uint64_t blocks = (total + kBlock - 1) / kBlock;
    std::atomic<uint64_t> next{0};
    std::vector<Verdict> result(subjects.size());
    std::vector<Worker<T>> workers;
    const unsigned threads = std::max(1u, plan.threads);
    for (unsigned t = 0; t < threads; ++t) workers.emplace_back(f, subjects);
    if (!plan.only) {
        std::vector<T> x, y;
        samples.hard_cases(x, y);
        for (size_t i = 0; i < x.size(); i += kBlock)
            workers[0].judge(x.data() + i, y.data() + i, std::min(kBlock, x.size() - i));
    }
    const auto work = [&](Worker<T>& w) {
        for (;;) {
            const uint64_t begin = next.fetch_add(kBlocksPerTurn), end = std::min(begin + kBlocksPerTurn, blocks);
            if (begin >= blocks) return;
            for (uint64_t block = begin; block < end; ++block) {
                const size_t count = static_cast<size_t>(std::min<uint64_t>(kBlock, total - block * kBlock));
                if (all) {
                    for (size_t i = 0; i < count; ++i)
                        w.x[i] = static_cast<T>(std::bit_cast<float>(
                            static_cast<uint32_t>((block * kBlock + i) * every + plan.seed % every)));
                } else {
                    samples.fill(plan.seed * 0x10001 + block * 0x9e3779b97f4a7c15u, w.x.data(), w.y.data(), count);
                }
                w.judge(w.x.data(), w.y.data(), count);
            }
        }
    };
    std::vector<std::thread> running;
    for (unsigned t = 1; t < threads; ++t) running.emplace_back([&, t] { work(workers[t]); });
    work(workers[0]);
    for (std::thread& t : running) t.join();
    for (const Worker<T>& w : workers)
        for (size_t s = 0; s < result.size(); ++s) result[s].merge(w.verdicts[s]);
    return result;
}

template std::vector<Verdict> measure<float>(const Function&, const std::vector<const Subject<float>*>&, const Plan&);
template std::vector<Verdict> measure<double>(const Function&, const std::vector<const Subject<double>*>&, const Plan&);

}  // namespace exprjit::accuracy
