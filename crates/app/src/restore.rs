//! After an old copy of the database was put in place: a mass un-revocation, undone here.
//!
//! In one transaction over all organisations: whatever was handed out is dead, what ended since the
//! copy was made ends again, and mails are held. What was due before is not sent: whether it was
//! sent already only the database knew that is gone. What is due from now on waits until a person
//! says so ([`App::resume`]).

use std::collections::BTreeMap;

use kith_domain::ids::{CircleId, EnrolmentId, GrantId, MembershipId, OrganisationId, PersonId};
use kith_domain::{CircleState, EndingKind, MailReason, MembershipState, Owner, Timestamp};
use kith_store::{Ending, HandedOut, Restoration, Store, StoreError, UnitOfWork};
use kith_vault::Vault;

use crate::handed_out::stop_words;
use crate::leaving::leave;
use crate::{App, Failure};

/// What became of a copy that was put in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// When the copy was made, as far as its rows say.
    pub copied_at: Timestamp,
    /// What is dead now.
    pub handed_out: HandedOut,
    /// Endings since then that were done again.
    pub ended_again: u32,
}

/// Undoes what a copy that was put in place would undo. Nothing else may work on the database.
/// Running it again changes nothing but the moment before which mails are not sent.
///
/// # Errors
///
/// When the database does not answer or a row makes no sense; then nothing has changed.
pub async fn after_restore(
    store: &Store,
    endings: &[Ending],
    now: Timestamp,
) -> Result<Restored, Failure> {
    // A serving process says every few seconds that it works: the last time is that of the copy.
    let copied_at = store.last_heartbeat().await?.unwrap_or(Timestamp::from_second(0));
    let mut by_organisation: BTreeMap<OrganisationId, Vec<&Ending>> = BTreeMap::new();
    for ending in endings.iter().filter(|ending| ending.at >= copied_at) {
        by_organisation.entry(ending.organisation).or_default().push(ending);
    }
    store
        .transact_everywhere(async |unit| {
            let handed_out = unit.begin_after_restore(copied_at, now).await?;
            let mut ended_again = 0;
            for (organisation, endings) in &by_organisation {
                unit.turn_to(*organisation);
                ended_again += end_again(unit, endings, now).await?;
            }
            Ok(Restored { copied_at, handed_out, ended_again })
        })
        .await
}

async fn end_again(unit: &UnitOfWork, endings: &[&Ending], now: Timestamp) -> Result<u32, Failure> {
    let mut count = 0;
    let mut states = BTreeMap::new();
    for ending in endings {
        if ending.what == EndingKind::CircleState {
            let state = ending.more.as_deref().and_then(|word| word.parse::<CircleState>().ok());
            states.insert(ending.id, state.ok_or(makes_no_sense(ending))?);
        } else if one_again(unit, ending, now).await? {
            count += 1;
        }
    }
    for (id, state) in states {
        if close_again(unit, CircleId::from_uuid(id), state, now).await? {
            count += 1;
        }
    }
    Ok(count)
}

/// Whether it changed anything. What came to be after the copy was made is not there to end.
async fn one_again(unit: &UnitOfWork, ending: &Ending, now: Timestamp) -> Result<bool, Failure> {
    let id = ending.id;
    Ok(match ending.what {
        EndingKind::Membership => match unit.membership(MembershipId::from_uuid(id)).await? {
            Some(place) if place.state != MembershipState::Left => {
                leave(unit, &place, now).await?;
                true
            }
            _ => false,
        },
        EndingKind::Grant => unit.withdraw_grant(GrantId::from_uuid(id), now).await?,
        EndingKind::Keys => {
            unit.destroy_data_keys(Owner::Circle(CircleId::from_uuid(id))).await? > 0
        }
        EndingKind::Text => unit.erase_version(id).await?,
        EndingKind::Device => unit.end_enrolment(EnrolmentId::from_uuid(id), now).await?,
        EndingKind::Mail => match unit.stop_mail(PersonId::from_uuid(id)).await {
            Err(StoreError::NotFound) => false,
            stopped => stopped.map(|()| true)?,
        },
        EndingKind::Naming => {
            let person = ending.more.as_deref().and_then(|id| id.parse().ok());
            let person: PersonId = person.ok_or(makes_no_sense(ending))?;
            match unit.refuse_person(CircleId::from_uuid(id), person, now).await {
                Err(StoreError::NotFound) => false,
                refused => refused.map(|()| true)?,
            }
        }
        // Only the last state of a circle counts.
        EndingKind::CircleState => false,
    })
}

/// Closes a circle that was closed. One that was opened since stays as it is in the copy: somebody
/// opens it again.
async fn close_again(
    unit: &UnitOfWork,
    id: CircleId,
    to: CircleState,
    now: Timestamp,
) -> Result<bool, Failure> {
    let Some(circle) = unit.circle(id).await? else { return Ok(false) };
    if to == CircleState::Erased {
        unit.destroy_data_keys(Owner::Circle(id)).await?;
    }
    let opened = matches!(to, CircleState::Forming | CircleState::Active);
    if opened || circle.state == to || circle.state == CircleState::Erased {
        return Ok(false);
    }
    if !unit.put_circle_state(id, circle.state, to, now).await? {
        return Err(Failure::Changed);
    }
    if to != CircleState::Paused {
        stop_words(unit, id, now).await?;
    }
    unit.cancel_mail_of_circle(id, MailReason::CircleNotActive, now).await?;
    Ok(true)
}

fn makes_no_sense(ending: &Ending) -> StoreError {
    StoreError::Inconsistent { table: "ending", id: ending.id }
}

/// Whether the keys of a vault are those that the organisations' data keys were wrapped with.
///
/// # Errors
///
/// When one of them does not open.
pub async fn check_keys(store: &Store, vault: &Vault) -> Result<(), Failure> {
    for organisation in store.organisations().await? {
        let snapshot = store.snapshot(organisation.id).await?;
        let wrapped = snapshot.wrapped_key(Owner::Organisation(organisation.id)).await?;
        snapshot.end().await?;
        vault.unwrap_key(&wrapped)?;
    }
    Ok(())
}

impl App {
    /// Says that mails may leave again after a restore. `false` when none were held.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn resume(&self) -> Result<bool, Failure> {
        Ok(self.store.resume(self.now()).await?)
    }

    /// The last copy that was put in place, if one ever was.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn restoration(&self) -> Result<Option<Restoration>, Failure> {
        Ok(self.store.restoration().await?)
    }

    /// Adds to the file of endings what is not in it yet, of this process or of one that died.
    ///
    /// # Errors
    ///
    /// When the file or the database cannot be written.
    pub async fn write_endings(&self) -> Result<(), Failure> {
        self.store.write_endings().await.map(|_| ()).map_err(Failure::from)
    }
}
