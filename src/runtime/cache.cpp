// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/cache.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>

#include "support/compile_watch.h"

namespace exprjit {

namespace {

bool same_bytes(std::span<const uint8_t> a, std::span<const uint8_t> b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

// What an entry costs besides the object: its slots in a table that is at most half full.
constexpr size_t kSlotCharge = 2 * 16;

// How often a thread that waits for another's compilation looks whether it still should.
constexpr std::chrono::milliseconds kLookAround{10};

}  // namespace

Cached* Cache::Table::find(const Hash128& hash, std::span<const uint8_t> key) const {
    if (count == 0) return nullptr;
    const size_t mask = slots.size() - 1;
    for (size_t s = hash.low & mask; slots[s].object != nullptr; s = (s + 1) & mask) {
        if (slots[s].hash != hash.low) continue;
        Cached* const object = slots[s].object;
        if (object->hash_ == hash && same_bytes(object->key(), key)) return object;
    }
    return nullptr;
}

void Cache::Table::insert(const Hash128& hash, Cached& object) {
    if (slots.size() < 2 * (count + 1)) {
        std::vector<Slot> old(slots.empty() ? 16 : slots.size() * 2);
        old.swap(slots);
        const size_t mask = slots.size() - 1;
        for (const Slot& o : old) {
            if (o.object == nullptr) continue;
            size_t s = o.hash & mask;
            while (slots[s].object != nullptr) s = (s + 1) & mask;
            slots[s] = o;
        }
    }
    const size_t mask = slots.size() - 1;
    size_t s = hash.low & mask;
    while (slots[s].object != nullptr) s = (s + 1) & mask;
    slots[s] = {hash.low, &object};
    ++count;
}

void Cache::Table::erase(const Cached& object) {
    const size_t mask = slots.size() - 1;
    size_t hole = object.hash_.low & mask;
    while (slots[hole].object != &object) hole = (hole + 1) & mask;
    for (size_t s = (hole + 1) & mask; slots[s].object != nullptr; s = (s + 1) & mask) {
        const size_t home = slots[s].hash & mask;
        // The entry may move back to the hole unless its home lies after it (cyclically).
        if (((s - home) & mask) >= ((s - hole) & mask)) {
            slots[hole] = slots[s];
            hole = s;
        }
    }
    slots[hole] = {};
    --count;
}

Cache::Cache(size_t bound) : bound_(bound) { register_for_fork(); }

Cache::~Cache() {
    unregister_for_fork();
    clear();
}

void Cache::link_newest(Cached& object) {
    object.newer_ = nullptr;
    object.older_ = newest_;
    if (newest_ != nullptr)
        newest_->newer_ = &object;
    else
        oldest_ = &object;
    newest_ = &object;
}

void Cache::unlink(Cached& object) {
    (object.newer_ != nullptr ? object.newer_->older_ : newest_) = object.older_;
    (object.older_ != nullptr ? object.older_->newer_ : oldest_) = object.newer_;
    object.newer_ = object.older_ = nullptr;
}

void Cache::touch(Cached& object) {
    // What it depends on becomes newer still, so that it never goes while something that keeps it alive anyway stays.
    if (newest_ != &object) {
        unlink(object);
        link_newest(object);
    }
    Cached* const base = object.depends_on();
    if (base != nullptr && base->in_cache_ && newest_ != base) {
        unlink(*base);
        link_newest(*base);
    }
}

void Cache::remove(Cached& object) {
    tables_[object.depends_on() != nullptr ? kText : kCode].erase(object);
    unlink(object);
    object.in_cache_ = false;
    figures_.bytes -= object.charge_;
    if (object.depends_on() == nullptr) --figures_.entries;
}

Cached* Cache::evict() {
    Cached* chain = nullptr;
    while (figures_.bytes > bound_ && oldest_ != nullptr) {
        Cached& victim = *oldest_;
        if (victim.depends_on() == nullptr) ++figures_.evictions;
        remove(victim);
        victim.older_ = chain;
        chain = &victim;
    }
    return chain;
}

void Cache::release_chain(Cached* first) {
    while (first != nullptr) {
        Cached* const next = first->older_;
        first->older_ = nullptr;
        first->release();
        first = next;
    }
}

Ref<Cached> Cache::find(Kind kind, const Hash128& hash, std::span<const uint8_t> key) {
    if (!enabled()) return {};
    const std::lock_guard lock(mutex_);
    Cached* const found = tables_[kind].find(hash, key);
    if (found == nullptr) return {};
    touch(*found);
    return Ref<Cached>::share(found);
}

Ref<Cached> Cache::insert(Kind kind, const Hash128& hash, Cached& object, size_t charge,
                          std::span<const uint8_t> landing) {
    if (!enabled()) return {};
    Cached* victims = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (!landing.empty()) land(landing);
        if (Cached* const present = tables_[kind].find(hash, object.key())) {
            touch(*present);
            return Ref<Cached>::share(present);
        }
        object.hash_ = hash;
        tables_[kind].insert(hash, object);
        object.retain();
        object.in_cache_ = true;
        object.charge_ = charge + kSlotCharge;
        figures_.bytes += object.charge_;
        if (kind == kCode) ++figures_.entries;
        link_newest(object);
        touch(object);
        victims = evict();
    }
    release_chain(victims);
    return {};
}

void Cache::recharge(Cached& object, ptrdiff_t difference) {
    Cached* victims = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (!object.in_cache_) return;
        object.charge_ += static_cast<size_t>(difference);
        figures_.bytes += static_cast<size_t>(difference);
        victims = evict();
    }
    release_chain(victims);
}

