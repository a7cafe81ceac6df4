//! One circle with a patient, a carer and friends, and the use cases over it.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;

use kith_app::{App, ChangeOutcome, MoveOutcome, Receipt, Settings, TaskChange, Touching, Visit};
use kith_domain::ids::{
    CircleId, DeviceId, MembershipId, OrganisationId, PersonId, SessionId, SlotId, TaskId,
};
use kith_domain::{
    Category, CategorySet, CircleState, Clock as _, GrantBasis, Ids as _, MailChoice, MemberRole,
    MembershipState, Owner, Preset, RepeatInput, TaskInput, Timestamp, Zone,
};
use kith_policy::testkit::engine;
use kith_policy::{Amend, Name, PolicyEngine, RequestScope};
use kith_store::{
    Membership, NewCircle, Organisation, Person, Session, Slot, Store, StoreError, UnitOfWork,
};
use kith_tests::{TestClock, TestDatabase};
use kith_vault::{Field, KeyFile, Place, RandomIds, Sealed, Vault, token_hash};

mod mails;
mod whom;

pub(crate) use whom::{each_time, once};

/// A Monday morning in London, four weeks before the clocks go forward.
pub(crate) const START: &str = "2026-03-02T09:00:00Z";
pub(crate) const HOST: &str = "kith.example";
pub(crate) const ADDRESS: &str = "7 Orchard Row";
pub(crate) const ENTRY: &str = "Key safe 4711";

/// How sure the browser is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sure {
    SignedIn,
    Trusted,
    Fresh,
}

/// The circle of Margaret, whose nature name is Heron.
pub(crate) struct House<'d> {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) circle: CircleId,
    pub(crate) patient: Membership,
    pub(crate) carer: Membership,
    database: &'d TestDatabase,
    store: Store,
    vault: Vault,
    engine: PolicyEngine,
    organisation: OrganisationId,
}

