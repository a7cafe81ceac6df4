//! Being written to at another address: it counts once a code that was sent there is typed in the
//! browser that asked.
//!
//! Only on a trusted device and with the own number, so that whoever reads somebody's mailbox, or
//! finds a session that was left open, cannot take the person over. The old address is told.

use kith_domain::ids::{AddressChangeId, CircleId};
use kith_domain::rate::Limit;
use kith_domain::sign_in::{CODE_LIFE_MINUTES, CODE_TRIES};
use kith_domain::{Category, EmailAddress, MailKind, Tier, Timestamp};
use kith_policy::{Disclose, Govern, Permit};
use kith_store::{AddressChange, Person, Reader, Session, UnitOfWork};
use kith_vault::Field;

use crate::App;
use crate::failure::{Failure, Problems, What};
use crate::gate::Towards;
use crate::outbox::address::{CODE_USEFUL_MINUTES, TOLD_DAYS, code_fits, mail_about};
use crate::sign_in::hex;
use crate::visit::{Receipt, Visit};

/// Words under which the two forms are remembered.
const ASK: &str = "new-address";
const CONFIRM: &str = "confirm-address";

/// The page on which an address is changed.
#[derive(Clone)]
pub struct NewAddress {
    /// First name.
    pub name: String,
    /// The address that counts, if there is one.
    pub email: Option<String>,
    /// The address to which this browser asked for a code that may be typed.
    pub waits: Option<String>,
}

impl std::fmt::Debug for NewAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAddress").field("waits", &self.waits.is_some()).finish_non_exhaustive()
    }
}

/// Where the person shows on this device that it is they: the own number where one was chosen here,
/// and otherwise words of the first of their circles.
async fn where_surer(
    reader: &Reader,
    session: &Session,
    now: Timestamp,
) -> Result<(Option<CircleId>, Tier), Failure> {
    let mut enrolled = reader.device_enrolments(session.device, now).await?;
    enrolled.retain(|enrolment| enrolment.person == session.person);
    let places = reader.memberships_of(session.person).await?;
    if let Some(first) = enrolled.first() {
        return Ok((first.circle, Tier::Fresh));
    }
    let staff = reader.is_staff(session.person).await?;
    let first = places.first().map(|place| place.circle).filter(|_| !staff);
    Ok((first, Tier::Trusted))
}

/// Whoever it is for sure decides about their own address.
async fn surely<'v>(
    towards: &Towards<'v>,
    surer: (Option<CircleId>, Tier),
) -> Result<Permit<'v, Govern>, Failure> {
    towards.permit::<Govern>(Category::Contact).await.map_err(|refusal| match refusal {
        Failure::StepUp { .. } => Failure::StepUp { circle: surer.0, tier: surer.1 },
        other => other,
    })
}

impl App {
    /// The page on which the own address is changed.
    ///
    /// # Errors
    ///
    /// [`Failure::StepUp`] where it is not sure who asks.
    pub async fn new_address(&self, visit: &Visit) -> Result<NewAddress, Failure> {
        let now = visit.now();
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let session = &towards.session;
        let surer = where_surer(&snapshot, session, now).await?;
        let person = snapshot.person(session.person).await?;
        let since = waits_since(now);
        let waits = snapshot.open_address_change(person.id, session.device, since).await?;
        snapshot.end();
        let _sure = surely(&towards, surer).await?;
        let permit = towards.permit::<Disclose>(Category::Contact).await?;
        let key = towards.key()?;
        let open = |sealed| self.open(&permit, &key, sealed);
        Ok(NewAddress {
            name: open(&person.name)?,
            email: person.email.as_ref().map(open).transpose()?,
            waits: waits.as_ref().map(|change| open(&change.email)).transpose()?,
        })
    }

