//! What the fields of a mail are made of.

use jiff::civil::{Date, DateTime};
use kith_domain::TaskKind;

/// The name under which a circle goes in mails: "Heron".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatureName(String);

/// The text is no nature name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a nature name is 1 to 24 letters, with spaces or hyphens between them")]
pub struct NatureNameError;

impl NatureName {
    /// Checks a nature name.
    pub fn parse(text: &str) -> Result<Self, NatureNameError> {
        let words = |c: char| c == ' ' || c == '-';
        let letters =
            text.split(words).all(|word| !word.is_empty() && word.chars().all(char::is_alphabetic));
        if letters && text.chars().count() <= 24 {
            Ok(Self(text.to_owned()))
        } else {
            Err(NatureNameError)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Kind and time of one slot, in the wall-clock time of the circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotTimes {
    /// What is asked.
    pub kind: TaskKind,
    /// When it starts.
    pub starts: DateTime,
    /// When it ends.
    pub ends: DateTime,
}

/// What a slot lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacks {
    /// Nobody has taken it.
    Everybody,
    /// Somebody has, and more are needed.
    More,
    /// Whoever has taken it wants cover, and nobody has taken over.
    Cover,
}

impl Lacks {
    /// One word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::More => "more",
            Self::Cover => "cover",
        }
    }
}

/// A slot that still needs somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Kind and time.
    pub slot: SlotTimes,
    /// What it lacks.
    pub lacks: Lacks,
    /// Somebody has to come.
    pub must: bool,
}

/// What being named brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedAs {
    /// The person is in the circle now.
    YouAreIn,
    /// The person may see more than before.
    MaySeeMore,
}

/// What a quiet mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuietAbout {
    /// There is something on that day.
    Something,
    /// Something on that day has changed or is cancelled.
    Change,
    /// Whether the person could do something on that day, or at another time than was promised.
    Question,
    /// Something on that day that needs whoever is in charge.
    PleaseLook,
}

/// One promise in a mail that says several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DigestItem {
    /// Kind and time.
    Task {
        /// Kind and time.
        slot: SlotTimes,
        /// The circle that it is for.
        circle: NatureName,
    },
    /// Something on that day, of a circle that wants quiet mail.
    Day(Date),
}

impl DigestItem {
    pub(super) fn date(&self) -> Date {
        match self {
            Self::Task { slot, .. } => slot.starts.date(),
            Self::Day(day) => *day,
        }
    }
}

/// How the service is, in figures that say nothing of anybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Mails that the relay took in the last 24 hours.
    pub sent: u32,
    /// Mails that are still to leave.
    pub waiting: u32,
    /// Those of them that could not leave when they were due.
    pub put_off: u32,
    /// Mails of the last 24 hours that did not leave, or came too late to be of use.
    pub given_up: u32,
    /// Addresses at which nothing arrives.
    pub unreached: u32,
    /// Since when the oldest mail is due that has not left, by the wall clock.
    pub oldest_due: Option<DateTime>,
    /// When it was last looked at what is due, by the wall clock.
    pub last_tick: Option<DateTime>,
}
