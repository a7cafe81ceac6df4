//! Whether a mail is still wanted: read again in the transaction that marks it as being sent.

use kith_domain::ids::PersonId;
use kith_domain::{
    Category, ClaimState, MailKind, MailReason, MemberRole, MembershipState, Owner, ReminderChoice,
    SlotState, Timestamp, reminder,
};
use kith_store::{Circle, Claim, Content, Mail, Membership, Person, Slot, StoreError, UnitOfWork};
use kith_vault::{Field, Sealed, WrappedKey};

use crate::outbox::frozen::{Detail, Frozen, between, times};

/// Why a mail does not leave now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Not {
    /// Never: it ends with this reason.
    Wanted(MailReason),
    /// Not before then: it is night.
    Before(Timestamp),
    /// The rows could not be read.
    Read(StoreError),
}

impl From<StoreError> for Not {
    fn from(error: StoreError) -> Self {
        Self::Read(error)
    }
}

impl From<MailReason> for Not {
    fn from(reason: MailReason) -> Self {
        Self::Wanted(reason)
    }
}

/// A mail that may leave, with everything that it is made from.
pub(crate) struct Ready {
    /// What it says.
    pub(crate) frozen: Frozen,
    /// Whose address it goes to.
    pub(crate) person: PersonId,
    /// The address.
    pub(crate) address: Sealed,
    /// The key that opens it.
    pub(crate) organisation_key: WrappedKey,
    /// The circle that it is about.
    pub(crate) circle: Option<Circle>,
    /// The inviter's first name and its key, if she lets the mail say it.
    pub(crate) inviter: Option<(Content, WrappedKey)>,
}

/// What one kind of mail needs.
struct Words {
    frozen: Frozen,
    /// Start of the slot: a change of a slot that is near is sent at night.
    starts: Option<Timestamp>,
    useful_until: Timestamp,
    inviter: Option<Content>,
}

/// Everybody and everything that a mail about a circle depends on, as it is now.
struct Current<'a> {
    unit: &'a UnitOfWork,
    mail: &'a Mail,
    person: Person,
    circle: Circle,
    place: Membership,
    now: Timestamp,
}

/// Reads everything again that `mail` depends on, and says what is to be sent.
pub(crate) async fn ready(unit: &UnitOfWork, mail: &Mail, now: Timestamp) -> Result<Ready, Not> {
    unit.hold_for_mail(&mail.subject).await?;
    if now >= mail.useful_until {
        Err(MailReason::TooLate)?;
    }
    let organisation_key = unit.wrapped_key(Owner::Organisation(unit.organisation())).await?;
    if mail.kind == MailKind::SignInCode {
        return sign_in_code(unit, mail, organisation_key).await;
    }
    let here = read(unit, mail, now).await?;
    let words = here.words().await?;
    let useful_until = words.useful_until.min(mail.useful_until);
    if now >= useful_until {
        Err(MailReason::TooLate)?;
    }
    let from = reminder::send_from(mail.kind, now, &here.circle.zone, words.starts);
    if from >= useful_until {
        Err(MailReason::TooLate)?;
    }
    if from > now {
        return Err(Not::Before(from));
    }
    let inviter = match words.inviter {
        Some(content) => Some((content, unit.wrapped_key(Owner::Circle(here.circle.id)).await?)),
        None => None,
    };
    Ok(Ready {
        frozen: words.frozen,
        person: here.person.id,
        address: here.person.email.ok_or(MailReason::NoAddress)?,
        organisation_key,
        circle: Some(here.circle),
        inviter,
    })
}

