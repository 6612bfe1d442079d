// SPDX-License-Identifier: MIT OR Apache-2.0

//! Columns in, columns out.

use std::fmt;

use crate::ffi::column::{Column, Length};
use crate::{Element, Error, Kernel, Result, RunOptions, Status};

/// The input methods, the same for [`Eval`] and [`Batch`](crate::Batch).
macro_rules! input_methods {
    ($lifetime:lifetime) => {
        /// The next parameter, one element per row. Its type has to convert to the parameter's without loss.
        pub fn input<T: crate::Element>(mut self, data: &$lifetime [T]) -> Self {
            self.inputs.push(crate::ffi::column::Column::input(data));
            self
        }

        /// The next parameter: every `step`-th element, beginning with the first: a channel of an image, a column of a
        /// row-major table.
        ///
        /// ```
        /// let rgb = [10u8, 20, 30, 11, 21, 31];
        /// let mut green = [0i32; 2];
        /// exprjit::compile("x")?.eval().input_every(&rgb[1..], 3).output(&mut green).run().unwrap_err(); // f64 does not fit i32
        /// let kernel = exprjit::Engine::shared().compile_with("g + 1", &exprjit::CompileOptions::new().param::<u8>("g"))?;
        /// kernel.eval().input_every(&rgb[1..], 3).output(&mut green).run()?;
        /// assert_eq!(green, [21, 22]);
        /// # Ok::<(), exprjit::Error>(())
        /// ```
        pub fn input_every<T: crate::Element>(mut self, data: &$lifetime [T], step: usize) -> Self {
            self.inputs.push(crate::ffi::column::Column::input_every(data, step));
            self
        }

        /// The next parameter with a validity bitmap as Arrow's: bit i is 1 where row i is valid
        /// ([`pack_validity`](crate::pack_validity) makes one).
        pub fn input_nullable<T: crate::Element>(self, data: &$lifetime [T], valid: &$lifetime [u8]) -> Self {
            self.input_nullable_at(data, valid, 0)
        }

        /// The same for a bitmap whose bit `offset` belongs to row 0.
        pub fn input_nullable_at<T: crate::Element>(
            mut self,
            data: &$lifetime [T],
            valid: &$lifetime [u8],
            offset: usize,
        ) -> Self {
            self.inputs.push(crate::ffi::column::Column::input(data).valid(valid, offset));
            self
        }

        /// The next parameter, one value for all rows.
        pub fn scalar<T: crate::Element>(mut self, value: T) -> Self {
            self.inputs.push(crate::ffi::column::Column::scalar(value));
            self
        }

        /// The number of rows, where every input is a scalar and nothing else tells.
        pub fn rows(mut self, rows: usize) -> Self {
            self.rows = Some(rows);
            self
        }

        /// Up to so many threads of the library's own pool. Every bit of every result is the same.
        pub fn threads(mut self, threads: usize) -> Self {
            self.run = self.run.threads(threads);
            self
        }

        /// Ends with [`Status::Cancelled`](crate::Status::Cancelled) soon after the token is cancelled.
        pub fn cancel(mut self, token: &$lifetime crate::CancelToken) -> Self {
            self.run = self.run.cancel(token);
            self
        }

        /// The host's threads instead of the library's own.
        pub fn executor(mut self, executor: &$lifetime dyn crate::Executor) -> Self {
            self.run = self.run.executor(executor);
            self
        }

        /// Threads and cancellation, all at once.
        pub fn options(mut self, run: &crate::RunOptions<$lifetime>) -> Self {
            self.run = *run;
            self
        }
    };
}
pub(crate) use input_methods;

