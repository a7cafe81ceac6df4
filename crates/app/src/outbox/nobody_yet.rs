//! To whoever is in charge: what nobody has taken, as it stands when it is sent.
//!
//! One mail says what is due of a circle, and what falls due soon. What it does not say, because
//! somebody has taken that meanwhile, ends by itself and is told if it is given back.

use kith_domain::{HospiceWord, IfNobody, MailReason, MemberRole, SlotState, reminder};
use kith_mail::{Gap, Lacks};
use kith_store::{Mail, Slot};

use crate::outbox::check::Not;
use crate::outbox::current::{Current, Words, about};
use crate::outbox::frozen::{Detail, Frozen, times};

/// What falls due within so many seconds is told now: an hour.
const SOON_SECONDS: i64 = 3_600;
/// Seconds after a mail is due for which it waits until the circle's other slots were looked at.
const LOOKED_AT_SECONDS: i64 = 60;
/// Seconds between two looks at that.
const BREATH_SECONDS: i64 = 5;

impl Current<'_> {
    pub(crate) async fn nobody_yet(&self) -> Result<Words, Not> {
        if !matches!(self.place.role, MemberRole::Carer | MemberRole::Patient) {
            Err(MailReason::ConsentWithdrawn)?;
        }
        let slot = self.gap(self.mail).await?;
        let frozen = Frozen::NobodyYet { gaps: vec![self.said(&slot)] };
        Ok(about(&slot, frozen, reminder::useful_until(slot.starts)))
    }

    /// The words with those of the others that it takes in.
    pub(crate) async fn gaps_together(&self, words: Words) -> Result<Words, Not> {
        let Self { unit, mail, person, circle, now, .. } = self;
        if mail.first_attempt_at.is_none() {
            let patience = mail.due_at.plus_seconds(LOOKED_AT_SECONDS);
            if *now < patience && unit.is_looking_at_gaps(circle.id, *now).await? {
                return Err(Not::Before(now.plus_seconds(BREATH_SECONDS), "looking"));
            }
            if let Some(starts) = words.starts {
                let towards = (person.id, circle.id);
                if unit.give_way(mail.id, mail.kind, towards, starts, *now).await? {
                    Err(MailReason::Superseded)?;
                }
            }
            let which = (mail.kind, Some(now.plus_seconds(SOON_SECONDS)));
            unit.take_in_mails(mail.id, which, person.id, Some(circle.id), *now).await?;
        }
        let mut slots = vec![self.gap(mail).await?];
        for taken_in in unit.taken_in_by(mail.id).await? {
            unit.hold_for_mail(mail.kind, &taken_in.subject).await?;
            match self.gap(&taken_in).await {
                Ok(slot) => slots.push(slot),
                Err(Not::Wanted(reason)) => {
                    unit.is_not_said(taken_in.id, mail.id, reason, *now).await?;
                }
                Err(not) => return Err(not),
            }
        }
        slots.sort_by_key(|slot| slot.starts);
        let gaps = slots.iter().map(|slot| self.said(slot)).collect();
        Ok(Words { frozen: Frozen::NobodyYet { gaps }, ..words })
    }

    fn said(&self, slot: &Slot) -> Gap {
        let must = slot.if_nobody == IfNobody::Must;
        let lacks = match slot.taken {
            _ if !slot.needs_somebody() => Lacks::Cover,
            0 => Lacks::Everybody,
            _ => Lacks::More,
        };
        Gap { slot: times(slot, &self.circle.zone), lacks, must }
    }

    /// The slot that `mail` is about, while nobody has taken it.
    async fn gap(&self, mail: &Mail) -> Result<Slot, Not> {
        let id = mail.subject.slot.ok_or(MailReason::CannotBeWritten)?;
        let slot = self.unit.slot(id).await?;
        let slot = slot.filter(|slot| slot.circle == self.circle.id);
        let slot = slot.filter(|slot| slot.state == SlotState::Open);
        let slot = slot.ok_or(MailReason::SlotCancelled)?;
        if Detail::from_json(&mail.detail).revision != Some(slot.revision)
            || slot.if_nobody == IfNobody::Fine
        {
            Err(MailReason::Superseded)?;
        }
        if !self.unit.lacks_somebody(&slot).await? {
            Err(MailReason::SlotCovered)?;
        }
        // Somebody comes, as the hospice was told. That nobody can is no reason to be silent.
        let said = self.unit.hospice_word(slot.id).await?;
        if said.is_some_and(|said| said.what == HospiceWord::Coming) {
            Err(MailReason::SlotCovered)?;
        }
        if self.now >= reminder::useful_until(slot.starts) {
            Err(MailReason::TooLate)?;
        }
        Ok(slot)
    }
}
