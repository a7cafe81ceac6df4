//! Coming in as one of the people of the demonstration.

use kith_domain::ids::{CircleId, PersonId};
use kith_domain::sign_in::fresh_until;
use kith_domain::{EmailAddress, OwnNumber};
use kith_store::{StoreError, UnitOfWork};
use kith_vault::{random_token, token_hash};

use crate::session::{Beginning, Browser};
use crate::visit::{NewCookies, Visit};
use crate::{App, Failure};

/// Everybody's own number in the demonstration, to be shown beside the doors.
pub const DEMO_NUMBER: &str = "7359";

/// Somebody to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoPerson {
    /// Margaret's daughter: the lead carer of Heron.
    Ruth,
    /// The patient of Heron, on her own tablet.
    Margaret,
    /// A friend who may open the private page.
    Joan,
    /// A friend who sees just the rota.
    Tom,
    /// A patient who runs his own circle, Otter.
    Derek,
    /// The coordinator.
    Amira,
    /// Somebody who reads Tom's mail and nothing else: signed in, on a device that nobody trusts.
    TomsMailbox,
}

impl DemoPerson {
    /// Everybody, in the order of the doors.
    pub const ALL: [Self; 7] = [
        Self::Ruth,
        Self::Margaret,
        Self::Joan,
        Self::Tom,
        Self::Derek,
        Self::Amira,
        Self::TomsMailbox,
    ];

    /// The word in addresses and forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ruth => "ruth",
            Self::Margaret => "margaret",
            Self::Joan => "joan",
            Self::Tom => "tom",
            Self::Derek => "derek",
            Self::Amira => "amira",
            Self::TomsMailbox => "toms-mailbox",
        }
    }

    /// The person of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|person| person.as_str() == word)
    }

    /// First name.
    pub const fn first_name(self) -> &'static str {
        match self {
            Self::Ruth => "Ruth",
            Self::Margaret => "Margaret",
            Self::Joan => "Joan",
            Self::Tom | Self::TomsMailbox => "Tom",
            Self::Derek => "Derek",
            Self::Amira => "Amira",
        }
    }

    /// Nature name of the circle; none for the staff.
    pub const fn circle_name(self) -> Option<&'static str> {
        match self {
            Self::Derek => Some("Otter"),
            Self::Amira => None,
            _ => Some("Heron"),
        }
    }

    /// Whose mails these are: an address as it stands in them.
    pub fn email(self) -> String {
        email(self.circle_name().unwrap_or("Fernhill"), self.first_name())
    }
}

/// An address of the demonstration (RFC 2606: nobody receives mail there).
pub(super) fn email(circle: &str, name: &str) -> String {
    format!("{}@{}.example", name.to_lowercase(), circle.to_lowercase())
}

impl App {
    /// The circle of a person of the demonstration.
    pub fn demo_circle(&self, who: DemoPerson) -> Option<CircleId> {
        who.circle_name().map(|name| CircleId::from_uuid(self.demo_id(&name.to_lowercase())))
    }

    /// Comes in as somebody: with a device that is trusted for that person and the own number given
    /// just now. As a reader of Tom's mailbox, signed in and no more.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] outside the demonstration.
    pub async fn demo_come_in(
        &self,
        visit: &Visit,
        who: DemoPerson,
    ) -> Result<NewCookies, Failure> {
        let organisation = visit.organisation.id;
        if organisation != self.demo_organisation() {
            return Err(Failure::NotHere);
        }
        let person = self.demo_person_id(visit, who).await?;
        let trusted = who != DemoPerson::TomsMailbox;
        let number =
            OwnNumber::parse(DEMO_NUMBER).map_err(|error| Failure::Internal(error.to_string()))?;
        let phc = if trusted { Some(self.hash_number(number).await?) } else { None };
        let now = visit.now();
        let circle = self.demo_circle(who);
        let cookies = self
            .store
            .transact(organisation, async |unit| {
                let browser = self.demo_browser(unit, visit, person, trusted).await?;
                if let Some(phc) = &phc {
                    let device = browser.device;
                    if !unit.is_enrolled(device, person, circle, now).await? {
                        unit.add_enrolment(device, person, circle, "welcome", now).await?;
                    }
                    unit.put_own_number(device, person, phc, now).await?;
                }
                let beginning = Beginning {
                    person,
                    way: if trusted { "number" } else { "code" },
                    shared_computer: false,
                    fresh_until: trusted.then(|| fresh_until(now, None)),
                };
                self.begin_session(unit, visit, browser, beginning).await
            })
            .await?;
        Ok(cookies)
    }

    /// The visitor's device when it is this person's alone, else a new one: each door is a browser
    /// of its own, as it would be in life.
    async fn demo_browser(
        &self,
        unit: &UnitOfWork,
        visit: &Visit,
        person: PersonId,
        trusted: bool,
    ) -> Result<Browser, StoreError> {
        let now = visit.now();
        if let Some(hash) = visit.device.filter(|_| trusted)
            && let Some(device) = unit.device(&hash).await?
        {
            let enrolments = unit.device_enrolments(device, now).await?;
            if enrolments.iter().all(|enrolment| enrolment.person == person) {
                return Ok(Browser { device, new_secret: None });
            }
        }
        let secret = random_token();
        let device = kith_domain::ids::DeviceId::new(&*self.ids);
        unit.add_device(device, &token_hash(secret.as_str()), now).await?;
        Ok(Browser { device, new_secret: Some(secret) })
    }

    async fn demo_person_id(&self, visit: &Visit, who: DemoPerson) -> Result<PersonId, Failure> {
        if let Some(circle) = who.circle_name() {
            return Ok(self.demo_somebody(circle, who.first_name()));
        }
        let email = EmailAddress::parse(&who.email())
            .map_err(|error| Failure::Internal(error.to_string()))?;
        let index = self.vault.email_index(visit.organisation.id, &email.canonical());
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let persons = snapshot.persons_at(&index).await?;
        snapshot.end();
        persons.first().map(|person| person.id).ok_or(Failure::NotHere)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_word_and_an_address_and_the_number_is_good() {
        for person in DemoPerson::ALL {
            assert_eq!(DemoPerson::parse(person.as_str()), Some(person));
            assert!(EmailAddress::parse(&person.email()).is_ok(), "{}", person.email());
        }
        assert_eq!(DemoPerson::parse("nobody"), None);
        assert!(OwnNumber::parse(DEMO_NUMBER).is_ok());
    }
}
