// SPDX-License-Identifier: MIT OR Apache-2.0

//! Panics that do worse than to say something, at every place where C++ calls Rust.

use std::panic::{catch_unwind, panic_any, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use exprjit::{Engine, Executor, Kernel, LogLevel, Status, Tier};

/// A payload whose destructor panics.
struct Bomb(&'static str);
impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the destructor of {}", self.0);
    }
}

/// What the bomb says that `run` panics with.
fn caught(run: impl FnOnce()) -> &'static str {
    let payload = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    let bomb = payload.downcast::<Bomb>().map_err(std::mem::forget).expect("a bomb");
    let name = bomb.0;
    std::mem::forget(bomb);
    name
}

/// Pieces on two threads, the even ones and the odd ones.
struct TwoThreads;
impl Executor for TwoThreads {
    fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
        std::thread::scope(|scope| {
            scope.spawn(|| (0..count).step_by(2).for_each(task));
            (1..count).step_by(2).for_each(task);
        });
    }
}

#[test]
fn a_payload_of_the_log_may_panic_when_it_is_dropped() {
    let engine = Engine::builder().log(LogLevel::Debug, |_, _| panic_any(Bomb("the log"))).build().unwrap();
    assert_eq!(engine.compile("x + 2").unwrap().call::<_, f64>((1.0,)).unwrap(), 3.0);
}

#[test]
fn a_second_payload_of_a_closure_may_panic_when_it_is_dropped() {
    let engine = Engine::new().unwrap();
    let arrived = Arc::new(AtomicUsize::new(0));
    let counted = arrived.clone();
    engine
        .add_pure_function("both", move |x: f64| -> f64 {
            counted.fetch_add(1, Ordering::SeqCst);
            let since = Instant::now();
            while counted.load(Ordering::SeqCst) < 2 && since.elapsed() < Duration::from_secs(10) {
                std::thread::yield_now();
            }
            if x > 0.0 {
                panic_any(Bomb("a closure"));
            }
            x
        })
        .unwrap();
    let kernel = engine.compile("both(x)").unwrap();
    let (x, mut y) = (vec![1.0; 300_000], vec![0.0; 300_000]);
    let name = caught(|| kernel.eval().executor(&TwoThreads).input(&x).output(&mut y).run().unwrap());
    assert_eq!((name, arrived.load(Ordering::SeqCst)), ("a closure", 2), "two at once");
    assert_eq!(kernel.call::<_, f64>((-1.0,)).unwrap(), -1.0);
}

#[test]
fn a_second_payload_of_an_executor_may_panic_when_it_is_dropped() {
    struct Panics(AtomicUsize);
    impl Executor for Panics {
        fn run(&self, _: usize, _: &(dyn Fn(usize) + Sync)) {
            let before = self.0.fetch_add(1, Ordering::Relaxed);
            panic_any(Bomb(if before == 0 { "the executor" } else { "the executor, again" }));
        }
    }
    let kernel = exprjit::compile("x - mean(x)").unwrap();
    let (x, mut y) = (vec![1.0; 300_000], vec![0.0; 300_000]);
    let panics = Panics(AtomicUsize::new(0));
    assert_eq!(caught(|| kernel.eval().executor(&panics).input(&x).output(&mut y).run().unwrap()), "the executor");
    assert!(panics.0.into_inner() > 1, "asked more than once");
}