impl<'d> House<'d> {
    pub(crate) async fn new(database: &'d TestDatabase) -> Self {
        let clock = TestClock::reading(START);
        let store = database.open(Arc::<TestClock>::clone(&clock)).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kith.key");
        let vault = Vault::new(KeyFile::create(&file).unwrap());
        let app = app(&store, &clock, &file).await;
        let engine = engine(Arc::new(store.decision_log())).await.unwrap();
        let organisation = OrganisationId::new(&RandomIds);
        let (_, key) = vault.new_owner_key(Owner::Organisation(organisation));
        let new = Organisation {
            id: organisation,
            name: "Fernhill Hospice".to_owned(),
            host: None,
            phone: "01632 960101".to_owned(),
            zone: zone(),
            named_in_mail: true,
        };
        let circle = CircleId::new(&RandomIds);
        let (_, wrapped) = vault.new_owner_key(Owner::Circle(circle));
        let (at, zone) = (clock.now(), zone());
        store
            .transact(organisation, async |unit| {
                unit.add_organisation(&new, &key, at).await?;
                let state = CircleState::Active;
                let nature_name = "Heron";
                let area = "Northgate";
                let new = NewCircle { id: circle, nature_name, state, zone: &zone, area };
                unit.add_circle(&new, at).await?;
                unit.add_data_key(&wrapped, at).await
            })
            .await
            .unwrap();
        let house = Self {
            app,
            clock,
            circle,
            patient: member(circle, MemberRole::Patient, at),
            carer: member(circle, MemberRole::Carer, at),
            database,
            store,
            vault,
            engine,
            organisation,
        };
        house.join(&house.patient, CategorySet::EMPTY).await;
        let everything = Preset::PrivatePage.with_entry(true);
        house.join(&house.carer, everything).await;
        house.name(house.patient.id, "Margaret").await;
        house.name(house.carer.id, "Ruth").await;
        house.write_texts().await;
        house
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A friend with these grants and this first name.
    pub(crate) async fn friend(&self, name: &str, sees: CategorySet) -> Membership {
        let friend = member(self.circle, MemberRole::Friend, self.now());
        self.join(&friend, sees).await;
        self.name(friend.id, name).await;
        friend
    }

    /// A second carer who sees everything but this.
    pub(crate) async fn carer_without(&self, category: Category) -> Membership {
        let carer =
            Membership { lead: false, ..member(self.circle, MemberRole::Carer, self.now()) };
        self.join(&carer, Preset::PrivatePage.categories().without(category)).await;
        self.name(carer.id, "Sam").await;
        carer
    }

    /// The same without e-mail.
    pub(crate) async fn friend_without_mail(&self, name: &str, sees: CategorySet) -> Membership {
        let friend = member(self.circle, MemberRole::Friend, self.now());
        let person = Person { email: None, email_index: None, ..self.person(friend.person) };
        let now = self.now();
        self.write(async |unit| {
            unit.add_person(&person, now).await?;
            unit.add_membership(&friend).await?;
            unit.put_grants(&friend, sees, GrantBasis::OwnConsent, None, now).await
        })
        .await;
        self.name(friend.id, name).await;
        friend
    }

    async fn join(&self, member: &Membership, sees: CategorySet) {
        let now = self.now();
        let person = self.person(member.person);
        self.write(async |unit| {
            unit.add_person(&person, now).await?;
            unit.add_membership(member).await?;
            unit.put_grants(member, sees, GrantBasis::OwnConsent, None, now).await
        })
        .await;
    }

    /// What a member may see from now on.
    pub(crate) async fn grant(&self, member: &Membership, sees: CategorySet) {
        let now = self.now();
        self.write(async |unit| {
            unit.put_grants(member, sees, GrantBasis::OwnConsent, None, now).await
        })
        .await;
    }

    /// Somebody whose details nobody opens, with an address, so that mails are planned.
    fn person(&self, id: PersonId) -> Person {
        let owner = Owner::Organisation(self.organisation);
        let sealed =
            |field| Sealed::from_parts(Place { owner, field, row: id.as_uuid() }, 1, vec![1, 2, 3]);
        Person {
            id,
            name: sealed(Field::PersonName),
            email: Some(sealed(Field::PersonEmail)),
            email_index: Some(id.as_uuid().as_bytes().to_vec()),
            phone: None,
            mail: MailChoice::ORDINARY,
            shares_mailbox: false,
        }
    }

    /// A request of a member's browser, on a device of its own.
    pub(crate) async fn visit(&self, member: &Membership, sure: Sure) -> Visit {
        let session = self.session(member, sure).await;
        let (id, device) = (session.id.to_string(), session.device.to_string());
        let network = IpAddr::V4(Ipv4Addr::LOCALHOST);
        self.app.visit(HOST, Some(&id), Some(&device), network).await.unwrap()
    }

    /// Somebody of the hospice.
    pub(crate) async fn coordinator(&self) -> PersonId {
        let (person, now) = (PersonId::new(&RandomIds), self.now());
        let details = self.person(person);
        self.write(async |unit| {
            unit.add_person(&details, now).await?;
            unit.add_staff(person, "coordinator", now).await
        })
        .await;
        person
    }

    /// A request of the hospice's staff, on a device that is trusted there.
    pub(crate) async fn staff_visit(&self, person: PersonId, sure: Sure) -> Visit {
        let session = self.session_of(person, None, sure).await;
        let (id, device) = (session.id.to_string(), session.device.to_string());
        let network = IpAddr::V4(Ipv4Addr::LOCALHOST);
        self.app.visit(HOST, Some(&id), Some(&device), network).await.unwrap()
    }

    async fn session(&self, member: &Membership, sure: Sure) -> Session {
        self.session_of(member.person, Some(member.circle), sure).await
    }

    async fn session_of(&self, person: PersonId, circle: Option<CircleId>, sure: Sure) -> Session {
        let (device, id) = (DeviceId::new(&RandomIds), SessionId::new(&RandomIds));
        let now = self.now();
        let fresh_until = (sure == Sure::Fresh).then(|| now.plus_minutes(15));
        let session = Session {
            id,
            organisation: self.organisation,
            device,
            person,
            way: "code".to_owned(),
            shared_computer: false,
            staff: false,
            created_at: now,
            last_seen_at: now,
            fresh_until,
        };
        self.write(async |unit| {
            unit.add_device(device, &token_hash(&device.to_string()), now).await?;
            unit.add_session(&session, &token_hash(&id.to_string())).await?;
            if sure != Sure::SignedIn {
                unit.add_enrolment(device, person, circle, "words", now).await?;
            }
            Ok(())
        })
        .await;
        session
    }

    /// Nothing is trusted for a member any more.
    pub(crate) async fn end_devices(&self, member: &Membership) {
        let (person, now) = (member.person, self.now());
        let circle = Some(member.circle);
        self.write(async |unit| unit.end_enrolments(person, circle, None, now).await).await;
    }

    /// Writes and commits; anything that fails ends the test.
    pub(crate) async fn write<T>(
        &self,
        work: impl AsyncFnOnce(&UnitOfWork) -> Result<T, StoreError>,
    ) -> T {
        self.store.transact(self.organisation, work).await.unwrap()
    }

    /// Puts a task on the rota as the carer and answers with its slots.
    pub(crate) async fn task(&self, input: TaskInput<'_>, ask_now: bool) -> Vec<Slot> {
        let visit = self.visit(&self.carer, Sure::Fresh).await;
        let added =
            self.app.add_task(&visit, self.circle, &input, ask_now, receipt()).await.unwrap();
        self.slots(added.task).await
    }

    /// Yes or no to the other time that is asked for.
    pub(crate) async fn answer_move(
        &self,
        who: &Membership,
        slot: SlotId,
        yes: bool,
    ) -> MoveOutcome {
        let visit = self.visit(who, Sure::Trusted).await;
        let page = self.app.slot_page(&visit, self.circle, slot).await.unwrap();
        let answer = (page.slot.instead.unwrap().id, yes);
        self.app.answer_move(&visit, self.circle, slot, answer, receipt()).await.unwrap()
    }

    /// Changes a task after it was seen whose promises that touches: those are asked.
    pub(crate) async fn change(&self, visit: &Visit, slot: SlotId, change: &TaskChange<'_>) {
        let send = async |change: &TaskChange<'_>| {
            self.app.change_task(visit, self.circle, slot, change, receipt()).await.unwrap()
        };
        if let ChangeOutcome::Asks(asks) = send(change).await {
            let touching = Touching { promises: "change", seen: &asks.seen };
            let done = send(&TaskChange { touching, ..*change }).await;
            assert!(matches!(done, ChangeOutcome::Done | ChangeOutcome::AskedThem));
        }
    }

