// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "lang/token.h"

namespace exprjit::lang {

// Hash of a name, computed byte by byte while the lexer reads it. Seeded per process, so that a text cannot be made
// whose names all collide.
class NameHash {
  public:
    explicit NameHash(uint64_t seed) : state_(seed) {}
    void add(char c) { state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x9e3779b97f4a7c15u; }
    uint64_t finish() const { return (state_ ^ state_ >> 29) * 0xff51afd7ed558ccdu >> 16; }

  private:
    uint64_t state_;
};

// The names that the language itself knows: reserved words, functions, constants, and functions of columns that do not
// exist.
class Builtins {
  public:
    enum class Kind : uint8_t { None, Word, Function, Constant, Reduction };
    struct Entry {
        std::string_view name;
        Kind kind = Kind::None;
        Tok word = Tok::End;  // Word
        uint16_t row = 0;     // Function, Constant: in function_rows() or constant_rows()
    };

    static const Builtins& get();

    uint64_t seed() const { return seed_; }
    uint64_t hash(std::string_view name) const {
        NameHash h(seed_);
        for (const char c : name) h.add(c);
        return h.finish();
    }
    // Index of the entry with this name, 0 if there is none. `hash` is hash(name).
    uint16_t find(std::string_view name, uint64_t hash) const {
        for (uint64_t s = hash;; ++s) {
            const Slot& slot = slots_[s & (kSlots - 1)];
            if (slot.entry == 0) return 0;
            if (slot.hash == static_cast<uint32_t>(hash) && entries_[slot.entry].name == name) return slot.entry;
        }
    }
    const Entry& entry(uint16_t index) const { return entries_[index]; }
    size_t size() const { return entries_.size(); }

  private:
    Builtins();
    void add(std::string_view name, Kind kind, Tok word, size_t row);
    void add_aliases(std::string_view aliases, Kind kind, size_t row);

    static constexpr size_t kSlots = 1024;  // about an eighth full, so that a miss is nearly always one look
    struct Slot {
        uint32_t hash = 0;
        uint16_t entry = 0;
    };
    uint64_t seed_;
    std::vector<Entry> entries_;
    Slot slots_[kSlots];
};

// The reserved word that `text` is but for capitals, NOT for not; "" if it is none.
std::string_view reserved_word_like(std::string_view text);

// Up to `n` characters of edit distance away, the best candidate for `wrong`: feed candidates, then look at best().
class Suggestion {
  public:
    explicit Suggestion(std::string_view wrong);
    void consider(std::string_view candidate);
    std::string_view best() const { return best_; }  // empty if nothing is near

  private:
    std::string_view wrong_;
    std::string_view best_;
    int distance_;
};

}  // namespace exprjit::lang
