// SPDX-License-Identifier: MIT OR Apache-2.0

//! Raw bindings of `exprjit.h`, the C ABI of libexprjit, in the header's order and with the header's names. The header is
//! the documentation: ownership, thread-safety and errors of every function stand there. Rust programs want the safe crate,
//! `exprjit`, instead.
//!
//! The bindings are written by hand; tests compare every declaration, size, offset and constant with the header.
//!
//! ```
//! use std::ffi::CStr;
//! // SAFETY: ej_version returns a string with static storage.
//! let version = unsafe { CStr::from_ptr(exprjit_sys::ej_version()) };
//! assert_eq!(version.to_str(), Ok(exprjit_sys::EJ_VERSION_STRING));
//! ```
#![allow(non_camel_case_types)]

use std::marker::{PhantomData, PhantomPinned};
pub use std::os::raw::{c_char, c_void};

/// An opaque C type: never made, moved or looked into by Rust.
macro_rules! opaque {
    ($($(#[$attribute:meta])* $name:ident;)*) => {
        $($(#[$attribute])*
        #[repr(C)]
        pub struct $name {
            _data: [u8; 0],
            _marker: PhantomData<(*mut u8, PhantomPinned)>,
        })*
    };
}

/// A struct that begins with `struct_size` and whose zero is the default.
macro_rules! sized_default {
    ($($name:ident)*) => {
        $(impl Default for $name {
            /// Zero everywhere, which is every default, but for `struct_size`.
            fn default() -> Self {
                // SAFETY: every field is an integer, a float, a raw pointer or an Option of a function pointer: all zero is valid.
                let mut zeroed: Self = unsafe { std::mem::zeroed() };
                zeroed.struct_size = std::mem::size_of::<Self>();
                zeroed
            }
        })*
    };
}

// ---- Version ----------------------------------------------------------------------------------------------------

pub const EJ_VERSION_MAJOR: i32 = 0;
pub const EJ_VERSION_MINOR: i32 = 1;
pub const EJ_VERSION_PATCH: i32 = 0;
pub const EJ_VERSION_STRING: &str = "0.1.0";
/// Compare it with [`ej_abi_version`].
pub const EJ_ABI_VERSION: i32 = 0;

// ---- Status and types -------------------------------------------------------------------------------------------

pub type ej_status = i32;
pub const EJ_OK: ej_status = 0;
pub const EJ_ERR_INVALID_ARGUMENT: ej_status = 1;
pub const EJ_ERR_SYNTAX: ej_status = 2;
pub const EJ_ERR_NAME: ej_status = 3;
pub const EJ_ERR_TYPE: ej_status = 4;
pub const EJ_ERR_LIMIT: ej_status = 5;
pub const EJ_ERR_DIVIDE_BY_ZERO: ej_status = 6;
pub const EJ_ERR_DOMAIN: ej_status = 7;
pub const EJ_ERR_CANCELLED: ej_status = 8;
pub const EJ_ERR_STACK: ej_status = 9;
pub const EJ_ERR_NEEDS_CONTEXT: ej_status = 10;
pub const EJ_ERR_UNSUPPORTED: ej_status = 11;
pub const EJ_ERR_NO_MEMORY: ej_status = 12;
pub const EJ_ERR_INTERNAL: ej_status = 13;

pub type ej_dtype = i32;
pub const EJ_DTYPE_NONE: ej_dtype = 0;
pub const EJ_BOOL: ej_dtype = 1;
pub const EJ_I32: ej_dtype = 2;
pub const EJ_I64: ej_dtype = 3;
pub const EJ_F32: ej_dtype = 4;
pub const EJ_F64: ej_dtype = 5;
pub const EJ_I8: ej_dtype = 6;
pub const EJ_I16: ej_dtype = 7;
pub const EJ_U8: ej_dtype = 8;
pub const EJ_U16: ej_dtype = 9;
pub const EJ_U32: ej_dtype = 10;
pub const EJ_F16: ej_dtype = 11;
pub const EJ_U64: ej_dtype = 12;

/// The value inside an [`ej_value`]; `type_` says which field it is. Booleans are 0 or 1 in `b`.
#[repr(C)]
#[derive(Clone, Copy)]
pub union ej_value_as {
    pub b: i32,
    pub i32: i32,
    pub i64: i64,
    pub f32: f32,
    pub f64: f64,
}

/// A tagged scalar.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ej_value {
    pub type_: ej_dtype,
    pub reserved: i32,
    pub r#as: ej_value_as,
}

/// The header's `ej_bool`.
pub const fn ej_bool(b: bool) -> ej_value {
    ej_value { type_: EJ_BOOL, reserved: 0, r#as: ej_value_as { i64: b as i64 } }
}
/// The header's `ej_i32`. The rest of the union is zero, as the header has it.
pub const fn ej_i32(i: i32) -> ej_value {
    let low = i as u32 as i64;
    let bits = if cfg!(target_endian = "little") { low } else { low << 32 };
    ej_value { type_: EJ_I32, reserved: 0, r#as: ej_value_as { i64: bits } }
}
/// The header's `ej_i64`.
pub const fn ej_i64(i: i64) -> ej_value {
    ej_value { type_: EJ_I64, reserved: 0, r#as: ej_value_as { i64: i } }
}
/// The header's `ej_f32`.
pub fn ej_f32(f: f32) -> ej_value {
    let mut value = ej_i32(f.to_bits() as i32);
    value.type_ = EJ_F32;
    value
}
/// The header's `ej_f64`.
pub const fn ej_f64(d: f64) -> ej_value {
    ej_value { type_: EJ_F64, reserved: 0, r#as: ej_value_as { f64: d } }
}

opaque! {
    /// Compiles and caches; owns code memory.
    ej_engine;
    /// One compiled expression; reference-counted.
    ej_kernel;
    /// One or more diagnostics, or a run-time failure.
    ej_error;
    /// Ends what is running or being compiled; reference-counted.
    ej_cancel_token;
    /// A reduction fed batch by batch.
    ej_reducer;
    /// One program in the making.
    ej_builder;
}

// ==== Simple =====================================================================================================

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ej_param {
    pub name: *const c_char,
    pub type_: ej_dtype,
    pub reserved: i32,
}

pub type ej_div_mode = i32;
pub const EJ_DIV_ERROR: ej_div_mode = 0;
pub const EJ_DIV_ZERO: ej_div_mode = 1;

pub type ej_caret = i32;
pub const EJ_CARET_POWER: ej_caret = 0;
pub const EJ_CARET_XOR: ej_caret = 1;
pub const EJ_CARET_STRICT: ej_caret = 2;

pub type ej_tier = i32;
pub const EJ_TIER_AUTO: ej_tier = 0;
pub const EJ_TIER_INTERPRETER: ej_tier = 1;
pub const EJ_TIER_BASELINE: ej_tier = 2;
pub const EJ_TIER_OPTIMISED: ej_tier = 3;

pub type ej_isa = i32;
pub const EJ_ISA_AUTO: ej_isa = 0;
pub const EJ_ISA_V2: ej_isa = 2;
pub const EJ_ISA_V3: ej_isa = 3;
pub const EJ_ISA_V4: ej_isa = 4;

pub const EJ_FLAG_CONTRACT: u32 = 1 << 0;
pub const EJ_FLAG_REASSOC: u32 = 1 << 1;

pub type ej_accuracy = i32;
pub const EJ_ACCURACY_1ULP: ej_accuracy = 0;
pub const EJ_ACCURACY_FAST: ej_accuracy = 1;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ej_compile_options {
    pub struct_size: usize,
    pub params: *const ej_param,
    pub param_count: usize,
    pub params_declared: i32,
    pub result_type: ej_dtype,
    pub div_mode: ej_div_mode,
    pub caret: ej_caret,
    pub tier: ej_tier,
    pub isa: ej_isa,
    pub flags: u32,
    pub accuracy: ej_accuracy,
    pub source_name: *const c_char,
    pub cancel: *const ej_cancel_token,
    pub untrusted: i32,
    pub reserved: i32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ej_column {
    pub data: *mut c_void,
    pub stride: i64,
    pub dtype: ej_dtype,
    pub reserved: i32,
    pub validity: *mut u8,
    pub validity_offset: i64,
}

extern "C" {
    pub fn ej_version() -> *const c_char;
    pub fn ej_abi_version() -> i32;
    pub fn ej_status_name(status: ej_status) -> *const c_char;
    pub fn ej_dtype_name(dtype: ej_dtype) -> *const c_char;
    pub fn ej_dtype_size(dtype: ej_dtype) -> usize;

    pub fn ej_engine_compile(
        engine: *mut ej_engine,
        text: *const c_char,
        options: *const ej_compile_options,
        kernel: *mut *mut ej_kernel,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_engine_compile_n(
        engine: *mut ej_engine,
        text: *const c_char,
        text_length: usize,
        options: *const ej_compile_options,
        kernel: *mut *mut ej_kernel,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_kernel_call(
        kernel: *const ej_kernel,
        args: *const ej_value,
        arg_count: usize,
        outs: *mut ej_value,
        out_count: usize,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_kernel_eval(
        kernel: *const ej_kernel,
        inputs: *const ej_column,
        input_count: usize,
        outputs: *const ej_column,
        output_count: usize,
        rows: i64,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_kernel_retain(kernel: *mut ej_kernel) -> *mut ej_kernel;
    pub fn ej_kernel_release(kernel: *mut ej_kernel);
    pub fn ej_error_status(error: *const ej_error) -> ej_status;
    pub fn ej_error_message(error: *const ej_error) -> *const c_char;
    pub fn ej_error_render(error: *const ej_error) -> *const c_char;
    pub fn ej_error_destroy(error: *mut ej_error);
}

// ==== Advanced ===================================================================================================

// ---- Diagnostics ----

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ej_diagnostic {
    pub struct_size: usize,
    pub code: i32,
    pub status: ej_status,
    pub message: *const c_char,
    pub hint: *const c_char,
    pub begin: usize,
    pub end: usize,
    pub line: i32,
    pub column: i32,
}

// ---- Engines ----

pub type ej_log_level = i32;
pub const EJ_LOG_ERROR: ej_log_level = 1;
pub const EJ_LOG_WARNING: ej_log_level = 2;
pub const EJ_LOG_INFO: ej_log_level = 3;
pub const EJ_LOG_DEBUG: ej_log_level = 4;
pub type ej_log_fn = Option<unsafe extern "C" fn(level: ej_log_level, message: *const c_char, user_data: *mut c_void)>;

pub type ej_code_memory = i32;
pub const EJ_CODE_MEMORY_AUTO: ej_code_memory = 0;
pub const EJ_CODE_MEMORY_DUAL: ej_code_memory = 1;
pub const EJ_CODE_MEMORY_NONE: ej_code_memory = 2;
pub const EJ_CODE_MEMORY_SEALED: ej_code_memory = 3;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ej_engine_options {
    pub struct_size: usize,
    pub isa: ej_isa,
    pub tier: ej_tier,
    pub code_memory: ej_code_memory,
    pub reserved: i32,
    pub cache_bytes: usize,
    pub log: ej_log_fn,
    pub log_user_data: *mut c_void,
    pub log_level: ej_log_level,
    pub reserved2: i32,
    pub max_text_bytes: usize,
    pub max_nodes: usize,
    pub max_nesting: usize,
    pub max_code_bytes: usize,
    pub max_compile_ns: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ej_engine_stats {
    pub struct_size: usize,
    pub compiles: u64,
    pub text_hits: u64,
    pub canonical_hits: u64,
    pub misses: u64,
    pub evictions: u64,
    pub entries: u64,
    pub cache_bytes: u64,
    pub code_bytes: u64,
    pub arena_bytes: u64,
    pub isa: ej_isa,
    pub jit: i32,
}

// ---- Functions of your own ----

/// A C function in disguise: transmute it to this type.
pub type ej_native_fn = Option<unsafe extern "C" fn()>;
pub const EJ_FUNCTION_PURE: u32 = 1 << 0;
pub const EJ_FUNCTION_NO_USER_DATA: u32 = 1 << 1;

// ---- What a kernel is ----

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ej_output_info {
    pub struct_size: usize,
    pub name: *const c_char,
    pub type_: ej_dtype,
    pub is_reduced: i32,
    pub is_nullable: i32,
    pub reserved: i32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ej_kernel_info {
    pub struct_size: usize,
    pub tier: ej_tier,
    pub isa: ej_isa,
    pub needs_context: i32,
    pub cache_hit: i32,
    pub nodes: u64,
    pub code_bytes: u64,
    pub memory_bytes: u64,
    pub spills: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ej_timings {
    pub struct_size: usize,
    pub total: u64,
    pub parse: u64,
    pub verify: u64,
    pub key: u64,
    pub optimise: u64,
    pub uses: u64,
    pub allocate: u64,
    pub emit: u64,
    pub install: u64,
}

// ---- Looking inside ----

pub type ej_dump = i32;
pub const EJ_DUMP_IR: ej_dump = 1;
pub const EJ_DUMP_OPT: ej_dump = 2;
pub const EJ_DUMP_ASM: ej_dump = 3;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ej_op_info {
    pub struct_size: usize,
    pub code: i32,
    pub operand_count: i32,
    pub name: *const c_char,
    pub signature: *const c_char,
    pub types: *const c_char,
    pub lowering: *const c_char,
    pub ulp: f64,
    pub ulp_f64: f64,
    pub ulp_f32: f64,
    pub fast_ulp_f64: f64,
    pub fast_ulp_f32: f64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ej_function_info {
    pub struct_size: usize,
    pub name: *const c_char,
    pub aliases: *const c_char,
    pub parameters: *const c_char,
    pub category: *const c_char,
    pub summary: *const c_char,
    pub min_args: i32,
    pub max_args: i32,
    pub is_constant: i32,
    pub reserved: i32,
}

extern "C" {
    pub fn ej_error_count(error: *const ej_error) -> usize;
    pub fn ej_error_get(error: *const ej_error, index: usize, out: *mut ej_diagnostic) -> ej_status;
    pub fn ej_error_row(error: *const ej_error) -> i64;

    pub fn ej_engine_create(
        options: *const ej_engine_options,
        engine: *mut *mut ej_engine,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_engine_destroy(engine: *mut ej_engine);
    pub fn ej_engine_clear_cache(engine: *mut ej_engine);
    pub fn ej_engine_get_stats(engine: *mut ej_engine, stats: *mut ej_engine_stats) -> ej_status;
    pub fn ej_engine_compile_ir(
        engine: *mut ej_engine,
        ir: *const c_char,
        ir_length: usize,
        options: *const ej_compile_options,
        kernel: *mut *mut ej_kernel,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_engine_compile_bytes(
        engine: *mut ej_engine,
        bytes: *const u8,
        size: usize,
        options: *const ej_compile_options,
        kernel: *mut *mut ej_kernel,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_engine_check(
        engine: *mut ej_engine,
        text: *const c_char,
        text_length: usize,
        options: *const ej_compile_options,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_cancel_token_create(token: *mut *mut ej_cancel_token) -> ej_status;
    pub fn ej_cancel_token_retain(token: *mut ej_cancel_token) -> *mut ej_cancel_token;
    pub fn ej_cancel_token_release(token: *mut ej_cancel_token);
    pub fn ej_cancel_token_cancel(token: *mut ej_cancel_token);
    pub fn ej_cancel_token_reset(token: *mut ej_cancel_token);
    pub fn ej_cancel_token_is_cancelled(token: *const ej_cancel_token) -> i32;
    pub fn ej_engine_define(engine: *mut ej_engine, text: *const c_char, error: *mut *mut ej_error) -> ej_status;
    pub fn ej_engine_add_function(
        engine: *mut ej_engine,
        name: *const c_char,
        signature: *const c_char,
        fn_: ej_native_fn,
        user_data: *mut c_void,
        flags: u32,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_engine_remove_function(
        engine: *mut ej_engine,
        name: *const c_char,
        error: *mut *mut ej_error,
    ) -> ej_status;

    pub fn ej_kernel_param_count(kernel: *const ej_kernel) -> usize;
    pub fn ej_kernel_output_count(kernel: *const ej_kernel) -> usize;
    pub fn ej_kernel_get_param(kernel: *const ej_kernel, index: usize, out: *mut ej_param) -> ej_status;
    pub fn ej_kernel_get_output(kernel: *const ej_kernel, index: usize, out: *mut ej_param) -> ej_status;
    pub fn ej_kernel_get_output_info(kernel: *const ej_kernel, index: usize, out: *mut ej_output_info) -> ej_status;
    pub fn ej_kernel_is_reducing(kernel: *const ej_kernel) -> i32;
    pub fn ej_kernel_signature(kernel: *const ej_kernel) -> *const c_char;
    pub fn ej_kernel_source(kernel: *const ej_kernel) -> *const c_char;
    pub fn ej_kernel_get_info(kernel: *const ej_kernel, out: *mut ej_kernel_info) -> ej_status;
    pub fn ej_kernel_get_timings(kernel: *const ej_kernel, out: *mut ej_timings) -> ej_status;
    pub fn ej_kernel_get_entry(kernel: *const ej_kernel, entry: *mut Option<unsafe extern "C" fn()>) -> ej_status;

    pub fn ej_kernel_dump(
        kernel: *const ej_kernel,
        what: ej_dump,
        pass: *const c_char,
        out: *mut *mut c_char,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_string_free(string: *mut c_char);
    pub fn ej_kernel_encode(
        kernel: *const ej_kernel,
        bytes: *mut *mut u8,
        size: *mut usize,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_bytes_free(bytes: *mut u8);
    pub fn ej_pass_name(index: usize) -> *const c_char;
    pub fn ej_cpu_isa() -> ej_isa;
    pub fn ej_cpu_name() -> *const c_char;
    pub fn ej_op_count() -> usize;
    pub fn ej_op_get(index: usize, out: *mut ej_op_info) -> ej_status;
    pub fn ej_op_find(name: *const c_char) -> i32;
    pub fn ej_function_count() -> usize;
    pub fn ej_function_get(index: usize, out: *mut ej_function_info) -> ej_status;
}

// ==== Experimental: may change in any version ====================================================================

pub type ej_task_fn = Option<unsafe extern "C" fn(task_data: *mut c_void, index: i64)>;
pub type ej_parallel_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, count: i64, task: ej_task_fn, task_data: *mut c_void)>;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ej_run_options {
    pub struct_size: usize,
    pub stop: *const i32,
    pub threads: i32,
    pub reserved: i32,
    pub parallel: ej_parallel_fn,
    pub parallel_user_data: *mut c_void,
    pub cancel: *const ej_cancel_token,
}

// ---- Programs built node by node ----

/// A value, or a place in the program; belongs to the function it was made in.
pub type ej_node = u32;
pub const EJ_NO_NODE: ej_node = u32::MAX;

/// The type of a node.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ej_type {
    pub element: ej_dtype,
    pub lanes: i32,
    pub rank: i32,
    pub is_mut: i32,
}

/// The header's `ej_type_lanes`.
pub const fn ej_type_lanes(element: ej_dtype, lanes: i32) -> ej_type {
    ej_type { element, lanes, rank: 0, is_mut: 0 }
}
/// The header's `ej_type_of`.
pub const fn ej_type_of(element: ej_dtype) -> ej_type {
    ej_type_lanes(element, 1)
}
/// The header's `ej_type_array`.
pub const fn ej_type_array(element: ej_dtype, rank: i32, is_mut: i32) -> ej_type {
    ej_type { element, lanes: 1, rank, is_mut }
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ej_builder_step {
    pub code: i32,
    pub to: ej_dtype,
    pub operands: [ej_node; 3],
    pub exponent: i32,
}
pub const EJ_STEP: u32 = 0x8000_0000;

pub type ej_reduce = i32;
pub const EJ_REDUCE_SUM: ej_reduce = 0;
pub const EJ_REDUCE_PROD: ej_reduce = 1;
pub const EJ_REDUCE_MIN: ej_reduce = 2;
pub const EJ_REDUCE_MAX: ej_reduce = 3;
pub const EJ_REDUCE_COUNT: ej_reduce = 4;
pub const EJ_REDUCE_ARG_MIN: ej_reduce = 5;
pub const EJ_REDUCE_ARG_MAX: ej_reduce = 6;
pub const EJ_REDUCE_DEVIATIONS: ej_reduce = 7;

pub type ej_check = i32;
pub const EJ_CHECK_DIVIDE_BY_ZERO: ej_check = 1;
pub const EJ_CHECK_DOMAIN: ej_check = 2;
pub const EJ_CHECK_INDEX: ej_check = 3;
pub const EJ_CHECK_USER: ej_check = 4;
pub const EJ_CHECK_UNSIGNED: ej_check = 5;
pub const EJ_CHECK_NO_ROWS: ej_check = 6;

extern "C" {
    pub fn ej_builder_create(builder: *mut *mut ej_builder) -> ej_status;
    pub fn ej_builder_destroy(builder: *mut ej_builder);
    pub fn ej_builder_reset(builder: *mut ej_builder);
    pub fn ej_builder_error(builder: *const ej_builder) -> *const ej_error;
    pub fn ej_builder_clear_error(builder: *mut ej_builder);
    pub fn ej_builder_node_count(builder: *const ej_builder) -> usize;
    pub fn ej_builder_type_of(builder: *const ej_builder, node: ej_node) -> ej_type;
    pub fn ej_builder_print(builder: *const ej_builder, out: *mut *mut c_char, error: *mut *mut ej_error) -> ej_status;
    pub fn ej_engine_compile_builder(
        engine: *mut ej_engine,
        builder: *const ej_builder,
        options: *const ej_compile_options,
        kernel: *mut *mut ej_kernel,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_builder_encode(
        builder: *const ej_builder,
        bytes: *mut *mut u8,
        size: *mut usize,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_builder_begin_function(builder: *mut ej_builder, name: *const c_char) -> u32;
    pub fn ej_builder_param(builder: *mut ej_builder, name: *const c_char, type_: ej_type) -> ej_node;
    pub fn ej_builder_name_results(builder: *mut ej_builder, names: *const *const c_char, count: usize);
    pub fn ej_builder_set_flags(builder: *mut ej_builder, flags: u32);
    pub fn ej_builder_at(builder: *mut ej_builder, begin: usize, end: usize);
    pub fn ej_builder_constant(builder: *mut ej_builder, value: ej_value) -> ej_node;
    pub fn ej_builder_constant_lanes(builder: *mut ej_builder, value: ej_value, lanes: i32) -> ej_node;
    pub fn ej_builder_op_named(
        builder: *mut ej_builder,
        name: *const c_char,
        to: ej_dtype,
        operands: *const ej_node,
        operand_count: usize,
    ) -> ej_node;
    pub fn ej_builder_op(
        builder: *mut ej_builder,
        code: i32,
        operands: *const ej_node,
        operand_count: usize,
    ) -> ej_node;
    pub fn ej_builder_unary(builder: *mut ej_builder, code: i32, a: ej_node) -> ej_node;
    pub fn ej_builder_binary(builder: *mut ej_builder, code: i32, a: ej_node, b: ej_node) -> ej_node;
    pub fn ej_builder_ternary(builder: *mut ej_builder, code: i32, a: ej_node, b: ej_node, c: ej_node) -> ej_node;
    pub fn ej_builder_convert(builder: *mut ej_builder, code: i32, a: ej_node, to: ej_dtype) -> ej_node;
    pub fn ej_builder_powi(builder: *mut ej_builder, a: ej_node, exponent: i32) -> ej_node;
    pub fn ej_builder_steps(
        builder: *mut ej_builder,
        steps: *const ej_builder_step,
        count: usize,
        nodes: *mut ej_node,
    ) -> ej_node;
    pub fn ej_builder_any(builder: *mut ej_builder, mask: ej_node) -> ej_node;
    pub fn ej_builder_count_lanes(builder: *mut ej_builder, mask: ej_node) -> ej_node;
    pub fn ej_builder_splat(builder: *mut ej_builder, scalar: ej_node, lanes: i32) -> ej_node;
    pub fn ej_builder_extract(builder: *mut ej_builder, lanes: ej_node, lane: i32) -> ej_node;
    pub fn ej_builder_iota(builder: *mut ej_builder, element: ej_dtype, lanes: i32) -> ej_node;
    pub fn ej_builder_reduce(builder: *mut ej_builder, kind: ej_reduce, value: ej_node, predicate: ej_node) -> ej_node;
    pub fn ej_builder_table(builder: *mut ej_builder, element: ej_dtype, data: *const c_void, length: usize) -> u32;
    pub fn ej_builder_table_node(builder: *mut ej_builder, table: u32) -> ej_node;
    pub fn ej_builder_local(builder: *mut ej_builder, element: ej_dtype, length: usize) -> ej_node;
    pub fn ej_builder_load(
        builder: *mut ej_builder,
        array: ej_node,
        indices: *const ej_node,
        index_count: usize,
    ) -> ej_node;
    pub fn ej_builder_store(
        builder: *mut ej_builder,
        array: ej_node,
        indices: *const ej_node,
        index_count: usize,
        value: ej_node,
    ) -> ej_node;
    pub fn ej_builder_len(builder: *mut ej_builder, array: ej_node, dimension: i32) -> ej_node;
    pub fn ej_builder_check(builder: *mut ej_builder, condition: ej_node, code: ej_check, site: u32) -> ej_node;
    pub fn ej_builder_call(
        builder: *mut ej_builder,
        function: u32,
        arguments: *const ej_node,
        argument_count: usize,
    ) -> ej_node;
    pub fn ej_builder_begin_if(builder: *mut ej_builder, condition: ej_node) -> ej_node;
    pub fn ej_builder_begin_else(builder: *mut ej_builder) -> ej_node;
    pub fn ej_builder_end_if(builder: *mut ej_builder) -> ej_node;
    pub fn ej_builder_end_if_as(builder: *mut ej_builder, types: *const ej_type, count: usize) -> ej_node;
    pub fn ej_builder_begin_for(
        builder: *mut ej_builder,
        lo: ej_node,
        hi: ej_node,
        step: ej_node,
        inits: *const ej_node,
        init_count: usize,
    ) -> ej_node;
    pub fn ej_builder_begin_loop(builder: *mut ej_builder, inits: *const ej_node, init_count: usize) -> ej_node;
    pub fn ej_builder_end_loop(builder: *mut ej_builder) -> ej_node;
    pub fn ej_builder_yield(builder: *mut ej_builder, values: *const ej_node, count: usize) -> ej_node;
    pub fn ej_builder_break(builder: *mut ej_builder, depth: u32, values: *const ej_node, count: usize) -> ej_node;
    pub fn ej_builder_continue(builder: *mut ej_builder, depth: u32, values: *const ej_node, count: usize) -> ej_node;
    pub fn ej_builder_return(builder: *mut ej_builder, values: *const ej_node, count: usize) -> ej_node;
    pub fn ej_builder_index(builder: *mut ej_builder, loop_: ej_node) -> ej_node;
    pub fn ej_builder_carried(builder: *mut ej_builder, loop_: ej_node, k: usize) -> ej_node;
    pub fn ej_builder_result(builder: *mut ej_builder, node: ej_node, k: usize) -> ej_node;
}

// ---- Arrow ----

pub const ARROW_FLAG_DICTIONARY_ORDERED: i64 = 1;
pub const ARROW_FLAG_NULLABLE: i64 = 2;
pub const ARROW_FLAG_MAP_KEYS_SORTED: i64 = 4;

/// The Arrow C Data Interface, as its specification gives it; other crates' structs of that interface have the same layout.
#[repr(C)]
pub struct ArrowSchema {
    pub format: *const c_char,
    pub name: *const c_char,
    pub metadata: *const c_char,
    pub flags: i64,
    pub n_children: i64,
    pub children: *mut *mut ArrowSchema,
    pub dictionary: *mut ArrowSchema,
    pub release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    pub private_data: *mut c_void,
}

/// See [`ArrowSchema`].
#[repr(C)]
pub struct ArrowArray {
    pub length: i64,
    pub null_count: i64,
    pub offset: i64,
    pub n_buffers: i64,
    pub n_children: i64,
    pub buffers: *mut *const c_void,
    pub children: *mut *mut ArrowArray,
    pub dictionary: *mut ArrowArray,
    pub release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    pub private_data: *mut c_void,
}

extern "C" {
    pub fn ej_kernel_call_with(
        kernel: *const ej_kernel,
        run: *const ej_run_options,
        args: *const ej_value,
        arg_count: usize,
        outs: *mut ej_value,
        out_count: usize,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_kernel_eval_with(
        kernel: *const ej_kernel,
        run: *const ej_run_options,
        inputs: *const ej_column,
        input_count: usize,
        outputs: *const ej_column,
        output_count: usize,
        rows: i64,
        error: *mut *mut ej_error,
    ) -> ej_status;

    pub fn ej_kernel_select(
        kernel: *const ej_kernel,
        run: *const ej_run_options,
        inputs: *const ej_column,
        input_count: usize,
        rows: i64,
        indices: *mut i64,
        count: *mut i64,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_kernel_filter(
        kernel: *const ej_kernel,
        run: *const ej_run_options,
        inputs: *const ej_column,
        input_count: usize,
        outputs: *const ej_column,
        output_count: usize,
        rows: i64,
        count: *mut i64,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_kernel_eval_selected(
        kernel: *const ej_kernel,
        run: *const ej_run_options,
        inputs: *const ej_column,
        input_count: usize,
        rows: i64,
        indices: *const i64,
        count: i64,
        outputs: *const ej_column,
        output_count: usize,
        error: *mut *mut ej_error,
    ) -> ej_status;

    pub fn ej_reducer_create(
        kernel: *const ej_kernel,
        reducer: *mut *mut ej_reducer,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_reducer_feed(
        reducer: *mut ej_reducer,
        run: *const ej_run_options,
        inputs: *const ej_column,
        input_count: usize,
        rows: i64,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_reducer_finish(
        reducer: *mut ej_reducer,
        outs: *mut ej_value,
        out_count: usize,
        error: *mut *mut ej_error,
    ) -> ej_status;
    pub fn ej_reducer_destroy(reducer: *mut ej_reducer);

    pub fn ej_kernel_eval_arrow(
        kernel: *const ej_kernel,
        run: *const ej_run_options,
        schema: *const ArrowSchema,
        batch: *const ArrowArray,
        out_schema: *mut ArrowSchema,
        out_batch: *mut ArrowArray,
        error: *mut *mut ej_error,
    ) -> ej_status;

    pub fn ej_kernel_numpy_loop(args: *mut *mut c_char, dims: *const isize, steps: *const isize, kernel: *mut c_void);
}

sized_default! {
    ej_compile_options ej_diagnostic ej_engine_options ej_engine_stats ej_output_info ej_kernel_info ej_timings ej_op_info
    ej_function_info ej_run_options
}
