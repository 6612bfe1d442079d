// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The text form, written: docs/ir.md has the grammar. One line per node.
#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "ir/text.h"
#include "ir/text_literal.h"

namespace exprjit {

namespace {

// Deep nests keep one indentation, so that the text stays linear in the program.
constexpr size_t kMaxIndent = 24;
constexpr size_t kElementsPerLine = 8;

// Names that can stand for what they name: identifiers that nothing else in `names` shares.
class BareNames {
  public:
    void add(const std::string& name) {
        if (text::is_identifier(name)) ++count_[name];
    }
    bool bare(const std::string& name) const {
        const auto it = count_.find(name);
        return it != count_.end() && it->second == 1;
    }

  private:
    std::unordered_map<std::string_view, int> count_;
};

class Printer {
  public:
    explicit Printer(std::string& out) : out_(out) {}

    void program(const Program& p) {
        if (p.flags != 0) {
            out_ += "flags ";
            text::append_integer(out_, p.flags);
            out_ += "\n\n";
        }
        for (size_t t = 0; t < p.tables.size(); ++t) table(p.tables[t], t);
        BareNames names;
        for (const Function& f : p.functions) names.add(f.name);
        functions_ = &p.functions;
        names_ = &names;
        natives_ = &p.natives;
        for (size_t i = 0; i < p.functions.size(); ++i) {
            if (i > 0 || !p.tables.empty()) out_ += '\n';
            function(p.functions[i], i);
        }
        functions_ = nullptr;
        names_ = nullptr;
        natives_ = nullptr;
    }

    void function(const Function& f, size_t index) {
        f_ = &f;
        params_ = BareNames();
        for (const Param& p : f.params) params_.add(p.name);
        out_ += "func ";
        function_label(f, index);
        if (!f.name.empty() && !function_is_bare(f)) {
            out_ += ' ';
            text::append_quoted(out_, f.name);
        }
        signature(f);
        out_ += " {\n";
        size_t depth = 1;
        for (auto v = static_cast<ValueId>(std::min<size_t>(f.params.size(), f.size())); v < f.size(); ++v) {
            const OpInfo& i = info(f[v].op);
            const bool outdented = i.has(kMid) || i.has(kEnds);
            if (outdented && depth > 1) --depth;
            out_.append(2 * std::min(depth, kMaxIndent), ' ');
            node(v);
            if (i.has(kOpens) || i.has(kMid)) ++depth;
        }
        out_ += "}\n";
    }

  private:
    bool function_is_bare(const Function& f) const {
        return names_ ? names_->bare(f.name) : text::is_identifier(f.name);
    }

    void function_label(const Function& f, size_t index) {
        out_ += '@';
        if (function_is_bare(f))
            out_ += f.name;
        else
            text::append_integer(out_, index);
    }

    void value(ValueId v) {
        out_ += '%';
        if (v < f_->params.size() && params_.bare(f_->params[v].name))
            out_ += f_->params[v].name;
        else
            text::append_integer(out_, v);
    }

    void span(ValueId v) {
        const Span s = f_->span_of(v);
        if (!s.valid()) return;
        out_ += " !";
        text::append_integer(out_, s.begin);
        out_ += ':';
        text::append_integer(out_, s.end);
    }

    void signature(const Function& f) {
        out_ += '(';
        for (size_t k = 0; k < f.params.size(); ++k) {
            if (k > 0) out_ += ", ";
            value(static_cast<ValueId>(k));
            const std::string& name = f.params[k].name;
            if (!name.empty() && !params_.bare(name)) {
                out_ += ' ';
                text::append_quoted(out_, name);
            }
            out_ += ": ";
            out_ += to_string(f.params[k].type);
            span(static_cast<ValueId>(k));
        }
        out_ += ") -> (";
        for (size_t k = 0; k < f.results.size(); ++k) {
            if (k > 0) out_ += ", ";
            out_ += to_string(f.results[k]);
            if (k >= f.result_names.size()) continue;
            out_ += ' ';
            text::append_quoted(out_, f.result_names[k]);
        }
        out_ += ')';
    }

    void separate(bool& first) {
        out_ += first ? " " : ", ";
        first = false;
    }

    void node(ValueId v) {
        const Node& n = (*f_)[v];
        if (!n.type.is_void()) {
            value(v);
            out_ += " = ";
        }
        out_ += info(n.op).text;
        if (!n.type.is_void()) {
            out_ += ' ';
            out_ += to_string(n.type);
        }
        bool first = true;
        if (n.op == Op::Call) {
            separate(first);
            callee(n.imm);
        }
        if (is_native(n.op)) {
            separate(first);
            native(n.imm);
        }
        for (const ValueId operand : f_->operands(n)) {
            separate(first);
            value(operand);
        }
        const bool wants_decimal = immediate(n, first);
        span(v);
        if (wants_decimal) {
            out_ += "  ; ";
            text::append_decimal(out_, n.type.scalar(), n.imm);
        }
        out_ += '\n';
    }

