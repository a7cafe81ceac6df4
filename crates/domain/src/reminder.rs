//! When reminders are due.

use jiff::ToSpan as _;

use crate::outbox::MailKind;
use crate::sending_hours::{SendingHours, at_hour};
use crate::time::{Timestamp, Zone};
use crate::words::words;

/// Minutes before the start of a slot from which a reminder is of no use any more.
pub const USEFUL_MINUTES_BEFORE: i64 = 15;
/// Hours before a slot at which no reminder of it is due yet: 8:00 on the day before a slot that
/// starts at 23:59 is 40 hours, and clocks may change.
pub const EARLIEST_HOURS_BEFORE: i64 = 42;
/// Minutes before the start at which a reminder of the same morning must be due at the latest.
const MORNING_MINUTES_BEFORE: i64 = 60;

words! {
    /// A reminder that a person may choose.
    pub enum ReminderKind {
        /// On the day before, at an hour of choice.
        DayBefore = "day_before",
        /// In the morning of the day itself.
        Morning = "morning",
        /// Some hours before.
        HoursBefore = "hours_before",
    }
}

/// The reminders that a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReminderChoice {
    /// On the day before at this hour, 8 to 19; within the hours in which mail is wanted.
    pub day_before: Option<i8>,
    /// In the morning of the day itself, at the first hour in which mail is wanted.
    pub morning: bool,
    /// So many hours before, 1 to 6.
    pub hours_before: Option<i8>,
}

impl ReminderChoice {
    /// None at all.
    pub const NONE: Self = Self { day_before: None, morning: false, hours_before: None };
    /// At six on the evening before, and two hours before.
    pub const ORDINARY: Self = Self { day_before: Some(18), morning: false, hours_before: Some(2) };
    /// At six on the evening before.
    pub const EVENING_BEFORE: Self = Self { day_before: Some(18), ..Self::NONE };
    /// Hours of the day before that can be chosen.
    pub const HOURS_OF_DAY_BEFORE: core::ops::RangeInclusive<i8> = 8..=19;
    /// Numbers of hours before that can be chosen.
    pub const HOURS_BEFORE: core::ops::RangeInclusive<i8> = 1..=6;

    /// Checks what was chosen.
    pub fn new(day_before: Option<i8>, morning: bool, hours_before: Option<i8>) -> Option<Self> {
        let good = day_before.is_none_or(|hour| Self::HOURS_OF_DAY_BEFORE.contains(&hour))
            && hours_before.is_none_or(|hours| Self::HOURS_BEFORE.contains(&hours));
        good.then_some(Self { day_before, morning, hours_before })
    }

    /// Whether none is wanted.
    pub const fn is_none(self) -> bool {
        self.day_before.is_none() && !self.morning && self.hours_before.is_none()
    }

    /// Whether `kind` is wanted.
    pub const fn wants(self, kind: ReminderKind) -> bool {
        match kind {
            ReminderKind::DayBefore => self.day_before.is_some(),
            ReminderKind::Morning => self.morning,
            ReminderKind::HoursBefore => self.hours_before.is_some(),
        }
    }
}

impl Default for ReminderChoice {
    fn default() -> Self {
        Self::ORDINARY
    }
}

/// When a reminder of a slot that starts at `starts` is due. `None` where it is not wanted, and
/// where the calendar has no day before.
///
/// A reminder that would fall outside `hours` is due on the evening before that night.
pub fn due_at(
    kind: ReminderKind,
    choice: ReminderChoice,
    hours: SendingHours,
    starts: Timestamp,
    zone: &Zone,
) -> Option<Timestamp> {
    let day = zone.date(starts);
    match kind {
        ReminderKind::DayBefore => {
            let hour = hours.nearest(choice.day_before?);
            Some(at_hour(day.checked_sub(1.day()).ok()?, hour, zone))
        }
        ReminderKind::Morning => {
            let due = choice.morning.then(|| at_hour(day, hours.from(), zone))?;
            if due.plus_minutes(MORNING_MINUTES_BEFORE) <= starts {
                return Some(due);
            }
            Some(hours.evening(day.checked_sub(1.day()).ok()?, zone))
        }
        ReminderKind::HoursBefore => {
            let due = starts.plus_hours(-i64::from(choice.hours_before?));
            if hours.contains(due, zone) { Some(due) } else { hours.evening_before(due, zone) }
        }
    }
}

/// The reminders of a slot in the order of their time, never two at the same instant. The caller
/// leaves out what was due before the slot was taken.
pub fn plan(
    choice: ReminderChoice,
    hours: SendingHours,
    starts: Timestamp,
    zone: &Zone,
) -> Vec<(ReminderKind, Timestamp)> {
    let mut due: Vec<_> = ReminderKind::ALL
        .iter()
        .filter_map(|kind| Some((*kind, due_at(*kind, choice, hours, starts, zone)?)))
        .collect();
    due.sort_by_key(|(_, due)| *due);
    due.dedup_by_key(|(_, due)| *due);
    due
}

