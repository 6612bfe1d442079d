// SPDX-License-Identifier: MIT OR Apache-2.0

//! What went wrong, where, and what to do about it.

use std::fmt;
use std::ops::Range;

use exprjit_sys as sys;

/// `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// The call itself is wrong: a count, a length, an unknown value; or IR text that parses but does not verify.
    InvalidArgument,
    /// The text cannot be parsed.
    Syntax,
    /// An unknown variable or function.
    Name,
    /// Operands, arguments or results of the wrong type.
    Type,
    /// A documented limit was reached; the message names it.
    Limit,
    /// Integer `//` or `%` by zero.
    DivideByZero,
    /// A value outside the operation's domain.
    Domain,
    /// A [`CancelToken`](crate::CancelToken) was cancelled.
    Cancelled,
    /// The thread's stack is nearly used up.
    Stack,
    /// The kernel has checks, long loops or calls, and so no plain function.
    NeedsContext,
    /// Valid, but not available in this build, on this CPU or in this version.
    Unsupported,
    /// No memory.
    NoMemory,
    /// A bug in exprjit; please report it with the text.
    Internal,
    /// A status of a newer library.
    Other(i32),
}

impl Status {
    pub(crate) fn from_raw(raw: i32) -> Status {
        match raw {
            sys::EJ_ERR_INVALID_ARGUMENT => Status::InvalidArgument,
            sys::EJ_ERR_SYNTAX => Status::Syntax,
            sys::EJ_ERR_NAME => Status::Name,
            sys::EJ_ERR_TYPE => Status::Type,
            sys::EJ_ERR_LIMIT => Status::Limit,
            sys::EJ_ERR_DIVIDE_BY_ZERO => Status::DivideByZero,
            sys::EJ_ERR_DOMAIN => Status::Domain,
            sys::EJ_ERR_CANCELLED => Status::Cancelled,
            sys::EJ_ERR_STACK => Status::Stack,
            sys::EJ_ERR_NEEDS_CONTEXT => Status::NeedsContext,
            sys::EJ_ERR_UNSUPPORTED => Status::Unsupported,
            sys::EJ_ERR_NO_MEMORY => Status::NoMemory,
            sys::EJ_ERR_INTERNAL => Status::Internal,
            other => Status::Other(other),
        }
    }
}

/// One finding in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Stable, e.g. 1203, shown as EJ1203.
    pub code: i32,
    /// The kind.
    pub status: Status,
    /// One line.
    pub message: String,
    /// What to do about it; empty if there is nothing to say.
    pub hint: String,
    /// Bytes of the text, which `&text[span]` cuts out; empty at an insertion point.
    pub span: Range<usize>,
    /// From 1; `None` for a diagnostic without a position.
    pub line: Option<u32>,
    /// From 1, in characters; `None` for a diagnostic without a position.
    pub column: Option<u32>,
}

/// Why a call failed: a status, one or more diagnostics with byte spans, and for columns the row. Displayed, it is the text
/// with a caret under the place, in several lines; [`Error::message`] is one line.
///
/// ```
/// use exprjit::Status;
/// let text = "1 + sqrt(";
/// let error = exprjit::compile(text).unwrap_err();
/// assert_eq!(error.status(), Status::Syntax);
/// assert!(error.to_string().contains('^'));
///
/// let kernel = exprjit::Engine::shared()
///     .compile_with("a // b", &exprjit::CompileOptions::new().param::<i64>("a").param::<i64>("b"))?;
/// let mut out = [0i64; 3];
/// let error = kernel.eval().scalar(7i64).input(&[1i64, 2, 0]).output(&mut out).run().unwrap_err();
/// assert_eq!((error.status(), error.row()), (Status::DivideByZero, Some(2)));
/// # Ok::<(), exprjit::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>); // one word, so that Result<f64, Error> stays small

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    status: Status,
    rendered: String,
    diagnostics: Vec<Diagnostic>,
    row: Option<u64>,
}

impl Error {
    /// A mistake found on this side of the border.
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Error {
        let message = message.into();
        let rendered = format!("error: {message}");
        let (hint, span) = (String::new(), 0..0);
        let diagnostics = vec![Diagnostic { code: 0, status, message, hint, span, line: None, column: None }];
        Error(Box::new(Inner { status, rendered, diagnostics, row: None }))
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Error {
        Error::new(Status::InvalidArgument, message)
    }

    /// An error of the C library; `diagnostics` is not empty.
    pub(crate) fn from_parts(
        status: Status,
        rendered: String,
        diagnostics: Vec<Diagnostic>,
        row: Option<u64>,
    ) -> Error {
        Error(Box::new(Inner { status, rendered: rendered.trim_end().into(), diagnostics, row }))
    }

    /// The kind.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// The first diagnostic as one line without position.
    pub fn message(&self) -> &str {
        &self.0.diagnostics[0].message
    }

    /// Every diagnostic, in order of position; at least one.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.diagnostics
    }

    /// For a failure over columns, the lowest failing row.
    pub fn row(&self) -> Option<u64> {
        self.0.row
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.rendered)
    }
}

/// `unwrap` and a `main` that returns an error show this: the caret is worth more there than the fields, which `{:#?}` shows.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return write!(f, "{:?}\n{}", self.0.status, self.0.rendered);
        }
        let mut fields = f.debug_struct("Error");
        fields
            .field("status", &self.0.status)
            .field("diagnostics", &self.0.diagnostics)
            .field("row", &self.0.row)
            .finish()
    }
}

impl std::error::Error for Error {}
