// SPDX-License-Identifier: MIT OR Apache-2.0

//! Engines.

use std::ffi::CString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use exprjit_sys as sys;

use crate::ffi::engine::{Language, LogFn, RawEngine};
use crate::ffi::native::{self, NativeFunction, Natives};
use crate::{CodeMemory, CompileOptions, Error, Isa, Kernel, LogLevel, Result, Tier};

/// Compiles texts, and caches what it compiled. Any number of threads may use one engine; kernels stay valid when it is gone.
///
/// ```
/// use exprjit::{Engine, Isa};
/// let engine = Engine::builder().isa(Isa::V2).cache_bytes(1 << 20).build()?;
/// let kernel = engine.compile("x*x")?;
/// drop(engine);
/// assert_eq!(kernel.call::<(f64,), f64>((3.0,))?, 9.0);
/// # Ok::<(), exprjit::Error>(())
/// ```
pub struct Engine {
    raw: RawEngine, // dropped first: it may still log
    kept: Option<Arc<Kept>>,
}

/// What an engine and its kernels may call back, kept until the last of them is gone.
pub(crate) struct Kept {
    log: Option<LogFn>,
    natives: Natives,
}

/// The shared engine's, which is never destroyed.
static SHARED: Kept = Kept { log: None, natives: Natives::new() };

/// The closures of an engine of one's own, or (`None`) of the shared one.
pub(crate) fn natives_of(kept: &Option<Arc<Kept>>) -> &Natives {
    kept.as_ref().map_or(&SHARED.natives, |kept| &kept.natives)
}

impl Engine {
    /// An engine with every default.
    pub fn new() -> Result<Engine> {
        Engine::builder().build()
    }

    /// An engine with limits, a cache and a log of its own.
    pub fn builder() -> EngineBuilder {
        EngineBuilder { options: sys::ej_engine_options::default(), log: None }
    }