/// A code goes to the address that was typed, if somebody is known there; who it is makes no
/// difference, and nothing says that nobody is.
async fn sign_in_code(
    unit: &UnitOfWork,
    mail: &Mail,
    organisation_key: WrappedKey,
) -> Result<Ready, Not> {
    let id = mail.subject.sign_in.ok_or(MailReason::CannotBeWritten)?;
    let asked = unit.sign_in(id).await?.filter(|asked| !asked.over);
    let asked = asked.ok_or(MailReason::Superseded)?;
    let known = unit.persons_at(&asked.email_index).await?;
    let (person, address) = known
        .into_iter()
        .find_map(|person| person.email.map(|address| (person.id, address)))
        .ok_or(MailReason::NobodyThere)?;
    Ok(Ready {
        frozen: Frozen::SignInCode,
        person,
        address,
        organisation_key,
        circle: None,
        inviter: None,
    })
}

async fn read<'a>(
    unit: &'a UnitOfWork,
    mail: &'a Mail,
    now: Timestamp,
) -> Result<Current<'a>, Not> {
    let (Some(person), Some(circle)) = (mail.subject.person, mail.subject.circle) else {
        return Err(MailReason::CannotBeWritten.into());
    };
    let circle = unit.circle(circle).await?.ok_or(MailReason::CircleNotActive)?;
    if !mail.kind.may_leave(circle.state) {
        Err(MailReason::CircleNotActive)?;
    }
    let place = unit.place_of(circle.id, person).await?.ok_or(MailReason::MembershipEnded)?;
    match (mail.kind, place.state) {
        (MailKind::Invitation, MembershipState::Active) => Err(MailReason::Answered)?,
        (MailKind::Invitation, MembershipState::Invited) | (_, MembershipState::Active) => {}
        (_, MembershipState::Invited | MembershipState::Left) => {
            Err(MailReason::MembershipEnded)?;
        }
    }
    let person = unit.person(person).await?;
    if person.mail_stopped {
        Err(MailReason::ConsentWithdrawn)?;
    }
    if person.email.is_none() {
        Err(MailReason::NoAddress)?;
    }
    Ok(Current { unit, mail, person, circle, place, now })
}

