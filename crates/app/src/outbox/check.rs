//! Whether a mail is still wanted: read again in the transaction that marks it as being sent.

use kith_domain::ids::{CircleId, PersonId};
use kith_domain::{Category, CircleState, MailKind, MailReason, MembershipState, Owner, Timestamp};
use kith_policy::Facts;
use kith_store::{
    AddressMarks, Circle, Content, Mail, MailSurroundings, Person, StoreError, UnitOfWork,
};
use kith_vault::{Sealed, WrappedKey};

use crate::appointments::Entry;
use crate::figures::figures;
use crate::outbox::address::of_address;
use crate::outbox::current::Current;
use crate::outbox::digest::digest;
use crate::outbox::frozen::{Detail, Frozen};
use crate::outbox::taken_in::{once_a_day, promised_together};
use crate::outbox::uncovered::uncovered;

/// Why a mail does not leave now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Not {
    /// Never: it ends with this reason.
    Wanted(MailReason),
    /// Not before then, and in a word why: it is night.
    Before(Timestamp, &'static str),
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

/// Where a mail goes.
pub(crate) enum Recipient {
    /// To somebody's address.
    Person(PersonId, Sealed),
    /// To whoever runs the service, as the configuration says.
    Operator,
}

impl Recipient {
    /// Who it is, if it is somebody of the organisation.
    pub(crate) const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person(person, _) => Some(*person),
            Self::Operator => None,
        }
    }
}

/// A mail that may leave, with everything that it is made from.
pub(crate) struct Ready {
    /// What it says.
    pub(crate) frozen: Frozen,
    /// Where it goes.
    pub(crate) to: Recipient,
    /// The key that opens it.
    pub(crate) organisation_key: WrappedKey,
    /// The circle that it is about, if that is one.
    pub(crate) circle: Option<Circle>,
    /// Every circle that it says something of.
    pub(crate) circles: Vec<(CircleId, CircleState)>,
    /// What it does to the recipient's calendar.
    pub(crate) entries: Vec<Entry>,
    /// For somebody who is asked: how they stand towards the circle, with nothing but the mail's
    /// link. What the mail may say follows from it.
    pub(crate) asked: Option<Facts>,
    /// The inviter's first name and its key, if she lets the mail say it.
    pub(crate) inviter: Option<(Content, WrappedKey)>,
}

/// Whether `mail` is still wanted, as everything stands that it depends on; and what is to be sent.
/// `around` was read in the transaction of `unit`, and is held.
pub(crate) async fn ready(
    unit: &UnitOfWork,
    mail: &Mail,
    around: MailSurroundings,
    now: Timestamp,
) -> Result<Ready, Not> {
    if now >= mail.useful_until {
        Err(MailReason::TooLate)?;
    }
    match mail.kind {
        MailKind::SignInCode => return sign_in_code(unit, mail, around).await,
        MailKind::Digest | MailKind::WeekAhead => return digest(unit, mail, around, now).await,
        MailKind::Concern => return concern(unit, mail, around, now).await,
        MailKind::Uncovered => return uncovered(unit, mail, around, now).await,
        MailKind::Figures => {
            return figures(unit, mail, around.organisation_key, now).await;
        }
        MailKind::AddressCode | MailKind::AddressChanged => {
            return of_address(unit, mail, around.organisation_key).await;
        }
        _ => {}
    }
    let organisation_key = around.organisation_key.clone();
    let here = here(unit, mail, around, now)?;
    let words = here.words().await?;
    let useful_until = words.useful_until.min(mail.useful_until);
    if now >= useful_until {
        Err(MailReason::TooLate)?;
    }
    let hours = here.person.mail.hours;
    let from = hours.send_from(mail.kind, now, &here.circle.zone, words.starts);
    if from >= useful_until {
        Err(MailReason::TooLate)?;
    }
    if from > now {
        return Err(Not::Before(from, "night"));
    }
    let asked = match mail.kind {
        MailKind::SomebodyNeeded => {
            let access = unit.link_access(here.person.id, here.circle.id, now).await?;
            access.map(|access| access.facts)
        }
        _ => None,
    };
    let words = match mail.kind {
        MailKind::SomebodyNeeded => once_a_day(&here, words, useful_until).await?,
        MailKind::Promised => promised_together(&here, words).await?,
        MailKind::NobodyYet => here.gaps_together(words).await?,
        _ => words,
    };
    let inviter = match words.inviter {
        Some(content) => Some((content, unit.wrapped_key(Owner::Circle(here.circle.id)).await?)),
        None => None,
    };
    Ok(Ready {
        frozen: words.frozen,
        entries: if here.person.mail.calendar { words.entries } else { Vec::new() },
        to: Recipient::Person(here.person.id, here.person.email.ok_or(MailReason::NoAddress)?),
        organisation_key,
        circles: vec![(here.circle.id, here.circle.state)],
        circle: Some(here.circle),
        asked,
        inviter,
    })
}

