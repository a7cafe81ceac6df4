//! The address that somebody types who asks to join: theirs alone. They see it while they wait, and
//! may correct it; whoever says yes never does.

use kith_domain::ids::JoinRequestId;
use kith_domain::rate::{self, Limit};
use kith_domain::{Category, CircleState, EmailAddress, JoinState, Owner, Standing, Tier};
use kith_policy::{Act, Amend, Contribute, Disclose, Facts, Permit};
use kith_vault::{Field, Sealed, WrappedKey};

use crate::failure::{Problems, refused};
use crate::gate::seal_for_person;
use crate::joining::{facts, stands, tell_carers};
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// Word under which the form is remembered.
const CORRECT: &str = "join-address";

/// An address as it is stored.
#[derive(Default)]
pub(crate) struct TypedAddress {
    pub(crate) sealed: Option<Sealed>,
    pub(crate) index: Option<Vec<u8>>,
}

/// Whose key seals addresses.
pub(crate) fn organisation_of(visit: &Visit) -> Owner {
    Owner::Organisation(visit.organisation.id)
}

/// Whoever holds the secret of the browser that asked is oneself towards what was typed there, and
/// towards nothing else.
fn asker(visit: &Visit, id: JoinRequestId) -> Facts {
    let owner = organisation_of(visit);
    Facts {
        standing: Standing::Oneself,
        tier: Tier::SignedIn,
        ..Facts::stranger(visit.organisation.id, owner, CircleState::NoCircle)
    }
    .about(id.as_uuid())
}

impl App {
    /// To write the own address down. Only for whoever asks, or brought the secret of the browser
    /// that asked.
    pub(crate) async fn own_address_permit<'v>(
        &self,
        visit: &'v Visit,
        id: JoinRequestId,
    ) -> Result<Permit<'v, Amend>, Failure> {
        self.about_address(visit, &asker(visit, id)).await
    }

    async fn about_address<'v, A: Act>(
        &self,
        visit: &'v Visit,
        facts: &Facts,
    ) -> Result<Permit<'v, A>, Failure> {
        self.engine
            .authorize(&visit.scope, facts, Category::Contact)
            .await
            .map_err(|refusal| refused(refusal, None))
    }

    /// What was typed, sealed and with its index.
    pub(crate) fn typed_address(
        &self,
        permit: &Permit<'_, Amend>,
        key: &WrappedKey,
        id: JoinRequestId,
        email: Option<&EmailAddress>,
    ) -> Result<TypedAddress, Failure> {
        let Some(email) = email else { return Ok(TypedAddress::default()) };
        let (row, key) = (id.as_uuid(), self.vault.unwrap_key(key)?);
        let sealed = seal_for_person(self, permit, &key, Field::JoinEmail, row, email.as_str())?;
        let index = self.vault.email_index(permit.organisation(), &email.canonical()).to_vec();
        Ok(TypedAddress { sealed: Some(sealed), index: Some(index) })
    }

    /// What was typed, for the browser in which it was.
    pub(crate) async fn typed_here(
        &self,
        visit: &Visit,
        id: JoinRequestId,
        sealed: &Sealed,
        key: &WrappedKey,
    ) -> Result<String, Failure> {
        let permit = self.about_address::<Disclose>(visit, &asker(visit, id)).await?;
        self.open(&permit, &self.vault.unwrap_key(key)?, sealed)
    }

    /// What was typed, for the program that keeps it with the person once the answer is yes. Whoever
    /// answers does not get it.
    pub(crate) async fn address_for_the_program(
        &self,
        visit: &Visit,
        id: JoinRequestId,
        sealed: &Sealed,
        key: &WrappedKey,
    ) -> Result<String, Failure> {
        let organisation = visit.organisation.id;
        let facts = Facts::job(organisation, organisation_of(visit), CircleState::NoCircle);
        let permit = self.about_address::<Disclose>(visit, &facts.about(id.as_uuid())).await?;
        self.open(&permit, &self.vault.unwrap_key(key)?, sealed)
    }

    /// Corrects the address that was typed in this browser, until somebody has answered. Empty takes
    /// it away. An address that must not be let in is no error.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `email`; [`Failure::TooMany`]; [`Failure::NotHere`] or
    /// [`Failure::Changed`] when nothing of this browser waits any more.
    pub async fn correct_join_address(
        &self,
        visit: &Visit,
        browser: Option<&str>,
        token: &str,
        typed: &str,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let now = visit.now();
        let mut problems = Problems::default();
        let email = problems.optional("email", EmailAddress::parse(typed));
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let behind = self.behind_share_link(&snapshot, visit, browser, token).await?;
        let done = snapshot.receipt(receipt.0, CORRECT).await?;
        let key = snapshot.wrapped_key(organisation_of(visit)).await?;
        let asked = match behind.asked {
            Some(asked) if stands(&snapshot, &asked, now).await? => Some(asked),
            _ => None,
        };
        snapshot.end();
        let waits = |state| matches!(state, JoinState::Waiting | JoinState::Unheard);
        let asked = asked.filter(|asked| waits(asked.state)).ok_or(Failure::NotHere)?;
        if done.is_some() {
            return Ok(());
        }
        problems.check()?;
        let (id, circle) = (asked.id, behind.circle);
        let permit = self
            .engine
            .authorize::<Contribute>(&visit.scope, &facts(visit, &circle), Category::People)
            .await
            .map_err(|refusal| refused(refusal, None))?;
        let own = self.own_address_permit(visit, id).await?;
        let new = self.typed_address(&own, &key, id, email.as_ref())?;
        let network = format!("join:network:{}", rate::network(visit.network));
        self.store
            .change(&permit, async |unit| {
                let Limit { burst, every_seconds } = Limit::PER_NETWORK;
                if !unit.take_token(&network, burst, every_seconds, now).await? {
                    return Err(Failure::TooMany);
                }
                unit.keep_receipt(receipt.0, CORRECT, "done", now).await?;
                unit.also_over(&own).await?;
                let refused = match &new.index {
                    Some(index) => unit.is_refused(circle.id, index).await?,
                    None => false,
                };
                let state = if refused { JoinState::Unheard } else { JoinState::Waiting };
                let (sealed, index) = (new.sealed.as_ref(), new.index.as_deref());
                if !unit.correct_join_address(id, sealed, index, state, now).await? {
                    return Err(Failure::Changed);
                }
                if state == JoinState::Waiting {
                    // Told once, however often the address is corrected.
                    tell_carers(unit, &circle, id, asked.expires_at, now).await?;
                }
                Ok(())
            })
            .await?;
        self.wake();
        Ok(())
    }
}
