//! After an old copy of the database was put in place: a mass un-revocation, undone here.
//!
//! In one transaction over all organisations: whatever was handed out is dead, what ended ends again,
//! and mails are held. What was due before is not sent: whether it was sent already only the database
//! knew that is gone. What is due from now on waits until a person says so ([`App::resume`]).
//!
//! When the copy was made does not matter, and is not asked: its own rows cannot say it once somebody
//! has served from it. Whatever the file says ends, for what ends once and for all never comes back
//! under the same id. Of what can be closed and opened again the last word counts, by its time and
//! not by its place in the file. A restore only ever closes: what was opened since stays as it is in
//! the copy, and somebody opens it again.

use std::collections::BTreeMap;

use kith_domain::ids::{
    CircleId, ClaimId, EnrolmentId, GrantId, MembershipId, OrganisationId, PersonId, SlotId,
    StandingPromiseId, TaskId,
};
use kith_domain::{CircleState, EndingKind, MailReason, MembershipState, Owner, Timestamp};
use kith_store::{
    Ending, HandedOut, Marking, Restoration, Store, StoreError, UnitOfWork, index_bytes,
};
use kith_vault::Vault;
use uuid::Uuid;

use crate::handed_out::stop_words;
use crate::health::CLOCKS_APART;
use crate::leaving::leave;
use crate::promise::drop_promise;
use crate::take_off::still_left_out;
use crate::{App, Failure};

/// Seconds by which the clocks of two processes may differ, as each may from the database's.
const TWO_CLOCKS_APART: i64 = 2 * CLOCKS_APART;

/// What became of a copy that was put in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What is dead now.
    pub handed_out: HandedOut,
    /// Endings that the copy did not know, and that were done again.
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
    let mut by_organisation: BTreeMap<OrganisationId, Vec<&Ending>> = BTreeMap::new();
    for ending in endings {
        by_organisation.entry(ending.organisation).or_default().push(ending);
    }
    store
        .transact_everywhere(async |unit| {
            let handed_out = unit.begin_after_restore(now).await?;
            let mut ended_again = 0;
            for (organisation, endings) in &by_organisation {
                unit.turn_to(*organisation);
                let mut off = Vec::new();
                for ending in what_counts(endings) {
                    if one_again(unit, ending, now).await? {
                        ended_again += 1;
                        off.extend((ending.what == EndingKind::Slot).then_some(ending.id));
                    }
                }
                // Once it is known which tasks go on.
                for slot in off {
                    leave_out(unit, SlotId::from_uuid(slot), now).await?;
                }
            }
            Ok(Restored { handed_out, ended_again })
        })
        .await
}

/// Each ending once, those of places first. Of what can be closed and opened again only the last word,
/// and where clocks that are apart cannot tell which that is, the one that closes more.
fn what_counts<'e>(endings: &[&'e Ending]) -> Vec<&'e Ending> {
    let mut once: BTreeMap<(EndingKind, Uuid, Option<&str>), &Ending> = BTreeMap::new();
    let mut last: BTreeMap<(EndingKind, Uuid), Timestamp> = BTreeMap::new();
    let mut words: BTreeMap<(EndingKind, Uuid), (u8, &Ending)> = BTreeMap::new();
    let switches = || {
        endings.iter().filter_map(|ending| {
            let closes = ending.what.closes(ending.more.as_deref())?;
            Some(((ending.what, ending.id), closes, *ending))
        })
    };
    for (key, _, ending) in switches() {
        let at = last.entry(key).or_insert(ending.at);
        *at = ending.at.max(*at);
    }
    for (key, closes, ending) in switches() {
        let apart = last.get(&key).map_or(0, |last| last.seconds_since(ending.at));
        if apart > TWO_CLOCKS_APART {
            continue;
        }
        let word = words.entry(key).or_insert((closes, ending));
        if closes > word.0 {
            *word = (closes, ending);
        }
    }
    for ending in endings.iter().filter(|one| one.what.closes(one.more.as_deref()).is_none()) {
        once.insert((ending.what, ending.id, ending.more.as_deref()), ending);
    }
    once.into_values().chain(words.into_values().map(|(_, ending)| ending)).collect()
}

/// Whether it changed anything. What came to be after the copy was made is not there to end, and each
/// looks before it writes: PostgreSQL lets nothing more be done after a write that failed.
async fn one_again(unit: &UnitOfWork, ending: &Ending, now: Timestamp) -> Result<bool, Failure> {
    let id = ending.id;
    let closes = ending.what.closes(ending.more.as_deref()).is_none_or(|closes| closes > 0);
    if !closes {
        return Ok(false);
    }
    Ok(match ending.what {
        EndingKind::Membership => match unit.membership(MembershipId::from_uuid(id)).await? {
            Some(place) if place.state != MembershipState::Left => {
                leave(unit, &place, now).await?;
                true
            }
            _ => false,
        },
        EndingKind::Grant => unit.withdraw_grant(GrantId::from_uuid(id), now).await?,
        EndingKind::Device => unit.end_one_enrolment(EnrolmentId::from_uuid(id), now).await?,
        EndingKind::Keys => {
            unit.destroy_data_keys(Owner::Circle(CircleId::from_uuid(id))).await? > 0
        }
        EndingKind::Text => unit.erase_version(id).await?,
        EndingKind::Naming => refuse_again(unit, ending, now).await?,
        EndingKind::Claim => match unit.claim(ClaimId::from_uuid(id)).await? {
            Some(claim) => {
                let how = ending.more.as_deref().and_then(|how| how.parse().ok());
                let how = how.ok_or_else(|| makes_no_sense(ending))?;
                drop_promise(unit, &claim, how, now).await?
            }
            None => false,
        },
        EndingKind::Slot => unit.cancel_slot(SlotId::from_uuid(id)).await?,
        EndingKind::Standing => {
            unit.end_standing_promise(StandingPromiseId::from_uuid(id), now).await?
        }
        EndingKind::CircleState => close_again(unit, ending, now).await?,
        EndingKind::Mail => unit.put_mail_stopped(PersonId::from_uuid(id), true).await?,
        EndingKind::Quiet => unit.put_quiet_mail(CircleId::from_uuid(id), true).await?,
        EndingKind::TellsAddress | EndingKind::TellsHelp | EndingKind::TellsEntry => {
            unit.put_told(TaskId::from_uuid(id), ending.what, false).await?
        }
        EndingKind::Task => end_again(unit, TaskId::from_uuid(id), now).await?,
    })
}