/// One evaluation over columns: an input or scalar per parameter and an output per output, in order, then
/// [`run`](Eval::run), [`select`](Eval::select), [`filter`](Eval::filter) or [`run_selected`](Eval::run_selected).
///
/// Element types are `bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64` and [`F16`](crate::F16); they convert where nothing is lost.
/// All columns have one length; scalars are for all rows.
///
/// ```
/// let kernel = exprjit::compile("s = x*x + k; total = sum(x)")?;
/// let x = [1.0, 2.0, 3.0];
/// let (mut s, mut total) = ([0.0; 3], 0.0);
/// kernel.eval().input(&x).scalar(0.5).output(&mut s).output_one(&mut total).run()?;
/// assert_eq!((s, total), ([1.5, 4.5, 9.5], 6.0));
/// # Ok::<(), exprjit::Error>(())
/// ```
///
/// Outputs are borrowed exclusively, so that no output is an input or another output. The same slice twice:
///
/// ```compile_fail,E0499
/// # let kernel = exprjit::compile("a = x + 1; b = x - 1").unwrap();
/// # let x = [1.0, 2.0];
/// let mut y = [0.0; 2];
/// kernel.eval().input(&x).output(&mut y).output(&mut y).run();
/// ```
///
/// An output that is an input ([`in_place`](Eval::in_place) is the way to mean that):
///
/// ```compile_fail,E0502
/// # let kernel = exprjit::compile("x + 1").unwrap();
/// let mut x = [1.0, 2.0];
/// kernel.eval().input(&x).output(&mut x).run();
/// ```
///
/// A column that is gone before the evaluation runs:
///
/// ```compile_fail,E0597
/// # let kernel = exprjit::compile("x + 1").unwrap();
/// let mut y = [0.0; 2];
/// let eval = {
///     let x = [1.0, 2.0];
///     kernel.eval().input(&x)
/// };
/// eval.output(&mut y).run();
/// ```
///
/// A type that is none of exprjit's:
///
/// ```compile_fail,E0277
/// # let kernel = exprjit::compile("x + 1").unwrap();
/// kernel.eval().input(&["text"]);
/// ```
#[must_use = "nothing is evaluated before run()"]
pub struct Eval<'a> {
    kernel: &'a Kernel,
    inputs: Vec<Column<'a>>,
    outputs: Vec<Column<'a>>,
    rows: Option<usize>,
    run: RunOptions<'a>,
}

impl<'a> Eval<'a> {
    pub(crate) fn new(kernel: &'a Kernel) -> Eval<'a> {
        Eval { kernel, inputs: Vec::new(), outputs: Vec::new(), rows: None, run: RunOptions::new() }
    }

    input_methods!('a);

    /// The next output, one element per row; of a reduction, a slice of one element.
    pub fn output<T: Element>(mut self, data: &'a mut [T]) -> Self {
        self.outputs.push(Column::output(data));
        self
    }

    /// The next output: every `step`-th element, beginning with the first.
    pub fn output_every<T: Element>(mut self, data: &'a mut [T], step: usize) -> Self {
        self.outputs.push(Column::output_every(data, step));
        self
    }

    /// The next output, which is one value: a reduction, or the same for all rows of this call.
    pub fn output_one<T: Element>(mut self, value: &'a mut T) -> Self {
        self.outputs.push(Column::output_one(value));
        self
    }

    /// The next output with a validity bitmap, which it needs where an input has one and the output can be null. The value
    /// of a null row is unspecified.
    ///
    /// ```
    /// use exprjit::{is_valid, pack_validity};
    /// let kernel = exprjit::compile("x + 1")?;
    /// let valid = pack_validity([true, false, true]);
    /// let (mut y, mut y_valid) = ([0.0; 3], [0u8]);
    /// kernel.eval().input_nullable(&[1.0, 2.0, 3.0], &valid).output_nullable(&mut y, &mut y_valid).run()?;
    /// assert_eq!((y[0], y[2]), (2.0, 4.0));
    /// assert!(!is_valid(&y_valid, 1));
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn output_nullable<T: Element>(self, data: &'a mut [T], valid: &'a mut [u8]) -> Self {
        self.output_nullable_at(data, valid, 0)
    }

    /// The same for a bitmap whose bit `offset` belongs to row 0. Bits outside the rows are kept.
    pub fn output_nullable_at<T: Element>(mut self, data: &'a mut [T], valid: &'a mut [u8], offset: usize) -> Self {
        self.outputs.push(Column::output(data).valid_mut(valid, offset));
        self
    }

    /// The next parameter and the next output are the same slice.
    ///
    /// ```
    /// let mut x = [1.0, 2.0, 3.0];
    /// exprjit::compile("x*x")?.eval().in_place(&mut x).run()?;
    /// assert_eq!(x, [1.0, 4.0, 9.0]);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn in_place<T: Element>(mut self, data: &'a mut [T]) -> Self {
        let (input, output) = Column::in_place(data);
        self.inputs.push(input);
        self.outputs.push(output);
        self
    }

    /// Evaluates. On a failure the contents of the outputs are unspecified, and [`Error::row`] tells the lowest failing row.
    pub fn run(mut self) -> Result<()> {
        let rows = self.count_rows(true)?;
        self.check_outputs(rows, "rows")?;
        self.kernel.guard(|raw| raw.eval(&self.run, &self.inputs, &self.outputs, rows))
    }

    /// The rows where the kernel's one output, a bool, is true (and not null), ascending.
    ///
    /// ```
    /// let kernel = exprjit::compile("x > 1")?;
    /// assert_eq!(kernel.eval().input(&[2.0, 0.0, 3.0]).select()?, [0, 2]);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn select(self) -> Result<Vec<i64>> {
        let rows = self.count_rows(false)?;
        // Asked for first, because vec! ends the process where there is not enough; vec! because it need not write the zeros.
        Vec::<i64>::new().try_reserve_exact(rows).map_err(|_| {
            Error::new(
                Status::NoMemory,
                format!("no memory for the indices of {rows} rows, all of which may be selected"),
            )
        })?;
        let mut indices = vec![0; rows];
        let count = self.select_into(&mut indices)?;
        indices.truncate(count);
        Ok(indices)
    }

