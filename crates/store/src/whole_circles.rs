//! Many circles at once, each with everything in it and all of it new: nothing is asked of the
//! database before it is written, and each table is written with a few long statements.

use core::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use kith_domain::ids::{ClaimId, DeviceId, EnrolmentId, GrantId, MembershipId, SlotId, TaskId};
use kith_domain::{CategorySet, ClaimState, GrantBasis, Ids, TaskDraft, Timestamp};
use kith_vault::{Sealed, WrappedKey};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use uuid::Uuid;

use crate::circles::{NewCircle, circle_row};
use crate::claim_plans::plan_at;
use crate::claims::{Claim, claim_row};
use crate::contents::content_row;
use crate::convert::date_text;
use crate::entity::{
    circle, claim, content, data_key, device, disclosure_grant, enrolment, membership, person,
    slot, task,
};
use crate::error::StoreError;
use crate::gaps::look_from_the_evening;
use crate::grants::grant_row;
use crate::organisations::data_key_row;
use crate::people::{Membership, Person, membership_row, person_row};
use crate::rota::slot_row;
use crate::tasks::task_row;
use crate::unit::UnitOfWork;
use crate::ways_in::{device_row, enrolment_row};

/// Rows in one statement: with 25 columns still far from what either database can bind.
const ROWS: usize = 200;

/// A circle, its people, and its rota.
pub struct WholeCircle<'a> {
    /// Where the ids come from that nobody outside needs.
    pub ids: Arc<dyn Ids>,
    /// The circle.
    pub circle: NewCircle<'a>,
    /// Its data key, under which every text is sealed.
    pub key: WrappedKey,
    /// When it was started.
    pub started: Timestamp,
    /// When the patient or a carer was last seen.
    pub seen: Timestamp,
    /// The members.
    pub members: Vec<WholeMember>,
    /// Sealed texts, each the first version of what it says.
    pub texts: Vec<WholeText>,
    /// What is asked.
    pub tasks: Vec<WholeTask>,
}

impl fmt::Debug for WholeCircle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WholeCircle").field("circle", &self.circle).finish_non_exhaustive()
    }
}

/// Somebody new, with a place in the circle.
#[derive(Debug)]
pub struct WholeMember {
    /// Who.
    pub person: Person,
    /// The place.
    pub place: Membership,
    /// What the patient lets them see, on their own consent, since they were named.
    pub granted: CategorySet,
    /// Who decided that.
    pub decided_by: Option<MembershipId>,
    /// The device on which they said yes, and the hash of its secret.
    pub device: Option<(DeviceId, [u8; 32])>,
}

/// A sealed text.
#[derive(Debug)]
pub struct WholeText {
    /// What it is about.
    pub subject: Uuid,
    /// Who wrote it.
    pub by: Option<MembershipId>,
    /// When.
    pub at: Timestamp,
    /// The text.
    pub sealed: Sealed,
}

/// A task with its slots.
#[derive(Debug)]
pub struct WholeTask {
    /// Its id.
    pub id: TaskId,
    /// What it says. The note is one of the texts.
    pub draft: TaskDraft,
    /// Who asked.
    pub created_by: Option<MembershipId>,
    /// When.
    pub created_at: Timestamp,
    /// The slots reach up to this day.
    pub rolled_to: Date,
    /// One a day on which it comes.
    pub slots: Vec<WholeSlot>,
}

/// A slot and who promised it.
#[derive(Debug)]
pub struct WholeSlot {
    /// Its day.
    pub date: Date,
    /// When it starts.
    pub starts: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// At most as many as the task has places.
    pub claims: Vec<WholeClaim>,
}

/// A promise.
#[derive(Clone, Copy, Debug)]
pub struct WholeClaim {
    /// The place in the circle.
    pub membership: MembershipId,
    /// Who.
    pub person: kith_domain::ids::PersonId,
    /// What became of it; not [`ClaimState::Dropped`], which holds no place.
    pub state: ClaimState,
    /// When it was made.
    pub claimed_at: Timestamp,
    /// When its state last changed.
    pub changed_at: Timestamp,
}

/// What is to be written, table by table, in the order in which rows refer to each other.
#[derive(Default)]
struct Rows {
    circles: Vec<circle::ActiveModel>,
    keys: Vec<data_key::ActiveModel>,
    persons: Vec<person::ActiveModel>,
    memberships: Vec<membership::ActiveModel>,
    grants: Vec<disclosure_grant::ActiveModel>,
    devices: Vec<device::ActiveModel>,
    enrolments: Vec<enrolment::ActiveModel>,
    contents: Vec<content::ActiveModel>,
    tasks: Vec<task::ActiveModel>,
    slots: Vec<slot::ActiveModel>,
    claims: Vec<claim::ActiveModel>,
}

impl UnitOfWork {
    /// Adds whole circles.
    ///
    /// Promises for what is yet to come are planned as if they had just been made; `reminded` says
    /// up to when people have been reminded already.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when a slot has more promises than places; and when anything of it
    /// is there already.
    pub async fn add_whole_circles(
        &self,
        circles: Vec<WholeCircle<'_>>,
        now: Timestamp,
        reminded: Timestamp,
    ) -> Result<(), StoreError> {
        let mut rows = Rows::default();
        for circle in circles {
            rows.add(self.organisation, circle, (now, reminded))?;
        }
        self.insert_all(rows.circles).await?;
        self.insert_all(rows.keys).await?;
        self.insert_all(rows.persons).await?;
        self.insert_all(rows.memberships).await?;
        self.insert_all(rows.grants).await?;
        self.insert_all(rows.devices).await?;
        self.insert_all(rows.enrolments).await?;
        self.insert_all(rows.contents).await?;
        self.insert_all(rows.tasks).await?;
        self.insert_all(rows.slots).await?;
        self.insert_all(rows.claims).await
    }

