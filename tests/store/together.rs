//! Units of work that share a commit: one that fails takes no other with it, nobody is answered
//! before the commit, and whoever goes away leaves nothing locked.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kith_domain::CircleState::{Active, Frozen, Paused};
use kith_domain::ids::CircleId;
use kith_store::StoreError;
use kith_tests::{TestDatabase, both};
use sea_orm::ConnectionTrait as _;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::world::World;

/// A circle that is frozen ends the transaction that it is frozen in, as SQLite does by itself when
/// the disk is full.
const ENDS_EVERYTHING: &str = "CREATE TRIGGER planted AFTER UPDATE OF state ON circle \
    WHEN NEW.state = 'frozen' BEGIN SELECT RAISE(ROLLBACK, 'planted'); END";
/// The commit of a circle that is frozen fails.
const CANNOT_BE_COMMITTED: &str = "CREATE TABLE planted_parent (id INTEGER PRIMARY KEY); \
    CREATE TABLE planted_child (parent INTEGER REFERENCES planted_parent (id) \
      DEFERRABLE INITIALLY DEFERRED); \
    CREATE TRIGGER planted AFTER UPDATE OF state ON circle \
    WHEN NEW.state = 'frozen' BEGIN INSERT INTO planted_child VALUES (1); END";

async fn plant(database: &TestDatabase, sql: &str) {
    database.connect().await.execute_unprepared(sql).await.unwrap();
}

async fn circles<const N: usize>(world: &World) -> [CircleId; N] {
    let mut circles = Vec::new();
    for _ in 0..N {
        circles.push(world.circle().await);
    }
    circles.try_into().unwrap()
}

async fn paused(world: &World, circle: CircleId) -> bool {
    world.read().await.circle(circle).await.unwrap().unwrap().state == Paused
}

/// The writer writes, and others see it.
async fn is_sound(world: &World) {
    let (failing, good, now) = (world.circle().await, world.circle().await, world.now());
    let failed: Result<(), _> = world
        .try_write(async |unit| {
            unit.put_circle_state(failing, Active, Paused, now).await?;
            Err(StoreError::Conflict)
        })
        .await;
    assert_eq!(failed, Err(StoreError::Conflict));
    world.write(async |unit| unit.put_circle_state(good, Active, Paused, now).await).await;
    assert_eq!((paused(world, failing).await, paused(world, good).await), (false, true));
}

both! {
    async fn one_that_fails_takes_no_other_with_it(database) {
        let world = World::new(database).await;
        let (circles, now) = (circles::<10>(&world).await, world.now());
        let mut hands = JoinSet::new();
        for (place, circle) in circles.into_iter().enumerate() {
            let (store, organisation) = (world.store.clone(), world.organisation);
            hands.spawn(async move {
                let done = store.transact_together(organisation, async |unit| {
                    unit.put_circle_state(circle, Active, Paused, now).await?;
                    if place % 3 == 1 { Err(StoreError::Conflict) } else { Ok(()) }
                }).await;
                (place, done)
            });
        }
        for (place, done) in hands.join_all().await {
            let failed = place % 3 == 1;
            assert_eq!(done.is_err(), failed, "{place}");
            assert_eq!(paused(&world, circles[place]).await, !failed, "{place}");
        }
        // Those that failed are tried again.
        for circle in circles {
            let again = world.store.transact_together(world.organisation, async |unit| {
                unit.put_circle_state(circle, Active, Paused, now).await
            }).await;
            assert!(again.is_ok());
            assert!(paused(&world, circle).await);
        }
        is_sound(&world).await;
    }

    async fn whoever_is_dropped_at_work_takes_no_other_with_it(database) {
        let world = World::new(database).await;
        let ([first, stuck, last], now) = (circles(&world).await, world.now());
        let (at_work, runs) = (Notify::new(), AtomicU32::new(0));
        let put = async |circle| {
            world.store.transact_together(world.organisation, async |unit| {
                runs.fetch_add(1, Ordering::Relaxed);
                unit.put_circle_state(circle, Active, Paused, now).await
            }).await
        };
        let is_stuck = world.store.transact_together(world.organisation, async |unit| {
            unit.put_circle_state(stuck, Active, Paused, now).await?;
            at_work.notify_one();
            std::future::pending::<Result<(), StoreError>>().await
        });
        let dropped = async {
            tokio::select! {
                _ = is_stuck => unreachable!("it never ends"),
                () = at_work.notified() => {}
            }
        };
        // On SQLite the first has worked by then, and waits for the commit that it shares.
        let (one, (), two) = tokio::join!(put(first), dropped, put(last));
        assert_eq!((one.is_ok(), two.is_ok()), (true, true));
        assert!(paused(&world, first).await && paused(&world, last).await);
        assert!(!paused(&world, stuck).await);
        let again = u32::from(!database.is_postgres());
        assert_eq!(runs.load(Ordering::Relaxed), 2 + again, "what went down was done again");
        is_sound(&world).await;
    }

    async fn whoever_goes_away_at_any_moment_leaves_nothing_locked(database) {
        let world = World::new(database).await;
        let (circles, now) = (circles::<4>(&world).await, world.now());
        for moment in 0..150 {
            let all = async |to, from| {
                let put = async |circle| {
                    world.store.transact_together(world.organisation, async |unit| {
                        unit.put_circle_state(circle, from, to, now).await
                    }).await
                };
                let [one, two, three, four] = circles;
                tokio::join!(put(one), put(two), put(three), put(four))
            };
            let (to, from) = if moment % 2 == 0 { (Paused, Active) } else { (Active, Paused) };
            drop(timeout(Duration::from_micros(moment * 40), all(to, from)).await);
        }
        is_sound(&world).await;
    }
}

