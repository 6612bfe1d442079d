// SPDX-License-Identifier: MIT OR Apache-2.0

//! `ej_kernel` behind a counted reference.

use std::ffi::CString;
use std::ptr::{self, NonNull};

use exprjit_sys as sys;

use super::column::{c_rows, checked as checked_columns, checked_outputs, Column};
use super::error::{checked, status_only};
use super::run::with_options;
use super::text;
use crate::{DType, Dump, Error, Output, Param, Result, RunOptions};

/// One reference to a kernel.
pub struct RawKernel(NonNull<sys::ej_kernel>);

// SAFETY: "ej_kernel: immutable; callable from any number of threads at once; retain and release are atomic" (exprjit.h, Threads).
unsafe impl Send for RawKernel {}
// SAFETY: as above.
unsafe impl Sync for RawKernel {}

impl Clone for RawKernel {
    fn clone(&self) -> RawKernel {
        // SAFETY: a live kernel; the new reference is the clone's.
        unsafe { sys::ej_kernel_retain(self.0.as_ptr()) };
        RawKernel(self.0)
    }
}

impl Drop for RawKernel {
    fn drop(&mut self) {
        // SAFETY: our own reference. "No thread may still be inside a call through that reference": calls borrow it.
        unsafe { sys::ej_kernel_release(self.0.as_ptr()) }
    }
}

impl RawKernel {
    /// # Safety
    /// `kernel` is a reference that the caller gives away.
    pub unsafe fn from_raw(kernel: *mut sys::ej_kernel) -> Option<RawKernel> {
        NonNull::new(kernel).map(RawKernel)
    }

    pub fn as_ptr(&self) -> *const sys::ej_kernel {
        self.0.as_ptr()
    }

    #[inline]
    pub fn call(&self, run: &RunOptions<'_>, args: &[sys::ej_value], outs: &mut [sys::ej_value]) -> Result<()> {
        // SAFETY: a live kernel, and slices with their lengths; the library refuses counts that are not the kernel's.
        with_options(run, |run| {
            checked(|error| unsafe {
                let (args, arg_count) = (args.as_ptr(), args.len());
                sys::ej_kernel_call_with(self.as_ptr(), run, args, arg_count, outs.as_mut_ptr(), outs.len(), error)
            })
        })
    }

    pub fn eval(&self, run: &RunOptions<'_>, inputs: &[Column<'_>], outputs: &[Column<'_>], rows: usize) -> Result<()> {
        let (inputs, outputs) = (checked_columns(inputs, rows)?, checked_outputs(self, 0, outputs, rows)?);
        let c_rows = c_rows(rows)?;
        // SAFETY: a live kernel; every column has `rows` elements of its dtype (or is one element, with stride 0) and bits for
        // them; outputs are borrowed exclusively. The library checks counts and dtypes.
        with_options(run, |run| {
            checked(|error| unsafe {
                let (ins, outs) = (inputs.as_ptr(), outputs.as_ptr());
                sys::ej_kernel_eval_with(self.as_ptr(), run, ins, inputs.len(), outs, outputs.len(), c_rows, error)
            })
        })
    }

