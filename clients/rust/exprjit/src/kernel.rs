// SPDX-License-Identifier: MIT OR Apache-2.0

//! Kernels.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::Arc;

use crate::engine::{natives_of, Kept};
use crate::ffi::kernel::RawKernel;
use crate::ffi::scalar::{from_raw, to_raw};
use crate::{Args, CacheHit, DType, Dump, Error, Eval, Isa, Reducer, Result, Returns, RunOptions, Status, Tier, Value};

/// One compiled expression. Cheap to clone (a counted reference), immutable, and callable from any number of threads at once.
///
/// ```
/// let kernel = exprjit::compile("exp(-x*x/2)")?;
/// assert_eq!(kernel.signature(), "(x: f64) -> f64");
/// std::thread::scope(|scope| {
///     for x in [0.0, 1.0] {
///         let kernel = &kernel;
///         scope.spawn(move || assert!(kernel.call::<(f64,), f64>((x,)).unwrap() > 0.5));
///     }
/// });
/// # Ok::<(), exprjit::Error>(())
/// ```
pub struct Kernel {
    raw: RawKernel, // dropped before what it may call
    kept: Option<Arc<Kept>>,
    /// [`NO`], [`YES`] or [`PERHAPS`]: whether it calls closures. That is worth finding out for a few kernels only.
    calls_closures: AtomicU8,
}

const NO: u8 = 0;
const YES: u8 = 1;
const PERHAPS: u8 = 2;

impl Clone for Kernel {
    fn clone(&self) -> Kernel {
        let calls_closures = AtomicU8::new(self.calls_closures.load(Ordering::Relaxed));
        Kernel { raw: self.raw.clone(), kept: self.kept.clone(), calls_closures }
    }
}

impl Kernel {
    pub(crate) fn new(raw: RawKernel, kept: Option<Arc<Kept>>) -> Kernel {
        let calls_closures = AtomicU8::new(if natives_of(&kept).exist() { PERHAPS } else { NO });
        Kernel { raw, kept, calls_closures }
    }

    /// Writes the whole program where it is not known yet.
    pub(crate) fn calls_closures(&self) -> bool {
        let mut calls = self.calls_closures.load(Ordering::Relaxed);
        if calls == PERHAPS {
            // Bytes exist of every kernel but those that call functions of the host.
            calls = if self.raw.encode().is_err() { YES } else { NO };
            self.calls_closures.store(calls, Ordering::Relaxed);
        }
        calls == YES
    }

    /// Runs it, and goes on with a panic of a closure that it calls.
    #[inline]
    pub(crate) fn guard<T>(&self, run: impl FnOnce(&RawKernel) -> T) -> T {
        if self.calls_closures.load(Ordering::Relaxed) == NO {
            return run(&self.raw);
        }
        natives_of(&self.kept).guard(|| self.calls_closures(), || run(&self.raw))
    }

    pub(crate) fn raw(&self) -> &RawKernel {
        &self.raw
    }

    /// Calls the kernel once. Arguments convert where that loses nothing by NumPy's promotion rules, and so do the results.
    ///
    /// ```
    /// let kernel = exprjit::compile("a*b + c")?;
    /// assert_eq!(kernel.call::<(f64, f64, f64), f64>((3.0, 4.0, 5.0))?, 17.0);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    #[inline]
    pub fn call<A: Args, R: Returns>(&self, args: A) -> Result<R> {
        self.call_with(&RunOptions::new(), args)
    }

    /// The same with a [`CancelToken`](crate::CancelToken).
    #[inline]
    pub fn call_with<A: Args, R: Returns>(&self, run: &RunOptions<'_>, args: A) -> Result<R> {
        args.with(|args| R::collect(|outs| self.guard(|raw| raw.call(run, args, outs))))
    }

    /// The same for types that are known at run time only.
    pub fn call_values(&self, args: &[Value]) -> Result<Vec<Value>> {
        let args: Vec<_> = args.iter().map(|value| to_raw(*value)).collect();
        let mut outs = vec![exprjit_sys::ej_i64(0); self.raw.output_count()];
        self.guard(|raw| raw.call(&RunOptions::new(), &args, &mut outs))?;
        Ok(outs.iter().map(from_raw).collect())
    }

