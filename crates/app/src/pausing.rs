//! A circle that is paused and goes on: whoever has promised something hears of each once, in one
//! mail however much it is.
//!
//! Runs in the write transaction of whoever calls, after the permit.

use std::collections::BTreeMap;

use kith_domain::ids::PersonId;
use kith_domain::{MailKind, Timestamp, reminder};
use kith_store::{Circle, MailSubject, NewMail, Slot, StoreError, UnitOfWork};

/// Promises of a circle that are looked at.
const MOST: u32 = 5_000;

/// Plans the mails to those who have promised something, that there is no need to come; but to whoever
/// pauses it.
pub(crate) async fn tell_of_pause(
    unit: &UnitOfWork,
    circle: &Circle,
    by: PersonId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tell(unit, MailKind::Paused, circle, now, |person| person != by).await
}

/// Plans the mails to those who were told so, that what they have promised stands. Nobody is told of
/// an end who was not told of the beginning.
pub(crate) async fn tell_that_it_goes_on(
    unit: &UnitOfWork,
    circle: &Circle,
    by: PersonId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let told = unit.told_of_pause(circle.id).await?;
    tell(unit, MailKind::GoesOn, circle, now, |person| person != by && told.contains(&person)).await
}

/// The text that plans the mail once which tells somebody that the circle goes on, as it does since it
/// came into the state in which it is: what they have promised is said by it.
pub(crate) fn told_that_it_goes_on(circle: &Circle, person: PersonId) -> String {
    once(MailKind::GoesOn, circle, circle.since, person)
}

fn once(kind: MailKind, circle: &Circle, at: Timestamp, person: PersonId) -> String {
    format!("{kind}:{}:{}:{person}", circle.id, at.as_second())
}

async fn tell(
    unit: &UnitOfWork,
    kind: MailKind,
    circle: &Circle,
    now: Timestamp,
    whom: impl Fn(PersonId) -> bool,
) -> Result<(), StoreError> {
    let promises = unit.claims_of_circle(circle.id, now, MOST).await?;
    // The first slot of each, and when the last one ends.
    let mut people: BTreeMap<PersonId, (&Slot, Timestamp)> = BTreeMap::new();
    for (claim, slot) in &promises {
        if slot.starts > now && whom(claim.person) {
            let (_, until) = people.entry(claim.person).or_insert((slot, slot.ends));
            *until = slot.ends.max(*until);
        }
    }
    let mail = |(person, (first, until)): (PersonId, (&Slot, Timestamp))| NewMail {
        kind,
        dedupe: once(kind, circle, now, person),
        subject: MailSubject {
            person: Some(person),
            circle: Some(circle.id),
            slot: Some(first.id),
            ..MailSubject::default()
        },
        detail: "{}".to_owned(),
        due_at: reminder::send_from(kind, now, &circle.zone, Some(first.starts)),
        useful_until: until,
    };
    let mails: Vec<_> = people.into_iter().map(mail).collect();
    unit.add_mails(&mails, now).await.map(|_| ())
}
