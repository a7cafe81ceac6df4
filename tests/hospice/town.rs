//! The hospice of the demonstration, and its doors.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use kith_app::{App, DemoPerson, Receipt, Settings, Visit};
use kith_domain::Ids as _;
use kith_domain::ids::{DeviceId, PersonId, SessionId};
use kith_policy::testkit::engine;
use kith_store::{Session, Store};
use kith_tests::{TestClock, TestDatabase, both};
use kith_vault::{KeyFile, RandomIds, Vault, token_hash};

/// A Monday, 9 o'clock in London.
pub(crate) const MONDAY: &str = "2026-11-23T09:00:00Z";

pub(crate) struct Town {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) store: Store,
    pub(crate) vault: Vault,
}

impl Town {
    /// An app over an empty database.
    pub(crate) async fn empty(database: &TestDatabase) -> Self {
        let clock = TestClock::reading(MONDAY);
        let store = database.open(Arc::<TestClock>::clone(&clock)).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kith.key");
        let vault = Vault::new(KeyFile::create(&file).unwrap());
        let same_keys = Vault::new(KeyFile::read(&file).unwrap());
        let engine = engine(Arc::new(store.decision_log())).await.unwrap();
        let settings =
            Settings { base_url: "https://kith.example".to_owned(), operator_email: None };
        let ids = Arc::new(RandomIds);
        let own = Arc::<TestClock>::clone(&clock);
        let app = App::new(store.clone(), vault, engine, own, ids, settings);
        Self { app: Arc::new(app), clock, store, vault: same_keys }
    }

    pub(crate) async fn seeded(database: &TestDatabase) -> Self {
        let town = Self::empty(database).await;
        town.app.seed_demo().await.unwrap();
        town
    }

    /// A visit of a browser with nothing.
    pub(crate) async fn stranger(&self) -> Visit {
        self.visit(None, None).await
    }

    pub(crate) async fn visit(&self, session: Option<&str>, device: Option<&str>) -> Visit {
        let network = IpAddr::V4(Ipv4Addr::LOCALHOST);
        self.app.visit("localhost", session, device, network).await.unwrap()
    }

    /// A visit of somebody who proved a mailbox and nothing else, on a new device.
    pub(crate) async fn signed_in(&self, like: &Visit, person: PersonId) -> (Visit, DeviceId) {
        let (device, id) = (DeviceId::new(&RandomIds), SessionId::new(&RandomIds));
        let now = self.app.now();
        let session = Session {
            id,
            organisation: like.organisation.id,
            device,
            person,
            way: "code".to_owned(),
            shared_computer: false,
            staff: false,
            created_at: now,
            last_seen_at: now,
            fresh_until: None,
        };
        self.store
            .transact(like.organisation.id, async |unit| {
                unit.add_device(device, &token_hash(&device.to_string()), now).await?;
                unit.add_session(&session, &token_hash(&id.to_string())).await
            })
            .await
            .unwrap();
        let visit = self.visit(Some(&id.to_string()), Some(&device.to_string())).await;
        (visit, device)
    }

    /// A visit of one of the people, who just came in.
    pub(crate) async fn visit_of(&self, who: DemoPerson) -> Visit {
        let cookies = self.app.demo_come_in(&self.stranger().await, who).await.unwrap();
        let device = cookies.device.as_ref().map(|secret| secret.as_str().to_owned());
        self.visit(Some(cookies.session.as_str()), device.as_deref()).await
    }
}

pub(crate) fn receipt() -> Receipt {
    Receipt(RandomIds.next())
}

both! {
    async fn everybody_comes_in_and_sees_what_is_theirs(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        for who in [DemoPerson::Ruth, DemoPerson::Margaret, DemoPerson::Joan, DemoPerson::Tom] {
            let visit = town.visit_of(who).await;
            let home = town.app.home(&visit, heron).await.unwrap();
            assert_eq!(home.about.patient.as_deref(), Some("Margaret"), "{who:?}");
            assert_eq!(home.about.reader.as_deref(), Some(who.first_name()));
            let private = matches!(who, DemoPerson::Ruth | DemoPerson::Margaret | DemoPerson::Joan);
            assert_eq!(home.about.private_page, private, "{who:?}");
        }
        let otter = town.app.demo_circle(DemoPerson::Derek).unwrap();
        let derek = town.visit_of(DemoPerson::Derek).await;
        assert!(town.app.home(&derek, otter).await.unwrap().about.is_patient);
        assert!(town.app.home(&derek, heron).await.is_err());
    }

    async fn a_mailbox_alone_opens_nothing_of_the_circle(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Tom).unwrap();
        let visit = town.visit_of(DemoPerson::TomsMailbox).await;
        let refused = town.app.home(&visit, heron).await;
        assert!(matches!(refused, Err(kith_app::Failure::StepUp { .. })), "{refused:?}");
    }

    async fn the_week_of_heron_is_as_drawn(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let visit = town.visit_of(DemoPerson::Ruth).await;
        let week = town.app.rota_week(&visit, heron, None).await.unwrap();
        let slots: Vec<_> = week
            .days
            .iter()
            .flat_map(|day| day.morning.iter().chain(&day.afternoon).chain(&day.evening))
            .filter(|slot| slot.kind.needs_somebody())
            .collect();
        assert_eq!(slots.len(), 14);
        assert_eq!(slots.iter().filter(|slot| slot.needs_somebody).count(), 3);
    }

    async fn it_is_made_once_and_beside_nothing_else(database) {
        let town = Town::seeded(database).await;
        town.app.seed_demo().await.unwrap();
        assert_eq!(town.app.organisations().await.unwrap().len(), 1);

        let other = Town::empty(database).await;
        assert!(other.app.seed_demo().await.is_err(), "another key file makes other circles");
    }

    async fn the_doors_are_shut_anywhere_else(database) {
        let town = Town::empty(database).await;
        town.app.add_organisation("Fernhill", None, "01632 960 123", "Europe/London").await.unwrap();
        let visit = town.stranger().await;
        for who in DemoPerson::ALL {
            let refused = town.app.demo_come_in(&visit, who).await;
            assert!(matches!(refused, Err(kith_app::Failure::NotHere)), "{who:?}");
        }
    }
}