    async fn insert_all<A>(&self, rows: Vec<A>) -> Result<(), StoreError>
    where
        A: ActiveModelTrait + Send,
    {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some: Vec<A> = rows.by_ref().take(ROWS).collect();
            A::Entity::insert_many(some).exec_without_returning(&self.reader.txn).await?;
        }
        Ok(())
    }
}

impl Rows {
    fn add(
        &mut self,
        organisation: Uuid,
        whole: WholeCircle<'_>,
        times: (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        let WholeCircle { ids, circle, key, started, seen, members, texts, tasks } = whole;
        let circle_id = circle.id.as_uuid();
        self.circles.push(circle::ActiveModel {
            carer_seen_at: Set(Some(seen.as_second())),
            ..circle_row(organisation, &circle, started)
        });
        self.keys.push(data_key_row(organisation, &key, started));
        for member in members {
            self.add_member(organisation, &member, &*ids, seen);
        }
        self.contents.extend(texts.into_iter().map(|text| content::ActiveModel {
            organisation_id: Set(organisation),
            circle_id: Set(circle_id),
            subject_id: Set(text.subject),
            version: Set(1),
            author_id: Set(text.by.map(MembershipId::as_uuid)),
            created_at: Set(text.at.as_second()),
            ..content_row(text.sealed)
        }));
        for task in tasks {
            self.tasks.push(task::ActiveModel {
                organisation_id: Set(organisation),
                id: Set(task.id.as_uuid()),
                circle_id: Set(circle_id),
                created_by: Set(task.created_by.map(MembershipId::as_uuid)),
                created_at: Set(task.created_at.as_second()),
                rolled_to: Set(Some(date_text(task.rolled_to))),
                ..task_row(&task.draft)
            });
            for slot in &task.slots {
                self.add_slot(organisation, &circle, &task, slot, (&*ids, times))?;
            }
        }
        Ok(())
    }

    fn add_member(
        &mut self,
        organisation: Uuid,
        member: &WholeMember,
        ids: &dyn Ids,
        seen: Timestamp,
    ) {
        let WholeMember { person, place, granted, decided_by, device } = member;
        let since = place.accepted_at.unwrap_or(place.named_at);
        self.persons.push(person_row(organisation, person, place.named_at));
        self.memberships.push(membership_row(organisation, place, self.memberships.len()));
        self.grants.extend(granted.iter().map(|category| disclosure_grant::ActiveModel {
            organisation_id: Set(organisation),
            id: Set(GrantId::new(ids).as_uuid()),
            decided_by: Set(decided_by.map(MembershipId::as_uuid)),
            ..grant_row(place, category, GrantBasis::OwnConsent, place.named_at)
        }));
        if let Some((device, token_hash)) = device {
            self.devices.push(device::ActiveModel {
                last_used_at: Set(seen.as_second()),
                ..device_row(organisation, *device, token_hash, since)
            });
            self.enrolments.push(enrolment::ActiveModel {
                organisation_id: Set(organisation),
                id: Set(EnrolmentId::new(ids).as_uuid()),
                last_used_at: Set(seen.as_second()),
                ..enrolment_row(*device, person.id, Some(place.circle), "welcome", since)
            });
        }
    }

    fn add_slot(
        &mut self,
        organisation: Uuid,
        circle: &NewCircle<'_>,
        task: &WholeTask,
        new: &WholeSlot,
        (ids, (now, reminded)): (&dyn Ids, (Timestamp, Timestamp)),
    ) -> Result<(), StoreError> {
        let places = task.draft.places.get();
        let taken = i32::try_from(new.claims.len()).unwrap_or(i32::MAX);
        if taken > i32::from(places) {
            return Err(StoreError::Conflict);
        }
        let id = SlotId::new(ids);
        let row = slot_row(new.date, new.starts, new.ends);
        // What is over or wholly promised is not looked at, nor whether it is to be asked for: of many
        // circles that would take hours.
        let needed = taken < i32::from(places) && new.starts > now;
        self.slots.push(slot::ActiveModel {
            organisation_id: Set(organisation),
            id: Set(id.as_uuid()),
            circle_id: Set(circle.id.as_uuid()),
            task_id: Set(task.id.as_uuid()),
            series: Set(0),
            places: Set(i32::from(places)),
            taken: Set(taken),
            tell_at: Set(needed.then(|| look_from_the_evening(new.starts).as_second())),
            ..row
        });
        for promise in &new.claims {
            if promise.state == ClaimState::Dropped {
                return Err(StoreError::Conflict);
            }
            let claim = Claim {
                id: ClaimId::new(ids),
                circle: circle.id,
                slot: id,
                membership: promise.membership,
                person: promise.person,
                state: promise.state,
                generation: 0,
                claimed_at: promise.claimed_at,
                changed_at: promise.changed_at,
                confirmed_for: None,
                late_at: None,
                ended_as: None,
            };
            let to_plan = promise.state.is_live() && new.starts > reminded;
            let plan = to_plan.then(|| plan_at(new.starts, now));
            self.claims.push(claim_row(organisation, &claim, plan));
        }
        Ok(())
    }
}