/// A code goes to the address that was typed, if somebody is known there; who it is makes no
/// difference, and nothing says that nobody is.
async fn sign_in_code(
    unit: &UnitOfWork,
    mail: &Mail,
    around: MailSurroundings,
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
        entries: Vec::new(),
        to: Recipient::Person(person, address),
        organisation_key: around.organisation_key,
        circle: None,
        circles: Vec::new(),
        asked: None,
        inviter: None,
    })
}

/// A coordinator is told that there is something to read, as long as nobody has dealt with it, and
/// not at night: what cannot wait is told by telephone, as the page says that sends it.
async fn concern(
    unit: &UnitOfWork,
    mail: &Mail,
    around: MailSurroundings,
    now: Timestamp,
) -> Result<Ready, Not> {
    let MailSurroundings { person, address, organisation_key, .. } = around;
    let person = coordinator(unit, mail, person, address).await?;
    if unit.concerns_waiting().await? == 0 {
        Err(MailReason::Answered)?;
    }
    by_day(unit, mail, &person, now).await?;
    Ok(Ready {
        frozen: Frozen::Concern,
        entries: Vec::new(),
        to: Recipient::Person(person.id, person.email.ok_or(MailReason::NoAddress)?),
        organisation_key,
        circle: None,
        circles: Vec::new(),
        asked: None,
        inviter: None,
    })
}

/// The coordinator to whom a mail goes, if that is one still, and is reached.
pub(crate) async fn coordinator(
    unit: &UnitOfWork,
    mail: &Mail,
    person: Option<Person>,
    address: AddressMarks,
) -> Result<Person, Not> {
    let person = person.ok_or(MailReason::CannotBeWritten)?;
    if !unit.coordinators().await?.contains(&person.id) {
        Err(MailReason::MembershipEnded)?;
    }
    if !person.mail.wants(mail.kind) {
        Err(MailReason::ConsentWithdrawn)?;
    }
    if address.comes_back.is_some() {
        Err(MailReason::Bounced)?;
    }
    Ok(person)
}

/// Staff are mailed in the hours of the organisation's zone.
pub(crate) async fn by_day(
    unit: &UnitOfWork,
    mail: &Mail,
    person: &Person,
    now: Timestamp,
) -> Result<(), Not> {
    let zone = unit.own_organisation().await?.zone;
    let from = person.mail.hours.next(now, &zone);
    if from >= mail.useful_until {
        Err(MailReason::TooLate)?;
    }
    if from > now { Err(Not::Before(from, "night")) } else { Ok(()) }
}

fn here<'a>(
    unit: &'a UnitOfWork,
    mail: &'a Mail,
    around: MailSurroundings,
    now: Timestamp,
) -> Result<Current<'a>, Not> {
    let MailSurroundings { person, address, circle, place, slot, claim, .. } = around;
    if mail.subject.circle.is_none() {
        return Err(MailReason::CannotBeWritten.into());
    }
    let person = person.ok_or(MailReason::CannotBeWritten)?;
    let circle = circle.ok_or(MailReason::CircleNotActive)?;
    if !mail.kind.may_leave(circle.state) {
        Err(MailReason::CircleNotActive)?;
    }
    let place = place.ok_or(MailReason::MembershipEnded)?;
    match (mail.kind, place.state) {
        (MailKind::Invitation, MembershipState::Invited) | (_, MembershipState::Active) => {}
        (_, MembershipState::Invited | MembershipState::Left) => {
            Err(MailReason::MembershipEnded)?;
        }
    }
    let wanted = match Detail::from_json(&mail.detail).beside_digest {
        Some(true) => person.mail.wants(MailKind::Digest),
        _ => person.mail.wants(mail.kind),
    };
    if !wanted {
        Err(MailReason::ConsentWithdrawn)?;
    }
    if person.email.is_none() {
        Err(MailReason::NoAddress)?;
    }
    if address.unproved {
        Err(MailReason::NotProved)?;
    }
    if address.comes_back.is_some() {
        Err(MailReason::Bounced)?;
    }
    Ok(Current { unit, mail, person, circle, place, slot, claim, now })
}

/// The category that the program must be allowed to read for a mail of this kind, beside the
/// address.
pub(crate) const fn category(kind: MailKind) -> Option<Category> {
    match kind {
        MailKind::Promised
        | MailKind::Reminder
        | MailKind::SomebodyNeeded
        | MailKind::Changed
        | MailKind::MoveAsked
        | MailKind::Cancelled
        | MailKind::CoverFound
        | MailKind::PleaseConfirm
        | MailKind::NoWord
        | MailKind::NobodyYet
        | MailKind::Digest
        | MailKind::WeekAhead
        | MailKind::CoverWanted
        | MailKind::Uncovered
        | MailKind::Paused
        | MailKind::GoesOn
        | MailKind::Told => Some(Category::Slot),
        MailKind::Invitation
        | MailKind::SignInCode
        | MailKind::AddressCode
        | MailKind::AddressChanged
        | MailKind::Named
        | MailKind::AsksToJoin
        | MailKind::Concern
        | MailKind::Figures => None,
    }
}
