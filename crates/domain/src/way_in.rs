//! Ways in that are handed out.

use crate::words::words;

words! {
    /// What a welcome (a link, two words, or both) is for.
    pub enum WelcomeKind {
        /// Asks a friend to join; by mail, with words said by the carer.
        Invitation = "invitation",
        /// Printed by the coordinator; starts a circle for the family's first carer.
        Card = "card",
        /// Shown by the carer for the patient's own tablet.
        Tablet = "tablet",
        /// New words for a further device of somebody who is in already, told by the carer.
        Device = "device",
        /// The same, made by themselves on a device of theirs: nobody else has seen them.
        OwnDevice = "own_device",
        /// One-time device code for staff.
        Staff = "staff",
    }
}
