//! What each kind of mail is about, as the rows say now.

use kith_domain::ids::{JoinRequestId, ProposedMoveId};
use kith_domain::{
    ClaimState, IfNobody, MailKind, MailReason, MemberRole, MembershipState, ProposedMoveState,
    ReminderKind, SlotState, SwapState, Timestamp, Told, reminder,
};
use kith_store::{Circle, Claim, Content, Mail, Membership, Person, Slot, StoreError, UnitOfWork};
use kith_vault::Field;

use crate::appointments::Entry;
use crate::outbox::check::Not;
use crate::outbox::frozen::{Detail, Frozen, between, times};
use crate::told;

/// What one kind of mail needs.
pub(crate) struct Words {
    pub(crate) frozen: Frozen,
    /// Start of the slot: a change of a slot that is near is sent at night.
    pub(crate) starts: Option<Timestamp>,
    pub(crate) useful_until: Timestamp,
    pub(crate) entries: Vec<Entry>,
    pub(crate) inviter: Option<Content>,
}

/// Everybody and everything that a mail about a circle depends on, as it is now.
pub(crate) struct Current<'a> {
    pub(crate) unit: &'a UnitOfWork,
    pub(crate) mail: &'a Mail,
    pub(crate) person: Person,
    pub(crate) circle: Circle,
    pub(crate) place: Membership,
    pub(crate) slot: Option<Slot>,
    pub(crate) claim: Option<Claim>,
    pub(crate) now: Timestamp,
}

