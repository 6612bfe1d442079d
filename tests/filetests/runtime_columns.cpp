// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime_columns.h"

#include "runtime/columns.h"
#include "support/values.h"

namespace exprjit::filetests {

RuntimeColumns::RuntimeColumns(const Case& c) : engine_(Engine::create({})) {
    if (c.is_ir()) return;
    std::vector<TextParam> params;
    if (c.params)
        for (const ParamDecl& d : *c.params) params.push_back({d.name, d.type});
    CompileRequest request;
    request.text = c.source.value;
    request.params = params;
    request.declared = c.params.has_value();
    request.result_type = c.options.result;
    request.div_mode = c.options.div_mode;
    request.caret = c.options.caret;
    request.flags = c.options.flags;
    for (const TierChoice tier : {TierChoice::Interpreter, TierChoice::Baseline, TierChoice::Optimised})
        for (const Isa isa : {Isa::V2, Isa::V3, Isa::V4}) {
            if (isa > host_isa() || (tier == TierChoice::Interpreter && isa != Isa::V2)) continue;
            request.tier = tier;
            request.isa = isa;
            Result<Kernel*> kernel = engine_->compile(request);
            if (!kernel) {
                why_ = trial::describe(kernel.error());
                return;
            }
            static constexpr const char* tiers[] = {"auto", "interpreter", "baseline", "optimised"};
            kernels_.push_back(
                {std::string("runtime.") + tiers[static_cast<int>(tier)] + ".v" + std::to_string(static_cast<int>(isa)),
                 *kernel});
        }
}

RuntimeColumns::~RuntimeColumns() {
    for (const Named& k : kernels_) k.kernel->release();
    engine_->close();
}

std::string RuntimeColumns::check(const ColumnTrial& t, trial::Guarded::Side side) const {
    for (const Named& k : kernels_)
        if (std::string d = check_one(k, t, side); !d.empty()) return "engine " + k.name + "\n  " + d;
    return {};
}

std::string RuntimeColumns::check_one(const Named& k, const ColumnTrial& t, trial::Guarded::Side side) const {
    std::vector<Param> as_params;
    for (const trial::ArrayValue& a : t.columns.arrays) as_params.push_back({"", Type::array(a.storage, 1, true)});
    trial::LaidOut memory(t.columns, as_params, side);
    std::vector<Column> columns;
    for (size_t i = 0; i < as_params.size(); ++i) {
        const auto* d = reinterpret_cast<const ArrayDescriptor*>(memory.slots()[i]);
        columns.push_back({d->data, d->stride[0], t.columns.arrays[i].storage});
    }
    const size_t inputs = k.kernel->code().param_count();
    const std::span<const Column> all(columns);
    const Result<void> r = eval_columns(*k.kernel, nullptr, all.first(inputs), all.subspan(inputs), t.rows);
    if (t.failing_row) {
        if (r.ok()) return "succeeds, but row " + std::to_string(*t.failing_row) + " must fail";
        if (r.error().row == *t.failing_row) return {};
        return "row " + std::to_string(r.error().row) + " fails instead of row " + std::to_string(*t.failing_row) +
               ": " + trial::describe(r.error());
    }
    if (!r.ok()) return "fails: " + trial::describe(r.error());
    if (!memory.intact()) return "bytes outside a column were written";
    for (size_t a = 0; a < columns.size(); ++a) {
        const std::vector<uint64_t> got = memory.elements(a);
        for (size_t e = 0; e < got.size(); ++e)
            if (!trial::same_element(columns[a].dtype, got[e], t.want.arrays[a][e]))
                return "column " + std::to_string(a) + ", row " + std::to_string(e) + ": got " +
                       trial::describe_element(columns[a].dtype, got[e]) + ", want " +
                       trial::describe_element(columns[a].dtype, t.want.arrays[a][e]);
    }
    return {};
}

}  // namespace exprjit::filetests