/// When silence about a slot that must not be missed is noticed: its person is asked six hours
/// before, the carer is told three hours before. Where the first is at night, the person is asked on
/// the evening before, an hour after the reminder that asks already. Where the second is, the carer is
/// told in the morning if that leaves two hours, and else late on the evening before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The person is asked to say "I'll be there".
    pub ask: Timestamp,
    /// The carer is told that nothing was heard.
    pub tell: Timestamp,
}

/// Hours after telling the carer from which the hospice is asked to ring.
pub const RING_AFTER_HOURS: i64 = 1;

/// The steps for a slot that starts at `starts`. `None` only where the calendar has no day before.
pub fn silence(starts: Timestamp, zone: &Zone) -> Option<Silence> {
    const HOURS: SendingHours = SendingHours::ORDINARY;
    let (ask, tell) = (starts.plus_hours(-6), starts.plus_hours(-3));
    let ask = if HOURS.contains(ask, zone) {
        ask
    } else {
        HOURS.evening_before(ask, zone)?.plus_hours(1)
    };
    let morning = HOURS.next(tell, zone);
    let tell = if HOURS.contains(tell, zone) {
        tell
    } else if morning <= starts.plus_hours(-2) {
        morning
    } else {
        // The carer still has a little of the evening.
        HOURS.evening_before(tell, zone)?.plus_minutes(105).max(ask)
    };
    Some(Silence { ask, tell })
}

/// Hours before a slot from which on it is looked at whether anybody has taken it: the evening before
/// comes later than that, wherever the clock stands.
pub const GAP_HOURS_BEFORE: i64 = 32;

/// Days before a date of a task that comes again on which the circle is asked for it.
pub const SERIES_DAYS_BEFORE: i64 = 7;
/// Hours before a slot from which on it is looked at whether the circle was asked for it: the morning
/// on which that is done comes later than that, wherever the clock stands.
pub const SERIES_HOURS_BEFORE: i64 = 24 * (SERIES_DAYS_BEFORE + 1) + 1;

/// When the circle is asked for a date of a task that comes again, unless it was asked before: in the
/// morning, seven days before, so that what falls on one day is asked in one mail. `None` only where
/// the calendar has no such day.
pub fn series_asked_at(starts: Timestamp, zone: &Zone) -> Option<Timestamp> {
    let day = zone.date(starts).checked_sub(SERIES_DAYS_BEFORE.days()).ok()?;
    Some(at_hour(day, SendingHours::ORDINARY.from(), zone))
}

/// When whoever is in charge is to be told that nobody has taken a slot: at 18:00 on the day before.
/// `None` only where the calendar has no day before.
pub fn gap_told_at(starts: Timestamp, zone: &Zone) -> Option<Timestamp> {
    let eve = zone.date(starts).yesterday().ok()?;
    Some(SendingHours::ORDINARY.evening(eve, zone))
}

/// The instant from which a reminder of a slot that starts at `starts` is of no use any more, and
/// expires instead of being sent.
pub const fn useful_until(starts: Timestamp) -> Timestamp {
    starts.plus_minutes(-USEFUL_MINUTES_BEFORE)
}

/// Whether mail in general is sent at `at`: from 8:00 until 20:00 local time.
pub fn in_sending_hours(at: Timestamp, zone: &Zone) -> bool {
    SendingHours::ORDINARY.contains(at, zone)
}

/// The first instant from `at` on at which this mail may be sent to somebody who chose no hours.
pub fn send_from(
    kind: MailKind,
    at: Timestamp,
    zone: &Zone,
    slot_starts: Option<Timestamp>,
) -> Timestamp {
    SendingHours::ORDINARY.send_from(kind, at, zone, slot_starts)
}

#[cfg(test)]
mod tests {
    use jiff::civil::DateTime;

    use super::*;

    const USUAL: SendingHours = SendingHours::ORDINARY;

    fn london() -> Zone {
        Zone::parse("Europe/London").expect("the database knows London")
    }

    fn at(text: &str) -> Timestamp {
        london().instant(text.parse::<DateTime>().expect("a date and time"))
    }

    fn planned(choice: ReminderChoice, starts: &str) -> Vec<(ReminderKind, String)> {
        plan(choice, USUAL, at(starts), &london())
            .into_iter()
            .map(|(kind, due)| (kind, london().local(due).to_string()))
            .collect()
    }

    fn usual(starts: &str) -> Vec<(ReminderKind, String)> {
        planned(ReminderChoice::ORDINARY, starts)
    }

