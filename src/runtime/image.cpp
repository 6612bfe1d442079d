// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/image.h"

#include <cassert>
#include <cstring>
#include <string>
#include <type_traits>

namespace exprjit {

namespace {

static_assert(std::is_trivially_copyable_v<Node> && std::is_trivially_copyable_v<Span>);

constexpr Node kAnyNode = [] {  // overwritten at once
    Node n{};
    return n;
}();

struct ProgramHeader {
    uint32_t flags, functions, tables;
};

struct FunctionHeader {
    uint32_t name_bytes, params, results, result_names, nodes, lists, spans;
};

class Writer {
  public:
    explicit Writer(Bytes& out) : out_(out) { out_.clear(); }

    template <class T>
    void plain(const T& t) {
        out_.append(&t, sizeof t);
    }
    template <class T>
    void array(const std::vector<T>& v) {
        out_.append(v.data(), v.size() * sizeof(T));
    }
    void text(const std::string& s) {
        plain(static_cast<uint32_t>(s.size()));
        out_.append(s.data(), s.size());
    }

    void function(const Function& f, uint32_t turn) {
        plain(FunctionHeader{static_cast<uint32_t>(f.name.size()), static_cast<uint32_t>(f.params.size()),
                             static_cast<uint32_t>(f.results.size()), static_cast<uint32_t>(f.result_names.size()),
                             f.size(), static_cast<uint32_t>(f.lists.size()), static_cast<uint32_t>(f.spans.size())});
        out_.append(f.name.data(), f.name.size());
        for (const Param& p : f.params) {
            plain(p.type.bits());
            text(p.name);
        }
        for (const Type t : f.results) plain(t.bits());
        for (const std::string& name : f.result_names) text(name);
        const size_t nodes_at = out_.size();
        array(f.nodes);
        if (turn != 0) turn_calls(out_.reserve(0) - (out_.size() - nodes_at), f.size(), turn);
        array(f.lists);
        array(f.spans);
    }

  private:
    // Function i becomes function turn - i.
    static void turn_calls(uint8_t* nodes, uint32_t count, uint32_t turn) {
        for (uint32_t i = 0; i < count; ++i, nodes += sizeof(Node)) {
            Node n = kAnyNode;
            std::memcpy(static_cast<void*>(&n), nodes, sizeof n);
            if (n.op != Op::Call) continue;
            n.imm = turn - n.imm;
            std::memcpy(nodes, static_cast<const void*>(&n), sizeof n);
        }
    }

    Bytes& out_;
};

class Reader {
  public:
    explicit Reader(std::span<const uint8_t> image) : at_(image.data()), end_(at_ + image.size()) {}

    template <class T>
    T plain() {
        T t;
        bytes(&t, sizeof t);
        return t;
    }
    void bytes(void* to, size_t n) {
        assert(n <= static_cast<size_t>(end_ - at_));
        if (n != 0) std::memcpy(to, at_, n);
        at_ += n;
    }
    template <class T>
    void array(std::vector<T>& v, size_t n) {
        static_assert(std::is_trivially_copyable_v<T>);
        v.resize(n);
        bytes(v.data(), n * sizeof(T));
    }
    void text(std::string& s, size_t n) {
        s.resize(n);
        bytes(s.data(), n);
    }
    void text(std::string& s) { text(s, plain<uint32_t>()); }
    Type type() { return Type::from_bits(plain<uint32_t>()); }

    void function(Function& f) {
        const auto h = plain<FunctionHeader>();
        text(f.name, h.name_bytes);
        f.params.resize(h.params);
        for (Param& p : f.params) {
            p.type = type();
            text(p.name);
        }
        f.results.resize(h.results);
        for (Type& t : f.results) t = type();
        f.result_names.resize(h.result_names);
        for (std::string& name : f.result_names) text(name);
        f.nodes.resize(h.nodes, kAnyNode);
        bytes(f.nodes.data(), h.nodes * sizeof(Node));
        array(f.lists, h.lists);
        array(f.spans, h.spans);
    }

  private:
    const uint8_t* at_;
    const uint8_t* end_;
};

}  // namespace

void write_image(const Program& program, bool entry_last, Bytes& out) {
    Writer w(out);
    const auto count = static_cast<uint32_t>(program.functions.size());
    w.plain(ProgramHeader{program.flags, count, static_cast<uint32_t>(program.tables.size())});
    for (const ConstantTable& t : program.tables) {
        w.plain(static_cast<uint64_t>(t.bytes.size()));
        w.plain(t.storage);
        w.array(t.bytes);
    }
    for (uint32_t i = 0; i < count; ++i) {
        if (entry_last)
            w.function(program.functions[count - 1 - i], count - 1);
        else
            w.function(program.functions[i], 0);
    }
}

void read_image(std::span<const uint8_t> image, Program& out) {
    Reader r(image);
    const auto h = r.plain<ProgramHeader>();
    out.flags = h.flags;
    out.natives.clear();  // only the front end of text makes any
    out.tables.resize(h.tables);
    for (ConstantTable& t : out.tables) {
        const auto size = r.plain<uint64_t>();
        t.storage = r.plain<Storage>();
        r.array(t.bytes, size);
    }
    out.functions.resize(h.functions);
    for (Function& f : out.functions) r.function(f);
}

}  // namespace exprjit