impl Current<'_> {
    /// What the mail says, and until when that is of use.
    pub(crate) async fn words(&self) -> Result<Words, Not> {
        match self.mail.kind {
            MailKind::Invitation => self.invitation().await,
            MailKind::Promised => self.promised().await,
            MailKind::Reminder => self.reminder().await,
            MailKind::SomebodyNeeded => self.somebody_needed().await,
            MailKind::Changed => self.changed().await,
            MailKind::MoveAsked => self.move_asked().await,
            MailKind::Cancelled => self.cancelled().await,
            MailKind::CoverWanted => self.cover_wanted(),
            MailKind::Told => self.told().await,
            MailKind::Named => self.named().await,
            MailKind::AsksToJoin => self.asks_to_join().await,
            MailKind::CoverFound => self.cover_found().await,
            MailKind::PleaseConfirm => self.please_confirm().await,
            MailKind::NoWord => self.no_word().await,
            MailKind::NobodyYet => self.nobody_yet().await,
            MailKind::Paused | MailKind::GoesOn => self.pause().await,
            MailKind::SignInCode
            | MailKind::AddressCode
            | MailKind::AddressChanged
            | MailKind::Digest
            | MailKind::WeekAhead
            | MailKind::Concern
            | MailKind::Uncovered
            | MailKind::Figures => Err(MailReason::CannotBeWritten.into()),
        }
    }

    async fn invitation(&self) -> Result<Words, Not> {
        let id = self.mail.subject.welcome.ok_or(MailReason::CannotBeWritten)?;
        let welcome = self.unit.welcome(id).await?.ok_or(MailReason::Answered)?;
        if !welcome.is_live(self.now) || welcome.answered_at.is_some() {
            Err(MailReason::Answered)?;
        }
        // Whoever said yes on the telephone, and has an address only now, comes in by it.
        let is_in = self.place.state == MembershipState::Active;
        if is_in && !self.unit.is_in_by_word_only(&self.place).await? {
            Err(MailReason::Answered)?;
        }
        let inviter = if welcome.names_inviter {
            let subject = welcome.id.as_uuid();
            self.unit.content(self.circle.id, Field::InviterName, subject).await?
        } else {
            None
        };
        Ok(Words {
            frozen: Frozen::Invitation { names_inviter: inviter.is_some() },
            starts: None,
            useful_until: welcome.expires_at,
            entries: Vec::new(),
            inviter,
        })
    }

    async fn promised(&self) -> Result<Words, Not> {
        let slot = self.open_slot()?;
        let claim = self.own_claim(&slot).await?;
        let frozen = Frozen::Promised { slot: times(&slot, &self.circle.zone), more: Vec::new() };
        let words = about(&slot, frozen, reminder::useful_until(slot.starts));
        Ok(self.with_entry(words, &slot, &claim))
    }

    async fn reminder(&self) -> Result<Words, Not> {
        let slot = self.open_slot()?;
        let claim = self.own_claim(&slot).await?;
        let detail = Detail::from_json(&self.mail.detail);
        if detail.revision.is_some_and(|revision| revision != slot.revision) {
            // The slot was moved, and its new times have reminders of their own.
            Err(MailReason::Superseded)?;
        }
        let at = detail.reminder_kind().ok_or(MailReason::CannotBeWritten)?;
        if !self.person.mail.single().wants(at) {
            Err(MailReason::ConsentWithdrawn)?;
        }
        // One that would fall in the night goes out on the evening before, and is no news of today.
        let zone = &self.circle.zone;
        let before = zone.date(self.mail.due_at) < zone.date(slot.starts);
        let at = if before { ReminderKind::DayBefore } else { at };
        let asks = slot.if_nobody == IfNobody::Must && !claim.is_confirmed(&slot);
        let frozen = Frozen::Reminder { slot: times(&slot, zone), at, asks };
        let words = about(&slot, frozen, reminder::useful_until(slot.starts));
        Ok(self.with_entry(words, &slot, &claim))
    }

    async fn somebody_needed(&self) -> Result<Words, Not> {
        let slot = self.open_slot()?;
        self.is_asked_for(&slot).await?;
        let slots = times(&slot, &self.circle.zone);
        let frozen = Frozen::SomebodyNeeded { slot: slots, more: Vec::new() };
        Ok(about(&slot, frozen, reminder::useful_until(slot.starts)))
    }

    /// Whether this person may be asked for a slot that needs somebody.
    pub(crate) async fn is_asked_for(&self, slot: &Slot) -> Result<(), Not> {
        let cover_wanted = || async {
            let claims = self.unit.claims_of(slot.id).await?;
            Ok::<_, StoreError>(claims.iter().any(|claim| {
                claim.state == ClaimState::CoverWanted && claim.membership != self.place.id
            }))
        };
        let own = self.unit.live_claim(slot.id, self.place.id).await?;
        if own.is_some() || !(slot.needs_somebody() || cover_wanted().await?) {
            Err(MailReason::SlotCovered)?;
        }
        let may_be_asked = self.unit.may_be_asked(slot, self.now).await?;
        if !may_be_asked.iter().any(|member| member.membership == self.place.id) {
            // Said no, or may no longer see the rota.
            Err(MailReason::ConsentWithdrawn)?;
        }
        Ok(())
    }

    async fn changed(&self) -> Result<Words, Not> {
        let slot = self.open_slot()?;
        let claim = self.own_claim(&slot).await?;
        let (starts, ends) =
            Detail::from_json(&self.mail.detail).old_times().ok_or(MailReason::CannotBeWritten)?;
        let zone = &self.circle.zone;
        let frozen =
            Frozen::Changed { old: between(&slot, starts, ends, zone), new: times(&slot, zone) };
        // Whichever time comes first is the one that somebody could miss.
        let near = Some(slot.starts.min(starts));
        // Somebody who does not know of an earlier time would still go to the old one.
        let words = Words { starts: near, ..about(&slot, frozen, slot.ends.max(ends)) };
        Ok(self.with_entry(words, &slot, &claim))
    }

    /// The questions that this person has not answered and still may.
    async fn move_asked(&self) -> Result<Words, Not> {
        let mut moves = Vec::new();
        let (mut near, mut useful_until) = (None::<Timestamp>, self.now);
        for id in Detail::from_json(&self.mail.detail).moves {
            let open = self.unit.proposed_move(ProposedMoveId::from_uuid(id)).await?;
            let Some(open) = open.filter(|open| open.may_be_answered(self.now)) else { continue };
            let claim = self.unit.live_claim(open.slot, self.place.id).await?;
            let Some(claim) = claim.filter(|claim| !open.answers.contains_key(&claim.id)) else {
                continue;
            };
            let Some(slot) = self.unit.slot(claim.slot).await? else { continue };
            let zone = &self.circle.zone;
            let new = between(&slot, open.starts, open.ends, zone);
            moves.push((times(&slot, zone), new));
            let first = slot.starts.min(open.starts);
            near = Some(near.map_or(first, |near| near.min(first)));
            useful_until = useful_until.max(open.lapses_at);
        }
        if moves.is_empty() {
            Err(MailReason::Superseded)?;
        }
        let frozen = Frozen::MoveAsked { moves };
        Ok(Words { frozen, starts: near, useful_until, entries: Vec::new(), inviter: None })
    }

    async fn cancelled(&self) -> Result<Words, Not> {
        let slot = self.slot()?;
        if slot.state != SlotState::Cancelled {
            Err(MailReason::Superseded)?;
        }
        let frozen = Frozen::Cancelled { slot: times(&slot, &self.circle.zone) };
        let claim = self.unit.newest_claim(slot.id, self.place.id).await?;
        let entries = claim.iter().map(|claim| Entry::ended(&self.circle, &slot, claim)).collect();
        Ok(Words { entries, ..about(&slot, frozen, slot.ends) })
    }

    async fn cover_found(&self) -> Result<Words, Not> {
        let slot = self.open_slot()?;
        let claim = self.unit.newest_claim(slot.id, self.place.id).await?;
        let claim = claim.ok_or(MailReason::ClaimDropped)?;
        if claim.state.is_live() {
            // Taken again meanwhile.
            Err(MailReason::Superseded)?;
        }
        let frozen = Frozen::CoverFound { slot: times(&slot, &self.circle.zone) };
        let entries = vec![Entry::ended(&self.circle, &slot, &claim)];
        Ok(Words { entries, ..about(&slot, frozen, slot.ends) })
    }

    fn cover_wanted(&self) -> Result<Words, Not> {
        let slot = self.open_slot()?;
        if !matches!(self.place.role, MemberRole::Carer | MemberRole::Patient) {
            Err(MailReason::ConsentWithdrawn)?;
        }
        match self.claim()?.state {
            ClaimState::CoverWanted => {}
            ClaimState::Claimed => Err(MailReason::Superseded)?,
            _ => Err(MailReason::SlotCovered)?,
        }
        let frozen = Frozen::CoverWanted { slot: times(&slot, &self.circle.zone) };
        Ok(about(&slot, frozen, slot.ends))
    }

    async fn told(&self) -> Result<Words, Not> {
        let slot = self.open_slot()?;
        let detail = Detail::from_json(&self.mail.detail);
        let what = detail.told_what().ok_or(MailReason::CannotBeWritten)?;
        match what {
            Told::SwapDone => {
                if self.unit.live_claim(slot.id, self.place.id).await?.is_some() {
                    // Taken again since.
                    Err(MailReason::Superseded)?;
                }
            }
            Told::SwapOffered => {
                let id = detail.swap.as_deref().and_then(|id| id.parse().ok());
                let swap = self.unit.swap(id.ok_or(MailReason::CannotBeWritten)?).await?;
                if swap.is_none_or(|swap| swap.state != SwapState::Offered) {
                    Err(MailReason::Answered)?;
                }
            }
            Told::SwapDeclined => {
                if self.unit.live_claim(slot.id, self.place.id).await?.is_none() {
                    Err(MailReason::ClaimDropped)?;
                }
            }
            Told::Covered => {
                let wanted = self.unit.claims_of(slot.id).await?;
                let wanted = wanted.iter().any(|claim| claim.state == ClaimState::CoverWanted);
                let in_charge = matches!(self.place.role, MemberRole::Carer | MemberRole::Patient);
                if wanted || slot.needs_somebody() || !in_charge {
                    Err(MailReason::Superseded)?;
                }
            }
            Told::CoveredTellThem => {
                let covered = self.claim()?.membership;
                let again = self.unit.live_claim(slot.id, covered).await?.is_some();
                let in_charge = matches!(self.place.role, MemberRole::Carer | MemberRole::Patient);
                if again || !in_charge {
                    Err(MailReason::Superseded)?;
                }
            }
            Told::RunningLate => {
                if !self.claim()?.state.is_live() {
                    Err(MailReason::Superseded)?;
                }
            }
            Told::MoveDeclined => {
                let id = detail.moves.first().ok_or(MailReason::CannotBeWritten)?;
                let open = self.unit.proposed_move(ProposedMoveId::from_uuid(*id)).await?;
                if open.is_none_or(|open| open.state != ProposedMoveState::Open) {
                    Err(MailReason::Superseded)?;
                }
            }
            Told::MoveStays => {
                if self.unit.live_claim(slot.id, self.place.id).await?.is_none() {
                    Err(MailReason::ClaimDropped)?;
                }
                let id = detail.moves.first().ok_or(MailReason::CannotBeWritten)?;
                let asked = self.unit.proposed_move(ProposedMoveId::from_uuid(*id)).await?;
                let moved = asked.is_none_or(|asked| asked.state == ProposedMoveState::Moved);
                let again = self.unit.open_move_of(slot.id).await?;
                let again = again.is_some_and(|open| open.may_be_answered(self.now));
                if moved || again || slot.starts <= self.now {
                    Err(MailReason::Superseded)?;
                }
            }
            Told::HospiceComing | Told::HospiceNobody => {
                // It counts no more, or something else was noted since.
                let said = self.unit.hospice_word(slot.id).await?;
                let in_charge = matches!(self.place.role, MemberRole::Carer | MemberRole::Patient);
                if said.is_none_or(|said| told::of_hospice(said.what) != what) || !in_charge {
                    Err(MailReason::Superseded)?;
                }
            }
            Told::Freed => return self.freed(&slot, &detail).await,
            Told::ComesAfterAll => {
                let claim = self.own_claim(&slot).await?;
                let frozen = Frozen::Told { slot: times(&slot, &self.circle.zone), what };
                return Ok(self.with_entry(about(&slot, frozen, slot.ends), &slot, &claim));
            }
            Told::MoveAgreed | Told::StandingEnded => {}
        }
        let frozen = Frozen::Told { slot: times(&slot, &self.circle.zone), what };
        Ok(about(&slot, frozen, slot.ends))
    }

    /// Says the time that the person had promised, and takes it out of the calendar.
    async fn freed(&self, slot: &Slot, detail: &Detail) -> Result<Words, Not> {
        let (starts, ends) = detail.old_times().ok_or(MailReason::CannotBeWritten)?;
        let claim = self.unit.newest_claim(slot.id, self.place.id).await?;
        let claim = claim.ok_or(MailReason::ClaimDropped)?;
        if claim.state.is_live() {
            // Taken again since.
            Err(MailReason::Superseded)?;
        }
        let slot = between(slot, starts, ends, &self.circle.zone);
        let frozen = Frozen::Told { slot, what: Told::Freed };
        let now_at = self.slot()?;
        let entries = vec![Entry::ended(&self.circle, &now_at, &claim)];
        let (starts, inviter) = (Some(starts), None);
        Ok(Words { frozen, starts, useful_until: ends, entries, inviter })
    }

    async fn named(&self) -> Result<Words, Not> {
        let granted = self.unit.granted_to(&self.place, self.now).await?;
        if granted.is_empty() && self.place.role != MemberRole::Patient {
            Err(MailReason::ConsentWithdrawn)?;
        }
        let how = Detail::from_json(&self.mail.detail).named_as();
        Ok(Words {
            frozen: Frozen::Named { how },
            starts: None,
            useful_until: self.mail.useful_until,
            entries: Vec::new(),
            inviter: None,
        })
    }

    async fn asks_to_join(&self) -> Result<Words, Not> {
        if !matches!(self.place.role, MemberRole::Carer | MemberRole::Patient) {
            Err(MailReason::ConsentWithdrawn)?;
        }
        let id = Detail::from_json(&self.mail.detail).asks.ok_or(MailReason::CannotBeWritten)?;
        let asked = self.unit.join_request(JoinRequestId::from_uuid(id)).await?;
        if !asked.is_some_and(|asked| asked.is_waiting(self.now)) {
            Err(MailReason::Answered)?;
        }
        Ok(Words {
            frozen: Frozen::AsksToJoin,
            starts: None,
            useful_until: self.mail.useful_until,
            entries: Vec::new(),
            inviter: None,
        })
    }

    fn with_entry(&self, words: Words, slot: &Slot, claim: &Claim) -> Words {
        Words { entries: vec![Entry::of(&self.circle, slot, claim)], ..words }
    }

    fn slot(&self) -> Result<Slot, Not> {
        self.mail.subject.slot.ok_or(MailReason::CannotBeWritten)?;
        let slot = self.slot.clone().filter(|slot| slot.circle == self.circle.id);
        Ok(slot.ok_or(MailReason::SlotCancelled)?)
    }

    pub(crate) fn open_slot(&self) -> Result<Slot, Not> {
        let slot = self.slot()?;
        if slot.state == SlotState::Open { Ok(slot) } else { Err(MailReason::SlotCancelled.into()) }
    }

    fn claim(&self) -> Result<Claim, Not> {
        self.mail.subject.claim.ok_or(MailReason::CannotBeWritten)?;
        Ok(self.claim.clone().ok_or(MailReason::ClaimDropped)?)
    }

    /// The promise that the mail is about, if it stands and is this person's.
    pub(crate) async fn own_claim(&self, slot: &Slot) -> Result<Claim, Not> {
        let claim = if self.mail.subject.claim.is_some() {
            self.claim()?
        } else {
            let live = self.unit.live_claim(slot.id, self.place.id).await?;
            live.ok_or(MailReason::ClaimDropped)?
        };
        if claim.state.is_live() && claim.person == self.person.id {
            Ok(claim)
        } else {
            Err(MailReason::ClaimDropped.into())
        }
    }
}

pub(crate) fn about(slot: &Slot, frozen: Frozen, useful_until: Timestamp) -> Words {
    Words { frozen, starts: Some(slot.starts), useful_until, entries: Vec::new(), inviter: None }
}
