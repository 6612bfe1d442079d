// SPDX-License-Identifier: MIT OR Apache-2.0

//! The bindings against the header itself: every function with its types, every constant, every struct with its size and
//! the offset of every field. A change of the header that is not made here fails one of these.

mod c;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CString;
use std::mem::{align_of, size_of, MaybeUninit};
use std::os::raw::{c_char, c_int, c_void};

use exprjit_sys::*;

const BINDINGS: &str = include_str!("../src/lib.rs");

/// Name, size, alignment, and the offset of each field by its C name.
type Layout = (String, usize, usize, Vec<(String, usize)>);

/// What is a keyword in Rust has another spelling here: type_ for type, r#as for as.
fn c_name(rust: &str) -> String {
    rust.trim_start_matches("r#").trim_end_matches('_').into()
}

macro_rules! layouts {
    ($($name:ident { $($field:ident)* })*) => {
        vec![$({
            let place = MaybeUninit::<$name>::uninit();
            let base = place.as_ptr();
            // SAFETY: addr_of! makes no reference and reads nothing; the field lies inside `place`.
            let fields = vec![$((c_name(stringify!($field)),
                unsafe { std::ptr::addr_of!((*base).$field) } as usize - base as usize)),*];
            (stringify!($name).to_string(), size_of::<$name>(), align_of::<$name>(), fields)
        }),*]
    };
}

