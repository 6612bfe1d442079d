// SPDX-License-Identifier: MIT OR Apache-2.0

//! Scalar calls, native functions, and the C functions beneath them give the same bits.

use exprjit::{sys, CompileOptions, DType, DivMode, Engine, Kernel, Status, Tier, Value};

const VALUES: [f64; 14] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    0.1,
    3.0e-310,
    5.0e-324,
    1.0e300,
    -1.7976931348623157e308,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    core::f64::consts::PI,
    123456789.123,
];

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// The C ABI without anything of this crate's.
fn c_call(text: &str, args: &[f64]) -> f64 {
    let raw: Vec<sys::ej_value> = args.iter().map(|value| sys::ej_f64(*value)).collect();
    let (mut kernel, mut out) = (std::ptr::null_mut(), sys::ej_f64(0.0));
    // SAFETY: text with its length, slices with theirs, NULL where the header allows it; the kernel is released.
    unsafe {
        let (bytes, none) = (text.as_ptr() as *const _, std::ptr::null_mut());
        let status =
            sys::ej_engine_compile_n(none, bytes, text.len(), std::ptr::null(), &mut kernel, std::ptr::null_mut());
        assert_eq!(status, sys::EJ_OK);
        let status = sys::ej_kernel_call(kernel, raw.as_ptr(), raw.len(), &mut out, 1, std::ptr::null_mut());
        assert_eq!(status, sys::EJ_OK);
        sys::ej_kernel_release(kernel);
        out.r#as.f64
    }
}

#[test]
fn every_way_to_call_gives_the_bits_of_c() {
    for text in
        ["x*y + 1", "x / y", "sqrt(x) - y", "sin(x)*exp(y)", "x**y", "atan2(x, y)", "x % y + 0", "x//y", "min(x, y)"]
    {
        let kernel = exprjit::compile(text).unwrap();
        let function = kernel.function::<(f64, f64), f64>().unwrap();
        let owned = kernel.clone().into_function::<(f64, f64), f64>().unwrap();
        let xs: Vec<f64> = VALUES.iter().flat_map(|x| VALUES.iter().map(move |_| *x)).collect();
        let ys: Vec<f64> = VALUES.iter().flat_map(|_| VALUES.iter().copied()).collect();
        let mut columns = vec![0.0; xs.len()];
        kernel.eval().input(&xs).input(&ys).output(&mut columns).run().unwrap();
        for ((x, y), column) in xs.iter().zip(&ys).zip(columns) {
            let c = c_call(text, &[*x, *y]);
            let call: f64 = kernel.call((*x, *y)).unwrap();
            let place = format!("{text} at {x:?}, {y:?}: C has {c:?}");
            assert!(same(c, call), "{place}, call {call:?}");
            assert!(same(c, function.call(*x, *y)), "{place}, function");
            assert!(same(c, owned.call(*x, *y)), "{place}, owned function");
            assert!(same(c, column), "{place}, column {column:?}");
        }
    }
}

#[test]
fn exact_operations_are_rusts() {
    let kernel = exprjit::compile("a = x + y; b = x*y; c = x/y; d = sqrt(x); e = fma(x, y, x); f = -x").unwrap();
    for x in VALUES {
        for y in VALUES {
            let ours: [f64; 6] = kernel.call((x, y)).unwrap();
            let theirs = [x + y, x * y, x / y, x.sqrt(), x.mul_add(y, x), -x];
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert!(same(*ours, *theirs), "{x:?}, {y:?}: {ours:?} is not {theirs:?}");
            }
        }
    }
}

#[test]
fn integers_floats_and_bools_keep_their_types() {
    let options = CompileOptions::new().param::<i64>("i").param::<i32>("j").param::<f32>("f").param::<bool>("b");
    let compile = |text| Engine::shared().compile_with(text, &options).unwrap();
    let args = (i64::MAX, -7, 1.5f32, true);
    assert_eq!(compile("i + 1").call::<_, i64>(args).unwrap(), i64::MIN);
    assert_eq!(compile("j*j").call::<_, i32>(args).unwrap(), 49);
    assert_eq!(compile("f*2").call::<_, f32>(args).unwrap(), 3.0);
    assert!(compile("b and j < 0").call::<_, bool>(args).unwrap());
    assert_eq!(compile("i").call::<_, Value>(args).unwrap(), Value::I64(i64::MAX));
    // Widening loses nothing, narrowing is refused by name.
    assert_eq!(compile("j").call::<_, f64>(args).unwrap(), -7.0);
    let error = compile("i").call::<_, i32>(args).unwrap_err();
    assert_eq!(error.status(), Status::Type);
    assert_eq!(
        error.message(),
        "output 0 is i64, which does not convert to i32 without loss; ask for i64, or choose the type with \
         CompileOptions::result_type"
    );
}

