//! Telling one person something about a slot.

use kith_domain::ids::{ClaimId, PersonId, StandingPromiseId};
use kith_domain::{HospiceWord, MailKind, Timestamp, Told, reminder};
use kith_store::{Circle, MailSubject, NewMail, ProposedMove, Slot, StoreError, UnitOfWork};

use crate::outbox::frozen::Detail;

/// What is told of what the hospice has noted.
pub(crate) const fn of_hospice(word: HospiceWord) -> Told {
    match word {
        HospiceWord::Coming => Told::HospiceComing,
        HospiceWord::Nobody => Told::HospiceNobody,
    }
}

/// Tells one of those in charge what the hospice has noted; `noted` is which note.
pub(crate) async fn tell_of_hospice_word(
    unit: &UnitOfWork,
    about: &About<'_>,
    person: PersonId,
    word: HospiceWord,
    noted: &str,
) -> Result<bool, StoreError> {
    let what = of_hospice(word);
    let detail = Detail { told: Some(what.as_str().to_owned()), ..Detail::default() };
    plan(unit, about, person, None, &detail, &format!("{what}:{noted}")).await
}

/// What it is about.
pub(crate) struct About<'a> {
    /// The circle.
    pub(crate) circle: &'a Circle,
    /// The slot.
    pub(crate) slot: &'a Slot,
    /// When it happened.
    pub(crate) now: Timestamp,
}

/// Plans the mail that tells `person` something of a promise; once.
pub(crate) async fn tell_of_claim(
    unit: &UnitOfWork,
    about: &About<'_>,
    person: PersonId,
    what: Told,
    claim: ClaimId,
) -> Result<bool, StoreError> {
    let detail = Detail { told: Some(what.as_str().to_owned()), ..Detail::default() };
    plan(unit, about, person, Some(claim), &detail, &format!("{what}:{claim}")).await
}

/// The same of a promise for which cover was wanted, each time that it is settled.
pub(crate) async fn tell_that_covered(
    unit: &UnitOfWork,
    about: &About<'_>,
    person: PersonId,
    claim: ClaimId,
) -> Result<bool, StoreError> {
    let what = Told::Covered;
    let detail = Detail { told: Some(what.as_str().to_owned()), ..Detail::default() };
    let occasion = format!("{what}:{claim}:{}", about.now.as_second());
    // Not about the promise, which may have ended.
    plan(unit, about, person, None, &detail, &occasion).await
}

/// The same of a swap.
pub(crate) async fn tell_of_swap(
    unit: &UnitOfWork,
    about: &About<'_>,
    person: PersonId,
    what: Told,
    swap: &str,
) -> Result<bool, StoreError> {
    let detail = Detail {
        told: Some(what.as_str().to_owned()),
        swap: Some(swap.to_owned()),
        ..Detail::default()
    };
    plan(unit, about, person, None, &detail, &format!("{what}:{swap}")).await
}

/// The same of another time that was asked for.
pub(crate) async fn tell_of_move(
    unit: &UnitOfWork,
    about: &About<'_>,
    person: PersonId,
    what: Told,
    open: &ProposedMove,
    occasion: &str,
) -> Result<bool, StoreError> {
    let detail = Detail {
        told: Some(what.as_str().to_owned()),
        moves: vec![open.id.as_uuid()],
        ..Detail::default()
    };
    plan(unit, about, person, None, &detail, &format!("{what}:{}:{occasion}", open.id)).await
}

/// The same of what somebody promised each time.
pub(crate) async fn tell_of_standing(
    unit: &UnitOfWork,
    about: &About<'_>,
    person: PersonId,
    what: Told,
    standing: StandingPromiseId,
) -> Result<bool, StoreError> {
    let detail = Detail { told: Some(what.as_str().to_owned()), ..Detail::default() };
    plan(unit, about, person, None, &detail, &format!("{what}:{standing}")).await
}

async fn plan(
    unit: &UnitOfWork,
    about: &About<'_>,
    person: PersonId,
    claim: Option<ClaimId>,
    detail: &Detail,
    occasion: &str,
) -> Result<bool, StoreError> {
    let About { circle, slot, now } = about;
    let mail = NewMail {
        kind: MailKind::Told,
        dedupe: format!("told:{occasion}:{person}"),
        subject: MailSubject {
            person: Some(person),
            circle: Some(circle.id),
            slot: Some(slot.id),
            claim,
            ..MailSubject::default()
        },
        detail: detail.to_json(),
        due_at: reminder::send_from(MailKind::Told, *now, &circle.zone, Some(slot.starts)),
        useful_until: slot.ends,
    };
    unit.add_mail(&mail, *now).await
}
