//! The facts that `circle_access` reads: standing, tier and live grants.

use kith_domain::ids::CircleId;
use kith_domain::{
    Category, CategorySet, CircleState, GrantBasis, MemberRole, MembershipState, Owner, Standing,
    Tier,
};
use kith_store::{CircleAccess, Session};
use kith_tests::both;

use crate::world::{World, random};

async fn access(world: &World, session: &Session, circle: CircleId) -> CircleAccess {
    let snapshot = world.read().await;
    let access = snapshot.circle_access(Some(session), circle, world.now(), false).await;
    access.unwrap().unwrap()
}

async fn tier(world: &World, session: &Session, circle: CircleId) -> Tier {
    let snapshot = world.read().await;
    let now = world.now();
    let session = snapshot.live_session(session.id, now).await.unwrap().unwrap();
    snapshot.circle_access(Some(&session), circle, now, false).await.unwrap().unwrap().facts.tier
}

both! {
    async fn standing_follows_role_and_state_of_the_membership(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let now = world.now();
        for role in MemberRole::ALL {
            for state in MembershipState::ALL {
                let member = world.member(circle, *role, *state).await;
                let rota = CategorySet::of(&[Category::Rota]);
                world.write(async |unit| {
                    unit.put_grants(&member, rota, GrantBasis::OwnConsent, None, now).await
                }).await;
                let session = world.session(member.person).await;
                let access = access(&world, &session, circle).await;
                assert_eq!(access.facts.standing, role.standing(*state));
                assert_eq!(access.facts.membership, Some(member.id));
                assert_eq!(access.facts.person, Some(member.person));
                let active = *state == MembershipState::Active;
                assert_eq!(access.place.is_some(), active);
                assert_eq!(!access.facts.grants.is_empty(), active, "{role:?} {state:?}");
            }
        }
    }

    async fn others_are_strangers_and_a_missing_circle_is_none(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let elsewhere = world.circle().await;
        let session = world.trusted(&member).await;
        let access = access(&world, &session, elsewhere).await;
        assert_eq!(access.facts.standing, Standing::Stranger);
        assert_eq!((access.facts.tier, access.facts.membership), (Tier::SignedIn, None));
        let (snapshot, now) = (world.read().await, world.now());
        let nobody = snapshot.circle_access(None, elsewhere, now, false).await.unwrap().unwrap();
        assert_eq!(nobody.facts.standing, Standing::Stranger);
        assert_eq!((nobody.facts.tier, nobody.facts.person), (Tier::None, None));
        let nowhere = CircleId::from_uuid(random());
        assert!(snapshot.circle_access(Some(&session), nowhere, now, false).await.unwrap().is_none());
        // Nor is a circle of another organisation to be found.
        let neighbour = world.neighbour("oak.example").await;
        let theirs = neighbour.circle().await;
        assert!(snapshot.circle_access(Some(&session), theirs, now, false).await.unwrap().is_none());
    }

    async fn the_circle_comes_with_its_state_and_its_newest_key(database) {
        let world = World::new(database).await;
        let circle = world.circle_in(CircleState::Paused).await;
        let member = world.friend(circle).await;
        let session = world.session(member.person).await;
        let first = access(&world, &session, circle).await;
        assert_eq!((first.circle.state, first.facts.state), (CircleState::Paused, CircleState::Paused));
        let (key, now) = (first.key.unwrap(), world.now());
        let second = kith_vault::WrappedKey { version: 2, ..key };
        world.write(async |unit| unit.add_data_key(&second, now).await).await;
        assert_eq!(access(&world, &session, circle).await.key, Some(second));
        let owner = Owner::Circle(circle);
        world.write(async |unit| unit.destroy_data_keys(owner).await).await;
        assert_eq!(access(&world, &session, circle).await.key, None);
    }

    async fn trust_is_of_one_device_in_one_circle_for_one_person(database) {
        let world = World::new(database).await;
        let (circle, other) = (world.circle().await, world.circle().await);
        let member = world.friend(circle).await;
        let trusted = world.trusted(&member).await;
        let elsewhere = world.session(member.person).await;
        assert_eq!(tier(&world, &trusted, circle).await, Tier::Trusted);
        assert_eq!(tier(&world, &trusted, other).await, Tier::SignedIn);
        assert_eq!(tier(&world, &elsewhere, circle).await, Tier::SignedIn);
        // Somebody else on the same device.
        let second = world.friend(circle).await;
        let theirs = Session { device: trusted.device, ..world.session(second.person).await };
        assert_eq!(access(&world, &theirs, circle).await.facts.tier, Tier::SignedIn);
    }

    async fn freshness_ends_to_the_second_and_needs_trust(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let member = world.friend(circle).await;
        let session = world.fresh(&member).await;
        let until = session.fresh_until.unwrap();
        assert_eq!(tier(&world, &session, circle).await, Tier::Fresh);
        world.clock.set(until.plus_seconds(-1));
        assert_eq!(tier(&world, &session, circle).await, Tier::Fresh);
        world.clock.set(until);
        assert_eq!(tier(&world, &session, circle).await, Tier::Trusted);
        let untrusted = Session { fresh_until: Some(until.plus_days(1)), ..world.session(member.person).await };
        assert_eq!(access(&world, &untrusted, circle).await.facts.tier, Tier::SignedIn);
    }

    async fn an_enrolment_that_is_not_used_for_a_year_ends(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let member = world.friend(circle).await;
        let session = world.trusted(&member).await;
        let later = world.now().plus_days(365);
        let at = async |now| {
            let snapshot = world.read().await;
            let access = snapshot.circle_access(Some(&session), circle, now, false).await;
            access.unwrap().unwrap().facts.tier
        };
        assert_eq!(at(later.plus_seconds(-1)).await, Tier::Trusted);
        assert_eq!(at(later).await, Tier::SignedIn);
    }

    async fn grants_count_from_when_they_are_given_until_they_are_withdrawn(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let member = world.friend(circle).await;
        let session = world.trusted(&member).await;
        let (given, ended) = (world.now(), world.now().plus_hours(1));
        let put = async |set: CategorySet, at| {
            world.write(async |unit| {
                unit.put_grants(&member, set, GrantBasis::OwnConsent, None, at).await
            }).await;
        };
        put(CategorySet::of(&[Category::Rota, Category::News]), given).await;
        let at = async |now| {
            let snapshot = world.read().await;
            let access = snapshot.circle_access(Some(&session), circle, now, false).await;
            access.unwrap().unwrap().facts.grants
        };
        assert_eq!(at(given.plus_seconds(-1)).await, CategorySet::EMPTY);
        assert_eq!(at(given).await, CategorySet::of(&[Category::Rota, Category::News]));
        put(CategorySet::of(&[Category::Rota]), ended).await;
        assert_eq!(at(ended).await, CategorySet::of(&[Category::Rota]));
        // With an end that was decided: no longer in that second.
        sea_orm::ConnectionTrait::execute_unprepared(
            &database.connect().await,
            &format!("UPDATE disclosure_grant SET until_at = {}", ended.plus_hours(1).as_second()),
        ).await.unwrap();
        assert_eq!(at(ended.plus_hours(1).plus_seconds(-1)).await, CategorySet::of(&[Category::Rota]));
        assert_eq!(at(ended.plus_hours(1)).await, CategorySet::EMPTY);
    }

    async fn staff_stand_as_staff_only_where_they_are_staff(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let member = world.friend(circle).await;
        let now = world.now();
        world.write(async |unit| unit.add_staff(member.person, "coordinator", now).await).await;
        let session = world.trusted(&member).await;
        let snapshot = world.read().await;
        let as_staff = snapshot.circle_access(Some(&session), circle, now, true).await.unwrap().unwrap();
        assert_eq!(as_staff.facts.standing, Standing::Coordinator);
        assert_eq!((as_staff.facts.membership, as_staff.place), (None, None));
        // The device is trusted in the circle, which says nothing about the organisation.
        assert_eq!(as_staff.facts.tier, Tier::SignedIn);
        let as_friend = snapshot.circle_access(Some(&session), circle, now, false).await.unwrap().unwrap();
        assert_eq!((as_friend.facts.standing, as_friend.facts.tier), (Standing::Friend, Tier::Trusted));
        let friend = world.friend(circle).await;
        let theirs = world.session(friend.person).await;
        let stranger = world.read().await.circle_access(Some(&theirs), circle, now, true).await;
        assert_eq!(stranger.unwrap().unwrap().facts.standing, Standing::Stranger);
    }

    async fn towards_the_organisation_one_is_staff_or_oneself(database) {
        let world = World::new(database).await;
        let (person, now) = (world.person().await, world.now());
        world.write(async |unit| unit.add_staff(person, "administrator", now).await).await;
        let session = world.session(person).await;
        world.write(async |unit| {
            unit.add_enrolment(session.device, person, None, "staff", now).await
        }).await;
        let snapshot = world.read().await;
        let staff = snapshot.organisation_access(&session, now, true).await.unwrap().facts;
        assert_eq!((staff.standing, staff.tier), (Standing::Administrator, Tier::Trusted));
        assert_eq!((staff.subject, staff.state), (None, CircleState::NoCircle));
        let own = snapshot.organisation_access(&session, now, false).await.unwrap();
        assert_eq!((own.facts.standing, own.facts.tier), (Standing::Oneself, Tier::Trusted));
        assert_eq!(own.facts.subject, Some(person.as_uuid()));
        world.vault.unwrap_key(&own.key).unwrap();
    }

    async fn a_link_gives_the_tier_of_a_link_and_no_more(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        world.fresh(&member).await;
        let snapshot = world.read().await;
        let access = snapshot.link_access(member.person, member.circle, world.now()).await;
        let facts = access.unwrap().unwrap().facts;
        assert_eq!((facts.tier, facts.standing), (Tier::Link, Standing::Friend));
        assert_eq!((facts.person, facts.session), (Some(member.person), None));
    }
}
