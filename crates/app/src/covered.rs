//! Telling that a slot for which cover was wanted is somebody's: whoever asked for cover, that there
//! is no need to go; and those who were told that somebody else is needed, that nobody is. Where no
//! e-mail reaches whoever asked, those in charge are told, to tell them.

use kith_domain::ids::PersonId;
use kith_domain::{MailKind, Timestamp, Told, reminder};
use kith_store::{Circle, Claim, MailSubject, NewMail, Slot, StoreError, UnitOfWork};

use crate::promise::in_charge;
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

/// Plans the mails to those in charge about the end of `claim`, for which cover was wanted, but to
/// whoever does it now. Where no e-mail reaches whoever had promised it, each of those in charge is
/// told, to tell them; else those who were told of the beginning, and nobody else.
pub(crate) async fn tell_that_covered(
    unit: &UnitOfWork,
    about: &told::About<'_>,
    claim: &Claim,
    by: PersonId,
) -> Result<(), StoreError> {
    let mut told = unit.told_of_cover_wanted(claim.id).await?;
    told.retain(|person| *person != by);
    // Whoever keeps it after all knows it.
    if claim.person != by && unit.unreached(claim.person).await?.is_some() {
        let tell = in_charge(&unit.members(about.circle.id).await?);
        for person in tell.iter().copied().filter(|person| *person != claim.person) {
            told.retain(|other| *other != person);
            if person != by {
                told::tell_of_claim(unit, about, person, Told::CoveredTellThem, claim.id).await?;
            }
        }
    }
    for person in told {
        told::tell_that_covered(unit, about, person, claim.id).await?;
    }
    Ok(())
}
