//! Telling that a slot for which cover was wanted is somebody's: whoever asked for cover, that there
//! is no need to go; and those who were told that somebody else is needed, that nobody is.

use kith_domain::ids::PersonId;
use kith_domain::{MailKind, Timestamp, reminder};
use kith_store::{Circle, Claim, MailSubject, NewMail, Slot, StoreError, UnitOfWork};

use crate::told;

/// Plans the mail about a promise that somebody else has just taken over.
pub(crate) async fn tell_of_cover(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    covered: &Claim,
    now: Timestamp,
) -> Result<(), StoreError> {
    let kind = MailKind::CoverFound;
    let mail = NewMail {
        kind,
        dedupe: format!("cover_found:{}", covered.id),
        // Not about the promise, which has ended.
        subject: MailSubject {
            person: Some(covered.person),
            circle: Some(circle.id),
            slot: Some(slot.id),
            ..MailSubject::default()
        },
        detail: "{}".to_owned(),
        due_at: reminder::send_from(kind, now, &circle.zone, Some(slot.starts)),
        useful_until: slot.ends,
    };
    unit.add_mail(&mail, now).await?;
    Ok(())
}

/// Plans the mails to those in charge who were told that cover is wanted for `claim`, but to
/// whoever does it now. Nobody is told of an end who was not told of the beginning.
pub(crate) async fn tell_that_covered(
    unit: &UnitOfWork,
    about: &told::About<'_>,
    claim: &Claim,
    by: PersonId,
) -> Result<(), StoreError> {
    for person in unit.told_of_cover_wanted(claim.id).await? {
        if person != by {
            told::tell_that_covered(unit, about, person, claim.id).await?;
        }
    }
    Ok(())
}
