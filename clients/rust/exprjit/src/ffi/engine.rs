// SPDX-License-Identifier: MIT OR Apache-2.0

//! `ej_engine`, or the process's shared one.

use std::ffi::CStr;
use std::os::raw::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;

use exprjit_sys as sys;

use super::error::{checked, status_only};
use super::kernel::RawKernel;
use super::panics::{discard, outside};
use super::{check_abi, text};
use crate::{CompileOptions, Error, LogLevel, Result};

/// Receives log messages, from any thread.
pub type LogFn = Box<dyn Fn(LogLevel, &str) + Send + Sync>;

/// NULL is the shared engine, which is never destroyed.
pub struct RawEngine(*mut sys::ej_engine);

// SAFETY: "ej_engine: every function may be called from any thread at any time, except ej_engine_destroy, which must be last"
// (exprjit.h, Threads); Drop is last.
unsafe impl Send for RawEngine {}
// SAFETY: as above.
unsafe impl Sync for RawEngine {}

impl Drop for RawEngine {
    fn drop(&mut self) {
        // SAFETY: our own engine, or NULL, which is allowed.
        unsafe { sys::ej_engine_destroy(self.0) }
    }
}

/// # Safety
/// `user_data` points to a [`LogFn`] that lives as long as the engine and its kernels.
unsafe extern "C" fn log(level: i32, message: *const sys::c_char, user_data: *mut c_void) {
    // SAFETY: as promised where the engine is made; the message ends in a NUL.
    let (sink, message) = unsafe { (&*(user_data as *const LogFn), text(message)) };
    // A panic must not cross the border, and a log message is not worth the process.
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| outside(|| sink(LogLevel::from_raw(level), &message)))) {
        discard(panic);
    }
}

#[derive(Clone, Copy)]
pub enum Language {
    Text,
    Ir,
}

impl RawEngine {
    pub const SHARED: RawEngine = RawEngine(ptr::null_mut());

    /// The sink has to outlive the engine and its kernels; who holds the engine holds it too.
    pub fn new(mut options: sys::ej_engine_options, sink: Option<&LogFn>) -> Result<RawEngine> {
        check_abi()?;
        if let Some(sink) = sink {
            options.log = Some(log);
            options.log_user_data = sink as *const LogFn as *mut c_void;
        }
        let mut engine = ptr::null_mut();
        // SAFETY: `options` has its struct_size; the engine is ours.
        checked(|error| unsafe { sys::ej_engine_create(&options, &mut engine, error) })?;
        Ok(RawEngine(engine))
    }

    pub fn compile(&self, language: Language, source: &str, options: Option<&CompileOptions>) -> Result<RawKernel> {
        check_abi()?;
        let mut kernel = ptr::null_mut();
        with_compile_options(options, |options| {
            checked(|error| {
                let (bytes, length) = (source.as_ptr() as *const sys::c_char, source.len());
                // SAFETY: a live engine or NULL; text with its length; options or NULL, whose texts live during the call.
                unsafe {
                    match language {
                        Language::Text => sys::ej_engine_compile_n(self.0, bytes, length, options, &mut kernel, error),
                        Language::Ir => sys::ej_engine_compile_ir(self.0, bytes, length, options, &mut kernel, error),
                    }
                }
            })
        })?;
        // SAFETY: on success a reference that is ours.
        unsafe { RawKernel::from_raw(kernel) }.ok_or_else(|| Error::invalid("no kernel"))
    }

    pub fn compile_bytes(&self, bytes: &[u8], options: Option<&CompileOptions>) -> Result<RawKernel> {
        check_abi()?;
        let mut kernel = ptr::null_mut();
        with_compile_options(options, |options| {
            // SAFETY: as in compile; bytes with their length, which the library does not trust.
            checked(|error| unsafe {
                sys::ej_engine_compile_bytes(self.0, bytes.as_ptr(), bytes.len(), options, &mut kernel, error)
            })
        })?;
        // SAFETY: on success a reference that is ours.
        unsafe { RawKernel::from_raw(kernel) }.ok_or_else(|| Error::invalid("no kernel"))
    }

    pub fn define(&self, text: &CStr) -> Result<()> {
        check_abi()?;
        // SAFETY: a live engine or NULL; a NUL-terminated text.
        checked(|error| unsafe { sys::ej_engine_define(self.0, text.as_ptr(), error) })
    }

    /// # Safety
    /// `function` has the C type that `signature` says after a first argument `user_data`, does not unwind, and both live
    /// until the engine and all its kernels are gone.
    pub unsafe fn add_function(
        &self,
        name: &CStr,
        signature: &CStr,
        function: unsafe extern "C" fn(),
        user_data: *mut c_void,
        flags: u32,
    ) -> Result<()> {
        check_abi()?;
        let (name, signature) = (name.as_ptr(), signature.as_ptr());
        // SAFETY: a live engine or NULL, NUL-terminated texts; the rest as the caller promises.
        checked(|error| unsafe {
            sys::ej_engine_add_function(self.0, name, signature, Some(function), user_data, flags, error)
        })
    }

    pub fn remove_function(&self, name: &CStr) -> Result<()> {
        // SAFETY: a live engine or NULL; a NUL-terminated name.
        checked(|error| unsafe { sys::ej_engine_remove_function(self.0, name.as_ptr(), error) })
    }

    pub fn check(&self, source: &str, options: Option<&CompileOptions>) -> Result<()> {
        check_abi()?;
        with_compile_options(options, |options| {
            let (bytes, length) = (source.as_ptr() as *const sys::c_char, source.len());
            // SAFETY: as in compile.
            checked(|error| unsafe { sys::ej_engine_check(self.0, bytes, length, options, error) })
        })
    }

    pub fn clear_cache(&self) {
        // SAFETY: a live engine or NULL.
        unsafe { sys::ej_engine_clear_cache(self.0) }
    }

    pub fn stats(&self) -> Result<sys::ej_engine_stats> {
        let mut stats = sys::ej_engine_stats::default();
        // SAFETY: a live engine or NULL; `stats` has its struct_size.
        status_only(unsafe { sys::ej_engine_get_stats(self.0, &mut stats) })?;
        Ok(stats)
    }
}

fn with_compile_options(
    options: Option<&CompileOptions>,
    compile: impl FnOnce(*const sys::ej_compile_options) -> Result<()>,
) -> Result<()> {
    let options = match options {
        Some(options) => options,
        None => return compile(ptr::null()),
    };
    options.check()?;
    let params: Vec<sys::ej_param> = options
        .params
        .iter()
        .map(|(name, dtype)| sys::ej_param { name: name.as_ptr(), type_: *dtype as i32, reserved: 0 })
        .collect();
    let raw = sys::ej_compile_options {
        params: params.as_ptr(),
        param_count: params.len(),
        params_declared: i32::from(options.params_declared),
        result_type: options.result_type.map_or(0, |value| value as i32),
        div_mode: options.div_mode.map_or(0, |value| value as i32),
        caret: options.caret.map_or(0, |value| value as i32),
        tier: options.tier.map_or(0, |value| value as i32),
        isa: options.isa.map_or(0, |value| value as i32),
        flags: options.flags,
        accuracy: options.accuracy.map_or(0, |value| value as i32),
        source_name: options.source_name.as_ref().map_or(ptr::null(), |name| name.as_ptr()),
        cancel: options.cancel.as_ref().map_or(ptr::null(), |token| token.as_ptr()),
        untrusted: i32::from(options.untrusted),
        ..Default::default()
    };
    compile(&raw)
}
