//! The mails of one promise.

use kith_domain::{MailKind, SlotState, Timestamp, reminder};
use kith_store::{Circle, Claim, MailSubject, NewMail, Person, Slot};

use crate::outbox::frozen::Detail;
use crate::taking::UNDO_SECONDS;

/// A promise with everything that its mails depend on, as it stands now.
pub(super) struct Promise<'a> {
    pub(super) claim: &'a Claim,
    pub(super) slot: &'a Slot,
    pub(super) circle: &'a Circle,
    pub(super) person: &'a Person,
    /// No reminder of it is of use any more.
    pub(super) over: bool,
    /// What was due before is left out.
    pub(super) from: Timestamp,
    /// The same person has promised the task each time.
    pub(super) each_time: bool,
    pub(super) now: Timestamp,
}

/// What came of looking at a promise.
pub(super) enum Planned {
    /// It is too early for some of its mails: it is looked at again.
    Later,
    /// All of its mails; and whether what follows if nothing is heard of it is to be planned too.
    Wholly { silence: bool },
}

impl Promise<'_> {
    /// Adds its mails: the person's choice, the slot's times, the circle's state.
    pub(super) fn mails(&self, mails: &mut Vec<NewMail>) -> Planned {
        let Self { claim, slot, circle, person, now, .. } = *self;
        let stands = claim.state.is_live() && slot.state == SlotState::Open;
        // A circle that is resumed has its promises planned again; so has a person who wants mails.
        let wanted =
            circle.state.asks_and_reminds() && !person.mail.stopped && person.email.is_some();
        if !stands || !wanted {
            return Planned::Wholly { silence: false };
        }
        let begun = slot.starts <= now;
        mails.extend(self.thanks().filter(|_| !begun));
        mails.extend(self.week_ahead());
        if slot.starts > now.plus_hours(reminder::EARLIEST_HOURS_BEFORE) {
            return Planned::Later;
        }
        self.digests(mails);
        if person.mail.daily.is_none() {
            self.reminders(mails);
        }
        Planned::Wholly { silence: !begun }
    }

    fn about(&self) -> MailSubject {
        let claim = self.claim;
        MailSubject {
            person: Some(claim.person),
            circle: Some(claim.circle),
            slot: Some(claim.slot),
            claim: Some(claim.id),
            ..MailSubject::default()
        }
    }

    fn thanks(&self) -> Option<NewMail> {
        let Self { claim, slot, circle, person, now, .. } = *self;
        // Whoever promised it each time has said so once, and is not thanked every week.
        if !person.mail.wants(MailKind::Promised) || self.each_time {
            return None;
        }
        let mail = NewMail {
            kind: MailKind::Promised,
            dedupe: format!("promised:{}:{}:{}", slot.id, claim.person, claim.generation),
            subject: self.about(),
            detail: "{}".to_owned(),
            // Not while it can still simply be undone.
            due_at: person
                .mail
                .hours
                .next(claim.claimed_at.plus_seconds(UNDO_SECONDS), &circle.zone),
            // Thanks that come a day late are none.
            useful_until: reminder::useful_until(slot.starts).min(claim.claimed_at.plus_days(1)),
        };
        (mail.due_at < mail.useful_until && mail.useful_until > now).then_some(mail)
    }

    /// The same mail for every promise of the week. It is planned as soon as there is one, as it comes
    /// up to a week before its slots.
    fn week_ahead(&self) -> Option<NewMail> {
        let Self { claim, slot, circle, person, now, .. } = *self;
        let zone = &circle.zone;
        let (monday, due_at) = person.mail.week_before(slot.starts, zone)?;
        let mail = NewMail {
            kind: MailKind::WeekAhead,
            dedupe: format!("week_ahead:{}:{monday}", person.id),
            subject: MailSubject { person: Some(person.id), ..MailSubject::default() },
            detail: Detail::for_week(monday).to_json(),
            due_at,
            useful_until: zone.start_of_day(monday.tomorrow().unwrap_or(monday)),
        };
        (due_at >= claim.claimed_at && mail.useful_until > now).then_some(mail)
    }

    fn digests(&self, mails: &mut Vec<NewMail>) {
        let Self { claim, slot, circle, person, now, .. } = *self;
        for (date, due_at) in person.mail.digests(slot.starts, &circle.zone) {
            // The same mail for every promise that it says.
            let mail = NewMail {
                kind: MailKind::Digest,
                dedupe: format!("digest:{}:{date}", claim.person),
                subject: MailSubject { person: Some(claim.person), ..MailSubject::default() },
                detail: "{}".to_owned(),
                due_at,
                useful_until: circle.zone.start_of_day(date.tomorrow().unwrap_or(date)),
            };
            if due_at >= self.from && (self.over || mail.useful_until > now) {
                mails.push(mail);
            }
        }
    }

    fn reminders(&self, mails: &mut Vec<NewMail>) {
        let Self { claim, slot, circle, person, .. } = *self;
        let planned =
            reminder::plan(person.mail.reminders, person.mail.hours, slot.starts, &circle.zone);
        for (kind, due_at) in planned {
            if due_at < self.from {
                continue;
            }
            mails.push(NewMail {
                kind: MailKind::Reminder,
                dedupe: format!(
                    "reminder:{}:{}:{kind}:{}:{}",
                    slot.id, claim.person, claim.generation, slot.revision
                ),
                subject: self.about(),
                detail: Detail::for_reminder(kind, slot.revision).to_json(),
                due_at,
                useful_until: reminder::useful_until(slot.starts),
            });
        }
    }
}
