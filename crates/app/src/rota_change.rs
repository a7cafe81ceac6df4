//! Moving and cancelling a slot, with those told who promised to do it.
//!
//! Runs in the write transaction of whoever calls, after the permit.

use kith_domain::ids::PersonId;
use kith_domain::{ClaimEnd, MailKind, MailReason, Timestamp, reminder};
use kith_store::{Circle, Claim, MailSubject, NewMail, Slot, StoreError, UnitOfWork};

use crate::outbox::frozen::Detail;
use crate::promise::drop_promise;

/// Who changes what when; whoever does it need not be told.
pub(crate) struct Told<'a> {
    /// The circle.
    pub(crate) circle: &'a Circle,
    /// Who makes the change.
    pub(crate) by: PersonId,
    /// When.
    pub(crate) now: Timestamp,
}

/// Moves a slot. Its promises stay, with reminders for the new time.
pub(crate) async fn move_slot(
    unit: &UnitOfWork,
    told: &Told<'_>,
    slot: &Slot,
    starts: Timestamp,
    ends: Timestamp,
) -> Result<(), StoreError> {
    let date = told.circle.zone.date(starts);
    if !unit.move_slot(slot, date, starts, ends).await? {
        return Err(StoreError::Conflict);
    }
    let now = told.now;
    for claim in live_claims(unit, slot).await? {
        let unread = unit.cancel_mail_about_times(claim.id, now).await?;
        unit.plan_again(&claim, starts, now).await?;
        if claim.person == told.by {
            continue;
        }
        // The times that the person knows: those of a change that was never told are not among them.
        let known = unread.and_then(|detail| Detail::from_json(&detail).old_times());
        let (known_starts, known_ends) = known.unwrap_or((slot.starts, slot.ends));
        if (known_starts, known_ends) == (starts, ends) {
            continue;
        }
        let mail = NewMail {
            kind: MailKind::Changed,
            dedupe: format!("changed:{}:{}:{}", slot.id, claim.person, slot.revision + 1),
            subject: MailSubject { claim: Some(claim.id), ..about(told, slot, &claim) },
            detail: Detail::for_change(known_starts, known_ends).to_json(),
            // Whichever comes first: the time that no longer is, or the new one.
            due_at: due(MailKind::Changed, told, known_starts.min(starts)),
            useful_until: ends.max(known_ends),
        };
        unit.add_mail(&mail, now).await?;
    }
    Ok(())
}

/// Cancels a slot: its promises end, and whoever made them is told that there is no need to go.
pub(crate) async fn cancel(
    unit: &UnitOfWork,
    told: &Told<'_>,
    slot: &Slot,
) -> Result<(), StoreError> {
    if !unit.cancel_slot(slot.id).await? {
        return Ok(());
    }
    let now = told.now;
    for claim in live_claims(unit, slot).await? {
        drop_promise(unit, &claim, ClaimEnd::TakenOff, now).await?;
        if claim.person == told.by || slot.ends <= now {
            continue;
        }
        let mail = NewMail {
            kind: MailKind::Cancelled,
            dedupe: format!("cancelled:{}:{}", slot.id, claim.person),
            // Not about the promise, which has ended.
            subject: about(told, slot, &claim),
            detail: "{}".to_owned(),
            due_at: due(MailKind::Cancelled, told, slot.starts),
            useful_until: slot.ends,
        };
        unit.add_mail(&mail, now).await?;
    }
    unit.cancel_mail_about_slot(slot.id, MailReason::SlotCancelled, now).await?;
    Ok(())
}

async fn live_claims(unit: &UnitOfWork, slot: &Slot) -> Result<Vec<Claim>, StoreError> {
    let mut claims = unit.claims_of(slot.id).await?;
    claims.retain(|claim| claim.state.is_live());
    Ok(claims)
}

fn about(told: &Told<'_>, slot: &Slot, claim: &Claim) -> MailSubject {
    MailSubject {
        person: Some(claim.person),
        circle: Some(told.circle.id),
        slot: Some(slot.id),
        ..MailSubject::default()
    }
}

fn due(kind: MailKind, told: &Told<'_>, starts: Timestamp) -> Timestamp {
    reminder::send_from(kind, told.now, &told.circle.zone, Some(starts))
}
