//! A day without a relay, and clocks that jump: what is still of use goes out once, and the rest
//! ends where people see it.

use std::collections::{BTreeMap, BTreeSet};

use kith_app::Delivery;
use kith_domain::ids::TaskId;
use kith_domain::{
    Clock as _, Disclosure, IfNobody, MemberRole, Places, Repeat, TaskDraft, TaskKind, Timestamp,
};
use kith_mail::{DeliveryError, Reason};
use kith_store::StoreError;
use kith_tests::clock::{local_times, wall};
use kith_tests::mail_rows::MailRow;
use kith_tests::world::Member;
use kith_tests::{Sink, World, both};
use kith_vault::RandomIds;
use tokio_util::sync::CancellationToken;

/// Friends, each of whom has promised a slot of every quarter of an hour: 2,000 reminders.
const FRIENDS: usize = 40;
/// Fewer on SQLite, which is not optimised in a test and works in its process: 400 reminders.
const FEWER_FRIENDS: usize = 8;
/// Quarters of an hour from eleven on at which slots start.
const QUARTERS: i64 = 25;
/// Reminders of a slot: on the evening before, and two hours before.
const EACH: usize = 2;

/// Friends who have promised to do the slots of 25 November, one each every quarter of an hour.
async fn promised(world: &World, friends: usize, quarters: i64) -> usize {
    let circle = world.circle("Heron").await;
    let mut members: Vec<Member> = Vec::new();
    for number in 0..friends {
        let name = format!("friend{number}");
        members.push(world.member(circle, MemberRole::Friend, &name).await);
    }
    let kind = TaskKind::Shopping;
    let places = Places::new(8, kind).expect("eight places");
    let draft = TaskDraft {
        kind,
        first: local_times("2026-11-25", "11:00"),
        repeat: Repeat::Once,
        places,
        disclosure: Disclosure::NONE,
        if_nobody: IfNobody::TellMe,
        note: None,
    };
    let (day, first, now) = (draft.first.date(), wall("2026-11-25T11:00"), world.clock.now());
    for quarter in 0..quarters {
        let starts = first.plus_minutes(15 * quarter);
        world
            .write(async |unit| {
                for some in members.chunks(8) {
                    let id = TaskId::new(&RandomIds);
                    unit.add_task(id, circle, &draft, None, now).await?;
                    let task = unit.task(id).await?.ok_or(StoreError::NotFound)?;
                    let dated = [(day, starts, starts.plus_hours(1))];
                    let added = unit.add_slots(&task, &dated, day).await?;
                    let slot = *added.first().ok_or(StoreError::Conflict)?;
                    let slot = unit.slot(slot).await?.ok_or(StoreError::NotFound)?;
                    for member in some {
                        let place = &member.place;
                        let taken = unit.take_place(&slot, place.id, place.person, now).await?;
                        taken.ok_or(StoreError::Conflict)?;
                    }
                }
                Ok(())
            })
            .await;
    }
    friends * usize::try_from(quarters).expect("few")
}

async fn plan(world: &World) {
    while world.app.plan_reminders().await.unwrap() > 0 {}
}

/// Looks until nothing more is taken.
async fn look(world: &World, delivery: &Delivery) {
    let stop = CancellationToken::new();
    while world.app.deliver_due(delivery, &stop).await.unwrap().more {}
}

fn ends(mails: &[MailRow]) -> BTreeMap<String, usize> {
    let mut ends = BTreeMap::new();
    for mail in mails {
        *ends.entry(mail.ended()).or_default() += 1;
    }
    ends
}

fn count(ends: &BTreeMap<String, usize>, what: &str) -> usize {
    ends.get(what).copied().unwrap_or_default()
}

