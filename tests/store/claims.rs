//! Promises: two people never take the same place.

use kith_domain::ids::{DeviceId, SlotId};
use kith_domain::{
    Category, CategorySet, CircleState, ClaimState, Disclosure, GrantBasis, MemberRole,
    MembershipState,
};
use kith_store::{Claim, Membership, Slot, StoreError};
use kith_tests::both;
use kith_vault::RandomIds;
use tokio::task::JoinSet;

use crate::world::World;

async fn take(
    world: &World,
    slot: &Slot,
    member: &Membership,
) -> Result<Option<Claim>, StoreError> {
    let now = world.now();
    world.try_write(async |unit| unit.take_place(slot, member.id, member.person, now).await).await
}

async fn put(world: &World, claim: &Claim, to: ClaimState) -> bool {
    let now = world.now();
    world.write(async |unit| unit.put_claim_state(claim, to, now).await).await
}

async fn grant_rota(world: &World, member: &Membership) {
    let (rota, now) = (CategorySet::of(&[Category::Rota]), world.now());
    world
        .write(async |unit| unit.put_grants(member, rota, GrantBasis::OwnConsent, None, now).await)
        .await;
}

both! {
    async fn of_twenty_who_want_one_place_exactly_one_gets_it(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let mut members = Vec::new();
        for _ in 0..20 {
            members.push(world.friend(circle).await);
        }
        let task = world.task(circle).await;
        for round in 1..=25 {
            let starts = world.now().plus_days(round);
            let slot = world.slot(&task, starts, starts.plus_hours(1)).await;
            let mut racers = JoinSet::new();
            for member in members.clone() {
                let (store, organisation, now) =
                    (world.store.clone(), world.organisation, world.now());
                let slot = slot.clone();
                racers.spawn(async move {
                    store.transact(organisation, async |unit| {
                        unit.take_place(&slot, member.id, member.person, now).await
                    }).await.unwrap()
                });
            }
            let winners: Vec<Claim> = racers.join_all().await.into_iter().flatten().collect();
            assert_eq!(winners.len(), 1, "round {round}");
            assert_eq!(world.get_slot(slot.id).await.taken, 1);
            assert_eq!(world.read().await.claims_of(slot.id).await.unwrap(), winners);
        }
    }

    async fn as_many_get_in_as_there_are_places(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let task = world.task_like(circle, Disclosure::NONE, 3).await;
        let starts = world.now().plus_days(1);
        let slot = world.slot(&task, starts, starts.plus_hours(1)).await;
        let mut racers = JoinSet::new();
        for _ in 0..12 {
            let member = world.friend(circle).await;
            let (store, organisation, now) = (world.store.clone(), world.organisation, world.now());
            let slot = slot.clone();
            racers.spawn(async move {
                store.transact(organisation, async |unit| {
                    unit.take_place(&slot, member.id, member.person, now).await
                }).await.unwrap()
            });
        }
        assert_eq!(racers.join_all().await.into_iter().flatten().count(), 3);
        assert_eq!(world.get_slot(slot.id).await.taken, 3);
    }

    async fn one_member_holds_one_promise_for_a_slot(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let task = world.task_like(circle, Disclosure::NONE, 2).await;
        let starts = world.now().plus_days(1);
        let slot = world.slot(&task, starts, starts.plus_hours(1)).await;
        let member = world.friend(circle).await;
        take(&world, &slot, &member).await.unwrap().unwrap();
        assert_eq!(take(&world, &slot, &member).await, Err(StoreError::Conflict));
        // The place that the second try took is given back with it.
        assert_eq!(world.get_slot(slot.id).await.taken, 1);
        let mut racers = JoinSet::new();
        let other = world.friend(circle).await;
        for _ in 0..8 {
            let (store, organisation, now) = (world.store.clone(), world.organisation, world.now());
            let (slot, other) = (slot.clone(), other.clone());
            racers.spawn(async move {
                store.transact(organisation, async |unit| {
                    unit.take_place(&slot, other.id, other.person, now).await
                }).await
            });
        }
        let taken = racers.join_all().await.into_iter().filter(|taken| matches!(taken, Ok(Some(_))));
        assert_eq!(taken.count(), 1);
        assert_eq!(world.get_slot(slot.id).await.taken, 2);
    }

    async fn taking_again_after_dropping_is_a_new_generation(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let slot = world.open_slot(member.circle).await;
        let first = take(&world, &slot, &member).await.unwrap().unwrap();
        assert_eq!((first.generation, first.state), (0, ClaimState::Claimed));
        assert!(put(&world, &first, ClaimState::Dropped).await);
        // A form sent twice changes nothing more.
        assert!(!put(&world, &first, ClaimState::Dropped).await);
        assert_eq!(world.get_slot(slot.id).await.taken, 0);
        let second = take(&world, &slot, &member).await.unwrap().unwrap();
        assert_eq!(second.generation, 1);
        let snapshot = world.read().await;
        let live = snapshot.live_claim(slot.id, member.id).await.unwrap();
        assert_eq!(live.as_ref(), Some(&second));
        assert_eq!(snapshot.newest_claim(slot.id, member.id).await.unwrap(), live);
        assert_eq!(snapshot.claim(first.id).await.unwrap().unwrap().state, ClaimState::Dropped);
        let week = snapshot.claims_between(member.circle, slot.starts, slot.ends).await.unwrap();
        assert_eq!(week, [second]);
    }

    async fn a_cancelled_slot_is_not_taken(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let slot = world.open_slot(member.circle).await;
        world.write(async |unit| unit.cancel_slot(slot.id).await).await;
        assert_eq!(take(&world, &slot, &member).await, Ok(None));
    }

    async fn own_claims_are_the_live_ones_to_come(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let mut claims = Vec::new();
        for _ in 0..4 {
            let slot = world.open_slot(member.circle).await;
            claims.push(take(&world, &slot, &member).await.unwrap().unwrap());
            world.clock.advance(60);
        }
        put(&world, &claims[0], ClaimState::Dropped).await;
        put(&world, &claims[1], ClaimState::CoverWanted).await;
        world.write(async |unit| unit.cancel_slot(claims[2].slot).await).await;
        let own = async |from, limit| {
            let found = world.read().await.own_claims(member.person, from, limit).await.unwrap();
            assert!(found.iter().all(|(claim, slot)| claim.slot == slot.id));
            found.into_iter().map(|(claim, _)| claim.id).collect::<Vec<_>>()
        };
        assert_eq!(own(world.now(), 10).await, [claims[1].id, claims[3].id]);
        assert_eq!(own(world.now(), 1).await, [claims[1].id]);
        let ends = world.get_slot(claims[1].slot).await.ends;
        assert_eq!(own(ends, 10).await, [claims[3].id]);
    }

    async fn help_is_needed_where_one_may_see_the_rota_and_has_not_said_no(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let member = world.friend(circle).await;
        let ungranted = world.friend(circle).await;
        let patient = world.member(circle, MemberRole::Patient, MembershipState::Active).await;
        for granted in [&member, &patient] {
            grant_rota(&world, granted).await;
        }
        let (open, refused, own) = (
            world.open_slot(circle).await,
            world.open_slot(circle).await,
            world.open_slot(circle).await,
        );
        let (paused, now) = (world.circle_in(CircleState::Paused).await, world.now());
        world.open_slot(paused).await;
        world.open_slot(world.circle().await).await;
        take(&world, &own, &member).await.unwrap().unwrap();
        let asked = async || world.write(async |unit| unit.add_ask(&refused, member.id, now).await).await;
        assert!(asked().await);
        assert!(!asked().await);
        let device = DeviceId::new(&RandomIds);
        world
            .write(async |unit| {
                unit.add_device(device, device.as_uuid().as_bytes(), now).await?;
                for person in [&member, &ungranted, &patient].map(|member| member.person) {
                    unit.add_enrolment(device, person, Some(circle), "words", now).await?;
                }
                Ok(())
            })
            .await;
        let needed = async |person, at| {
            let found = world.read().await.help_needed(person, device, (at, at.plus_days(90)), 10).await.unwrap();
            found.into_iter().map(|slot| slot.id).collect::<Vec<_>>()
        };
        let elsewhere = DeviceId::new(&RandomIds);
        let found = world.read().await.help_needed(member.person, elsewhere, (now, now.plus_days(90)), 10).await.unwrap();
        assert_eq!(found.iter().map(|slot| slot.id).collect::<Vec<_>>(), [refused.id], "asked for");
        let mut both = [open.id, refused.id];
        both.sort_unstable_by_key(|id| id.as_uuid());
        assert_eq!(needed(member.person, now).await, both);
        world.write(async |unit| unit.answer_no(refused.id, member.id, now).await).await;
        assert_eq!(needed(member.person, now).await, [open.id]);
        assert_eq!(needed(member.person, open.starts).await, []);
        assert_eq!(needed(ungranted.person, now).await, []);
        assert_eq!(needed(patient.person, now).await, []);
        let said = world.read().await.asked_for(refused.id).await.unwrap();
        assert_eq!(said.iter().map(|asked| (asked.membership, asked.said_no)).collect::<Vec<_>>(), [(member.id, true)]);
        let week = world.read().await.asked_between(circle, now, now.plus_days(7)).await.unwrap();
        assert_eq!(week, said);
    }

    async fn who_may_be_asked_leaves_out_who_said_no_or_promised(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let (free, said_no, promised) =
            (world.friend(circle).await, world.friend(circle).await, world.friend(circle).await);
        let left = world.member(circle, MemberRole::Friend, MembershipState::Left).await;
        for member in [&free, &said_no, &promised, &left] {
            grant_rota(&world, member).await;
        }
        let (slot, now) = (world.open_slot(circle).await, world.now());
        take(&world, &slot, &promised).await.unwrap().unwrap();
        world.write(async |unit| {
            unit.add_ask(&slot, said_no.id, now).await?;
            unit.answer_no(slot.id, said_no.id, now).await
        }).await;
        let found = world.read().await.may_be_asked(&slot, now).await.unwrap();
        let found: Vec<_> = found.iter().map(|one| (one.membership, one.by_mail)).collect();
        assert_eq!(found, [(free.id, false)]);
    }

    async fn the_planner_sees_each_claim_once_its_time_has_come(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let task = world.task(member.circle).await;
        let starts = world.now().plus_days(5);
        let slot = world.slot(&task, starts, starts.plus_hours(1)).await;
        let claim = take(&world, &slot, &member).await.unwrap().unwrap();
        let to_plan = async |at| {
            let found = world.store.claims_to_plan(at, 10).await.unwrap();
            found.into_iter().map(|(_, claim)| claim).collect::<Vec<_>>()
        };
        // At once, because whoever promised may want to read it.
        assert_eq!(to_plan(world.now()).await, [claim.id]);
        let now = world.now();
        world.write(async |unit| unit.plan_again(&claim, starts, now).await).await;
        let due = starts.plus_hours(-42);
        assert_eq!(to_plan(due.plus_seconds(-1)).await, []);
        assert_eq!(to_plan(due).await, [claim.id]);
        assert_eq!(world.store.next_due().await.unwrap(), Some(due));
        world.write(async |unit| unit.planned(claim.id).await).await;
        assert_eq!(to_plan(due).await, []);
        assert_eq!(world.store.next_due().await.unwrap(), None);
        world.write(async |unit| unit.plan_again(&claim, now.plus_hours(1), now).await).await;
        assert_eq!(to_plan(now).await, [claim.id]);
    }

    async fn the_claims_of_a_place_are_found_whoever_made_them(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let (member, other) = (world.friend(circle).await, world.friend(circle).await);
        let slot = world.open_slot(circle).await;
        let now = world.now();
        // The place had another person when the slot was taken.
        world
            .try_write(async |unit| unit.take_place(&slot, member.id, other.person, now).await)
            .await
            .unwrap()
            .unwrap();
        let found = world.read().await.claims_of_place(member.id, now, 10).await.unwrap();
        assert_eq!(found.iter().map(|(_, slot)| slot.id).collect::<Vec<_>>(), [slot.id]);
        assert!(world.read().await.claims_of_place(other.id, now, 10).await.unwrap().is_empty());
    }

    async fn elsewhere_less_than_half_an_hour_apart_is_close(database) {
        let world = World::new(database).await;
        let (circle, elsewhere) = (world.circle().await, world.circle().await);
        let member = world.friend(circle).await;
        let starts = world.now().plus_days(1);
        let task = world.task(circle).await;
        let own = world.slot(&task, starts, starts.plus_hours(1)).await;
        assert!(take(&world, &own, &member).await.unwrap().is_some());
        let later = |minutes| starts.plus_minutes(minutes);
        for (circle, from, to, overlaps) in [
            (elsewhere, 60, 90, Some(false)),
            (elsewhere, 89, 120, Some(false)),
            (elsewhere, 90, 120, None),
            (elsewhere, -60, -29, Some(false)),
            (elsewhere, -60, -30, None),
            (elsewhere, 30, 90, Some(true)),
            (circle, 60, 90, None),
            (circle, 30, 90, Some(true)),
        ] {
            let (id, starts, ends) = (SlotId::new(&RandomIds), later(from), later(to));
            let slot = Slot { id, circle, starts, ends, ..own.clone() };
            let found = world.read().await.promised_around(member.person, &slot).await.unwrap();
            assert_eq!(found.map(|found| found.overlaps), overlaps, "{from} to {to}");
        }
        let nothing = world.read().await.promised_around(member.person, &own).await.unwrap();
        assert_eq!(nothing, None, "not itself");
    }
}
