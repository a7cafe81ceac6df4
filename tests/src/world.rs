//! One hospice with circles, people and slots, put together by the store alone: for tests of what
//! runs without a person.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kith_app::{App, Delivery, Settings, Transport, Visit};
use kith_domain::ids::{CircleId, MailId, MembershipId, OrganisationId, PersonId};
use kith_domain::{
    Category, CategorySet, CircleState, Clock, EmailAddress, GrantBasis, Ids, MailChoice,
    MemberRole, MembershipState, Owner, Preset, Standing, Tier,
};
use kith_policy::{Amend, Facts, PolicyEngine, RequestScope};
use kith_store::{Membership, NewCircle, Organisation, Person, Store, StoreError, UnitOfWork};
use kith_vault::{Field, KeyFile, OwnerKey, Place, RandomIds, Sealed, Vault};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use tempfile::TempDir;

use crate::clock::london;
use crate::{Sink, TestClock, TestDatabase};

mod browser;
mod rota;

pub use browser::Browser;

/// The host that the hospice is known by.
const HOST: &str = "kith.example";

/// Where the people of a [`World`] read their mail: `friend1@mail.example` and so on.
const MAIL_DOMAIN: &str = "mail.example";

/// A hospice and what is in it.
pub struct World {
    /// The use cases.
    pub app: Arc<App>,
    /// The rows.
    pub store: Store,
    /// The clock that everything goes by.
    pub clock: Arc<TestClock>,
    /// The hospice.
    pub organisation: OrganisationId,
    /// The same keys as the use cases have.
    pub vault: Vault,
    engine: PolicyEngine,
    key: OwnerKey,
    ids: Arc<dyn Ids>,
    /// A connection beside the store, for a test that asks the database itself.
    pub beside: DatabaseConnection,
    folder: TempDir,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}

/// Somebody in a circle.
#[derive(Clone, Debug)]
pub struct Member {
    /// The place in the circle.
    pub place: Membership,
    /// Where they read mail.
    pub address: String,
}

impl World {
    /// A hospice in `database`, at the instant `now` (`2026-03-02T09:00:00Z`).
    ///
    /// # Panics
    /// When it cannot be put together.
    pub async fn at(database: &TestDatabase, now: &str) -> Self {
        Self::with_ids(database, now, Arc::new(RandomIds)).await
    }

    /// The same with ids of the test's choice.
    ///
    /// # Panics
    /// When it cannot be put together.
    pub async fn with_ids(database: &TestDatabase, now: &str, ids: Arc<dyn Ids>) -> Self {
        let clock = TestClock::reading(now);
        let store = database.open_with(Arc::clone(&ids), Arc::clone(&clock)).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("kith.key");
        let vault = Vault::new(KeyFile::create(&file).expect("a key file"));
        let organisation = OrganisationId::new(&*ids);
        let (key, wrapped) = vault.new_owner_key(Owner::Organisation(organisation));
        let row = Organisation {
            id: organisation,
            name: "Fernhill Hospice".to_owned(),
            host: None,
            phone: "01632 960101".to_owned(),
            zone: london(),
            named_in_mail: false,
        };
        let at = clock.now();
        store
            .transact(organisation, async |unit| unit.add_organisation(&row, &wrapped, at).await)
            .await
            .expect("a hospice");
        Self {
            app: app(&store, Arc::clone(&clock), &ids, &file, None).await,
            engine: engine(&store).await,
            beside: database.connect().await,
            store,
            clock,
            organisation,
            vault,
            key,
            ids,
            folder,
        }
    }

