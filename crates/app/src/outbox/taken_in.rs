//! Mails that say what others would say.
//!
//! Nobody is asked for help more than once a day: the first asking of the day says what the others
//! would say, and what comes later waits until tomorrow, unless it is near, or somebody in charge asks
//! for it by hand: such a slot waits an hour after it was last asked for. And whoever takes several
//! dates in one go is thanked once.

use std::collections::BTreeSet;

use kith_domain::ids::MailId;
use kith_domain::reminder::useful_until;
use kith_domain::{MailKind, MailReason, SlotState, Timestamp};
use kith_store::{Circle, Person, Reader, Slot, StoreError, UnitOfWork};

use crate::appointments::Entry;
use crate::outbox::check::Not;
use crate::outbox::current::{Current, Words};
use crate::outbox::frozen::{Detail, Frozen, times};

/// Hours before a slot from which on its asking does not wait until tomorrow.
const NEAR_HOURS: i64 = 48;
/// Minutes for which nobody is asked again for one slot that does not wait: what is taken and given
/// back, and taken again, would else ask the circle each time.
const APART_MINUTES: i64 = 60;
/// Minutes for which an asking that waits has to be of use when it leaves, so that a relay which is away
/// for a while does not make it nothing; what would be later is asked now.
const TO_SPARE_MINUTES: i64 = 60;
/// Why an asking waits until tomorrow, in a word.
pub(crate) const ONE_A_DAY: &str = "one_a_day";
/// Why an asking of what is near waits, in a word.
pub(crate) const ASKED_LATELY: &str = "asked_lately";

/// Whether a slot is so near at `at` that its asking cannot wait.
pub(crate) fn is_near(slot: &Slot, at: Timestamp) -> bool {
    slot.starts <= at.plus_hours(NEAR_HOURS)
}

/// From when on somebody may be asked again who was asked on the day of `at` already, by another mail
/// than `mail`.
pub(crate) async fn asked_again_from(
    unit: &UnitOfWork,
    mail: Option<MailId>,
    person: &Person,
    circle: &Circle,
    at: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let midnight = circle.zone.start_of_day(circle.zone.date(at));
    let asked = unit.was_asked_since(mail, person.id, midnight).await?;
    Ok(asked.then(|| next_asking(person, circle, at)))
}

/// From when on somebody may be asked for a slot that does not wait, and was asked for it at `last`: an
/// hour later, within their hours. `None` when that would be too late, or nearly so: a short evening
/// would put it off into the morning on which it begins.
pub(crate) fn asked_apart(
    last: Timestamp,
    person: &Person,
    (circle, slot): (&Circle, &Slot),
) -> Option<Timestamp> {
    let from = person.mail.hours.send_from(
        MailKind::SomebodyNeeded,
        last.plus_minutes(APART_MINUTES),
        &circle.zone,
        Some(slot.starts),
    );
    (from.plus_minutes(TO_SPARE_MINUTES) < useful_until(slot.starts)).then_some(from)
}

/// When the first asking after the day of `at` may leave.
fn next_asking(person: &Person, circle: &Circle, at: Timestamp) -> Timestamp {
    let today = circle.zone.date(at);
    let tomorrow = circle.zone.start_of_day(today.tomorrow().unwrap_or(today));
    person.mail.hours.next(tomorrow, &circle.zone)
}

