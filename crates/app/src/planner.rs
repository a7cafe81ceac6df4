//! Planning reminders: from promises to mails, ahead of time and once each.

use std::collections::BTreeMap;

use kith_domain::ids::{ClaimId, OrganisationId};
use kith_domain::{MailKind, SlotState, Timestamp, Zone, reminder};
use kith_store::{Claim, MailSubject, NewMail, Person, StoreError, UnitOfWork};

use crate::outbox::frozen::Detail;
use crate::silence::plan_for_silence;
use crate::taking::UNDO_SECONDS;
use crate::{App, Failure};

/// Promises that one look deals with at most.
const AT_ONCE: u32 = 200;
/// Promises planned in one transaction: few enough that others who want to write wait briefly.
const TOGETHER: usize = 50;

impl App {
    /// Plans the reminders of promises whose slots come near, and what is to be told of slots that
    /// nobody has taken, and of questions that nobody need answer any more. Any number of processes may do so at
    /// once: a reminder is planned once. Says how many promises were looked at; as many as may be
    /// looked at in one go means that there may be more.
    ///
    /// # Errors
    ///
    /// When the database does not answer. The next look finds the same promises.
    pub async fn plan_reminders(&self) -> Result<u32, Failure> {
        let now = self.now();
        let due = self.store.claims_to_plan(now, AT_ONCE).await?;
        let mut by_organisation: BTreeMap<OrganisationId, Vec<ClaimId>> = BTreeMap::new();
        let count = u32::try_from(due.len()).unwrap_or(u32::MAX);
        for (organisation, claim) in due {
            by_organisation.entry(organisation).or_default().push(claim);
        }
        let mut missed = None;
        for (organisation, claims) in by_organisation {
            for claims in claims.chunks(TOGETHER) {
                match self.plan_claims(organisation, claims, now).await {
                    Ok(()) => {}
                    Err(StoreError::Busy) => return Err(StoreError::Busy.into()),
                    // What ails one hospice holds up no other.
                    Err(error) => missed = Some(error),
                }
            }
        }
        self.tell_of_gaps().await?;
        self.tell_of_lapses().await?;
        match missed {
            Some(error) => Err(error.into()),
            None => Ok(count),
        }
    }

