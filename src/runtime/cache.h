// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "runtime/fork_aware.h"
#include "runtime/hash.h"

namespace exprjit {

// Something the cache can hold: reference-counted, found by its key. The key lives as long as the object.
class Cached {
  public:
    Cached(const Cached&) = delete;
    Cached& operator=(const Cached&) = delete;

    void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
    // The last reference destroys it.
    void release() {
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }
    // Only a hint when others may be using it.
    uint32_t references() const { return references_.load(std::memory_order_relaxed); }

    virtual std::span<const uint8_t> key() const = 0;
    // Something the object needs and that must not be thought older than it (a text: its code); may be nullptr.
    virtual Cached* depends_on() const = 0;

  protected:
    Cached() = default;
    virtual ~Cached() = default;

  private:
    friend class Cache;
    std::atomic<uint32_t> references_{1};
    bool in_cache_ = false;
    Hash128 hash_;
    size_t charge_ = 0;
    Cached* newer_ = nullptr;
    Cached* older_ = nullptr;
};

// A reference held by value.
template <class T>
class Ref {
  public:
    Ref() = default;
    // Takes over a reference the caller has.
    explicit Ref(T* owned) : p_(owned) {}
    Ref(Ref&& other) noexcept : p_(other.p_) { other.p_ = nullptr; }
    Ref(const Ref& other) : p_(other.p_) {
        if (p_ != nullptr) p_->retain();
    }
    Ref& operator=(Ref other) noexcept {
        T* const p = p_;
        p_ = other.p_;
        other.p_ = p;
        return *this;
    }
    ~Ref() {
        if (p_ != nullptr) p_->release();
    }
    static Ref share(T* p) {
        if (p != nullptr) p->retain();
        return Ref(p);
    }

    T* get() const { return p_; }
    T* operator->() const { return p_; }
    T& operator*() const { return *p_; }
    explicit operator bool() const { return p_ != nullptr; }

  private:
    T* p_ = nullptr;
};

// Objects by key, bounded in bytes. What was not used for longest goes first; going means that the cache gives up its
// own reference, nothing more. Thread-safe; objects are destroyed outside its lock. Several kinds of object live in one
// order of age, each kind in its own table.
class Cache final : private ForkAware {
  public:
    enum Kind : uint8_t { kText, kCode, kKinds };

    // 1 byte means no cache: nothing is ever found or kept.
    explicit Cache(size_t bound);
    ~Cache();

    bool enabled() const { return bound_ != 1; }

    // A new reference to the object with this key, or an empty one.
    Ref<Cached> find(Kind kind, const Hash128& hash, std::span<const uint8_t> key);

    // Adds an object whose memory is `charge` bytes. If an equal one is there already, returns a reference to that one,
    // which the caller then uses instead; otherwise an empty one. May evict, even the object itself. `landing` is the
    // key of the flight that made the object, which ends with it.
    Ref<Cached> insert(Kind kind, const Hash128& hash, Cached& object, size_t charge,
                       std::span<const uint8_t> landing = {});

    // The object grew (or shrank) by so many bytes. Nothing happens if it is not, or no longer, in the cache.
    void recharge(Cached& object, ptrdiff_t difference);

    // Single flight: returns the cached object, or an empty reference after which this thread, and no other, makes it;
    // the thread then ends the flight, by insert() or, if it failed, by end_flight(). Others wait here meanwhile. The
    // same key must stay valid until then. If `enabled()` is false nobody ever waits.
    Ref<Cached> find_or_begin(Kind kind, const Hash128& hash, std::span<const uint8_t> key);
    void end_flight(std::span<const uint8_t> key);

    void clear();

    struct Figures {
        uint64_t entries = 0;  // objects of kind kCode
        uint64_t bytes = 0;
        uint64_t evictions = 0;  // of kind kCode
        uint64_t waits = 0;      // threads that waited for another's flight
    };
    Figures figures();

  private:
    // Open addressing with linear probing; deletion moves the followers back, so there are no tombstones.
    struct Table {
        struct Slot {
            uint64_t hash = 0;
            Cached* object = nullptr;
        };
        std::vector<Slot> slots;
        size_t count = 0;

        Cached* find(const Hash128& hash, std::span<const uint8_t> key) const;
        void insert(const Hash128& hash, Cached& object);
        void erase(const Cached& object);
    };
    struct Flight {
        Hash128 hash;
        std::span<const uint8_t> key;
    };

    void link_newest(Cached& object);
    void unlink(Cached& object);
    void touch(Cached& object);
    void remove(Cached& object);
    // Unhooks what is over the bound and returns it as a chain through older_.
    Cached* evict();
    static void release_chain(Cached* first);
    void land(std::span<const uint8_t> key);
    bool in_flight(const Hash128& hash, std::span<const uint8_t> key) const;

    void before_fork() override;
    void after_fork(bool in_child) override;

    const size_t bound_;
    std::mutex mutex_;
    std::condition_variable landed_;
    size_t waiting_ = 0;
    std::vector<Flight> flights_;
    Table tables_[kKinds];
    Cached* newest_ = nullptr;
    Cached* oldest_ = nullptr;
    Figures figures_;
};

}  // namespace exprjit
