//! The demonstration with as many circles as somebody asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kith_app::DemoPerson;
use kith_domain::ids::{CircleId, OrganisationId};
use kith_domain::{Category, Clock as _, Owner};
use kith_policy::{Disclose, Facts, RequestScope};
use kith_store::Content;
use kith_tests::{TestDatabase, both};
use kith_vault::{Field, RandomIds};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::town::Town;

/// Tables with rows of circles, and what names each of their rows.
const TABLES: [(&str, &str); 11] = [
    ("organisation", "id"),
    ("circle", "id"),
    ("data_key", "owner_id"),
    ("person", "id"),
    ("membership", "id"),
    ("disclosure_grant", "id"),
    ("device", "id"),
    ("enrolment", "id"),
    ("content", "id"),
    ("slot", "id"),
    ("claim", "id"),
];

async fn rows(beside: &DatabaseConnection, sql: &str) -> Vec<String> {
    let backend = beside.get_database_backend();
    let rows = beside.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get::<String>("", "named").unwrap()).collect()
}

/// What names the rows of every table, spelt the same for both databases.
async fn ids(database: &TestDatabase) -> BTreeMap<&'static str, BTreeSet<String>> {
    let beside = database.connect().await;
    let mut all = BTreeMap::new();
    for (table, key) in TABLES {
        let spelt = if database.is_postgres() {
            format!("UPPER(REPLACE(CAST({key} AS TEXT), '-', ''))")
        } else {
            format!("HEX({key})")
        };
        let found = rows(&beside, &format!("SELECT {spelt} AS named FROM {table}")).await;
        all.insert(table, found.into_iter().collect());
    }
    all
}

async fn name_of(town: &Town, organisation: OrganisationId, circle: CircleId) -> Content {
    let snapshot = town.store.snapshot(organisation).await.unwrap();
    snapshot.content(circle, Field::PatientName, circle.as_uuid()).await.unwrap().unwrap()
}

async fn count(beside: &DatabaseConnection, sql: &str) -> usize {
    rows(beside, sql).await.len()
}

