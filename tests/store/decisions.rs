//! The decision log: gap-free, appended to and never changed.

use std::sync::Arc;

use kith_domain::ids::DecisionId;
use kith_domain::{Action, Basis, Category, CircleState, Standing, Tier, Timestamp};
use kith_policy::{DecisionLog as _, DecisionRecord, RecordError};
use kith_store::Membership;
use kith_tests::{TestDatabase, both};
use sea_orm::{ConnectionTrait as _, Statement};
use tokio::task::JoinSet;

use crate::world::{World, random};

pub(crate) fn record(world: &World, member: &Membership, category: Category) -> DecisionRecord {
    DecisionRecord {
        id: DecisionId::from_uuid(random()),
        at: world.now(),
        organisation: world.organisation,
        circle: Some(member.circle),
        person: Some(member.person),
        session: None,
        membership: Some(member.id),
        subject: None,
        standing: Standing::Friend,
        tier: Tier::Trusted,
        state: CircleState::Active,
        basis: Basis::Grant,
        category,
        action: Action::Disclose,
        allowed: true,
        rules: "who:304 sure:405 state:7".to_owned(),
        everyday: category.is_everyday(),
    }
}

async fn sequences(database: &TestDatabase) -> Vec<i64> {
    let connection = database.connect().await;
    let sql = "SELECT sequence FROM decision ORDER BY sequence";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", "sequence").unwrap()).collect()
}

