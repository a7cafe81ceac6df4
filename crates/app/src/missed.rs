//! Whether a promise was kept, as the patient or a carer says it: first a question about the helper,
//! never a mark against them, and it can be corrected.

use kith_domain::claim::transition;
use kith_domain::ids::{CircleId, ClaimId, SlotId};
use kith_domain::{Category, ClaimEvent, ClaimState};
use kith_policy::{Answer, Disclose, Permit};
use kith_store::Claim;

use crate::App;
use crate::about::{About, SealedAbout};
use crate::failure::Failure;
use crate::gate::Inside;
use crate::rota::slot_of;
use crate::visit::{Receipt, Visit};

/// The promises of a slot that has begun.
#[derive(Clone, Debug)]
pub struct HowItWent {
    /// The circle and the reader.
    pub about: About,
    /// The promises, in the order in which they were made.
    pub promises: Vec<Promise>,
}

/// One promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Its id.
    pub claim: ClaimId,
    /// First name.
    pub name: Option<String>,
    /// What is known of it.
    pub state: ClaimState,
}

/// Promises of which something can be said: not those that were given back.
fn counts(claim: &Claim) -> bool {
    claim.state != ClaimState::Dropped
}

impl App {
    /// Who had promised a slot that has begun, and what is known of it.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for everybody but the patient and the carers, and before it begins.
    pub async fn how_it_went(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<HowItWent, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let slot = slot_of(&snapshot, circle, slot).await?;
        let claims = match &slot {
            Some(slot) => snapshot.claims_of(slot.id).await?,
            None => Vec::new(),
        };
        snapshot.end();
        let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        begun(&inside, slot.map(|slot| slot.starts))?;
        let (about, names) = about.open(&inside, &inside.key()?).await?;
        let promise = |claim: &Claim| Promise {
            claim: claim.id,
            name: names.of(claim.membership),
            state: claim.state,
        };
        let promises = claims.iter().filter(|claim| counts(claim)).map(promise).collect();
        Ok(HowItWent { about, promises })
    }

    /// Says whether a promise was kept. What was said before can be corrected. Nobody is mailed.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for everybody but the patient and the carers, before it begins, and for
    /// a promise that was given back.
    pub async fn say_how_it_went(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        (claim, done): (ClaimId, bool),
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let sent = snapshot.receipt(receipt.0, "how-it-went").await?;
        let found = slot_of(&snapshot, circle, slot).await?;
        let claim = snapshot.claim(claim).await?.filter(|claim| claim.slot == slot);
        snapshot.end();
        let permit: Permit<'_, Answer> = inside.permit(Category::Slot).await?;
        if sent.is_some() {
            return Ok(());
        }
        begun(&inside, found.map(|slot| slot.starts))?;
        let claim = claim.filter(counts).ok_or(Failure::NotHere)?;
        let event = if done { ClaimEvent::Finish } else { ClaimEvent::Miss };
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "how-it-went", "done", now).await?;
                if let Ok(to) = transition(claim.state, event)
                    && !unit.put_claim_state(&claim, to, now).await?
                {
                    return Err(Failure::Changed);
                }
                unit.planned(claim.id).await?;
                Ok(())
            })
            .await
    }
}

fn begun(inside: &Inside<'_>, starts: Option<kith_domain::Timestamp>) -> Result<(), Failure> {
    let begun = starts.is_some_and(|starts| starts <= inside.now());
    if begun && inside.is_in_charge() { Ok(()) } else { Err(Failure::NotHere) }
}
