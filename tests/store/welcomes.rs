//! Ways in that are handed out.

use kith_domain::WelcomeKind;
use kith_domain::ids::WelcomeId;
use kith_store::{Membership, Welcome};
use kith_tests::both;
use tokio::task::JoinSet;

use crate::world::{World, random, secret};

async fn invitation(world: &World, member: &Membership) -> Welcome {
    let id = WelcomeId::from_uuid(random());
    let welcome = Welcome {
        id,
        kind: WelcomeKind::Invitation,
        circle: Some(member.circle),
        membership: Some(member.id),
        person: member.person,
        link_hash: Some(secret(id.as_uuid()).to_vec()),
        short_mac: None,
        words_mac: Some(vec![3; 32]),
        tries_left: 5,
        names_inviter: true,
        created_at: world.now(),
        expires_at: world.now().plus_days(14),
        answered_at: None,
        words_used_at: None,
        ended_at: None,
    };
    world.write(async |unit| unit.add_welcome(&welcome).await).await;
    welcome
}

both! {
    async fn a_welcome_reads_back_by_link_by_member_by_circle_and_by_person(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let welcome = invitation(&world, &member).await;
        let (snapshot, now) = (world.read().await, world.now());
        let by_link = snapshot.welcome_by_link(&secret(welcome.id.as_uuid())).await.unwrap();
        assert_eq!(by_link.as_ref(), Some(&welcome));
        assert_eq!(snapshot.welcome(welcome.id).await.unwrap(), by_link);
        let all = vec![welcome];
        assert_eq!(snapshot.welcomes_of(member.id, now).await.unwrap(), all);
        assert_eq!(snapshot.circle_welcomes(member.circle, now).await.unwrap(), all);
        assert_eq!(snapshot.welcomes_for(member.person, now).await.unwrap(), all);
        let expired = now.plus_days(14);
        assert_eq!(snapshot.welcomes_of(member.id, expired).await.unwrap(), []);
        assert!(!all[0].is_live(expired) && all[0].is_live(expired.plus_seconds(-1)));
    }

    async fn words_allow_five_tries_and_one_use(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let (id, now) = (invitation(&world, &member).await.id, world.now());
        let mut users = JoinSet::new();
        for _ in 0..10 {
            let (store, organisation) = (world.store.clone(), world.organisation);
            users.spawn(async move {
                store.transact(organisation, async |unit| {
                    let tried = unit.take_words_try(id, now).await?;
                    let used = unit.use_words(id, now).await?;
                    Ok::<_, kith_store::StoreError>((tried, used))
                }).await.unwrap()
            });
        }
        let outcomes = users.join_all().await;
        assert_eq!(outcomes.iter().filter(|(_, used)| *used).count(), 1);
        // Words that were used are not tried again.
        assert_eq!(outcomes.iter().filter(|(tried, _)| *tried).count(), 1);
        let read = world.read().await.welcome(id).await.unwrap().unwrap();
        assert_eq!((read.words_used_at, read.tries_left), (Some(now), 4));
        assert!(read.is_live(now) && !read.words_are_live(now));

        let guessed = invitation(&world, &member).await.id;
        let mut tries = 0;
        for _ in 0..10 {
            let taken = world.write(async |unit| unit.take_words_try(guessed, now).await).await;
            tries += u32::from(taken);
        }
        assert_eq!(tries, 5);
    }

    async fn words_that_were_stopped_are_not_used_even_where_they_were_compared(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let (id, now) = (invitation(&world, &member).await.id, world.now());
        for _ in 0..5 {
            assert!(world.write(async |unit| unit.take_words_try(id, now).await).await);
        }
        // The fifth was right, but somebody was taken out of the circle before it counted.
        world.write(async |unit| unit.stop_words(member.circle, now).await).await;
        assert!(!world.write(async |unit| unit.use_words(id, now).await).await);
        let fifth = invitation(&world, &member).await.id;
        for _ in 0..5 {
            assert!(world.write(async |unit| unit.take_words_try(fifth, now).await).await);
        }
        assert!(world.write(async |unit| unit.use_words(fifth, now).await).await);
    }

    async fn an_answer_is_given_once_and_in_time(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let (one, late) = (invitation(&world, &member).await, invitation(&world, &member).await);
        let answer = async |id, at| world.write(async |unit| unit.answer_welcome(id, at).await).await;
        assert!(answer(one.id, world.now()).await);
        assert!(!answer(one.id, world.now()).await);
        assert!(!answer(late.id, late.expires_at).await);
        assert!(answer(late.id, late.expires_at.plus_seconds(-1)).await);
    }

    async fn what_was_taken_back_does_nothing(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let other = world.friend(member.circle).await;
        let (one, two) = (invitation(&world, &member).await.id, invitation(&world, &member).await.id);
        let kept = invitation(&world, &other).await.id;
        let now = world.now();
        assert!(world.write(async |unit| unit.end_welcome(one, now).await).await);
        assert_eq!(world.write(async |unit| unit.end_welcomes_of(member.id, now).await).await, 1);
        for id in [one, two] {
            assert!(!world.write(async |unit| unit.use_words(id, now).await).await);
            assert!(!world.write(async |unit| unit.take_words_try(id, now).await).await);
            assert!(!world.write(async |unit| unit.answer_welcome(id, now).await).await);
        }
        assert!(world.write(async |unit| unit.use_words(kept, now).await).await);
    }
}
