// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/span.h"

namespace exprjit::lang {

// What a name of the text means at this point.
enum class Binding : uint8_t { None, Param, Local, Unknown };  // Unknown: reported as such

struct Symbol {
    std::string_view name;
    uint64_t hash = 0;
    Binding binding = Binding::None;
    uint32_t index = 0;            // of the parameter or local
    uint32_t output = UINT32_MAX;  // position among the outputs, if it is one
    Span first_use;                // Param: where the text first names it
};

// The names of one text. Symbols are numbered in order of first sight; clear() keeps the memory.
class Symbols {
  public:
    void clear();
    // The symbol with this name, made if need be. `hash` is Builtins::hash(name).
    uint32_t intern(std::string_view name, uint64_t hash);
    // A copy of `name` that lives until clear().
    std::string_view keep(std::string name);
    Symbol& operator[](uint32_t i) { return symbols_[i]; }
    const Symbol& operator[](uint32_t i) const { return symbols_[i]; }
    uint32_t size() const { return static_cast<uint32_t>(symbols_.size()); }
    size_t capacity() const { return slots_.size(); }

  private:
    void grow();

    std::vector<Symbol> symbols_;
    std::vector<uint32_t> slots_;  // symbol + 1, 0 empty
    std::vector<std::unique_ptr<std::string>> kept_;
};

}  // namespace exprjit::lang
