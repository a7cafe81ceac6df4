//! When reminders are due, and at what hours mail is sent at all.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::outbox::MailKind;
use crate::time::{Timestamp, Zone};
use crate::words::words;

/// Local hour from which mail is sent.
pub const SENDING_FROM_HOUR: i8 = 8;
/// Local hour from which no mail is sent.
pub const SENDING_UNTIL_HOUR: i8 = 20;
/// Local hour of reminders on the evening before.
pub const EVENING_HOUR: i8 = 18;
/// Minutes before the start of a slot from which a reminder is of no use any more.
pub const USEFUL_MINUTES_BEFORE: i64 = 15;

words! {
    /// A reminder that a person may choose.
    pub enum ReminderKind {
        /// At six on the evening before.
        DayBefore = "day_before",
        /// Two hours before.
        TwoHours = "two_hours",
    }
}

/// The reminders that a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReminderChoice {
    /// At six on the evening before.
    pub day_before: bool,
    /// Two hours before.
    pub two_hours: bool,
}

impl ReminderChoice {
    /// None at all.
    pub const NONE: Self = Self { day_before: false, two_hours: false };

    /// Whether `kind` is wanted.
    pub const fn wants(self, kind: ReminderKind) -> bool {
        match kind {
            ReminderKind::DayBefore => self.day_before,
            ReminderKind::TwoHours => self.two_hours,
        }
    }
}

impl Default for ReminderChoice {
    /// Both, until the person says otherwise.
    fn default() -> Self {
        Self { day_before: true, two_hours: true }
    }
}

/// When a reminder of a slot that starts at `starts` is due.
///
/// A reminder that would fall between 20:00 and 8:00 is due at 18:00 on the evening before that
/// night. `None` only where the calendar has no day before.
pub fn due_at(kind: ReminderKind, starts: Timestamp, zone: &Zone) -> Option<Timestamp> {
    match kind {
        ReminderKind::DayBefore => {
            let eve = zone.date(starts).checked_sub(1.day()).ok()?;
            Some(at_hour(eve, EVENING_HOUR, zone))
        }
        ReminderKind::TwoHours => {
            let due = starts.plus_hours(-2);
            if in_sending_hours(due, zone) {
                return Some(due);
            }
            let local = zone.local(due);
            let night_begins = if local.hour() < SENDING_FROM_HOUR {
                local.date().checked_sub(1.day()).ok()?
            } else {
                local.date()
            };
            Some(at_hour(night_begins, EVENING_HOUR, zone))
        }
    }
}

/// The reminders of a slot in the order of their time, never two at the same instant. The caller
/// leaves out what was due before the slot was taken.
pub fn plan(
    choice: ReminderChoice,
    starts: Timestamp,
    zone: &Zone,
) -> Vec<(ReminderKind, Timestamp)> {
    let mut due: Vec<_> = ReminderKind::ALL
        .iter()
        .filter(|kind| choice.wants(**kind))
        .filter_map(|kind| due_at(*kind, starts, zone).map(|due| (*kind, due)))
        .collect();
    due.sort_by_key(|(_, due)| *due);
    due.dedup_by_key(|(_, due)| *due);
    due
}

/// The instant from which a reminder of a slot that starts at `starts` is of no use any more, and
/// expires instead of being sent.
pub const fn useful_until(starts: Timestamp) -> Timestamp {
    starts.plus_minutes(-USEFUL_MINUTES_BEFORE)
}

/// Whether mail in general is sent at `at`: from 8:00 until 20:00 local time.
pub fn in_sending_hours(at: Timestamp, zone: &Zone) -> bool {
    (SENDING_FROM_HOUR..SENDING_UNTIL_HOUR).contains(&zone.local(at).hour())
}

/// Whether a mail may be sent at `at`: codes at any time, changes of slots within 24 hours at any
/// time, everything else in sending hours.
pub fn may_send_now(
    kind: MailKind,
    at: Timestamp,
    zone: &Zone,
    slot_starts: Option<Timestamp>,
) -> bool {
    let soon = slot_starts.is_some_and(|starts| starts <= at.plus_hours(24));
    match kind {
        MailKind::SignInCode => true,
        MailKind::Changed | MailKind::Cancelled if soon => true,
        MailKind::Invitation
        | MailKind::Reminder
        | MailKind::SomebodyNeeded
        | MailKind::Changed
        | MailKind::Cancelled
        | MailKind::CoverWanted
        | MailKind::Named => in_sending_hours(at, zone),
    }
}

/// The first instant from `at` on that is in sending hours.
pub fn next_sending_time(at: Timestamp, zone: &Zone) -> Timestamp {
    if in_sending_hours(at, zone) {
        return at;
    }
    let local = zone.local(at);
    let date = if local.hour() < SENDING_FROM_HOUR {
        local.date()
    } else {
        local.date().saturating_add(1.day())
    };
    at_hour(date, SENDING_FROM_HOUR, zone)
}

/// The first instant from `at` on at which this mail may be sent. Because a change comes within 24
/// hours of its slot while it waits, this may be earlier than the next sending time.
pub fn send_from(
    kind: MailKind,
    at: Timestamp,
    zone: &Zone,
    slot_starts: Option<Timestamp>,
) -> Timestamp {
    if may_send_now(kind, at, zone, slot_starts) {
        return at;
    }
    let morning = next_sending_time(at, zone);
    match (kind, slot_starts) {
        (MailKind::Changed | MailKind::Cancelled, Some(starts)) => {
            morning.min(starts.plus_hours(-24))
        }
        _ => morning,
    }
}

