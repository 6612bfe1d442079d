// SPDX-License-Identifier: MIT OR Apache-2.0

//! The language and the machine.

use crate::ffi;
use crate::Isa;

/// A function or constant of the expression language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionInfo {
    /// `atan2`.
    pub name: &'static str,
    /// `arctan2`; separated by spaces.
    pub aliases: &'static str,
    /// `y, x`; empty for a constant.
    pub parameters: &'static str,
    /// `trigonometry`, `constant`, …
    pub category: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// The fewest arguments.
    pub min_args: usize,
    /// The most; `None`: any number.
    pub max_args: Option<usize>,
    /// A constant, written without parentheses.
    pub is_constant: bool,
}

/// An operation of the IR.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Operation {
    /// Never reused.
    pub code: i32,
    /// `None`: varies.
    pub operand_count: Option<usize>,
    /// In IR text: `add`.
    pub name: &'static str,
    /// `TT>T`.
    pub signature: &'static str,
    /// `i32 i64 f32 f64`.
    pub types: &'static str,
    /// `inst`, `expand`, `call` or `structure`.
    pub lowering: &'static str,
    /// The largest error in units in the last place; `None` where that has no meaning.
    pub ulp: Option<f64>,
}

/// The functions and constants of the expression language.
///
/// ```
/// assert!(exprjit::functions().any(|function| function.name == "hypot" && function.min_args == 2));
/// ```
pub fn functions() -> impl Iterator<Item = FunctionInfo> {
    (0..).map_while(ffi::inside::function)
}

/// The operations of the IR.
///
/// ```
/// assert!(exprjit::operations().any(|operation| operation.name == "add"));
/// ```
pub fn operations() -> impl Iterator<Item = Operation> {
    (0..).map_while(ffi::inside::operation)
}

/// The passes of the optimised tier, in order.
///
/// ```
/// assert!(exprjit::pass_names().any(|name| name == "cse"));
/// ```
pub fn pass_names() -> impl Iterator<Item = &'static str> {
    (0..).map_while(ffi::inside::pass_name)
}

/// The best instruction set level of this CPU; [`Isa::Auto`] if it is below v2, where everything is interpreted.
///
/// ```
/// println!("{:?} on {}", exprjit::cpu_isa(), exprjit::cpu_name());
/// ```
pub fn cpu_isa() -> Isa {
    ffi::inside::cpu_isa()
}

/// The CPU's brand, `unknown` where there is none.
pub fn cpu_name() -> &'static str {
    ffi::inside::cpu_name()
}

/// The version of the library that was loaded.
///
/// ```
/// assert!(exprjit::version().starts_with("0.1."));
/// ```
pub fn version() -> &'static str {
    ffi::version()
}