mod on_sqlite {
    use super::{
        Active, AtomicU32, CANNOT_BE_COMMITTED, ENDS_EVERYTHING, Frozen, JoinSet, Ordering, Paused,
        StoreError, TestDatabase, World, circles, is_sound, paused, plant,
    };
    use std::sync::Arc;

    #[tokio::test(flavor = "multi_thread")]
    async fn those_who_write_at_once_share_a_commit_and_are_told_after_it() {
        let database = TestDatabase::sqlite().await;
        let world = World::new(&database).await;
        let ([one, two], now) = (circles(&world).await, world.now());
        let told = AtomicU32::new(0);
        let first = async {
            world
                .store
                .transact_together(world.organisation, async |unit| {
                    unit.put_circle_state(one, Active, Paused, now).await
                })
                .await
                .unwrap();
            assert!(paused(&world, one).await && paused(&world, two).await);
            told.fetch_add(1, Ordering::SeqCst);
        };
        let second = world.store.transact_together(world.organisation, async |unit| {
            // The first has worked, its work is not committed, and it has not been told so.
            let inside = unit.circle(one).await?.unwrap().state;
            assert_eq!((inside, paused(&world, one).await), (Paused, false));
            assert_eq!(told.load(Ordering::SeqCst), 0);
            unit.put_circle_state(two, Active, Paused, now).await
        });
        let ((), second) = tokio::join!(first, second);
        second.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_goes_down_with_one_is_done_again_alone() {
        let database = TestDatabase::sqlite().await;
        let world = World::new(&database).await;
        let (circles, now) = (circles::<12>(&world).await, world.now());
        plant(&database, ENDS_EVERYTHING).await;
        let mut hands = JoinSet::new();
        for (place, circle) in circles.into_iter().enumerate() {
            let (store, organisation) = (world.store.clone(), world.organisation);
            let to = if place == 5 { Frozen } else { Paused };
            hands.spawn(async move {
                let done = store
                    .transact_together(organisation, async |unit| {
                        unit.put_circle_state(circle, Active, to, now).await
                    })
                    .await;
                (place, done)
            });
        }
        for (place, done) in hands.join_all().await {
            if place == 5 {
                assert!(matches!(done, Err(StoreError::Backend { .. })), "{done:?}");
            } else {
                done.unwrap();
            }
            assert_eq!(paused(&world, circles[place]).await, place != 5, "{place}");
        }
        is_sound(&world).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_writer_is_sound_after_sqlite_ended_a_transaction_by_itself() {
        let database = TestDatabase::sqlite().await;
        let world = World::new(&database).await;
        let ([circle], now) = (circles(&world).await, world.now());
        plant(&database, ENDS_EVERYTHING).await;
        let failed = world
            .try_write(async |unit| unit.put_circle_state(circle, Active, Frozen, now).await)
            .await;
        assert!(matches!(failed, Err(StoreError::Backend { .. })), "{failed:?}");
        is_sound(&world).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_commit_that_fails_is_told_to_all_and_nothing_is_done_again() {
        let database = TestDatabase::sqlite().await;
        let world = World::new(&database).await;
        let ([one, two, three], now) = (circles(&world).await, world.now());
        plant(&database, CANNOT_BE_COMMITTED).await;
        let runs = Arc::new(AtomicU32::new(0));
        let put = async |circle, to| {
            world
                .store
                .transact_together(world.organisation, async |unit| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    unit.put_circle_state(circle, Active, to, now).await
                })
                .await
        };
        let told = tokio::join!(put(one, Paused), put(two, Frozen), put(three, Paused));
        let busy = Err(StoreError::Busy);
        assert_eq!([told.0, told.1, told.2], [busy.clone(), busy.clone(), busy]);
        assert_eq!(runs.load(Ordering::Relaxed), 3);
        assert!(!paused(&world, one).await && !paused(&world, three).await);
        is_sound(&world).await;
    }
}
