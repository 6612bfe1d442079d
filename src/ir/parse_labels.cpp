// SPDX-License-Identifier: MIT OR Apache-2.0
#include <chrono>

#include "ir/parse_cursor.h"

namespace exprjit::text {

uint64_t Labels::process_seed() {
    // Where the loader put this variable, and when it was first asked: nothing that a text can know.
    static const char here = 0;
    static const uint64_t seed = (reinterpret_cast<uint64_t>(&here) * 0x9e3779b97f4a7c15u) ^
                                 static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    return seed;
}

size_t Labels::Hash::operator()(std::string_view text) const {
    uint64_t h = seed;
    for (const char c : text) {
        h = (h ^ static_cast<unsigned char>(c)) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return static_cast<size_t>(h * 0xc4ceb9fe1a85ec53u >> 7);
}

// Numbers as print() writes them ("7", never "07") go into the array while it stays within the size of the text.
bool Labels::dense_index(std::string_view label, uint64_t& index) const {
    if (label.empty() || label[0] < '0' || label[0] > '9' || (label.size() > 1 && label[0] == '0')) return false;
    return parse_integer(label, index) && index <= dense_limit_;
}

ValueId Labels::find(std::string_view label) const {
    uint64_t index = 0;
    const Entry* entry = nullptr;
    if (dense_index(label, index)) {
        if (index < dense_.size()) entry = &dense_[index];
    } else if (const auto it = named_.find(label); it != named_.end()) {
        entry = &it->second;
    }
    return entry && entry->generation == generation_ ? entry->value : kNoValue;
}

void Labels::set(std::string_view label, ValueId v) {
    uint64_t index = 0;
    if (!dense_index(label, index)) {
        named_[label] = {generation_, v};
        return;
    }
    if (index >= dense_.size()) dense_.resize(std::max<size_t>(index + 1, dense_.size() * 2));
    dense_[index] = {generation_, v};
}

}  // namespace exprjit::text
