// SPDX-License-Identifier: MIT OR Apache-2.0

//! Cancellation.

use std::fmt;
use std::ptr::{self, NonNull};

use exprjit_sys as sys;

/// Stops what runs with it, from any thread: a call, an evaluation or a compilation ends with
/// [`Status::Cancelled`](crate::Status::Cancelled) soon after. Clones are the same token.
///
/// ```
/// use exprjit::{CancelToken, Status};
/// let token = CancelToken::new();
/// let kernel = exprjit::compile("x + 1")?;
/// let x = vec![1.0; 100_000];
/// let mut y = vec![0.0; 100_000];
/// token.cancel(); // here before the run; as well while it runs, from another thread
/// let error = kernel.eval().cancel(&token).input(&x).output(&mut y).run().unwrap_err();
/// assert_eq!(error.status(), Status::Cancelled);
/// token.reset();
/// kernel.eval().cancel(&token).input(&x).output(&mut y).run()?;
/// # Ok::<(), exprjit::Error>(())
/// ```
pub struct CancelToken(NonNull<sys::ej_cancel_token>);

// SAFETY: "Any number of threads, runs and compilations may share one"; cancel is "from any thread" (exprjit.h, Cancelling).
unsafe impl Send for CancelToken {}
// SAFETY: as above.
unsafe impl Sync for CancelToken {}

impl CancelToken {
    /// A token that is not cancelled. Panics where there is no memory for it.
    pub fn new() -> CancelToken {
        let mut token = ptr::null_mut();
        // SAFETY: a place for the token, which is ours.
        let status = unsafe { sys::ej_cancel_token_create(&mut token) };
        match NonNull::new(token) {
            Some(token) if status == sys::EJ_OK => CancelToken(token),
            _ => panic!("no memory for a cancel token"),
        }
    }

    /// Ends what runs with the token now, and what starts later, until [`CancelToken::reset`].
    pub fn cancel(&self) {
        // SAFETY: a live token.
        unsafe { sys::ej_cancel_token_cancel(self.0.as_ptr()) }
    }

    /// As new.
    pub fn reset(&self) {
        // SAFETY: a live token.
        unsafe { sys::ej_cancel_token_reset(self.0.as_ptr()) }
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        // SAFETY: a live token.
        unsafe { sys::ej_cancel_token_is_cancelled(self.0.as_ptr()) != 0 }
    }

    pub(super) fn as_ptr(&self) -> *const sys::ej_cancel_token {
        self.0.as_ptr()
    }
}

impl Clone for CancelToken {
    fn clone(&self) -> CancelToken {
        // SAFETY: a live token; the new reference is the clone's.
        unsafe { sys::ej_cancel_token_retain(self.0.as_ptr()) };
        CancelToken(self.0)
    }
}

impl Drop for CancelToken {
    fn drop(&mut self) {
        // SAFETY: our own reference. "It must live until they return": calls borrow it.
        unsafe { sys::ej_cancel_token_release(self.0.as_ptr()) }
    }
}

impl Default for CancelToken {
    fn default() -> CancelToken {
        CancelToken::new()
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CancelToken(cancelled: {})", self.is_cancelled())
    }
}
