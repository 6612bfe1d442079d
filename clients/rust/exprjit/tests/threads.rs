// SPDX-License-Identifier: MIT OR Apache-2.0

//! Many threads at one engine and one kernel; cancellation; the host's executor.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use exprjit::{
    Batch, CancelToken, CompileOptions, Engine, Error, Eval, Executor, Function, Kernel, LogLevel, OwnedFunction,
    Reducer, RunOptions, Status,
};

fn is_send<T: Send>() {}
fn is_sync<T: Sync>() {}

#[test]
fn the_contract_of_the_types() {
    is_send::<Engine>();
    is_sync::<Engine>();
    is_send::<Kernel>();
    is_sync::<Kernel>();
    is_send::<Error>();
    is_sync::<Error>();
    is_send::<CancelToken>();
    is_sync::<CancelToken>();
    is_send::<Function<'static, (f64,), f64>>();
    is_sync::<Function<'static, (f64,), f64>>();
    is_send::<OwnedFunction<(f64,), f64>>();
    is_sync::<OwnedFunction<(f64,), f64>>();
    is_send::<CompileOptions>();
    is_send::<Reducer>();
    // Not Sync by themselves: ej_reducer is "used by one thread at a time".
    fn _a_batch_borrows_its_reducer(reducer: &mut Reducer) -> Batch<'_> {
        reducer.batch()
    }
    fn _an_evaluation_borrows_its_kernel(kernel: &Kernel) -> Eval<'_> {
        kernel.eval()
    }
}

#[test]
fn eight_threads_compile_and_run_on_one_engine() {
    let engine = Engine::new().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let engine = &engine;
            scope.spawn(move || {
                for i in 0..200 {
                    let n = (thread * 31 + i) % 50;
                    let kernel = engine.compile(&format!("x*{n} + {thread}")).unwrap();
                    let wanted = 2.0 * f64::from(n) + f64::from(thread);
                    assert_eq!(kernel.call::<_, f64>((2.0,)).unwrap(), wanted);
                    let mut out = [0.0; 33];
                    kernel.eval().input(&[2.0; 33]).output(&mut out).run().unwrap();
                    assert_eq!(out, [wanted; 33]);
                }
            });
        }
    });
    assert!(engine.stats().unwrap().text_hits > 0);
}

#[test]
fn pool_and_executor_give_the_bits_of_one_thread() {
    struct Scoped(AtomicUsize);
    impl Executor for Scoped {
        fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
            self.0.fetch_add(1, Ordering::Relaxed);
            let next = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| loop {
                        match next.fetch_add(1, Ordering::Relaxed) {
                            index if index < count => task(index),
                            _ => break,
                        }
                    });
                }
            });
        }
    }
    /// Breaks every rule of the trait: nothing, too often, too far.
    struct Careless;
    impl Executor for Careless {
        fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
            for index in (0..count * 2).step_by(3) {
                task(index);
                task(index);
            }
        }
    }
    let kernel = exprjit::compile("y = exp(-x*x)*x; s = sum(x*x)").unwrap();
    let x: Vec<f64> = (0..300_001).map(|i| f64::from(i) * 1e-5).collect();
    let run = |options: &RunOptions<'_>| {
        let (mut y, mut s) = (vec![0f64; x.len()], 0f64);
        kernel.eval().options(options).input(&x).output(&mut y).output_one(&mut s).run().unwrap();
        (y.iter().map(|value| value.to_bits()).collect::<Vec<_>>(), f64::to_bits(s))
    };
    let scoped = Scoped(AtomicUsize::new(0));
    let alone = run(&RunOptions::new());
    assert!(alone == run(&RunOptions::new().threads(4)));
    assert!(alone == run(&RunOptions::new().executor(&scoped)));
    assert!(scoped.0.into_inner() > 0, "the executor was asked");
    assert!(alone == run(&RunOptions::new().executor(&Careless)));
}

#[test]
fn a_panic_of_the_executor_arrives_and_nothing_breaks() {
    struct Panics;
    impl Executor for Panics {
        fn run(&self, _: usize, task: &(dyn Fn(usize) + Sync)) {
            task(0);
            panic!("the host's executor");
        }
    }
    let kernel = exprjit::compile("x + 1").unwrap();
    let x = vec![1.0; 300_000];
    let mut y = vec![0.0; 300_000];
    let panic =
        catch_unwind(AssertUnwindSafe(|| kernel.eval().executor(&Panics).input(&x).output(&mut y).run())).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the host's executor"));
    kernel.eval().input(&x).output(&mut y).run().unwrap();
}

#[test]
fn a_cancelled_kernel_stops_soon() {
    // Minutes of work, if nobody stopped it.
    let text = "sin(cos(sin(cos(sin(cos(sin(cos(sin(cos(x + y))))))))))";
    let kernel = exprjit::compile(text).unwrap();
    let x = vec![0.5; 1 << 20];
    let token = CancelToken::new();
    let worker = {
        let token = token.clone();
        std::thread::spawn(move || {
            let mut y = vec![0.0; 1 << 20];
            for round in 0..1_000_000 {
                let scalar = f64::from(round);
                let result = kernel.eval().cancel(&token).input(&x).scalar(scalar).output(&mut y).run();
                if let Err(error) = result {
                    return error.status();
                }
            }
            panic!("never cancelled")
        })
    };
    std::thread::sleep(Duration::from_millis(50));
    token.cancel();
    assert_eq!(worker.join().unwrap(), Status::Cancelled);
    assert!(token.is_cancelled());
}

#[test]
fn log_messages_arrive_and_a_panic_there_stays_there() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let engine = {
        let heard = heard.clone();
        Engine::builder()
            .log(LogLevel::Debug, move |level, message| {
                heard.lock().unwrap().push(format!("{level:?} {message}"));
            })
            .build()
            .unwrap()
    };
    let kernel = engine.compile("x + 1").unwrap();
    drop(engine);
    assert_eq!(kernel.call::<_, f64>((1.0,)).unwrap(), 2.0);
    drop(kernel);
    assert!(heard.lock().unwrap().iter().any(|line| line.starts_with("Debug compiled")), "{heard:?}");
    assert!(Arc::try_unwrap(heard).is_ok(), "the sink goes with the last kernel");

    let engine = Engine::builder().log(LogLevel::Debug, |_, _| panic!("the sink")).build().unwrap();
    assert_eq!(engine.compile("x + 2").unwrap().call::<_, f64>((1.0,)).unwrap(), 3.0);
}
