//! Asking for a code: bound to the browser, tried a few times, used once.

use kith_domain::ids::SignInId;
use kith_tests::both;
use tokio::task::JoinSet;

use crate::world::{World, random};

async fn asked(world: &World, browser: [u8; 32], tries: u32) -> SignInId {
    let (id, now) = (SignInId::from_uuid(random()), world.now());
    world
        .write(async |unit| unit.add_sign_in(id, &browser, &[5; 16], tries, false, now).await)
        .await;
    id
}

both! {
    async fn the_newest_asking_of_a_browser_counts(database) {
        let world = World::new(database).await;
        let first = asked(&world, [1; 32], 5).await;
        let now = world.now();
        assert!(world.write(async |unit| unit.mint_sign_in(first, &[7; 32], &[8; 32], now).await).await);
        let second = asked(&world, [1; 32], 5).await;
        let other = asked(&world, [2; 32], 5).await;
        let snapshot = world.read().await;
        // Both were asked in the same second.
        let newest = snapshot.sign_in_of(&[1; 32]).await.unwrap().unwrap();
        assert_eq!((newest.id, newest.over), (second, false));
        assert!(snapshot.sign_in(first).await.unwrap().unwrap().over);
        assert!(snapshot.sign_in_by_link(&[8; 32]).await.unwrap().unwrap().over);
        assert!(!snapshot.sign_in(other).await.unwrap().unwrap().over);
        // What is over is minted, tried and used no more.
        assert!(!world.write(async |unit| unit.mint_sign_in(first, &[9; 32], &[9; 32], now).await).await);
        assert!(!world.write(async |unit| unit.take_sign_in_try(first).await).await);
        assert!(!world.write(async |unit| unit.use_sign_in(first, now).await).await);
    }

    async fn minting_again_voids_the_earlier_link(database) {
        let world = World::new(database).await;
        let (id, now) = (asked(&world, [1; 32], 5).await, world.now());
        for byte in [1, 2] {
            world.write(async |unit| unit.mint_sign_in(id, &[byte; 32], &[byte; 32], now).await).await;
        }
        let snapshot = world.read().await;
        assert!(snapshot.sign_in_by_link(&[1; 32]).await.unwrap().is_none());
        let found = snapshot.sign_in_by_link(&[2; 32]).await.unwrap().unwrap();
        assert_eq!((found.id, found.code_mac, found.minted_at), (id, Some(vec![2; 32]), Some(now)));
    }

    async fn tries_run_out_however_many_come_at_once(database) {
        let world = World::new(database).await;
        let id = asked(&world, [1; 32], 5).await;
        let mut tries = JoinSet::new();
        for _ in 0..30 {
            let (store, organisation) = (world.store.clone(), world.organisation);
            tries.spawn(async move {
                store.transact(organisation, async |unit| unit.take_sign_in_try(id).await).await
            });
        }
        let taken = tries.join_all().await.into_iter().filter(|taken| *taken.as_ref().unwrap());
        assert_eq!(taken.count(), 5);
    }

    async fn one_code_begins_one_session(database) {
        let world = World::new(database).await;
        let (id, person) = (asked(&world, [1; 32], 5).await, world.person().await);
        let session = world.session(person).await;
        let mut browsers = JoinSet::new();
        for n in 0..16_u8 {
            let (store, now, mut session) = (world.store.clone(), world.now(), session.clone());
            session.id = kith_domain::ids::SessionId::from_uuid(random());
            browsers.spawn(async move {
                store.transact(session.organisation, async |unit| {
                    if unit.use_sign_in(id, now).await? {
                        unit.add_session(&session, &[n; 32]).await?;
                    }
                    Ok::<_, kith_store::StoreError>(())
                }).await
            });
        }
        browsers.join_all().await.into_iter().for_each(Result::unwrap);
        let (snapshot, mut begun) = (world.read().await, 0);
        for n in 0..16_u8 {
            begun += u32::from(snapshot.session(&[n; 32], world.now()).await.unwrap().is_some());
        }
        assert_eq!(begun, 1);
    }
}
