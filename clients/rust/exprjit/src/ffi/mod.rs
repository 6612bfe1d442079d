// SPDX-License-Identifier: MIT OR Apache-2.0

//! The border: everything `unsafe` of this crate is below here. What these modules offer the others is safe to call.

pub mod cancel;
pub mod column;
pub mod engine;
pub mod error;
pub mod executor;
pub mod function;
pub mod inside;
pub mod kernel;
pub mod native;
mod panics;
pub mod reducer;
pub mod run;
pub mod scalar;

use std::ffi::CStr;

use exprjit_sys as sys;

use crate::{DType, Error, Result, Status};

/// A copy of a C string; "" for NULL.
///
/// # Safety
/// `text` is NULL or ends in a NUL, and lives during the call.
unsafe fn text(text: *const sys::c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// The same for text with static storage, which needs no copy.
///
/// # Safety
/// `text` is NULL or ends in a NUL, and lives for ever.
unsafe fn static_text(text: *const sys::c_char) -> &'static str {
    if text.is_null() {
        return "";
    }
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap_or("")
}

pub fn version() -> &'static str {
    // SAFETY: static storage, says the header.
    unsafe { static_text(sys::ej_version()) }
}

pub fn dtype_name(dtype: DType) -> &'static str {
    // SAFETY: static storage for every number, says the header.
    unsafe { static_text(sys::ej_dtype_name(dtype as i32)) }
}

pub fn dtype_size(dtype: DType) -> usize {
    // SAFETY: any number may be asked for.
    unsafe { sys::ej_dtype_size(dtype as i32) }
}

/// The library that was found when the program started may be another than the one it was built with.
pub fn check_abi() -> Result<()> {
    // SAFETY: no arguments.
    let found = unsafe { sys::ej_abi_version() };
    if found == sys::EJ_ABI_VERSION {
        return Ok(());
    }
    Err(Error::new(
        Status::Unsupported,
        format!(
            "libexprjit {} has ABI version {found}, but this program was built for version {}; build it again with the \
             header's version of the crate, or put the matching libexprjit.so first in LD_LIBRARY_PATH",
            version(),
            sys::EJ_ABI_VERSION
        ),
    ))
}
