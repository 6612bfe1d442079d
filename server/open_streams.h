// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The streams that are open, so that a server that drains can end those on which nothing happens.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace exprjit::server {

class Endable {
  public:
    virtual ~Endable() = default;
    // The server drains: ends what has had nothing under way for `quiet`.
    virtual void end_if_quiet(std::chrono::milliseconds quiet) = 0;
};

// Thread-safe.
class OpenStreams {
  public:
    void add(const std::shared_ptr<Endable>& stream) {
        const std::lock_guard lock(mutex_);
        streams_.emplace(stream.get(), stream);
    }
    void remove(const Endable* stream) {
        const std::lock_guard lock(mutex_);
        streams_.erase(stream);
    }
    void end_quiet(std::chrono::milliseconds quiet) {
        std::vector<std::shared_ptr<Endable>> found;
        {
            const std::lock_guard lock(mutex_);
            for (const auto& [key, stream] : streams_) {
                if (auto kept = stream.lock()) {
                    found.push_back(std::move(kept));
                }
            }
        }
        for (const auto& stream : found) {  // without the lock: a stream that ends removes itself
            stream->end_if_quiet(quiet);
        }
    }

  private:
    std::mutex mutex_;
    std::map<const Endable*, std::weak_ptr<Endable>> streams_;
};

}  // namespace exprjit::server