/// The file knows no days: a task that had ended ends with the last of its times that stand, once
/// those are off that were taken off.
async fn end_again(unit: &UnitOfWork, id: TaskId, now: Timestamp) -> Result<bool, Failure> {
    let task = unit.task(id).await?.filter(|task| !task.ended && task.repeat.is_again());
    let Some(task) = task else { return Ok(false) };
    let standing = unit.slots_of_task(id, now).await?;
    let last = standing.iter().map(|slot| slot.made_for).max();
    let last = last.filter(|last| *last >= task.first.date());
    if last.is_some() && task.last_day().is_some_and(|ends| Some(ends) <= last) {
        return Ok(false);
    }
    unit.end_task(&task, last).await?;
    Ok(true)
}

/// A time that is off is a day on which its task does not come: its form says so, and from there it can
/// be put back.
async fn leave_out(unit: &UnitOfWork, slot: SlotId, now: Timestamp) -> Result<(), Failure> {
    let Some(slot) = unit.slot(slot).await? else { return Ok(()) };
    let task = unit.task(slot.task).await?.filter(|task| !task.ended && task.repeat.is_again());
    let Some(task) = task else { return Ok(()) };
    let circle = unit.circle(task.circle).await?.ok_or(StoreError::NotFound)?;
    let (day, mut left_out) = (slot.made_for, still_left_out(unit, &task, &circle, now).await?);
    let comes = task.repeat.days_between(task.first.date(), day, day).next().is_some();
    // With too many such days it stays off all the same.
    if comes && !left_out.contains(day) && left_out.add(day, day).is_ok() {
        unit.put_left_out(task.id, &left_out).await?;
    }
    Ok(())
}

async fn refuse_again(unit: &UnitOfWork, ending: &Ending, now: Timestamp) -> Result<bool, Failure> {
    let circle = CircleId::from_uuid(ending.id);
    let index = ending.more.as_deref().and_then(index_bytes).ok_or(makes_no_sense(ending))?;
    if unit.circle(circle).await?.is_none() || unit.is_refused(circle, &index).await? {
        return Ok(false);
    }
    unit.refuse_address(circle, &index, now).await?;
    Ok(true)
}

/// Brings a circle that was closed into the state that it was last in.
async fn close_again(unit: &UnitOfWork, ending: &Ending, now: Timestamp) -> Result<bool, Failure> {
    let id = CircleId::from_uuid(ending.id);
    let to: Option<CircleState> = ending.more.as_deref().and_then(|word| word.parse().ok());
    let to = to.ok_or(makes_no_sense(ending))?;
    let Some(circle) = unit.circle(id).await? else { return Ok(false) };
    if to == CircleState::Erased {
        unit.destroy_data_keys(Owner::Circle(id)).await?;
    }
    if circle.state == to || circle.state == CircleState::Erased {
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
        snapshot.end();
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

    /// Adds to the file of endings what is not in it yet, of this process or of one that died, and
    /// each hour makes sure that it is the file of this database.
    ///
    /// # Errors
    ///
    /// When the file or the database cannot be written, or the file does not know the database.
    pub async fn write_endings(&self) -> Result<(), Failure> {
        self.store.write_endings().await?;
        Ok(self.store.mark_endings(Marking::Hourly).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(second: i64, what: EndingKind, more: &str) -> Ending {
        Ending {
            at: Timestamp::from_second(second),
            organisation: OrganisationId::from_uuid(Uuid::from_u128(1)),
            what,
            id: Uuid::from_u128(2),
            more: Some(more.to_owned()),
        }
    }

    #[test]
    fn the_last_word_counts_in_whatever_order_they_are_written() {
        let state = EndingKind::CircleState;
        let (frozen, active) = (said(100, state, "frozen"), said(200, state, "active"));
        let (off, on) = (said(100, EndingKind::Mail, "off"), said(200, EndingKind::Mail, "on"));
        for endings in [[&frozen, &off, &active, &on], [&on, &active, &off, &frozen]] {
            assert_eq!(what_counts(&endings), [&active, &on]);
        }
    }

    #[test]
    fn of_two_at_once_the_one_that_closes_more_counts() {
        let state = EndingKind::CircleState;
        let frozen = said(100, state, "frozen");
        for second in [100, 100 + TWO_CLOCKS_APART] {
            let paused = said(second, state, "paused");
            for endings in [[&frozen, &paused], [&paused, &frozen]] {
                assert_eq!(what_counts(&endings), [&frozen], "{second}");
            }
        }
        let later = said(101 + TWO_CLOCKS_APART, state, "paused");
        assert_eq!(what_counts(&[&frozen, &later]), [&later]);
    }

    #[test]
    fn what_is_in_the_file_twice_counts_once() {
        let one = said(1, EndingKind::Naming, "0a");
        let (same, other) = (one.clone(), said(9, EndingKind::Naming, "0b"));
        assert_eq!(what_counts(&[&one, &same, &other]).len(), 2);
    }
}
