// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lang/symbols.h"

namespace exprjit::lang {

void Symbols::clear() {
    // Only the slots in use are touched, so that a short text after a long one costs nothing.
    const size_t mask = slots_.size() - 1;
    for (size_t i = symbols_.size(); i-- > 0;) {
        size_t s = symbols_[i].hash & mask;
        while (slots_[s] != i + 1) s = (s + 1) & mask;
        slots_[s] = 0;
    }
    symbols_.clear();
    kept_.clear();
}

uint32_t Symbols::intern(std::string_view name, uint64_t hash) {
    if (symbols_.size() * 2 >= slots_.size()) grow();
    const size_t mask = slots_.size() - 1;
    size_t s = hash & mask;
    for (; slots_[s] != 0; s = (s + 1) & mask) {
        const Symbol& other = symbols_[slots_[s] - 1];
        if (other.hash == hash && other.name == name) return slots_[s] - 1;
    }
    Symbol& symbol = symbols_.emplace_back();
    symbol.name = name;
    symbol.hash = hash;
    slots_[s] = size();
    return size() - 1;
}

std::string_view Symbols::keep(std::string name) {
    kept_.push_back(std::make_unique<std::string>(std::move(name)));
    return *kept_.back();
}

void Symbols::grow() {
    const size_t size = slots_.empty() ? 64 : slots_.size() * 2;
    slots_.assign(size, 0);
    for (size_t i = 0; i < symbols_.size(); ++i) {
        size_t s = symbols_[i].hash & (size - 1);
        while (slots_[s] != 0) s = (s + 1) & (size - 1);
        slots_[s] = static_cast<uint32_t>(i + 1);
    }
}

}  // namespace exprjit::lang
