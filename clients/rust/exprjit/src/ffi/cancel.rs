// SPDX-License-Identifier: MIT OR Apache-2.0

//! Cancellation.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::Arc;

/// Stops what runs with it, from any thread: a call or an evaluation ends with
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
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicI32>);

impl CancelToken {
    /// A token that is not cancelled.
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Ends what runs with the token now, and what starts later, until [`CancelToken::reset`].
    pub fn cancel(&self) {
        self.0.store(1, Ordering::Relaxed);
    }

    /// As new.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// The stop word, which lives as long as the token. An AtomicI32 has the representation of an i32.
    pub(super) fn word(&self) -> *const i32 {
        &*self.0 as *const AtomicI32 as *const i32
    }
}
