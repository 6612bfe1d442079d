// SPDX-License-Identifier: MIT OR Apache-2.0

//! Arguments and results of scalar calls, without a heap allocation.

use exprjit_sys as sys;

use crate::ffi::scalar::from_raw;
use crate::{Error, Result, Scalar, Status, Value};

mod sealed {
    pub trait Sealed {}
}

/// Arguments of [`Kernel::call`](crate::Kernel::call): a tuple of up to twelve scalars, an array, or a slice.
///
/// ```
/// let kernel = exprjit::compile("a + b + c")?;
/// assert_eq!(kernel.call::<_, f64>((1.0, 2i32, true))?, 4.0); // what loses nothing converts
/// assert_eq!(kernel.call::<_, f64>([1.0, 2.0, 3.0])?, 6.0);
/// assert_eq!(kernel.call::<_, f64>(&vec![1.0, 2.0, 3.0][..])?, 6.0);
/// # Ok::<(), exprjit::Error>(())
/// ```
pub trait Args: sealed::Sealed {
    #[doc(hidden)]
    fn with<T>(self, call: impl FnOnce(&[sys::ej_value]) -> T) -> T;
}

/// Results of [`Kernel::call`](crate::Kernel::call): a scalar, a tuple of up to eight for as many outputs, an array, or
/// [`Value`] where the type is not known before.
///
/// ```
/// use exprjit::Value;
/// let kernel = exprjit::compile("s = x + y; d = x - y")?;
/// let (s, d): (f64, f64) = kernel.call((3.0, 1.0))?;
/// assert_eq!((s, d), (4.0, 2.0));
/// let both: [f64; 2] = kernel.call((3.0, 1.0))?;
/// assert_eq!(both, [4.0, 2.0]);
/// # Ok::<(), exprjit::Error>(())
/// ```
pub trait Returns: sealed::Sealed + Sized {
    #[doc(hidden)]
    fn collect(fill: impl FnOnce(&mut [sys::ej_value]) -> Result<()>) -> Result<Self>;
}

const ZERO: sys::ej_value = sys::ej_i64(0);

fn take<T: Scalar>(raw: &sys::ej_value, index: usize) -> Result<T> {
    let value = from_raw(raw);
    T::from_value(value).ok_or_else(|| {
        Error::new(
            Status::Type,
            format!(
                "output {index} is {}, which does not convert to {} without loss; ask for {0}, or choose the type with \
                 CompileOptions::result_type",
                value.dtype(),
                T::DTYPE
            ),
        )
    })
}

macro_rules! tuple_args {
    ($($name:ident)*) => {
        impl<$($name: Scalar),*> sealed::Sealed for ($($name,)*) {}
        impl<$($name: Scalar),*> Args for ($($name,)*) {
            #[inline]
            #[allow(non_snake_case)]
            fn with<T>(self, call: impl FnOnce(&[sys::ej_value]) -> T) -> T {
                let ($($name,)*) = self;
                call(&[$($name.into_raw()),*])
            }
        }
    };
}
tuple_args!();
tuple_args!(A);
tuple_args!(A B);
tuple_args!(A B C);
tuple_args!(A B C D);
tuple_args!(A B C D E);
tuple_args!(A B C D E F);
tuple_args!(A B C D E F G);
tuple_args!(A B C D E F G H);
tuple_args!(A B C D E F G H I);
tuple_args!(A B C D E F G H I J);
tuple_args!(A B C D E F G H I J K);
tuple_args!(A B C D E F G H I J K L);

impl<T: Scalar, const N: usize> sealed::Sealed for [T; N] {}
impl<S: Scalar, const N: usize> Args for [S; N] {
    #[inline]
    fn with<T>(self, call: impl FnOnce(&[sys::ej_value]) -> T) -> T {
        call(&self.map(Scalar::into_raw))
    }
}

impl<T: Scalar> sealed::Sealed for &[T] {}
impl<S: Scalar> Args for &[S] {
    fn with<T>(self, call: impl FnOnce(&[sys::ej_value]) -> T) -> T {
        let values: Vec<_> = self.iter().map(|value| value.into_raw()).collect();
        call(&values)
    }
}

macro_rules! scalar_returns {
    ($($type:ty)*) => {
        $(impl sealed::Sealed for $type {}
        impl Returns for $type {
            #[inline]
            fn collect(fill: impl FnOnce(&mut [sys::ej_value]) -> Result<()>) -> Result<$type> {
                let mut outs = [ZERO];
                fill(&mut outs)?;
                take(&outs[0], 0)
            }
        })*
    };
}
scalar_returns!(bool i32 i64 f32 f64);

impl sealed::Sealed for Value {}
impl Returns for Value {
    fn collect(fill: impl FnOnce(&mut [sys::ej_value]) -> Result<()>) -> Result<Value> {
        let mut outs = [ZERO];
        fill(&mut outs)?;
        Ok(from_raw(&outs[0]))
    }
}

impl<S: Scalar, const N: usize> Returns for [S; N] {
    fn collect(fill: impl FnOnce(&mut [sys::ej_value]) -> Result<()>) -> Result<[S; N]> {
        let mut outs = [ZERO; N];
        fill(&mut outs)?;
        // Checked first, so that the array can be made without a place for errors.
        for (index, out) in outs.iter().enumerate() {
            take::<S>(out, index)?;
        }
        let mut index = 0;
        Ok(outs.map(|out| {
            index += 1;
            take(&out, index - 1).unwrap_or_else(|_| unreachable!("checked above"))
        }))
    }
}

macro_rules! tuple_returns {
    ($($name:ident $index:literal)*) => {
        impl<$($name: Scalar),*> Returns for ($($name,)*) {
            #[inline]
            fn collect(fill: impl FnOnce(&mut [sys::ej_value]) -> Result<()>) -> Result<Self> {
                let mut outs = [$({ let _ = $index; ZERO }),*];
                fill(&mut outs)?;
                Ok(($(take::<$name>(&outs[$index], $index)?,)*))
            }
        }
    };
}
tuple_returns!(A 0);
tuple_returns!(A 0 B 1);
tuple_returns!(A 0 B 1 C 2);
tuple_returns!(A 0 B 1 C 2 D 3);
tuple_returns!(A 0 B 1 C 2 D 3 E 4);
tuple_returns!(A 0 B 1 C 2 D 3 E 4 F 5);
tuple_returns!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuple_returns!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
