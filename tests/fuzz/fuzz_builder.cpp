// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Calls of the C builder as bytes choose them, most of them wrong somewhere. Nothing may crash; what is refused leaves a
// mistake and what is not leaves none; a program the builder has nothing against passes the verifier, and does the same in
// every engine.
#include <cstring>
#include <string>
#include <vector>

#include "exprjit/exprjit.h"
#include "program_checks.h"

namespace {

using exprjit::fuzz::broken;

class Calls {
  public:
    Calls(const uint8_t* data, size_t size) : at_(data), end_(data + size) {
        if (ej_builder_create(&b_) != EJ_OK) broken("a builder is made", "");
    }
    ~Calls() { ej_builder_destroy(b_); }
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    void run() {
        ej_builder_begin_function(b_, "f");
        add(ej_builder_param(b_, "x", ej_type_of(EJ_F64)));
        add(ej_builder_param(b_, "n", ej_type_of(EJ_I64)));
        add(ej_builder_param(b_, "c", ej_type_of(EJ_BOOL)));
        for (int calls = 0; at_ < end_ && calls < 400; ++calls) {
            const size_t mistakes = ej_error_count(ej_builder_error(b_));
            const ej_node made = call(byte() % 48);
            const size_t now = ej_error_count(ej_builder_error(b_));
            if (made != EJ_NO_NODE && now > mistakes) broken("what is made is no mistake", message());
            if (made == EJ_NO_NODE && now == 0) broken("what is refused leaves a mistake", std::to_string(calls));
            if (made != EJ_NO_NODE) add(made);
        }
        check_end();
    }

  private:
    uint8_t byte() { return at_ < end_ ? *at_++ : 0; }
    ej_node node() {
        const uint8_t k = byte();
        if (k >= 250) return k == 255 ? EJ_NO_NODE : k * 1000u;
        return nodes_.empty() ? k : nodes_[nodes_.size() - 1 - k % nodes_.size()];
    }
    void add(ej_node n) { nodes_.push_back(n); }
    std::string message() const { return ej_error_message(ej_builder_error(b_)); }
    const ej_node* some(size_t& count) {
        count = byte() % 5;
        for (size_t k = 0; k < count; ++k) few_[k] = node();
        return few_;
    }
    int32_t code() {
        ej_op_info op{};
        op.struct_size = sizeof op;
        ej_op_get(byte() % ej_op_count(), &op);
        return op.code;
    }
    ej_type type() {
        const uint8_t t = byte();
        const ej_dtype element = t % 14;
        return t < 128 ? ej_type_lanes(element, 1 << (t / 14 % 4)) : ej_type_array(element, t / 14 % 5, t & 1);
    }

