// SPDX-License-Identifier: MIT OR Apache-2.0

//! The Rust types that are exprjit's types. Both traits are sealed: what the library reads and writes through a column's
//! pointer has to be exactly the type that the dtype says.

use exprjit_sys as sys;

use crate::{DType, Value};

mod sealed {
    pub trait Sealed {}
}

/// A type that columns can have: `bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64` and [`F16`].
///
/// ```
/// use exprjit::{DType, Element};
/// assert_eq!(<u16 as Element>::DTYPE, DType::U16);
/// ```
pub trait Element: Copy + Send + Sync + 'static + sealed::Sealed {
    /// exprjit's name for it.
    const DTYPE: DType;
}

/// A type that a single value can have: `bool i32 i64 f32 f64`.
///
/// ```
/// use exprjit::{Scalar, Value};
/// assert_eq!(2.5f32.into_value(), Value::F32(2.5));
/// // What loses nothing converts, by NumPy's promotion rules:
/// assert_eq!(f64::from_value(Value::I64(3)), Some(3.0));
/// assert_eq!(f32::from_value(Value::F64(3.0)), None);
/// ```
pub trait Scalar: Element {
    /// How it is passed to a plain native function.
    #[doc(hidden)]
    type Abi: Copy;
    #[doc(hidden)]
    fn into_abi(self) -> Self::Abi;
    #[doc(hidden)]
    fn from_abi(abi: Self::Abi) -> Self;
    #[doc(hidden)]
    fn into_raw(self) -> sys::ej_value;
    /// With its tag.
    fn into_value(self) -> Value;
    /// The value as this type if that loses nothing by NumPy's rules: bool to any; i32 to i64 and f64; i64 and f32 to f64.
    fn from_value(value: Value) -> Option<Self>;
}

/// An IEEE 754 binary16 number, as its bits; the element type of an `f16` column.
///
/// ```
/// use exprjit::F16;
/// let kernel = exprjit::compile("2*h")?;
/// let mut out = [0.0f64];
/// kernel.eval().input(&[F16(0x3e00)]).output(&mut out).run()?; // 1.5
/// assert_eq!(out, [3.0]);
/// # Ok::<(), exprjit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct F16(pub u16);

macro_rules! element {
    ($($type:ty => $dtype:ident),*) => {
        $(impl sealed::Sealed for $type {}
        impl Element for $type {
            const DTYPE: DType = DType::$dtype;
        })*
    };
}
element!(bool => Bool, i32 => I32, i64 => I64, f32 => F32, f64 => F64, i8 => I8, i16 => I16, u8 => U8, u16 => U16,
    u32 => U32, F16 => F16, u64 => U64);

macro_rules! scalar {
    ($type:ty, $variant:ident, $abi:ty, $raw:path, |$from:ident| $back:expr, { $($pattern:pat => $value:expr),* }) => {
        impl Scalar for $type {
            type Abi = $abi;
            #[inline]
            fn into_abi(self) -> $abi {
                self as $abi
            }
            #[inline]
            fn from_abi($from: $abi) -> $type {
                $back
            }
            #[inline]
            fn into_raw(self) -> sys::ej_value {
                $raw(self)
            }
            fn into_value(self) -> Value {
                Value::$variant(self)
            }
            #[inline]
            fn from_value(value: Value) -> Option<$type> {
                Some(match value {
                    Value::$variant(value) => value,
                    $($pattern => $value,)*
                    #[allow(unreachable_patterns)]
                    _ => return None,
                })
            }
        }

        impl From<$type> for Value {
            fn from(value: $type) -> Value {
                Value::$variant(value)
            }
        }
    };
}
scalar!(bool, Bool, i32, sys::ej_bool, |abi| abi != 0, {});
scalar!(i32, I32, i32, sys::ej_i32, |abi| abi, { Value::Bool(b) => b.into() });
scalar!(i64, I64, i64, sys::ej_i64, |abi| abi, { Value::Bool(b) => b.into(), Value::I32(i) => i.into() });
scalar!(f32, F32, f32, sys::ej_f32, |abi| abi, { Value::Bool(b) => u8::from(b).into() });
scalar!(f64, F64, f64, sys::ej_f64, |abi| abi,
    { Value::Bool(b) => u8::from(b).into(), Value::I32(i) => i.into(), Value::I64(i) => i as f64, Value::F32(f) => f.into() });

pub fn to_raw(value: Value) -> sys::ej_value {
    match value {
        Value::Bool(v) => v.into_raw(),
        Value::I32(v) => v.into_raw(),
        Value::I64(v) => v.into_raw(),
        Value::F32(v) => v.into_raw(),
        Value::F64(v) => v.into_raw(),
    }
}

/// A value the library wrote. An unknown tag, which no library of this ABI writes, reads as `false`.
#[inline]
pub fn from_raw(raw: &sys::ej_value) -> Value {
    // SAFETY: all variants of the union are plain numbers, for which every bit pattern is valid, and every ej_value that comes
    // here was initialised as a whole by into_raw or to zero.
    unsafe {
        match raw.type_ {
            sys::EJ_I32 => Value::I32(raw.r#as.i32),
            sys::EJ_I64 => Value::I64(raw.r#as.i64),
            sys::EJ_F32 => Value::F32(raw.r#as.f32),
            sys::EJ_F64 => Value::F64(raw.r#as.f64),
            _ => Value::Bool(raw.r#as.b != 0),
        }
    }
}