    /// Another process over the same database, with the same keys.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn another_process(&self, database: &TestDatabase) -> Arc<App> {
        let store = database.open(Arc::clone(&self.clock)).await;
        self.process_of(&store, Arc::clone(&self.clock), &self.ids).await
    }

    /// Another process over a store, which goes by its own clock and ids.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn process_of(
        &self,
        store: &Store,
        clock: Arc<impl Clock>,
        ids: &Arc<dyn Ids>,
    ) -> Arc<App> {
        app(store, clock, ids, &self.key_file(), None).await
    }

    /// Another process, which tells `operator` once a day that it is at work.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn process_told_to(&self, database: &TestDatabase, operator: &str) -> Arc<App> {
        let store = database.open(Arc::clone(&self.clock)).await;
        let operator = EmailAddress::parse(operator).expect("an address");
        let clock = Arc::clone(&self.clock);
        app(&store, clock, &self.ids, &self.key_file(), Some(operator)).await
    }

    /// The key file of the hospice.
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("kith.key")
    }

    /// How a process hands mails to `sink`: four at once, with a lease of 45 seconds.
    ///
    /// # Panics
    /// Never; the addresses are good.
    pub fn delivery(&self, sink: &Arc<Sink>) -> Delivery {
        Delivery { worker: self.ids.next(), ..delivery(Arc::<Sink>::clone(sink)) }
    }

    /// Runs a statement beside the store: what no use case would do.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn plant(&self, sql: &str) {
        self.beside.execute_unprepared(sql).await.expect("the database does as told");
    }

    /// Moves the clock to an instant.
    pub fn now_is(&self, text: &str) {
        self.clock.set(crate::clock::instant(text));
    }

    /// Writes in one transaction.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn write<T>(
        &self,
        work: impl AsyncFnOnce(&UnitOfWork) -> Result<T, StoreError>,
    ) -> T {
        self.store.transact(self.organisation, work).await.expect("it can be written")
    }

    /// An active circle called `nature_name`.
    ///
    /// # Panics
    /// When it cannot be added.
    pub async fn circle(&self, nature_name: &str) -> CircleId {
        let id = CircleId::new(&*self.ids);
        let (_, wrapped) = self.vault.new_owner_key(Owner::Circle(id));
        let (zone, now) = (london(), self.clock.now());
        self.write(async |unit| {
            let state = CircleState::Active;
            let new = NewCircle { id, nature_name, state, zone: &zone, area: "" };
            unit.add_circle(&new, now).await?;
            unit.add_data_key(&wrapped, now).await
        })
        .await;
        id
    }

    /// Somebody with an address of their own who said yes, and who sees the rota.
    ///
    /// # Panics
    /// When they cannot be added.
    pub async fn member(&self, circle: CircleId, role: MemberRole, name: &str) -> Member {
        let address = format!("{name}@{MAIL_DOMAIN}");
        let person = self.person(Some(&address)).await;
        let now = self.clock.now();
        let place = Membership {
            id: MembershipId::new(&*self.ids),
            circle,
            person,
            role,
            state: MembershipState::Active,
            lead: role == MemberRole::Carer,
            named_by: None,
            named_at: now,
            accepted_at: Some(now),
            left_at: None,
        };
        let granted = if role == MemberRole::Patient {
            CategorySet::EMPTY
        } else {
            Preset::JustRota.categories()
        };
        self.write(async |unit| {
            unit.add_membership(&place).await?;
            unit.put_grants(&place, granted, GrantBasis::OwnConsent, None, now).await
        })
        .await;
        Member { place, address }
    }

    /// A friend's place in another circle.
    ///
    /// # Panics
    /// When it cannot be added.
    pub async fn join(&self, circle: CircleId, person: PersonId) -> Membership {
        let now = self.clock.now();
        let place = Membership {
            id: MembershipId::new(&*self.ids),
            circle,
            person,
            role: MemberRole::Friend,
            state: MembershipState::Active,
            lead: false,
            named_by: None,
            named_at: now,
            accepted_at: Some(now),
            left_at: None,
        };
        let granted = Preset::JustRota.categories();
        self.write(async |unit| {
            unit.add_membership(&place).await?;
            unit.put_grants(&place, granted, GrantBasis::OwnConsent, None, now).await
        })
        .await;
        place
    }

    /// Somebody known to the hospice.
    ///
    /// # Panics
    /// When they cannot be added.
    pub async fn person(&self, address: Option<&str>) -> PersonId {
        let id = PersonId::new(&*self.ids);
        let name = self.seal(id, Field::PersonName, "Somebody").await;
        let (email, email_index) = match address {
            None => (None, None),
            Some(address) => {
                let parsed = EmailAddress::parse(address).expect("an address");
                let index = self.vault.email_index(self.organisation, &parsed.canonical());
                (Some(self.seal(id, Field::PersonEmail, address).await), Some(index.to_vec()))
            }
        };
        let person = Person {
            id,
            name,
            email,
            email_index,
            phone: None,
            // Tests count mails: who wants this one says so.
            mail: MailChoice { confirmed: false, ..MailChoice::ORDINARY },
            shares_mailbox: false,
        };
        let now = self.clock.now();
        self.write(async |unit| unit.add_person(&person, now).await).await;
        id
    }

    async fn seal(&self, person: PersonId, field: Field, text: &str) -> Sealed {
        let owner = Owner::Organisation(self.organisation);
        let facts = Facts {
            standing: Standing::Oneself,
            tier: Tier::Fresh,
            person: Some(person),
            session: Some(kith_domain::ids::SessionId::new(&*self.ids)),
            ..Facts::stranger(self.organisation, owner, CircleState::NoCircle)
        }
        .about(person.as_uuid());
        let scope = RequestScope::new(self.clock.now(), Arc::clone(&self.ids));
        let permit = self
            .engine
            .authorize::<Amend>(&scope, &facts, Category::Contact)
            .await
            .expect("everybody writes their own details");
        let place = Place { owner, field, row: person.as_uuid() };
        self.vault.seal(&permit, &self.key, place, text).expect("it can be sealed")
    }

    /// A browser that nobody is signed in with.
    ///
    /// # Panics
    /// When the hospice is not known.
    pub async fn stranger(&self) -> Visit {
        let network = IpAddr::V4(Ipv4Addr::LOCALHOST);
        self.app.visit(HOST, None, None, network).await.expect("the hospice is known")
    }
}

/// How a process hands mails to a relay where there is no [`World`], in the same way.
///
/// # Panics
/// Never; the address is good.
pub fn delivery(transport: Arc<dyn Transport>) -> Delivery {
    Delivery {
        transport,
        worker: RandomIds.next(),
        from: EmailAddress::parse("kith@kith.example").expect("an address"),
        reply_to: None,
        connections: 4,
        batch: 50,
        lease_seconds: 45,
        // The clock of a test stands still.
        compare_clocks: false,
    }
}

/// Mail and token of a link `https://kith.example/WORD/MAIL/TOKEN`.
///
/// # Panics
/// When it is no such link.
pub fn link_parts(link: &str) -> (MailId, String) {
    let mut parts = link.rsplit('/');
    let token = parts.next().expect("a token").to_owned();
    let mail = parts.next().expect("a mail").parse().expect("the id of a mail");
    (mail, token)
}

async fn engine(store: &Store) -> PolicyEngine {
    kith_policy::testkit::engine(Arc::new(store.decision_log())).await.expect("the policy holds")
}

async fn app(
    store: &Store,
    clock: Arc<impl Clock>,
    ids: &Arc<dyn Ids>,
    key: &Path,
    operator: Option<EmailAddress>,
) -> Arc<App> {
    let vault = Vault::new(KeyFile::read(key).expect("the key file"));
    let settings =
        Settings { base_url: "https://kith.example".to_owned(), operator_email: operator };
    let engine = engine(store).await;
    Arc::new(App::new(store.clone(), vault, engine, clock, Arc::clone(ids), settings))
}
