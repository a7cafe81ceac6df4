//! Addresses at which nothing arrives, and people whom no e-mail reaches.

use crate::time::Timestamp;
use crate::words::words;

words! {
    /// By what we learnt that mail to an address comes back.
    pub enum LearntBy {
        /// The mail server's answer when a mail was handed over: no such mailbox.
        Reply = "reply",
        /// A report that came later (RFC 3464).
        Report = "report",
    }
}

words! {
    /// Why no e-mail of ours reaches somebody: of several reasons the first.
    pub enum Unreached {
        /// There is no address.
        NoAddress = "no_address",
        /// They typed an address, and nobody has shown yet that they read mail there.
        NotProved = "not_proved",
        /// They want no e-mail at all.
        Stopped = "stopped",
        /// What is sent comes back.
        ComesBack = "comes_back",
    }
}

/// The mark on an address to which mail comes back. While it stands nothing is sent there but
/// sign-in codes: each of them tries the address anew, and one that is used ends the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComesBack {
    /// Since when.
    pub since: Timestamp,
    /// By what we know.
    pub by: LearntBy,
}
