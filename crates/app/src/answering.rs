//! Answering for one's own slot: I can't make it, I can after all, no sorry.

use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{Category, Tier};
use kith_policy::{Answer, Permit};

use crate::App;
use crate::failure::Failure;
use crate::gate::Inside;
use crate::promise::{self, Released, Speaker};
use crate::taking::OwnSlot;
use crate::visit::{Receipt, Visit};

/// How somebody says "I can't make it".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotHow {
    /// Somebody else is looked for; it stays the reader's until then.
    AskForCover,
    /// It is given back at once, where there is time to find somebody and it is sure who says it.
    GiveBack,
}

/// What came of "I can't make it".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotOutcome {
    /// Given back; the circle is asked.
    GivenBack,
    /// Cover is asked for; the reader stays responsible until somebody else takes it.
    CoverAsked,
    /// It was not the reader's any more.
    Over,
}

impl App {
    /// "I can't make it." Where it is not sure who says so, and less than a day before, the reader
    /// stays responsible until somebody else takes it.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when there is no such slot of the reader's.
    pub async fn cannot_make_it(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        how: CannotHow,
        receipt: Receipt,
    ) -> Result<CannotOutcome, Failure> {
        let (answer, done) = self.answering(visit, circle, slot, receipt, "cannot").await?;
        match done.as_deref() {
            Some("given-back") => return Ok(CannotOutcome::GivenBack),
            Some("cover-asked") => return Ok(CannotOutcome::CoverAsked),
            Some(_) => return Ok(CannotOutcome::Over),
            None => {}
        }
        let Answering { permit, inside, rows } = answer;
        let claim = rows.claim.as_ref().ok_or(Failure::NotHere)?;
        let (circle, slot, now) = (&inside.circle, &rows.slot, visit.now());
        let speaker = Speaker::of(claim);
        let give_back = how == CannotHow::GiveBack && inside.facts.tier >= Tier::Trusted;
        self.store
            .change(&permit, async |unit| {
                let released = if give_back {
                    promise::cannot_make_it(unit, circle, slot, claim, speaker, now).await?
                } else if promise::want_cover(unit, circle, slot, claim, speaker, now).await? {
                    Released::UntilCovered
                } else {
                    Released::Over
                };
                let (outcome, word) = match released {
                    Released::GivenBack => (CannotOutcome::GivenBack, "given-back"),
                    Released::UntilCovered => (CannotOutcome::CoverAsked, "cover-asked"),
                    Released::Over => (CannotOutcome::Over, "over"),
                };
                unit.keep_receipt(receipt.0, "cannot", word, now).await?;
                Ok(outcome)
            })
            .await
    }

    /// "I can make it after all."
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when the slot is not the reader's any more.
    pub async fn keep_after_all(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (answer, done) = self.answering(visit, circle, slot, receipt, "keep").await?;
        if done.is_some() {
            return Ok(());
        }
        let Answering { permit, inside, rows } = answer;
        let claim = rows.claim.as_ref().ok_or(Failure::NotHere)?;
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "keep", "done", visit.now()).await?;
                let (circle, slot) = (&inside.circle, &rows.slot);
                promise::keep(unit, circle, slot, claim, visit.now()).await?;
                Ok(())
            })
            .await
    }

    /// "No, sorry": the reader is not asked for this slot again.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever could not help with it.
    pub async fn no_sorry(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (answer, done) = self.answering(visit, circle, slot, receipt, "no-sorry").await?;
        if done.is_some() {
            return Ok(());
        }
        let Answering { permit, inside, rows } = answer;
        let membership = inside.own_place()?.membership;
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "no-sorry", "done", now).await?;
                promise::say_no(unit, &inside.circle, &rows.slot, membership, now).await?;
                Ok(())
            })
            .await
    }

    /// Enters to answer for a slot: the permit, the rows, and what came of the form before.
    pub(crate) async fn answering<'v>(
        &'v self,
        visit: &'v Visit,
        circle: CircleId,
        slot: SlotId,
        receipt: Receipt,
        route: &'static str,
    ) -> Result<(Answering<'v>, Option<String>), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, route).await?;
        let rows = OwnSlot::read(&snapshot, &inside, slot).await?;
        snapshot.end();
        let permit = inside.permit::<Answer>(Category::Slot).await?;
        let rows = rows.ok_or(Failure::NotHere)?;
        Ok((Answering { permit, inside, rows }, done))
    }
}

/// An answer that is allowed, before it is written.
pub(crate) struct Answering<'v> {
    pub(crate) permit: Permit<'v, Answer>,
    pub(crate) inside: Inside<'v>,
    pub(crate) rows: OwnSlot,
}
