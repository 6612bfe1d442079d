// SPDX-License-Identifier: MIT OR Apache-2.0

//! `ej_reducer`.

use std::ptr::{self, NonNull};

use exprjit_sys as sys;

use super::column::{c_rows, checked as checked_columns, Column};
use super::error::checked;
use super::kernel::RawKernel;
use super::run::with_options;
use crate::{Error, Result, RunOptions};

pub struct RawReducer(NonNull<sys::ej_reducer>);

// SAFETY: "used by one thread at a time" (exprjit.h): it may move between threads, and its methods take &mut self. Not Sync.
unsafe impl Send for RawReducer {}

impl Drop for RawReducer {
    fn drop(&mut self) {
        // SAFETY: ours, and nobody is inside.
        unsafe { sys::ej_reducer_destroy(self.0.as_ptr()) }
    }
}

impl RawReducer {
    pub fn new(kernel: &RawKernel) -> Result<RawReducer> {
        let mut reducer = ptr::null_mut();
        // SAFETY: a live kernel, which the reducer retains.
        checked(|error| unsafe { sys::ej_reducer_create(kernel.as_ptr(), &mut reducer, error) })?;
        NonNull::new(reducer).map(RawReducer).ok_or_else(|| Error::invalid("no reducer"))
    }

    pub fn feed(&mut self, run: &RunOptions<'_>, inputs: &[Column<'_>], rows: usize) -> Result<()> {
        let (inputs, c_rows) = (checked_columns(inputs, rows)?, c_rows(rows)?);
        // SAFETY: a live reducer, used by nobody else; columns as in RawKernel::eval.
        with_options(run, |run| {
            checked(|error| unsafe {
                sys::ej_reducer_feed(self.0.as_ptr(), run, inputs.as_ptr(), inputs.len(), c_rows, error)
            })
        })
    }

    pub fn finish(&mut self, outs: &mut [sys::ej_value]) -> Result<()> {
        // SAFETY: a live reducer, used by nobody else; the library refuses a count that is not the kernel's.
        checked(|error| unsafe { sys::ej_reducer_finish(self.0.as_ptr(), outs.as_mut_ptr(), outs.len(), error) })
    }
}
