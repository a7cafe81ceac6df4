//! What ended is in the file when whoever did it is told, and after a death in between once somebody
//! looks.

use std::sync::Arc;

use kith_domain::{EndingKind, MemberRole, MembershipState, Timestamp};
use kith_store::{DatabaseSettings, Store, StoreError, read_endings};
use kith_tests::{TestDatabase, World, both};
use kith_vault::RandomIds;

use crate::kept::{Kept, said};
use crate::scene::Scene;

/// A process whose file of endings cannot be written: there is a folder in its place.
pub(crate) async fn a_process_that_cannot_write(world: &World, database: &TestDatabase) -> Store {
    let folder = world.key_file().parent().unwrap().to_owned();
    let settings = DatabaseSettings { endings: Some(folder), ..database.settings().clone() };
    Store::open(&settings, Arc::new(RandomIds), Arc::clone(&world.clock) as _).await.unwrap()
}

/// SQLite only: of PostgreSQL nothing is left once another copy is loaded.
#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_replaced_database_knew_ends_again() {
    let database = TestDatabase::sqlite().await;
    let scene = Scene::new(&database).await;
    let kept = Kept::of(&scene.world, &database).await;
    scene.live_on().await;
    let broken = a_process_that_cannot_write(&scene.world, &database).await;
    let dan = &scene.dan.place;
    let (active, left) = (MembershipState::Active, MembershipState::Left);
    broken
        .transact(scene.world.organisation, async |unit| {
            unit.put_membership_state(dan.id, active, left, scene.copied).await
        })
        .await
        .unwrap();
    let output = kept.restore(&scene.world, &database, &[]).await;
    assert!(output.status.success(), "{}", said(&output));
    let store = database.open(Arc::clone(&scene.world.clock)).await;
    let read = store.snapshot(scene.world.organisation).await.unwrap();
    assert_eq!(read.membership(dan.id).await.unwrap().unwrap().state, left);
}

both! {
    async fn an_ending_is_in_the_file_when_its_transaction_has_ended(database) {
        let world = World::at(database, "2026-03-02T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await.place;
        let file = database.settings().endings.clone().unwrap();
        assert!(!file.exists(), "nothing has ended");
        let now = Timestamp::from_second(1);
        let (active, left) = (MembershipState::Active, MembershipState::Left);
        let end = async |fails: bool| {
            world.store.transact(world.organisation, async |unit| {
                unit.put_membership_state(friend.id, active, left, now).await?;
                if fails { Err(StoreError::Conflict) } else { Ok(()) }
            }).await
        };
        assert_eq!(end(true).await, Err(StoreError::Conflict));
        assert!(!file.exists(), "it was rolled back");
        end(false).await.unwrap();
        let read = read_endings(&file).unwrap().endings;
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].what, read[0].id), (EndingKind::Membership, friend.id.as_uuid()));
        assert_eq!(read[0].organisation, world.organisation);
        assert_eq!(world.store.oldest_unwritten_ending().await.unwrap(), None);
    }

    async fn what_a_process_left_out_another_writes(database) {
        let world = World::at(database, "2026-03-02T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await.place;
        let file = database.settings().endings.clone().unwrap();
        let broken = a_process_that_cannot_write(&world, database).await;
        let now = Timestamp::from_second(1);
        let (active, left) = (MembershipState::Active, MembershipState::Left);
        // It is done, whatever becomes of the file.
        broken
            .transact(world.organisation, async |unit| {
                unit.put_membership_state(friend.id, active, left, now).await
            })
            .await
            .unwrap();
        assert!(!file.exists());
        assert!(matches!(broken.write_endings().await, Err(StoreError::EndingsFile(_))));
        assert!(world.store.oldest_unwritten_ending().await.unwrap().is_some());
        world.clock.advance(60);
        assert!(world.app.health().await.troubles().contains(&"endings"));
        world.app.write_endings().await.unwrap();
        let read = read_endings(&file).unwrap().endings;
        assert_eq!(read.iter().map(|ending| ending.id).collect::<Vec<_>>(), [friend.id.as_uuid()]);
        assert!(!world.app.health().await.troubles().contains(&"endings"));
        // Once is enough.
        world.app.write_endings().await.unwrap();
        assert_eq!(read_endings(&file).unwrap().endings.len(), 1);
    }
}
