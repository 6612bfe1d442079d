// SPDX-License-Identifier: MIT OR Apache-2.0

//! Panics of closures, which cannot unwind through machine code, and whose results they spoil.
//!
//! A panic is kept, the call gives zero, and so does every later one of the same run; the guard of the run then goes on with
//! the panic, so no wrong result gets out. A run on the calling thread alone is told apart from all others by what that thread
//! is doing. One on several threads cannot be: a zero given on some other thread spoils every such run of the same time.

use std::any::Any;
use std::cell::Cell;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use crate::{Scalar, Value};

/// What a panic carries.
pub type Payload = Box<dyn Any + Send>;

/// Those of the closures of one engine.
pub struct Panics {
    /// Zeros given for runs on several threads, and whether a panic of one waits for its run to end.
    zeros: AtomicU64,
    pending: AtomicBool,
    /// The first panic of each thread that runs alone, and of all others together ([`OTHERS`]).
    payloads: Mutex<Vec<(usize, Payload)>>,
}

/// Whose payload it is where no thread is the only one.
const OTHERS: usize = 0;

/// What this thread runs, innermost. Cells by themselves, because entering a closure changes only the first.
struct Innermost {
    /// Whose kernel runs right here, with no thread but this; null in everything else, such as a closure that it called.
    alone: Cell<*const Panics>,
    /// Zeros given to it.
    zeros: Cell<u64>,
    /// It has turned out to use other threads.
    is_shared: Cell<bool>,
}

thread_local! {
    static INNERMOST: Innermost = const {
        Innermost { alone: Cell::new(ptr::null()), zeros: Cell::new(0), is_shared: Cell::new(false) }
    };
}

/// One run; what was innermost before is put back when it ends.
struct Entered {
    alone: *const Panics,
    zeros: u64,
    is_shared: bool,
}

impl Entered {
    #[inline]
    fn new(panics: &Panics) -> Entered {
        INNERMOST.with(|innermost| Entered {
            alone: innermost.alone.replace(panics),
            zeros: innermost.zeros.replace(0),
            is_shared: innermost.is_shared.replace(false),
        })
    }

    /// The zeros that were given to it alone, and whether it was on several threads.
    #[inline]
    fn leave(self) -> (u64, bool) {
        INNERMOST.with(|innermost| {
            innermost.alone.set(self.alone);
            (innermost.zeros.replace(self.zeros), innermost.is_shared.replace(self.is_shared))
        })
    }
}

/// Puts back whose kernel runs, also when a panic goes by.
struct Outside(*const Panics);

impl Drop for Outside {
    #[inline]
    fn drop(&mut self) {
        INNERMOST.with(|innermost| innermost.alone.set(self.0));
    }
}

/// Runs code of the host: what happens there to a kernel's closures happens to another run.
#[inline]
pub fn outside<T>(run: impl FnOnce() -> T) -> T {
    let _inside = Outside(INNERMOST.with(|innermost| innermost.alone.replace(ptr::null())));
    run()
}

/// Runs a kernel on several threads, of which this is one.
pub fn on_threads<T>(run: impl FnOnce() -> T) -> T {
    INNERMOST.with(|innermost| {
        if !innermost.alone.get().is_null() {
            innermost.is_shared.set(true); // the guard's run is this one; a kernel without closures has none
        }
    });
    outside(run)
}

/// A payload's destructor may panic as well, and this may be called where that must not get out.
pub fn discard(payload: Payload) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second); // there may be no end to them
    }
}

fn this_thread() -> usize {
    INNERMOST.with(|innermost| innermost as *const _ as usize)
}

impl Panics {
    pub const fn new() -> Panics {
        Panics { zeros: AtomicU64::new(0), pending: AtomicBool::new(false), payloads: Mutex::new(Vec::new()) }
    }

    /// Runs what may call closures, and goes on with their panic. `calls` tells whether it does; it is asked late and rarely.
    #[inline]
    pub fn guard<T>(&self, calls: impl FnOnce() -> bool, run: impl FnOnce() -> T) -> T {
        let before = self.zeros.load(Ordering::Acquire);
        let entered = Entered::new(self);
        // An executor's panic comes this way; a closure's must not stay behind for somebody else.
        let result = catch_unwind(AssertUnwindSafe(run));
        let (zeros, is_shared) = entered.leave();
        let spoilt = zeros > 0 || is_shared && self.zeros.load(Ordering::Acquire) != before && calls();
        match (result, spoilt.then(|| self.take_panic(zeros > 0))) {
            (Ok(result), None) => result,
            (Ok(_), Some(panic)) | (Err(panic), None) => resume_unwind(panic),
            (Err(panic), Some(other)) => {
                discard(other);
                resume_unwind(panic)
            }
        }
    }

    /// Takes what was kept for a run that is spoilt.
    #[cold]
    fn take_panic(&self, alone: bool) -> Payload {
        let whose = if alone { this_thread() } else { OTHERS };
        let payload = self.take(whose);
        if !alone {
            self.pending.store(false, Ordering::Release);
        }
        payload.unwrap_or_else(|| Box::new("a function panicked in another run on several threads at the same time"))
    }

    /// Calls a closure for machine code; zero if it panics, or if its run is spoilt already.
    pub fn catch<R: Scalar>(&self, call: impl FnOnce() -> R) -> R {
        let (alone, zeros) = INNERMOST.with(|innermost| (ptr::eq(innermost.alone.get(), self), innermost.zeros.get()));
        let spoilt = if alone { zeros > 0 } else { self.pending.load(Ordering::Acquire) };
        if !spoilt {
            match catch_unwind(AssertUnwindSafe(|| outside(call))) {
                Ok(result) => return result,
                Err(payload) if alone => self.keep(this_thread(), payload),
                Err(payload) => {
                    self.keep(OTHERS, payload);
                    self.pending.store(true, Ordering::Release);
                }
            }
        }
        if alone {
            INNERMOST.with(|innermost| innermost.zeros.set(zeros + 1));
        } else {
            self.zeros.fetch_add(1, Ordering::AcqRel);
        }
        R::from_value(Value::Bool(false)).unwrap_or_else(|| std::process::abort())
        // a bool converts to every type
    }

    fn payloads(&self) -> MutexGuard<'_, Vec<(usize, Payload)>> {
        self.payloads.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn take(&self, whose: usize) -> Option<Payload> {
        let mut payloads = self.payloads();
        let index = payloads.iter().position(|(owner, _)| *owner == whose)?;
        Some(payloads.swap_remove(index).1)
    }

    /// The first one counts.
    fn keep(&self, whose: usize, payload: Payload) {
        let mut payloads = self.payloads();
        if payloads.iter().all(|(owner, _)| *owner != whose) {
            payloads.push((whose, payload));
            return;
        }
        drop(payloads);
        discard(payload);
    }
}
