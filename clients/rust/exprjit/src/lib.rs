// SPDX-License-Identifier: MIT OR Apache-2.0

//! Expressions to native x86-64 code in microseconds, over scalars and columns.
//!
//! ```
//! # fn main() -> Result<(), exprjit::Error> {
//! let kernel = exprjit::compile("a*b + c")?;
//! let y: f64 = kernel.call((3.0, 4.0, 5.0))?;
//! assert_eq!(y, 17.0);
//!
//! let (a, b) = (vec![1.0, 2.0, 3.0], [4.0, 5.0, 6.0]);
//! let mut out = [0.0; 3];
//! kernel.eval().input(&a).input(&b).scalar(0.5).output(&mut out).run()?;
//! assert_eq!(out, [4.5, 10.5, 18.5]);
//!
//! let f = kernel.function::<(f64, f64, f64), f64>()?; // a plain native function, as long as the kernel lives
//! assert_eq!(f.call(3.0, 4.0, 5.0), 17.0);
//! # Ok(()) }
//! ```
//!
//! A text that is wrong is told with the place:
//!
//! ```
//! let error = exprjit::compile("sqrt(x) + foo(y)").unwrap_err();
//! assert_eq!(error.status(), exprjit::Status::Name);
//! assert_eq!(error.diagnostics()[0].span, 10..13);
//! println!("{error}"); // the line with a caret under `foo`, and a hint
//! ```
//!
//! | to … | see |
//! |---|---|
//! | choose types, integer division, accuracy, tier | [`CompileOptions`] |
//! | bound time and memory, keep a cache of one's own | [`Engine::builder`] |
//! | call with scalars | [`Kernel::call`], [`Kernel::function`] |
//! | evaluate columns, reduce, select, filter; nulls, threads | [`Kernel::eval`] |
//! | reduce batch by batch | [`Kernel::reducer`] |
//! | stop what runs | [`CancelToken`] |
//! | add functions | [`Engine::define`], [`Engine::add_function`] |
//! | send programs elsewhere | [`Kernel::encode`], [`Engine::compile_bytes`] |
//!
//! The text of a stranger is safe to compile and run: it cannot read or write outside the columns given, nor run for ever
//! against a [`CancelToken`].
//!
//! # Threads
//! [`Engine`] and [`Kernel`] are `Send` and `Sync`: any number of threads compile and run at once. Nothing starts a thread
//! unless [`Eval::threads`] asks for it.
#![deny(unsafe_code)] // but for the modules of `ffi`
#![deny(unsafe_op_in_unsafe_fn)] // not forbid: thread_local! of Rust 1.63 says deny once more
#![warn(missing_docs)]

mod arguments;
mod bits;
mod columns;
mod engine;
mod error;
#[allow(unsafe_code)]
mod ffi;
mod inside;
mod kernel;
mod options;
mod reducer;
mod types;

pub use arguments::{Args, Returns};
pub use bits::{is_valid, pack_validity};
pub use columns::Eval;
pub use engine::{Engine, EngineBuilder, EngineStats};
pub use error::{Diagnostic, Error, Result, Status};
pub use ffi::cancel::CancelToken;
pub use ffi::executor::Executor;
pub use ffi::function::{Function, OwnedFunction, Signature};
pub use ffi::native::NativeFunction;
pub use ffi::scalar::{Element, Scalar, F16};
pub use inside::{cpu_isa, cpu_name, functions, operations, pass_names, version, FunctionInfo, Operation};
pub use kernel::{Kernel, KernelInfo, Output, Param, Timings};
pub use options::{CompileOptions, RunOptions};
pub use reducer::{Batch, Reducer};
pub use types::{Accuracy, CacheHit, Caret, CodeMemory, DType, DivMode, Dump, Isa, LogLevel, Tier, Value};

/// The raw bindings, for what this crate does not wrap.
pub use exprjit_sys as sys;

/// Compiles `text` with the process's shared engine; names become `f64` parameters in the order of their first use.
///
/// ```
/// let kernel = exprjit::compile("hypot(x, y)")?;
/// assert_eq!(kernel.call::<_, f64>((3.0, 4.0))?, 5.0);
/// # Ok::<(), exprjit::Error>(())
/// ```
pub fn compile(text: &str) -> Result<Kernel> {
    Engine::shared().compile(text)
}
