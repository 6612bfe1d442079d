// SPDX-License-Identifier: MIT OR Apache-2.0

//! Reductions over more rows than memory holds.

use std::fmt;

use crate::columns::{common_rows, input_methods};
use crate::ffi::column::Column;
use crate::ffi::reducer::RawReducer;
use crate::{Kernel, Result, Returns, RunOptions};

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
}

impl Reducer {
    pub(crate) fn new(kernel: &Kernel) -> Result<Reducer> {
        Ok(Reducer { raw: RawReducer::new(kernel.raw())?, kernel: kernel.clone() })
    }

    /// The next rows. Columns of one parameter have one type over all batches, and a scalar keeps its value.
    pub fn batch(&mut self) -> Batch<'_> {
        Batch { raw: &mut self.raw, kernel: &self.kernel, inputs: Vec::new(), rows: None, run: RunOptions::new() }
    }

    /// The outputs for everything fed so far. Feeding may go on.
    pub fn finish<R: Returns>(&mut self) -> Result<R> {
        let Reducer { raw, kernel } = self;
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
    kernel: &'a Kernel,
    inputs: Vec<Column<'a>>,
    rows: Option<usize>,
    run: RunOptions<'a>,
}

impl<'a> Batch<'a> {
    input_methods!('a);

    /// Feeds them. After a failure the reducer is as before, and [`Error::row`](crate::Error::row) counts from the first batch on.
    pub fn feed(self) -> Result<()> {
        let rows = common_rows(self.kernel, &self.inputs, self.rows)?.unwrap_or(1);
        let Batch { raw, kernel, inputs, run, .. } = self;
        kernel.guard(|_| raw.feed(&run, &inputs, rows))
    }
}

impl fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} inputs of {})", self.inputs.len(), self.kernel.signature())
    }
}
