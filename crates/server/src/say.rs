//! Words for the person at the console. Everything else is logged.

use std::fmt::Display;
use std::io::Write as _;

/// A line on standard output. A closed pipe is nobody's loss.
pub(crate) fn line(text: impl Display) {
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

/// A line on standard error.
pub(crate) fn problem(text: impl Display) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// An error and what caused it, on one line.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
