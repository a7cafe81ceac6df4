//! The page behind the link of a mail: one slot, without signing in.
//!
//! The link stands for the person it was mailed to and opens that one slot: nature name, kind and
//! time. Mailboxes are read by others, so nothing that is done here is final: asking for cover
//! keeps the person responsible. Following the link changes nothing.

use kith_domain::ids::{MailId, MembershipId, ProposedMoveId};
use kith_domain::{
    Category, CategorySet, CircleState, ClaimState, IfNobody, ProposedMoveState, SlotState,
    Timestamp,
};
use kith_policy::{Act, Answer, Disclose, Permit, Take};
use kith_store::{
    Asked, Circle, CircleAccess, Claim, OwnPlace, ProposedMove, Slot, Snapshot, Swap,
};

use crate::App;
use crate::answering::CannotOutcome;
use crate::failure::{Failure, refused};
use crate::outbox::frozen::Detail;
use crate::outbox::links::{is_token, slot_token};
use crate::outbox::taken_in::asked_beside;
use crate::promise::{self, Speaker, Taken};
use crate::taking::TakeOutcome;
use crate::visit::{Receipt, Visit};

pub use seen::{AlsoNeeded, LinkMove, LinkSlot, LinkSlotState};

mod seen;

/// Everything behind a link, read in one snapshot.
pub(crate) struct Behind<'v> {
    app: &'v App,
    visit: &'v Visit,
    pub(crate) circle: Circle,
    facts: kith_policy::Facts,
    place: OwnPlace,
    slot: Slot,
    moves: Vec<(ProposedMove, Slot, Claim)>,
    claims: Vec<Claim>,
    asked: Vec<Asked>,
    beside: Vec<(MailId, Slot)>,
    offered: Option<Swap>,
    clash: bool,
    signed_in: bool,
    pub(crate) done: Option<String>,
}

impl App {
    /// What the page behind the link in mail `mail` shows.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for a token that is not that mail's, for a person who is no longer in
    /// the circle, and for a circle that shows nothing now: the same for all.
    pub async fn slot_by_link(
        &self,
        visit: &Visit,
        mail: MailId,
        token: &str,
    ) -> Result<LinkSlot, Failure> {
        let behind = self.behind(visit, mail, token, None).await?;
        let _: Permit<'_, Disclose> = behind.permit().await?;
        Ok(behind.view())
    }