    #[test]
    fn an_afternoon_has_two_reminders() {
        assert_eq!(
            usual("2026-11-24T14:00"),
            [
                (ReminderKind::DayBefore, "2026-11-23T18:00:00".to_owned()),
                (ReminderKind::HoursBefore, "2026-11-24T12:00:00".to_owned()),
            ]
        );
        assert_eq!(usual("2026-11-24T10:00").len(), 2, "eight o'clock is in sending hours");
    }

    #[test]
    fn everybody_chooses_the_hours() {
        let all = ReminderChoice::new(Some(9), true, Some(4)).expect("a good choice");
        let hours: Vec<_> =
            planned(all, "2026-11-24T14:00").into_iter().map(|(_, at)| at).collect();
        assert_eq!(hours, ["2026-11-23T09:00:00", "2026-11-24T08:00:00", "2026-11-24T10:00:00"]);
        // Eight in the morning is four hours before noon: one mail, not two.
        assert_eq!(planned(all, "2026-11-24T12:00").len(), 2);
        let late = SendingHours::new(11, 16).expect("good hours");
        let due = |kind| due_at(kind, all, late, at("2026-11-24T14:00"), &london());
        assert_eq!(due(ReminderKind::DayBefore), Some(at("2026-11-23T11:00")));
        assert_eq!(due(ReminderKind::Morning), Some(at("2026-11-24T11:00")));
        assert_eq!(due(ReminderKind::HoursBefore), Some(at("2026-11-23T15:00")));
        for (day_before, hours_before) in [(Some(7), None), (Some(20), None), (None, Some(0))] {
            assert_eq!(ReminderChoice::new(day_before, false, hours_before), None);
        }
    }

    #[test]
    fn an_early_start_is_reminded_of_once_on_the_evening_before() {
        for starts in ["2026-11-24T09:59", "2026-11-24T07:00", "2026-11-24T00:30"] {
            assert_eq!(
                usual(starts),
                [(ReminderKind::DayBefore, "2026-11-23T18:00:00".to_owned())],
                "{starts}"
            );
        }
        let one = |choice, starts| planned(choice, starts).into_iter().map(|(_, at)| at).collect();
        let two_hours = ReminderChoice { hours_before: Some(2), ..ReminderChoice::NONE };
        let morning = ReminderChoice { morning: true, ..ReminderChoice::NONE };
        let none: Vec<String> = Vec::new();
        for choice in [two_hours, morning] {
            let due: Vec<String> = one(choice, "2026-11-24T08:30");
            assert_eq!(due, ["2026-11-23T18:00:00"]);
        }
        assert_eq!(one(morning, "2026-11-24T09:00"), ["2026-11-24T08:00:00".to_owned()]);
        assert_eq!(one(ReminderChoice::NONE, "2026-11-24T09:00"), none);
    }

    #[test]
    fn a_late_start_is_reminded_of_before_its_own_night() {
        assert_eq!(
            usual("2026-11-24T22:30"),
            [
                (ReminderKind::DayBefore, "2026-11-23T18:00:00".to_owned()),
                (ReminderKind::HoursBefore, "2026-11-24T18:00:00".to_owned()),
            ]
        );
    }

    #[test]
    fn silence_is_noticed_in_the_hours_in_which_somebody_can_act() {
        let steps = |starts: &str| {
            let found = silence(at(starts), &london()).expect("a day before");
            (london().local(found.ask).to_string(), london().local(found.tell).to_string())
        };
        for (starts, ask, tell) in [
            ("2026-11-24T15:00", "2026-11-24T09:00:00", "2026-11-24T12:00:00"),
            ("2026-11-24T12:00", "2026-11-23T19:00:00", "2026-11-24T09:00:00"),
            ("2026-11-24T10:00", "2026-11-23T19:00:00", "2026-11-24T08:00:00"),
            ("2026-11-24T09:00", "2026-11-23T19:00:00", "2026-11-23T19:45:00"),
            ("2026-11-24T23:30", "2026-11-24T17:30:00", "2026-11-24T19:45:00"),
            ("2026-11-25T00:30", "2026-11-24T18:30:00", "2026-11-24T19:45:00"),
            ("2026-11-25T03:00", "2026-11-24T19:00:00", "2026-11-24T19:45:00"),
        ] {
            assert_eq!(steps(starts), (ask.to_owned(), tell.to_owned()), "{starts}");
        }
    }

    #[test]
    fn six_o_clock_stays_six_o_clock() {
        for (starts, due) in [
            ("2026-03-29T14:00", "2026-03-28T18:00:00Z"),
            ("2026-03-30T14:00", "2026-03-29T17:00:00Z"),
            ("2026-10-25T14:00", "2026-10-24T17:00:00Z"),
            ("2026-10-26T14:00", "2026-10-25T18:00:00Z"),
        ] {
            let choice = ReminderChoice::ORDINARY;
            let day_before = due_at(ReminderKind::DayBefore, choice, USUAL, at(starts), &london());
            assert_eq!(day_before.map(|due| due.to_string()).as_deref(), Some(due));
        }
    }
}