    pub(crate) async fn slots(&self, task: TaskId) -> Vec<Slot> {
        let snapshot = self.store.snapshot(self.organisation).await.unwrap();
        snapshot.slots_of_task(task, Timestamp::from_second(0)).await.unwrap()
    }

    pub(crate) async fn stored(&self, task: TaskId) -> kith_store::Task {
        let snapshot = self.store.snapshot(self.organisation).await.unwrap();
        snapshot.task(task).await.unwrap().unwrap()
    }

    pub(crate) async fn slot(&self, id: SlotId) -> Slot {
        let snapshot = self.store.snapshot(self.organisation).await.unwrap();
        snapshot.slot(id).await.unwrap().unwrap()
    }

    /// A browser that nobody is signed in with.
    pub(crate) async fn nobody(&self) -> Visit {
        let network = IpAddr::V4(Ipv4Addr::LOCALHOST);
        self.app.visit(HOST, None, None, network).await.unwrap()
    }

    /// Waits until every look so far is written down.
    pub(crate) async fn recorded(&self) {
        self.store.decision_log().flush().await;
    }

    /// Names a member as the patient does.
    async fn name(&self, member: MembershipId, name: &str) {
        let scope = RequestScope::new(self.now(), Arc::new(RandomIds));
        let (facts, key) = self.patients_facts().await;
        let permit = self.engine.authorize::<Name>(&scope, &facts, Category::People).await.unwrap();
        let field = Field::MemberName;
        let place = Place { owner: Owner::Circle(self.circle), field, row: RandomIds.next() };
        let sealed = self.vault.seal(&permit, &key, place, name).unwrap();
        let now = self.now();
        self.write(async |unit| {
            unit.put_content(self.circle, member.as_uuid(), None, sealed, now).await
        })
        .await;
    }

