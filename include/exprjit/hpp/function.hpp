// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: kernels whose signature is a C++ type, checked once against the text and then by the compiler.
#pragma once

#include <exprjit/hpp/kernel.hpp>

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {

namespace detail {

// The outputs of a result type: one value, or a tuple, pair or array of them.
template <class R>
struct results {
    static constexpr bool is_single = true, is_valid = is_value_type<R>;
    static constexpr std::size_t count = 1;
    template <std::size_t>
    using type = R;
    static R from(const value* values) { return values[0].to<R>(); }
};
template <class R, class = std::make_index_sequence<std::tuple_size_v<R>>>
struct several;
template <class R, std::size_t... I>
struct several<R, std::index_sequence<I...>> {
    static constexpr bool is_single = false;
    static constexpr bool is_valid = (is_value_type<std::tuple_element_t<I, R>> && ...);
    static constexpr std::size_t count = sizeof...(I);
    template <std::size_t K>
    using type = std::tuple_element_t<K, R>;
    static R from(const value* values) { return R{values[I].template to<std::tuple_element_t<I, R>>()...}; }
};
template <class... T>
struct results<std::tuple<T...>> : several<std::tuple<T...>> {};
template <class A, class B>
struct results<std::pair<A, B>> : several<std::pair<A, B>> {};
template <class T, std::size_t N>
struct results<std::array<T, N>> : several<std::array<T, N>> {};

// How a value type travels through a plain entry: a bool is an int32_t there.
template <class T>
using abi_type = std::conditional_t<std::is_same_v<T, bool>, std::int32_t, T>;

template <class T>
struct is_tuple : std::false_type {};
template <class... T>
struct is_tuple<std::tuple<T...>> : std::true_type {};
template <class A, class B>
struct is_tuple<std::pair<A, B>> : std::true_type {};

// The arguments of evaluations through one signature, checked by the compiler.
template <class R, class... Args>
struct arguments {
    using outcome_type = results<R>;
    static constexpr std::size_t kInputs = sizeof...(Args);

    template <class... In>
    static std::array<input, kInputs> inputs(const In&... in) {
        static_assert(sizeof...(In) == kInputs, "exprjit: an evaluation takes one input per parameter");
        if constexpr (sizeof...(In) == 0 || sizeof...(In) != kInputs) {
            return {};
        } else {
            return {{input_for<Args>(in)...}};
        }
    }
    // `Skip` outputs of the kernel come before those that are given.
    template <std::size_t Skip, class Out>
    static auto outputs(Out&& out) {
        if constexpr (is_tuple<std::decay_t<Out>>::value) {
            constexpr std::size_t kGiven = std::tuple_size_v<std::decay_t<Out>>;
            static_assert(kGiven + Skip == outcome_type::count, "exprjit: an evaluation takes one column per output");
            return unpack<Skip>(out, std::make_index_sequence<kGiven>());
        } else {
            static_assert(1 + Skip == outcome_type::count,
                          "exprjit: an evaluation takes one column per output, several as a tuple: std::tie(a, b)");
            using T = typename outcome_type::template type < Skip<outcome_type::count ? Skip : 0>;
            return std::array<output, 1>{{output_for<T>(std::forward<Out>(out))}};
        }
    }

  private:
    template <std::size_t Skip, class Tuple, std::size_t... I>
    static auto unpack(Tuple& columns, std::index_sequence<I...>) {
        return std::array<output, sizeof...(I)>{
            {output_for<typename outcome_type::template type<I + Skip>>(std::get<I>(columns))...}};
    }
};

// The dtypes of a signature, as the compiler of texts takes them.
template <class Signature>
struct signature_types;
template <class R, class... Args>
struct signature_types<R(Args...)> {
    static constexpr std::size_t arity = sizeof...(Args);
    static std::array<ej_param, arity + 1> parameters() {
        return {{{nullptr, static_cast<ej_dtype>(dtype_of<Args>), 0}..., {nullptr, EJ_DTYPE_NONE, 0}}};
    }
    static constexpr auto outputs() { return list(std::make_index_sequence<results<R>::count>()); }

  private:
    template <std::size_t... I>
    static constexpr std::array<dtype, sizeof...(I)> list(std::index_sequence<I...>) {
        return {{dtype_of<typename results<R>::template type<I>>...}};
    }
};

template <class T>
inline constexpr bool is_run = std::is_same_v<std::decay_t<T>, run_options>;

}  // namespace detail

template <class Signature>
class function {
    static_assert(detail::always_false<Signature>,
                  "exprjit: a signature is a function type such as double(double, std::int64_t)");
};

// A reduction of this signature, fed batch by batch. Used by one thread at a time.
template <class Signature>
class typed_reducer;
template <class R, class... Args>
class typed_reducer<R(Args...)> : private reducer {
    using given = detail::arguments<R, Args...>;

  public:
    typed_reducer() noexcept = default;
    using reducer::operator bool;

    // feed([run,] inputs...): the next rows. After a failure the reducer is as before the call.
    template <class First, class... Rest>
    outcome<void> feed(const First& first, const Rest&... rest) {
        if constexpr (detail::is_run<First>) {
            return detail::done(feed_columns(given::inputs(rest...), first));
        } else {
            return detail::done(feed_columns(given::inputs(first, rest...), run_options{}));
        }
    }
    // The results for everything fed so far; feeding may go on.
    outcome<R> finish() {
        std::array<value, detail::results<R>::count> outs;
        if (detail::failure f = read(outs.data(), outs.size())) return detail::fail<R>(std::move(*f));
        return detail::results<R>::from(outs.data());
    }

  private:
    template <class>
    friend class function;
    explicit typed_reducer(reducer started) noexcept : reducer(std::move(started)) {}
};

// exprjit::function<double(double, double)>: call it like the function it is, or evaluate it over columns.
template <class R, class... Args>
class function<R(Args...)> : public kernel {
    using results = detail::results<R>;
    using given = detail::arguments<R, Args...>;
    static_assert((is_value_type<Args> && ...),
                  "exprjit: a parameter is bool, std::int32_t, std::int64_t, float or double");
    static_assert(results::is_valid,
                  "exprjit: a result is bool, std::int32_t, std::int64_t, float, double, or a tuple, "
                  "pair or array of them");

  public:
    static constexpr std::size_t arity = sizeof...(Args);
    // The plain C function of a kernel that cannot fail. A bool is an int32_t, 0 or 1, there.
    using entry_type = detail::abi_type<R> (*)(detail::abi_type<Args>...);

    function() noexcept = default;
    function(function&& other) noexcept : kernel(std::move(other)), entry_(std::exchange(other.entry_, nullptr)) {}
    function& operator=(function&& other) noexcept {
        kernel::operator=(std::move(other));
        entry_ = std::exchange(other.entry_, nullptr);
        return *this;
    }
    // A second reference.
    function share() const noexcept { return function(kernel::share()); }

    // Through the plain entry where there is one: nanoseconds, in the caller's floating-point environment.
    outcome<R> operator()(Args... arguments) const {
        if constexpr (results::is_single) {
            if (entry_ != nullptr) return static_cast<R>(entry_(arguments...));
        }
        return call(run_options{}, arguments...);
    }
    // The same with run options; never through the plain entry.
    outcome<R> call(const run_options& run, Args... arguments) const {
        const std::array<value, arity + 1> values = {value(arguments)..., value()};
        std::array<value, results::count> outs;
        if (detail::failure f = call_values(values.data(), arity, outs.data(), outs.size(), run)) {
            return detail::fail<R>(std::move(*f));
        }
        return results::from(outs.data());
    }
    // NULL if the kernel can fail, has several outputs, reduces or is interpreted. Valid as long as this object.
    entry_type entry() const noexcept { return entry_; }

    // What follows takes run options first, if any, then the outputs, then one input per parameter: a column or a
    // number. Several outputs are a tuple: std::tie(a, b).

    template <class First, class... Rest>
    outcome<void> eval(First&& first, Rest&&... rest) const {
        if constexpr (detail::is_run<First>) {
            return detail::done(evaluate(first, std::forward<Rest>(rest)...));
        } else {
            return detail::done(evaluate(run_options{}, std::forward<First>(first), std::forward<Rest>(rest)...));
        }
    }
    // The one output as a new vector.
    template <class First, class... Rest>
    outcome<std::vector<R>> map(const First& first, const Rest&... rest) const {
        if constexpr (detail::is_run<First>) {
            return make_vector(first, rest...);
        } else {
            return make_vector(run_options{}, first, rest...);
        }
    }
    // The results of a kernel whose outputs are all reduced.
    template <class First, class... Rest>
    outcome<R> reduce(const First& first, const Rest&... rest) const {
        if constexpr (detail::is_run<First>) {
            return reduce_to(std::make_index_sequence<results::count>(), first, rest...);
        } else {
            return reduce_to(std::make_index_sequence<results::count>(), run_options{}, first, rest...);
        }
    }
    // The rows where a condition holds, ascending.
    template <class First, class... Rest>
    outcome<std::vector<std::int64_t>> select(const First& first, const Rest&... rest) const {
        if constexpr (detail::is_run<First>) {
            return select_rows(first, rest...);
        } else {
            return select_rows(run_options{}, first, rest...);
        }
    }
    // The first output is the condition. The others are written for the rows where it holds, next to each other, into
    // columns with room for all rows. Returns how many rows were kept.
    template <class First, class... Rest>
    outcome<std::int64_t> filter(First&& first, Rest&&... rest) const {
        if constexpr (detail::is_run<First>) {
            return keep(first, std::forward<Rest>(rest)...);
        } else {
            return keep(run_options{}, std::forward<First>(first), std::forward<Rest>(rest)...);
        }
    }
    // eval_selected([run,] indices, out, inputs...): element k of each output belongs to row indices[k] of the inputs.
    template <class First, class... Rest>
    outcome<void> eval_selected(const First& first, Rest&&... rest) const {
        if constexpr (detail::is_run<First>) {
            return detail::done(evaluate_selected(first, std::forward<Rest>(rest)...));
        } else {
            return detail::done(evaluate_selected(run_options{}, first, std::forward<Rest>(rest)...));
        }
    }
    // For kernels whose outputs are all reduced in one pass.
    outcome<typed_reducer<R(Args...)>> reducer() const {
        detail::failure f;
        typed_reducer<R(Args...)> made(start(f));
        return detail::finish(std::move(f), std::move(made));
    }

  private:
    friend class engine;
    explicit function(kernel compiled) noexcept : kernel(std::move(compiled)) {
        if constexpr (results::is_single) {
            void (*code)() = nullptr;
            if (ej_kernel_get_entry(get(), &code) == EJ_OK) entry_ = reinterpret_cast<entry_type>(code);
        }
    }

    template <class Out, class... In>
    detail::failure evaluate(const run_options& run, Out&& out, const In&... in) const {
        const auto outputs = given::template outputs<0>(std::forward<Out>(out));
        return detail::evaluate(get(), run, given::inputs(in...), outputs);
    }
    template <class... In>
    outcome<std::vector<R>> make_vector(const run_options& run, const In&... in) const {
        static_assert(results::is_single && !std::is_same_v<R, bool>,
                      "exprjit: map() gives a vector of one output, which cannot be bool; use eval() or select()");
        const auto inputs = given::inputs(in...);
        std::int64_t rows = 0;
        std::vector<R> made;
        detail::failure f = detail::agree(get(), inputs, rows);
        if (!f && is_reducing()) f = detail::check_is_mapped(get());
        if (!f) {
            made.resize(rows == detail::kOneForAll ? 1 : static_cast<std::size_t>(rows));
            f = detail::evaluate(get(), run, inputs, std::array<output, 1>{{output(made)}});
        }
        return detail::finish(std::move(f), std::move(made));
    }
    template <std::size_t... I, class... In>
    outcome<R> reduce_to(std::index_sequence<I...>, const run_options& run, const In&... in) const {
        std::tuple<typename results::template type<I>...> outs{};
        const std::array<output, sizeof...(I)> outputs{{output(std::get<I>(outs))...}};
        detail::failure f = detail::evaluate(get(), run, given::inputs(in...), outputs);
        return detail::finish(std::move(f), R{std::get<I>(outs)...});
    }
    template <class... In>
    outcome<std::vector<std::int64_t>> select_rows(const run_options& run, const In&... in) const {
        static_assert(std::is_same_v<R, bool>, "exprjit: select() is for kernels with one bool output");
        std::vector<std::int64_t> indices;
        detail::failure f = detail::select(get(), run, given::inputs(in...), indices);
        return detail::finish(std::move(f), std::move(indices));
    }
    template <class Out, class... In>
    outcome<std::int64_t> keep(const run_options& run, Out&& out, const In&... in) const {
        static_assert(std::is_same_v<typename results::template type<0>, bool> && results::count > 1,
                      "exprjit: filter() is for kernels whose first output is a bool and that have others");
        const auto outputs = given::template outputs<1>(std::forward<Out>(out));
        std::int64_t count = 0;
        detail::failure f = detail::filter(get(), run, given::inputs(in...), outputs, count);
        return detail::finish(std::move(f), count);
    }
    template <class Out, class... In>
    detail::failure evaluate_selected(const run_options& run, span<const std::int64_t> indices, Out&& out,
                                      const In&... in) const {
        const auto outputs = given::template outputs<0>(std::forward<Out>(out));
        return detail::evaluate_selected(get(), run, indices, given::inputs(in...), outputs);
    }

    entry_type entry_ = nullptr;
};

}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
