// SPDX-License-Identifier: MIT OR Apache-2.0

//! How to compile, and how to run.

use std::ffi::CString;

use crate::{Accuracy, CancelToken, Caret, DType, DivMode, Element, Error, Executor, Isa, Result, Tier};

/// How to compile a text. One set of options may serve any number of texts.
///
/// ```
/// use exprjit::{CompileOptions, Engine};
/// let options = CompileOptions::new().param::<i64>("n").param::<f32>("wind speed").declared_only();
/// let kernel = Engine::shared().compile_with("n * `wind speed`", &options)?;
/// assert_eq!(kernel.signature(), "(n: i64, `wind speed`: f32) -> f64");
/// # Ok::<(), exprjit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CompileOptions {
    pub(crate) params: Vec<(CString, DType)>,
    pub(crate) params_declared: bool,
    pub(crate) result_type: Option<DType>,
    pub(crate) div_mode: Option<DivMode>,
    pub(crate) caret: Option<Caret>,
    pub(crate) tier: Option<Tier>,
    pub(crate) isa: Option<Isa>,
    pub(crate) flags: u32,
    pub(crate) accuracy: Option<Accuracy>,
    pub(crate) source_name: Option<CString>,
    pub(crate) cancel: Option<CancelToken>,
    pub(crate) untrusted: bool,
    /// The first text with a NUL, which C cannot take; told when something is compiled.
    problem: Option<String>,
}

impl CompileOptions {
    /// Every default: `f64` parameters in the order of first use, natural result types.
    pub fn new() -> CompileOptions {
        CompileOptions::default()
    }

    fn c_text(&mut self, text: &str) -> CString {
        CString::new(text).unwrap_or_else(|_| {
            self.problem.get_or_insert_with(|| format!("the name {text:?} has a NUL in it"));
            CString::default()
        })
    }

    /// The next parameter, with the type of a Rust type. Declared parameters come first, in this order, used or not.
    pub fn param<T: Element>(self, name: &str) -> Self {
        self.param_of(name, T::DTYPE)
    }

    /// The next parameter, of a type known at run time only.
    pub fn param_of(mut self, name: &str, dtype: DType) -> Self {
        let name = self.c_text(name);
        self.params.push((name, dtype));
        self
    }

    /// Names that are not declared are errors instead of further `f64` parameters.
    pub fn declared_only(mut self) -> Self {
        self.params_declared = true;
        self
    }

    /// Converts every output to this type.
    pub fn result_type(mut self, dtype: DType) -> Self {
        self.result_type = Some(dtype);
        self
    }

    /// Integer division and remainder by zero.
    pub fn div_mode(mut self, mode: DivMode) -> Self {
        self.div_mode = Some(mode);
        self
    }

    /// The meaning of `^`.
    pub fn caret(mut self, caret: Caret) -> Self {
        self.caret = Some(caret);
        self
    }

    /// How much work goes into the code; the engine's unless told.
    pub fn tier(mut self, tier: Tier) -> Self {
        self.tier = Some(tier);
        self
    }

    /// The highest instruction set level; never above the engine's.
    pub fn isa(mut self, isa: Isa) -> Self {
        self.isa = Some(isa);
        self
    }

    /// `a*b + c` may become one `fma`, which rounds once.
    pub fn contract(mut self) -> Self {
        self.flags |= exprjit_sys::EJ_FLAG_CONTRACT;
        self
    }

    /// Sums and products may be regrouped.
    pub fn reassociate(mut self) -> Self {
        self.flags |= exprjit_sys::EJ_FLAG_REASSOC;
        self
    }

    /// How accurate the elementary functions are.
    pub fn accuracy(mut self, accuracy: Accuracy) -> Self {
        self.accuracy = Some(accuracy);
        self
    }

    /// A name for the text in diagnostics, such as a file's; `<expression>` unless told.
    pub fn source_name(mut self, name: &str) -> Self {
        self.source_name = Some(self.c_text(name));
        self
    }

    /// The text of a stranger: the closures of [`Engine::add_function`](crate::Engine::add_function) do not exist for it.
    pub fn untrusted(mut self) -> Self {
        self.untrusted = true;
        self
    }

    /// The compilation ends with [`Status::Cancelled`](crate::Status::Cancelled) soon after the token is cancelled.
    pub fn cancel(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.clone());
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.problem.as_ref().map_or(Ok(()), |problem| Err(Error::invalid(problem.clone())))
    }
}

/// How to run a kernel: threads, cancellation.
///
/// ```
/// use exprjit::{CancelToken, RunOptions, Status};
/// let token = CancelToken::new();
/// let run = RunOptions::new().cancel(&token);
/// let kernel = exprjit::compile("x + 1")?;
/// assert_eq!(kernel.call_with::<_, f64>(&run, (1.0,))?, 2.0);
/// # Ok::<(), exprjit::Error>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct RunOptions<'a> {
    pub(crate) threads: i32,
    pub(crate) cancel: Option<&'a CancelToken>,
    pub(crate) executor: Option<&'a dyn Executor>,
}

impl<'a> RunOptions<'a> {
    /// On the calling thread, to the end.
    pub fn new() -> RunOptions<'a> {
        RunOptions::default()
    }

    /// Up to so many threads of the library's own pool, for columns only. Every bit of every result is the same.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.try_into().unwrap_or(i32::MAX);
        self
    }

    /// Ends with [`Status::Cancelled`](crate::Status::Cancelled) soon after the token is cancelled.
    pub fn cancel(mut self, token: &'a CancelToken) -> Self {
        self.cancel = Some(token);
        self
    }

    /// The host's threads instead of the library's own; for columns only.
    pub fn executor(mut self, executor: &'a dyn Executor) -> Self {
        self.executor = Some(executor);
        self
    }
}
