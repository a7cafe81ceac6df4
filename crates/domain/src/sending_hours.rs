//! At what hours mail is sent at all: in general, and within that as a person chose.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::outbox::MailKind;
use crate::time::{Timestamp, Zone};

/// Local hour from which mail is sent.
pub const SENDING_FROM_HOUR: i8 = 8;
/// Local hour from which no mail is sent.
pub const SENDING_UNTIL_HOUR: i8 = 20;
/// Local hour of what goes out on an evening before.
pub const EVENING_HOUR: i8 = 18;

/// The hours of a day in which mail is sent. Codes, and changes of slots within 24 hours, are sent
/// at any hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SendingHours {
    from: i8,
    until: i8,
}

impl SendingHours {
    /// From 8:00 until 20:00, when nobody says otherwise.
    pub const ORDINARY: Self = Self { from: SENDING_FROM_HOUR, until: SENDING_UNTIL_HOUR };
    /// The latest hour from which mail may be wanted.
    pub const LATEST_FROM: i8 = 12;
    /// The earliest hour from which no mail may be wanted any more.
    pub const EARLIEST_UNTIL: i8 = 16;

    /// Narrower hours: from 8 to 12 o'clock until 16 to 20 o'clock, so that a reminder of
    /// everything finds its hour.
    pub const fn new(from: i8, until: i8) -> Option<Self> {
        if from >= SENDING_FROM_HOUR
            && from <= Self::LATEST_FROM
            && until >= Self::EARLIEST_UNTIL
            && until <= SENDING_UNTIL_HOUR
        {
            Some(Self { from, until })
        } else {
            None
        }
    }

    /// First hour.
    pub const fn from(self) -> i8 {
        self.from
    }

    /// Hour from which nothing is sent any more.
    pub const fn until(self) -> i8 {
        self.until
    }

    /// The nearest of these hours to `hour`.
    pub fn nearest(self, hour: i8) -> i8 {
        hour.clamp(self.from, self.until - 1)
    }

    /// Whether mail in general is sent at `at`.
    pub fn contains(self, at: Timestamp, zone: &Zone) -> bool {
        (self.from..self.until).contains(&zone.local(at).hour())
    }

    /// The first instant from `at` on that is in these hours.
    pub fn next(self, at: Timestamp, zone: &Zone) -> Timestamp {
        if self.contains(at, zone) {
            return at;
        }
        let local = zone.local(at);
        let date = if local.hour() < self.from {
            local.date()
        } else {
            local.date().saturating_add(1.day())
        };
        at_hour(date, self.from, zone)
    }

    /// The evening of `date`: 18:00, or the last of these hours where that is earlier.
    pub fn evening(self, date: Date, zone: &Zone) -> Timestamp {
        at_hour(date, self.nearest(EVENING_HOUR), zone)
    }

    /// The evening before the night in which `at` falls. `None` only where the calendar has no day
    /// before.
    pub fn evening_before(self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let local = zone.local(at);
        let night_begins = if local.hour() < self.from {
            local.date().checked_sub(1.day()).ok()?
        } else {
            local.date()
        };
        Some(self.evening(night_begins, zone))
    }

    /// Whether a mail may be sent at `at`: codes, and word of a changed address,
    /// at any time, changes of slots within 24 hours at any time, everything else in these hours.
    pub fn may_send_now(
        self,
        kind: MailKind,
        at: Timestamp,
        zone: &Zone,
        slot_starts: Option<Timestamp>,
    ) -> bool {
        let soon = slot_starts.is_some_and(|starts| starts <= at.plus_hours(24));
        kind.is_security() || (kind.is_change() && soon) || self.contains(at, zone)
    }

