// SPDX-License-Identifier: MIT OR Apache-2.0
#include "builder/rebuild.h"

#include <bit>
#include <vector>

#include "opt/rebuild.h"

namespace exprjit::builder_test {

namespace {

ej_dtype dtype_of(Storage s) { return static_cast<ej_dtype>(s) + 1; }
ej_dtype dtype_of(Scalar s) { return dtype_of(storage_of(s)); }

ej_type type_of(Type t) {
    return t.is_array() ? ej_type_array(dtype_of(t.storage()), t.rank(), t.is_mut())
                        : ej_type_lanes(dtype_of(t.scalar()), t.lane_count());
}

ej_value value_of(Type t, uint64_t bits) {
    switch (t.scalar()) {
    case Scalar::Bool: return ej_bool(bits != 0);
    case Scalar::I32: return ej_i32(static_cast<int32_t>(bits));
    case Scalar::I64: return ej_i64(static_cast<int64_t>(bits));
    case Scalar::F32: return ej_f32(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    default: return ej_f64(std::bit_cast<double>(bits));
    }
}

class FunctionCopy {
  public:
    FunctionCopy(const Function& f, size_t count, ej_builder* b) : f_(f), count_(count), b_(b) {}

    // The node at which the builder refused something, size() if it refused nothing.
    ValueId run() {
        ej_builder_begin_function(b_, f_.name.c_str());
        std::vector<const char*> names;
        for (const std::string& name : f_.result_names) names.push_back(name.c_str());
        ej_builder_name_results(b_, names.data(), names.size());
        now_.assign(f_.size(), EJ_NO_NODE);
        for (ValueId v = 0; v < f_.size(); ++v) {
            const Op op = f_[v].op;
            if (op == Op::Result || op == Op::Index || op == Op::Carried) continue;  // made with their owner
            const Span s = f_.span_of(v);
            if (!f_.spans.empty()) ej_builder_at(b_, s.begin, s.valid() ? s.end : 0);
            now_[v] = make(v);
            if (now_[v] == EJ_NO_NODE || ej_builder_error(b_) != nullptr) return v;
            map_parts(v);
        }
        return f_.size();
    }

  private:
    void map_parts(ValueId v) {
        const Op op = f_[v].op;
        if (op == Op::For) now_[v + 1] = ej_builder_index(b_, now_[v]);
        if (op == Op::For || op == Op::Loop) {
            const ValueId first = v + (op == Op::For ? 2 : 1);
            for (ValueId c = first; c < f_.size() && f_[c].op == Op::Carried; ++c)
                now_[c] = ej_builder_carried(b_, now_[v], c - first);
        }
        for (uint32_t k = 1; k < f_.result_slots(v); ++k) now_[v + k] = ej_builder_result(b_, now_[v], k);
    }

    // By the types the arms yield where one does, else by those of the original.
    ej_node end_if(ValueId v) {
        for (ValueId y = f_[v].link; y < v; ++y) {
            if (f_[y].op == Op::Yield && f_[y].link == f_[v].link) return ej_builder_end_if(b_);
        }
        std::vector<ej_type> types;
        for (uint32_t k = 0; k < f_.result_slots(v) && !f_[v].type.is_void(); ++k)
            types.push_back(type_of(f_[v + k].type));
        return ej_builder_end_if_as(b_, types.data(), types.size());
    }

    ej_node make(ValueId v) {
        const Node& n = f_[v];
        std::vector<ej_node> operands;
        for (const ValueId o : f_.operands(n)) operands.push_back(now_[o]);
        const ej_node* const all = operands.data();
        const size_t count = operands.size();
        const int32_t code = info(n.op).code;
        const auto site = static_cast<uint32_t>(n.imm);
        if (info(n.op).is_value()) {
            if (n.op == Op::Powi) return ej_builder_powi(b_, all[0], static_cast<int32_t>(n.imm));
            if (info(n.op).results != 0) return ej_builder_convert(b_, code, all[0], dtype_of(n.type.scalar()));
            switch (count) {
            case 1: return ej_builder_unary(b_, code, all[0]);
            case 2: return ej_builder_binary(b_, code, all[0], all[1]);
            case 3: return ej_builder_ternary(b_, code, all[0], all[1], all[2]);
            default: return ej_builder_op(b_, code, all, count);
            }
        }
        switch (n.op) {
        case Op::Param: return ej_builder_param(b_, f_.params[v].name.c_str(), type_of(n.type));
        case Op::Const:
            return n.type.is_scalar() ? ej_builder_constant(b_, value_of(n.type, n.imm))
                                      : ej_builder_constant_lanes(b_, value_of(n.type, n.imm), n.type.lane_count());
        case Op::If: return ej_builder_begin_if(b_, all[0]);
        case Op::Else: return ej_builder_begin_else(b_);
        case Op::EndIf: return end_if(v);
        case Op::For: return ej_builder_begin_for(b_, all[0], all[1], all[2], all + 3, count - 3);
        case Op::Loop: return ej_builder_begin_loop(b_, all, count);
        case Op::EndFor:
        case Op::EndLoop: return ej_builder_end_loop(b_);
        case Op::Yield: return ej_builder_yield(b_, all, count);
        case Op::Break: return ej_builder_break(b_, site, all, count);
        case Op::Continue: return ej_builder_continue(b_, site, all, count);
        case Op::Return: return ej_builder_return(b_, all, count);
        case Op::Check: return ej_builder_check(b_, all[0], static_cast<ej_check>(n.imm >> 32), site);
        case Op::Call: return ej_builder_call(b_, static_cast<uint32_t>(count_ - 1 - n.imm), all, count);
        case Op::Load: return ej_builder_load(b_, all[0], all + 1, count - 1);
        case Op::Store: return ej_builder_store(b_, all[0], all + 1, count - 2, all[count - 1]);
        case Op::Len: return ej_builder_len(b_, all[0], static_cast<int32_t>(n.imm));
        case Op::Local: return ej_builder_local(b_, dtype_of(n.type.storage()), n.imm);
        case Op::Table: return ej_builder_table_node(b_, site);
        case Op::Any: return ej_builder_any(b_, all[0]);
        case Op::CountLanes: return ej_builder_count_lanes(b_, all[0]);
        case Op::Splat: return ej_builder_splat(b_, all[0], n.type.lane_count());
        case Op::Extract: return ej_builder_extract(b_, all[0], static_cast<int32_t>(n.imm));
        case Op::Iota: return ej_builder_iota(b_, dtype_of(n.type.scalar()), n.type.lane_count());
        case Op::Reduce: return ej_builder_reduce(b_, static_cast<ej_reduce>(n.imm), all[0], all[1]);
        default: return EJ_NO_NODE;  // a node the builder does not know fails the test
        }
    }

    const Function& f_;
    size_t count_;
    ej_builder* b_;
    std::vector<ej_node> now_;
};

}  // namespace

bool rebuild(const Program& program, ej_builder* b, std::string& why) {
    ej_builder_set_flags(b, program.flags);
    for (const ConstantTable& t : program.tables) ej_builder_table(b, dtype_of(t.storage), t.bytes.data(), t.length());
    const size_t count = program.functions.size();
    for (size_t i = count; i-- > 0;) {
        const Function& f = program.functions[i];
        const ValueId at = FunctionCopy(f, count, b).run();
        if (at == f.size()) continue;
        why = "function " + std::to_string(i) + ", node %" + std::to_string(at) + " (" + info(f[at].op).text +
              "): " + ej_error_render(ej_builder_error(b));
        return false;
    }
    return true;
}

Program shared(Program program) {
    PassScratch scratch;
    for (Function& f : program.functions) {
        Rebuild copy(f, scratch);
        for (ValueId v = 0; v < f.size(); ++v) {
            if (!is_owned(f[v].op)) copy.copy(v);
        }
        copy.finish();
    }
    return program;
}

}  // namespace exprjit::builder_test
