// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: programs built node by node, for front ends that have no text. exprjit.h says what each call does,
// docs/ir.md what each operation means.
#pragma once

#include <exprjit/hpp/types.hpp>

#include <initializer_list>
#include <new>

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {

// A value or a place in the program; EJ_NO_NODE after a mistake.
using node = ej_node;
// One operation of many: its code (ej_op_find), operands (EJ_STEP + k is the node of step k), and so on.
using builder_step = ej_builder_step;

namespace detail {

// Elements as a function of the builder takes them: a list in braces, or whatever a span is made of.
template <class T>
class list_of : public span<const T> {
  public:
    list_of() noexcept = default;
    list_of(std::initializer_list<T> list) noexcept : span<const T>(list.begin(), list.size()) {}
    template <class R, class = std::enable_if_t<std::is_convertible_v<R&&, span<const T>>>>
    list_of(R&& range) noexcept : span<const T>(std::forward<R>(range)) {}
};

}  // namespace detail

// The type of a node: an element type stands for single values.
class node_type {
  public:
    // One of the C interface, as builder::type_of gives it.
    explicit node_type(const ej_type& raw) noexcept : raw_(raw) {}
    node_type(dtype element) noexcept : raw_(ej_type_of(static_cast<ej_dtype>(element))) {}
    static node_type lanes(dtype element, std::int32_t count) noexcept {
        return node_type(ej_type_lanes(static_cast<ej_dtype>(element), count));
    }
    static node_type array(dtype element, std::int32_t rank = 1, bool is_mut = false) noexcept {
        return node_type(ej_type_array(static_cast<ej_dtype>(element), rank, is_mut));
    }
    const ej_type& raw() const noexcept { return raw_; }
    dtype element() const noexcept { return static_cast<dtype>(raw_.element); }
    friend bool operator==(const node_type& a, const node_type& b) noexcept {
        return a.raw_.element == b.raw_.element && a.raw_.lanes == b.raw_.lanes && a.raw_.rank == b.raw_.rank &&
               a.raw_.is_mut == b.raw_.is_mut;
    }
    friend bool operator!=(const node_type& a, const node_type& b) noexcept { return !(a == b); }

  private:
    ej_type raw_;
};

// One program in the making. Mistakes are kept, and calls pass over their nodes in silence, so that a program can be written
// as a whole and checked once, when it is compiled (engine::compile). Used by one thread at a time.
class builder {
    // {a, b}, or a vector, an array, a span of nodes.
    using nodes = detail::list_of<node>;

  public:
    builder() {
        if (ej_builder_create(&handle_) == EJ_OK) return;
#ifdef EXPRJIT_NO_EXCEPTIONS
        std::abort();
#else
        throw std::bad_alloc();
#endif
    }
    builder(builder&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    builder& operator=(builder&& other) noexcept {
        builder taken(std::move(other));
        std::swap(handle_, taken.handle_);
        return *this;
    }
    ~builder() { ej_builder_destroy(handle_); }
    ej_builder* get() const noexcept { return handle_; }

    // Empties it for the next program.
    void reset() noexcept { ej_builder_reset(handle_); }
    bool has_mistakes() const noexcept { return ej_builder_error(handle_) != nullptr; }
    // The mistakes so far as a person reads them; empty if there are none.
    std::string mistakes() const {
        const ej_error* const found = ej_builder_error(handle_);
        return found != nullptr ? ej_error_render(found) : std::string();
    }
    // Forgets the mistakes that left the program as it was; others stay until it is reset.
    void clear_error() noexcept { ej_builder_clear_error(handle_); }
    // Of the function in the making. The type of EJ_NO_NODE and of what is no value has the element dtype::none.
    std::size_t node_count() const noexcept { return ej_builder_node_count(handle_); }
    node_type type_of(node of) const noexcept { return node_type(ej_builder_type_of(handle_, of)); }
    // EJ_FLAG_..., of the whole program: which rounding may differ.
    void set_flags(std::uint32_t flags) { ej_builder_set_flags(handle_, flags); }
    // The program so far as IR text, and a complete one as bytes for engine::compile_bytes.
    outcome<std::string> print() const {
        char* text = nullptr;
        detail::failure f = detail::attempt([&](ej_error** e) { return ej_builder_print(handle_, &text, e); });
        const std::unique_ptr<char, void (*)(char*)> owned(text, &ej_string_free);
        return detail::finish(std::move(f), std::string(text != nullptr ? text : ""));
    }
    outcome<std::vector<std::uint8_t>> encode() const {
        std::uint8_t* bytes = nullptr;
        std::size_t size = 0;
        detail::failure f = detail::attempt([&](ej_error** e) { return ej_builder_encode(handle_, &bytes, &size, e); });
        const std::unique_ptr<std::uint8_t, void (*)(std::uint8_t*)> owned(bytes, &ej_bytes_free);
        return detail::finish(std::move(f), std::vector<std::uint8_t>(bytes, bytes + size));
    }

    // ---- Functions; the last one is the kernel.
    std::uint32_t begin_function(const char* name = nullptr) { return ej_builder_begin_function(handle_, name); }
    node param(const char* name, const node_type& type) { return ej_builder_param(handle_, name, type.raw()); }
    void name_results(detail::list_of<const char*> names) {
        ej_builder_name_results(handle_, names.data(), names.size());
    }
    node call(std::uint32_t function, nodes arguments) {
        return ej_builder_call(handle_, function, arguments.data(), arguments.size());
    }
    // A place in the caller's own source, for the nodes that follow.
    void at(std::size_t begin, std::size_t end) { ej_builder_at(handle_, begin, end); }

    // ---- Values: op("add", {a, b}).
    node constant(const value& v) { return ej_builder_constant(handle_, v.raw()); }
    node constant(const value& v, std::int32_t lanes) { return ej_builder_constant_lanes(handle_, v.raw(), lanes); }
    node op(const char* name, nodes operands) {
        return ej_builder_op_named(handle_, name, EJ_DTYPE_NONE, operands.data(), operands.size());
    }
    node op(std::int32_t code, nodes operands) {
        return ej_builder_op(handle_, code, operands.data(), operands.size());
    }
    // Operations that are told what they give: "convert", "widen", "bits", ....
    node convert(const char* name, node a, dtype to) {
        return ej_builder_op_named(handle_, name, static_cast<ej_dtype>(to), &a, 1);
    }
    // Many at once, with their nodes; the last one is the result where one is wanted.
    std::vector<node> steps(detail::list_of<builder_step> all) {
        std::vector<node> made(all.size(), node{EJ_NO_NODE});
        ej_builder_steps(handle_, all.data(), all.size(), made.data());
        return made;
    }
    node powi(node a, std::int32_t exponent) { return ej_builder_powi(handle_, a, exponent); }
    // Over all rows of an evaluation where `predicate` holds.
    node reduce(ej_reduce kind, node of, node predicate) { return ej_builder_reduce(handle_, kind, of, predicate); }
    // Fails the run where `condition` is false.
    node check(node condition, ej_check code, std::uint32_t site) {
        return ej_builder_check(handle_, condition, code, site);
    }

    // ---- Lanes.
    node any(node mask) { return ej_builder_any(handle_, mask); }
    node count_lanes(node mask) { return ej_builder_count_lanes(handle_, mask); }
    node splat(node scalar, std::int32_t lanes) { return ej_builder_splat(handle_, scalar, lanes); }
    node extract(node lanes, std::int32_t lane) { return ej_builder_extract(handle_, lanes, lane); }
    node iota(dtype element, std::int32_t lanes) {
        return ej_builder_iota(handle_, static_cast<ej_dtype>(element), lanes);
    }

    // ---- Memory.
    // A table of constants, copied, as a const array.
    template <class Range>
    node table(const Range& constants) {
        constexpr dtype element = dtype_of<detail::element_t<const Range>>;
        static_assert(element != dtype::none, "exprjit: a table holds numbers or bools");
        return ej_builder_table_node(handle_, ej_builder_table(handle_, static_cast<ej_dtype>(element),
                                                               std::data(constants), std::size(constants)));
    }
    node local(dtype element, std::size_t length) {
        return ej_builder_local(handle_, static_cast<ej_dtype>(element), length);
    }
    node load(node array, nodes indices) { return ej_builder_load(handle_, array, indices.data(), indices.size()); }
    node store(node array, nodes indices, node value) {
        return ej_builder_store(handle_, array, indices.data(), indices.size(), value);
    }
    node len(node array, std::int32_t dimension = 0) { return ej_builder_len(handle_, array, dimension); }

    // ---- Regions. Both arms and every trip end with yield, break_to, continue_to or ret.
    node begin_if(node condition) { return ej_builder_begin_if(handle_, condition); }
    node begin_else() { return ej_builder_begin_else(handle_); }
    node end_if() { return ej_builder_end_if(handle_); }
    // Of an if whose arms both leave: the types say what its results would be.
    node end_if_as(detail::list_of<node_type> types) {
        std::vector<ej_type> raw;
        for (const node_type& t : types) raw.push_back(t.raw());
        return ej_builder_end_if_as(handle_, raw.data(), raw.size());
    }
    node begin_for(node lo, node hi, node step, nodes inits = {}) {
        return ej_builder_begin_for(handle_, lo, hi, step, inits.data(), inits.size());
    }
    node begin_loop(nodes inits) { return ej_builder_begin_loop(handle_, inits.data(), inits.size()); }
    node end_loop() { return ej_builder_end_loop(handle_); }
    node yield(nodes values = {}) { return ej_builder_yield(handle_, values.data(), values.size()); }
    node break_to(std::uint32_t depth, nodes values) {
        return ej_builder_break(handle_, depth, values.data(), values.size());
    }
    node continue_to(std::uint32_t depth, nodes values) {
        return ej_builder_continue(handle_, depth, values.data(), values.size());
    }
    node ret(nodes values) { return ej_builder_return(handle_, values.data(), values.size()); }

    // ---- Parts of nodes: the counter of a for, what a loop carries, the further results of a node.
    node index(node loop) const { return ej_builder_index(handle_, loop); }
    node carried(node loop, std::size_t k = 0) const { return ej_builder_carried(handle_, loop, k); }
    node result(node of, std::size_t k) const { return ej_builder_result(handle_, of, k); }

  private:
    ej_builder* handle_ = nullptr;
};

}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
