//! Dated occurrences.

use crate::words::words;

words! {
    /// Whether a slot stands.
    pub enum SlotState {
        /// It stands.
        Open = "open",
        /// "This was cancelled. No need to go."
        Cancelled = "cancelled",
    }
}
