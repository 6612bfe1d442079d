// SPDX-License-Identifier: MIT OR Apache-2.0

//! The enumerations of the C ABI, and the tagged scalar.

use std::fmt;

use exprjit_sys as sys;

/// An enumeration with the C ABI's numbers, which `from_raw` takes back; a number it does not know becomes the last variant's
/// stand-in, `$unknown`.
macro_rules! enumeration {
    ($(#[$attribute:meta])* $name:ident else $unknown:ident { $($(#[$doc:meta])* $variant:ident = $value:expr,)* }) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(i32)]
        pub enum $name { $($(#[$doc])* $variant = $value,)* }

        impl $name {
            #[allow(dead_code)]
            pub(crate) fn from_raw(raw: i32) -> Self {
                match raw {
                    $(raw if raw == $value => Self::$variant,)*
                    _ => Self::$unknown,
                }
            }
        }
    };
}

enumeration! {
    /// The type of an element. `Bool`, `I32`, `I64`, `F32` and `F64` are types a value can have; the others exist in memory
    /// only and widen when loaded: `I8`, `I16`, `U8`, `U16` to `I32`, `U32` and `U64` to `I64`, `F16` to `F32`.
    ///
    /// ```
    /// use exprjit::DType;
    /// assert_eq!(DType::U16.to_string(), "u16");
    /// assert_eq!(DType::U16.size(), 2);
    /// ```
    DType else None {
        /// No type: as a result type, "whatever is natural".
        None = sys::EJ_DTYPE_NONE,
        /// One byte, 0 or 1.
        Bool = sys::EJ_BOOL,
        /// Wraps modulo 2^32.
        I32 = sys::EJ_I32,
        /// Wraps modulo 2^64.
        I64 = sys::EJ_I64,
        /// IEEE 754 binary32.
        F32 = sys::EJ_F32,
        /// IEEE 754 binary64.
        F64 = sys::EJ_F64,
        /// In memory only; acts as `I32`.
        I8 = sys::EJ_I8,
        /// In memory only; acts as `I32`.
        I16 = sys::EJ_I16,
        /// In memory only; acts as `I32`.
        U8 = sys::EJ_U8,
        /// In memory only; acts as `I32`.
        U16 = sys::EJ_U16,
        /// In memory only; acts as `I64`.
        U32 = sys::EJ_U32,
        /// In memory only; acts as `F32`.
        F16 = sys::EJ_F16,
        /// In memory only; acts as `I64`. An element of 2^63 or more fails with [`Status::Domain`](crate::Status::Domain).
        U64 = sys::EJ_U64,
    }
}

enumeration! {
    /// How integer `//` and `%` by zero behave.
    DivMode else Error {
        /// The call fails with [`Status::DivideByZero`](crate::Status::DivideByZero) and, over columns, the first row.
        Error = sys::EJ_DIV_ERROR,
        /// The result is 0, NumPy's value.
        Zero = sys::EJ_DIV_ZERO,
    }
}

enumeration! {
    /// The meaning of `^` in text.
    Caret else Power {
        /// Power, as `**`.
        Power = sys::EJ_CARET_POWER,
        /// Exclusive or, as in C and Rust.
        Xor = sys::EJ_CARET_XOR,
        /// Power between floats; between integers or bools an error that names `**` and `xor`.
        Strict = sys::EJ_CARET_STRICT,
    }
}

enumeration! {
    /// How much work goes into the code.
    Tier else Auto {
        /// Chosen once, by cost; in [`CompileOptions`](crate::CompileOptions), the engine's.
        Auto = sys::EJ_TIER_AUTO,
        /// No machine code.
        Interpreter = sys::EJ_TIER_INTERPRETER,
        /// Native, fastest to compile.
        Baseline = sys::EJ_TIER_BASELINE,
        /// Native, fastest to run.
        Optimised = sys::EJ_TIER_OPTIMISED,
    }
}

enumeration! {
    /// Levels of the x86-64 instruction set. Results have the same bits on each.
    Isa else Auto {
        /// The best level of this CPU.
        Auto = sys::EJ_ISA_AUTO,
        /// x86-64-v2: SSE4.2, POPCNT.
        V2 = sys::EJ_ISA_V2,
        /// x86-64-v3: AVX2, FMA, BMI, LZCNT, F16C.
        V3 = sys::EJ_ISA_V3,
        /// x86-64-v4: AVX-512 F, VL, BW, DQ.
        V4 = sys::EJ_ISA_V4,
    }
}

enumeration! {
    /// How accurate the elementary functions are.
    Accuracy else OneUlp {
        /// At most 1 unit in the last place off.
        OneUlp = sys::EJ_ACCURACY_1ULP,
        /// At most 4 units, in less time.
        Fast = sys::EJ_ACCURACY_FAST,
    }
}

enumeration! {
    /// Where machine code lives.
    CodeMemory else Auto {
        /// As `Dual`; the interpreter if the system refuses executable memory.
        Auto = sys::EJ_CODE_MEMORY_AUTO,
        /// Mapped twice; nothing is ever writable and executable at once.
        Dual = sys::EJ_CODE_MEMORY_DUAL,
        /// No executable memory is ever made: every kernel is interpreted.
        None = sys::EJ_CODE_MEMORY_NONE,
        /// Private pages, written once, then read and executed for as long as the code lives: for servers that compile what
        /// strangers write. A page or more per kernel.
        Sealed = sys::EJ_CODE_MEMORY_SEALED,
    }
}

enumeration! {
    /// How important a log message is.
    LogLevel else Debug {
        /// Something failed.
        Error = sys::EJ_LOG_ERROR,
        /// Something is not as asked, such as the interpreter in place of machine code.
        Warning = sys::EJ_LOG_WARNING,
        /// What an operator may want to know.
        Info = sys::EJ_LOG_INFO,
        /// Everything.
        Debug = sys::EJ_LOG_DEBUG,
    }
}

enumeration! {
    /// What [`Kernel::dump`](crate::Kernel::dump) shows.
    Dump else Ir {
        /// The program as the front end made it.
        Ir = sys::EJ_DUMP_IR,
        /// After the tier's passes, or after the pass named.
        Opt = sys::EJ_DUMP_OPT,
        /// Machine code, Intel syntax, with source positions.
        Asm = sys::EJ_DUMP_ASM,
    }
}

enumeration! {
    /// Where a compile found its kernel.
    CacheHit else No {
        /// It was compiled.
        No = 0,
        /// By text, types and options.
        Text = 1,
        /// By its program, whatever the names and the spelling.
        Program = 2,
    }
}

impl DType {
    /// Bytes of one element in memory; 0 for `None`.
    pub fn size(self) -> usize {
        crate::ffi::dtype_size(self)
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(crate::ffi::dtype_name(*self))
    }
}

/// A scalar with its type, for calls whose types are known at run time only.
///
/// ```
/// use exprjit::Value;
/// let kernel = exprjit::compile("x > 1.5")?;
/// assert_eq!(kernel.call_values(&[Value::F64(2.0)])?, [Value::Bool(true)]);
/// assert_eq!(Value::from(2.0), Value::F64(2.0));
/// # Ok::<(), exprjit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    Bool(bool),
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
}

impl Value {
    /// The type of the value.
    pub fn dtype(self) -> DType {
        match self {
            Value::Bool(_) => DType::Bool,
            Value::I32(_) => DType::I32,
            Value::I64(_) => DType::I64,
            Value::F32(_) => DType::F32,
            Value::F64(_) => DType::F64,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(v) => v.fmt(f),
            Value::I32(v) => v.fmt(f),
            Value::I64(v) => v.fmt(f),
            Value::F32(v) => v.fmt(f),
            Value::F64(v) => v.fmt(f),
        }
    }
}