    void callee(uint64_t index) {
        if (functions_ && index < functions_->size()) {
            function_label((*functions_)[index], index);
        } else {
            out_ += '@';
            text::append_integer(out_, index);
        }
    }

    void native(uint64_t index) {
        out_ += '@';
        if (natives_ && index < natives_->size())
            out_ += (*natives_)[index]->name;
        else
            text::append_integer(out_, index);
    }

    // Returns true if the constant printed is worth a decimal comment.
    bool immediate(const Node& n, bool first) {
        switch (n.op) {
        case Op::Const:
            if (!n.type.is_value()) break;
            out_ += ' ';
            return text::append_constant(out_, n.type.scalar(), n.imm);
        case Op::Check: {
            const std::string_view code =
                n.imm >> 32 <= UINT8_MAX ? text::name_of(check_code(n.imm)) : std::string_view();
            if (code.empty()) break;
            separate(first);
            out_ += code;
            out_ += ", #";
            text::append_integer(out_, check_site(n.imm));
            return false;
        }
        case Op::Call:
        case Op::Native:
        case Op::NativePure: return false;  // stands before the operands
        case Op::Load:
        case Op::Store:
            if (n.imm == 0) return false;
            if (n.imm != 1) break;
            separate(first);
            out_ += "inside";
            return false;
        case Op::LoadRaw:
        case Op::StoreRaw:
            if (static_cast<int>(raw_storage(n.imm)) >= kStorageCount ||
                n.imm != raw_imm(raw_storage(n.imm), n.op == Op::StoreRaw && raw_streaming(n.imm)))
                break;
            separate(first);
            out_ += name_of(raw_storage(n.imm));
            if (raw_streaming(n.imm)) out_ += ", streaming";
            return false;
        case Op::If:
            if (n.imm == 0) return false;
            if (n.imm != kIfUsual) break;
            separate(first);
            out_ += "usual";
            return false;
        case Op::For:
            if (n.imm == 0) return false;
            if (n.imm != kForUnpolled) break;
            separate(first);
            out_ += "unpolled";
            return false;
        case Op::Reduce:
            if (n.imm >= kReduceKindCount) break;
            separate(first);
            out_ += name_of(static_cast<ReduceKind>(n.imm));
            return false;
        case Op::Powi:
            separate(first);
            out_ += '#';
            text::append_signed(out_, static_cast<int64_t>(n.imm));
            return false;
        default: break;
        }
        if (!info(n.op).has(kHasImm) && n.imm == 0) return false;
        separate(first);
        out_ += '#';
        text::append_integer(out_, n.imm);
        return false;
    }

    void table(const ConstantTable& t, size_t index) {
        out_ += "table ";
        text::append_integer(out_, index);
        out_ += ": ";
        out_ += name_of(t.storage);
        out_ += " [";
        const size_t size = byte_size(t.storage);
        for (size_t k = 0; k < t.length(); ++k) {
            out_ += k == 0 ? "" : k % kElementsPerLine == 0 ? ",\n  " : ", ";
            element(t.storage, t.bytes.data() + k * size);
        }
        out_ += "]\n";
    }

    void element(Storage storage, const uint8_t* bytes) {
        uint64_t bits = 0;
        std::memcpy(&bits, bytes, byte_size(storage));  // little-endian, as is every machine this runs on
        switch (storage) {
        case Storage::I8: text::append_signed(out_, static_cast<int8_t>(bits)); break;
        case Storage::I16: text::append_signed(out_, static_cast<int16_t>(bits)); break;
        case Storage::U8:
        case Storage::U16:
        case Storage::U32:
        case Storage::U64: text::append_integer(out_, bits); break;
        case Storage::F16:
            out_ += '#';
            text::append_hex(out_, bits);
            break;
        default: text::append_constant(out_, widened(storage), bits); break;
        }
    }

    std::string& out_;
    const std::vector<Function>* functions_ = nullptr;
    const BareNames* names_ = nullptr;
    const std::vector<NativeRef>* natives_ = nullptr;
    const Function* f_ = nullptr;
    BareNames params_;
};

}  // namespace

std::string print(const Program& program) {
    std::string out;
    Printer(out).program(program);
    return out;
}

std::string print(const Function& function) {
    std::string out;
    Printer(out).function(function, 0);
    return out;
}

}  // namespace exprjit
