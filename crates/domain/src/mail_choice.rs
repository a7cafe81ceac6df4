//! Which e-mails a person wants, and when.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::outbox::MailKind;
use crate::reminder::{ReminderChoice, plan, useful_until};
use crate::sending_hours::{SendingHours, at_hour};
use crate::time::{Timestamp, Zone};

/// What somebody chose on the page of e-mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is one box of the page")]
pub struct MailChoice {
    /// Reminders of what one promised.
    pub reminders: ReminderChoice,
    /// The hours in which mail is wanted.
    pub hours: SendingHours,
    /// One mail a day at this hour, 8 to 19, in place of the reminders of each slot.
    pub daily: Option<i8>,
    /// Wants to be asked when somebody is needed.
    pub asked: bool,
    /// Wants to read what one has just promised.
    pub confirmed: bool,
    /// Wants what one promised for the coming week, on the evening before it.
    pub week_ahead: bool,
    /// Wants what one promised put into one's calendar by these mails.
    pub calendar: bool,
    /// Wants no mail at all but codes.
    pub stopped: bool,
}

impl MailChoice {
    /// What somebody gets who has not chosen.
    pub const ORDINARY: Self = Self {
        reminders: ReminderChoice::ORDINARY,
        hours: SendingHours::ORDINARY,
        daily: None,
        asked: true,
        confirmed: true,
        // Whoever is reminded of each task has heard enough.
        week_ahead: false,
        calendar: true,
        stopped: false,
    };

    /// Whether a mail of this kind is wanted. Of reminders see [`ReminderChoice::wants`] too.
    pub const fn wants(self, kind: MailKind) -> bool {
        match kind {
            // To nobody of the organisation, who could choose; or of the address itself.
            MailKind::SignInCode
            | MailKind::AddressCode
            | MailKind::AddressChanged
            | MailKind::Figures => true,
            MailKind::SomebodyNeeded => self.asked && !self.stopped,
            MailKind::Promised => self.confirmed && !self.stopped,
            MailKind::Reminder => self.daily.is_none() && !self.stopped,
            MailKind::Digest => self.daily.is_some() && !self.stopped,
            MailKind::WeekAhead => self.week_ahead && !self.stopped,
            MailKind::Invitation
            | MailKind::Changed
            | MailKind::MoveAsked
            | MailKind::Cancelled
            | MailKind::PleaseConfirm
            | MailKind::NoWord
            | MailKind::NobodyYet
            | MailKind::CoverWanted
            | MailKind::CoverFound
            | MailKind::Told
            | MailKind::Paused
            | MailKind::GoesOn
            | MailKind::Named
            | MailKind::AsksToJoin
            | MailKind::Concern
            | MailKind::Uncovered => !self.stopped,
        }
    }

    /// The reminders of one slot by itself: for whoever wants one mail a day and chose none, and is
    /// told by none of those, the ordinary ones.
    pub const fn single(self) -> ReminderChoice {
        if self.daily.is_some() && self.reminders.is_none() {
            ReminderChoice::ORDINARY
        } else {
            self.reminders
        }
    }

    /// The mails of the day that a slot stands in, with their days: that of the day before, and
    /// that of its own day where it comes early enough. None for whoever wants single reminders.
    pub fn digests(self, starts: Timestamp, zone: &Zone) -> Vec<(Date, Timestamp)> {
        let Some(hour) = self.daily else { return Vec::new() };
        let hour = self.hours.nearest(hour);
        let day = zone.date(starts);
        let days = [day.yesterday().ok(), Some(day)];
        let digests = days.into_iter().flatten().map(|day| (day, at_hour(day, hour, zone)));
        digests.filter(|(_, due)| *due < useful_until(starts)).collect()
    }

    /// The week in which a slot stands, by its Monday, and when the mail about it is due: at six on
    /// the Sunday before, or at the nearest hour in which mail is wanted. `None` for whoever does
    /// not want it.
    pub fn week_before(self, starts: Timestamp, zone: &Zone) -> Option<(Date, Timestamp)> {
        let day = zone.date(starts);
        let since_monday = i64::from(day.weekday().to_monday_zero_offset());
        let monday = day.checked_sub(since_monday.days()).ok().filter(|_| self.week_ahead)?;
        Some((monday, self.hours.evening(monday.yesterday().ok()?, zone)))
    }

