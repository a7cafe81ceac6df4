//! One organisation with people in it, written through the store.

use std::sync::Arc;

use jiff::civil::date;
use kith_domain::ids::{
    CircleId, DeviceId, MembershipId, OrganisationId, PersonId, SessionId, SlotId, TaskId,
};
use kith_domain::{
    CircleState, Clock as _, Disclosure, Ends, Ids as _, IfNobody, LocalTimes, MailChoice,
    MemberRole, MembershipState, Owner, Places, ReminderChoice, Repeat, TaskDraft, TaskKind,
    Timestamp, Zone,
};
use kith_store::{
    Membership, NewCircle, Organisation, Person, Session, Slot, Snapshot, Store, StoreError, Task,
    UnitOfWork,
};
use kith_tests::{TestClock, TestDatabase};
use kith_vault::{Field, KeyFile, Place, RandomIds, Sealed, Vault, token_hash};
use uuid::Uuid;

/// A Monday morning in London.
pub(crate) const START: &str = "2026-03-02T09:00:00Z";

/// An organisation in a fresh database.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) organisation: OrganisationId,
}

impl World {
    pub(crate) async fn new(database: &TestDatabase) -> Self {
        let clock = TestClock::reading(START);
        let store = database.open(Arc::clone(&clock)).await;
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::new(KeyFile::create(&folder.path().join("kith.key")).unwrap());
        let mut world = Self {
            store,
            clock,
            vault: Arc::new(vault),
            organisation: OrganisationId::new(&RandomIds),
        };
        world.organisation = world.add_organisation(None).await;
        world
    }

    /// Another organisation in the same database; the same world but for that.
    pub(crate) async fn neighbour(&self, host: &str) -> Self {
        let organisation = self.add_organisation(Some(host)).await;
        Self {
            store: self.store.clone(),
            clock: Arc::clone(&self.clock),
            vault: Arc::clone(&self.vault),
            organisation,
        }
    }

