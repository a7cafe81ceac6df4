//! Whether and how a task comes again: every few days, on weekdays, by the month; until a day, a
//! number of times, or until somebody stops it.
//!
//! Days are counted in the calendar and never in hours, so that clock changes cannot shift them;
//! [`crate::LocalTimes::instants`] turns each day into instants. The patterns are those of RFC 5545
//! that a household means, and mean the same: a month that has no such day is left out (section
//! 3.3.10), and weeks begin on Monday.

mod dates;
mod english;
mod form;
mod left_out;
mod only_on;
mod print;
mod rrule;

use jiff::civil::{Date, Weekday};

pub use dates::Days;
pub(crate) use form::parse as parse_form;
pub use form::{Comes, OfMonth, RepeatInput};
pub use left_out::{LeftOut, LeftOutError};
pub use print::{two_letters, weekday};
pub use rrule::{RruleError, RruleStart};

/// How often a task comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// On its first day only.
    Once,
    /// Again and again.
    Again {
        /// On which days.
        pattern: Pattern,
        /// Until when.
        ends: Ends,
    },
}

/// The days on which a repeating task falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Every few days, counted from the first.
    Daily {
        /// Every how many days.
        every: Every,
    },
    /// On some weekdays. Weeks are counted from the one with the first day in it, from Monday.
    Weekly {
        /// Every how many weeks.
        every: Every,
        /// On which weekdays.
        on: Weekdays,
    },
    /// On a date of the month. Months are counted from the one with the first day in it.
    MonthlyByDate {
        /// Every how many months.
        every: Every,
        /// On which date.
        on: MonthDay,
    },
    /// On a weekday of the month, such as the second Tuesday.
    MonthlyByWeekday {
        /// Every how many months.
        every: Every,
        /// Which of them.
        which: Nth,
        /// The weekday.
        weekday: Weekday,
    },
}

/// When a repeating task stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ends {
    /// When somebody stops it.
    Never,
    /// After this day, which is included.
    On(Date),
    /// After this many times.
    After(Times),
}

/// Every how many days, weeks or months: 1 to 99.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Every(u8);

impl Every {
    /// Each one.
    pub const ONE: Self = Self(1);
    /// The most.
    pub const MOST: u8 = 99;

    /// `None` unless it is 1 to 99.
    pub const fn new(every: u8) -> Option<Self> {
        if 1 <= every && every <= Self::MOST { Some(Self(every)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// How many times a task comes: 1 to 999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Times(u16);

impl Times {
    /// The most.
    pub const MOST: u16 = 999;

    /// `None` unless it is 1 to 999.
    pub const fn new(times: u16) -> Option<Self> {
        if 1 <= times && times <= Self::MOST { Some(Self(times)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// One or more days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

/// The week from Monday.
pub const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

impl Weekdays {
    /// Monday to Sunday.
    pub const ALL: Self = Self(0b111_1111);
    /// Monday to Friday.
    pub const WORKING: Self = Self(0b001_1111);

    /// This day alone.
    pub fn only(day: Weekday) -> Self {
        Self(1 << day.to_monday_zero_offset().unsigned_abs())
    }

    /// These days; `None` when there are none.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Option<Self> {
        let bits = days.into_iter().fold(0, |bits, day| bits | Self::only(day).0);
        (bits != 0).then_some(Self(bits))
    }

    /// Whether `day` is one of them.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & Self::only(day).0 != 0
    }

    /// From Monday on.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        WEEK.into_iter().filter(move |day| self.contains(*day))
    }

    /// Those that are `other`'s too; `None` when there are none.
    pub const fn and(self, other: Self) -> Option<Self> {
        Self::some(self.0 & other.0)
    }

    /// Those that are not `other`'s; `None` when there are none.
    pub const fn without(self, other: Self) -> Option<Self> {
        Self::some(self.0 & !other.0)
    }

    const fn some(bits: u8) -> Option<Self> {
        if bits == 0 { None } else { Some(Self(bits)) }
    }

    /// How many days: 1 to 7.
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Bit 0 is Monday.
    const fn bits(self) -> u8 {
        self.0
    }
}

/// A date of the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MonthDay {
    /// 1 to 31. A month that is too short for it is left out.
    On(DayOfMonth),
    /// The last day of the month, whichever that is.
    Last,
}

/// A number from 1 to 31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DayOfMonth(i8);

impl DayOfMonth {
    /// `None` unless it is 1 to 31.
    pub const fn new(day: i8) -> Option<Self> {
        if 1 <= day && day <= 31 { Some(Self(day)) } else { None }
    }

    /// The one that `date` is.
    pub fn of(date: Date) -> Self {
        Self(date.day())
    }

    /// The number.
    pub const fn get(self) -> i8 {
        self.0
    }
}

/// Which of the same weekdays in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nth {
    /// The first.
    First,
    /// The second.
    Second,
    /// The third.
    Third,
    /// The fourth.
    Fourth,
    /// The fifth. A month with four of them is left out.
    Fifth,
    /// The last, be it the fourth or the fifth.
    Last,
}

impl Nth {
    /// Every value.
    pub const ALL: [Self; 6] =
        [Self::First, Self::Second, Self::Third, Self::Fourth, Self::Fifth, Self::Last];

    /// 1 to 5, or -1 for the last, as RFC 5545 writes it.
    pub const fn number(self) -> i8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
            Self::Fourth => 4,
            Self::Fifth => 5,
            Self::Last => -1,
        }
    }

    /// From 1 to 5, or -1.
    pub fn from_number(number: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|nth| nth.number() == number)
    }