    /// The first instant from `at` on at which this mail may be sent. Because a change comes within
    /// 24 hours of its slot while it waits, this may be earlier than the next of these hours.
    pub fn send_from(
        self,
        kind: MailKind,
        at: Timestamp,
        zone: &Zone,
        slot_starts: Option<Timestamp>,
    ) -> Timestamp {
        if self.may_send_now(kind, at, zone, slot_starts) {
            return at;
        }
        let morning = self.next(at, zone);
        match slot_starts {
            Some(starts) if kind.is_change() => morning.min(starts.plus_hours(-24)),
            _ => morning,
        }
    }
}

impl Default for SendingHours {
    fn default() -> Self {
        Self::ORDINARY
    }
}

pub(crate) fn at_hour(date: Date, hour: i8, zone: &Zone) -> Timestamp {
    zone.instant(date.at(hour, 0, 0, 0))
}

#[cfg(test)]
mod tests {
    use jiff::civil::DateTime;

    use super::*;

    fn london() -> Zone {
        Zone::parse("Europe/London").expect("the database knows London")
    }

    fn at(text: &str) -> Timestamp {
        london().instant(text.parse::<DateTime>().expect("a date and time"))
    }

    #[test]
    fn hours_are_only_made_narrower() {
        assert_eq!(SendingHours::new(8, 20), Some(SendingHours::ORDINARY));
        assert!(SendingHours::new(12, 16).is_some());
        for (from, until) in [(7, 20), (13, 20), (8, 15), (8, 21), (20, 8)] {
            assert_eq!(SendingHours::new(from, until), None, "{from} to {until}");
        }
    }

    #[test]
    fn nights_are_quiet_but_for_codes_and_near_changes() {
        let (night, zone, hours) = (at("2026-11-24T20:00"), london(), SendingHours::ORDINARY);
        let near = Some(at("2026-11-25T20:00"));
        let far = Some(at("2026-11-25T20:01"));
        for kind in MailKind::ALL {
            let (change, code) = (kind.is_change(), kind.is_security());
            let may = |at: Timestamp, starts| hours.may_send_now(*kind, at, &zone, starts);
            assert_eq!(may(night, near), change || code, "{kind}");
            assert_eq!(may(night, far), code, "{kind}");
            assert_eq!(may(night, None), code, "{kind}");
            assert!(may(at("2026-11-24T19:59:59"), None));
            assert!(may(at("2026-11-24T08:00"), None));
            assert_eq!(may(at("2026-11-24T07:59:59"), None), code);
        }
        let from = |kind, starts| hours.send_from(kind, night, &zone, starts);
        assert_eq!(from(MailKind::Changed, far), at("2026-11-24T20:01"));
        assert_eq!(from(MailKind::Named, far), at("2026-11-25T08:00"));
        assert_eq!(from(MailKind::SignInCode, None), night);
    }

    #[test]
    fn a_longer_night_is_kept() {
        let hours = SendingHours::new(10, 17).expect("good hours");
        let zone = london();
        assert!(!hours.contains(at("2026-11-24T09:59:59"), &zone));
        assert!(hours.contains(at("2026-11-24T16:59:59"), &zone));
        assert_eq!(hours.next(at("2026-11-24T17:00"), &zone), at("2026-11-25T10:00"));
        let evening = |text| hours.evening_before(at(text), &zone);
        assert_eq!(evening("2026-11-24T09:00"), Some(at("2026-11-23T16:00")));
        assert_eq!(evening("2026-11-24T18:00"), Some(at("2026-11-24T16:00")));
    }

    #[test]
    fn the_next_sending_time_is_eight_in_the_morning() {
        let next = |text| SendingHours::ORDINARY.next(at(text), &london());
        assert_eq!(next("2026-11-24T21:00"), at("2026-11-25T08:00"));
        assert_eq!(next("2026-11-25T03:00"), at("2026-11-25T08:00"));
        assert_eq!(next("2026-11-25T12:34"), at("2026-11-25T12:34"));
        assert_eq!(next("2026-03-28T21:00").to_string(), "2026-03-29T07:00:00Z");
        assert_eq!(next("2026-10-24T21:00").to_string(), "2026-10-25T08:00:00Z");
    }
}