    /// Sends a code to a new address. The answer is the same whether the address is known or not,
    /// whether codes were asked for it too often, and where a circle of the person's has said that it
    /// is not this person: then nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `email`; [`Failure::StepUp`] where it is not sure who asks;
    /// [`Failure::TooMany`] for one person's askings.
    pub async fn ask_new_address(
        &self,
        visit: &Visit,
        typed: &str,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let mut problems = Problems::default();
        let address = problems.text("email", EmailAddress::parse(typed));
        let now = visit.now();
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let session = &towards.session;
        let surer = where_surer(&snapshot, session, now).await?;
        let done = snapshot.receipt(receipt.0, ASK).await?;
        snapshot.end();
        let permit = surely(&towards, surer).await?;
        problems.check()?;
        let (Some(address), None) = (address, done) else { return Ok(()) };
        let index = self.vault.email_index(visit.organisation.id, &address.canonical()).to_vec();
        let (person, device) = (session.person, session.device);
        let key = towards.key()?;
        let email = towards.seal(&permit, &key, Field::PersonEmail, person, address.as_str())?;
        let id = AddressChangeId::new(&*self.ids);
        let change = AddressChange {
            id,
            person,
            device,
            email,
            email_index: index,
            code_mac: None,
            minted_at: None,
        };
        self.store
            .change(&permit, async |unit| {
                let Limit { burst, every_seconds } = Limit::PER_ADDRESS_CHANGE;
                let own = format!("address:{person}");
                if !unit.take_token(&own, burst, every_seconds, now).await? {
                    return Err(Failure::TooMany);
                }
                unit.keep_receipt(receipt.0, ASK, "done", now).await?;
                unit.add_address_change(&change, u32::from(CODE_TRIES), now).await?;
                // The same for everybody who has a code sent there, to sign in or for this.
                let Limit { burst, every_seconds } = Limit::PER_ADDRESS;
                let theirs = format!("code:address:{}", hex(&change.email_index));
                let may = unit.take_token(&theirs, burst, every_seconds, now).await?;
                if may && !is_refused(unit, &change).await? {
                    unit.add_mail(&mail_about(&change, MailKind::AddressCode, now), now).await?;
                }
                Ok(())
            })
            .await?;
        self.wake();
        Ok(())
    }

    /// The code that was sent to the new address: from now on mails go there. Every other session of
    /// the person ends, and the old address is told.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `code`; [`Failure::StepUp`] where it is not sure who asks.
    pub async fn confirm_new_address(
        &self,
        visit: &Visit,
        typed: &str,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let now = visit.now();
        let code: String = typed.chars().filter(char::is_ascii_digit).collect();
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let session = &towards.session;
        let surer = where_surer(&snapshot, session, now).await?;
        let done = snapshot.receipt(receipt.0, CONFIRM).await?;
        let me = session.person;
        let open = snapshot.open_address_change(me, session.device, waits_since(now)).await?;
        snapshot.end();
        let permit = surely(&towards, surer).await?;
        if done.is_some() {
            return Ok(());
        }
        let wrong = || Failure::field("code", What::WrongCode);
        let open = open.ok_or_else(wrong)?;
        // Taken and committed before the comparison, so that parallel guesses cannot outrun the
        // count.
        let tried = self
            .store
            .transact(visit.organisation.id, async |unit| unit.take_address_try(open.id).await)
            .await?;
        if !tried || !code_fits(&self.vault, &open, &code) {
            return Err(wrong());
        }
        if open.minted_at.is_none_or(|at| at.plus_minutes(CODE_LIFE_MINUTES) <= now) {
            return Err(Failure::field("code", What::CodeRanOut));
        }
        self.store
            .change(&permit, async |unit| {
                let before = unit.person_to_change(me).await?;
                // Somebody may have said meanwhile that it is not this person.
                if is_refused(unit, &open).await?
                    || !unit.use_address_change(open.id, before.email.as_ref(), now).await?
                {
                    return Err(wrong());
                }
                unit.keep_receipt(receipt.0, CONFIRM, "done", now).await?;
                let other = before.email_index.as_ref() != Some(&open.email_index);
                if before.email.is_some() && other {
                    let mail = mail_about(&open, MailKind::AddressChanged, now);
                    unit.add_mail(&mail, now).await?;
                }
                let others = unit.persons_at(&open.email_index).await?;
                let shared = others.iter().any(|person| person.id != me);
                unit.put_person(&Person {
                    email: Some(open.email.clone()),
                    email_index: Some(open.email_index.clone()),
                    shares_mailbox: before.shares_mailbox || shared,
                    ..before
                })
                .await?;
                unit.address_proved(me).await?;
                unit.mail_arrives(me).await?;
                unit.end_other_sessions(me, towards.session.id, now).await?;
                unit.plan_person_again(me, now).await?;
                Ok(())
            })
            .await?;
        self.wake();
        Ok(())
    }

    /// Wipes askings for another address once nothing comes of them any more. Says how many.
    ///
    /// # Errors
    ///
    /// When the database does not answer. The next look finds the same.
    pub async fn forget_address_changes(&self) -> Result<u64, Failure> {
        Ok(self.store.forget_address_changes(self.now().plus_days(-TOLD_DAYS - 1)).await?)
    }
}

/// Since when a code may have been asked for that can still be typed.
const fn waits_since(now: Timestamp) -> Timestamp {
    now.plus_minutes(-CODE_USEFUL_MINUTES - CODE_LIFE_MINUTES)
}

/// Whether a circle that the person is in has said that the new address is not this person.
async fn is_refused(unit: &UnitOfWork, change: &AddressChange) -> Result<bool, Failure> {
    for place in unit.memberships_of(change.person).await? {
        if unit.is_refused(place.circle, &change.email_index).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