both! {
    async fn many_writers_leave_no_gap(database) {
        // A file has one writer at a time, and who waits for it is not served in turn.
        let (processes, each) = if database.is_postgres() { (8, 25) } else { (4, 10) };
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let mut writers = JoinSet::new();
        for _ in 0..processes {
            // A store of its own, as another process would have.
            let log = database.open(Arc::clone(&world.clock)).await.decision_log();
            let records: Vec<_> =
                (0..each).map(|_| record(&world, &member, Category::Address)).collect();
            writers.spawn(async move {
                for record in records {
                    log.record(record).await.unwrap();
                }
            });
        }
        writers.join_all().await;
        assert_eq!(sequences(database).await, (1..=processes * each).collect::<Vec<i64>>());
    }

    async fn what_rolls_back_leaves_no_gap(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let log = world.store.decision_log();
        let first = record(&world, &member, Category::Address);
        log.record(first.clone()).await.unwrap();
        // The same id again is refused, and takes no number.
        assert_eq!(log.record(first).await, Err(RecordError));
        log.record(record(&world, &member, Category::Address)).await.unwrap();
        assert_eq!(sequences(database).await, [1, 2]);
    }

    async fn a_record_of_another_organisation_has_its_own_sequence(database) {
        let world = World::new(database).await;
        let neighbour = world.neighbour("oak.example").await;
        let here = world.friend(world.circle().await).await;
        let there = neighbour.friend(neighbour.circle().await).await;
        let log = world.store.decision_log();
        log.record(record(&world, &here, Category::Address)).await.unwrap();
        log.record(record(&neighbour, &there, Category::Address)).await.unwrap();
        assert_eq!(sequences(database).await, [1, 1]);
        let epoch = Timestamp::from_second(0);
        let looks = world.read().await.looks(there.circle, None, epoch, None, 10).await.unwrap();
        assert_eq!(looks, []);
    }

    async fn a_row_is_never_changed_nor_deleted(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let log = world.store.decision_log();
        log.record(record(&world, &member, Category::Address)).await.unwrap();
        let connection = database.connect().await;
        for sql in [
            "UPDATE decision SET allowed = FALSE",
            "UPDATE decision SET person_id = NULL",
            "DELETE FROM decision",
            "DELETE FROM decision WHERE sequence = 1",
        ] {
            let refused = connection.execute_unprepared(sql).await.unwrap_err().to_string();
            assert!(refused.contains("decisions are only appended"), "{refused}");
        }
        if database.is_postgres() {
            let refused = connection.execute_unprepared("TRUNCATE decision").await.unwrap_err();
            assert!(refused.to_string().contains("decisions are only appended"));
        }
        assert_eq!(sequences(database).await, [1]);
    }

    async fn an_everyday_look_marks_the_day_and_others_do_not(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let session = world.trusted(&member).await;
        let recorded_at = async |now| {
            let snapshot = world.read().await;
            let access = snapshot.circle_access(Some(&session), member.circle, now, false).await;
            access.unwrap().unwrap().facts.everyday_recorded
        };
        let (now, log) = (world.now(), world.store.decision_log());
        log.record(record(&world, &member, Category::Address)).await.unwrap();
        assert!(!recorded_at(now).await);
        log.record(record(&world, &member, Category::Rota)).await.unwrap();
        assert!(recorded_at(now).await);
        assert!(!recorded_at(now.plus_days(1)).await);
    }

    async fn refusals_are_written_without_being_waited_for(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let log = world.store.decision_log();
        let refused = DecisionRecord {
            allowed: false,
            everyday: false,
            ..record(&world, &member, Category::Care)
        };
        log.note_refusal(refused);
        log.flush().await;
        assert_eq!((sequences(database).await, log.refusals_dropped()), (vec![1], 0));
        // They are for those who look after the service, not for "who has looked".
        let epoch = Timestamp::from_second(0);
        let looks = world.read().await.looks(member.circle, None, epoch, None, 10).await.unwrap();
        assert_eq!(looks, []);
    }

    async fn looks_are_paged_backwards_and_by_person(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let (one, other) = (world.friend(circle).await, world.friend(circle).await);
        let log = world.store.decision_log();
        for member in [&one, &other, &one, &other, &one] {
            log.record(record(&world, member, Category::Care)).await.unwrap();
            world.clock.advance(1);
        }
        let epoch = Timestamp::from_second(0);
        let snapshot = world.read().await;
        let page = async |only, before, limit| {
            let looks = snapshot.looks(circle, only, epoch, before, limit).await.unwrap();
            looks.iter().map(|look| look.sequence).collect::<Vec<_>>()
        };
        assert_eq!(page(None, None, 2).await, [5, 4]);
        assert_eq!(page(None, Some(4), 10).await, [3, 2, 1]);
        assert_eq!(page(Some(other.person), None, 10).await, [4, 2]);
        let since = world.now().plus_seconds(-2);
        assert_eq!(snapshot.looks(circle, None, since, None, 10).await.unwrap().len(), 2);
        let first = snapshot.first_looks(circle).await.unwrap();
        let mut first: Vec<_> = first.iter().map(|look| (look.sequence, look.person)).collect();
        first.sort_unstable();
        assert_eq!(first, [(1, one.person), (2, other.person)]);
    }

    async fn nothing_is_recorded_for_an_unknown_organisation(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let mut lost = record(&world, &member, Category::Care);
        lost.organisation = kith_domain::ids::OrganisationId::from_uuid(random());
        let log = Arc::new(world.store.decision_log());
        assert_eq!(log.record(lost).await, Err(RecordError));
        assert_eq!(log.record(record(&world, &member, Category::Care)).await, Ok(()));
    }

    async fn one_record_that_cannot_be_written_spoils_no_other(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let log = Arc::new(world.store.decision_log());
        let mut writers = JoinSet::new();
        let mut lost = record(&world, &member, Category::Care);
        lost.organisation = kith_domain::ids::OrganisationId::from_uuid(random());
        let good = (0..20).map(|_| record(&world, &member, Category::Care));
        let all: Vec<_> = good.chain([lost]).collect();
        // While the first of them wait for the one writer, the others gather to a batch.
        let person = world.read().await.person(member.person).await.unwrap();
        world.write(async |unit| {
            unit.put_person(&person).await?;
            for record in all {
                let log = Arc::clone(&log);
                writers.spawn(async move { log.record(record).await });
            }
            tokio::task::yield_now().await;
            Ok(())
        }).await;
        let outcomes = writers.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 20);
        assert_eq!(sequences(database).await, (1..=20).collect::<Vec<i64>>());
    }
}