    /// "Yes, I'll do this."
    pub async fn take_by_link(
        &self,
        visit: &Visit,
        mail: MailId,
        token: &str,
        receipt: Receipt,
    ) -> Result<TakeOutcome, Failure> {
        let behind = self.behind(visit, mail, token, Some((receipt, "take-by-link"))).await?;
        let permit: Permit<'_, Take> = behind.permit().await?;
        match behind.done.as_deref() {
            Some("yours") => return Ok(TakeOutcome::Yours),
            Some("full") => return Ok(TakeOutcome::Full),
            Some(_) => return Ok(TakeOutcome::Gone),
            None => {}
        }
        if !behind.may_help() {
            return Err(Failure::NotHere);
        }
        let person = behind.facts.person.ok_or(Failure::NotHere)?;
        let (circle, slot, place) = (&behind.circle, &behind.slot, behind.place.membership);
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                let answer = promise::take(unit, circle, slot, place, person, now).await?;
                let (outcome, word) = match answer {
                    Taken::Yes(_) | Taken::AlreadyYours(_) => (TakeOutcome::Yours, "yours"),
                    Taken::Full => (TakeOutcome::Full, "full"),
                    Taken::Gone => (TakeOutcome::Gone, "gone"),
                };
                unit.mail_was_answered(mail).await?;
                unit.keep_receipt(receipt.0, "take-by-link", word, now).await?;
                Ok(outcome)
            })
            .await
    }

    /// "I can't make it": somebody else is looked for, the carer is told, and the person stays
    /// responsible until then. Never more than that, as nobody knows who reads this mailbox.
    pub async fn ask_for_cover_by_link(
        &self,
        visit: &Visit,
        mail: MailId,
        token: &str,
        receipt: Receipt,
    ) -> Result<CannotOutcome, Failure> {
        let behind = self.behind(visit, mail, token, Some((receipt, "cover-by-link"))).await?;
        let permit: Permit<'_, Answer> = behind.permit().await?;
        match behind.done.as_deref() {
            Some("cover-asked") => return Ok(CannotOutcome::CoverAsked),
            Some(_) => return Ok(CannotOutcome::Over),
            None => {}
        }
        let now = visit.now();
        let (circle, slot) = (&behind.circle, &behind.slot);
        let Some(claim) = behind.own().filter(|_| slot.ends > now) else {
            return Ok(CannotOutcome::Over);
        };
        self.store
            .change(&permit, async |unit| {
                let asked =
                    promise::want_cover(unit, circle, slot, claim, Speaker::of(claim), now).await?;
                let (outcome, word) = if asked {
                    (CannotOutcome::CoverAsked, "cover-asked")
                } else {
                    (CannotOutcome::Over, "over")
                };
                unit.mail_was_answered(mail).await?;
                unit.keep_receipt(receipt.0, "cover-by-link", word, now).await?;
                Ok(outcome)
            })
            .await
    }

    /// "I'll be there": the carer sees it on the rota. `false` when the promise is over, or somebody
    /// else is looked for.
    pub async fn confirm_by_link(
        &self,
        visit: &Visit,
        mail: MailId,
        token: &str,
        receipt: Receipt,
    ) -> Result<bool, Failure> {
        let behind = self.behind(visit, mail, token, Some((receipt, "there-by-link"))).await?;
        let permit: Permit<'_, Answer> = behind.permit().await?;
        if let Some(word) = behind.done.as_deref() {
            return Ok(word == "there");
        }
        let now = visit.now();
        let slot = &behind.slot;
        let Some(claim) = behind.own().filter(|_| slot.ends > now) else { return Ok(false) };
        self.store
            .change(&permit, async |unit| {
                let confirmed = unit.confirm_claim(claim, slot).await?;
                let word = if confirmed { "there" } else { "over" };
                unit.mail_was_answered(mail).await?;
                unit.keep_receipt(receipt.0, "there-by-link", word, now).await?;
                Ok(confirmed)
            })
            .await
    }

    /// "No, sorry": the person is not asked for this slot again. Nobody is told.
    pub async fn say_no_by_link(
        &self,
        visit: &Visit,
        mail: MailId,
        token: &str,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let behind = self.behind(visit, mail, token, Some((receipt, "no-by-link"))).await?;
        let permit: Permit<'_, Answer> = behind.permit().await?;
        if behind.done.is_some() {
            return Ok(());
        }
        let (slot, place, now) = (&behind.slot, behind.place.membership, visit.now());
        let circle = &behind.circle;
        self.store
            .change(&permit, async |unit| {
                promise::say_no(unit, circle, slot, place, now).await?;
                unit.mail_was_answered(mail).await?;
                unit.keep_receipt(receipt.0, "no-by-link", "done", now).await?;
                Ok(())
            })
            .await
    }

    pub(crate) async fn behind<'v>(
        &'v self,
        visit: &'v Visit,
        mail: MailId,
        token: &str,
        form: Option<(Receipt, &str)>,
    ) -> Result<Behind<'v>, Failure> {
        if !is_token(token, &slot_token(&self.vault, mail)) {
            return Err(Failure::NotHere);
        }
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let row = snapshot.mail(mail).await?.ok_or(Failure::NotHere)?;
        // What a link from before an old copy was put in place may still do, only the database
        // knew that is gone.
        if snapshot.restored_at().await?.is_some_and(|at| row.due_at <= at) {
            return Err(Failure::NotHere);
        }
        let subject = row.subject;
        let (Some(person), Some(circle), Some(slot)) =
            (subject.person, subject.circle, subject.slot)
        else {
            return Err(Failure::NotHere);
        };
        let access = snapshot.link_access(person, circle, visit.now()).await?;
        let CircleAccess { circle, facts, place, .. } = access.ok_or(Failure::NotHere)?;
        let slot = snapshot.slot(slot).await?.filter(|slot| slot.circle == circle.id);
        let slot = slot.ok_or(Failure::NotHere)?;
        let claims = snapshot.claims_of(slot.id).await?;
        let asked = snapshot.asked_for(slot.id).await?;
        let detail = Detail::from_json(&row.detail);
        let member = place.as_ref().map(|place| place.membership);
        let mut beside = Vec::new();
        for (mail, slot) in asked_beside(&snapshot, row.id).await? {
            let claims = snapshot.claims_of(slot.id).await?;
            let own = |claim: &Claim| Some(claim.membership) == member;
            let yours = claims.iter().any(|claim| own(claim) && claim.state.is_live());
            let cover_wanted = claims.iter().any(|claim| claim.state == ClaimState::CoverWanted);
            let open = slot.state == SlotState::Open && slot.starts > visit.now();
            if open && !yours && (slot.needs_somebody() || cover_wanted) {
                beside.push((mail, slot));
            }
        }
        let moves = moves_to(&snapshot, member, &slot, &detail).await?;
        let offered = snapshot.open_swaps_of(slot.id).await?;
        let clash = snapshot.promised_around(person, &slot).await?.is_some();
        let signed_in = match visit.session {
            Some(hash) => snapshot.session(&hash, visit.now()).await?,
            None => None,
        };
        let signed_in = signed_in.is_some_and(|session| session.person == person);
        let done = match form {
            Some((receipt, route)) => snapshot.receipt(receipt.0, route).await?,
            None => None,
        };
        snapshot.end();
        let place = place.ok_or(Failure::NotHere)?;
        let offered = offered.into_iter().find(|swap| swap.to == place.membership);
        Ok(Behind {
            app: self,
            visit,
            circle,
            facts,
            place,
            slot,
            moves,
            claims,
            asked,
            beside,
            offered,
            clash,
            signed_in,
            done,
        })
    }
}

