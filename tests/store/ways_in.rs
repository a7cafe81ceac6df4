//! Devices, sessions, enrolments and own numbers.

use kith_domain::{SessionKind, Timestamp};
use kith_store::Session;
use kith_tests::{TestDatabase, both};
use sea_orm::ConnectionTrait as _;
use tokio::task::JoinSet;

use crate::world::{World, secret};

async fn sql(database: &TestDatabase, text: &str) {
    database.connect().await.execute_unprepared(text).await.unwrap();
}

async fn lives_at(world: &World, session: &Session, at: Timestamp) -> bool {
    let token = secret(session.id.as_uuid());
    let snapshot = world.read().await;
    let by_cookie = snapshot.session(&token, at).await.unwrap().is_some();
    assert_eq!(snapshot.live_session(session.id, at).await.unwrap().is_some(), by_cookie);
    by_cookie
}

both! {
    async fn a_session_reads_back_by_its_cookie_only_in_its_organisation(database) {
        let world = World::new(database).await;
        let session = world.session(world.person().await).await;
        let token = secret(session.id.as_uuid());
        let read = world.read().await.session(&token, world.now()).await.unwrap();
        assert_eq!(read, Some(session.clone()));
        assert_eq!(world.read().await.session(&[0; 32], world.now()).await.unwrap(), None);
        let neighbour = world.neighbour("oak.example").await;
        assert_eq!(neighbour.read().await.session(&token, world.now()).await.unwrap(), None);
        let device = world.read().await.device(&secret(session.device.as_uuid())).await.unwrap();
        assert_eq!(device, Some(session.device));
    }

    async fn sessions_end_when_they_are_idle_and_when_they_are_old(database) {
        let world = World::new(database).await;
        let person = world.person().await;
        let start = world.now();
        for (kind, change) in [
            (SessionKind::OwnDevice, "UPDATE session SET shared_computer = FALSE"),
            (SessionKind::SharedComputer, "UPDATE session SET shared_computer = TRUE"),
        ] {
            let session = world.session(person).await;
            sql(database, change).await;
            let idle = start.plus_seconds(kind.idle_seconds());
            assert!(lives_at(&world, &session, idle.plus_seconds(-1)).await, "{kind}");
            assert!(!lives_at(&world, &session, idle).await, "{kind}");
            // Seen every minute, it still ends.
            let end = start.plus_seconds(kind.absolute_seconds());
            let seen = end.plus_seconds(-10);
            world.write(async |unit| unit.touch_session(&session, seen).await).await;
            assert!(lives_at(&world, &session, end.plus_seconds(-1)).await, "{kind}");
            assert!(!lives_at(&world, &session, end).await, "{kind}");
        }
    }

    async fn sessions_of_staff_are_short(database) {
        let world = World::new(database).await;
        let (person, now) = (world.person().await, world.now());
        let session = world.session(person).await;
        assert!(lives_at(&world, &session, now.plus_hours(1)).await);
        world.write(async |unit| unit.add_staff(person, "coordinator", now).await).await;
        assert!(!lives_at(&world, &session, now.plus_hours(1)).await);
        assert!(lives_at(&world, &session, now.plus_minutes(14)).await);
    }

    async fn renewing_a_session_kills_the_old_cookie(database) {
        let world = World::new(database).await;
        let session = world.session(world.person().await).await;
        let (now, until) = (world.now(), Some(world.now().plus_minutes(15)));
        world.write(async |unit| unit.renew_session(session.id, &[1; 32], until, now).await).await;
        let snapshot = world.read().await;
        assert!(snapshot.session(&secret(session.id.as_uuid()), now).await.unwrap().is_none());
        let renewed = snapshot.session(&[1; 32], now).await.unwrap().unwrap();
        assert_eq!((renewed.id, renewed.fresh_until), (session.id, until));
        world.write(async |unit| unit.end_freshness(session.id).await).await;
        let read = world.read().await.live_session(session.id, now).await.unwrap().unwrap();
        assert_eq!(read.fresh_until, None);
        world.write(async |unit| unit.end_session(session.id, now).await).await;
        let refused = world
            .try_write(async |unit| unit.renew_session(session.id, &[2; 32], until, now).await)
            .await;
        assert_eq!(refused, Err(kith_store::StoreError::Conflict));
    }

    async fn ending_an_enrolment_ends_the_sessions_of_its_person_on_its_device(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let here = world.trusted(&member).await;
        let elsewhere = world.trusted(&member).await;
        let now = world.now();
        let found = world.read().await.device_enrolments(here.device, now).await.unwrap();
        let [enrolment] = found.as_slice() else { panic!("one enrolment on this device") };
        assert!(enrolment.seen_from(&here).current && !enrolment.seen_from(&elsewhere).current);
        let end = async || world.write(async |unit| unit.end_enrolment(enrolment.id, now).await).await;
        assert!(end().await);
        assert!(!end().await);
        assert!(!lives_at(&world, &here, now).await);
        assert!(lives_at(&world, &elsewhere, now).await);
        let left = world.read().await.enrolments(member.person, now).await.unwrap();
        assert_eq!(left.iter().map(|left| left.device).collect::<Vec<_>>(), [elsewhere.device]);
        assert_eq!(world.read().await.circle_enrolments(member.circle, now).await.unwrap(), left);
    }

    async fn stopping_a_device_leaves_no_other_trust_of_the_same(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let here = world.trusted(&member).await;
        let (device, now) = (here.device, world.now());
        let enrol = async |circle| {
            world
                .write(async |unit| {
                    unit.add_enrolment(device, member.person, circle, "words", now).await
                })
                .await
        };
        let again = enrol(Some(member.circle)).await;
        let live = async || world.read().await.device_enrolments(device, now).await.unwrap();
        assert_eq!(live().await.iter().map(|one| one.id).collect::<Vec<_>>(), [again]);
        let as_staff = enrol(None).await;
        assert!(world.write(async |unit| unit.end_enrolment(again, now).await).await);
        assert_eq!(live().await.iter().map(|one| one.id).collect::<Vec<_>>(), [as_staff]);
        enrol(None).await;
        assert_eq!(live().await.len(), 1);
    }

    async fn enrolments_of_a_person_end_in_one_circle_or_on_one_device(database) {
        let world = World::new(database).await;
        let (circle, other) = (world.circle().await, world.circle().await);
        let member = world.friend(circle).await;
        let (one, two) = (world.trusted(&member).await, world.trusted(&member).await);
        let now = world.now();
        world.write(async |unit| {
            unit.add_enrolment(one.device, member.person, Some(other), "words", now).await
        }).await;
        let enrolled = async |device, circle| {
            world.read().await.is_enrolled(device, member.person, Some(circle), now).await.unwrap()
        };
        let end = async |circle, device| {
            let person = member.person;
            world.write(async |unit| unit.end_enrolments(person, circle, device, now).await).await
        };
        assert_eq!(end(Some(circle), Some(two.device)).await, 1);
        assert!(enrolled(one.device, circle).await && !enrolled(two.device, circle).await);
        assert_eq!(end(Some(circle), None).await, 1);
        assert!(!enrolled(one.device, circle).await && enrolled(one.device, other).await);
        assert_eq!(end(None, Some(one.device)).await, 1);
        assert_eq!(end(None, None).await, 0);
    }

    async fn all_sessions_of_a_person_end_or_those_on_one_device(database) {
        let world = World::new(database).await;
        let person = world.person().await;
        let mut sessions = Vec::new();
        for _ in 0..3 {
            sessions.push(world.session(person).await);
        }
        let others = world.session(world.person().await).await;
        let now = world.now();
        let end = async |device| {
            world.write(async |unit| unit.end_sessions(person, device, now).await).await
        };
        assert_eq!(end(Some(sessions[0].device)).await, 1);
        assert_eq!(end(None).await, 2);
        assert!(lives_at(&world, &others, now).await);
    }

    async fn being_seen_keeps_session_device_and_enrolment_alive(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let session = world.trusted(&member).await;
        let later = world.now().plus_days(13);
        world.write(async |unit| unit.touch_session(&session, later).await).await;
        assert!(lives_at(&world, &session, later.plus_days(13)).await);
        let year_later = later.plus_days(364);
        let snapshot = world.read().await;
        let circle = Some(member.circle);
        assert!(snapshot.is_enrolled(session.device, member.person, circle, year_later).await.unwrap());
    }

    async fn guesses_at_an_own_number_are_counted_before_they_are_compared(database) {
        let world = World::new(database).await;
        let person = world.person().await;
        let (device, now) = (world.session(person).await.device, world.now());
        world.write(async |unit| unit.put_own_number(device, person, "$argon2id$1", now).await).await;
        let mut guesses = JoinSet::new();
        for _ in 0..20 {
            let (store, organisation) = (world.store.clone(), world.organisation);
            guesses.spawn(async move {
                store.transact(organisation, async |unit| {
                    unit.take_number_try(device, person, 5).await
                }).await
            });
        }
        let taken = guesses.join_all().await.into_iter().filter(|taken| *taken.as_ref().unwrap());
        assert_eq!(taken.count(), 5);
        let read = async || world.read().await.own_number(device, person).await.unwrap().unwrap();
        assert_eq!(read().await.wrong_tries, 5);
        world.write(async |unit| unit.reset_number_tries(device, person).await).await;
        assert_eq!(read().await.wrong_tries, 0);
        world.write(async |unit| unit.put_own_number(device, person, "$argon2id$2", now).await).await;
        assert_eq!(read().await.phc, "$argon2id$2");
        let nobody = world.person().await;
        assert!(world.read().await.own_number(device, nobody).await.unwrap().is_none());
    }
}
