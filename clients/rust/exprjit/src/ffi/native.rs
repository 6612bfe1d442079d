// SPDX-License-Identifier: MIT OR Apache-2.0

//! Rust closures as functions of the language.

use std::any::Any;
use std::ffi::CString;
use std::mem::transmute;
use std::os::raw::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use exprjit_sys as sys;

use super::engine::RawEngine;
use super::panics::Panics;
use crate::{DType, Error, Result, Scalar};

/// The closures of one engine, and their panics. It lives until the engine and all its kernels are gone.
pub struct Natives {
    cells: Mutex<Vec<Arc<dyn Any + Send + Sync>>>,
    exist: AtomicBool,
    panics: Panics,
}

impl Natives {
    pub const fn new() -> Natives {
        Natives { cells: Mutex::new(Vec::new()), exist: AtomicBool::new(false), panics: Panics::new() }
    }

    /// Whether a kernel compiled until now can call a closure.
    pub fn exist(&self) -> bool {
        self.exist.load(Ordering::Acquire)
    }

    /// Runs what may call closures, and goes on with their panic; see [`Panics::guard`].
    #[inline]
    pub fn guard<T>(&self, calls: impl FnOnce() -> bool, run: impl FnOnce() -> T) -> T {
        self.panics.guard(calls, run)
    }
}

/// What `user_data` points to.
struct Cell<F> {
    function: F,
    panics: *const Panics,
}

// SAFETY: the pointer is to a part of the Natives that own the cell, which is Sync.
unsafe impl<F: Send> Send for Cell<F> {}
// SAFETY: as above.
unsafe impl<F: Sync> Sync for Cell<F> {}

mod sealed {
    pub trait Sealed<A> {}
}

/// A closure that texts can call: up to eight scalars to a scalar. Callable from several threads, and for good.
pub trait NativeFunction<A>: Send + Sync + 'static + sealed::Sealed<A> {
    #[doc(hidden)]
    const RESULT: DType;
    #[doc(hidden)]
    const PARAMETERS: &'static [DType];
    #[doc(hidden)]
    fn trampoline() -> unsafe extern "C" fn();
}

macro_rules! native {
    ($($argument:ident: $type:ident),*) => {
        impl<Z, R: Scalar, $($type: Scalar),*> sealed::Sealed<(R, $($type,)*)> for Z
        where
            Z: Fn($($type),*) -> R + Send + Sync + 'static {}

        impl<Z, R: Scalar, $($type: Scalar),*> NativeFunction<(R, $($type,)*)> for Z
        where
            Z: Fn($($type),*) -> R + Send + Sync + 'static,
        {
            const RESULT: DType = R::DTYPE;
            const PARAMETERS: &'static [DType] = &[$($type::DTYPE),*];

            fn trampoline() -> unsafe extern "C" fn() {
                /// # Safety
                /// `user_data` is the closure's cell.
                #[allow(clippy::too_many_arguments)]
                unsafe extern "C" fn call<Z: Fn($($type),*) -> R, R: Scalar, $($type: Scalar),*>(
                    user_data: *mut c_void $(, $argument: $type::Abi)*
                ) -> R::Abi {
                    // SAFETY: the cell and its panics live as long as the engine and its kernels.
                    let (cell, panics) = unsafe {
                        let cell = &*(user_data as *const Cell<Z>);
                        (cell, &*cell.panics)
                    };
                    panics.catch(|| (cell.function)($($type::from_abi($argument)),*)).into_abi()
                }
                // SAFETY: only the type changes; the library calls it by the signature it is given.
                unsafe {
                    transmute::<unsafe extern "C" fn(*mut c_void $(, $type::Abi)*) -> R::Abi, unsafe extern "C" fn()>(
                        call::<Z, R, $($type),*>,
                    )
                }
            }
        }
    };
}
native!();
native!(a: A);
native!(a: A, b: B);
native!(a: A, b: B, c: C);
native!(a: A, b: B, c: C, d: D);
native!(a: A, b: B, c: C, d: D, e: E);
native!(a: A, b: B, c: C, d: D, e: E, f: F);
native!(a: A, b: B, c: C, d: D, e: E, f: F, g: G);
native!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H);

/// Adds a closure, which `natives` keep.
///
/// # Safety
/// `natives` do not move, and live until the engine and all its kernels are gone.
pub unsafe fn add<A, F: NativeFunction<A>>(
    engine: &RawEngine,
    natives: &Natives,
    name: &str,
    function: F,
    flags: u32,
) -> Result<()> {
    let name = CString::new(name).map_err(|_| Error::invalid(format!("the name {name:?} has a NUL in it")))?;
    let types: Vec<String> = F::PARAMETERS.iter().map(ToString::to_string).collect();
    let signature = CString::new(format!("({}) -> {}", types.join(", "), F::RESULT)).expect("no NUL in a type's name");
    let cell = Arc::new(Cell { function, panics: &natives.panics });
    // Before any compilation can see the function.
    natives.exist.store(true, Ordering::Release);
    let user_data = Arc::as_ptr(&cell) as *mut c_void;
    // SAFETY: the trampoline has the type that the signature says, and user_data lives with `natives` from here on; the
    // trampoline does not unwind. A removed closure stays, too: kernels made before may call it.
    unsafe { engine.add_function(&name, &signature, F::trampoline(), user_data, flags)? };
    natives.cells.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(cell);
    Ok(())
}

/// How the library may treat the calls.
pub const IN_ORDER: u32 = 0;
pub const PURE: u32 = sys::EJ_FUNCTION_PURE;
