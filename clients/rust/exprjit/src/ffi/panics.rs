// SPDX-License-Identifier: MIT OR Apache-2.0

//! Panics that must not leave Rust.

use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What a panic carries.
pub type Payload = Box<dyn Any + Send>;

/// Drops a payload that nobody gets. Its destructor may panic as well, and this is called where that must not get out.
pub fn discard(payload: Payload) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second); // there may be no end to them
    }
}
