//! What nobody has taken, or whoever has it wants cover for and nobody has taken over: whoever is in
//! charge is told on the day before, unless the task says that it is fine if nobody can; of what must
//! not be missed the coordinators after them. And the dates of a task that comes again are asked for
//! when they come near.

use kith_domain::ids::{OrganisationId, SlotId};
use kith_domain::{HospiceWord, IfNobody, MailKind, SendingHours, Timestamp, reminder};
use kith_store::{Circle, MailSubject, NewMail, Slot, StoreError, UnitOfWork};

use crate::asking::{Asking, ask_for};
use crate::outbox::frozen::Detail;
use crate::promise::in_charge;
use crate::{App, Failure};

/// Slots that one look deals with at most.
const AT_ONCE: u32 = 200;
/// Hours after which a circle that does not ask now is looked at again.
const LATER_HOURS: i64 = 6;
/// A look this many minutes after the evening hour was caused by something that happened just now.
const LATE_MINUTES: i64 = 10;
/// Seconds by which coordinators are told after the carers; less where the task is near.
const COORDINATORS_AFTER_SECONDS: i64 = 3_600;

impl App {
    /// Plans the mails about slots that nobody has taken. Any number of processes may do so at once:
    /// nobody is told twice of the same.
    ///
    /// # Errors
    ///
    /// When the database does not answer. The next look finds the same slots.
    pub(crate) async fn tell_of_gaps(&self) -> Result<(), Failure> {
        let now = self.now();
        for (organisation, slot) in self.store.gaps_to_tell(now, AT_ONCE).await? {
            match self.look_at(organisation, slot, now).await {
                Ok(()) => {}
                Err(error @ (StoreError::Inconsistent { .. } | StoreError::NotFound)) => {
                    tracing::error!(%slot, %error, "a slot that nobody has taken cannot be read");
                    self.store
                        .transact(organisation, async |unit| unit.look_at_gap(slot, None).await)
                        .await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn look_at(
        &self,
        organisation: OrganisationId,
        slot: SlotId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.store
            .transact(organisation, async |unit| {
                let next = plan(unit, slot, now).await?;
                unit.look_at_gap(slot, next).await
            })
            .await
    }
}

/// Plans what is to be told of a slot as it stands. Says when to look again, if ever.
async fn plan(
    unit: &UnitOfWork,
    id: SlotId,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    // Giving back that is under way has it looked at again: either that is seen here, or it comes
    // after.
    let slot = unit.hold_slot(id).await?.ok_or(StoreError::NotFound)?;
    let wanted = slot.kind.needs_somebody() && unit.lacks_somebody(&slot).await?;
    if !wanted || useful_until(&slot) <= now {
        return Ok(None);
    }
    let circle = unit.circle(slot.circle).await?.ok_or(StoreError::NotFound)?;
    if !circle.state.asks_and_reminds() {
        return Ok(Some(now.plus_hours(LATER_HOURS)));
    }
    if let Some(later) = ask_for_date(unit, &circle, &slot, now).await? {
        return Ok(Some(later));
    }
    // Somebody comes, as the hospice was told. That counts no more once somebody says yes or no, or the
    // hospice hears otherwise.
    let said = unit.hospice_word(slot.id).await?;
    if said.is_some_and(|said| said.what == HospiceWord::Coming) {
        return Ok(Some(now.plus_hours(1)));
    }
    if slot.if_nobody == IfNobody::Fine {
        return Ok(None);
    }
    let Some(evening) = reminder::gap_told_at(slot.starts, &circle.zone) else { return Ok(None) };
    if now < evening {
        return Ok(Some(evening));
    }
    // Where nobody has it at all, that is what is to be told.
    let cover = if slot.needs_somebody() { None } else { unit.cover_wanted_for(slot.id).await? };
    let lately = cover.as_ref().is_some_and(|claim| {
        // Whoever is in charge was told then that cover is wanted.
        claim.changed_at.plus_seconds(COORDINATORS_AFTER_SECONDS) > evening
    });
    let due_at = if now <= evening.plus_minutes(LATE_MINUTES) && !lately {
        evening
    } else {
        // It was put on the rota, or given back, or cover was asked for, just now: the others have
        // some time to answer.
        let left = slot.starts.seconds_since(now);
        SendingHours::ORDINARY.next(now.plus_seconds((left / 4).min(2 * 60 * 60)), &circle.zone)
    };
    if due_at >= useful_until(&slot) {
        return Ok(None);
    }
    // That somebody had taken it meanwhile makes it another gap.
    let gap = match &cover {
        Some(claim) => format!("{}:{}:{}", slot.id, slot.revision, claim.id),
        None => format!("{}:{}", slot.id, slot.revision),
    };
    for person in in_charge(&unit.members(circle.id).await?) {
        let subject = MailSubject { person: Some(person), circle: Some(circle.id), ..about(&slot) };
        let dedupe = format!("nobody_yet:{gap}:{person}");
        tell(unit, &slot, (MailKind::NobodyYet, dedupe), subject, due_at, now).await?;
    }
    if slot.if_nobody == IfNobody::Must {
        tell_coordinators(unit, &slot, &gap, due_at, now).await?;
    }
    Ok(None)
}

/// Asks the circle for a date of a task that comes again, seven days before, where it asks for that
/// task and was not asked for this date yet. Says when to look again, if that is still to come.
async fn ask_for_date(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    if !slot.needs_somebody() {
        // For cover the circle is asked when it is wanted.
        return Ok(None);
    }
    let again = unit.task(slot.task).await?.filter(|task| task.repeat.is_again());
    let (Some(task), Some(at)) = (again, reminder::series_asked_at(slot.starts, &circle.zone))
    else {
        return Ok(None);
    };
    if now < at {
        return Ok(Some(at));
    }
    // Whoever does it each time may have been asked alone, when the date came back.
    let each = unit.standing_promises_for(task.id).await?;
    let asked = unit.asked_for(slot.id).await?;
    let circle_asked =
        asked.iter().any(|one| each.iter().all(|standing| standing.membership != one.membership));
    if !circle_asked && unit.was_asked_for_task(task.id).await? {
        ask_for(unit, circle, slot, task.created_by.as_slice(), now, (Asking::Usual, 0)).await?;
    }
    Ok(None)
}

/// The last rung, after the carers had some time to find somebody. Of no circle: what becomes of the
/// mail is nobody's there to see.
async fn tell_coordinators(
    unit: &UnitOfWork,
    slot: &Slot,
    gap: &str,
    carers_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let zone = unit.own_organisation().await?.zone;
    let left = slot.starts.seconds_since(carers_at);
    let later = carers_at.plus_seconds((left / 4).min(COORDINATORS_AFTER_SECONDS));
    let due_at = SendingHours::ORDINARY.next(later, &zone);
    if due_at >= useful_until(slot) {
        return Ok(());
    }
    for person in unit.coordinators().await? {
        let subject = MailSubject { person: Some(person), ..about(slot) };
        let dedupe = format!("uncovered:{gap}:{person}");
        tell(unit, slot, (MailKind::Uncovered, dedupe), subject, due_at, now).await?;
    }
    Ok(())
}

fn about(slot: &Slot) -> MailSubject {
    MailSubject { slot: Some(slot.id), ..MailSubject::default() }
}

async fn tell(
    unit: &UnitOfWork,
    slot: &Slot,
    (kind, dedupe): (MailKind, String),
    subject: MailSubject,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mail = NewMail {
        kind,
        dedupe,
        subject,
        detail: Detail::for_revision(slot.revision).to_json(),
        due_at,
        useful_until: useful_until(slot),
    };
    if !unit.add_mail(&mail, now).await? {
        // It had been taken, and was given back.
        unit.plan_mail_again(&mail.dedupe, now).await?;
    }
    Ok(())
}

/// Later than that nobody could come any more.
const fn useful_until(slot: &Slot) -> Timestamp {
    reminder::useful_until(slot.starts)
}