    ej_node call(int which) {
        size_t count = 0;
        switch (which) {
        case 0:
        case 1:
        case 2: {
            const ej_node a = node();
            return ej_builder_unary(b_, code(), a);
        }
        case 3:
        case 4:
        case 5:
        case 6: {
            const ej_node a = node(), b = node();
            return ej_builder_binary(b_, code(), a, b);
        }
        case 7: {
            const ej_node a = node(), b = node(), c = node();
            return ej_builder_ternary(b_, code(), a, b, c);
        }
        case 8: return ej_builder_convert(b_, code(), node(), byte() % 14);
        case 9: return ej_builder_powi(b_, node(), static_cast<int8_t>(byte()));
        case 10: return ej_builder_constant(b_, ej_f64(byte()));
        case 11: return ej_builder_constant(b_, ej_i64(byte()));
        case 12: return ej_builder_constant(b_, ej_bool(byte() & 1));
        case 13: return ej_builder_constant_lanes(b_, ej_f32(byte()), byte() % 9);
        case 14:
        case 15:
        case 16: return ej_builder_begin_if(b_, node());
        case 17:
        case 18:
        case 19: return ej_builder_begin_else(b_);
        case 20:
        case 21:
        case 22: return ej_builder_end_if(b_);
        case 23: {
            const ej_type t = type();
            return ej_builder_end_if_as(b_, &t, byte() % 2);
        }
        case 24:
        case 25: {
            const ej_node lo = node(), hi = node(), step = node();
            const ej_node* const inits = some(count);
            return ej_builder_begin_for(b_, lo, hi, step, inits, count);
        }
        case 26: {
            const ej_node* const inits = some(count);
            return ej_builder_begin_loop(b_, inits, count);
        }
        case 27:
        case 28:
        case 29: return ej_builder_end_loop(b_);
        case 30:
        case 31:
        case 32: {
            const ej_node* const values = some(count);
            return ej_builder_yield(b_, values, count);
        }
        case 33: {
            const ej_node* const values = some(count);
            return ej_builder_break(b_, byte() % 3, values, count);
        }
        case 34: {
            const ej_node* const values = some(count);
            return ej_builder_continue(b_, byte() % 3, values, count);
        }
        case 35:
        case 36: {
            const ej_node* const values = some(count);
            return ej_builder_return(b_, values, count);
        }
        case 37: return ej_builder_begin_function(b_, nullptr) == EJ_NO_NODE ? EJ_NO_NODE : (nodes_.clear(), 0);
        case 38: return ej_builder_param(b_, "p", type());
        case 39: {
            const ej_node* const values = some(count);
            return ej_builder_call(b_, byte() % 4, values, count);
        }
        case 40: {
            const ej_node array = node();
            const ej_node* const indices = some(count);
            return ej_builder_load(b_, array, indices, count);
        }
        case 41: {
            const ej_node array = node(), value = node();
            const ej_node* const indices = some(count);
            return ej_builder_store(b_, array, indices, count, value);
        }
        case 42: return ej_builder_table_node(b_, ej_builder_table(b_, byte() % 14, at_, size_t(end_ - at_) / 8));
        case 43: return ej_builder_local(b_, byte() % 14, byte());
        case 44: {
            const ej_node value = node(), rows = node();
            return ej_builder_reduce(b_, byte() % 9, value, rows);
        }
        case 45: return ej_builder_check(b_, node(), byte() % 8, byte());
        case 46: {
            const ej_node n = node();
            switch (byte() % 8) {
            case 0: return ej_builder_index(b_, n);
            case 1: return ej_builder_carried(b_, n, byte() % 4);
            case 2: return ej_builder_result(b_, n, byte() % 4);
            case 3: return ej_builder_len(b_, n, byte() % 4);
            case 4: return ej_builder_splat(b_, n, byte() % 9);
            case 5: return ej_builder_extract(b_, n, byte() % 9);
            case 6: return ej_builder_any(b_, n);
            default: return ej_builder_count_lanes(b_, n);
            }
        }
        default: {
            ej_builder_step steps[2];
            for (ej_builder_step& s : steps)
                s = {code(), byte() % 7, {node(), EJ_STEP + byte() % 3u, node()}, static_cast<int8_t>(byte())};
            ej_node made[2];
            const ej_node last = ej_builder_steps(b_, steps, 2, made);
            return made[0] == EJ_NO_NODE ? made[0] : last;
        }
        }
    }

    void check_end() {
        const bool mistaken = ej_builder_error(b_) != nullptr;
        char* text = nullptr;
        if (ej_builder_print(b_, &text, nullptr) != EJ_OK) broken("anything can be printed", "");
        ej_compile_options o{};
        o.struct_size = sizeof o;
        o.tier = EJ_TIER_BASELINE;
        ej_kernel* k = nullptr;
        ej_error* error = nullptr;
        const ej_status status = ej_engine_compile_builder(nullptr, b_, &o, &k, &error);
        if (mistaken && status == EJ_OK) broken("mistakes do not compile", text);
        if (status == EJ_ERR_INTERNAL) broken("nothing is internal", ej_error_message(error));
        if (!mistaken) {
            // The same from text: the builder lets nothing through that a reader of text would refuse, nor the reverse.
            ej_kernel* from_text = nullptr;
            const ej_status other = ej_engine_compile_ir(nullptr, text, std::strlen(text), &o, &from_text, nullptr);
            if ((other == EJ_OK) != (status == EJ_OK))
                broken("text and builder agree", std::string(text) + ej_error_message(error));
            ej_kernel_release(from_text);
            const exprjit::Limits limits = exprjit::fuzz::small_limits();
            auto program = exprjit::parse_ir(text, limits);
            if (program.ok() && exprjit::verify(*program, limits).ok())
                exprjit::fuzz::check_pipeline_and_run(*program, limits, std::strlen(text));
        }
        ej_error_destroy(error);
        ej_kernel_release(k);
        ej_string_free(text);
    }

    const uint8_t* at_;
    const uint8_t* end_;
    ej_builder* b_ = nullptr;
    std::vector<ej_node> nodes_;
    ej_node few_[5] = {};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Calls(data, size).run();
    return 0;
}
