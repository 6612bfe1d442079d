// SPDX-License-Identifier: MIT OR Apache-2.0

//! Plain native functions with Rust types.

use std::fmt;
use std::marker::PhantomData;
use std::mem::transmute;

use crate::kernel::Kernel;
use crate::{DType, Error, Result, Scalar};

/// A native function of a kernel, which cannot outlive it: `f.call(1.0, 2.0)` is one machine call. Made by [`Kernel::function`].
///
/// ```
/// let kernel = exprjit::compile("x*x + y")?;
/// let f = kernel.function::<(f64, f64), f64>()?;
/// assert_eq!(f.call(3.0, 1.0), 10.0);
/// # Ok::<(), exprjit::Error>(())
/// ```
///
/// It borrows the kernel:
///
/// ```compile_fail,E0505
/// let kernel = exprjit::compile("x*x").unwrap();
/// let f = kernel.function::<(f64,), f64>().unwrap();
/// drop(kernel);
/// f.call(2.0);
/// ```
///
/// ```compile_fail,E0515
/// fn squares() -> exprjit::Function<'static, (f64,), f64> {
///     let kernel = exprjit::compile("x*x").unwrap();
///     kernel.function().unwrap()
/// }
/// ```
pub struct Function<'k, A, R> {
    entry: unsafe extern "C" fn(),
    kernel: PhantomData<&'k Kernel>,
    types: PhantomData<fn(A) -> R>,
}

impl<A, R> Clone for Function<'_, A, R> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<A, R> Copy for Function<'_, A, R> {}

/// The same with the kernel inside, for a struct or another thread. Made by [`Kernel::into_function`].
///
/// ```
/// struct Model { loss: exprjit::OwnedFunction<(f64, f64), f64> }
/// let model = Model { loss: exprjit::compile("(y - x)**2")?.into_function()? };
/// let loss = std::thread::spawn(move || model.loss.call(1.0, 4.0)).join().unwrap();
/// assert_eq!(loss, 9.0);
/// # Ok::<(), exprjit::Error>(())
/// ```
pub struct OwnedFunction<A, R> {
    entry: unsafe extern "C" fn(),
    kernel: Kernel,
    types: PhantomData<fn(A) -> R>,
}

impl<A, R> Clone for OwnedFunction<A, R> {
    fn clone(&self) -> Self {
        OwnedFunction { entry: self.entry, kernel: self.kernel.clone(), types: PhantomData }
    }
}

impl<A, R> OwnedFunction<A, R> {
    /// The kernel it belongs to.
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }
}

impl<A, R> fmt::Debug for Function<'_, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({:p})", self.entry as *const ())
    }
}

impl<A, R> fmt::Debug for OwnedFunction<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnedFunction({})", self.kernel.signature())
    }
}

mod sealed {
    pub trait Sealed {}
}

/// Parameter types of a native function: tuples of up to twelve scalars.
pub trait Signature: sealed::Sealed {
    #[doc(hidden)]
    const TYPES: &'static [DType];
}

/// The entry, if the types are exactly the kernel's: only then is the C function's type what `call` makes of it.
fn entry<A: Signature, R: Scalar>(kernel: &Kernel) -> Result<unsafe extern "C" fn()> {
    let raw = kernel.raw();
    let matches = raw.param_count() == A::TYPES.len()
        && A::TYPES.iter().enumerate().all(|(i, dtype)| raw.param_dtype(i).map(widened) == Some(*dtype))
        && raw.output_count() == 1
        && raw.output(0).map(|output| output.dtype) == Some(R::DTYPE);
    if !matches {
        let types: Vec<String> = A::TYPES.iter().map(ToString::to_string).collect();
        return Err(Error::new(
            crate::Status::Type,
            format!(
                "the kernel is {}, but a function ({}) -> {} was asked for; a native function has exactly the kernel's types \
                 (CompileOptions::param and result_type choose them, Kernel::call converts)",
                kernel.signature(),
                types.join(", "),
                R::DTYPE
            ),
        ));
    }
    if kernel.calls_closures() {
        return Err(Error::new(
            crate::Status::NeedsContext,
            "the kernel calls closures, and a native function could not hand on their panics: use Kernel::call",
        ));
    }
    raw.entry().map_err(|error| match error.status() {
        crate::Status::NeedsContext => Error::new(
            crate::Status::NeedsContext,
            "the kernel has checks, long loops or calls, so it has no native function: use Kernel::call, or for integer \
             division CompileOptions::div_mode(DivMode::Zero)",
        ),
        crate::Status::Unsupported => {
            Error::new(crate::Status::Unsupported, "the kernel is interpreted, so it has no native function: use Kernel::call")
        }
        _ => error,
    })
}

