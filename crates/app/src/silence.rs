//! Silence about a slot that must not be missed: its person is asked to say "I'll be there", then
//! the carer is told, then the hospice is asked to ring. Each step reads again whether there is
//! still silence when its mail leaves.

use kith_domain::reminder::{Silence, silence};
use kith_domain::{IfNobody, MailKind, Timestamp, Unreached, reminder};
use kith_store::{Circle, Claim, MailSubject, NewMail, Slot, StoreError, UnitOfWork};

use crate::outbox::frozen::Detail;
use crate::promise::in_charge;

/// Plans what follows if nothing is heard of a promise.
pub(crate) async fn plan_for_silence(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    claim: &Claim,
    now: Timestamp,
) -> Result<(), StoreError> {
    let wanted = slot.if_nobody == IfNobody::Must && !claim.is_confirmed(slot);
    let Some(Silence { ask, tell }) = silence(slot.starts, &circle.zone).filter(|_| wanted) else {
        return Ok(());
    };
    let once = format!("{}:{}:{}:{}", slot.id, claim.person, claim.generation, slot.revision);
    let mail = |kind, dedupe, person, due_at, useful_until| NewMail {
        kind,
        dedupe,
        subject: MailSubject {
            person: Some(person),
            circle: Some(circle.id),
            slot: Some(slot.id),
            claim: Some(claim.id),
            ..MailSubject::default()
        },
        detail: Detail::for_revision(slot.revision).to_json(),
        due_at,
        useful_until,
    };
    let mut steps = Vec::new();
    // Whom no mail reaches is not asked by one: whoever is in charge rings them.
    if matches!(unit.unreached(claim.person).await?, None | Some(Unreached::ComesBack)) {
        steps.push(mail(
            MailKind::PleaseConfirm,
            format!("please_confirm:{once}"),
            claim.person,
            ask,
            reminder::useful_until(slot.starts),
        ));
    }
    // One mail, of however many nothing was heard: who they are is read when it leaves.
    let told = in_charge(&unit.members(circle.id).await?);
    steps.extend(told.into_iter().filter(|person| *person != claim.person).map(|person| {
        let dedupe = format!("no_word:{}:{}:{person}", slot.id, slot.revision);
        let mut mail = mail(MailKind::NoWord, dedupe, person, tell, slot.starts);
        mail.subject.claim = None;
        mail
    }));
    for step in steps {
        // Whoever promised after that has said so just now.
        if step.due_at >= claim.claimed_at
            && step.useful_until > now
            && !unit.add_mail(&step, now).await?
        {
            unit.plan_reminder_again(&step.dedupe, step.due_at, now).await?;
        }
    }
    Ok(())
}
