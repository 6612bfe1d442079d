// SPDX-License-Identifier: MIT OR Apache-2.0

//! Functions of one's own: definitions, closures, their lives and their panics; programs as bytes; untrusted text.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use exprjit::{CancelToken, CodeMemory, CompileOptions, Engine, Status, Tier};

fn engines() -> Vec<Engine> {
    [Tier::Interpreter, Tier::Baseline, Tier::Optimised]
        .iter()
        .map(|tier| Engine::builder().tier(*tier).build().unwrap())
        .collect()
}

#[test]
fn closures_of_every_type_are_called_with_their_types() {
    for engine in engines() {
        engine
            .add_function("mixed", |a: f64, b: i64, c: bool, d: f32, e: i32| {
                a + b as f64 + f64::from(u8::from(c)) + f64::from(d) + f64::from(e)
            })
            .unwrap();
        engine.add_function("is_odd", |n: i64| n % 2 != 0).unwrap();
        engine.add_function("half", |x: f32| x / 2.0).unwrap();
        engine.add_function("next", |n: i32| n.wrapping_add(1)).unwrap();
        engine.add_function("big", |n: i64| n << 40).unwrap();
        engine.add_function("seven", || 7.0).unwrap();
        engine
            .add_function("eighth", |_a: f64, _b: f64, _c: f64, _d: f64, _e: f64, _f: f64, _g: f64, h: f64| h)
            .unwrap();
        let options = CompileOptions::new()
            .param::<i64>("n")
            .param::<f32>("f")
            .param::<i32>("i")
            .param::<bool>("b")
            .declared_only();
        let args = (5i64, 3f32, i32::MAX, true);
        let compile = |text: &str| engine.compile_with(text, &options).unwrap();
        assert_eq!(compile("mixed(0.5, n, b, f, 4 if i > 0 else i)").call::<_, f64>(args).unwrap(), 13.5);
        assert!(compile("is_odd(n)").call::<_, bool>(args).unwrap());
        assert_eq!(compile("half(f)").call::<_, f32>(args).unwrap(), 1.5);
        assert_eq!(compile("next(i)").call::<_, i32>(args).unwrap(), i32::MIN);
        assert_eq!(compile("big(n)").call::<_, i64>(args).unwrap(), 5 << 40);
        assert_eq!(compile("seven()").call::<_, f64>(args).unwrap(), 7.0);
        assert_eq!(compile("eighth(1,2,3,4,5,6,7,f)").call::<_, f64>(args).unwrap(), 3.0);
    }
}

#[test]
fn over_columns_a_closure_is_called_once_for_each_row_in_order() {
    for engine in engines() {
        let rows = Arc::new(Mutex::new(Vec::new()));
        let seen = rows.clone();
        engine
            .add_function("seen", move |x: f64| {
                seen.lock().unwrap().push(x);
                x * 2.0
            })
            .unwrap();
        let x: Vec<f64> = (0..10_000).map(f64::from).collect();
        let mut y = vec![0.0; x.len()];
        engine.compile("seen(x) + 1").unwrap().eval().threads(4).input(&x).output(&mut y).run().unwrap();
        assert!(x.iter().zip(&y).all(|(x, y)| *y == x * 2.0 + 1.0));
        assert_eq!(*rows.lock().unwrap(), x);
    }
}

#[test]
fn a_closure_lives_as_long_as_engine_and_kernels() {
    let alive = Arc::new(());
    let kernel = {
        let engine = Engine::new().unwrap();
        let (first, second) = (alive.clone(), alive.clone());
        engine
            .add_function("f", move |x: f64| {
                let _ = &first;
                x + 1.0
            })
            .unwrap();
        let kernel = engine.compile("f(x)").unwrap();
        engine
            .add_function("f", move |x: f64| {
                let _ = &second;
                x + 2.0
            })
            .unwrap();
        assert_eq!(engine.compile("f(x)").unwrap().call::<_, f64>((1.0,)).unwrap(), 3.0);
        engine.remove_function("f").unwrap();
        assert_eq!(engine.compile("f(x)").unwrap_err().status(), Status::Name);
        kernel
    };
    assert_eq!(kernel.call::<_, f64>((1.0,)).unwrap(), 2.0, "the first one, in spite of all");
    assert_eq!(Arc::strong_count(&alive), 3);
    let copy = kernel.clone();
    drop(kernel);
    assert_eq!(copy.call::<_, f64>((1.0,)).unwrap(), 2.0);
    drop(copy);
    assert_eq!(Arc::strong_count(&alive), 1, "both closures are gone with the last kernel");
}