impl Current<'_> {
    async fn words(&self) -> Result<Words, Not> {
        match self.mail.kind {
            MailKind::Invitation => self.invitation().await,
            MailKind::Reminder => self.reminder().await,
            MailKind::SomebodyNeeded => self.somebody_needed().await,
            MailKind::Changed => self.changed().await,
            MailKind::Cancelled => self.cancelled().await,
            MailKind::CoverWanted => self.cover_wanted().await,
            MailKind::Named => self.named().await,
            MailKind::SignInCode => Err(MailReason::CannotBeWritten.into()),
        }
    }

    async fn invitation(&self) -> Result<Words, Not> {
        let id = self.mail.subject.welcome.ok_or(MailReason::CannotBeWritten)?;
        let welcome = self.unit.welcome(id).await?.ok_or(MailReason::Answered)?;
        if !welcome.is_live(self.now) || welcome.answered_at.is_some() {
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
            inviter,
        })
    }

    async fn reminder(&self) -> Result<Words, Not> {
        let slot = self.open_slot().await?;
        self.own_claim(&slot).await?;
        let detail = Detail::from_json(&self.mail.detail);
        if detail.revision.is_some_and(|revision| revision != slot.revision) {
            // The slot was moved, and its new times have reminders of their own.
            Err(MailReason::Superseded)?;
        }
        let at = detail.reminder_kind().ok_or(MailReason::CannotBeWritten)?;
        if !choice(&self.person).wants(at) {
            Err(MailReason::ConsentWithdrawn)?;
        }
        let frozen = Frozen::Reminder { slot: times(&slot, &self.circle.zone), at };
        Ok(about(&slot, frozen, reminder::useful_until(slot.starts)))
    }

    async fn somebody_needed(&self) -> Result<Words, Not> {
        let slot = self.open_slot().await?;
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
        let may_be_asked = self.unit.may_be_asked(&slot, self.now).await?;
        if !may_be_asked.iter().any(|member| member.membership == self.place.id) {
            // Said no, or may no longer see the rota.
            Err(MailReason::ConsentWithdrawn)?;
        }
        let frozen = Frozen::SomebodyNeeded { slot: times(&slot, &self.circle.zone) };
        Ok(about(&slot, frozen, reminder::useful_until(slot.starts)))
    }

    async fn changed(&self) -> Result<Words, Not> {
        let slot = self.open_slot().await?;
        self.own_claim(&slot).await?;
        let (starts, ends) =
            Detail::from_json(&self.mail.detail).old_times().ok_or(MailReason::CannotBeWritten)?;
        let zone = &self.circle.zone;
        let frozen =
            Frozen::Changed { old: between(&slot, starts, ends, zone), new: times(&slot, zone) };
        // Whichever time comes first is the one that somebody could miss.
        let near = Some(slot.starts.min(starts));
        // Somebody who does not know of an earlier time would still go to the old one.
        Ok(Words { starts: near, ..about(&slot, frozen, slot.ends.max(ends)) })
    }

    async fn cancelled(&self) -> Result<Words, Not> {
        let slot = self.slot().await?;
        if slot.state != SlotState::Cancelled {
            Err(MailReason::Superseded)?;
        }
        let frozen = Frozen::Cancelled { slot: times(&slot, &self.circle.zone) };
        Ok(about(&slot, frozen, slot.ends))
    }

    async fn cover_wanted(&self) -> Result<Words, Not> {
        let slot = self.open_slot().await?;
        if !matches!(self.place.role, MemberRole::Carer | MemberRole::Patient) {
            Err(MailReason::ConsentWithdrawn)?;
        }
        match self.claim().await?.state {
            ClaimState::CoverWanted => {}
            ClaimState::Claimed => Err(MailReason::Superseded)?,
            _ => Err(MailReason::SlotCovered)?,
        }
        let frozen = Frozen::CoverWanted { slot: times(&slot, &self.circle.zone) };
        Ok(about(&slot, frozen, slot.ends))
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
            inviter: None,
        })
    }

    async fn slot(&self) -> Result<Slot, Not> {
        let id = self.mail.subject.slot.ok_or(MailReason::CannotBeWritten)?;
        let slot = self.unit.slot(id).await?.filter(|slot| slot.circle == self.circle.id);
        Ok(slot.ok_or(MailReason::SlotCancelled)?)
    }

    async fn open_slot(&self) -> Result<Slot, Not> {
        let slot = self.slot().await?;
        if slot.state == SlotState::Open { Ok(slot) } else { Err(MailReason::SlotCancelled.into()) }
    }

    async fn claim(&self) -> Result<Claim, Not> {
        let id = self.mail.subject.claim.ok_or(MailReason::CannotBeWritten)?;
        Ok(self.unit.claim(id).await?.ok_or(MailReason::ClaimDropped)?)
    }

    /// The promise that the mail is about, if it stands and is this person's.
    async fn own_claim(&self, slot: &Slot) -> Result<Claim, Not> {
        let claim = if self.mail.subject.claim.is_some() {
            self.claim().await?
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

fn about(slot: &Slot, frozen: Frozen, useful_until: Timestamp) -> Words {
    Words { frozen, starts: Some(slot.starts), useful_until, inviter: None }
}

/// The reminders that a person wants now.
pub(crate) const fn choice(person: &Person) -> ReminderChoice {
    ReminderChoice { day_before: person.remind_day_before, two_hours: person.remind_two_hours }
}

/// The category that the program must be allowed to read for a mail of this kind, beside the
/// address.
pub(crate) const fn category(kind: MailKind) -> Option<Category> {
    match kind {
        MailKind::Reminder
        | MailKind::SomebodyNeeded
        | MailKind::Changed
        | MailKind::Cancelled
        | MailKind::CoverWanted => Some(Category::Slot),
        MailKind::Invitation | MailKind::SignInCode | MailKind::Named => None,
    }
}
