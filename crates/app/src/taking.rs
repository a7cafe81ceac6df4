//! Saying yes to a slot, and taking a yes back.

use jiff::civil::DateTime;
use kith_domain::claim::window;
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{Category, CircleState, ClaimEnd, ClaimState, TaskKind, Tier, Timestamp};
use kith_policy::{Disclose, Permit, Take};
use kith_store::{Claim, Person, Slot, Snapshot, Swap};

use crate::App;
use crate::about::{About, SealedAbout};
use crate::answering::Answering;
use crate::failure::Failure;
use crate::gate::Inside;
use crate::promise::{self, Taken};
use crate::swap_back::swap_back;
use crate::visit::{Receipt, Visit};

/// Seconds after taking a slot during which it can simply be undone.
pub(crate) const UNDO_SECONDS: i64 = 600;

/// What came of "I'll do it".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeOutcome {
    /// It is the reader's; it may have been before.
    Yours,
    /// Somebody was faster: "Someone took this a moment ago. Thank you both."
    Full,
    /// It was cancelled, or is over.
    Gone,
}

/// "Thank you": right after taking a slot.
#[derive(Clone, Debug)]
pub struct TakenPage {
    /// The circle and the reader.
    pub about: About,
    /// The slot.
    pub slot: SlotId,
    /// What.
    pub kind: TaskKind,
    /// When it starts, by the wall clock of the circle.
    pub local_start: DateTime,
    /// When it ends.
    pub local_end: DateTime,
    /// When the reader is reminded.
    pub reminders: Vec<Timestamp>,
    /// Why no mail reminds the reader.
    pub unreminded: Option<Unreminded>,
    /// When the address opens, if the task tells it.
    pub address_opens: Option<Timestamp>,
    /// When the way to get in opens, if the task tells it.
    pub entry_opens: Option<Timestamp>,
    /// It can still simply be undone.
    pub may_undo: bool,
}

/// Why no mail reminds somebody of what they promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreminded {
    /// There is no address.
    NoAddress,
    /// Nobody has shown yet that the address is read.
    Unproved,
    /// Mail to it comes back.
    ComesBack,
    /// The person wants no mail at all.
    Stopped,
    /// The circle does not remind now.
    Paused,
}

impl Unreminded {
    async fn read(
        snapshot: &Snapshot,
        person: &Person,
        circle: CircleState,
    ) -> Result<Option<Self>, Failure> {
        Ok(if person.email.is_none() {
            Some(Self::NoAddress)
        } else if person.mail.stopped {
            Some(Self::Stopped)
        } else if snapshot.mail_comes_back(person.id).await?.is_some() {
            Some(Self::ComesBack)
        } else if snapshot.address_is_unproved(person.id).await? {
            Some(Self::Unproved)
        } else if circle != CircleState::Active {
            Some(Self::Paused)
        } else {
            None
        })
    }
}