#[test]
fn a_closure_that_is_not_taken_is_dropped() {
    let alive = Arc::new(());
    let engine = Engine::new().unwrap();
    for name in ["sin", "not a name", "", "a\0b"] {
        let held = alive.clone();
        let error = engine
            .add_function(name, move |x: f64| {
                let _ = &held;
                x
            })
            .unwrap_err();
        assert!(!error.message().is_empty());
        assert_eq!(Arc::strong_count(&alive), 1, "{name}");
    }
}

#[test]
fn a_panic_arrives_once_and_the_engine_goes_on() {
    for engine in engines() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let careful = move |x: f64| {
            counted.fetch_add(1, Ordering::Relaxed);
            assert!(x >= 0.0, "negative: {x}");
            x.sqrt()
        };
        engine.add_function("careful", careful).unwrap();
        let kernel = engine.compile("careful(x)").unwrap();
        let panic = catch_unwind(AssertUnwindSafe(|| kernel.call::<_, f64>((-1.0,)))).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), "negative: -1");
        assert_eq!(kernel.call::<_, f64>((4.0,)).unwrap(), 2.0);
        calls.store(0, Ordering::Relaxed);
        let (mut x, mut y) = (vec![1.0; 1000], vec![0.0; 1000]);
        x[10] = -2.0;
        x[20] = -3.0;
        let panic = catch_unwind(AssertUnwindSafe(|| kernel.eval().input(&x).output(&mut y).run())).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), "negative: -2");
        assert_eq!(calls.load(Ordering::Relaxed), 11, "no call after the panic");
        kernel.eval().input(&[9.0]).output(&mut y[..1]).run().unwrap();
        assert_eq!(y[0], 3.0);
        let error = kernel.function::<(f64,), f64>().unwrap_err();
        assert_eq!(error.status(), Status::NeedsContext);
        // A kernel of the same engine that calls no closure has one.
        engine.compile("x + 1").unwrap().clone().call::<_, f64>((1.0,)).unwrap();
    }
}

#[test]
fn pure_closures_run_on_many_threads_and_panics_lose_no_wrong_result() {
    let engine = Engine::new().unwrap();
    engine
        .add_pure_function("strict", |x: f64| {
            assert!(x != 77_777.0, "found");
            x + 1.0
        })
        .unwrap();
    let kernel = engine.compile("strict(x)").unwrap();
    let good: Vec<f64> = (0..50_000).map(f64::from).collect();
    let bad: Vec<f64> = (50_000..100_000).map(f64::from).collect();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (kernel, x) = (&kernel, if thread % 2 == 0 { &good } else { &bad });
            scope.spawn(move || {
                for _ in 0..20 {
                    let mut y = vec![0.0; x.len()];
                    let ended = catch_unwind(AssertUnwindSafe(|| {
                        kernel.eval().threads(2).input(x).output(&mut y).run().unwrap()
                    }));
                    match ended {
                        Ok(()) => assert!(thread % 2 == 0 && x.iter().zip(&y).all(|(x, y)| *y == x + 1.0)),
                        Err(panic) => assert!(panic.is::<&str>()),
                    }
                }
            });
        }
    });
    assert_eq!(kernel.call::<_, f64>((1.0,)).unwrap(), 2.0);
}

#[test]
fn a_panic_while_feeding_spoils_the_reducer_and_no_wrong_sum_gets_out() {
    for engine in engines() {
        let strict = |x: f64| {
            assert!(x >= 0.0, "negative: {x}");
            x
        };
        engine.add_pure_function("strict", strict).unwrap();
        let kernel = engine.compile("sum(strict(x))").unwrap();
        let mut reducer = kernel.reducer().unwrap();
        // Enough rows to be added up at once; of a few, finish would call the closures again.
        let mut many = vec![1.0; 100_000];
        many[99] = -8.0;
        reducer.batch().input(&[1.0, 2.0]).feed().unwrap();
        let panic = catch_unwind(AssertUnwindSafe(|| reducer.batch().input(&many).feed())).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), "negative: -8");
        for error in [reducer.finish::<f64>().unwrap_err(), reducer.batch().input(&[1.0]).feed().unwrap_err()] {
            assert!(error.message().starts_with("a panic ended an earlier feed"), "{error}");
        }
        // A batch that is refused leaves it as before.
        let mut again = kernel.reducer().unwrap();
        again.batch().input(&[1.0, 2.0]).feed().unwrap();
        assert!(again.batch().input(&[1.0]).input(&[1.0]).feed().is_err());
        again.batch().input(&[4.0]).feed().unwrap();
        assert_eq!(again.finish::<f64>().unwrap(), 7.0);
        // A panic in finish is not one in feed: what was fed is still there.
        let kernel = engine.compile("strict(sum(x))").unwrap();
        let mut reducer = kernel.reducer().unwrap();
        reducer.batch().input(&[1.0, -2.0]).feed().unwrap();
        catch_unwind(AssertUnwindSafe(|| reducer.finish::<f64>())).unwrap_err();
        reducer.batch().input(&[3.0]).feed().unwrap();
        assert_eq!(reducer.finish::<f64>().unwrap(), 2.0);
    }
}