/// The open questions to a member: about this slot, and those that the mail asked.
async fn moves_to(
    snapshot: &Snapshot,
    member: Option<MembershipId>,
    slot: &Slot,
    detail: &Detail,
) -> Result<Vec<(ProposedMove, Slot, Claim)>, Failure> {
    let Some(member) = member else { return Ok(Vec::new()) };
    let mut open: Vec<ProposedMove> = snapshot.open_move_of(slot.id).await?.into_iter().collect();
    for id in &detail.moves {
        let asked = snapshot.proposed_move(ProposedMoveId::from_uuid(*id)).await?;
        open.extend(asked.filter(|asked| asked.slot != slot.id && asked.circle == slot.circle));
    }
    let mut moves = Vec::new();
    for open in open.into_iter().filter(|open| open.state == ProposedMoveState::Open) {
        let claim = snapshot.live_claim(open.slot, member).await?;
        let claim = claim.filter(|claim| claim.person != open.by);
        if let (Some(claim), Some(slot)) = (claim, snapshot.slot(open.slot).await?) {
            moves.push((open, slot, claim));
        }
    }
    moves.sort_by_key(|(_, slot, _)| slot.starts);
    Ok(moves)
}

impl<'v> Behind<'v> {
    /// The questions that may still be answered, with the reader's promises.
    pub(crate) fn asks_about(&self) -> impl Iterator<Item = (&ProposedMove, &Claim)> {
        let now = self.visit.now();
        let open = self.moves.iter().filter(move |(open, ..)| open.may_be_answered(now));
        open.map(|(open, _, claim)| (open, claim))
    }