/// The type a parameter of a narrow dtype has.
fn widened(dtype: DType) -> DType {
    match dtype {
        DType::I8 | DType::I16 | DType::U8 | DType::U16 => DType::I32,
        DType::U32 | DType::U64 => DType::I64,
        DType::F16 => DType::F32,
        other => other,
    }
}

impl Kernel {
    /// The kernel as a plain native function, tied to its life. The types have to be exactly the kernel's
    /// ([`Kernel::signature`]), with one output; [`Status::Type`](crate::Status::Type) otherwise. A kernel that can fail (integer
    /// division, long loops) has no plain function: [`Status::NeedsContext`](crate::Status::NeedsContext); nor has an
    /// interpreted one: [`Status::Unsupported`](crate::Status::Unsupported).
    ///
    /// ```
    /// use exprjit::{Function, Status};
    /// let kernel = exprjit::compile("a + 2*b")?;
    /// let f: Function<'_, (f64, f64), f64> = kernel.function()?;
    /// assert_eq!(f.call(1.0, 2.0), 5.0);
    /// assert_eq!(kernel.function::<(f32, f64), f64>().unwrap_err().status(), Status::Type);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn function<A: Signature, R: Scalar>(&self) -> Result<Function<'_, A, R>> {
        Ok(Function { entry: entry::<A, R>(self)?, kernel: PhantomData, types: PhantomData })
    }

    /// The same, keeping the kernel.
    pub fn into_function<A: Signature, R: Scalar>(self) -> Result<OwnedFunction<A, R>> {
        Ok(OwnedFunction { entry: entry::<A, R>(&self)?, kernel: self, types: PhantomData })
    }
}

macro_rules! signature {
    ($($argument:ident: $type:ident),*) => {
        impl<$($type: Scalar),*> sealed::Sealed for ($($type,)*) {}
        impl<$($type: Scalar),*> Signature for ($($type,)*) {
            const TYPES: &'static [DType] = &[$($type::DTYPE),*];
        }

        impl<$($type: Scalar,)* R: Scalar> Function<'_, ($($type,)*), R> {
            /// Calls it.
            #[inline]
            #[allow(clippy::too_many_arguments)]
            pub fn call(&self $(, $argument: $type)*) -> R {
                // SAFETY: `entry` compared these types with the kernel's, whose C function has exactly this type ("double,
                // float, int64_t, int32_t for the value types and int32_t (0 or 1) for bool"); the kernel is borrowed, so
                // the code is there; Rust runs in the default floating-point environment, which plain entries expect.
                unsafe {
                    let function = transmute::<unsafe extern "C" fn(), unsafe extern "C" fn($($type::Abi),*) -> R::Abi>(self.entry);
                    R::from_abi(function($($argument.into_abi()),*))
                }
            }
        }

        impl<$($type: Scalar,)* R: Scalar> OwnedFunction<($($type,)*), R> {
            /// Calls it.
            #[inline]
            #[allow(clippy::too_many_arguments)]
            pub fn call(&self $(, $argument: $type)*) -> R {
                Function::<'_, ($($type,)*), R> { entry: self.entry, kernel: PhantomData, types: PhantomData }
                    .call($($argument),*)
            }
        }
    };
}
signature!();
signature!(a: A);
signature!(a: A, b: B);
signature!(a: A, b: B, c: C);
signature!(a: A, b: B, c: C, d: D);
signature!(a: A, b: B, c: C, d: D, e: E);
signature!(a: A, b: B, c: C, d: D, e: E, f: F);
signature!(a: A, b: B, c: C, d: D, e: E, f: F, g: G);
signature!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H);
signature!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I);
signature!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I, j: J);
signature!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I, j: J, k: K);
signature!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I, j: J, k: K, l: L);
