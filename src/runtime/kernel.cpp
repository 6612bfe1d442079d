// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/kernel.h"

#include <cstring>

#include "ir/text.h"
#include "runtime/codes.h"
#include "runtime/columns_code.h"

namespace exprjit {

namespace {

bool has_reductions(const Program& program) {
    for (const Function& f : program.functions) {
        for (const Node& n : f.nodes) {
            if (n.op == Op::Reduce) return true;
        }
    }
    return false;
}

bool has_impure_calls(const Program& program) {
    for (const NativeRef& n : program.natives) {
        if (!n->is_pure) return true;
    }
    return false;
}

}  // namespace

namespace {

uint64_t next_id() {
    static std::atomic<uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

CompiledCode::CompiledCode(Engine& engine, std::span<const uint8_t> canonical_key, const Program& program,
                           const CodeTraits& code_traits)
    : engine_(Ref<Engine>::share(&engine)), traits(code_traits), id_(next_id()),
      key_(new uint8_t[canonical_key.size() + program.entry().params.size() + program.entry().results.size()]),
      key_bytes_(canonical_key.size()), types_(key_.get() + key_bytes_),
      param_count_(static_cast<uint32_t>(program.entry().params.size())),
      result_count_(static_cast<uint32_t>(program.entry().results.size())), is_reducing_(has_reductions(program)),
      is_serial_(has_impure_calls(program)) {
    const Function& entry = program.entry();
    std::memcpy(key_.get(), canonical_key.data(), key_bytes_);
    uint8_t* type = key_.get() + key_bytes_;
    for (const Param& p : entry.params) *type++ = static_cast<uint8_t>(p.type.scalar());
    for (const Type t : entry.results) *type++ = static_cast<uint8_t>(t.scalar());
}

CompiledCode::~CompiledCode() {
    delete_column_code(columns.load(std::memory_order_acquire));
    delete output_facts.load(std::memory_order_acquire);
}

size_t CompiledCode::memory_bytes() const {
    return sizeof *this + key_bytes_ + param_count_ + result_count_ + made.executable.memory_bytes() +
           column_bytes.load(std::memory_order_relaxed);
}

KernelText::KernelText(std::span<const uint8_t> front_key, const Program& program, std::span<const Span> places,
                       std::shared_ptr<const Definitions> definitions)
    : definitions_(std::move(definitions)), definition_bytes_(definitions_ ? definitions_->memory_bytes() : 0),
      key_bytes_(front_key.size()), place_count_(static_cast<uint32_t>(places.size())) {
    const Function& f = program.entry();
    name_count_ = static_cast<uint32_t>(f.params.size() + f.results.size());
    const auto result_name = [&](size_t i) -> std::string_view {
        return i < f.result_names.size() ? std::string_view(f.result_names[i]) : std::string_view();
    };
    size_t name_bytes = name_count_;  // the NULs
    for (const Param& p : f.params) name_bytes += p.name.size();
    for (size_t i = 0; i < f.results.size(); ++i) name_bytes += result_name(i).size();

    const size_t places_at = key_bytes_, offsets_at = places_at + place_count_ * sizeof(Span);
    size_t at = offsets_at + name_count_ * sizeof(uint32_t);
    const size_t names_at = at;
    data_bytes_ = at + name_bytes;
    data_.reset(new uint8_t[data_bytes_]);
    std::memcpy(data_.get(), front_key.data(), key_bytes_);
    if (place_count_ != 0) std::memcpy(data_.get() + places_at, places.data(), places.size_bytes());
    size_t index = 0;
    const auto put = [&](std::string_view name) {
        const auto offset = static_cast<uint32_t>(at - names_at);
        std::memcpy(data_.get() + offsets_at + index++ * sizeof offset, &offset, sizeof offset);
        if (!name.empty()) std::memcpy(data_.get() + at, name.data(), name.size());
        data_[at + name.size()] = 0;
        at += name.size() + 1;
    };
    for (const Param& p : f.params) put(p.name);
    for (size_t i = 0; i < f.results.size(); ++i) put(result_name(i));
}

template <class T>
T KernelText::read(size_t offset) const {
    T t;
    std::memcpy(static_cast<void*>(&t), data_.get() + offset, sizeof t);
    return t;
}

std::string KernelText::source_name() const {
    std::vector<TextParam> params;
    return std::string(request(params).source_name);
}

Span KernelText::place(uint32_t check) const {
    return check < place_count_ ? read<Span>(key_bytes_ + check * sizeof(Span)) : kNoSpan;
}

const char* KernelText::name(size_t i) const {
    const size_t offsets = key_bytes_ + place_count_ * sizeof(Span);
    const auto offset = read<uint32_t>(offsets + i * sizeof(uint32_t));
    return reinterpret_cast<const char*>(data_.get() + offsets + name_count_ * sizeof(uint32_t) + offset);
}

namespace {

// A name as the language spells it: quoted with backticks unless it is an identifier.
void append_name(std::string& out, std::string_view name) {
    bool plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9');
    for (const char c : name) {
        const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        plain = plain && (word || static_cast<unsigned char>(c) >= 0x80);
    }
    if (!plain) out += '`';
    out += name;
    if (!plain) out += '`';
}

// Keeps a copy of `text` in `place`, unless another thread was first; what is there then.
const char* publish(std::atomic<char*>& place, const std::string& text) {
    std::unique_ptr<char[]> copy(new char[text.size() + 1]);
    std::memcpy(copy.get(), text.c_str(), text.size() + 1);
    char* expected = nullptr;
    if (!place.compare_exchange_strong(expected, copy.get(), std::memory_order_acq_rel)) return expected;
    return copy.release();
}

}  // namespace

const char* KernelText::signature() const {
    if (char* const made = signature_.load(std::memory_order_acquire)) return made;
    std::string s = "(";
    for (size_t i = 0; i < code->param_count(); ++i) {
        if (i != 0) s += ", ";
        append_name(s, param_name(i));
        s += ": ";
        s += name_of(code->param_type(i));
    }
    s += ") -> ";
    const size_t results = code->result_count();
    const bool bare = results == 1 && *result_name(0) == '\0';
    if (!bare) s += '(';
    for (size_t i = 0; i < results; ++i) {
        if (i != 0) s += ", ";
        if (*result_name(i) != '\0') {
            append_name(s, result_name(i));
            s += ": ";
        }
        s += name_of(code->result_type(i));
    }
    if (!bare) s += ')';
    return publish(signature_, s);
}

std::string_view KernelText::source() const {
    if (has_text(kind())) return text_of_front_key(key());
    if (const char* const made = printed_.load(std::memory_order_acquire)) return made;
    std::vector<TextParam> params;
    Program program;
    CompileTicks times;
    // They were read before, by the same limits.
    if (auto read = read_program(request(params), code->engine().limits(), program, times); !read) return "";
    return publish(printed_, print(program));
}

namespace {

// Positions that came as a single byte offset point at an operator; the caret should cover all of it.
Span whole_operator(std::string_view source, Span place) {
    if (!place.valid() || place.end != place.begin || place.begin >= source.size()) return place;
    const std::string_view rest = source.substr(place.begin);
    uint32_t length = 1;
    if (rest.starts_with("//") || rest.starts_with("**") || rest.starts_with("<<") || rest.starts_with(">>"))
        length = 2;
    return {place.begin, place.begin + length};
}

const char* what_failed(CheckCode code) {
    switch (code) {
    case CheckCode::DivideByZero: return "integer division by zero";
    case CheckCode::Domain: return "a value is outside the domain of the operation";
    case CheckCode::Index: return "an index is outside its array";
    case CheckCode::Unsigned: return "a u64 value is 2^63 or more, which i64 cannot hold";
    case CheckCode::NoRows: return "the reduction has no value because there are no rows";
    case CheckCode::User: break;
    }
    return "a check of the program failed";
}

Diagnostic failure_of(CheckCode code) {
    switch (code) {
    case CheckCode::DivideByZero: return {Status::DivideByZero, code_of(RuntimeCode::DivideByZero), kNoSpan, {}, {}};
    case CheckCode::Domain: return {Status::Domain, code_of(RuntimeCode::Domain), kNoSpan, {}, {}};
    case CheckCode::Index: return {Status::Domain, code_of(RuntimeCode::Index), kNoSpan, {}, {}};
    case CheckCode::Unsigned: return {Status::Domain, code_of(RuntimeCode::Unsigned), kNoSpan, {}, {}};
    case CheckCode::NoRows: return {Status::Domain, code_of(RuntimeCode::NoRows), kNoSpan, {}, {}};
    case CheckCode::User: break;
    }
    return {Status::Domain, code_of(RuntimeCode::UserCheck), kNoSpan, {}, {}};
}

// Of a check that the column engine wrote around the program.
Failure failed_column_check(const KernelText& text, Diagnostic d, uint32_t site, const std::string& where) {
    const size_t input = site & ~kColumnSite;
    d.message = "input column " + std::to_string(input);
    if (*text.param_name(input) != '\0') d.message += std::string(" ('") + text.param_name(input) + "')";
    d.message += " holds a u64 value of 2^63 or more" + where + ", which i64 cannot hold";
    d.hint = "convert the column to f64 if rounding is acceptable, or clamp it";
    return fail(std::move(d));
}

Failure failed_check(const KernelText& text, uint64_t imm, const std::string& where) {
    const CheckCode code = check_code(imm);
    Diagnostic d = failure_of(code);
    if ((check_site(imm) & kColumnSite) != 0) return failed_column_check(text, std::move(d), check_site(imm), where);
    const Span place = text.place(check_site(imm));
    if (text.kind() != SourceKind::Text) {
        d.message = "check #" + std::to_string(place.begin) + " failed" + where + ": " + what_failed(code);
        return fail(std::move(d));
    }
    const std::string_view source = text.source();
    d.span = whole_operator(source, place);
    const bool inside = d.span.valid() && d.span.begin <= d.span.end && d.span.end <= source.size();
    const std::string_view spelled = inside ? source.substr(d.span.begin, d.span.end - d.span.begin) : "";
    d.message = what_failed(code);
    if (code == CheckCode::DivideByZero) {
        if (spelled.find('%') != std::string_view::npos && spelled.find("//") == std::string_view::npos) {
            d.message = "integer remainder by zero";
        }
        d.hint = "test the divisor first, or choose the division mode that yields 0";
    } else if (code == CheckCode::Domain) {  // the only such one that texts can cause
        d.message = "an integer was raised to a negative power";
        d.hint = "make the base a float, as in f64(x) ** n";
    } else if (code == CheckCode::NoRows) {
        d.message = "there are no rows to take the value of" +
                    (inside ? " '" + std::string(spelled) + "'" : std::string()) + " from";
        d.hint = "evaluate over at least one row; if a condition chooses the rows, test count(condition) first";
    }
    d.message += where;
    return fail(std::move(d));
}

}  // namespace

Failure run_time_failure(const KernelText& text, Exit exit, const Context& context, int64_t row) {
    const auto with_row = [row](Failure f) {
        f->row = row;
        return f;
    };
    if (exit == Exit::Cancelled) {
        return with_row(
            fail(Status::Cancelled, code_of(RuntimeCode::Cancelled), "the run was cancelled before it finished"));
    }
    if (exit == Exit::StackOverflow) {
        return with_row(fail(Status::Stack, code_of(RuntimeCode::StackNearlyFull),
                             "the thread's stack is nearly used up",
                             "call from less deep, or from a thread with a larger stack"));
    }
    return with_row(
        failed_check(text, context.failed_imm, row >= 0 ? " in row " + std::to_string(row) : std::string()));
}

Result<void> call_kernel(const Kernel& kernel, const volatile int32_t* stop, const Slot* args, Slot* outs) {
    if (kernel.is_reducing()) {
        return fail(
            Status::Unsupported, code_of(RuntimeCode::NeedsRows),
            "the kernel is a reduction over rows (sum, mean, min of one argument, …); a single call has no rows",
            "evaluate it over columns, which may have just one row");
    }
    Context context;
    context.stop = stop;
    const Exit exit = kernel.code().made.executable.call(context, args, outs);
    if (exit == Exit::Ok) return {};
    return run_time_failure(kernel.text(), exit, context, -1);
}

}  // namespace exprjit
