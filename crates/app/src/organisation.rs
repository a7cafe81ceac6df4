//! What the operator does at the console: organisations and their first coordinators.
//!
//! Nobody is signed in there. Whoever may run the program with its key file and database is the
//! organisation's administrator, so that is the standing the engine is asked about and the
//! decision log records; the tier is `fresh`, as a shell on the server is surer than any browser.
//! `policies/who.csv` lets an administrator govern oversight, and nothing else that writes.

use kith_domain::ids::{OrganisationId, PersonId, WelcomeId};
use kith_domain::sign_in::{STAFF_DEVICE_CODE_MINUTES, WELCOME_WORDS_TRIES};
use kith_domain::{
    Category, CircleState, EmailAddress, Label, MailChoice, Owner, PersonName, PhoneNumber,
    Standing, Tier, WelcomeKind, WelcomeWords, Zone,
};
use kith_policy::{Facts, Govern, Permit, RequestScope};
use kith_store::{Organisation, Person, StoreError, Welcome};
use kith_vault::{Field, OwnerKey, Place, Sealed, random_index};

use crate::failure::refused;
use crate::{App, Failure};

/// Why the operator's command did nothing. The words say what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The name is missing or too long.
    #[error("the name must be 1 to 40 characters on one line")]
    Name,
    /// Not a host name.
    #[error("the host must be a name such as circles.hospice.example, without scheme or port")]
    Host,
    /// Several organisations are told apart by host.
    #[error(
        "with more than one organisation each needs a host name of its own; name it with --host"
    )]
    HostNeeded,
    /// The organisation that is there already has no host.
    #[error(
        "the organisation that is there already has no host name, so it answers for every host; \
         a second one cannot be added beside it"
    )]
    FirstHasNoHost,
    /// Another organisation has this host.
    #[error("an organisation with this host is there already")]
    HostTaken,
    /// Not a phone number.
    #[error("the phone must be a number such as \"01632 960 123\"")]
    Phone,
    /// Not a time zone.
    #[error("unknown time zone; use an IANA name such as Europe/London")]
    Zone,
    /// Not an address.
    #[error("the e-mail address does not have the form name@host.example")]
    Email,
    /// No such organisation.
    #[error("there is no such organisation; `kith organisation add` makes one")]
    NoOrganisation,
    /// Which one is not clear.
    #[error("there is more than one organisation; say which with --host")]
    WhichOrganisation,
    /// Anything else.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<StoreError> for ConsoleError {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// A coordinator's one-time device code. Printed once, by the command that made it.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffCode {
    /// Two words, to be typed after the code from the mail.
    pub words: String,
    /// Minutes for which they work.
    pub minutes: i64,
    /// Where the coordinator signs in.
    pub url: String,
    /// Whether the person was on the staff already and got a code for a further device.
    pub known: bool,
}

impl std::fmt::Debug for StaffCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StaffCode(..)")
    }
}

impl App {
    /// Adds an organisation with its data key. `host` may be empty for the only one.
    pub async fn add_organisation(
        &self,
        name: &str,
        host: Option<&str>,
        phone: &str,
        zone: &str,
    ) -> Result<OrganisationId, ConsoleError> {
        let name = Label::parse(name).map_err(|_| ConsoleError::Name)?;
        let host = host.map(parse_host).transpose()?;
        let phone = PhoneNumber::parse(phone).map_err(|_| ConsoleError::Phone)?;
        let zone = Zone::parse(zone).map_err(|_| ConsoleError::Zone)?;
        let others = self.store.organisations().await?;
        if !others.is_empty() && host.is_none() {
            return Err(ConsoleError::HostNeeded);
        }
        if others.iter().any(|other| other.host.is_none()) {
            return Err(ConsoleError::FirstHasNoHost);
        }
        if others.iter().any(|other| other.host == host) {
            return Err(ConsoleError::HostTaken);
        }
        let id = OrganisationId::new(&*self.ids);
        let (_, wrapped) = self.vault.new_owner_key(Owner::Organisation(id));
        let new = Organisation {
            id,
            name: name.as_str().to_owned(),
            host,
            phone: phone.as_str().to_owned(),
            zone,
            named_in_mail: false,
        };
        let now = self.clock.now();
        self.store
            .transact(id, async |unit| unit.add_organisation(&new, &wrapped, now).await)
            .await?;
        Ok(id)
    }

    /// The organisation that the operator means: the one with this host, or the only one.
    pub async fn organisation_for_console(
        &self,
        host: Option<&str>,
    ) -> Result<Organisation, ConsoleError> {
        let all = self.store.organisations().await?;
        match (host, all.as_slice()) {
            (_, []) => Err(ConsoleError::NoOrganisation),
            (None, [only]) => Ok(only.clone()),
            (None, _) => Err(ConsoleError::WhichOrganisation),
            (Some(host), _) => {
                let host = parse_host(host)?;
                let found = all.into_iter().find(|one| one.host.as_deref() == Some(&*host));
                found.ok_or(ConsoleError::NoOrganisation)
            }
        }
    }

