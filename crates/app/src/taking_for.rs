//! Taking a slot for somebody who has no e-mail, and said yes by telephone or at the door.

use kith_domain::Category;
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use kith_policy::{Permit, Take};
use kith_store::{Reader, Slot};

use crate::App;
use crate::failure::{Failure, What};
use crate::gate::Inside;
use crate::promise::{self, Taken};
use crate::rota::slot_of;
use crate::taking::TakeOutcome;
use crate::visit::{Receipt, Visit};

/// Members who may be asked for a slot and have no e-mail, for whoever is in charge.
pub(crate) async fn without_mail(
    reader: &Reader,
    inside: &Inside<'_>,
    slot: &Slot,
) -> Result<Vec<MembershipId>, Failure> {
    let mut found = Vec::new();
    if inside.is_in_charge() && slot.starts > inside.now() {
        for member in reader.may_be_asked(slot, inside.now()).await? {
            if !member.by_mail && reader.person(member.person).await?.email.is_none() {
                found.push(member.membership);
            }
        }
    }
    Ok(found)
}

impl App {
    /// Takes a place of a slot for a member without e-mail.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `member` when that is nobody whom one may take it for;
    /// [`Failure::NotHere`] for everybody but the patient and the carers.
    pub async fn take_for(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        member: Option<MembershipId>,
        receipt: Receipt,
    ) -> Result<TakeOutcome, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "take-for").await?;
        let found = slot_of(&snapshot, circle, slot).await?;
        let whom = match &found {
            Some(slot) => without_mail(&snapshot, &inside, slot).await?,
            None => Vec::new(),
        };
        let member = match member {
            Some(id) if whom.contains(&id) => snapshot.membership(id).await?,
            _ => None,
        };
        snapshot.end().await?;
        let permit: Permit<'_, Take> = inside.permit(Category::Slot).await?;
        match done.as_deref() {
            Some("yours") => return Ok(TakeOutcome::Yours),
            Some("full") => return Ok(TakeOutcome::Full),
            Some(_) => return Ok(TakeOutcome::Gone),
            None => {}
        }
        let slot = found.filter(|_| inside.is_in_charge()).ok_or(Failure::NotHere)?;
        let member = member.ok_or_else(|| Failure::field("member", What::Choose))?;
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                let (id, person) = (member.id, member.person);
                let (outcome, word) =
                    match promise::take(unit, &inside.circle, &slot, id, person, now).await? {
                        Taken::Yes(_) | Taken::AlreadyYours(_) => (TakeOutcome::Yours, "yours"),
                        Taken::Full => (TakeOutcome::Full, "full"),
                        Taken::Gone => (TakeOutcome::Gone, "gone"),
                    };
                unit.keep_receipt(receipt.0, "take-for", word, now).await?;
                Ok(outcome)
            })
            .await
    }
}
