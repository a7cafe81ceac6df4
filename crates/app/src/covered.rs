//! Telling whoever asked for cover that somebody else does it now: no need to go.

use kith_domain::{MailKind, Timestamp, reminder};
use kith_store::{Circle, Claim, MailSubject, NewMail, Slot, StoreError, UnitOfWork};

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
