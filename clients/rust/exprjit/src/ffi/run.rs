// SPDX-License-Identifier: MIT OR Apache-2.0

//! From [`RunOptions`] to `ej_run_options`.

use std::ptr;

use exprjit_sys as sys;

use super::executor::{parallel, Host};
use super::panics::on_threads;
use crate::{Result, RunOptions};

/// Calls `run` with the C form of the options: NULL where nothing is asked for. An executor's panic goes on here.
#[inline]
pub fn with_options(
    options: &RunOptions<'_>,
    run: impl FnOnce(*const sys::ej_run_options) -> Result<()>,
) -> Result<()> {
    if options.threads == 0 && options.cancel.is_none() && options.executor.is_none() {
        return run(ptr::null());
    }
    let mut raw = sys::ej_run_options { threads: options.threads, ..Default::default() };
    if let Some(token) = options.cancel {
        raw.cancel = token.as_ptr(); // borrowed until `run` returns
    }
    let host = options.executor.map(Host::new);
    if let Some(host) = &host {
        raw.parallel = Some(parallel);
        raw.parallel_user_data = host as *const Host<'_> as *mut _;
    }
    let result = if options.threads > 1 || host.is_some() {
        on_threads(|| run(&raw))
    } else {
        run(&raw) // "0 and 1: the calling thread alone" (exprjit.h)
    };
    if let Some(host) = host {
        host.resume_panic();
    }
    result
}