both! {
    async fn the_same_number_makes_the_same_circles_and_more_are_added(database) {
        let other = TestDatabase::sqlite().await;
        let (one, two) = (Town::seeded(database).await, Town::seeded(&other).await);
        let (before_one, before_two) = (ids(database).await, ids(&other).await);
        one.app.seed_demo_circles(20, "localhost").await.unwrap();
        // In two steps, and a third that has nothing to do.
        for total in [13, 20, 20] {
            two.app.seed_demo_circles(total, "localhost").await.unwrap();
        }
        let (after_one, after_two) = (ids(database).await, ids(&other).await);
        for (table, _) in TABLES {
            // Those of the circles with stories follow from the key file.
            let one: Vec<_> = after_one[table].difference(&before_one[table]).collect();
            let two: Vec<_> = after_two[table].difference(&before_two[table]).collect();
            assert_eq!(one, two, "{table}");
            assert!(table == "organisation" || one.len() >= 12, "{table}");
        }
    }

    async fn what_must_hold_of_circles_holds_of_these(database) {
        let town = Town::seeded(database).await;
        town.app.seed_demo_circles(24, "localhost").await.unwrap();
        let beside = database.connect().await;
        for (what, sql) in [
            ("places are counted", "SELECT 'x' AS named FROM slot s WHERE s.taken <> ( \
               SELECT COUNT(*) FROM claim c WHERE c.slot_id = s.id AND c.state <> 'dropped')"),
            ("no more than places", "SELECT 'x' AS named FROM slot WHERE taken > places"),
            ("promises are members'", "SELECT 'x' AS named FROM claim c LEFT JOIN membership m \
               ON m.id = c.membership_id AND m.person_id = c.person_id \
               AND m.circle_id = c.circle_id WHERE m.id IS NULL OR m.role = 'patient'"),
            ("slots are their task's", "SELECT 'x' AS named FROM slot s JOIN task t \
               ON t.id = s.task_id WHERE t.circle_id <> s.circle_id"),
            ("one patient each", "SELECT 'x' AS named FROM membership WHERE role = 'patient' \
               GROUP BY circle_id HAVING COUNT(*) <> 1"),
            ("one key each", "SELECT 'x' AS named FROM circle c WHERE 1 <> ( \
               SELECT COUNT(*) FROM data_key k WHERE k.owner_id = c.id)"),
            ("one mailbox each", "SELECT 'x' AS named FROM person WHERE email_index IS NOT NULL \
               GROUP BY email_index HAVING COUNT(*) > 1"),
            ("what is over is done", "SELECT 'x' AS named FROM claim c JOIN slot s \
               ON s.id = c.slot_id WHERE c.state = 'done' AND c.plan_at IS NOT NULL"),
        ] {
            assert_eq!(count(&beside, sql).await, 0, "{what}");
        }
        assert_eq!(town.app.roll_slots().await.unwrap(), 0, "slots reach twelve weeks ahead");
        while town.app.plan_reminders().await.unwrap() > 0 {}
        let failed = "SELECT 'x' AS named FROM outbox WHERE state <> 'planned'";
        assert_eq!(count(&beside, failed).await, 0);
        let reminders = "SELECT 'x' AS named FROM outbox WHERE kind = 'reminder'";
        assert!(count(&beside, reminders).await > 5, "somebody is reminded tonight");
    }

    async fn a_patient_can_open_what_was_sealed_for_her(database) {
        let town = Town::seeded(database).await;
        town.app.seed_demo_circles(9, "localhost").await.unwrap();
        let amira = town.visit_of(DemoPerson::Amira).await;
        let page = town.app.hospice_circles(&amira, None).await.unwrap();
        assert_eq!(page.rows.len(), 9);
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let told = ["Heron", "Maple", "Wren", "Rowan", "Otter", "Linnet", "Hazel", "Curlew"];
        let new = page.rows.iter().find(|row| !told.contains(&row.nature_name.as_str())).unwrap();
        assert_ne!(new.circle, heron);
        let organisation = amira.organisation.id;
        let snapshot = town.store.snapshot(organisation).await.unwrap();
        let members = snapshot.members(new.circle).await.unwrap();
        let patient = members.iter().find(|member| !member.lead && member.named_by.is_none());
        let patient = patient.unwrap();
        let owner = Owner::Circle(new.circle);
        let key = snapshot.wrapped_key(owner).await.unwrap();
        snapshot.end();
        let name = name_of(&town, organisation, new.circle).await;
        let log = Arc::new(town.store.decision_log());
        let engine = kith_policy::testkit::engine(log).await.unwrap();
        let facts = Facts {
            person: Some(patient.person),
            membership: Some(patient.id),
            standing: kith_domain::Standing::Patient,
            tier: kith_domain::Tier::Fresh,
            ..Facts::stranger(organisation, owner, new.state)
        };
        let scope = RequestScope::new(town.clock.now(), Arc::new(RandomIds));
        let permit = engine.authorize::<Disclose>(&scope, &facts, Category::Identity);
        let permit = permit.await.unwrap();
        let key = town.vault.unwrap_key(&key).unwrap();
        // It opens under the circle's own key, and only there.
        drop(town.vault.open(&permit, &key, &name.sealed).unwrap());
        let other = town.vault.new_owner_key(owner).0;
        assert!(town.vault.open(&permit, &other, &name.sealed).is_err());
    }

    async fn a_hospice_full_of_circles_is_shown_in_pages(database) {
        let town = Town::seeded(database).await;
        town.app.seed_demo_circles(125, "localhost").await.unwrap();
        let amira = town.visit_of(DemoPerson::Amira).await;
        let (mut after, mut seen, mut pages) = (None, BTreeSet::new(), 0);
        loop {
            let today = town.app.hospice_today(&amira, after.as_deref()).await.unwrap();
            assert!(today.rows.len() <= 50 && today.gaps.len() <= 200);
            assert!(!today.gaps.is_empty() && !today.to_check.is_empty());
            for row in today.rows {
                assert!(seen.insert(row.circle), "shown once");
            }
            pages += 1;
            after = today.next_page;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((seen.len(), pages), (120, 3), "the others are of another hospice");
        let organisations = town.store.organisations().await.unwrap();
        let hosts: Vec<_> = organisations.iter().filter_map(|one| one.host.as_deref()).collect();
        assert_eq!(hosts.len(), 2);
        for host in hosts {
            assert!(town.store.organisation_for(host).await.unwrap().is_some());
        }
    }
}