    async fn plan_claims(
        &self,
        organisation: OrganisationId,
        claims: &[ClaimId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let together = self
            .store
            .transact(organisation, async |unit| {
                for claim in claims {
                    plan(unit, *claim, now).await?;
                }
                Ok::<_, StoreError>(())
            })
            .await;
        if together.is_ok() || together == Err(StoreError::Busy) {
            return together;
        }
        // The others are planned without the one that cannot be.
        let mut missed = Ok(());
        for claim in claims {
            match self.plan_alone(organisation, *claim, now).await {
                Ok(()) => {}
                Err(StoreError::Busy) => return Err(StoreError::Busy),
                Err(error) => missed = Err(error),
            }
        }
        missed
    }

    /// A promise that cannot be read is set aside where people see it, and not met again. After any
    /// other error the next look meets it: a full disk passes, and its reminders are still due.
    async fn plan_alone(
        &self,
        organisation: OrganisationId,
        claim: ClaimId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let planned =
            self.store.transact(organisation, async |unit| plan(unit, claim, now).await).await;
        match planned {
            Err(error @ (StoreError::Inconsistent { .. } | StoreError::NotFound)) => {
                tracing::error!(%claim, %error, "the reminders of a promise cannot be planned");
                self.store
                    .transact(organisation, async |unit| {
                        unit.reminders_cannot_be_planned(claim, now).await
                    })
                    .await
            }
            planned => planned,
        }
    }
}

fn about(claim: &Claim) -> MailSubject {
    MailSubject {
        person: Some(claim.person),
        circle: Some(claim.circle),
        slot: Some(claim.slot),
        claim: Some(claim.id),
        ..MailSubject::default()
    }
}

/// Plans the mails of one promise as everything stands now: the person's choice, the slot's
/// times, the circle's state. What was due before the promise was made is left out.
async fn plan(unit: &UnitOfWork, id: ClaimId, now: Timestamp) -> Result<(), StoreError> {
    // A move or a resumption that is under way plans this promise again: either it is seen here, or
    // it comes after.
    unit.hold_claim(id).await?;
    let Some(claim) = unit.claim(id).await? else { return Ok(()) };
    let slot = unit.slot(claim.slot).await?.ok_or(StoreError::NotFound)?;
    let circle = unit.circle(claim.circle).await?.ok_or(StoreError::NotFound)?;
    let person = unit.person(claim.person).await?;
    let stands = claim.state.is_live() && slot.state == SlotState::Open;
    // A circle that is resumed has its promises planned again; so has a person who wants mails.
    let wanted = circle.state.asks_and_reminds() && !person.mail.stopped && person.email.is_some();
    if !stands || !wanted {
        return unit.planned(id).await;
    }
    let begun = slot.starts <= now;
    // Whoever promised it each time has said so once, and is not thanked every week.
    if person.mail.wants(MailKind::Promised) && !begun && !unit.is_each_time(&claim).await? {
        let due_at = claim.claimed_at.plus_seconds(UNDO_SECONDS);
        let mail = NewMail {
            kind: MailKind::Promised,
            dedupe: format!("promised:{}:{}:{}", slot.id, claim.person, claim.generation),
            subject: about(&claim),
            detail: "{}".to_owned(),
            // Not while it can still simply be undone.
            due_at: person.mail.hours.next(due_at, &circle.zone),
            // Thanks that come a day late are none.
            useful_until: reminder::useful_until(slot.starts).min(claim.claimed_at.plus_days(1)),
        };
        if mail.due_at < mail.useful_until && mail.useful_until > now {
            unit.add_mail(&mail, now).await?;
        }
    }
    plan_week_ahead(unit, &claim, &person, (slot.starts, &circle.zone), now).await?;
    if slot.starts > now.plus_hours(reminder::EARLIEST_HOURS_BEFORE) {
        return unit.plan_again(&claim, slot.starts, now).await;
    }
    if !begun {
        plan_for_silence(unit, &circle, &slot, &claim, now).await?;
    }
    // When nobody looked until it was too late, what should have been planned meanwhile is planned
    // still: it expires where people see it, and is not lost in silence.
    let over = reminder::useful_until(slot.starts) <= now;
    let from = if over { unit.planned_for(id).await?.unwrap_or(now) } else { claim.claimed_at };
    let from = from.max(claim.claimed_at);
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
        if due_at >= from && (over || mail.useful_until > now) && !unit.add_mail(&mail, now).await?
        {
            unit.plan_reminder_again(&mail.dedupe, due_at, now).await?;
        }
    }
    if person.mail.daily.is_some() {
        return unit.planned(id).await;
    }
    let planned =
        reminder::plan(person.mail.reminders, person.mail.hours, slot.starts, &circle.zone);
    for (kind, due_at) in planned {
        let useful_until = reminder::useful_until(slot.starts);
        if due_at < from {
            continue;
        }
        let mail = NewMail {
            kind: MailKind::Reminder,
            dedupe: format!(
                "reminder:{}:{}:{kind}:{}:{}",
                slot.id, claim.person, claim.generation, slot.revision
            ),
            subject: about(&claim),
            detail: Detail::for_reminder(kind, slot.revision).to_json(),
            due_at,
            useful_until,
        };
        if !unit.add_mail(&mail, now).await? {
            unit.plan_reminder_again(&mail.dedupe, due_at, now).await?;
        }
    }
    unit.planned(id).await
}

/// The same mail for every promise of the week. It is planned as soon as there is one, as it comes
/// up to a week before its slots.
async fn plan_week_ahead(
    unit: &UnitOfWork,
    claim: &Claim,
    person: &Person,
    (starts, zone): (Timestamp, &Zone),
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some((monday, due_at)) = person.mail.week_before(starts, zone) else { return Ok(()) };
    let mail = NewMail {
        kind: MailKind::WeekAhead,
        dedupe: format!("week_ahead:{}:{monday}", person.id),
        subject: MailSubject { person: Some(person.id), ..MailSubject::default() },
        detail: Detail::for_week(monday).to_json(),
        due_at,
        useful_until: zone.start_of_day(monday.tomorrow().unwrap_or(monday)),
    };
    if due_at >= claim.claimed_at && mail.useful_until > now && !unit.add_mail(&mail, now).await? {
        unit.plan_reminder_again(&mail.dedupe, due_at, now).await?;
    }
    Ok(())
}
