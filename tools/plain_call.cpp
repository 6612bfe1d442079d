// SPDX-License-Identifier: MIT OR Apache-2.0
#include "plain_call.h"

#include <cstring>
#include <iterator>
#include <utility>

namespace exprjit::cli {
namespace {

// In the x86-64 convention integers and floats are counted separately, so one list of so many integers and so many
// doubles reaches every mixture of parameters; a float is the low half of its register, as in a double whose low half
// it is. Elsewhere there is no machine code and this is never reached.
template <class R, size_t... I, size_t... F>
void call_loop(std::index_sequence<I...>, std::index_sequence<F...>, void (*entry)(void), const long long* integers,
               const double* floats, size_t times) {
    using Function = R (*)(decltype((static_cast<void>(I), 0LL))..., decltype((static_cast<void>(F), 0.0))...);
    const auto function = reinterpret_cast<Function>(entry);
    for (size_t i = 0; i < times; ++i) {
        const R result = function(integers[I]..., floats[F]...);
        asm volatile("" : : "r,x"(result) : "memory");  // the result counts as used, the arguments as changed
    }
}

template <class R, size_t Integers, size_t Floats>
void loop(void (*entry)(void), const long long* integers, const double* floats, size_t times) {
    call_loop<R>(std::make_index_sequence<Integers>(), std::make_index_sequence<Floats>(), entry, integers, floats,
                 times);
}

using Loop = void (*)(void (*)(void), const long long*, const double*, size_t);

// The exact numbers of parameters where they are all of one kind, so that no register is filled for nothing.
template <class R, size_t... Count>
Loop only_floats(size_t wanted, std::index_sequence<Count...>) {
    static constexpr Loop kLoops[] = {loop<R, 0, Count>...};
    return kLoops[wanted];
}
template <class R, size_t... Count>
Loop only_integers(size_t wanted, std::index_sequence<Count...>) {
    static constexpr Loop kLoops[] = {loop<R, Count, 0>...};
    return kLoops[wanted];
}

template <class R>
Loop choose(size_t integers, size_t floats) {
    if (integers == 0) {
        return only_floats<R>(floats, std::make_index_sequence<9>());
    }
    if (floats == 0) {
        return only_integers<R>(integers, std::make_index_sequence<7>());
    }
    return loop<R, 6, 8>;
}

}  // namespace

bool PlainCall::prepare(const ej_kernel* kernel, const std::vector<ej_value>& arguments) {
#if defined(__x86_64__)
    ej_param output{};
    if (ej_kernel_get_entry(kernel, &entry_) != EJ_OK || ej_kernel_get_output(kernel, 0, &output) != EJ_OK) {
        return false;
    }
    size_t integer_count = 0, float_count = 0;
    for (const ej_value& value : arguments) {
        if (value.type == EJ_F32 || value.type == EJ_F64) {
            if (float_count == std::size(floats_)) {
                return false;
            }
            // For an f32 this copies the float into the low half.
            std::memcpy(&floats_[float_count++], &value.as, value.type == EJ_F32 ? sizeof(float) : sizeof(double));
        } else {
            if (integer_count == std::size(integers_)) {
                return false;
            }
            integers_[integer_count++] = value.type == EJ_I64 ? value.as.i64 : value.as.i32;
        }
    }
    loop_ = output.type == EJ_F32 || output.type == EJ_F64 ? choose<double>(integer_count, float_count)
                                                           : choose<long long>(integer_count, float_count);
    return true;
#else
    static_cast<void>(kernel);
    static_cast<void>(arguments);
    return false;
#endif
}

void PlainCall::run(size_t times) const { loop_(entry_, integers_, floats_, times); }

}  // namespace exprjit::cli