/// The words of an asking with those of the others that it takes in.
pub(crate) async fn once_a_day(
    here: &Current<'_>,
    words: Words,
    until: Timestamp,
) -> Result<Words, Not> {
    let Current { unit, mail, person, circle, now, .. } = here;
    let to_be_tried = mail.first_attempt_at.is_none();
    if to_be_tried {
        let next = next_asking(person, circle, *now);
        let near = here.slot.as_ref().is_some_and(|slot| is_near(slot, *now));
        let by_hand = Detail::from_json(&mail.detail).by_hand == Some(true);
        if !near && !by_hand && next < until {
            let from = asked_again_from(unit, Some(mail.id), person, circle, *now).await?;
            if let Some(from) = from.filter(|from| from > now) {
                return Err(Not::Before(from, ONE_A_DAY));
            }
        }
        if (near || by_hand)
            && let Some(slot) = &here.slot
        {
            let last = unit.last_asked_of(slot.id, person.id, Some(mail.id)).await?;
            let from = last.and_then(|last| asked_apart(last, person, (circle, slot)));
            if let Some(from) = from.filter(|from| from > now) {
                return Err(Not::Before(from, ASKED_LATELY));
            }
        }
        // What one that is asked for by hand gave way to might have to wait until tomorrow.
        if let Some(starts) = words.starts.filter(|_| near || !by_hand) {
            let towards = (person.id, circle.id);
            if unit.give_way(mail.id, mail.kind, towards, starts, *now).await? {
                Err(MailReason::Superseded)?;
            }
        }
        // Kept, so that the mail says the same when it is tried again. What falls due before the
        // next asking may leave would have to wait for that one.
        let which = (mail.kind, Some(next.plus_seconds(-1)));
        unit.take_in_mails(mail.id, which, person.id, Some(circle.id), *now).await?;
    }
    let (mut more, mut said) = (Vec::new(), BTreeSet::new());
    for (taken_in, slot) in asked_beside(unit, mail.id).await? {
        // The same slot may have been asked for twice: when it was given back, or by hand.
        let is_said = Some(slot.id) == mail.subject.slot || !said.insert(slot.id);
        if slot.state != SlotState::Open || slot.starts <= *now || is_said {
            continue;
        }
        match here.is_asked_for(&slot).await {
            Ok(()) => more.push((slot.starts, times(&slot, &circle.zone))),
            // Not said: it ends by itself, so that it is planned again if that changes.
            Err(Not::Wanted(reason)) if to_be_tried => {
                unit.is_not_said(taken_in, mail.id, reason, *now).await?;
            }
            Err(Not::Wanted(_) | Not::Before(..)) => {}
            Err(not @ Not::Read(_)) => return Err(not),
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

/// The thanks for a promise with those for the others that were made with it.
pub(crate) async fn promised_together(here: &Current<'_>, words: Words) -> Result<Words, Not> {
    let Current { unit, mail, person, circle, place, now, .. } = here;
    if mail.first_attempt_at.is_none() {
        // What is due later can still simply be taken back.
        let which = (mail.kind, Some(*now));
        unit.take_in_mails(mail.id, which, person.id, Some(circle.id), *now).await?;
    }
    let (mut more, mut entries) = (Vec::new(), words.entries);
    for taken_in in unit.taken_in_by(mail.id).await? {
        // What is given back meanwhile is not said.
        unit.hold_for_mail(mail.kind, &taken_in.subject).await?;
        let Some(slot) = taken_in.subject.slot else { continue };
        let (Some(slot), Some(claim)) =
            (unit.slot(slot).await?, unit.live_claim(slot, place.id).await?)
        else {
            continue;
        };
        let stands = Some(claim.id) == taken_in.subject.claim
            && slot.state == SlotState::Open
            && slot.starts > *now;
        if stands {
            more.push(times(&slot, &circle.zone));
            entries.push(Entry::of(circle, &slot, &claim));
        }
    }
    more.sort_by_key(|slot| slot.starts);
    match words.frozen {
        Frozen::Promised { slot, .. } => {
            Ok(Words { frozen: Frozen::Promised { slot, more }, entries, ..words })
        }
        frozen => Ok(Words { frozen, entries, ..words }),
    }
}

/// The slots that a mail asks for beside its own, with the mails that it took in.
pub(crate) async fn asked_beside(
    reader: &Reader,
    mail: MailId,
) -> Result<Vec<(MailId, Slot)>, StoreError> {
    let mut beside = Vec::new();
    for taken_in in reader.taken_in_by(mail).await? {
        if let Some(slot) = taken_in.subject.slot
            && let Some(slot) = reader.slot(slot).await?
        {
            beside.push((taken_in.id, slot));
        }
    }
    Ok(beside)
}
