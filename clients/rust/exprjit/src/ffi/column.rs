// SPDX-License-Identifier: MIT OR Apache-2.0

//! Slices as `ej_column`s, which remember their length and their borrow.

use std::marker::PhantomData;
use std::os::raw::c_void;
use std::ptr;

use exprjit_sys as sys;

use super::kernel::RawKernel;
use crate::{Element, Error, Result};

/// How many elements a column has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Length {
    /// One per row.
    Rows(usize),
    /// One for all rows.
    One,
}

/// A column of elements that are borrowed for `'a`: shared as an input, exclusively as an output.
pub struct Column<'a> {
    raw: sys::ej_column,
    /// The element itself where the column is a scalar by value; `raw.data` is set when the column is used.
    inline: Option<u64>,
    pub length: Length,
    /// Bits of the bitmap from row 0 on.
    bits: Option<usize>,
    /// The data of an in-place pair is borrowed once for both.
    borrow: PhantomData<&'a mut [u8]>,
}

fn raw<T: Element>(data: *const T, step: usize) -> sys::ej_column {
    let stride = std::mem::size_of::<T>().checked_mul(step).and_then(|bytes| i64::try_from(bytes).ok());
    let stride = stride.expect("within a slice, whose bytes an isize counts");
    sys::ej_column {
        data: data as *mut c_void,
        stride,
        dtype: T::DTYPE as i32,
        reserved: 0,
        validity: ptr::null_mut(),
        validity_offset: 0,
    }
}

impl<'a> Column<'a> {
    fn new(raw: sys::ej_column, length: Length) -> Column<'a> {
        Column { raw, inline: None, length, bits: None, borrow: PhantomData }
    }

    pub fn input<T: Element>(data: &'a [T]) -> Column<'a> {
        Column::new(raw(data.as_ptr(), 1), Length::Rows(data.len()))
    }

    /// Every `step`-th element, from the first on. A step of 0 is refused when the column is used.
    pub fn input_every<T: Element>(data: &'a [T], step: usize) -> Column<'a> {
        let step = within(data.len(), step);
        Column::new(raw(data.as_ptr(), step), Length::Rows(rows_of(data.len(), step)))
    }

    pub fn scalar<T: Element>(value: T) -> Column<'a> {
        let mut bits = 0u64;
        // SAFETY: an Element has at most 8 bytes, all of them initialised, and `bits` is 8 bytes of its own.
        unsafe {
            ptr::copy_nonoverlapping(
                &value as *const T as *const u8,
                &mut bits as *mut u64 as *mut u8,
                std::mem::size_of::<T>(),
            )
        };
        Column { inline: Some(bits), ..Column::new(raw::<T>(ptr::null(), 0), Length::One) }
    }

    pub fn output<T: Element>(data: &'a mut [T]) -> Column<'a> {
        Column::new(raw(data.as_mut_ptr(), 1), Length::Rows(data.len()))
    }

    pub fn output_every<T: Element>(data: &'a mut [T], step: usize) -> Column<'a> {
        let step = within(data.len(), step);
        Column::new(raw(data.as_mut_ptr(), step), Length::Rows(rows_of(data.len(), step)))
    }

    pub fn output_one<T: Element>(data: &'a mut T) -> Column<'a> {
        Column::new(raw(data as *mut T, 0), Length::One)
    }

    /// The same elements as an input and as an output: exactly one place, which the library allows.
    pub fn in_place<T: Element>(data: &'a mut [T]) -> (Column<'a>, Column<'a>) {
        let raw = raw(data.as_mut_ptr(), 1);
        (Column::new(raw, Length::Rows(data.len())), Column::new(raw, Length::Rows(data.len())))
    }

    /// With the bitmap of an input.
    pub fn valid(mut self, bits: &'a [u8], offset: usize) -> Column<'a> {
        self.raw.validity = bits.as_ptr() as *mut u8;
        self.set_bits(bits.len(), offset);
        self
    }

    /// With the bitmap of an output.
    pub fn valid_mut(mut self, bits: &'a mut [u8], offset: usize) -> Column<'a> {
        self.raw.validity = bits.as_mut_ptr();
        self.set_bits(bits.len(), offset);
        self
    }

    fn set_bits(&mut self, bytes: usize, offset: usize) {
        self.raw.validity_offset = offset as i64;
        self.bits = Some(bytes.saturating_mul(8).saturating_sub(offset));
    }

    /// Every 0th element, which is no column; who has names for columns says so.
    pub fn has_step_zero(&self) -> bool {
        self.length != Length::One && self.raw.stride == 0
    }

    /// The C form for a call over `rows` rows, which the caller has compared with `length`; what a pointer could still
    /// reach beyond its slice is refused here.
    fn checked(&self, rows: usize) -> Result<sys::ej_column> {
        let mut raw = self.raw;
        match self.length {
            Length::Rows(length) if length < rows => {
                return Err(Error::invalid(format!("a column has {length} elements for {rows} rows")));
            }
            _ if self.has_step_zero() => {
                return Err(Error::invalid("a column of every 0th element: the step is at least 1"))
            }
            _ => {}
        }
        // A single element has a bit for each row too: the bitmap belongs to the rows. It has one where there are none.
        if let Some(bits) = self.bits.filter(|bits| *bits < rows.max(usize::from(self.length == Length::One))) {
            return Err(Error::invalid(format!(
                "a validity bitmap has {bits} bits from its offset on for {rows} rows"
            )));
        }
        if let Some(inline) = &self.inline {
            raw.data = inline as *const u64 as *mut c_void;
        }
        Ok(raw)
    }
}

/// A step past the end reaches the first element alone, however long it is.
fn within(length: usize, step: usize) -> usize {
    step.min(length.max(1))
}

/// `step` is within the length.
fn rows_of(length: usize, step: usize) -> usize {
    (length + step.saturating_sub(1)).checked_div(step).unwrap_or(0)
}

/// The columns in C's form. They point into `columns`, which stays borrowed.
pub fn checked(columns: &[Column<'_>], rows: usize) -> Result<Vec<sys::ej_column>> {
    columns.iter().map(|column| column.checked(rows)).collect()
}

/// The same for outputs, of which a reduced one is an element even of no rows. The first column is the kernel's output `first`.
pub fn checked_outputs(
    kernel: &RawKernel,
    first: usize,
    columns: &[Column<'_>],
    rows: usize,
) -> Result<Vec<sys::ej_column>> {
    for (index, column) in columns.iter().enumerate() {
        if column.length == Length::Rows(0) && kernel.output_is_reduced(first + index) {
            return Err(Error::invalid(format!(
                "output {index} is reduced to one value, and its column has no element"
            )));
        }
    }
    checked(columns, rows)
}

pub fn c_rows(rows: usize) -> Result<i64> {
    i64::try_from(rows).map_err(|_| Error::invalid("more rows than an i64 counts"))
}