impl App {
    /// Takes a place of a slot.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever may not help with it.
    pub async fn take_slot(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        receipt: Receipt,
    ) -> Result<TakeOutcome, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "take-slot").await?;
        let rows = OwnSlot::read(&snapshot, &inside, slot).await?;
        snapshot.end();
        let permit = inside.permit::<Take>(Category::Slot).await?;
        match done.as_deref() {
            Some("yours") => return Ok(TakeOutcome::Yours),
            Some("full") => return Ok(TakeOutcome::Full),
            Some(_) => return Ok(TakeOutcome::Gone),
            None => {}
        }
        let place = inside.own_place()?;
        let Some(rows) = rows.filter(|rows| rows.may_help(&inside)) else {
            // Whoever may see the rota is asked to show that it is they.
            let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
            return Err(Failure::NotHere);
        };
        let (person, now) = (inside.session.person, visit.now());
        self.store
            .change(&permit, async |unit| {
                let taken =
                    promise::take(unit, &inside.circle, &rows.slot, place.membership, person, now);
                let (outcome, word) = match taken.await? {
                    Taken::Yes(_) | Taken::AlreadyYours(_) => (TakeOutcome::Yours, "yours"),
                    Taken::Full => (TakeOutcome::Full, "full"),
                    Taken::Gone => (TakeOutcome::Gone, "gone"),
                };
                unit.keep_receipt(receipt.0, "take-slot", word, now).await?;
                Ok(outcome)
            })
            .await
    }

    /// What is said right after taking a slot.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when the slot is not the reader's.
    pub async fn taken_page(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<TakenPage, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let rows = OwnSlot::read(&snapshot, &inside, slot).await?;
        let person = snapshot.person(inside.session.person).await?;
        let unreminded = Unreminded::read(&snapshot, &person, inside.circle.state).await?;
        snapshot.end();
        let _: Permit<'_, Disclose> = inside.permit(Category::Slot).await?;
        let rows = rows.ok_or(Failure::NotHere)?;
        let claim = rows.claim.as_ref().ok_or(Failure::NotHere)?;
        let key = inside.key()?;
        let (about, _) = about.open(&inside, &key).await?;
        let (slot, now) = (&rows.slot, visit.now());
        let zone = &inside.circle.zone;
        let due = unreminded.is_none().then(|| person.mail.reminded_at(slot.starts, zone));
        let opens = window(slot.starts, slot.ends).opens.max(now);
        let opens_for =
            |category, told: bool| (told && !inside.withheld.contains(category)).then_some(opens);
        Ok(TakenPage {
            slot: slot.id,
            kind: slot.kind,
            local_start: zone.local(slot.starts),
            local_end: zone.local(slot.ends),
            unreminded,
            reminders: due.into_iter().flatten().filter(|due| *due > now).collect(),
            address_opens: opens_for(Category::Address, slot.disclosure.address),
            entry_opens: opens_for(Category::Entry, slot.disclosure.entry),
            may_undo: rows.may_undo(claim, now),
            about,
        })
    }

    /// Takes a yes back within ten minutes, when nobody made way for it; of a swap, both do again what
    /// they did before.
    ///
    /// # Errors
    ///
    /// [`Failure::Changed`] when it is too late for that: then one asks for cover.
    pub async fn undo_take(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (answer, done) = self.answering(visit, circle, slot, receipt, "undo-take").await?;
        if done.is_some() {
            return Ok(());
        }
        let Answering { permit, inside, rows } = answer;
        let claim = rows.claim.as_ref().ok_or(Failure::NotHere)?;
        let (now, circle) = (visit.now(), &inside.circle);
        if !rows.may_undo(claim, now) && !rows.may_swap_back(now) {
            return Err(Failure::Changed);
        }
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "undo-take", "done", now).await?;
                if let Some(swap) = &rows.swapped {
                    return if swap_back(unit, circle, swap, claim.person, now).await? {
                        Ok(())
                    } else {
                        Err(Failure::Changed)
                    };
                }
                if promise::drop_promise(unit, claim, ClaimEnd::Undone, now).await? {
                    // Whoever was to be asked meanwhile, and was not, is asked after all.
                    unit.plan_askings_again(rows.slot.id, claim.claimed_at, now).await?;
                }
                Ok(())
            })
            .await
    }
}

/// A slot as one member stands towards it.
pub(crate) struct OwnSlot {
    /// The slot.
    pub(crate) slot: Slot,
    /// The member's live promise.
    pub(crate) claim: Option<Claim>,
    /// Somebody made way for it.
    made_way: bool,
    /// The swap by which the member got it, if by one.
    swapped: Option<Swap>,
    /// The member was asked for it.
    asked: bool,
}

impl OwnSlot {
    /// None when the slot is not one of the circle.
    pub(crate) async fn read(
        snapshot: &Snapshot,
        inside: &Inside<'_>,
        slot: SlotId,
    ) -> Result<Option<Self>, Failure> {
        let me = inside.place.as_ref().map(|place| place.membership);
        let slot = snapshot.slot(slot).await?.filter(|slot| slot.circle == inside.circle.id);
        let Some(slot) = slot else { return Ok(None) };
        let claims = snapshot.claims_of(slot.id).await?;
        let asked = snapshot.asked_for(slot.id).await?;
        let own = |c: &&Claim| Some(c.membership) == me && c.state.is_live();
        let claim = claims.iter().find(own).cloned();
        let swapped = match &claim {
            Some(claim) => {
                snapshot.swap_behind(slot.id, claim.membership, claim.claimed_at).await?
            }
            None => None,
        };
        let made_way = |other: &Claim| {
            other.state == ClaimState::Dropped
                && matches!(other.ended_as, Some(ClaimEnd::Covered | ClaimEnd::Swapped))
                && claim.as_ref().is_some_and(|own| own.claimed_at == other.changed_at)
        };
        Ok(Some(Self {
            made_way: claims.iter().any(made_way),
            swapped,
            claim,
            asked: asked.iter().any(|asked| Some(asked.membership) == me),
            slot,
        }))
    }

    /// Those who see the rota here, and those who were asked; not the patient.
    pub(crate) fn may_help(&self, inside: &Inside<'_>) -> bool {
        let sees_rota =
            inside.facts.tier >= Tier::Trusted && inside.facts.grants.contains(Category::Rota);
        !inside.is_patient() && (self.asked || sees_rota)
    }

    fn may_undo(&self, claim: &Claim, now: Timestamp) -> bool {
        !self.made_way && now.seconds_since(claim.claimed_at) < UNDO_SECONDS
    }

    /// It came by a swap a moment ago, which may still be undone.
    pub(crate) fn may_swap_back(&self, now: Timestamp) -> bool {
        let lately = |claim: &Claim| now.seconds_since(claim.claimed_at) < UNDO_SECONDS;
        self.swapped.is_some() && self.claim.as_ref().is_some_and(lately) && self.slot.ends > now
    }
}
