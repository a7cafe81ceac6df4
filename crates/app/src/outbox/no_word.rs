//! To whoever has promised what must not be missed, and to whoever is in charge: nothing was heard, as
//! it stands when the mail is sent.

use kith_domain::{ClaimState, IfNobody, MailReason, MemberRole, Unreached, reminder};
use kith_store::{Claim, Slot};

use crate::outbox::check::Not;
use crate::outbox::current::{Current, Words, about};
use crate::outbox::frozen::{Detail, Frozen, times};

impl Current<'_> {
    pub(crate) async fn please_confirm(&self) -> Result<Words, Not> {
        let slot = self.open_slot()?;
        self.is_silent(&slot, &self.own_claim(&slot).await?)?;
        let frozen = Frozen::PleaseConfirm { slot: times(&slot, &self.circle.zone) };
        Ok(about(&slot, frozen, reminder::useful_until(slot.starts)))
    }

    pub(crate) async fn no_word(&self) -> Result<Words, Not> {
        let slot = self.open_slot()?;
        if !matches!(self.place.role, MemberRole::Carer | MemberRole::Patient) {
            Err(MailReason::ConsentWithdrawn)?;
        }
        let for_them = self.cannot_say_so(&slot).await?;
        // The hospice has rung already, and whoever is in charge was told what it heard.
        if self.unit.hospice_word(slot.id).await?.is_some() {
            Err(MailReason::Answered)?;
        }
        let frozen = Frozen::NoWord { slot: times(&slot, &self.circle.zone), for_them };
        Ok(about(&slot, frozen, slot.starts))
    }

    /// Whether any of those of whom nothing was heard cannot be asked by mail, so that somebody has to
    /// say it for them. It is one mail, however many they are.
    async fn cannot_say_so(&self, slot: &Slot) -> Result<bool, Not> {
        // Held, so that nobody is thanked for saying so while those in charge are told that nothing was
        // heard.
        let ids: Vec<_> =
            self.unit.claims_of(slot.id).await?.iter().map(|claim| claim.id).collect();
        self.unit.hold_claims(&ids).await?;
        let (mut silent, mut for_them, mut why) = (false, false, MailReason::ClaimDropped);
        for claim in self.unit.claims_of(slot.id).await? {
            // Whoever promised after that has said so just now.
            if claim.person == self.person.id || claim.claimed_at > self.mail.due_at {
                continue;
            }
            match self.is_silent(slot, &claim) {
                Ok(()) => {
                    let unreached = self.unit.unreached(claim.person).await?;
                    silent = true;
                    for_them |= !matches!(unreached, None | Some(Unreached::ComesBack));
                }
                Err(Not::Wanted(MailReason::ClaimDropped)) => {}
                Err(Not::Wanted(reason)) => why = reason,
                Err(not) => return Err(not),
            }
        }
        if silent { Ok(for_them) } else { Err(why.into()) }
    }

    /// Whether nothing was heard of a promise that must not be missed, since it was planned so.
    fn is_silent(&self, slot: &Slot, claim: &Claim) -> Result<(), Not> {
        let moved = Detail::from_json(&self.mail.detail).revision != Some(slot.revision);
        match claim.state {
            _ if moved || slot.if_nobody != IfNobody::Must => Err(MailReason::Superseded.into()),
            ClaimState::Claimed if !claim.is_confirmed(slot) => Ok(()),
            ClaimState::Claimed | ClaimState::CoverWanted => Err(MailReason::Answered.into()),
            _ => Err(MailReason::ClaimDropped.into()),
        }
    }
}
