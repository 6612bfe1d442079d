// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ir/types.h"

#include <charconv>

namespace exprjit {

namespace {

constexpr std::string_view kStorageNames[kStorageCount] = {"bool", "i32", "i64", "f32", "f64", "i8",
                                                           "i16",  "u8",  "u16", "u32", "f16", "u64"};

bool parse_storage(std::string_view text, Storage& out) {
    for (int i = 0; i < kStorageCount; ++i) {
        if (text == kStorageNames[i]) {
            out = static_cast<Storage>(i);
            return true;
        }
    }
    return false;
}

}  // namespace

std::string_view name_of(Storage s) { return kStorageNames[static_cast<int>(s)]; }
std::string_view name_of(Scalar s) { return name_of(storage_of(s)); }

std::string to_string(Type t) {
    switch (t.kind()) {
    case Type::Kind::Void: return "void";
    case Type::Kind::Value: {
        std::string s(name_of(t.scalar()));
        if (t.lane_log2() != 0) s += "x" + std::to_string(t.lane_count());
        return s;
    }
    case Type::Kind::Array: {
        std::string s(t.is_mut() ? "mut array<" : "array<");
        s += name_of(t.storage());
        return s + "," + std::to_string(t.rank()) + ">";
    }
    }
    return "void";
}

bool parse_type(std::string_view text, Type& out) {
    if (text == "void") {
        out = kVoid;
        return true;
    }
    const bool is_mut = text.starts_with("mut ");
    std::string_view rest = is_mut ? text.substr(4) : text;
    Storage storage{};
    if (rest.starts_with("array<") && rest.ends_with(">")) {
        rest = rest.substr(6, rest.size() - 7);
        const size_t comma = rest.find(',');
        if (comma == std::string_view::npos || !parse_storage(rest.substr(0, comma), storage)) return false;
        const std::string_view rank = rest.substr(comma + 1);
        if (rank.size() != 1 || rank[0] < '1' || rank[0] > '0' + kMaxRank) return false;
        out = Type::array(storage, rank[0] - '0', is_mut);
        return true;
    }
    if (is_mut) return false;
    const size_t x = rest.find('x');
    if (!parse_storage(rest.substr(0, x), storage) || static_cast<int>(storage) >= kScalarCount) return false;
    int log2 = 0;
    if (x != std::string_view::npos) {
        int lanes = 0;
        const auto [end, error] = std::from_chars(rest.data() + x + 1, rest.data() + rest.size(), lanes);
        if (error != std::errc() || end != rest.data() + rest.size() || rest[x + 1] == '0') return false;
        while (log2 <= kMaxLaneLog2 && (1 << log2) != lanes) ++log2;
        if (log2 == 0 || log2 > kMaxLaneLog2) return false;
    }
    out = Type::lanes(static_cast<Scalar>(storage), log2);
    return true;
}

}  // namespace exprjit
