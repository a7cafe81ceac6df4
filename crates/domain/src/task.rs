//! What is asked: kinds of task, places, and what a task tells whoever takes it.

use crate::access::Category;
use crate::category_set::CategorySet;
use crate::words::words;

words! {
    /// What kind of help is asked for.
    pub enum TaskKind {
        /// Shopping.
        Shopping = "shopping",
        /// A visit.
        Visit = "visit",
        /// A meal.
        Meal = "meal",
        /// A lift.
        Lift = "lift",
        /// Sitting with her in the evening.
        Evening = "evening",
        /// Walking the dog.
        DogWalk = "dog_walk",
        /// A call or a hello.
        Call = "call",
        /// Going out together: the park, the seaside.
        Outing = "outing",
        /// Bringing or reading the newspaper.
        Newspaper = "newspaper",
        /// Help with the internet.
        Internet = "internet",
        /// A back home box.
        BoxDelivery = "box_delivery",
        /// Arranged already (the nurse comes).
        Arranged = "arranged",
        /// Something else.
        Other = "other",
    }
}

impl TaskKind {
    /// Whether people are asked to do it. What is arranged already only stands in the week.
    pub const fn needs_somebody(self) -> bool {
        !matches!(self, Self::Arranged)
    }

    /// How long it is taken to last, in minutes, when nobody says.
    pub const fn default_minutes(self) -> u16 {
        match self {
            Self::Call => 15,
            Self::Newspaper | Self::BoxDelivery | Self::Meal => 30,
            Self::DogWalk | Self::Internet | Self::Visit | Self::Arranged | Self::Other => 60,
            Self::Shopping | Self::Lift => 90,
            Self::Outing => 120,
            Self::Evening => 180,
        }
    }
}

/// How many people a slot needs: 1 to 9, or nobody for what is arranged already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Places(u8);

/// A number of places that this kind of task cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("places are 1 to 9, or 0 for what is arranged already")]
pub struct PlacesError;

impl Places {
    /// Nobody is needed.
    pub const NOBODY: Self = Self(0);
    /// One person.
    pub const ONE: Self = Self(1);
    /// The most a slot may have.
    pub const MOST: u8 = 9;

    /// Checks a number of places for a kind of task.
    pub const fn new(places: u8, kind: TaskKind) -> Result<Self, PlacesError> {
        match (kind.needs_somebody(), places) {
            (true, 1..=Self::MOST) | (false, 0) => Ok(Self(places)),
            _ => Err(PlacesError),
        }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// What a task discloses, in its window, to whoever takes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Disclosure {
    /// Where the patient lives.
    pub address: bool,
    /// Who to call, and the number to ring from the door.
    pub help: bool,
    /// How to get in.
    pub entry: bool,
}

impl Disclosure {
    /// Discloses nothing.
    pub const NONE: Self = Self { address: false, help: false, entry: false };

    /// The categories it opens.
    pub const fn categories(self) -> CategorySet {
        let mut set = CategorySet::EMPTY;
        if self.address {
            set = set.with(Category::Address);
        }
        if self.help {
            set = set.with(Category::Help);
        }
        if self.entry {
            set = set.with(Category::Entry);
        }
        set
    }
}

words! {
    /// What follows when nobody takes it.
    pub enum IfNobody {
        /// That is fine.
        Fine = "fine",
        /// Tell the carer.
        TellMe = "tell_me",
        /// It must happen: the hospice is asked too.
        Must = "must",
    }
}

words! {
    /// Part of the day, for people who do not plan by the clock.
    pub enum DayPart {
        /// Before noon.
        Morning = "morning",
        /// From noon until 5pm.
        Afternoon = "afternoon",
        /// From 5pm.
        Evening = "evening",
    }
}

words! {
    /// A stretch of the day within which it does not matter when.
    pub enum Within {
        /// From 8am to noon.
        Morning = "morning",
        /// From noon to 5pm.
        Afternoon = "afternoon",
        /// From 5pm to 9pm.
        Evening = "evening",
        /// From 8am to 8pm.
        Day = "day",
    }
}

impl Within {
    /// Its wall-clock start, and its length in minutes.
    pub const fn span(self) -> (jiff::civil::Time, u16) {
        let (hour, hours) = match self {
            Self::Morning => (8, 4),
            Self::Afternoon => (12, 5),
            Self::Evening => (17, 4),
            Self::Day => (8, 12),
        };
        (jiff::civil::time(hour, 0, 0, 0), hours * 60)
    }

    /// The stretch that these times are, if they are one.
    pub fn of(start: jiff::civil::Time, minutes: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|within| within.span() == (start, minutes))
    }
}

impl DayPart {
    /// The part of the day in which `time` falls.
    pub fn of(time: jiff::civil::Time) -> Self {
        match time.hour() {
            ..12 => Self::Morning,
            12..17 => Self::Afternoon,
            _ => Self::Evening,
        }
    }

    /// When a task starts for which only the part of the day was chosen.
    pub const fn default_start(self) -> jiff::civil::Time {
        let hour = match self {
            Self::Morning => 10,
            Self::Afternoon => 14,
            Self::Evening => 18,
        };
        jiff::civil::time(hour, 0, 0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_arranged_needs_nobody() {
        for kind in TaskKind::ALL {
            let arranged = *kind == TaskKind::Arranged;
            assert_eq!(kind.needs_somebody(), !arranged);
            assert_eq!(Places::new(0, *kind).is_ok(), arranged);
            assert_eq!(Places::new(1, *kind).is_ok(), !arranged);
            assert_eq!(Places::new(9, *kind).is_ok(), !arranged);
            assert!(Places::new(10, *kind).is_err());
            assert!((15..=1440).contains(&kind.default_minutes()));
        }
    }

    #[test]
    fn disclosure_opens_what_it_says() {
        assert!(Disclosure::NONE.categories().is_empty());
        let all = Disclosure { address: true, help: true, entry: true };
        let categories = [Category::Address, Category::Help, Category::Entry];
        assert_eq!(all.categories(), CategorySet::of(&categories));
        let entry = Disclosure { entry: true, ..Disclosure::NONE };
        assert_eq!(entry.categories(), CategorySet::of(&[Category::Entry]));
    }

    #[test]
    fn parts_of_the_day_begin_at_noon_and_at_five() {
        let part = |hour, minute| DayPart::of(jiff::civil::time(hour, minute, 0, 0));
        assert_eq!(part(0, 0), DayPart::Morning);
        assert_eq!(part(11, 59), DayPart::Morning);
        assert_eq!(part(12, 0), DayPart::Afternoon);
        assert_eq!(part(16, 59), DayPart::Afternoon);
        assert_eq!(part(17, 0), DayPart::Evening);
        for part in DayPart::ALL {
            assert_eq!(DayPart::of(part.default_start()), *part);
        }
    }
}