bool Cache::in_flight(const Hash128& hash, std::span<const uint8_t> key) const {
    return std::any_of(flights_.begin(), flights_.end(),
                       [&](const Flight& f) { return f.hash == hash && same_bytes(f.key, key); });
}

Ref<Cached> Cache::find_or_begin(Kind kind, const Hash128& hash, std::span<const uint8_t> key) {
    if (!enabled()) return {};
    std::unique_lock lock(mutex_);
    bool waited = false;
    for (;;) {
        if (Cached* const found = tables_[kind].find(hash, key)) {
            touch(*found);
            return Ref<Cached>::share(found);
        }
        if (!in_flight(hash, key)) break;
        if (!waited) ++figures_.waits;
        waited = true;
        ++waiting_;
        landed_.wait_for(lock, kLookAround);
        --waiting_;
        poll_compile();  // this thread may be told to stop waiting
    }
    flights_.push_back({hash, key});
    return {};
}

void Cache::land(std::span<const uint8_t> key) {
    const auto it =
        std::find_if(flights_.begin(), flights_.end(), [&](const Flight& f) { return f.key.data() == key.data(); });
    if (it != flights_.end()) {
        *it = flights_.back();
        flights_.pop_back();
    }
    if (waiting_ != 0) landed_.notify_all();
}

void Cache::end_flight(std::span<const uint8_t> key) {
    if (!enabled()) return;
    const std::lock_guard lock(mutex_);
    land(key);
}

void Cache::clear() {
    Cached* chain = nullptr;
    {
        const std::lock_guard lock(mutex_);
        while (oldest_ != nullptr) {
            Cached& object = *oldest_;
            remove(object);
            object.older_ = chain;
            chain = &object;
        }
    }
    release_chain(chain);
}

Cache::Figures Cache::figures() {
    const std::lock_guard lock(mutex_);
    return figures_;
}

void Cache::before_fork() { mutex_.lock(); }

void Cache::after_fork(bool in_child) {
    if (in_child) {
        // The threads that were compiling or waiting exist in the parent only. A condition variable that remembers
        // waiters would wait for them to wake, so the child starts with a fresh one.
        flights_.clear();
        waiting_ = 0;
        new (&landed_) std::condition_variable;
    }
    mutex_.unlock();
}

}  // namespace exprjit
