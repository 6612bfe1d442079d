// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Functions that an engine's users add to the language: expressions with parameters, and functions of the host.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/native.h"
#include "ir/program.h"
#include "support/result.h"

namespace exprjit {

struct Definition;
using DefinitionRef = std::shared_ptr<const Definition>;

// One of them. An expression function is kept as its text, which is read anew for every combination of argument types. What it
// calls was looked up when it was defined, so it never changes its meaning and cannot call itself.
struct Definition {
    static constexpr uint32_t kDeepest = 128;  // how many definitions may stand on each other; reading recurses so deep

    std::string name;
    NativeRef native;  // of a function of the host; then what follows is empty
    std::string text;  // "f(x, y) = x*y + 1"
    std::vector<std::string> params;
    uint32_t body = 0;                   // where it begins in `text`
    std::vector<DefinitionRef> callees;  // the definitions that the body names
    uint32_t depth = 1;
    bool calls_natives = false;  // itself or through what it calls
    // Stamp of the first definitions without it, 0 if there are none: a kernel of earlier ones may still be read again.
    mutable std::atomic<uint64_t> removed_at{0};

    bool is_removed(uint64_t stamp) const {
        const uint64_t at = removed_at.load(std::memory_order_acquire);
        return at != 0 && at <= stamp;
    }
    size_t param_count() const { return native ? native->params.size() : params.size(); }
    size_t memory_bytes() const;  // without what it calls
};

// All definitions at one moment. Immutable and shared: whoever compiles keeps the ones it began with.
class Definitions {
  public:
    // Of no other set of definitions in this process.
    uint64_t stamp() const { return stamp_; }
    // nullptr if there is none of this name.
    const Definition* find(std::string_view name) const;
    std::span<const DefinitionRef> all() const { return all_; }
    // These of them, under the same stamp: what a text that reached no others can be read with again.
    std::shared_ptr<const Definitions> only(std::span<const Definition* const> reached) const;
    // Of all of them and what they call.
    size_t memory_bytes() const;

    // What comes of `now` (nullptr: nothing) by one change. Errors have positions in `text`.
    static Result<std::shared_ptr<const Definitions>> with(const Definitions* now, std::string_view text,
                                                           const Limits& limits);
    static Result<std::shared_ptr<const Definitions>> with(const Definitions* now, NativeRef function);
    static Result<std::shared_ptr<const Definitions>> without(const Definitions* now, std::string_view name);

  private:
    static std::shared_ptr<Definitions> copy(const Definitions* now);
    std::vector<DefinitionRef>::const_iterator place_of(std::string_view name) const;
    void put(DefinitionRef definition);

    uint64_t stamp_ = 0;
    std::vector<DefinitionRef> all_;  // by name
};

// A function of the host from what its caller says of it: a name that the language leaves free, and a signature as in
// "(f64, i64) -> f64".
Result<NativeRef> make_native(std::string_view name, std::string_view signature, const void* address, void* user_data,
                              bool takes_user_data, bool is_pure);

}  // namespace exprjit
