//! What the tasks say to the person who runs them.

use std::io::Write as _;

/// Prints one line. A reader that went away is no reason to fail a check.
pub(crate) fn say(line: &str) {
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}
