//! To coordinators: what nobody has taken and must not be missed, as it stands when it is sent.
//!
//! The first mail says what others that are due would say, and the next comes an hour later at the
//! earliest.

use kith_domain::ids::SlotId;
use kith_domain::{CircleState, IfNobody, MailReason, SlotState, Timestamp, reminder};
use kith_store::{Circle, Mail, MailSubject, MailSurroundings, Slot, UnitOfWork};

use crate::outbox::check::{Not, Ready, Recipient, by_day, coordinator};
use crate::outbox::frozen::{Detail, Frozen, Item, times};

/// Seconds between two of these mails to one coordinator.
const BETWEEN_SECONDS: i64 = 3_600;

pub(crate) async fn uncovered(
    unit: &UnitOfWork,
    mail: &Mail,
    around: MailSurroundings,
    now: Timestamp,
) -> Result<Ready, Not> {
    let MailSurroundings { person, address, organisation_key, .. } = around;
    let person = coordinator(unit, mail, person, address).await?;
    let own = gap(unit, mail, now).await?;
    by_day(unit, mail, &person, now).await?;
    if mail.first_attempt_at.is_none() {
        let last = unit.last_begun(mail.id, person.id, mail.kind).await?;
        let next = last.map_or(now, |last| last.plus_seconds(BETWEEN_SECONDS));
        // Rather two in an hour than one that comes too late.
        if next > now && next < mail.useful_until {
            return Err(Not::Before(next, "one_an_hour"));
        }
        unit.take_in_mails(mail.id, (mail.kind, Some(now)), person.id, None, now).await?;
    }
    let mut gaps = vec![own];
    for taken_in in unit.taken_in_by(mail.id).await? {
        match gap(unit, &taken_in, now).await {
            Ok(gap) => gaps.push(gap),
            // Not said: it ends by itself, so that it is told if it is given back.
            Err(Not::Wanted(reason)) => {
                unit.is_not_said(taken_in.id, mail.id, reason, now).await?;
            }
            Err(not) => return Err(not),
        }
    }
    gaps.sort_by_key(|(slot, _)| slot.starts);
    let mut circles: Vec<(_, CircleState)> = Vec::new();
    for (_, circle) in &gaps {
        if !circles.contains(&(circle.id, circle.state)) {
            circles.push((circle.id, circle.state));
        }
    }
    let item = |(slot, circle): &(Slot, Circle)| {
        if circle.quiet_mail {
            return Item::Day(circle.zone.date(slot.starts));
        }
        Item::Task(times(slot, &circle.zone), circle.nature_name.clone())
    };
    Ok(Ready {
        frozen: Frozen::Uncovered { items: gaps.iter().map(item).collect() },
        entries: Vec::new(),
        to: Recipient::Person(person.id, person.email.ok_or(MailReason::NoAddress)?),
        organisation_key,
        circle: None,
        circles,
        asked: None,
        inviter: None,
    })
}

/// The slot that a mail is about, held and read again, while nobody has taken it.
async fn gap(unit: &UnitOfWork, mail: &Mail, now: Timestamp) -> Result<(Slot, Circle), Not> {
    let id: SlotId = mail.subject.slot.ok_or(MailReason::CannotBeWritten)?;
    let slot = unit.slot(id).await?.ok_or(MailReason::SlotCancelled)?;
    let (circle, slot) = (Some(slot.circle), Some(slot.id));
    unit.hold_for_mail(mail.kind, &MailSubject { circle, slot, ..MailSubject::default() }).await?;
    let slot = unit.slot(id).await?.filter(|slot| slot.state == SlotState::Open);
    let slot = slot.ok_or(MailReason::SlotCancelled)?;
    let circle = unit.circle(slot.circle).await?.ok_or(MailReason::CircleNotActive)?;
    if !circle.state.asks_and_reminds() {
        Err(MailReason::CircleNotActive)?;
    }
    let moved = Detail::from_json(&mail.detail).revision != Some(slot.revision);
    if moved || slot.if_nobody != IfNobody::Must {
        Err(MailReason::Superseded)?;
    }
    if !unit.lacks_somebody(&slot).await? {
        Err(MailReason::SlotCovered)?;
    }
    // One of them has rung: whatever she was told, there is nobody left to ring. Once that counts no
    // more it is planned again, as when somebody who had taken it gives it back.
    if unit.hospice_word(slot.id).await?.is_some() {
        Err(MailReason::SlotCovered)?;
    }
    if now >= reminder::useful_until(slot.starts) {
        Err(MailReason::TooLate)?;
    }
    Ok((slot, circle))
}
