//! What must never come back once it has ended, not even with an old copy of the database.

use crate::access::CircleState;
use crate::claim::ClaimEnd;
use crate::words::words;

words! {
    /// What ended.
    pub enum EndingKind {
        /// Somebody's place in a circle.
        Membership = "membership",
        /// What a member was allowed to see.
        Grant = "grant",
        /// The trust in a device.
        Device = "device",
        /// The keys of a circle: what they sealed is gone.
        Keys = "keys",
        /// One version of a text.
        Text = "text",
        /// That an address may be named in a circle; which it is, in the form in which it is looked
        /// for, is said with it.
        Naming = "naming",
        /// A promise that was given back, or taken from somebody; how it ended is said with it.
        Claim = "claim",
        /// A time of a task that was taken off.
        Slot = "slot",
        /// What somebody did each time that it came.
        Standing = "standing",
        /// The state that a circle came into; which is said with it.
        CircleState = "circle_state",
        /// Whether a person gets mails, on or off.
        Mail = "mail",
        /// Whether the mails of a circle leave out what they can, on or off.
        Quiet = "quiet",
        /// Whether a task tells the address, on or off.
        TellsAddress = "tells_address",
        /// Whether a task tells whom to call, on or off.
        TellsHelp = "tells_help",
        /// Whether a task tells how to come in, on or off.
        TellsEntry = "tells_entry",
        /// Whether a task goes on, on or off.
        Task = "task",
    }
}

/// Letters of an address in the form in which it is looked for: 16 bytes, two letters each.
const INDEX_LETTERS: usize = 32;

impl EndingKind {
    /// The word for a switch.
    pub const fn switch(on: bool) -> &'static str {
        if on { "on" } else { "off" }
    }

    /// Whether `more` is what is said with an ending of this kind, whole.
    pub fn goes_with(self, more: Option<&str>) -> bool {
        use EndingKind as K;
        match (self, more) {
            (K::CircleState, Some(word)) => word.parse::<CircleState>().is_ok(),
            (
                K::Mail | K::Quiet | K::TellsAddress | K::TellsHelp | K::TellsEntry | K::Task,
                Some(word),
            ) => word == Self::switch(true) || word == Self::switch(false),
            (K::Claim, Some(word)) => word.parse::<ClaimEnd>().is_ok(),
            (K::Naming, Some(index)) => {
                index.len() == INDEX_LETTERS && index.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            (
                K::Membership | K::Grant | K::Device | K::Keys | K::Text | K::Slot | K::Standing,
                None,
            ) => true,
            _ => false,
        }
    }

    /// How much is closed by this word, more for a higher number, of what can be closed and opened
    /// again. `None` for what ends once and for all.
    pub fn closes(self, more: Option<&str>) -> Option<u8> {
        use EndingKind as K;
        let is = |on: bool| u8::from(more == Some(Self::switch(on)));
        match self {
            K::CircleState => {
                Some(more.and_then(|word| word.parse().ok()).map_or(0, closed_by_state))
            }
            K::Mail | K::TellsAddress | K::TellsHelp | K::TellsEntry | K::Task => Some(is(false)),
            K::Quiet => Some(is(true)),
            _ => None,
        }
    }
}

const fn closed_by_state(state: CircleState) -> u8 {
    use CircleState as S;
    match state {
        S::NoCircle | S::Forming | S::Active => 0,
        S::Paused => 1,
        S::Ending => 2,
        S::Remembering => 3,
        S::Frozen => 4,
        S::Restricted => 5,
        S::Erased => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_says_what_it_has_to_say_and_no_more() {
        let index = "0123456789abcdef".repeat(2);
        let words = [None, Some("on"), Some("frozen"), Some("covered"), Some(index.as_str())];
        for kind in EndingKind::ALL {
            let fit = words.iter().filter(|word| kind.goes_with(**word)).count();
            assert_eq!(fit, 1, "{kind}");
            for cut in ["o", "of", "froze", "cover", &index[..31], "", "x"] {
                assert!(!kind.goes_with(Some(cut)), "{kind} {cut}");
            }
        }
    }

    #[test]
    fn what_closes_more_is_more() {
        for (kind, more, less) in [
            (EndingKind::CircleState, "frozen", "paused"),
            (EndingKind::CircleState, "erased", "frozen"),
            (EndingKind::CircleState, "paused", "active"),
            (EndingKind::Mail, "off", "on"),
            (EndingKind::Quiet, "on", "off"),
            (EndingKind::TellsAddress, "off", "on"),
            (EndingKind::TellsHelp, "off", "on"),
            (EndingKind::TellsEntry, "off", "on"),
            (EndingKind::Task, "off", "on"),
        ] {
            assert!(kind.closes(Some(more)) > kind.closes(Some(less)), "{kind}");
        }
        assert_eq!(EndingKind::Grant.closes(None), None);
    }
}