    /// Evaluates over columns; see [`Eval`].
    pub fn eval(&self) -> Eval<'_> {
        Eval::new(self)
    }

    /// A reduction fed batch by batch; see [`Reducer`].
    pub fn reducer(&self) -> Result<Reducer> {
        Reducer::new(self)
    }

    /// Parameters, in order.
    ///
    /// ```
    /// let kernel = exprjit::compile("b*x + a")?;
    /// let names: Vec<String> = kernel.params().map(|param| param.name).collect();
    /// assert_eq!(names, ["b", "x", "a"]);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn params(&self) -> impl ExactSizeIterator<Item = Param> + '_ {
        (0..self.raw.param_count()).map(|index| self.raw.param(index).expect("an index below the count"))
    }

    /// Outputs, in order.
    ///
    /// ```
    /// let kernel = exprjit::compile("total = sum(x); y = x - 1")?;
    /// let outputs: Vec<_> = kernel.outputs().map(|output| (output.name, output.is_reduced)).collect();
    /// assert_eq!(outputs, [("total".to_string(), true), ("y".to_string(), false)]);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn outputs(&self) -> impl ExactSizeIterator<Item = Output> + '_ {
        (0..self.raw.output_count()).map(|index| self.raw.output(index).expect("an index below the count"))
    }

    /// Whether it has reductions over rows: it can be evaluated over columns only.
    pub fn is_reducing(&self) -> bool {
        self.raw.is_reducing()
    }

    /// `(a: f64, b: f64) -> f64`.
    pub fn signature(&self) -> &str {
        self.raw.signature()
    }

    /// The text, or IR text, it was compiled from.
    pub fn source(&self) -> String {
        self.raw.source()
    }

    /// How it was compiled.
    ///
    /// ```
    /// let info = exprjit::compile("x*x + 1")?.info();
    /// assert!(!info.needs_context && info.nodes > 1);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn info(&self) -> KernelInfo {
        let raw = self.raw.info();
        KernelInfo {
            tier: Tier::from_raw(raw.tier),
            isa: Isa::from_raw(raw.isa),
            needs_context: raw.needs_context != 0,
            cache_hit: CacheHit::from_raw(raw.cache_hit),
            nodes: raw.nodes,
            code_bytes: raw.code_bytes,
            memory_bytes: raw.memory_bytes,
            spills: raw.spills,
        }
    }

    /// Where the time of compiling it went.
    ///
    /// ```
    /// let timings = exprjit::compile("x*x + 2")?.timings();
    /// assert!(timings.parse <= timings.total);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn timings(&self) -> Timings {
        let raw = self.raw.timings();
        Timings {
            total: raw.total,
            parse: raw.parse,
            verify: raw.verify,
            key: raw.key,
            optimise: raw.optimise,
            uses: raw.uses,
            allocate: raw.allocate,
            emit: raw.emit,
            install: raw.install,
        }
    }

    /// A listing; `pass` names a pass for [`Dump::Opt`] ([`pass_names`](crate::pass_names)), `None`: after all of them. With
    /// `Some("vectorize")`, `Opt` and `Asm` show the loops over columns.
    ///
    /// ```
    /// use exprjit::Dump;
    /// assert!(exprjit::compile("x*x")?.dump(Dump::Ir, None)?.contains("mul"));
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn dump(&self, what: Dump, pass: Option<&str>) -> Result<String> {
        self.guard(|raw| raw.dump(what, pass))
    }

    /// The program as bytes for [`Engine::compile_bytes`](crate::Engine::compile_bytes), in this or another process. Equal
    /// programs give equal bytes. [`Status::Unsupported`] if it calls a closure.
    ///
    /// ```
    /// use exprjit::{CompileOptions, Engine};
    /// let bytes = exprjit::compile("a*b + c")?.encode()?;
    /// let kernel = Engine::shared().compile_bytes(&bytes, &CompileOptions::new())?;
    /// assert_eq!(kernel.call::<_, f64>((3.0, 4.0, 5.0))?, 17.0);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn encode(&self) -> Result<Vec<u8>> {
        self.raw.encode()
    }

    pub(crate) fn output_at(&self, index: usize) -> Result<Output> {
        self.raw
            .output(index)
            .ok_or_else(|| Error::new(Status::Internal, format!("output {index} cannot be looked at")))
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `kept` is only there to be kept.
        let engine = if self.kept.is_some() { "" } else { " of the shared engine" };
        write!(f, "Kernel({}{engine})", self.signature())
    }
}

/// A parameter of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Param {
    /// As declared, or as in the text.
    pub name: String,
    /// As declared; narrow types act as the type they widen to.
    pub dtype: DType,
}

/// An output of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Output {
    /// Empty for the single output of a final expression.
    pub name: String,
    /// Its natural type, or the one asked for.
    pub dtype: DType,
    /// The same for all rows, because it depends on its parameters through reductions only: one element.
    pub is_reduced: bool,
    /// Null where its inputs are; if not, never null.
    pub is_nullable: bool,
}

/// How a kernel was compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KernelInfo {
    /// The tier in use, never `Auto`.
    pub tier: Tier,
    /// The instruction set level in use.
    pub isa: Isa,
    /// It can fail, loop or call, and so has no [`Kernel::function`].
    pub needs_context: bool,
    /// Whether the compile call found it in the cache.
    pub cache_hit: CacheHit,
    /// IR nodes after optimisation.
    pub nodes: u64,
    /// Machine code and constants of the scalar entry; 0 when interpreted.
    pub code_bytes: u64,
    /// Everything the kernel keeps alive, about.
    pub memory_bytes: u64,
    /// Values that did not stay in registers.
    pub spills: u64,
}

/// Where the time of compiling a kernel went, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Timings {
    pub total: u64,
    pub parse: u64,
    pub verify: u64,
    pub key: u64,
    pub optimise: u64,
    pub uses: u64,
    pub allocate: u64,
    pub emit: u64,
    pub install: u64,
}
