// SPDX-License-Identifier: MIT OR Apache-2.0

//! Reductions over more rows than memory holds.

use std::fmt;

use crate::columns::{common_rows, input_methods};
use crate::ffi::column::Column;
use crate::ffi::reducer::RawReducer;
use crate::{Error, Kernel, Result, Returns, RunOptions, Status};

/// A reduction fed batch by batch, with the bits that one call over all rows gives. All outputs of its kernel are reduced, and in
/// one pass (no reduction inside another's argument).
///
/// ```
/// let kernel = exprjit::compile("sum(x*w)")?;
/// let mut reducer = kernel.reducer()?;
/// reducer.batch().input(&[1.0, 2.0]).scalar(10.0).feed()?;
/// reducer.batch().input(&[3.0]).scalar(10.0).feed()?;
/// assert_eq!(reducer.finish::<f64>()?, 60.0);
/// # Ok::<(), exprjit::Error>(())
/// ```
pub struct Reducer {
    raw: RawReducer, // dropped before the kernel it uses
    kernel: Kernel,
    /// A panic ended a feed, so what was fed holds values that no closure gave.
    poisoned: bool,
}

fn sound(poisoned: bool) -> Result<()> {
    if poisoned {
        return Err(Error::new(
            Status::InvalidArgument,
            "a panic ended an earlier feed of this reducer, so its sums are incomplete; begin again with Kernel::reducer",
        ));
    }
    Ok(())
}

impl Reducer {
    pub(crate) fn new(kernel: &Kernel) -> Result<Reducer> {
        Ok(Reducer { raw: RawReducer::new(kernel.raw())?, kernel: kernel.clone(), poisoned: false })
    }

    /// The next rows. Columns of one parameter have one type over all batches, and a scalar keeps its value.
    pub fn batch(&mut self) -> Batch<'_> {
        let Reducer { raw, kernel, poisoned } = self;
        Batch { raw, poisoned, kernel, inputs: Vec::new(), rows: None, run: RunOptions::new() }
    }

    /// The outputs for everything fed so far. Feeding may go on. Fails if a panic ended a [`feed`](Batch::feed).
    pub fn finish<R: Returns>(&mut self) -> Result<R> {
        let Reducer { raw, kernel, poisoned } = self;
        sound(*poisoned)?;
        R::collect(|outs| kernel.guard(|_| raw.finish(outs)))
    }
}

impl fmt::Debug for Reducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reducer({})", self.kernel.signature())
    }
}

/// Some rows of a [`Reducer`]: an input or scalar per parameter, then [`feed`](Batch::feed).
#[must_use = "nothing is reduced before feed()"]
pub struct Batch<'a> {
    raw: &'a mut RawReducer,
    poisoned: &'a mut bool,
    kernel: &'a Kernel,
    inputs: Vec<Column<'a>>,
    rows: Option<usize>,
    run: RunOptions<'a>,
}

impl<'a> Batch<'a> {
    input_methods!('a);

    /// Feeds them. After a failure the reducer is as before, and [`Error::row`](crate::Error::row) counts from the first batch on.
    /// After a panic (of a closure, or of an executor) it is of no use any more: feeding and finishing it fail.
    pub fn feed(self) -> Result<()> {
        sound(*self.poisoned)?;
        let rows = common_rows(self.kernel, &self.inputs, self.rows)?.unwrap_or(1);
        let Batch { raw, poisoned, kernel, inputs, run, .. } = self;
        *poisoned = true; // until it returns
        let fed = kernel.guard(|_| raw.feed(&run, &inputs, rows));
        *poisoned = false;
        fed
    }
}

impl fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} inputs of {})", self.inputs.len(), self.kernel.signature())
    }
}
