//! Beginning, renewing and ending sessions; shared by every way in.

use kith_domain::Timestamp;
use kith_domain::ids::{DeviceId, PersonId, SessionId};
use kith_store::{Session, StoreError, UnitOfWork};
use kith_vault::{Token, random_token, token_hash};

use crate::visit::{NewCookies, Visit};
use crate::{App, Failure};

/// What a parcel is for that carries a form through a check.
const CARRIED: &str = "carried form";

/// The browser as the database knows it, or a new one with its secret.
pub(crate) struct Browser {
    pub(crate) device: DeviceId,
    pub(crate) new_secret: Option<Token>,
}

/// How a session begins.
#[derive(Clone, Copy)]
pub(crate) struct Beginning {
    pub(crate) person: PersonId,
    pub(crate) way: &'static str,
    pub(crate) shared_computer: bool,
    pub(crate) fresh_until: Option<Timestamp>,
}

impl App {
    /// The device of the cookie, or a new one: stored in this unit of work.
    pub(crate) async fn browser(
        &self,
        unit: &UnitOfWork,
        visit: &Visit,
    ) -> Result<Browser, StoreError> {
        if let Some(hash) = visit.device
            && let Some(device) = unit.device(&hash).await?
        {
            return Ok(Browser { device, new_secret: None });
        }
        let secret = random_token();
        let device = DeviceId::new(&*self.ids);
        unit.add_device(device, &token_hash(secret.as_str()), visit.now()).await?;
        Ok(Browser { device, new_secret: Some(secret) })
    }

    /// Begins a session on a browser. The browser's earlier session ends: one cookie, one person.
    pub(crate) async fn begin_session(
        &self,
        unit: &UnitOfWork,
        visit: &Visit,
        browser: Browser,
        beginning: Beginning,
    ) -> Result<NewCookies, StoreError> {
        let now = visit.now();
        if let Some(hash) = visit.session
            && let Some(earlier) = unit.session(&hash, now).await?
        {
            unit.end_session(earlier.id, now).await?;
        }
        if beginning.shared_computer {
            unit.share_device(browser.device).await?;
        }
        // What was said once holds: a device that several people use is theirs at every sign-in.
        let shared_computer = unit.is_shared(browser.device, beginning.person, now).await?;
        let secret = random_token();
        let session = Session {
            id: SessionId::new(&*self.ids),
            organisation: visit.organisation.id,
            device: browser.device,
            person: beginning.person,
            way: beginning.way.to_owned(),
            shared_computer,
            staff: false,
            created_at: now,
            last_seen_at: now,
            fresh_until: beginning.fresh_until,
        };
        unit.add_session(&session, &token_hash(secret.as_str())).await?;
        let person = beginning.person;
        Ok(NewCookies { person, session: secret, device: browser.new_secret, shared_computer })
    }

    /// Who is signed in, if anybody: for the parts of a page that every page has.
    pub async fn who(&self, visit: &Visit) -> Result<Option<Session>, Failure> {
        let Some(hash) = visit.session else { return Ok(None) };
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let session = snapshot.session(&hash, visit.now()).await?;
        snapshot.end();
        Ok(session)
    }

    /// Signs out here.
    pub async fn sign_out(&self, visit: &Visit) -> Result<(), Failure> {
        let Some(session) = self.who(visit).await? else { return Ok(()) };
        self.store
            .transact(visit.organisation.id, async |unit| {
                unit.end_session(session.id, visit.now()).await
            })
            .await?;
        Ok(())
    }

    /// Signs the person out on every device. Enrolments stay: each device asks for the number.
    pub async fn sign_out_everywhere(&self, visit: &Visit) -> Result<(), Failure> {
        let session = self.who(visit).await?.ok_or(Failure::SignIn)?;
        self.store
            .transact(visit.organisation.id, async |unit| {
                unit.end_feed(session.person, visit.now()).await?;
                unit.end_sessions(session.person, None, visit.now()).await
            })
            .await?;
        Ok(())
    }

    /// Seals what somebody typed, so that it can travel through a check in the browser and come
    /// back: bound to the browser and to whoever typed it, for half an hour, never stored. `None`
    /// for a browser that was never let in, and where nobody knows who typed it.
    ///
    /// # Errors
    ///
    /// [`Failure::Busy`] when the database does not answer.
    pub async fn pack_form(&self, visit: &Visit, typed: &[u8]) -> Result<Option<String>, Failure> {
        let Some(browser) = visit.device else { return Ok(None) };
        let Some(person) = self.who_typed(visit).await? else { return Ok(None) };
        let parcel = [person.as_uuid().as_bytes().as_slice(), typed].concat();
        let until = visit.now().plus_minutes(30);
        Ok(Some(self.vault.pack(CARRIED, &browser, until, &parcel)))
    }

    /// What [`Self::pack_form`] sealed, if it is this browser's and this person's, and not too old.
    pub fn unpack_form(&self, visit: &Visit, person: PersonId, parcel: &str) -> Option<Vec<u8>> {
        let browser = visit.device?;
        let bytes = self.vault.unpack(CARRIED, &browser, visit.now(), parcel)?;
        bytes.strip_prefix(person.as_uuid().as_bytes().as_slice()).map(<[u8]>::to_vec)
    }

    /// Whose session it is or was; where the cookie does not say, the only person whom the device is
    /// trusted for.
    async fn who_typed(&self, visit: &Visit) -> Result<Option<PersonId>, Failure> {
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let of_session = match visit.session {
            Some(hash) => snapshot.person_of_session(&hash).await?,
            None => None,
        };
        let device = match (of_session, visit.device) {
            (None, Some(hash)) => snapshot.device(&hash).await?,
            _ => None,
        };
        let mut known = match device {
            Some(device) => snapshot.device_enrolments(device, visit.now()).await?,
            None => Vec::new(),
        };
        snapshot.end();
        known.dedup_by_key(|enrolment| enrolment.person);
        let only = match known.as_slice() {
            [only] => Some(only.person),
            _ => None,
        };
        Ok(of_session.or(only))
    }
}