#[test]
fn native_functions_take_mixed_types_in_registers_and_on_the_stack() {
    let options = CompileOptions::new()
        .param::<i64>("i")
        .param::<bool>("b")
        .param::<f32>("f")
        .param::<i32>("j")
        .param::<f64>("d");
    let kernel = Engine::shared().compile_with("where(b, i, j) + f + d", &options).unwrap();
    let function = kernel.function::<(i64, bool, f32, i32, f64), f64>().unwrap();
    assert_eq!(function.call(10, true, 0.5, -3, 0.25), 10.75);
    assert_eq!(function.call(10, false, 0.5, -3, 0.25), -2.25);

    let not = Engine::shared().compile_with("not b", &CompileOptions::new().param::<bool>("b")).unwrap();
    let not = not.function::<(bool,), bool>().unwrap();
    assert!(not.call(false) && !not.call(true));

    let kernel = exprjit::compile("a+2*b+3*c+4*d+5*e1+6*f+7*g+8*h+9*i+10*j+11*k+12*l").unwrap();
    let function = kernel.function::<(f64, f64, f64, f64, f64, f64, f64, f64, f64, f64, f64, f64), f64>().unwrap();
    assert_eq!(function.call(1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12.), 650.0);
    assert_eq!(exprjit::compile("1/4").unwrap().function::<(), f64>().unwrap().call(), 0.25);
}

#[test]
fn narrow_parameters_act_as_what_they_widen_to() {
    let options = CompileOptions::new().param_of("h", DType::F16).param::<u8>("c").param::<u32>("u");
    let kernel = Engine::shared().compile_with("h + c + u", &options).unwrap();
    let function = kernel.function::<(f32, i32, i64), f64>().unwrap();
    assert_eq!(function.call(0.5, 2, 4), 6.5);
}

#[test]
fn a_function_of_other_types_is_refused() {
    let kernel = exprjit::compile("x + y").unwrap();
    for error in [
        kernel.function::<(f64,), f64>().unwrap_err(),
        kernel.function::<(f64, f64, f64), f64>().unwrap_err(),
        kernel.function::<(f64, i64), f64>().unwrap_err(),
        kernel.function::<(f64, f64), f32>().unwrap_err(),
        exprjit::compile("a = x; b = y").unwrap().function::<(f64, f64), f64>().unwrap_err(),
    ] {
        assert_eq!(error.status(), Status::Type);
        assert!(error.message().contains("(x: f64, y: f64) -> "), "{error}");
    }
}

#[test]
fn a_kernel_that_can_fail_has_no_function_and_says_the_way_out() {
    let options = CompileOptions::new().param::<i64>("a").param::<i64>("b");
    let checked = Engine::shared().compile_with("a // b", &options).unwrap();
    let error = checked.function::<(i64, i64), i64>().unwrap_err();
    assert_eq!(error.status(), Status::NeedsContext);
    assert!(error.message().contains("DivMode::Zero"));
    assert_eq!(checked.call::<(i64, i64), i64>((7, 2)).unwrap(), 3);
    assert_eq!(checked.call::<(i64, i64), i64>((7, 0)).unwrap_err().status(), Status::DivideByZero);

    let unchecked = Engine::shared().compile_with("a // b", &options.div_mode(DivMode::Zero)).unwrap();
    assert_eq!(unchecked.function::<(i64, i64), i64>().unwrap().call(7, 0), 0);

    let interpreted = Engine::builder().tier(Tier::Interpreter).build().unwrap().compile("x + 1").unwrap();
    assert_eq!(interpreted.function::<(f64,), f64>().unwrap_err().status(), Status::Unsupported);
    assert_eq!(interpreted.call::<(f64,), f64>((1.0,)).unwrap(), 2.0);
}

#[test]
fn wrong_counts_are_refused() {
    let kernel = exprjit::compile("x + y").unwrap();
    assert_eq!(kernel.call::<_, f64>((1.0,)).unwrap_err().status(), Status::InvalidArgument);
    assert_eq!(kernel.call::<_, (f64, f64)>((1.0, 2.0)).unwrap_err().status(), Status::InvalidArgument);
    assert_eq!(kernel.call_values(&[]).unwrap_err().status(), Status::InvalidArgument);
    assert_eq!(kernel.call::<_, f64>((true, 2i64)).unwrap(), 3.0);
    let narrow = Engine::shared().compile_with("x", &CompileOptions::new().param::<i32>("x")).unwrap();
    assert_eq!(narrow.call::<_, Value>((1.5,)).unwrap_err().status(), Status::Type);
}

#[test]
fn a_kernel_outlives_its_engine_and_clones_share_it() {
    let kernel: Kernel = {
        let engine = Engine::new().unwrap();
        let first = engine.compile("x*3").unwrap();
        first.clone()
    };
    let copies: Vec<Kernel> = (0..100).map(|_| kernel.clone()).collect();
    drop(kernel);
    assert!(copies.iter().all(|kernel| kernel.call::<_, f64>((2.0,)).unwrap() == 6.0));
}
