//! Planning reminders: from promises to mails, ahead of time and once each.

mod mails;

use std::collections::{BTreeMap, BTreeSet};

use kith_domain::ids::{CircleId, ClaimId, OrganisationId, PersonId, SlotId};
use kith_domain::{MailKind, Timestamp, reminder};
use kith_store::{Circle, Claim, Person, Slot, StoreError, UnitOfWork};

use crate::planner::mails::{Gone, Planned, Promise};
use crate::silence::plan_for_silence;
use crate::{App, Failure};

/// Promises that one look deals with at most.
const AT_ONCE: u32 = 200;
/// Promises planned in one transaction: few enough that others who want to write wait briefly.
const TOGETHER: usize = 50;

impl App {
    /// Plans the reminders of promises whose slots come near, and what is to be told of slots that
    /// nobody has taken, and of questions that nobody need answer any more. Any number of processes may do so at
    /// once: a reminder is planned once. Says how many promises were looked at; as many as may be
    /// looked at in one go means that there may be more.
    ///
    /// # Errors
    ///
    /// When the database does not answer. The next look finds the same promises.
    pub async fn plan_reminders(&self) -> Result<u32, Failure> {
        let now = self.now();
        let due = self.store.claims_to_plan(now, AT_ONCE).await?;
        let mut by_organisation: BTreeMap<OrganisationId, Vec<ClaimId>> = BTreeMap::new();
        let count = u32::try_from(due.len()).unwrap_or(u32::MAX);
        for (organisation, claim) in due {
            by_organisation.entry(organisation).or_default().push(claim);
        }
        let mut missed = None;
        for (organisation, claims) in by_organisation {
            for claims in claims.chunks(TOGETHER) {
                match self.plan_claims(organisation, claims, now).await {
                    Ok(()) => {}
                    Err(StoreError::Busy) => return Err(StoreError::Busy.into()),
                    // What ails one hospice holds up no other.
                    Err(error) => missed = Some(error),
                }
            }
        }
        self.tell_of_gaps().await?;
        self.tell_of_lapses().await?;
        match missed {
            Some(error) => Err(error.into()),
            None => Ok(count),
        }
    }

    async fn plan_claims(
        &self,
        organisation: OrganisationId,
        claims: &[ClaimId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let together =
            self.store.transact(organisation, async |unit| plan(unit, claims, now).await).await;
        if together.is_ok() || together == Err(StoreError::Busy) {
            return together;
        }
        // The others are planned without the one that cannot be.
        let mut missed = Ok(());
        for claim in claims {
            match self.plan_alone(organisation, *claim, now).await {
                Ok(()) => {}
                Err(StoreError::Busy) => return Err(StoreError::Busy),
                Err(error) => missed = Err(error),
            }
        }
        missed
    }

    /// A promise that cannot be read is set aside where people see it, and not met again. After any
    /// other error the next look meets it: a full disk passes, and its reminders are still due.
    async fn plan_alone(
        &self,
        organisation: OrganisationId,
        claim: ClaimId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let planned =
            self.store.transact(organisation, async |unit| plan(unit, &[claim], now).await).await;
        match planned {
            Err(error @ (StoreError::Inconsistent { .. } | StoreError::NotFound)) => {
                tracing::error!(%claim, %error, "the reminders of a promise cannot be planned");
                self.store
                    .transact(organisation, async |unit| {
                        unit.reminders_cannot_be_planned(claim, now).await
                    })
                    .await
            }
            planned => planned,
        }
    }
}

/// Plans the mails of some promises as everything stands now, with a few statements for all of them.
async fn plan(unit: &UnitOfWork, ids: &[ClaimId], now: Timestamp) -> Result<(), StoreError> {
    // A move or a resumption that is under way plans these promises again: either it is seen here,
    // or it comes after.
    unit.hold_claims(ids).await?;
    let claims = unit.claims(ids).await?;
    if claims.is_empty() {
        return Ok(());
    }
    let around = Surroundings::read(unit, &claims).await?;
    let each_time = unit.promised_each_time(ids).await?;
    let mut promises = Vec::new();
    for claim in &claims {
        let (slot, circle, person) = around.of(claim)?;
        // When nobody looked until it was too late, what should have been planned meanwhile is
        // planned still: it expires where people see it, and is not lost in silence.
        let over = reminder::useful_until(slot.starts) <= now;
        let from = if over {
            unit.planned_for(claim.id).await?.unwrap_or(now).max(claim.claimed_at)
        } else {
            claim.claimed_at
        };
        promises.push(Promise {
            claim,
            slot,
            circle,
            person,
            over,
            from,
            each_time: each_time.contains(&claim.id),
            now,
        });
    }
    let in_a_pause: Vec<_> = promises.iter().filter_map(Promise::digest_in_a_pause).collect();
    let gone = Gone {
        digests: unit.mails_begun(&in_a_pause).await?,
        goes_on: unit.mails_that_stand(&once(promises.iter().filter_map(Promise::goes_on))).await?,
    };
    let (mut mails, mut dealt_with) = (Vec::new(), Vec::new());
    for promise in &promises {
        let Promise { claim, slot, circle, .. } = *promise;
        match promise.mails(&mut mails, &gone) {
            Planned::Later => unit.plan_again(claim, slot.starts, now).await?,
            Planned::Wholly { silence } => {
                if silence {
                    plan_for_silence(unit, circle, slot, claim, now).await?;
                }
                dealt_with.push(claim.id);
            }
        }
    }
    for there in unit.add_mails(&mails, now).await? {
        // Thanks are said once; what reminds follows what was chosen since.
        if there.kind != MailKind::Promised {
            unit.plan_reminder_again(&there.dedupe, there.due_at, now).await?;
        }
    }
    unit.all_planned(&dealt_with).await
}

/// What some promises rest on, as it stands now.
struct Surroundings {
    slots: BTreeMap<SlotId, Slot>,
    circles: BTreeMap<CircleId, Circle>,
    persons: BTreeMap<PersonId, Person>,
}

impl Surroundings {
    async fn read(unit: &UnitOfWork, claims: &[Claim]) -> Result<Self, StoreError> {
        let slots = unit.slots(&once(claims.iter().map(|claim| claim.slot))).await?;
        let circles = unit.circles(&once(claims.iter().map(|claim| claim.circle))).await?;
        let persons = unit.persons(&once(claims.iter().map(|claim| claim.person))).await?;
        Ok(Self {
            slots: slots.into_iter().map(|slot| (slot.id, slot)).collect(),
            circles: circles.into_iter().map(|circle| (circle.id, circle)).collect(),
            persons: persons.into_iter().map(|person| (person.id, person)).collect(),
        })
    }

    fn of(&self, claim: &Claim) -> Result<(&Slot, &Circle, &Person), StoreError> {
        let slot = self.slots.get(&claim.slot).ok_or(StoreError::NotFound)?;
        let circle = self.circles.get(&claim.circle).ok_or(StoreError::NotFound)?;
        let person = self.persons.get(&claim.person).ok_or(StoreError::NotFound)?;
        Ok((slot, circle, person))
    }
}

/// Each id once.
fn once<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}