    /// When a slot that starts at `starts` is reminded of, in order.
    pub fn reminded_at(self, starts: Timestamp, zone: &Zone) -> Vec<Timestamp> {
        if self.stopped {
            return Vec::new();
        }
        if self.daily.is_some() {
            return self.digests(starts, zone).into_iter().map(|(_, due)| due).collect();
        }
        let planned = plan(self.reminders, self.hours, starts, zone);
        planned.into_iter().map(|(_, due)| due).collect()
    }
}

impl Default for MailChoice {
    fn default() -> Self {
        Self::ORDINARY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_stopped_mails_gets_codes_alone() {
        let stopped = MailChoice { stopped: true, ..MailChoice::ORDINARY };
        for kind in MailKind::ALL {
            let by_choice = matches!(kind, MailKind::Digest | MailKind::WeekAhead);
            assert_eq!(MailChoice::ORDINARY.wants(*kind), !by_choice, "{kind}");
            let to_nobody = *kind == MailKind::Figures;
            assert_eq!(stopped.wants(*kind), kind.is_security() || to_nobody, "{kind}");
        }
        let not_asked = MailChoice { asked: false, ..MailChoice::ORDINARY };
        assert!(!not_asked.wants(MailKind::SomebodyNeeded) && not_asked.wants(MailKind::Changed));
    }

    #[test]
    fn the_week_is_told_on_the_sunday_before() {
        let zone = Zone::parse("Europe/London").expect("the database knows London");
        let at = |text: &str| zone.instant(text.parse().expect("a date and time"));
        let weekly = MailChoice { week_ahead: true, ..MailChoice::ORDINARY };
        let told = |choice: MailChoice, starts: &str| {
            let (monday, due) = choice.week_before(at(starts), &zone)?;
            Some((monday.to_string(), zone.local(due).to_string()))
        };
        for starts in ["2026-11-23T00:00", "2026-11-24T14:00", "2026-11-29T23:59"] {
            let (monday, sunday) = ("2026-11-23", "2026-11-22T18:00:00");
            assert_eq!(told(weekly, starts), Some((monday.to_owned(), sunday.to_owned())));
            assert_eq!(told(MailChoice::ORDINARY, starts), None);
        }
        // The clocks change on this Sunday: six stays six.
        let (monday, sunday) = ("2026-10-26", "2026-10-25T18:00:00");
        assert_eq!(told(weekly, "2026-10-26T09:00"), Some((monday.to_owned(), sunday.to_owned())));
        let hours = SendingHours::new(8, 16).expect("good hours");
        let early = MailChoice { hours, ..weekly };
        let found = told(early, "2026-11-24T14:00").map(|(_, due)| due);
        assert_eq!(found.as_deref(), Some("2026-11-22T15:00:00"));
    }

    #[test]
    fn one_mail_a_day_takes_the_place_of_reminders() {
        let zone = Zone::parse("Europe/London").expect("the database knows London");
        let at = |text: &str| zone.instant(text.parse().expect("a date and time"));
        let evening = MailChoice { daily: Some(18), ..MailChoice::ORDINARY };
        let reminded = |choice: MailChoice, starts| choice.reminded_at(at(starts), &zone);
        assert_eq!(reminded(evening, "2026-11-24T10:00"), [at("2026-11-23T18:00")]);
        let both = [at("2026-11-23T18:00"), at("2026-11-24T18:00")];
        assert_eq!(reminded(evening, "2026-11-24T19:00"), both);
        let morning = MailChoice { daily: Some(8), ..MailChoice::ORDINARY };
        assert_eq!(reminded(morning, "2026-11-24T08:10"), [at("2026-11-23T08:00")]);
        assert_eq!(reminded(morning, "2026-11-24T09:00").len(), 2);
        assert!(!evening.wants(MailKind::Reminder) && evening.wants(MailKind::Digest));
        assert!(!MailChoice::ORDINARY.wants(MailKind::Digest));
        assert_eq!(reminded(MailChoice { stopped: true, ..evening }, "2026-11-24T19:00"), []);
    }
}
