// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/key.h"

#include <cassert>
#include <cstring>

#include "lang/definitions.h"
#include "support/compile_watch.h"

namespace exprjit {

namespace {

struct FrontHeader {
    uint8_t kind;
    uint8_t declared;
    uint8_t result_type;  // kNoScalar: keep
    uint8_t div_mode;
    uint8_t caret;
    uint8_t tier;
    uint8_t isa;
    uint8_t untrusted;
    uint32_t flags;
    uint32_t name_bytes;
    uint64_t param_count;
    uint64_t text_bytes;
    uint64_t definitions;  // their stamp; 0 without any
};
static_assert(sizeof(FrontHeader) == 40);
constexpr uint8_t kNoScalar = 0xff;

inline uint8_t* put_number(uint8_t* p, uint64_t v) {
    while (v >= 0x80) [[unlikely]] {
            *p++ = static_cast<uint8_t>(v | 0x80);
            v >>= 7;
        }
    *p++ = static_cast<uint8_t>(v);
    return p;
}
constexpr size_t kNumberBytes = 10;

// Of the byte that begins a type: not a scalar. The four bits above a scalar are free for the caller.
constexpr uint8_t kNotScalar = 0x0f;

uint8_t* put_type(uint8_t* p, Type t) {
    if (t.is_scalar()) {
        *p++ = static_cast<uint8_t>(t.scalar());
        return p;
    }
    *p++ = kNotScalar;
    const uint32_t bits = t.bits();
    std::memcpy(p, &bits, sizeof bits);
    return p + sizeof bits;
}
constexpr size_t kTypeBytes = 5;

// A node with its inline operands; operands in lists are reserved for apart.
constexpr size_t kNodeBytes = 1 + kTypeBytes + 5 + 3 * 5 + kNumberBytes;

}  // namespace

void write_front_key(const CompileRequest& r, Bytes& out) {
    out.clear();
    FrontHeader h{};
    h.kind = static_cast<uint8_t>(r.kind);
    h.declared = r.declared;
    h.result_type = r.result_type ? static_cast<uint8_t>(*r.result_type) : kNoScalar;
    h.div_mode = static_cast<uint8_t>(r.div_mode);
    h.caret = static_cast<uint8_t>(r.caret);
    h.tier = static_cast<uint8_t>(r.tier);
    h.isa = static_cast<uint8_t>(r.isa);
    h.untrusted = r.untrusted;
    h.definitions = r.definitions != nullptr ? r.definitions->stamp() : 0;
    h.flags = r.flags;
    h.name_bytes = static_cast<uint32_t>(r.source_name.size());
    h.param_count = r.params.size();
    h.text_bytes = r.text.size();
    out.append(&h, sizeof h);
    for (const TextParam& p : r.params) {
        uint8_t* const at = out.reserve(1 + sizeof(uint64_t) + p.name.size());
        const uint64_t size = p.name.size();
        at[0] = static_cast<uint8_t>(p.type);
        std::memcpy(at + 1, &size, sizeof size);
        if (size != 0) std::memcpy(at + 1 + sizeof size, p.name.data(), size);
        out.advance_to(at + 1 + sizeof size + size);
    }
    out.append(r.source_name.data(), r.source_name.size());
    out.append(r.text.data(), r.text.size());
    out.append("", 1);
}

CompileRequest read_front_key(std::span<const uint8_t> key, std::vector<TextParam>& params) {
    FrontHeader h;
    assert(key.size() > sizeof h);
    std::memcpy(&h, key.data(), sizeof h);
    const uint8_t* p = key.data() + sizeof h;
    params.clear();
    params.reserve(h.param_count);
    for (uint64_t i = 0; i < h.param_count; ++i) {
        uint64_t size;
        std::memcpy(&size, p + 1, sizeof size);
        params.push_back({{reinterpret_cast<const char*>(p + 1 + sizeof size), size}, static_cast<Storage>(p[0])});
        p += 1 + sizeof size + size;
    }
    CompileRequest r;
    r.kind = static_cast<SourceKind>(h.kind);
    r.source_name = {reinterpret_cast<const char*>(p), h.name_bytes};
    r.text = {reinterpret_cast<const char*>(p + h.name_bytes), h.text_bytes};
    r.params = params;
    r.declared = h.declared != 0;
    if (h.result_type != kNoScalar) r.result_type = static_cast<Scalar>(h.result_type);
    r.div_mode = static_cast<DivMode>(h.div_mode);
    r.caret = static_cast<Caret>(h.caret);
    r.tier = static_cast<TierChoice>(h.tier);
    r.isa = static_cast<Isa>(h.isa);
    r.untrusted = h.untrusted != 0;
    r.flags = h.flags;
    return r;
}

std::string_view text_of_front_key(std::span<const uint8_t> key) {
    FrontHeader h;
    assert(key.size() > sizeof h);
    std::memcpy(&h, key.data(), sizeof h);
    return {reinterpret_cast<const char*>(key.data() + key.size() - 1 - h.text_bytes), h.text_bytes};
}

SourceKind kind_of_front_key(std::span<const uint8_t> key) {
    FrontHeader h;
    assert(key.size() > sizeof h);
    std::memcpy(&h, key.data(), sizeof h);
    return static_cast<SourceKind>(h.kind);
}

void number_checks(Program& program, SourceKind kind, std::vector<Span>& places) {
    places.clear();
    for (Function& f : program.functions) {
        const uint32_t size = f.size();
        for (ValueId v = 0; v < size; ++v) {
            Node& n = f.nodes[v];
            if (n.op != Op::Check) continue;
            const Span known = kind == SourceKind::Text ? f.span_of(v) : kNoSpan;
            const uint32_t site = check_site(n.imm);
            places.push_back(known.valid() ? known : Span{site, site});
            n.imm = check_imm(check_code(n.imm), static_cast<uint32_t>(places.size() - 1));
        }
    }
}

namespace {

// What calls it is the same code if it is the same function of the host, whatever its name.
void write_native(const NativeFunction& n, Bytes& out) {
    out.append(&n.address, sizeof n.address);
    out.append(&n.user_data, sizeof n.user_data);
    const uint8_t facts[4] = {static_cast<uint8_t>(n.params.size()), static_cast<uint8_t>(n.result),
                              static_cast<uint8_t>(n.takes_user_data), static_cast<uint8_t>(n.is_pure)};
    out.append(facts, sizeof facts);
    out.append(n.params.data(), n.params.size() * sizeof(Scalar));
}

}  // namespace

void write_canonical_key(const Program& program, const CodeTraits& traits, Bytes& out) {
    out.clear();
    uint8_t* p = out.reserve(6 * kNumberBytes);
    *p++ = static_cast<uint8_t>(traits.tier);
    *p++ = static_cast<uint8_t>(traits.isa);
    p = put_number(p, traits.flags);
    p = put_number(p, program.functions.size());
    p = put_number(p, program.tables.size());
    p = put_number(p, program.natives.size());
    out.advance_to(p);
    for (const NativeRef& n : program.natives) write_native(*n, out);
    for (const ConstantTable& t : program.tables) {
        p = out.reserve(1 + kNumberBytes);
        *p++ = static_cast<uint8_t>(t.storage);
        p = put_number(p, t.bytes.size());
        out.advance_to(p);
        out.append(t.bytes.data(), t.bytes.size());
    }
    for (const Function& f : program.functions) {
        // Parameter types are those of the Param nodes.
        p = out.reserve(3 * kNumberBytes + f.results.size() * kTypeBytes + f.nodes.size() * kNodeBytes +
                        f.lists.size() * 5);
        p = put_number(p, f.params.size());
        p = put_number(p, f.results.size());
        p = put_number(p, f.nodes.size());
        for (const Type t : f.results) p = put_type(p, t);
        const uint32_t size = f.size();
        const Node* n = f.nodes.data();
        for (ValueId v = 0; v < size; ++v, ++n) {
            poll_compile_at(v);
            *p++ = static_cast<uint8_t>(n->op);
            const ValueId* operands = n->inline_operands;
            uint32_t count = n->operand_count16;
            if (count <= 3 && n->type.is_scalar()) [[likely]] {
                *p++ = static_cast<uint8_t>(static_cast<uint32_t>(n->type.scalar()) | (count + 1) << 4);
            } else {
                const auto all = f.operands(*n);
                operands = all.data();
                count = static_cast<uint32_t>(all.size());
                p = put_type(p, n->type);
                p = put_number(p, count);
            }
            for (uint32_t k = 0; k < count; ++k) p = put_number(p, static_cast<uint32_t>(v - operands[k]));
            if (n->op == Op::Const) {
                std::memcpy(p, &n->imm, sizeof n->imm);
                p += sizeof n->imm;
            } else if (n->imm != 0 || info(n->op).has(kHasImm)) {
                p = put_number(p, n->imm);
            }
            // Links are left out: they follow from the order of the nodes.
        }
        out.advance_to(p);
    }
}

}  // namespace exprjit
