//! What must never come back once it has ended, not even with an old copy of the database.

use crate::words::words;

words! {
    /// What ended.
    pub enum EndingKind {
        /// Somebody's place in a circle.
        Membership = "membership",
        /// What a member was allowed to see.
        Grant = "grant",
        /// The state that a circle was in; the next is said with it.
        CircleState = "circle_state",
        /// The keys of a circle: what they sealed is gone.
        Keys = "keys",
        /// One version of a text.
        Text = "text",
        /// The trust in a device.
        Device = "device",
        /// A person's mails.
        Mail = "mail",
        /// That an address may be named in a circle; whose it is is said with it.
        Naming = "naming",
    }
}