    /// The same into a slice with room for every row; returns how many there are.
    pub fn select_into(self, indices: &mut [i64]) -> Result<usize> {
        if !self.outputs.is_empty() {
            return Err(Error::invalid("select has no output columns: the selected rows are its result"));
        }
        let rows = self.count_rows(false)?;
        self.kernel.guard(|raw| raw.select(&self.run, &self.inputs, rows, indices))
    }

    /// The rows a condition keeps, next to each other; returns how many. The kernel's first output is the condition; each
    /// further output has a column here, with room for every row.
    ///
    /// ```
    /// let kernel = exprjit::compile("keep = x > 0; y = sqrt(x)")?;
    /// let mut y = [0.0; 3];
    /// let kept = kernel.eval().input(&[4.0, -1.0, 9.0]).output(&mut y).filter()?;
    /// assert_eq!(&y[..kept], [2.0, 3.0]);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn filter(self) -> Result<usize> {
        let rows = self.count_rows(false)?;
        for (index, output) in self.outputs.iter().enumerate() {
            if output.has_step_zero() {
                return Err(step_zero(&format!("filter: column {index}"), ""));
            }
            match output.length {
                Length::Rows(length) if length >= rows => {}
                _ => return Err(Error::invalid(format!("filter: column {index} needs room for every row ({rows})"))),
            }
        }
        self.kernel.guard(|raw| raw.filter(&self.run, &self.inputs, &self.outputs, rows))
    }

    /// Evaluates for selected rows only: element k of every output belongs to row `indices[k]` of the inputs, and reductions
    /// are over the selected rows.
    ///
    /// ```
    /// let kernel = exprjit::compile("x*10")?;
    /// let mut y = [0.0; 2];
    /// kernel.eval().input(&[1.0, 2.0, 3.0]).output(&mut y).run_selected(&[2, 0])?;
    /// assert_eq!(y, [30.0, 10.0]);
    /// # Ok::<(), exprjit::Error>(())
    /// ```
    pub fn run_selected(mut self, indices: &[i64]) -> Result<()> {
        let rows = self.count_rows(false)?;
        self.check_outputs(indices.len(), "indices")?;
        self.kernel.guard(|raw| raw.eval_selected(&self.run, &self.inputs, rows, indices, &self.outputs))
    }

    /// The common length of the input columns; without any, of the first output column where those count.
    fn count_rows(&self, outputs_count: bool) -> Result<usize> {
        let rows = common_rows(self.kernel, &self.inputs, self.rows)?;
        let reduced = |index: usize| self.kernel.raw().output_is_reduced(index);
        let from_outputs = || {
            let columns = self.outputs.iter().enumerate().filter(|(index, _)| outputs_count && !reduced(*index));
            columns.map(|(_, column)| column.length).find_map(|length| match length {
                Length::Rows(rows) => Some(rows),
                Length::One => None,
            })
        };
        if let Some(rows) = rows.or_else(from_outputs) {
            return Ok(rows);
        }
        // Nothing but single values: one row.
        Ok(1)
    }

    /// Every output has one element per row, or is one value.
    fn check_outputs(&mut self, rows: usize, units: &str) -> Result<()> {
        for index in 0..self.outputs.len().min(self.kernel.raw().output_count()) {
            let length = match self.outputs[index].length {
                Length::One => continue,
                Length::Rows(length) => length,
            };
            if self.outputs[index].has_step_zero() {
                let output = self.kernel.output_at(index)?;
                let column = format!("output {index}{}", named(&output.name));
                return Err(step_zero(&column, ", and output_one(&mut value) takes one value for all rows"));
            }
            let reduced = self.kernel.raw().output_is_reduced(index);
            if reduced && length == 1 {
                self.outputs[index].length = Length::One;
            } else if reduced {
                let output = self.kernel.output_at(index)?;
                return Err(Error::invalid(format!(
                    "output {index}{} is reduced to one value, but its column has {length} elements; use output_one(&mut value)",
                    named(&output.name)
                )));
            } else if length != rows {
                let output = self.kernel.output_at(index)?;
                return Err(Error::invalid(format!(
                    "output {index}{} has {length} elements for {rows} {units}; it needs one for each",
                    named(&output.name)
                )));
            }
        }
        Ok(())
    }
}