    async fn add_organisation(&self, host: Option<&str>) -> OrganisationId {
        let id = OrganisationId::new(&RandomIds);
        let (_, key) = self.vault.new_owner_key(Owner::Organisation(id));
        let new = Organisation {
            id,
            name: "Fernhill Hospice".to_owned(),
            host: host.map(str::to_owned),
            phone: "01632 960101".to_owned(),
            zone: zone(),
            named_in_mail: true,
        };
        let now = self.now();
        self.store
            .transact(id, async |unit| unit.add_organisation(&new, &key, now).await)
            .await
            .unwrap();
        id
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Writes and commits; anything that fails ends the test.
    pub(crate) async fn write<T>(
        &self,
        work: impl AsyncFnOnce(&UnitOfWork) -> Result<T, StoreError>,
    ) -> T {
        self.try_write(work).await.unwrap()
    }

    pub(crate) async fn try_write<T>(
        &self,
        work: impl AsyncFnOnce(&UnitOfWork) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.store.transact(self.organisation, work).await
    }

    pub(crate) async fn read(&self) -> Snapshot {
        self.store.snapshot(self.organisation).await.unwrap()
    }

    /// Somebody with a sealed name that nobody opens.
    pub(crate) async fn person(&self) -> PersonId {
        let person = self.unsealed_person();
        let now = self.now();
        self.write(async |unit| unit.add_person(&person, now).await).await;
        person.id
    }

    /// Details whose seals are only bytes.
    pub(crate) fn unsealed_person(&self) -> Person {
        let id = PersonId::new(&RandomIds);
        let owner = Owner::Organisation(self.organisation);
        let place = Place { owner, field: Field::PersonName, row: id.as_uuid() };
        Person {
            id,
            name: Sealed::from_parts(place, 1, vec![1, 2, 3]),
            email: None,
            email_index: None,
            phone: None,
            mail: MailChoice { reminders: ReminderChoice::EVENING_BEFORE, ..MailChoice::ORDINARY },
            shares_mailbox: false,
        }
    }

    /// An active circle with a data key.
    pub(crate) async fn circle(&self) -> CircleId {
        self.circle_in(CircleState::Active).await
    }

    pub(crate) async fn circle_in(&self, state: CircleState) -> CircleId {
        let id = CircleId::new(&RandomIds);
        let (_, key) = self.vault.new_owner_key(Owner::Circle(id));
        let (name, zone, now) = (id.to_string(), zone(), self.now());
        self.write(async |unit| {
            let new = NewCircle { id, nature_name: &name, state, zone: &zone, area: "Northgate" };
            unit.add_circle(&new, now).await?;
            unit.add_data_key(&key, now).await
        })
        .await;
        id
    }

    pub(crate) async fn friend(&self, circle: CircleId) -> Membership {
        self.member(circle, MemberRole::Friend, MembershipState::Active).await
    }

    pub(crate) async fn member(
        &self,
        circle: CircleId,
        role: MemberRole,
        state: MembershipState,
    ) -> Membership {
        let membership = Membership {
            id: MembershipId::new(&RandomIds),
            circle,
            person: self.person().await,
            role,
            state,
            lead: false,
            named_by: None,
            named_at: self.now(),
            accepted_at: (state == MembershipState::Active).then(|| self.now()),
            left_at: None,
        };
        self.write(async |unit| unit.add_membership(&membership).await).await;
        membership
    }

    /// A session on a device of its own, not enrolled anywhere.
    pub(crate) async fn session(&self, person: PersonId) -> Session {
        let (device, id) = (DeviceId::new(&RandomIds), SessionId::new(&RandomIds));
        let session = Session {
            id,
            organisation: self.organisation,
            device,
            person,
            way: "code".to_owned(),
            shared_computer: false,
            staff: false,
            created_at: self.now(),
            last_seen_at: self.now(),
            fresh_until: None,
        };
        let now = self.now();
        self.write(async |unit| {
            unit.add_device(device, &secret(device.as_uuid()), now).await?;
            unit.add_session(&session, &secret(id.as_uuid())).await
        })
        .await;
        session
    }

    /// A session on a device that is trusted for the person in the circle.
    pub(crate) async fn trusted(&self, member: &Membership) -> Session {
        let session = self.session(member.person).await;
        let now = self.now();
        self.write(async |unit| {
            let circle = Some(member.circle);
            unit.add_enrolment(session.device, member.person, circle, "words", now).await
        })
        .await;
        session
    }

    /// The same, and the own number given now.
    pub(crate) async fn fresh(&self, member: &Membership) -> Session {
        let session = self.trusted(member).await;
        let (now, until) = (self.now(), Some(self.now().plus_minutes(15)));
        let token = secret(session.id.as_uuid());
        self.write(async |unit| unit.renew_session(session.id, &token, until, now).await).await;
        Session { fresh_until: until, ..session }
    }

    /// A shopping task for one person that discloses nothing, without slots.
    pub(crate) async fn task(&self, circle: CircleId) -> Task {
        self.task_like(circle, Disclosure::NONE, 1).await
    }

    pub(crate) async fn task_like(
        &self,
        circle: CircleId,
        disclosure: Disclosure,
        places: u8,
    ) -> Task {
        let id = TaskId::new(&RandomIds);
        let start = jiff::civil::time(10, 0, 0, 0);
        let draft = TaskDraft {
            kind: TaskKind::Shopping,
            first: LocalTimes::new(date(2026, 3, 3), start, 60).unwrap(),
            repeat: Repeat::weekly_on(date(2026, 3, 3), Ends::Never),
            places: Places::new(places, TaskKind::Shopping).unwrap(),
            disclosure,
            if_nobody: IfNobody::TellMe,
            note: None,
        };
        let now = self.now();
        self.write(async |unit| unit.add_task(id, circle, &draft, None, now).await).await;
        self.read().await.task(id).await.unwrap().unwrap()
    }

    /// A slot of a task; one a day.
    pub(crate) async fn slot(&self, task: &Task, starts: Timestamp, ends: Timestamp) -> Slot {
        let day = zone().date(starts);
        let added =
            self.write(async |unit| unit.add_slots(task, &[(day, starts, ends)], day).await).await;
        self.get_slot(added[0]).await
    }

    pub(crate) async fn get_slot(&self, id: SlotId) -> Slot {
        self.read().await.slot(id).await.unwrap().unwrap()
    }

    /// A slot of a task of its own, tomorrow from 10 to 11.
    pub(crate) async fn open_slot(&self, circle: CircleId) -> Slot {
        let task = self.task(circle).await;
        let starts = self.now().plus_hours(25);
        self.slot(&task, starts, starts.plus_hours(1)).await
    }
}

pub(crate) fn zone() -> Zone {
    Zone::parse("Europe/London").unwrap()
}

/// The hash of a secret that belongs to a row.
pub(crate) fn secret(row: Uuid) -> [u8; 32] {
    token_hash(&row.to_string())
}

/// A fresh random id.
pub(crate) fn random() -> Uuid {
    RandomIds.next()
}
