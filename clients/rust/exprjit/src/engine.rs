// SPDX-License-Identifier: MIT OR Apache-2.0

//! Engines.

use std::fmt;
use std::sync::Arc;

use exprjit_sys as sys;

use crate::ffi::engine::{Language, LogFn, RawEngine};
use crate::{CodeMemory, CompileOptions, Isa, Kernel, LogLevel, Result, Tier};

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

/// What an engine and its kernels may call back, kept until the last of them is gone. `None` for the shared engine.
pub(crate) struct Kept {
    log: Option<LogFn>,
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

    fn kernel(&self, language: Language, source: &str, options: Option<&CompileOptions>) -> Result<Kernel> {
        Ok(Kernel::new(self.raw.compile(language, source, options)?, self.kept.clone()))
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
        self.raw.check(text, Some(options))
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

/// Options of an engine; made by [`Engine::builder`]. Zero, or not saying, is every default.
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

    /// The bound of cached code and its records; 64 MiB unless told.
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        // 0 is C's default; to keep nothing is 1 there, and what a Rust caller means by 0.
        self.options.cache_bytes = bytes.max(1);
        self
    }

    /// The longest text, in bytes; 16 MiB unless told.
    pub fn max_text_bytes(mut self, bytes: usize) -> Self {
        self.options.max_text_bytes = bytes;
        self
    }

    /// The largest program, in IR nodes; 4,000,000 unless told.
    pub fn max_nodes(mut self, nodes: usize) -> Self {
        self.options.max_nodes = nodes;
        self
    }

    /// The deepest nesting of IR regions; 1,000 unless told.
    pub fn max_nesting(mut self, levels: usize) -> Self {
        self.options.max_nesting = levels;
        self
    }

    /// The most machine code per kernel, in bytes; 64 MiB unless told.
    pub fn max_code_bytes(mut self, bytes: usize) -> Self {
        self.options.max_code_bytes = bytes;
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
        let kept = Arc::new(Kept { log: self.log });
        Ok(Engine { raw: RawEngine::new(self.options, kept.log.as_ref())?, kept: Some(kept) })
    }
}

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EngineBuilder")
    }
}
