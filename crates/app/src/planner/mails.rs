//! The mails of one promise.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kith_domain::ids::PersonId;
use kith_domain::{MailKind, SlotState, Timestamp, reminder};
use kith_store::{Circle, Claim, MailSubject, NewMail, Person, Slot};

use crate::outbox::frozen::Detail;
use crate::pausing::told_that_it_goes_on;
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

/// What was said of promises already, by the texts that plan mails once.
pub(super) struct Gone {
    /// Mails of a day in a pause, and when each began to be sent.
    pub(super) digests: BTreeMap<String, Timestamp>,
    /// Those that tell that a circle goes on.
    pub(super) goes_on: BTreeSet<String>,
}

/// What came of looking at a promise.
pub(super) enum Planned {
    /// It is too early for some of its mails: it is looked at again.
    Later,
    /// All of its mails; and whether what follows if nothing is heard of it is to be planned too.
    Wholly { silence: bool },
}

impl Promise<'_> {
    /// The last mail of a day that could have said it, where its circle did not remind then: by the
    /// text that plans it once.
    pub(super) fn digest_in_a_pause(&self) -> Option<String> {
        let Self { claim, slot, circle, person, .. } = *self;
        let (date, due_at) = person.mail.digests(slot.starts, &circle.zone).pop()?;
        let in_a_pause = due_at < circle.since && claim.claimed_at < circle.since;
        in_a_pause.then(|| digest_of(claim.person, date))
    }

    /// The mail that tells its person that the circle goes on after a pause, if there is one: by the
    /// text that plans it once.
    pub(super) fn goes_on(&self) -> Option<String> {
        let Self { claim, circle, .. } = *self;
        (claim.claimed_at < circle.since).then(|| told_that_it_goes_on(circle, claim.person))
    }

    /// Adds its mails: the person's choice, the slot's times, the circle's state.
    pub(super) fn mails(&self, mails: &mut Vec<NewMail>, gone: &Gone) -> Planned {
        let Self { claim, slot, circle, person, now, .. } = *self;
        let stands = claim.state.is_live() && slot.state == SlotState::Open;
        // A circle that is resumed has its promises planned again; so has a person who wants mails.
        if !stands || !circle.state.asks_and_reminds() {
            return Planned::Wholly { silence: false };
        }
        let begun = slot.starts <= now;
        if person.mail.stopped || person.email.is_none() {
            // Nobody reminds them: so much the more somebody is told that nothing was heard.
            return if slot.starts > now.plus_hours(reminder::EARLIEST_HOURS_BEFORE) {
                Planned::Later
            } else {
                Planned::Wholly { silence: !begun }
            };
        }
        mails.extend(self.thanks().filter(|_| !begun));
        mails.extend(self.week_ahead());
        if slot.starts > now.plus_hours(reminder::EARLIEST_HOURS_BEFORE) {
            return Planned::Later;
        }
        self.digests(mails);
        let digest = self.digest_in_a_pause().and_then(|text| gone.digests.get(&text));
        let not_told = digest.is_some_and(|begun| *begun < circle.since);
        if person.mail.daily.is_none() || not_told {
            let told = self.goes_on().is_some_and(|text| gone.goes_on.contains(&text));
            self.reminders(mails, told);
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
                dedupe: digest_of(claim.person, date),
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

    /// Of those that fell into a pause the last is enough, and none is needed by whoever is told that
    /// the circle goes on, which says what is promised. Whoever wants one mail a day has them of what
    /// that mail did not tell.
    fn reminders(&self, mails: &mut Vec<NewMail>, told: bool) {
        let Self { claim, slot, circle, person, .. } = *self;
        let mail = person.mail;
        let planned = reminder::plan(mail.single(), mail.hours, slot.starts, &circle.zone);
        let late = planned.iter().filter(|(_, due_at)| *due_at < circle.since).count();
        let beside_digest = mail.daily.map(|_| true);
        let said = if told { late } else { late.saturating_sub(1) };
        for (kind, due_at) in planned.into_iter().skip(said) {
            if due_at < self.from {
                continue;
            }
            let of = format!(
                "{}:{}:{kind}:{}:{}",
                slot.id, claim.person, claim.generation, slot.revision
            );
            let detail = Detail { beside_digest, ..Detail::for_reminder(kind, slot.revision) };
            mails.push(NewMail {
                kind: MailKind::Reminder,
                dedupe: match beside_digest {
                    Some(_) => format!("reminder:beside:{of}"),
                    None => format!("reminder:{of}"),
                },
                subject: self.about(),
                detail: detail.to_json(),
                due_at,
                useful_until: reminder::useful_until(slot.starts),
            });
        }
    }
}

/// The text that plans the mail of a day once.
fn digest_of(person: PersonId, date: Date) -> String {
    format!("digest:{person}:{date}")
}
