//! Sending a form twice is once, and limits that hold among parallel requests.

use std::sync::Arc;

use kith_store::StoreError;
use kith_tests::both;
use tokio::task::JoinSet;

use crate::world::{World, random};

both! {
    async fn a_receipt_says_what_came_of_the_form(database) {
        let world = World::new(database).await;
        let (form, now) = (random(), world.now());
        world.write(async |unit| unit.keep_receipt(form, "take", "taken", now).await).await;
        let snapshot = world.read().await;
        assert_eq!(snapshot.receipt(form, "take").await.unwrap().as_deref(), Some("taken"));
        assert_eq!(snapshot.receipt(form, "drop").await.unwrap(), None);
        assert_eq!(snapshot.receipt(random(), "take").await.unwrap(), None);
        let neighbour = world.neighbour("oak.example").await;
        assert_eq!(neighbour.read().await.receipt(form, "take").await.unwrap(), None);
    }

    async fn the_second_sending_of_a_form_rolls_back_whole(database) {
        let world = World::new(database).await;
        let (form, circle, now) = (random(), world.circle().await, world.now());
        let send = async |name: &[u8]| {
            world.try_write(async |unit| {
                unit.refuse_address(circle, name, now).await?;
                unit.keep_receipt(form, "refuse", "refused", now).await
            }).await
        };
        assert_eq!(send(&[1; 16]).await, Ok(()));
        assert_eq!(send(&[2; 16]).await, Err(StoreError::Conflict));
        assert!(!world.read().await.is_refused(circle, &[2; 16]).await.unwrap());
    }

    async fn of_many_sendings_at_once_one_is_done(database) {
        let world = World::new(database).await;
        let (form, circle, now) = (random(), world.circle().await, world.now());
        let mut sendings = JoinSet::new();
        for n in 0..20_u8 {
            let (store, organisation) = (world.store.clone(), world.organisation);
            sendings.spawn(async move {
                store.transact(organisation, async |unit| {
                    unit.keep_receipt(form, "refuse", "refused", now).await?;
                    unit.refuse_address(circle, &[n; 16], now).await
                }).await
            });
        }
        let outcomes: Vec<Result<(), StoreError>> = sendings.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        let mut refused = 0;
        for n in 0..20_u8 {
            refused += u32::from(world.read().await.is_refused(circle, &[n; 16]).await.unwrap());
        }
        assert_eq!(refused, 1);
    }

    async fn twenty_takers_at_once_get_what_the_bucket_holds(database) {
        let world = World::new(database).await;
        let store = Arc::new(world.store.clone());
        for (later, expected) in [(0, 7), (0, 0), (100, 4), (24, 0), (1, 1), (86_400, 7)] {
            world.clock.advance(later);
            let mut takers = JoinSet::new();
            for _ in 0..20 {
                let (store, organisation, now) =
                    (Arc::clone(&store), world.organisation, world.now());
                takers.spawn(async move {
                    store.transact(organisation, async |unit| {
                        unit.take_token("sign-in:x", 7, 25, now).await
                    }).await
                });
            }
            let taken = takers.join_all().await;
            let taken = taken.into_iter().filter(|taken| *taken.as_ref().unwrap()).count();
            assert_eq!(taken, expected, "{later} seconds later");
        }
    }

    async fn buckets_do_not_share_and_a_clock_set_back_gives_nothing(database) {
        let world = World::new(database).await;
        let start = world.now();
        let take = async |bucket: &str, at| {
            world.write(async |unit| unit.take_token(bucket, 2, 300, at).await).await
        };
        assert!(take("a", start).await);
        assert!(take("a", start.plus_hours(-1)).await);
        assert!(!take("a", start.plus_hours(-1)).await);
        assert!(!take("a", start).await);
        assert!(take("b", start).await);
        assert!(!take("a", start.plus_seconds(299)).await);
        assert!(take("a", start.plus_seconds(300)).await);
        let neighbour = world.neighbour("oak.example").await;
        let theirs = neighbour.write(async |unit| unit.take_token("a", 2, 300, start).await).await;
        assert!(theirs);
    }

    async fn an_hour_of_trying_is_allowed_little(database) {
        let world = World::new(database).await;
        let start = world.now();
        let mut allowed = 0;
        for try_at in (0..=3_620).step_by(20) {
            let at = start.plus_seconds(try_at);
            let taken = world.write(async |unit| unit.take_token("c", 3, 3_600, at).await).await;
            allowed += u32::from(taken);
        }
        assert_eq!(allowed, 4);
    }
}