fn at_hour(date: Date, hour: i8, zone: &Zone) -> Timestamp {
    zone.instant(date.at(hour, 0, 0, 0))
}

#[cfg(test)]
mod tests {
    use jiff::civil::DateTime;

    use super::*;

    const BOTH: ReminderChoice = ReminderChoice { day_before: true, two_hours: true };

    fn london() -> Zone {
        Zone::parse("Europe/London").expect("the database knows London")
    }

    fn at(text: &str) -> Timestamp {
        london().instant(text.parse::<DateTime>().expect("a date and time"))
    }

    fn planned(starts: &str) -> Vec<(ReminderKind, String)> {
        plan(BOTH, at(starts), &london())
            .into_iter()
            .map(|(kind, due)| (kind, london().local(due).to_string()))
            .collect()
    }

    #[test]
    fn an_afternoon_has_two_reminders() {
        assert_eq!(
            planned("2026-11-24T14:00"),
            [
                (ReminderKind::DayBefore, "2026-11-23T18:00:00".to_owned()),
                (ReminderKind::TwoHours, "2026-11-24T12:00:00".to_owned()),
            ]
        );
        assert_eq!(planned("2026-11-24T10:00").len(), 2, "eight o'clock is in sending hours");
    }

    #[test]
    fn an_early_start_is_reminded_of_once_on_the_evening_before() {
        for starts in ["2026-11-24T09:59", "2026-11-24T07:00", "2026-11-24T00:30"] {
            assert_eq!(
                planned(starts),
                [(ReminderKind::DayBefore, "2026-11-23T18:00:00".to_owned())],
                "{starts}"
            );
        }
        let only_two_hours = ReminderChoice { day_before: false, two_hours: true };
        let due = plan(only_two_hours, at("2026-11-24T09:00"), &london());
        assert_eq!(due, [(ReminderKind::TwoHours, at("2026-11-23T18:00"))]);
    }

    #[test]
    fn a_late_start_is_reminded_of_before_its_own_night() {
        assert_eq!(
            planned("2026-11-24T22:30"),
            [
                (ReminderKind::DayBefore, "2026-11-23T18:00:00".to_owned()),
                (ReminderKind::TwoHours, "2026-11-24T18:00:00".to_owned()),
            ]
        );
        assert!(plan(ReminderChoice::NONE, at("2026-11-24T22:30"), &london()).is_empty());
    }

    #[test]
    fn six_o_clock_stays_six_o_clock() {
        for (starts, due) in [
            ("2026-03-29T14:00", "2026-03-28T18:00:00Z"),
            ("2026-03-30T14:00", "2026-03-29T17:00:00Z"),
            ("2026-10-25T14:00", "2026-10-24T17:00:00Z"),
            ("2026-10-26T14:00", "2026-10-25T18:00:00Z"),
        ] {
            let day_before = due_at(ReminderKind::DayBefore, at(starts), &london());
            assert_eq!(day_before.map(|due| due.to_string()).as_deref(), Some(due));
        }
    }

    #[test]
    fn nights_are_quiet_but_for_codes_and_near_changes() {
        let night = at("2026-11-24T20:00");
        let zone = london();
        let near = Some(at("2026-11-25T20:00"));
        let far = Some(at("2026-11-25T20:01"));
        for kind in MailKind::ALL {
            let change = matches!(kind, MailKind::Changed | MailKind::Cancelled);
            let code = *kind == MailKind::SignInCode;
            assert_eq!(may_send_now(*kind, night, &zone, near), change || code, "{kind}");
            assert_eq!(may_send_now(*kind, night, &zone, far), code, "{kind}");
            assert_eq!(may_send_now(*kind, night, &zone, None), code, "{kind}");
            assert!(may_send_now(*kind, at("2026-11-24T19:59:59"), &zone, None));
            assert!(may_send_now(*kind, at("2026-11-24T08:00"), &zone, None));
            assert_eq!(may_send_now(*kind, at("2026-11-24T07:59:59"), &zone, None), code);
        }
        assert_eq!(send_from(MailKind::Changed, night, &zone, far), at("2026-11-24T20:01"));
        assert_eq!(send_from(MailKind::Named, night, &zone, far), at("2026-11-25T08:00"));
        assert_eq!(send_from(MailKind::SignInCode, night, &zone, None), night);
    }

    #[test]
    fn the_next_sending_time_is_eight_in_the_morning() {
        let next = |text| next_sending_time(at(text), &london());
        assert_eq!(next("2026-11-24T21:00"), at("2026-11-25T08:00"));
        assert_eq!(next("2026-11-25T03:00"), at("2026-11-25T08:00"));
        assert_eq!(next("2026-11-25T12:34"), at("2026-11-25T12:34"));
        assert_eq!(next("2026-03-28T21:00").to_string(), "2026-03-29T07:00:00Z");
        assert_eq!(next("2026-10-24T21:00").to_string(), "2026-10-25T08:00:00Z");
    }
}