    /// The process's shared engine, made on first use.
    ///
    /// ```
    /// let kernel = exprjit::Engine::shared().compile("1/3")?;
    /// assert_eq!(kernel.call::<_, f64>(())?, 1.0 / 3.0);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub const fn shared() -> Engine {
        Engine { raw: RawEngine::SHARED, kept: None }
    }

    /// Compiles a text with every default: names become `f64` parameters in the order of their first use.
    pub fn compile(&self, text: &str) -> Result<Kernel> {
        self.kernel(Language::Text, text, None)
    }

    /// Compiles a text.
    ///
    /// ```
    /// use exprjit::{Caret, CompileOptions, Engine};
    /// let options = CompileOptions::new().param::<i64>("a").param::<i64>("b").caret(Caret::Xor);
    /// let kernel = Engine::shared().compile_with("a ^ b", &options)?;
    /// assert_eq!(kernel.call::<(i64, i64), i64>((6, 3))?, 5);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn compile_with(&self, text: &str, options: &CompileOptions) -> Result<Kernel> {
        self.kernel(Language::Text, text, Some(options))
    }

    /// Compiles a program in IR text, the form [`Kernel::dump`] prints with [`Dump::Ir`](crate::Dump::Ir). Parameters and the
    /// meaning of `^` in the options do not apply.
    ///
    /// ```
    /// use exprjit::{CompileOptions, Dump, Engine};
    /// let ir = exprjit::compile("x + 1")?.dump(Dump::Ir, None)?;
    /// let kernel = Engine::shared().compile_ir(&ir, &CompileOptions::new())?;
    /// assert_eq!(kernel.call::<_, f64>((1.0,))?, 2.0);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn compile_ir(&self, ir: &str, options: &CompileOptions) -> Result<Kernel> {
        self.kernel(Language::Ir, ir, Some(options))
    }

    /// Compiles a program given as bytes, the form [`Kernel::encode`] makes. They may come from a stranger. Of the options,
    /// those of text do not apply.
    pub fn compile_bytes(&self, bytes: &[u8], options: &CompileOptions) -> Result<Kernel> {
        let natives = natives_of(&self.kept);
        let raw = natives.guard(|| true, || self.raw.compile_bytes(bytes, Some(options)))?;
        Ok(Kernel::new(raw, self.kept.clone()))
    }

    fn kernel(&self, language: Language, source: &str, options: Option<&CompileOptions>) -> Result<Kernel> {
        // Calls of constants may be made while compiling.
        let raw = natives_of(&self.kept).guard(|| true, || self.raw.compile(language, source, options))?;
        Ok(Kernel::new(raw, self.kept.clone()))
    }

    /// Defines a function of the language, which every text compiled afterwards can call.
    ///
    /// ```
    /// let engine = exprjit::Engine::new()?;
    /// engine.define("bmi(kg, m) = kg / m**2")?;
    /// assert_eq!(engine.compile("bmi(w, 2)")?.call::<_, f64>((80.0,))?, 20.0);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn define(&self, text: &str) -> Result<()> {
        let text = CString::new(text).map_err(|_| Error::invalid("the definition has a NUL in it"))?;
        natives_of(&self.kept).guard(|| true, || self.raw.define(&text))
    }

    /// Adds a closure as a function of the language, which every text compiled afterwards can call. Over columns it is called
    /// once for each row, in order, on one thread. Arguments convert to its types where nothing is lost. A later function of
    /// the same name replaces it. A panic goes on in the thread that runs the kernel. One of a run on several threads
    /// ([`threads`](crate::Eval::threads), [`executor`](crate::Eval::executor)) may cost other such runs of the same time their
    /// results, if they call closures of this engine: they panic as well.
    ///
    /// The closure lives until the engine and all its kernels are gone (so a closure that holds one of them is never dropped),
    /// the shared engine's for ever.
    ///
    /// ```
    /// let engine = exprjit::Engine::new()?;
    /// let rates = vec![1.0, 1.1, 0.85];
    /// engine.add_function("rate", move |currency: i64| rates.get(currency as usize).copied().unwrap_or(f64::NAN))?;
    /// let options = exprjit::CompileOptions::new().param::<f64>("amount").param::<i64>("currency");
    /// let kernel = engine.compile_with("amount * rate(currency)", &options)?;
    /// drop(engine);
    /// assert_eq!(kernel.call::<_, f64>((10.0, 2i64))?, 8.5);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    ///
    /// What it captures is its own, and shareable:
    ///
    /// ```compile_fail,E0597
    /// let engine = exprjit::Engine::new().unwrap();
    /// let table = vec![1.0];
    /// engine.add_function("f", |x: f64| x + table[0]).unwrap();
    /// ```
    ///
    /// ```compile_fail,E0277
    /// let engine = exprjit::Engine::new().unwrap();
    /// let count = std::cell::Cell::new(0);
    /// engine.add_function("f", move |x: f64| { count.set(1); x }).unwrap();
    /// ```
    pub fn add_function<A, F: NativeFunction<A>>(&self, name: &str, function: F) -> Result<()> {
        self.add(name, function, native::IN_ORDER)
    }

    /// The same for a closure whose result depends on its arguments only and that does nothing else: calls may be merged, moved,
    /// left out, made for rows that do not need them, and made by several threads at once.
    ///
    /// ```
    /// let engine = exprjit::Engine::new()?;
    /// engine.add_pure_function("cube", |x: f64| x * x * x)?;
    /// assert_eq!(engine.compile("cube(x) + cube(x)")?.call::<_, f64>((2.0,))?, 16.0);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn add_pure_function<A, F: NativeFunction<A>>(&self, name: &str, function: F) -> Result<()> {
        self.add(name, function, native::PURE)
    }

    #[allow(unsafe_code)]
    fn add<A, F: NativeFunction<A>>(&self, name: &str, function: F, flags: u32) -> Result<()> {
        // SAFETY: the natives lie in a static or in an Arc, which the engine and each of its kernels hold until they are dropped.
        unsafe { native::add(&self.raw, natives_of(&self.kept), name, function, flags) }
    }

    /// Removes a function that was defined or added. Kernels made before keep it.
    ///
    /// ```
    /// let engine = exprjit::Engine::new()?;
    /// engine.define("half(x) = x/2")?;
    /// let kernel = engine.compile("half(x)")?;
    /// engine.remove_function("half")?;
    /// assert_eq!(engine.compile("half(x)").unwrap_err().status(), exprjit::Status::Name);
    /// assert_eq!(kernel.call::<_, f64>((3.0,))?, 1.5);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn remove_function(&self, name: &str) -> Result<()> {
        let name = CString::new(name).map_err(|_| Error::invalid(format!("the name {name:?} has a NUL in it")))?;
        self.raw.remove_function(&name)
    }

    /// Parses and checks without compiling.
    ///
    /// ```
    /// # use exprjit::{CompileOptions, Engine};
    /// let options = CompileOptions::new().param::<f64>("x").declared_only();
    /// assert!(Engine::shared().check("x + 1", &options).is_ok());
    /// assert!(Engine::shared().check("y + 1", &options).is_err());
    /// ```
    pub fn check(&self, text: &str, options: &CompileOptions) -> Result<()> {
        natives_of(&self.kept).guard(|| true, || self.raw.check(text, Some(options)))
    }

    /// Drops every cached kernel. Kernels still held stay valid.
    ///
    /// ```
    /// let engine = exprjit::Engine::new()?;
    /// engine.compile("x + 1")?;
    /// engine.clear_cache();
    /// assert_eq!(engine.stats()?.entries, 0);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn clear_cache(&self) {
        self.raw.clear_cache();
    }

    /// What the engine did so far.
    pub fn stats(&self) -> Result<EngineStats> {
        let raw = self.raw.stats()?;
        Ok(EngineStats {
            compiles: raw.compiles,
            text_hits: raw.text_hits,
            canonical_hits: raw.canonical_hits,
            misses: raw.misses,
            evictions: raw.evictions,
            entries: raw.entries,
            cache_bytes: raw.cache_bytes,
            code_bytes: raw.code_bytes,
            arena_bytes: raw.arena_bytes,
            isa: Isa::from_raw(raw.isa),
            jit: raw.jit != 0,
        })
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stats() {
            Ok(stats) => f.debug_struct("Engine").field("stats", &stats).finish(),
            Err(_) => f.write_str("Engine"),
        }
    }
}

