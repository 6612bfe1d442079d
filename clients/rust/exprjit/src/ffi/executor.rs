// SPDX-License-Identifier: MIT OR Apache-2.0

//! The host's threads in place of the library's.

use std::os::raw::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Mutex;

use exprjit_sys as sys;

use super::panics::{discard, Payload};

/// Runs pieces of one evaluation on threads of the host's own.
///
/// ```
/// use exprjit::Executor;
///
/// struct TwoThreads;
/// impl Executor for TwoThreads {
///     fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
///         std::thread::scope(|scope| {
///             scope.spawn(|| (0..count / 2).for_each(task));
///             (count / 2..count).for_each(task);
///         });
///     }
/// }
///
/// let kernel = exprjit::compile("sum(x)")?;
/// let x = vec![0.1; 1_000_000];
/// let (mut alone, mut together) = (0f64, 0f64);
/// kernel.eval().input(&x).output_one(&mut alone).run()?;
/// kernel.eval().executor(&TwoThreads).input(&x).output_one(&mut together).run()?;
/// assert_eq!(alone.to_bits(), together.to_bits());
/// # Ok::<(), exprjit::Error>(())
/// ```
pub trait Executor: Sync {
    /// Calls `task(i)` for every i below `count`, each once, on any threads and in any order, and returns when all are done.
    /// What is left out is done by the caller afterwards, and what comes twice is passed over. A panic goes on in the thread
    /// that evaluates.
    fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync));
}

/// What `parallel_user_data` points to during one run.
pub struct Host<'a> {
    executor: &'a dyn Executor,
    panic: Mutex<Option<Payload>>,
}

impl<'a> Host<'a> {
    pub fn new(executor: &'a dyn Executor) -> Host<'a> {
        Host { executor, panic: Mutex::new(None) }
    }

    /// The first one counts; a run may ask its executor several times.
    fn keep(&self, panic: Payload) {
        let mut kept = self.panic.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if kept.is_none() {
            *kept = Some(panic);
            return;
        }
        drop(kept);
        discard(panic);
    }

    /// Goes on with a panic of the executor, once the C library has returned.
    pub fn resume_panic(self) {
        if let Some(panic) = self.panic.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
            std::panic::resume_unwind(panic);
        }
    }
}

struct Task {
    call: unsafe extern "C" fn(*mut c_void, i64),
    data: *mut c_void,
    begun: Vec<AtomicBool>,
}

// SAFETY: "calls task(task_data, i) … on any threads": the library made `call` and `data` to be used from any thread, each index
// once, which `begun` makes sure of.
unsafe impl Sync for Task {}

impl Task {
    /// Safe code decides when and how often this is called, so an index counts once and only if it exists.
    fn run(&self, index: usize) {
        if self.begun.get(index).map_or(false, |begun| !begun.swap(true, Ordering::Relaxed)) {
            // SAFETY: an index below count, the first time; the library waits for us.
            unsafe { (self.call)(self.data, index as i64) }
        }
    }
}

/// The library's view of an executor.
///
/// # Safety
/// `user_data` points to a [`Host`] that lives during the call; the rest as `ej_parallel_fn` says.
pub unsafe extern "C" fn parallel(user_data: *mut c_void, count: i64, task: sys::ej_task_fn, task_data: *mut c_void) {
    // SAFETY: as the caller promises.
    let host = unsafe { &*(user_data as *const Host<'_>) };
    let (call, count) = match (task, usize::try_from(count)) {
        (Some(call), Ok(count)) => (call, count),
        _ => return,
    };
    let task = Task { call, data: task_data, begun: (0..count).map(|_| AtomicBool::new(false)).collect() };
    // Safe code cannot leave `task` behind on another thread: the borrow ends when run returns.
    let ended = catch_unwind(AssertUnwindSafe(|| host.executor.run(count, &|index| task.run(index))));
    (0..count).for_each(|index| task.run(index));
    if let Err(panic) = ended {
        host.keep(panic);
    }
}
