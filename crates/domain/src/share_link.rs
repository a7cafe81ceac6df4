//! The link that a carer sends by her own phone: whoever opens it asks to join, says two words to the
//! carer, and is named by her as everybody is.

use crate::words::words;

/// Days for which a share link counts.
pub const SHARE_LINK_DAYS: i64 = 14;
/// How many may ask by one share link.
pub const SHARE_LINK_ASKS: u32 = 20;
/// Days for which somebody who asked waits for the answer.
pub const JOIN_REQUEST_DAYS: i64 = 7;

words! {
    /// What became of an asking to join.
    pub enum JoinState {
        /// Nobody has answered yet.
        Waiting = "waiting",
        /// From an address that must not be let in. It looks like one that waits to whoever asked,
        /// and nobody else ever sees it.
        Unheard = "unheard",
        /// Named; the browser that asked may come in.
        Admitted = "admitted",
        /// No.
        Declined = "declined",
        /// Nobody answered in time.
        RanOut = "ran_out",
        /// The same form was sent again, and counts instead.
        Replaced = "replaced",
    }
}