/// What [`Engine::stats`] counts.
///
/// ```
/// let engine = exprjit::Engine::new()?;
/// engine.compile("x + 1")?;
/// engine.compile("x + 1")?;
/// assert_eq!((engine.stats()?.compiles, engine.stats()?.text_hits), (1, 1));
/// # Ok::<(), exprjit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EngineStats {
    /// Programs that went through code generation, or preparation for the interpreter.
    pub compiles: u64,
    /// Found by text, types and options.
    pub text_hits: u64,
    /// Found by program after parsing.
    pub canonical_hits: u64,
    /// Not found.
    pub misses: u64,
    /// Dropped to stay within the cache's bound.
    pub evictions: u64,
    /// Cached kernels now.
    pub entries: u64,
    /// What they count for against the bound.
    pub cache_bytes: u64,
    /// Machine code alive now, cached or held.
    pub code_bytes: u64,
    /// Address space reserved for code.
    pub arena_bytes: u64,
    /// The instruction set level in use.
    pub isa: Isa,
    /// Whether machine code is made; if not, everything is interpreted.
    pub jit: bool,
}

/// Options of an engine; made by [`Engine::builder`]. Zero, or not saying, is the default of every number.
///
/// ```
/// use exprjit::{Engine, Status};
/// let engine = Engine::builder().max_text_bytes(100).build()?;
/// let error = engine.compile(&"x + ".repeat(50)).unwrap_err();
/// assert_eq!(error.status(), Status::Limit);
/// # Ok::<(), exprjit::Error>(())
/// ```
pub struct EngineBuilder {
    options: sys::ej_engine_options,
    log: Option<LogFn>,
}

impl EngineBuilder {
    /// The highest instruction set level to use.
    pub fn isa(mut self, isa: Isa) -> Self {
        self.options.isa = isa as i32;
        self
    }

    /// The tier for compilations that do not name one.
    pub fn tier(mut self, tier: Tier) -> Self {
        self.options.tier = tier as i32;
        self
    }

    /// Where machine code lives.
    pub fn code_memory(mut self, policy: CodeMemory) -> Self {
        self.options.code_memory = policy as i32;
        self
    }

    /// The bound of cached code and its records; 64 MiB unless told, or told 0. 1 is no cache, `usize::MAX` no bound.
    ///
    /// ```
    /// let engine = exprjit::Engine::builder().cache_bytes(1).build()?;
    /// engine.compile("x + 1")?;
    /// assert_eq!(engine.stats()?.entries, 0);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        self.options.cache_bytes = bytes;
        self
    }

    /// The longest text, in bytes; 16 MiB unless told, or told 0.
    pub fn max_text_bytes(mut self, bytes: usize) -> Self {
        self.options.max_text_bytes = bytes;
        self
    }

    /// The largest program, in IR nodes; 4,000,000 unless told, or told 0.
    pub fn max_nodes(mut self, nodes: usize) -> Self {
        self.options.max_nodes = nodes;
        self
    }

    /// The deepest nesting of IR regions; 1,000 unless told, or told 0.
    pub fn max_nesting(mut self, levels: usize) -> Self {
        self.options.max_nesting = levels;
        self
    }

    /// The most machine code per kernel, in bytes; 64 MiB unless told, or told 0.
    pub fn max_code_bytes(mut self, bytes: usize) -> Self {
        self.options.max_code_bytes = bytes;
        self
    }

    /// The longest time for one compilation, and for the loops over columns of one kernel; 10 seconds unless told, or told
    /// `Duration::ZERO`. `Duration::MAX` is no limit.
    pub fn max_compile_time(mut self, time: Duration) -> Self {
        self.options.max_compile_ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self
    }

    /// Receives messages up to `level`, from whichever thread has something to say. It must not call exprjit.
    ///
    /// ```
    /// # use exprjit::{Engine, LogLevel};
    /// let engine = Engine::builder().log(LogLevel::Warning, |level, message| eprintln!("{level:?}: {message}")).build()?;
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn log(mut self, level: LogLevel, sink: impl Fn(LogLevel, &str) + Send + Sync + 'static) -> Self {
        self.options.log_level = level as i32;
        self.log = Some(Box::new(sink));
        self
    }

    /// The engine.
    pub fn build(self) -> Result<Engine> {
        // The sink must not move any more: C has its address. In the Arc it stays where it is.
        let kept = Arc::new(Kept { log: self.log, natives: Natives::new() });
        Ok(Engine { raw: RawEngine::new(self.options, kept.log.as_ref())?, kept: Some(kept) })
    }
}

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EngineBuilder")
    }
}
