// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What must not compile. Each case names the words that a compiler has to say; check_refused.sh builds them one by one,
// and the file without any.
#include <exprjit/exprjit.hpp>

[[maybe_unused]] static const exprjit::engine engine;
[[maybe_unused]] static std::vector<double> d(3);
[[maybe_unused]] static std::vector<int> i(3);
[[maybe_unused]] static const std::vector<double> constant(3);

void refused() {
    [[maybe_unused]] exprjit::function<double(double)> f;
    [[maybe_unused]] exprjit::function<int(int)> g;
    [[maybe_unused]] exprjit::function<std::pair<double, double>(double)> two;

// case: signature_is_no_function | a signature is a function type
#ifdef signature_is_no_function
    exprjit::function<double> wrong;
#endif
// case: parameter_of_no_value_type | a parameter is bool, std::int32_t, std::int64_t, float or double
#ifdef parameter_of_no_value_type
    exprjit::function<double(unsigned)> wrong;
#endif
// case: parameter_by_reference | a parameter is bool, std::int32_t, std::int64_t, float or double
#ifdef parameter_by_reference
    exprjit::function<double(const double&)> wrong;
#endif
// case: result_of_no_value_type | a result is bool, std::int32_t, std::int64_t, float, double, or a tuple
#ifdef result_of_no_value_type
    exprjit::function<char(double)> wrong;
#endif
// case: too_few_names | the signature has another number of parameters
#ifdef too_few_names
    engine.compile<double(double, double)>("x", {"x"});
#endif
// case: no_names | the parameters need names
#ifdef no_names
    engine.compile<double(double)>("x");
#endif
// case: too_few_inputs | an evaluation takes one input per parameter
#ifdef too_few_inputs
    f.eval(d);
#endif
// case: lossy_input | do not become the parameter's type without loss
#ifdef lossy_input
    g.eval(i, d);
#endif
// case: fraction_for_integer | a fractional number is given for an integer parameter
#ifdef fraction_for_integer
    g.eval(i, 1.5);
#endif
// case: lossy_output | the output does not become the column's element type without loss
#ifdef lossy_output
    f.eval(i, d);
#endif
// case: const_output | an output cannot be const
#ifdef const_output
    f.eval(constant, d);
#endif
// case: one_column_for_two_outputs | an evaluation takes one column per output
#ifdef one_column_for_two_outputs
    two.eval(d, d);
#endif
// case: three_columns_for_two_outputs | an evaluation takes one column per output
#ifdef three_columns_for_two_outputs
    two.eval(std::tie(d, d, d), d);
#endif
// case: vector_of_bool | an output is a column to write: a vector (not of bool)
#ifdef vector_of_bool
    std::vector<bool> packed(3);
    exprjit::function<bool(double)>().eval(packed, d);
#endif
// case: text_as_column | a column's elements are bools, integers, floats or doubles
#ifdef text_as_column
    f.eval(d, std::string("abc"));
#endif
// case: select_without_condition | select() is for kernels with one bool output
#ifdef select_without_condition
    f.select(d);
#endif
// case: filter_without_condition | filter() is for kernels whose first output is a bool
#ifdef filter_without_condition
    two.filter(d, d);
#endif
// case: copied_function | delete
#ifdef copied_function
    exprjit::function<double(double)> copy(f);
#endif
// case: const_untyped_output | an output cannot be const
#ifdef const_untyped_output
    exprjit::kernel().eval({d}, {constant});
#endif
}
