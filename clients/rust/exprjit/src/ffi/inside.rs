// SPDX-License-Identifier: MIT OR Apache-2.0

//! What the library tells about itself.

use exprjit_sys as sys;

use super::static_text;
use crate::{FunctionInfo, Isa, Operation};

pub fn function(index: usize) -> Option<FunctionInfo> {
    let mut raw = sys::ej_function_info::default();
    // SAFETY: `raw` has its struct_size; the strings have static storage.
    unsafe {
        if sys::ej_function_get(index, &mut raw) != sys::EJ_OK {
            return None;
        }
        Some(FunctionInfo {
            name: static_text(raw.name),
            aliases: static_text(raw.aliases),
            parameters: static_text(raw.parameters),
            category: static_text(raw.category),
            summary: static_text(raw.summary),
            min_args: raw.min_args as usize,
            max_args: usize::try_from(raw.max_args).ok(),
            is_constant: raw.is_constant != 0,
        })
    }
}

pub fn operation(index: usize) -> Option<Operation> {
    let mut raw = sys::ej_op_info::default();
    // SAFETY: as above.
    unsafe {
        if sys::ej_op_get(index, &mut raw) != sys::EJ_OK {
            return None;
        }
        Some(Operation {
            code: raw.code,
            operand_count: usize::try_from(raw.operand_count).ok(),
            name: static_text(raw.name),
            signature: static_text(raw.signature),
            types: static_text(raw.types),
            lowering: static_text(raw.lowering),
            ulp: Some(raw.ulp).filter(|ulp| *ulp >= 0.0),
        })
    }
}

pub fn pass_name(index: usize) -> Option<&'static str> {
    // SAFETY: NULL past the end, else static storage.
    let name = unsafe { sys::ej_pass_name(index) };
    // SAFETY: as above.
    (!name.is_null()).then(|| unsafe { static_text(name) })
}

pub fn cpu_isa() -> Isa {
    // SAFETY: no arguments.
    Isa::from_raw(unsafe { sys::ej_cpu_isa() })
}

pub fn cpu_name() -> &'static str {
    // SAFETY: static storage.
    unsafe { static_text(sys::ej_cpu_name()) }
}
