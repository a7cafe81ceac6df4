//! Own numbers: chosen when a device is enrolled, asked again before what must be fresh.

use std::sync::Arc;

use kith_domain::OwnNumber;
use kith_domain::ids::{CircleId, DeviceId, PersonId};
use kith_domain::sign_in::{OWN_NUMBER_TRIES, fresh_until};
use kith_vault::{random_token, token_hash};

use crate::failure::What;
use crate::visit::{NewCookies, Visit};
use crate::{App, Failure};

impl App {
    /// Gives the own number, so that this session is fresh: for 15 minutes, or until the end of the
    /// slot in whose window it is given.
    ///
    /// The answer is the same for every member, whatever may then be seen.
    pub async fn give_number(
        &self,
        visit: &Visit,
        circle: Option<CircleId>,
        typed: &str,
    ) -> Result<NewCookies, Failure> {
        let number = OwnNumber::parse_given(typed)
            .map_err(|error| Failure::field("number", What::OwnNumber(error)))?;
        let now = visit.now();
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let session = self.session_in(&snapshot, visit).await?;
        let enrolled = snapshot.is_enrolled(session.device, session.person, circle, now).await?;
        let window_until = match circle {
            Some(circle) => snapshot
                .circle_access(Some(&session), circle, now, false)
                .await?
                .and_then(|access| access.window_until),
            None => None,
        };
        snapshot.end();
        if !enrolled {
            return Err(Failure::StepUp { circle, tier: kith_domain::Tier::Trusted });
        }
        self.check_number(visit, session.device, session.person, number).await?;
        let secret = random_token();
        self.store
            .transact(visit.organisation.id, async |unit| {
                let until = Some(fresh_until(now, window_until));
                unit.renew_session(session.id, &token_hash(secret.as_str()), until, now).await
            })
            .await?;
        let (person, shared_computer) = (session.person, session.shared_computer);
        Ok(NewCookies { person, session: secret, device: None, shared_computer })
    }

    /// Compares an own number on a device. A wrong one costs a try; the last one ends everything
    /// that the device was trusted with for this person.
    pub(crate) async fn check_number(
        &self,
        visit: &Visit,
        device: DeviceId,
        person: PersonId,
        number: OwnNumber,
    ) -> Result<(), Failure> {
        let organisation = visit.organisation.id;
        let limit = u32::from(OWN_NUMBER_TRIES);
        let (had_try, stored) = self
            .store
            .transact(organisation, async |unit| {
                let had_try = unit.take_number_try(device, person, limit).await?;
                Ok::<_, Failure>((had_try, unit.own_number(device, person).await?))
            })
            .await?;
        let Some(stored) = stored else { return Err(Failure::SignIn) };
        let right = had_try && self.number_matches(number, stored.phc).await?;
        if right {
            self.store
                .transact(organisation, async |unit| unit.reset_number_tries(device, person).await)
                .await?;
            return Ok(());
        }
        let left = limit.saturating_sub(stored.wrong_tries);
        if left == 0 {
            self.store
                .transact(organisation, async |unit| {
                    unit.end_enrolments(person, None, Some(device), visit.now()).await?;
                    unit.end_sessions(person, Some(device), visit.now()).await
                })
                .await?;
            return Err(Failure::SignIn);
        }
        Err(Failure::field("number", What::WrongNumber(left)))
    }

    /// Argon2id takes tens of milliseconds of a core, so it leaves the threads that serve.
    pub(crate) async fn hash_number(&self, number: OwnNumber) -> Result<String, Failure> {
        let vault = Arc::clone(&self.vault);
        tokio::task::spawn_blocking(move || vault.hash_own_number(number.as_str()))
            .await
            .map_err(|_| Failure::Busy)?
            .map_err(|error| Failure::Internal(error.to_string()))
    }

    pub(crate) async fn number_matches(
        &self,
        number: OwnNumber,
        stored: String,
    ) -> Result<bool, Failure> {
        let vault = Arc::clone(&self.vault);
        tokio::task::spawn_blocking(move || vault.verify_own_number(number.as_str(), &stored))
            .await
            .map_err(|_| Failure::Busy)
    }
}