    /// Which of its weekdays `date` is in its month.
    pub fn of(date: Date) -> Self {
        Self::from_number((date.day() - 1) / 7 + 1).unwrap_or(Self::Last)
    }
}

impl Pattern {
    /// Every week on the weekday of `date`.
    pub fn weekly_on(date: Date) -> Self {
        Self::Weekly { every: Every::ONE, on: Weekdays::only(date.weekday()) }
    }

    /// Every how many days, weeks or months.
    pub const fn every(self) -> Every {
        match self {
            Self::Daily { every }
            | Self::Weekly { every, .. }
            | Self::MonthlyByDate { every, .. }
            | Self::MonthlyByWeekday { every, .. } => every,
        }
    }

    /// The same days every day, week or month.
    #[must_use]
    const fn each(self) -> Self {
        let every = Every::ONE;
        match self {
            Self::Daily { .. } => Self::Daily { every },
            Self::Weekly { on, .. } => Self::Weekly { every, on },
            Self::MonthlyByDate { on, .. } => Self::MonthlyByDate { every, on },
            Self::MonthlyByWeekday { which, weekday, .. } => {
                Self::MonthlyByWeekday { every, which, weekday }
            }
        }
    }

    /// The first day on or after `date` that it could begin on: the next Tuesday, the next second
    /// Tuesday of a month. `None` when the calendar ends before.
    pub fn first_from(self, date: Date) -> Option<Date> {
        Repeat::Again { pattern: self.each(), ends: Ends::Never }.days(date).next()
    }
}

impl Repeat {
    /// Every week on the weekday of `date`.
    pub fn weekly_on(date: Date, ends: Ends) -> Self {
        Self::Again { pattern: Pattern::weekly_on(date), ends }
    }

    /// Whether it comes again.
    pub const fn is_again(self) -> bool {
        matches!(self, Self::Again { .. })
    }

    /// Its pattern, when it comes again.
    pub const fn pattern(self) -> Option<Pattern> {
        match self {
            Self::Once => None,
            Self::Again { pattern, .. } => Some(pattern),
        }
    }

    /// When it stops; [`Ends::Never`] for what comes once.
    pub const fn ends(self) -> Ends {
        match self {
            Self::Once => Ends::Never,
            Self::Again { ends, .. } => ends,
        }
    }

    /// The same pattern with another end.
    #[must_use]
    pub const fn ending(self, ends: Ends) -> Self {
        match self {
            Self::Once => Self::Once,
            Self::Again { pattern, .. } => Self::Again { pattern, ends },
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn numbers_are_bounded() {
        assert_eq!((Every::new(0), Every::new(100)), (None, None));
        assert_eq!(Every::new(99).map(Every::get), Some(99));
        assert_eq!((Times::new(0), Times::new(1000)), (None, None));
        assert_eq!(Times::new(999).map(Times::get), Some(999));
        assert_eq!((DayOfMonth::new(0), DayOfMonth::new(32)), (None, None));
        assert_eq!(Weekdays::of([]), None);
        assert_eq!(Weekdays::of(WEEK), Some(Weekdays::ALL));
        assert_eq!(Weekdays::WORKING.iter().last(), Some(Weekday::Friday));
    }

    #[test]
    fn a_date_knows_which_weekday_of_its_month_it_is() {
        assert_eq!(Nth::of(date(2026, 12, 1)), Nth::First);
        assert_eq!(Nth::of(date(2026, 12, 8)), Nth::Second);
        assert_eq!(Nth::of(date(2026, 12, 28)), Nth::Fourth);
        assert_eq!(Nth::of(date(2026, 12, 29)), Nth::Fifth);
        for nth in Nth::ALL {
            assert_eq!(Nth::from_number(nth.number()), Some(nth));
        }
        assert_eq!(Nth::from_number(0), None);
    }

    #[test]
    fn a_pattern_begins_on_the_next_day_that_fits() {
        let sunday = date(2026, 11, 22);
        let on = |pattern: Pattern| pattern.first_from(sunday);
        let every = Every::new(2).expect("within bounds");
        let tuesdays = Pattern::Weekly { every, on: Weekdays::only(Weekday::Tuesday) };
        assert_eq!(on(tuesdays), Some(date(2026, 11, 24)), "not in the week after next");
        let second =
            Pattern::MonthlyByWeekday { every, which: Nth::Second, weekday: Weekday::Tuesday };
        assert_eq!(on(second), Some(date(2026, 12, 8)));
        let last = Pattern::MonthlyByDate { every, on: MonthDay::Last };
        assert_eq!(on(last), Some(date(2026, 11, 30)));
        assert_eq!(on(Pattern::Daily { every }), Some(sunday));
    }
}
