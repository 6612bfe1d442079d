// SPDX-License-Identifier: MIT OR Apache-2.0

//! From `ej_error` to [`Error`].

use std::ptr;

use exprjit_sys as sys;

use super::text;
use crate::{Diagnostic, Error, Result, Status};

/// Calls a C function with an error out-parameter and turns what it says into a `Result`.
#[inline]
pub fn checked(call: impl FnOnce(*mut *mut sys::ej_error) -> sys::ej_status) -> Result<()> {
    let mut error = ptr::null_mut();
    let status = call(&mut error);
    if status == sys::EJ_OK {
        return Ok(());
    }
    Err(take(status, error))
}

/// For C functions without an error out-parameter.
pub fn status_only(status: sys::ej_status) -> Result<()> {
    if status == sys::EJ_OK {
        return Ok(());
    }
    Err(take(status, ptr::null_mut()))
}

/// Copies the error and destroys it.
#[cold]
fn take(status: sys::ej_status, error: *mut sys::ej_error) -> Error {
    // SAFETY: static storage for every number, says the header.
    let name = unsafe { super::static_text(sys::ej_status_name(status)) };
    if error.is_null() {
        return Error::new(Status::from_raw(status), name);
    }
    // SAFETY: `error` is a live error that nobody else has; its strings are borrowed from it and copied before it goes.
    let taken = unsafe {
        let diagnostics: Vec<Diagnostic> =
            (0..sys::ej_error_count(error)).filter_map(|i| diagnostic(error, i)).collect();
        let row = sys::ej_error_row(error);
        let rendered = text(sys::ej_error_render(error));
        sys::ej_error_destroy(error);
        (rendered, diagnostics, u64::try_from(row).ok())
    };
    let (rendered, diagnostics, row) = taken;
    if diagnostics.is_empty() {
        return Error::new(Status::from_raw(status), name);
    }
    Error::from_parts(Status::from_raw(status), rendered, diagnostics, row)
}

/// # Safety
/// `error` is a live error.
unsafe fn diagnostic(error: *const sys::ej_error, index: usize) -> Option<Diagnostic> {
    let mut raw = sys::ej_diagnostic::default();
    // SAFETY: `raw` has its struct_size; its strings live as long as the error.
    unsafe {
        if sys::ej_error_get(error, index, &mut raw) != sys::EJ_OK {
            return None;
        }
        Some(Diagnostic {
            code: raw.code,
            status: Status::from_raw(raw.status),
            message: text(raw.message),
            hint: text(raw.hint),
            span: raw.begin..raw.end,
            line: u32::try_from(raw.line).ok().filter(|line| *line > 0),
            column: u32::try_from(raw.column).ok().filter(|_| raw.line > 0),
        })
    }
}