#[test]
fn a_panic_that_a_closure_catches_is_over() {
    for (tier, threads) in [(Tier::Interpreter, 0), (Tier::Baseline, 0), (Tier::Optimised, 0), (Tier::Optimised, 2)] {
        let engine = Engine::builder().tier(tier).build().unwrap();
        let strict = |x: f64| {
            assert!(x >= 0.0, "negative: {x}");
            x
        };
        engine.add_pure_function("strict", strict).unwrap();
        let inner: Arc<Mutex<Option<Kernel>>> = Arc::new(Mutex::new(Some(engine.compile("strict(x)").unwrap())));
        let used = inner.clone();
        engine
            .add_function("careful", move |x: f64| {
                let kernel = used.lock().unwrap().clone().unwrap();
                let inner = || {
                    let mut y = [0.0; 100];
                    kernel.eval().threads(threads).input(&[x; 100]).output(&mut y).run().unwrap();
                    y[99]
                };
                catch_unwind(AssertUnwindSafe(inner)).unwrap_or(0.5)
            })
            .unwrap();
        let outer = engine.compile("careful(x) + 10").unwrap();
        assert_eq!(outer.call::<_, f64>((-3.0,)).unwrap(), 10.5);
        assert_eq!(outer.call::<_, f64>((3.0,)).unwrap(), 13.0);
        let mut y = [0.0; 4];
        outer.eval().input(&[1.0, -2.0, 3.0, -4.0]).output(&mut y).run().unwrap();
        assert_eq!(y, [11.0, 10.5, 13.0, 10.5]);
        // One that is not caught, before and after one that is, still arrives.
        let both = engine.compile("careful(x) + strict(y)").unwrap();
        let ended = catch_unwind(AssertUnwindSafe(|| both.call::<_, f64>((-1.0, -2.0)))).unwrap_err();
        assert_eq!(ended.downcast_ref::<String>().unwrap(), "negative: -2");
        let both = engine.compile("strict(y) + careful(x)").unwrap();
        let ended = catch_unwind(AssertUnwindSafe(|| both.call::<_, f64>((-2.0, -1.0)))).unwrap_err();
        assert!(ended.downcast_ref::<String>().unwrap().starts_with("negative: -"));
        assert_eq!(both.call::<_, f64>((1.0, -1.0)).unwrap(), 1.5);
        inner.lock().unwrap().take(); // or the closure would hold its own engine
    }
}

#[test]
fn a_run_on_one_thread_has_its_own_panics_only() {
    let engine = Engine::new().unwrap();
    let strict = |x: f64| {
        assert!(x >= 0.0, "negative: {x}");
        x
    };
    engine.add_pure_function("strict", strict).unwrap();
    let kernel = engine.compile("strict(x)").unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (kernel, engine) = (&kernel, &engine);
            scope.spawn(move || {
                for round in 0..300 {
                    if thread % 2 == 0 {
                        let x = [f64::from(round); 50];
                        let mut y = [0.0; 50];
                        kernel.eval().input(&x).output(&mut y).run().unwrap();
                        assert_eq!(x, y);
                        engine.compile(&format!("strict(x) + {round}")).unwrap();
                    } else {
                        let x = -f64::from(thread);
                        let ended = catch_unwind(AssertUnwindSafe(|| kernel.call::<_, f64>((x,)))).unwrap_err();
                        assert_eq!(ended.downcast_ref::<String>().unwrap(), &format!("negative: {x}"));
                    }
                }
            });
        }
    });
}

#[test]
fn panics_of_a_closure_and_of_the_executor_leave_nothing_behind() {
    struct Panics;
    impl Executor for Panics {
        fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
            (0..count).for_each(task);
            panic!("the executor");
        }
    }
    let engine = Engine::new().unwrap();
    let strict = |x: f64| {
        assert!(x >= 0.0, "negative: {x}");
        x
    };
    engine.add_pure_function("strict", strict).unwrap();
    let kernel = engine.compile("strict(x)").unwrap();
    let (x, mut y) = (vec![-1.0; 300_000], vec![0.0; 300_000]);
    let ended = catch_unwind(AssertUnwindSafe(|| kernel.eval().executor(&Panics).input(&x).output(&mut y).run()));
    assert_eq!(ended.unwrap_err().downcast_ref::<&str>(), Some(&"the executor"));
    let x = vec![1.0; 300_000];
    kernel.eval().executor(&TwoThreads).input(&x).output(&mut y).run().unwrap();
    assert_eq!(x, y);
}

#[test]
fn only_kernels_that_call_closures_are_treated_so() {
    let engine = Engine::new().unwrap();
    engine.add_pure_function("strict", |x: f64| x).unwrap();
    let plain = engine.compile("x + 1").unwrap();
    assert_eq!(plain.function::<(f64,), f64>().unwrap().call(1.0), 2.0);
    assert_eq!(plain.clone().into_function::<(f64,), f64>().unwrap().call(2.0), 3.0);
    for _ in 0..2 {
        let calling = engine.compile("strict(x) + 1").unwrap();
        assert_eq!(calling.function::<(f64,), f64>().unwrap_err().status(), Status::NeedsContext);
        assert_eq!(calling.clone().function::<(f64,), f64>().unwrap_err().status(), Status::NeedsContext);
    }
}