both! {
    async fn after_a_day_without_relay_what_is_of_use_goes_out_once(database) {
        let world = World::at(database, "2026-11-24T15:00:00Z").await;
        let friends = if database.is_postgres() { FRIENDS } else { FEWER_FRIENDS };
        let due = promised(&world, friends, QUARTERS).await * EACH;
        assert_eq!(due, if database.is_postgres() { 2_000 } else { 400 });
        plan(&world).await;
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        sink.answer(vec![DeliveryError::RelayDown(Reason::Code(535)); due]);
        // From the evening before until two in the afternoon.
        let back = wall("2026-11-25T14:00");
        world.clock.set(wall("2026-11-24T18:00"));
        while world.clock.now() < back {
            look(&world, &delivery).await;
            let pause = world.app.relay_pause().expect("the relay is down");
            // At night nothing is tried.
            let next = pause.until.max(world.clock.now().plus_minutes(5));
            world.clock.set(next.min(back));
        }
        let tried = sink.handed().len();
        assert!(tried < 60, "they did not all find out for themselves: {tried}");
        assert_eq!(sink.accepted().len(), 0);
        look(&world, &delivery).await;
        let over = ends(&world.mails().await);
        // Slots that start by a quarter past two: of no use now, and said already.
        let gone = friends * 14 * EACH;
        assert_eq!(count(&over, "expired: too_late"), gone, "{over:?}");
        sink.heal();
        // The next one that is tried opens the gate for all others.
        for _ in 0..3 {
            let pause = world.app.relay_pause().map(|pause| pause.until);
            world.clock.set(pause.unwrap_or(world.clock.now()).max(world.clock.now()));
            look(&world, &delivery).await;
        }
        let now = world.clock.now();
        let useful = |minutes: i64| first_of(minutes).plus_minutes(-15) > now;
        let still: usize = (0..QUARTERS).filter(|quarter| useful(15 * quarter)).count();
        let accepted = sink.accepted();
        // What is due later today is still planned: those reminders of two hours before.
        let later: usize = (0..QUARTERS)
            .filter(|quarter| first_of(15 * quarter).plus_hours(-2) > now)
            .count();
        assert_eq!(accepted.len(), friends * (EACH * still - later), "each once");
        let ids: BTreeSet<_> = accepted.iter().map(|mail| mail.header("Message-ID")).collect();
        assert_eq!(ids.len(), accepted.len(), "and none twice");
        // The rest of the day.
        world.clock.set(wall("2026-11-25T19:00"));
        look(&world, &delivery).await;
        let ended = ends(&world.mails().await);
        let sent = count(&ended, "sent: -");
        assert_eq!(sent + count(&ended, "expired: too_late"), due, "{ended:?}");
        assert_eq!(sent, sink.accepted().len());
        println!("{due} due, {sent} sent, {} expired, {tried} tries", due - sent);
    }

    async fn a_clock_that_jumps_repeats_nothing_and_loses_nothing(database) {
        let world = World::at(database, "2026-11-24T15:00:00Z").await;
        let promises = promised(&world, 8, 12).await;
        plan(&world).await;
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        let all = promises * EACH;
        world.clock.set(wall("2026-11-24T18:00"));
        look(&world, &delivery).await;
        assert_eq!(sink.accepted().len(), promises, "those of the evening before");
        // An hour back, over and over.
        for _ in 0..3 {
            world.clock.advance(-3_600);
            plan(&world).await;
            look(&world, &delivery).await;
            assert_eq!(sink.accepted().len(), promises, "nothing twice");
            assert_eq!(world.mails().await.len(), all);
        }
        // Some wait for their next try when the clock goes back.
        world.clock.set(wall("2026-11-25T09:00"));
        sink.answer(vec![DeliveryError::Retry(Reason::Code(451)); 4]);
        look(&world, &delivery).await;
        world.clock.advance(-3_600);
        look(&world, &delivery).await;
        // A day ahead, and home again.
        world.clock.advance(86_400);
        plan(&world).await;
        look(&world, &delivery).await;
        world.clock.set(wall("2026-11-25T12:00"));
        plan(&world).await;
        look(&world, &delivery).await;
        let ended = ends(&world.mails().await);
        let sent = count(&ended, "sent: -");
        assert_eq!(sent + count(&ended, "expired: too_late"), all, "{ended:?}");
        let accepted = sink.accepted();
        let ids: BTreeSet<_> = accepted.iter().map(|mail| mail.header("Message-ID")).collect();
        assert_eq!((ids.len(), accepted.len()), (sent, sent));
    }
}

fn first_of(minutes: i64) -> Timestamp {
    wall("2026-11-25T11:00").plus_minutes(minutes)
}
