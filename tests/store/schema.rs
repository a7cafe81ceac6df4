//! The migrated schema itself: a row never points into another organisation.

use kith_domain::ids::{CircleId, ClaimId, DeviceId, MembershipId, PersonId, WelcomeId};
use kith_domain::{MailKind, Timestamp, WelcomeKind};
use kith_store::{MailSubject, NewMail, Session, StoreError, Welcome};
use kith_tests::both;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::world::{World, random};

const REFUSED: StoreError = StoreError::NotFound;

both! {
    async fn every_migration_has_run(database) {
        let world = World::new(database).await;
        assert_eq!(world.store.pending_migrations().await.unwrap(), 0);
        assert_eq!(world.store.is_embedded(), !database.is_postgres());
        world.store.migrate().await.unwrap();
    }

    async fn a_member_is_of_a_circle_and_a_person_of_the_same_organisation(database) {
        let world = World::new(database).await;
        let neighbour = world.neighbour("oak.example").await;
        let (here, there) =
            (world.friend(world.circle().await).await, neighbour.friend(neighbour.circle().await).await);
        let mut foreign_circle = here.clone();
        foreign_circle.id = MembershipId::from_uuid(random());
        foreign_circle.circle = there.circle;
        let mut foreign_person = here.clone();
        foreign_person.id = MembershipId::from_uuid(random());
        foreign_person.person = there.person;
        for wrong in [foreign_circle, foreign_person] {
            let refused = world.try_write(async |unit| unit.add_membership(&wrong).await).await;
            assert_eq!(refused, Err(REFUSED));
        }
        let moved = world
            .try_write(async |unit| unit.move_membership(here.id, there.person).await)
            .await;
        assert_eq!(moved, Err(REFUSED));
    }

    async fn a_promise_is_of_a_slot_and_a_member_of_the_same_organisation(database) {
        let world = World::new(database).await;
        let neighbour = world.neighbour("oak.example").await;
        let there = neighbour.friend(neighbour.circle().await).await;
        let slot = world.open_slot(world.circle().await).await;
        let now = world.now();
        let refused = world
            .try_write(async |unit| unit.take_place(&slot, there.id, there.person, now).await)
            .await;
        assert_eq!(refused, Err(REFUSED));
        assert_eq!(world.get_slot(slot.id).await.taken, 0);
        let asked = world.try_write(async |unit| unit.add_ask(&slot, there.id, now).await).await;
        assert_eq!(asked, Err(REFUSED));
        // The neighbour's own transaction does not see the slot at all.
        let theirs = neighbour
            .try_write(async |unit| unit.take_place(&slot, there.id, there.person, now).await)
            .await;
        assert_eq!(theirs, Ok(None));
    }

    async fn ways_in_are_of_people_and_circles_of_the_same_organisation(database) {
        let world = World::new(database).await;
        let neighbour = world.neighbour("oak.example").await;
        let here = world.friend(world.circle().await).await;
        let there = neighbour.friend(neighbour.circle().await).await;
        let session = world.session(here.person).await;
        let (device, now) = (session.device, world.now());
        let enrol = async |device: DeviceId, person: PersonId, circle: CircleId| {
            world.try_write(async |unit| {
                unit.add_enrolment(device, person, Some(circle), "words", now).await.map(|_| ())
            }).await
        };
        let foreign_device = neighbour.session(there.person).await.device;
        assert_eq!(enrol(device, there.person, here.circle).await, Err(REFUSED));
        assert_eq!(enrol(device, here.person, there.circle).await, Err(REFUSED));
        assert_eq!(enrol(foreign_device, here.person, here.circle).await, Err(REFUSED));
        assert_eq!(enrol(device, here.person, here.circle).await, Ok(()));
        let theirs = Session { person: there.person, ..session.clone() };
        let refused = world.try_write(async |unit| unit.add_session(&theirs, &[1; 32]).await).await;
        assert!(refused.is_err());
        let number = world
            .try_write(async |unit| unit.put_own_number(device, there.person, "$x", now).await)
            .await;
        assert_eq!(number, Err(REFUSED));
        let staff = world
            .try_write(async |unit| unit.add_staff(there.person, "coordinator", now).await)
            .await;
        assert_eq!(staff, Err(REFUSED));
        let welcome = Welcome {
            id: WelcomeId::from_uuid(random()),
            kind: WelcomeKind::Card,
            circle: Some(here.circle),
            membership: Some(there.id),
            person: here.person,
            link_hash: None,
            short_mac: None,
            words_mac: None,
            tries_left: 5,
            names_inviter: false,
            created_at: now,
            expires_at: now.plus_days(1),
            answered_at: None,
            words_used_at: None,
            ended_at: None,
        };
        let refused = world.try_write(async |unit| unit.add_welcome(&welcome).await).await;
        assert_eq!(refused, Err(REFUSED));
    }

    async fn a_mail_is_about_rows_of_the_same_organisation(database) {
        let world = World::new(database).await;
        let neighbour = world.neighbour("oak.example").await;
        let there = neighbour.friend(neighbour.circle().await).await;
        let slot = neighbour.open_slot(there.circle).await;
        let none = MailSubject::default();
        for subject in [
            MailSubject { person: Some(there.person), ..none },
            MailSubject { circle: Some(there.circle), ..none },
            MailSubject { slot: Some(slot.id), ..none },
            MailSubject { claim: Some(ClaimId::from_uuid(random())), ..none },
        ] {
            let mail = NewMail {
                kind: MailKind::Reminder,
                dedupe: random().to_string(),
                subject,
                detail: "{}".to_owned(),
                due_at: world.now(),
                useful_until: world.now(),
            };
            let now = Timestamp::from_second(0);
            let refused = world.try_write(async |unit| unit.add_mail(&mail, now).await).await;
            assert_eq!(refused, Err(REFUSED), "{subject:?}");
        }
    }

    async fn every_table_with_an_organisation_has_it_in_its_keys(database) {
        let world = World::new(database).await;
        drop(world);
        let connection = database.connect().await;
        let sql = if database.is_postgres() {
            "SELECT c.conrelid::regclass::text || ': ' || pg_get_constraintdef(c.oid) AS name \
             FROM pg_constraint c WHERE c.contype = 'f' AND connamespace = 'public'::regnamespace \
             AND array_length(c.conkey, 1) < 2 AND c.confrelid <> 'organisation'::regclass"
        } else {
            "SELECT m.name || ': ' || f.\"from\" AS name FROM sqlite_master m, \
             pragma_foreign_key_list(m.name) f WHERE m.type = 'table' \
             AND f.\"table\" <> 'organisation' GROUP BY m.name, f.id HAVING COUNT(*) < 2"
        };
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let alone = connection.query_all_raw(statement).await.unwrap();
        let names: Vec<String> = alone.iter().map(|row| row.try_get("", "name").unwrap()).collect();
        assert_eq!(names, Vec::<String>::new());
    }
}
