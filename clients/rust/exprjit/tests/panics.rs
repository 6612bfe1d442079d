// SPDX-License-Identifier: MIT OR Apache-2.0

//! Panics that do worse than to say something, at every place where C++ calls Rust.

use std::panic::{catch_unwind, panic_any, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use exprjit::{Engine, Executor, LogLevel};

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
