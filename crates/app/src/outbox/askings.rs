//! Nobody is asked for help more than once a day: the first asking of the day says what the others
//! would say, and what comes later waits until tomorrow.

use kith_domain::ids::MailId;
use kith_domain::{MailReason, SlotState, Timestamp};
use kith_store::{Mail, Reader, Slot, StoreError, UnitOfWork};

use crate::outbox::check::Not;
use crate::outbox::current::{Current, Words};
use crate::outbox::frozen::{Detail, Frozen, times};

/// The words of an asking with those of the others that it takes in.
pub(crate) async fn once_a_day(
    here: &Current<'_>,
    words: Words,
    useful_until: Timestamp,
) -> Result<Words, Not> {
    let Current { unit, mail, person, circle, now, .. } = here;
    let mut detail = Detail::from_json(&mail.detail);
    if mail.first_attempt_at.is_none() {
        let today = circle.zone.date(*now);
        let midnight = circle.zone.start_of_day(today);
        if unit.was_asked_since(mail.id, person.id, midnight).await? {
            let tomorrow = circle.zone.start_of_day(today.tomorrow().unwrap_or(today));
            let next = person.mail.hours.next(tomorrow, &circle.zone);
            if next >= useful_until || next <= *now {
                Err(MailReason::OneADay)?;
            }
            return Err(Not::Before(next, "one_a_day"));
        }
        let others = unit.take_in_askings(mail.id, person.id, circle.id, *now).await?;
        if !others.is_empty() {
            // Kept, so that the mail says the same when it is tried again.
            detail.also = others.into_iter().map(MailId::as_uuid).collect();
            unit.put_mail_detail(mail.id, &detail.to_json()).await?;
        }
    }
    let mut more = Vec::new();
    for (_, slot) in asked_beside(unit, &detail).await? {
        let needed = slot.state == SlotState::Open && slot.starts > *now;
        if needed && here.is_asked_for(&slot).await.is_ok() {
            more.push((slot.starts, times(&slot, &circle.zone)));
        }
    }
    more.sort_by_key(|(starts, _)| *starts);
    let more = more.into_iter().map(|(_, slot)| slot).collect();
    match words.frozen {
        Frozen::SomebodyNeeded { slot, .. } => {
            Ok(Words { frozen: Frozen::SomebodyNeeded { slot, more }, ..words })
        }
        frozen => Ok(Words { frozen, ..words }),
    }
}

/// An asking that is not wanted any more lets go of those that it had taken in.
pub(crate) async fn let_go(
    unit: &UnitOfWork,
    mail: &Mail,
    now: Timestamp,
) -> Result<(), StoreError> {
    let also = Detail::from_json(&mail.detail).also;
    let taken_in: Vec<MailId> = also.into_iter().map(MailId::from_uuid).collect();
    unit.let_askings_go(&taken_in, now).await
}

/// The slots that a mail asks for beside its own, with the mails that it took in.
pub(crate) async fn asked_beside(
    reader: &Reader,
    detail: &Detail,
) -> Result<Vec<(MailId, Slot)>, StoreError> {
    let mut beside = Vec::new();
    for id in &detail.also {
        let id = MailId::from_uuid(*id);
        let Some(taken_in) = reader.mail(id).await? else { continue };
        if let Some(slot) = taken_in.subject.slot
            && let Some(slot) = reader.slot(slot).await?
        {
            beside.push((id, slot));
        }
    }
    Ok(beside)
}