    pub(crate) async fn permit<A: Act>(&self) -> Result<Permit<'v, A>, Failure> {
        self.app
            .engine
            .authorize(&self.visit.scope, &self.facts, Category::Slot)
            .await
            // A surer session would not open more behind this link.
            .map_err(|refusal| match refused(refusal, None) {
                Failure::StepUp { .. } => Failure::NotHere,
                failure => failure,
            })
    }

    fn may<A: Act>(&self) -> bool {
        self.app.engine.may::<A>(&self.facts, Category::Slot)
    }

    /// The reader's live promise.
    fn own(&self) -> Option<&Claim> {
        self.claims
            .iter()
            .find(|claim| claim.membership == self.place.membership && claim.state.is_live())
    }

    /// Whoever sees the rota, and whoever was asked.
    fn may_help(&self) -> bool {
        let grants: CategorySet = self.facts.grants;
        let asked = self.asked.iter().any(|asked| asked.membership == self.place.membership);
        grants.contains(Category::Rota) || asked
    }

    fn state(&self, now: Timestamp) -> LinkSlotState {
        let cover_wanted =
            || self.claims.iter().any(|claim| claim.state == ClaimState::CoverWanted);
        if self.slot.state == SlotState::Cancelled {
            return LinkSlotState::Cancelled;
        }
        if self.slot.ends <= now {
            return LinkSlotState::Over;
        }
        match self.own().map(|claim| claim.state) {
            Some(ClaimState::CoverWanted) => LinkSlotState::YoursUntilCovered,
            Some(_) => LinkSlotState::Yours,
            None if self.offered.as_ref().is_some_and(|swap| swap.in_return.is_some()) => {
                LinkSlotState::SwapOffered
            }
            None if self.offered.is_some() => LinkSlotState::Needed,
            None if self.slot.needs_somebody() || cover_wanted() => LinkSlotState::Needed,
            None => LinkSlotState::Covered,
        }
    }

    fn view(self) -> LinkSlot {
        use LinkSlotState as S;
        let state = self.state(self.visit.now());
        let said_no = self
            .asked
            .iter()
            .any(|asked| asked.membership == self.place.membership && asked.said_no);
        let zone = &self.circle.zone;
        let now = self.visit.now();
        let also = self.beside.iter().map(|(mail, slot)| AlsoNeeded {
            path: format!("/s/{mail}/{}", slot_token(&self.app.vault, *mail).as_str()),
            kind: (!self.circle.quiet_mail).then_some(slot.kind),
            local_start: zone.local(slot.starts),
            local_end: zone.local(slot.ends),
        });
        let also = also.collect();
        let may_answer = self.may::<Answer>();
        let local = |starts, ends| (zone.local(starts), zone.local(ends));
        let moves = self.moves.iter().filter(|(open, ..)| open.may_be_answered(now));
        let moves = moves.map(|(open, slot, claim)| LinkMove {
            id: open.id,
            is: local(slot.starts, slot.ends),
            would_be: local(open.starts, open.ends),
            said: open.answers.get(&claim.id).copied(),
            may_answer,
        });
        let moves = moves.collect();
        let confirmed = self.own().is_some_and(|claim| claim.is_confirmed(&self.slot));
        LinkSlot {
            also,
            moves,
            confirmed,
            // Where the task asks for it, as on its own page.
            may_confirm: state == S::Yours
                && self.slot.if_nobody == IfNobody::Must
                && !confirmed
                && self.may::<Answer>(),
            may_take: matches!(state, S::Needed | S::YoursUntilCovered)
                && self.may_help()
                && self.may::<Take>(),
            may_ask_for_cover: state == S::Yours && self.may::<Answer>(),
            has_said_no: said_no,
            may_say_no: matches!(state, S::Needed | S::SwapOffered)
                && !said_no
                && self.may::<Answer>(),
            clash: self.clash && matches!(state, S::Needed | S::SwapOffered),
            signed_in: self.signed_in,
            local_start: zone.local(self.slot.starts),
            local_end: zone.local(self.slot.ends),
            kind: (!self.circle.quiet_mail).then_some(self.slot.kind),
            paused: self.circle.state == CircleState::Paused,
            slot: self.slot.id,
            circle: self.circle.id,
            nature_name: self.circle.nature_name,
            state,
        }
    }
}