    pub fn select(
        &self,
        run: &RunOptions<'_>,
        inputs: &[Column<'_>],
        rows: usize,
        indices: &mut [i64],
    ) -> Result<usize> {
        if indices.len() < rows {
            return Err(Error::invalid(format!("room for {} indices, but {rows} rows can be selected", indices.len())));
        }
        let inputs = checked_columns(inputs, rows)?;
        let (c_rows, mut count) = (c_rows(rows)?, 0);
        // SAFETY: as in eval; `indices` has room for every row.
        with_options(run, |run| {
            checked(|error| unsafe {
                let (ins, room) = (inputs.as_ptr(), indices.as_mut_ptr());
                sys::ej_kernel_select(self.as_ptr(), run, ins, inputs.len(), c_rows, room, &mut count, error)
            })
        })?;
        Ok(count as usize)
    }

    pub fn filter(
        &self,
        run: &RunOptions<'_>,
        inputs: &[Column<'_>],
        outputs: &[Column<'_>],
        rows: usize,
    ) -> Result<usize> {
        let (inputs, outputs) = (checked_columns(inputs, rows)?, checked_outputs(self, 1, outputs, rows)?);
        let (c_rows, mut count) = (c_rows(rows)?, 0);
        // SAFETY: as in eval; every output has room for every row.
        with_options(run, |run| {
            checked(|error| unsafe {
                let (ins, outs) = (inputs.as_ptr(), outputs.as_ptr());
                let kernel = self.as_ptr();
                sys::ej_kernel_filter(kernel, run, ins, inputs.len(), outs, outputs.len(), c_rows, &mut count, error)
            })
        })?;
        Ok(count as usize)
    }

    /// `rows` are the inputs'; the outputs have one element per index.
    pub fn eval_selected(
        &self,
        run: &RunOptions<'_>,
        inputs: &[Column<'_>],
        rows: usize,
        indices: &[i64],
        outputs: &[Column<'_>],
    ) -> Result<()> {
        let (inputs, outputs) = (checked_columns(inputs, rows)?, checked_outputs(self, 0, outputs, indices.len())?);
        let (c_rows, count) = (c_rows(rows)?, c_rows(indices.len())?);
        // SAFETY: as in eval; the library refuses an index outside the rows.
        with_options(run, |run| {
            checked(|error| unsafe {
                let (ins, outs, at) = (inputs.as_ptr(), outputs.as_ptr(), indices.as_ptr());
                let kernel = self.as_ptr();
                sys::ej_kernel_eval_selected(
                    kernel,
                    run,
                    ins,
                    inputs.len(),
                    c_rows,
                    at,
                    count,
                    outs,
                    outputs.len(),
                    error,
                )
            })
        })
    }

    pub fn param_count(&self) -> usize {
        // SAFETY: a live kernel.
        unsafe { sys::ej_kernel_param_count(self.as_ptr()) }
    }

    pub fn output_count(&self) -> usize {
        // SAFETY: a live kernel.
        unsafe { sys::ej_kernel_output_count(self.as_ptr()) }
    }

    pub fn param(&self, index: usize) -> Option<Param> {
        let mut raw = sys::ej_param { name: ptr::null(), type_: 0, reserved: 0 };
        // SAFETY: a live kernel, from which the name is borrowed.
        unsafe {
            let known = sys::ej_kernel_get_param(self.as_ptr(), index, &mut raw) == sys::EJ_OK;
            known.then(|| Param { name: text(raw.name), dtype: DType::from_raw(raw.type_) })
        }
    }

    pub fn param_dtype(&self, index: usize) -> Option<DType> {
        let mut raw = sys::ej_param { name: ptr::null(), type_: 0, reserved: 0 };
        // SAFETY: a live kernel.
        let known = unsafe { sys::ej_kernel_get_param(self.as_ptr(), index, &mut raw) } == sys::EJ_OK;
        known.then(|| DType::from_raw(raw.type_))
    }

    fn raw_output(&self, index: usize) -> Option<sys::ej_output_info> {
        let mut raw = sys::ej_output_info::default();
        // SAFETY: a live kernel; `raw` has its struct_size.
        let known = unsafe { sys::ej_kernel_get_output_info(self.as_ptr(), index, &mut raw) } == sys::EJ_OK;
        known.then_some(raw)
    }

    pub fn output(&self, index: usize) -> Option<Output> {
        let raw = self.raw_output(index)?;
        Some(Output {
            // SAFETY: borrowed from the live kernel.
            name: unsafe { text(raw.name) },
            dtype: DType::from_raw(raw.type_),
            is_reduced: raw.is_reduced != 0,
            is_nullable: raw.is_nullable != 0,
        })
    }

    pub fn output_is_reduced(&self, index: usize) -> bool {
        self.raw_output(index).map_or(false, |raw| raw.is_reduced != 0)
    }

    pub fn is_reducing(&self) -> bool {
        // SAFETY: a live kernel.
        unsafe { sys::ej_kernel_is_reducing(self.as_ptr()) != 0 }
    }

    pub fn signature(&self) -> &str {
        // SAFETY: borrowed from the kernel, as long as our reference; all text is UTF-8.
        unsafe { std::ffi::CStr::from_ptr(sys::ej_kernel_signature(self.as_ptr())) }.to_str().unwrap_or("")
    }

    pub fn source(&self) -> String {
        // SAFETY: borrowed from the live kernel.
        unsafe { text(sys::ej_kernel_source(self.as_ptr())) }
    }

    pub fn info(&self) -> sys::ej_kernel_info {
        let mut raw = sys::ej_kernel_info::default();
        // SAFETY: a live kernel; `raw` has its struct_size. Nothing else can be wrong.
        unsafe { sys::ej_kernel_get_info(self.as_ptr(), &mut raw) };
        raw
    }

    pub fn timings(&self) -> sys::ej_timings {
        let mut raw = sys::ej_timings::default();
        // SAFETY: as above.
        unsafe { sys::ej_kernel_get_timings(self.as_ptr(), &mut raw) };
        raw
    }

    pub fn encode(&self) -> Result<Vec<u8>> {
        let (mut bytes, mut size) = (ptr::null_mut(), 0);
        // SAFETY: a live kernel; on success `size` bytes that are ours to free.
        unsafe {
            checked(|error| sys::ej_kernel_encode(self.as_ptr(), &mut bytes, &mut size, error))?;
            let copy = std::slice::from_raw_parts(bytes, size).to_vec();
            sys::ej_bytes_free(bytes);
            Ok(copy)
        }
    }

    pub fn entry(&self) -> Result<unsafe extern "C" fn()> {
        let mut entry = None;
        // SAFETY: a live kernel and a place for the pointer.
        status_only(unsafe { sys::ej_kernel_get_entry(self.as_ptr(), &mut entry) })?;
        entry.ok_or_else(|| Error::invalid("no entry"))
    }

    pub fn dump(&self, what: Dump, pass: Option<&str>) -> Result<String> {
        let pass = pass.map(CString::new).transpose().map_err(|_| Error::invalid("the pass's name has a NUL in it"))?;
        let mut out = ptr::null_mut();
        // SAFETY: a live kernel, a NUL-terminated name or NULL; the text is ours to free.
        unsafe {
            let pass = pass.as_ref().map_or(ptr::null(), |pass| pass.as_ptr());
            checked(|error| sys::ej_kernel_dump(self.as_ptr(), what as i32, pass, &mut out, error))?;
            let listing = text(out);
            sys::ej_string_free(out);
            Ok(listing)
        }
    }
}