fn rust_layouts() -> Vec<Layout> {
    layouts! {
        ej_value { type_ reserved r#as }
        ej_param { name type_ reserved }
        ej_compile_options { struct_size params param_count params_declared result_type div_mode caret tier isa flags accuracy
            source_name cancel untrusted reserved }
        ej_column { data stride dtype reserved validity validity_offset }
        ej_diagnostic { struct_size code status message hint begin end line column }
        ej_engine_options { struct_size isa tier code_memory reserved cache_bytes log log_user_data log_level reserved2
            max_text_bytes max_nodes max_nesting max_code_bytes max_compile_ns }
        ej_engine_stats { struct_size compiles text_hits canonical_hits misses evictions entries cache_bytes code_bytes
            arena_bytes isa jit }
        ej_output_info { struct_size name type_ is_reduced is_nullable reserved }
        ej_kernel_info { struct_size tier isa needs_context cache_hit nodes code_bytes memory_bytes spills }
        ej_timings { struct_size total parse verify key optimise uses allocate emit install }
        ej_op_info { struct_size code operand_count name signature types lowering ulp ulp_f64 ulp_f32 fast_ulp_f64
            fast_ulp_f32 }
        ej_function_info { struct_size name aliases parameters category summary min_args max_args is_constant reserved }
        ej_run_options { struct_size stop threads reserved parallel parallel_user_data cancel }
        ej_type { element lanes rank is_mut }
        ej_builder_step { code to operands exponent }
        ArrowSchema { format name metadata flags n_children children dictionary release private_data }
        ArrowArray { length null_count offset n_buffers n_children buffers children dictionary release private_data }
    }
}

#[test]
fn every_struct_has_the_size_and_the_fields_of_the_header() {
    let header = c::Header::read();
    let layouts = rust_layouts();
    let bound: BTreeSet<&str> = layouts.iter().map(|layout| layout.0.as_str()).collect();
    let declared: BTreeSet<&str> = header.structs().into_iter().collect();
    assert_eq!(declared, bound, "structs of the header (left) and of this test (right)");

    let mut program = String::new();
    for (name, _, _, fields) in &layouts {
        // In C the Arrow structs have no typedef.
        let spelled = if name.starts_with("Arrow") { format!("struct {name}") } else { name.clone() };
        program +=
            &format!("    SAY(\"{name}\", sizeof({spelled}));\n    SAY(\"{name} align\", _Alignof({spelled}));\n");
        for (field, _) in fields {
            program += &format!("    SAY(\"{name}.{field}\", offsetof({spelled}, {field}));\n");
        }
    }
    let said = c::run("layouts", &program);
    let mut compared = 0;
    for (name, size, align, fields) in layouts {
        assert_eq!(said[&name], size as i64, "sizeof {name}");
        assert_eq!(said[&format!("{name} align")], align as i64, "alignment of {name}");
        for (field, offset) in fields {
            assert_eq!(said[&format!("{name}.{field}")], offset as i64, "offset of {name}.{field}");
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared} fields");
    assert_eq!(size_of::<ej_value_as>(), 8);
}

#[test]
fn every_constant_has_the_value_of_the_header() {
    let names = c::Header::read().constants();
    let program: String = names.iter().map(|name| format!("    SAY(\"{name}\", {name});\n")).collect();
    let said = c::run("constants", &program);
    let bound = rust_constants();
    for name in &names {
        let value = bound.get(name.as_str()).unwrap_or_else(|| panic!("{name} is not bound: pub const {name}"));
        assert_eq!(said[name], *value, "{name}");
    }
    assert!(names.len() > 55, "{} constants", names.len());
    assert!(c::Header::read().text.contains(&format!("EJ_VERSION_STRING \"{EJ_VERSION_STRING}\"")));
}

/// `pub const EJ_X: type = value;`, from the text of the bindings: what the compiler gives them is nothing but these integers.
fn rust_constants() -> BTreeMap<&'static str, i64> {
    let mut constants = BTreeMap::new();
    for line in BINDINGS.lines().filter_map(|line| line.strip_prefix("pub const ")) {
        if let Some((name, rest)) = line.split_once(':') {
            let value = rest.rsplit('=').next().unwrap().trim().trim_end_matches(';');
            let value = match value.split_once("<<") {
                Some((one, shift)) => one.trim().parse::<i64>().unwrap() << shift.trim().parse::<u32>().unwrap(),
                None => match value {
                    "u32::MAX" => i64::from(u32::MAX),
                    "0x8000_0000" => 0x8000_0000,
                    _ => match value.parse() {
                        Ok(value) => value,
                        Err(_) => continue, // the version string
                    },
                },
            };
            constants.insert(name, value);
        }
    }
    constants
}

#[test]
fn every_function_and_callback_is_bound_with_the_types_of_the_header() {
    let header = c::Header::read();
    let bindings: String = BINDINGS.split_whitespace().collect::<Vec<_>>().join(" ");
    let functions = header.functions();
    for function in &functions {
        let wanted = function.in_rust();
        let tidy = bindings.replace("( ", "(").replace(", )", ")");
        assert!(tidy.contains(&wanted), "the header's\n    {}\nneeds\n    {wanted}", function.declaration);
    }
    assert!(functions.len() >= 55, "{} functions", functions.len());
    for name in header.callbacks() {
        assert!(bindings.contains(&format!("pub type {name}")), "callback {name} is not bound");
    }
    for name in header.opaque_types() {
        assert!(BINDINGS.lines().any(|line| line.trim() == format!("{name};")), "opaque {name} is not bound");
    }
}

#[test]
fn every_function_of_the_header_is_in_the_library() {
    extern "C" {
        fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    }
    // SAFETY: no arguments. The call also makes the linker keep the library.
    assert_eq!(unsafe { ej_abi_version() } as c_int, EJ_ABI_VERSION);
    for function in c::Header::read().functions() {
        let name = CString::new(function.name.as_str()).unwrap();
        // SAFETY: the null handle is RTLD_DEFAULT on Linux; the name ends in a NUL.
        assert!(!unsafe { dlsym(std::ptr::null_mut(), name.as_ptr()) }.is_null(), "{} is not exported", function.name);
    }
}

#[test]
fn values_have_the_bits_of_the_headers_constructors() {
    let program = r#"
    ej_value v[] = {ej_bool(5), ej_i32(-7), ej_i64(INT64_MIN + 1), ej_f32(-1.5f), ej_f64(0.1)};
    for (int i = 0; i < 5; i++) {
        char name[8] = {'t', (char)('0' + i), 0};
        SAY(name, v[i].type + 100 * v[i].reserved);
        name[0] = 'v';
        SAY(name, v[i].as.i64);
    }
"#;
    let said = c::run("values", program);
    let values = [ej_bool(true), ej_i32(-7), ej_i64(i64::MIN + 1), ej_f32(-1.5), ej_f64(0.1)];
    for (i, value) in values.iter().enumerate() {
        assert_eq!(said[&format!("t{i}")], i64::from(value.type_));
        // SAFETY: all eight bytes of the union are written by every constructor.
        assert_eq!(said[&format!("v{i}")], unsafe { value.r#as.i64 }, "value {i}");
    }
}