#[test]
fn strangers_reach_no_closure_but_definitions() {
    let engine = Engine::new().unwrap();
    engine.add_function("secret", |x: f64| x).unwrap();
    engine.define("twice(x) = 2*x").unwrap();
    let untrusted = CompileOptions::new().untrusted();
    assert_eq!(engine.compile_with("secret(x)", &untrusted).unwrap_err().status(), Status::Name);
    assert_eq!(engine.compile_with("twice(x)", &untrusted).unwrap().call::<_, f64>((4.0,)).unwrap(), 8.0);
    let kernel = engine.compile("secret(x)").unwrap();
    assert_eq!(kernel.encode().unwrap_err().status(), Status::Unsupported);
}

#[test]
fn a_wrong_definition_has_a_span() {
    let engine = Engine::new().unwrap();
    let text = "f(x) = x + y";
    let error = engine.define(text).unwrap_err();
    assert_eq!(&text[error.diagnostics()[0].span.clone()], "y", "{error}");
    assert_eq!(engine.remove_function("f").unwrap_err().status(), Status::Name);
}

#[test]
fn bytes_make_the_same_kernel_and_damage_is_an_error() {
    let kernel = exprjit::compile("s = sin(x)*y; d = x - y").unwrap();
    let bytes = kernel.encode().unwrap();
    assert_eq!(bytes, exprjit::compile("s = sin(x) * y;  d = x-y").unwrap().encode().unwrap());
    let again = Engine::shared().compile_bytes(&bytes, &CompileOptions::new()).unwrap();
    assert_eq!(again.signature(), kernel.signature());
    let (a, b): ((f64, f64), (f64, f64)) = (kernel.call((0.3, 2.0)).unwrap(), again.call((0.3, 2.0)).unwrap());
    assert_eq!(a, b);
    for cut in 0..bytes.len() {
        assert!(Engine::shared().compile_bytes(&bytes[..cut], &CompileOptions::new()).is_err(), "cut at {cut}");
    }
}

#[test]
fn limits_and_cancellation_reach_the_compiler() {
    let text = "x".to_string() + &"*1.5 + sin(x)".repeat(20_000);
    let engine = Engine::builder().max_compile_time(Duration::from_micros(50)).build().unwrap();
    let error = engine.compile(&text).unwrap_err();
    assert_eq!(error.status(), Status::Limit);
    assert!(error.message().contains("max_compile_ns"), "{error}");
    let token = CancelToken::new();
    token.cancel();
    let options = CompileOptions::new().cancel(&token);
    assert_eq!(Engine::new().unwrap().compile_with(&text, &options).unwrap_err().status(), Status::Cancelled);
    let sealed = Engine::builder().code_memory(CodeMemory::Sealed).build().unwrap();
    assert_eq!(sealed.compile("x + 1").unwrap().call::<_, f64>((1.0,)).unwrap(), 2.0);
}

#[test]
fn zero_is_the_default_of_every_number() {
    let engine = Engine::builder()
        .cache_bytes(0)
        .max_text_bytes(0)
        .max_nodes(0)
        .max_nesting(0)
        .max_code_bytes(0)
        .max_compile_time(Duration::ZERO)
        .build()
        .unwrap();
    let kernel = engine.compile("y = 1 if x > 0 else sin(x)").unwrap();
    kernel.eval().input(&[1.0; 100]).output(&mut [0.0; 100]).run().unwrap();
    engine.compile("y = 1 if x > 0 else sin(x)").unwrap();
    let stats = engine.stats().unwrap();
    assert_eq!((stats.entries, stats.text_hits), (1, 1), "there is a cache");
    let engine = Engine::builder().cache_bytes(1).max_compile_time(Duration::MAX).build().unwrap();
    engine.compile("x + 1").unwrap();
    assert_eq!(engine.stats().unwrap().entries, 0, "one byte keeps nothing");
}