fn named(name: &str) -> String {
    if name.is_empty() {
        return String::new();
    }
    format!(" ({name})")
}

fn step_zero(column: &str, instead: &str) -> Error {
    Error::invalid(format!("{column} is every 0th element of a slice; the step is at least 1{instead}"))
}

/// The length all input columns share, which is `asked` where that is said; `None` if there are only scalars.
pub(crate) fn common_rows(kernel: &Kernel, inputs: &[Column<'_>], asked: Option<usize>) -> Result<Option<usize>> {
    let describe = |index: usize| {
        let param = kernel.raw().param(index);
        format!("input {index}{}", named(param.as_ref().map_or("", |param| &param.name)))
    };
    let mut first: Option<(usize, usize)> = None;
    for (index, column) in inputs.iter().enumerate() {
        let length = match column.length {
            Length::Rows(length) => length,
            Length::One => continue,
        };
        if column.has_step_zero() {
            return Err(step_zero(&describe(index), ", and scalar(value) is one value for all rows"));
        }
        match (first, asked) {
            (_, Some(rows)) if rows != length => {
                return Err(Error::invalid(format!(
                    "{} has {length} elements, but rows({rows}) was asked for",
                    describe(index)
                )));
            }
            (Some((other, rows)), _) if rows != length => {
                return Err(Error::invalid(format!(
                    "{} has {length} elements, but {} has {rows}; columns have one length, and scalar(value) is one value for \
                     all rows",
                    describe(index),
                    describe(other)
                )));
            }
            _ => first = first.or(Some((index, length))),
        }
    }
    Ok(asked.or(first.map(|(_, rows)| rows)))
}

impl fmt::Debug for Eval<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Eval({:?}, {} inputs, {} outputs)", self.kernel, self.inputs.len(), self.outputs.len())
    }
}