    /// The patient's first name, address and way in.
    async fn write_texts(&self) {
        let scope = RequestScope::new(self.now(), Arc::new(RandomIds));
        let (facts, key) = self.patients_facts().await;
        for (field, text) in [
            (Field::PatientName, "Margaret"),
            (Field::Address, ADDRESS),
            (Field::Entry, ENTRY),
            (Field::CareComfort, "Tea with honey"),
        ] {
            let permit =
                self.engine.authorize::<Amend>(&scope, &facts, field.category()).await.unwrap();
            let place = Place { owner: Owner::Circle(self.circle), field, row: RandomIds.next() };
            let sealed = self.vault.seal(&permit, &key, place, text).unwrap();
            let (circle, now) = (self.circle, self.now());
            self.write(async |unit| {
                unit.put_content(circle, circle.as_uuid(), None, sealed, now).await
            })
            .await;
        }
    }

    async fn patients_facts(&self) -> (kith_policy::Facts, kith_vault::OwnerKey) {
        let session = self.session(&self.patient, Sure::Fresh).await;
        let snapshot = self.store.snapshot(self.organisation).await.unwrap();
        let access = snapshot.circle_access(Some(&session), self.circle, self.now(), false).await;
        let access = access.unwrap().unwrap();
        let key = self.vault.unwrap_key(&access.key.unwrap()).unwrap();
        (access.facts, key)
    }
}

async fn app(store: &Store, clock: &Arc<TestClock>, file: &Path) -> Arc<App> {
    Arc::new(App::new(
        store.clone(),
        Vault::new(KeyFile::read(file).unwrap()),
        engine(Arc::new(store.decision_log())).await.unwrap(),
        Arc::<TestClock>::clone(clock),
        Arc::new(RandomIds),
        Settings { base_url: "https://kith.example".to_owned(), operator_email: None },
    ))
}

fn member(circle: CircleId, role: MemberRole, at: Timestamp) -> Membership {
    Membership {
        id: MembershipId::new(&RandomIds),
        circle,
        person: PersonId::new(&RandomIds),
        role,
        state: MembershipState::Active,
        lead: role == MemberRole::Carer,
        named_by: None,
        named_at: at,
        accepted_at: Some(at),
        left_at: None,
    }
}

pub(crate) fn zone() -> Zone {
    Zone::parse("Europe/London").unwrap()
}

/// The number of a form that was not sent before.
pub(crate) fn receipt() -> Receipt {
    Receipt(RandomIds.next())
}

/// Just the rota.
pub(crate) fn just_rota() -> CategorySet {
    Preset::JustRota.categories()
}

/// Again and again by this word of the form, without an end.
pub(crate) const fn comes(comes: &str) -> RepeatInput<'_> {
    RepeatInput {
        comes,
        every: "1",
        on: None,
        of_month: "date",
        until: "",
        times: "",
        rule: "",
        zone: None,
    }
}

/// The same every week.
pub(crate) fn weekly(task: TaskInput<'_>) -> TaskInput<'_> {
    TaskInput { repeat: RepeatInput { comes: "weekly", ..RepeatInput::default() }, ..task }
}

/// A shopping task of one person on `date` at 10, once.
pub(crate) fn shopping(date: &str) -> TaskInput<'_> {
    TaskInput { kind: "shopping", date, start: "10:00", end: "11:00", ..TaskInput::default() }
}