    /// Makes somebody a coordinator and gives a code for their first device; for a coordinator who
    /// is there already, a code for a further device. Earlier codes end.
    pub async fn add_coordinator(
        &self,
        organisation: OrganisationId,
        name: &str,
        email: &str,
    ) -> Result<StaffCode, ConsoleError> {
        let name = PersonName::parse(name).map_err(|_| ConsoleError::Name)?;
        let email = EmailAddress::parse(email).map_err(|_| ConsoleError::Email)?;
        let all = self.store.organisations().await?;
        let base = all.iter().find(|one| one.id == organisation);
        let base = base.map_or_else(|| self.settings.base_url.clone(), |one| self.base_url(one));
        let now = self.clock.now();
        let scope = RequestScope::new(now, std::sync::Arc::clone(&self.ids));
        let permit = self.console_permit(&scope, organisation).await?;
        let index = self.vault.email_index(organisation, &email.canonical());
        let snapshot = self.store.snapshot(organisation).await?;
        let wrapped = snapshot.wrapped_key(Owner::Organisation(organisation)).await?;
        let mut known = None;
        for person in snapshot.persons_at(&index).await? {
            if known.is_none() && snapshot.is_staff(person.id).await? {
                known = Some(person.id);
            }
        }
        snapshot.end();
        let key = self.vault.unwrap_key(&wrapped).map_err(Failure::from)?;
        let person = known.unwrap_or_else(|| PersonId::new(&*self.ids));
        let seal = |field, text: &str| self.seal_staff(&permit, &key, field, person, text);
        let new = Person {
            id: person,
            name: seal(Field::PersonName, name.as_str())?,
            email: Some(seal(Field::PersonEmail, email.as_str())?),
            email_index: Some(index.to_vec()),
            phone: None,
            mail: MailChoice::ORDINARY,
            shares_mailbox: false,
        };
        let (words, welcome) = self.staff_welcome(person);
        self.store
            .change(&permit, async |unit| {
                if known.is_none() {
                    unit.add_person(&new, now).await?;
                    unit.add_staff(person, "coordinator", now).await?;
                }
                for earlier in unit.welcomes_for(person, now).await? {
                    if earlier.kind == WelcomeKind::Staff {
                        unit.end_welcome(earlier.id, now).await?;
                    }
                }
                unit.add_welcome(&welcome).await
            })
            .await?;
        Ok(StaffCode {
            words: words.to_string(),
            minutes: STAFF_DEVICE_CODE_MINUTES,
            url: format!("{base}/sign-in"),
            known: known.is_some(),
        })
    }

    /// The operator's permit: standing administrator, without a session.
    async fn console_permit<'s>(
        &self,
        scope: &'s RequestScope,
        organisation: OrganisationId,
    ) -> Result<Permit<'s, Govern>, Failure> {
        let owner = Owner::Organisation(organisation);
        let facts = Facts {
            standing: Standing::Administrator,
            tier: Tier::Fresh,
            ..Facts::stranger(organisation, owner, CircleState::NoCircle)
        };
        self.engine
            .authorize::<Govern>(scope, &facts, Category::Oversight)
            .await
            .map_err(|refusal| refused(refusal, None))
    }

    fn seal_staff(
        &self,
        permit: &Permit<'_, Govern>,
        key: &OwnerKey,
        field: Field,
        person: PersonId,
        text: &str,
    ) -> Result<Sealed, Failure> {
        let owner = Owner::Organisation(permit.organisation());
        let place = Place { owner, field, row: person.as_uuid() };
        Ok(self.vault.seal(permit, key, place, text)?)
    }

    fn staff_welcome(&self, person: PersonId) -> (WelcomeWords, Welcome) {
        let byte = || u8::try_from(random_index(256)).unwrap_or_default();
        let words = WelcomeWords::from_indices(byte(), byte());
        let id = WelcomeId::new(&*self.ids);
        let now = self.clock.now();
        let welcome = Welcome {
            id,
            kind: WelcomeKind::Staff,
            circle: None,
            membership: None,
            person,
            link_hash: None,
            short_mac: None,
            words_mac: Some(self.vault.mac("words", id.as_uuid(), &words.to_string()).to_vec()),
            tries_left: u32::from(WELCOME_WORDS_TRIES),
            names_inviter: false,
            created_at: now,
            expires_at: now.plus_minutes(STAFF_DEVICE_CODE_MINUTES),
            answered_at: None,
            words_used_at: None,
            ended_at: None,
        };
        (words, welcome)
    }
}

/// A host name in lower case (RFC 1123 section 2.1).
fn parse_host(typed: &str) -> Result<String, ConsoleError> {
    let host = typed.trim().to_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if host.len() <= 253 && host.split('.').all(label) { Ok(host) } else { Err(ConsoleError::Host) }
}

#[cfg(test)]
mod tests {
    use super::parse_host;

    #[test]
    fn hosts_are_names_without_scheme_or_port() {
        assert_eq!(parse_host(" Circles.Hospice.example ").unwrap(), "circles.hospice.example");
        assert_eq!(parse_host("localhost").unwrap(), "localhost");
        for wrong in ["", "https://a.example", "a.example:80", "a..b", "-a.example", "a_b"] {
            assert!(parse_host(wrong).is_err(), "{wrong}");
        }
    }
}
