//! What people do of an afternoon, drawn by chance, through the use cases.

use jiff::ToSpan as _;
use kith_app::{
    CannotHow, ChangeOutcome, CircleChange, Failure, MailForm, TakeOff, TaskChange, Touching,
};
use kith_domain::ids::SlotId;
use kith_domain::{Clock as _, RepeatInput, TaskInput};
use kith_tests::clock::london;
use kith_tests::locked;

use crate::chance::Chance;
use crate::town::{Somebody, Town};
use crate::truth::{Dated, slots};

/// Days ahead for which somebody promises something.
const AHEAD_DAYS: i64 = 4;

/// One thing that somebody does. Says what it was, and how it went.
pub(crate) async fn something(town: &Town, chance: &Chance) -> String {
    let (what, how) = match chance.up_to(24) {
        0..=8 => ("take", take(town, chance).await),
        9..=10 => ("give back", give_back(town, chance, CannotHow::GiveBack).await),
        11 => ("ask for cover", give_back(town, chance, CannotHow::AskForCover).await),
        12..=14 => ("move", move_slot(town, chance).await),
        15 => ("take off", take_off(town, chance).await),
        16 => ("task", add_task(town, chance).await),
        17 => ("pause or go on", pause_or_go_on(town, chance).await),
        18 => ("remove", remove(town, chance).await),
        19 => ("join", Ok(town.friend_joins().await)),
        20..=22 => ("choose", choose(town, chance).await),
        23 => ("undo", undo(town, chance).await),
        _ => ("code", ask_code(town, chance).await),
    };
    match how {
        Ok(how) => format!("{what}: {how}"),
        Err(failure) => format!("{what}: no, {failure}"),
    }
}

fn nobody() -> String {
    "nothing to do".to_owned()
}

fn a_friend(town: &Town, chance: &Chance) -> Option<Somebody> {
    chance.pick(&locked(&town.friends)).cloned()
}

/// Slots of the next days that stand.
async fn coming(town: &Town) -> Vec<Dated> {
    let now = town.world.clock.now();
    let until = now.plus_days(AHEAD_DAYS);
    let mut slots = slots(&town.world.beside).await;
    slots.retain(|slot| slot.state == "open" && slot.starts() > now && slot.starts() < until);
    slots
}

async fn a_coming_slot(town: &Town, chance: &Chance, taken: bool) -> Option<Dated> {
    let mut slots = coming(town).await;
    slots.retain(|slot| if taken { slot.taken > 0 } else { slot.taken < slot.places });
    chance.pick(&slots).cloned()
}

async fn take(town: &Town, chance: &Chance) -> Result<String, Failure> {
    let (Some(friend), Some(slot)) =
        (a_friend(town, chance), a_coming_slot(town, chance, false).await)
    else {
        return Ok(nobody());
    };
    let visit = town.visit(&friend).await;
    let slot = SlotId::from_uuid(slot.id);
    let outcome = town.world.app.take_slot(&visit, town.circle, slot, town.receipt()).await?;
    Ok(format!("{} {outcome:?}", friend.member.address))
}

/// Somebody who has promised a slot that is still to come, and the slot.
async fn a_promise(town: &Town, chance: &Chance) -> Option<(Somebody, SlotId)> {
    let now = town.world.clock.now();
    let wishes = crate::truth::wishes(&town.world.beside).await;
    let friends = locked(&town.friends).clone();
    let standing: Vec<_> = wishes
        .values()
        .filter(|wish| wish.stands() && wish.starts() > now)
        .filter_map(|wish| {
            let of = |friend: &&Somebody| friend.member.place.person.as_uuid() == wish.person_id;
            friends.iter().find(of).map(|friend| (friend.clone(), SlotId::from_uuid(wish.slot_id)))
        })
        .collect();
    chance.pick(&standing).cloned()
}

async fn give_back(town: &Town, chance: &Chance, how: CannotHow) -> Result<String, Failure> {
    let Some((friend, slot)) = a_promise(town, chance).await else { return Ok(nobody()) };
    let visit = town.visit(&friend).await;
    let app = &town.world.app;
    let outcome = app.cannot_make_it(&visit, town.circle, slot, how, town.receipt()).await?;
    Ok(format!("{} {outcome:?}", friend.member.address))
}

async fn undo(town: &Town, chance: &Chance) -> Result<String, Failure> {
    let Some((friend, slot)) = a_promise(town, chance).await else { return Ok(nobody()) };
    let visit = town.visit(&friend).await;
    town.world.app.undo_take(&visit, town.circle, slot, town.receipt()).await?;
    Ok(friend.member.address)
}

async fn move_slot(town: &Town, chance: &Chance) -> Result<String, Failure> {
    let Some(slot) = a_coming_slot(town, chance, !chance.one_in(3)).await else {
        return Ok(nobody());
    };
    let day = london().date(slot.starts()).saturating_add(chance.up_to(1).days());
    let hour = chance.between(7, 21);
    let (date, start) = (day.to_string(), format!("{hour:02}:{:02}", 15 * chance.up_to(3)));
    let end = format!("{:02}:50", hour + 1);
    let scope = if chance.one_in(4) { "following" } else { "this" };
    let visit = town.visit(&town.carer).await;
    let app = &town.world.app;
    let id = SlotId::from_uuid(slot.id);
    let mut wanted = TaskChange {
        scope,
        date: &date,
        start: &start,
        end: &end,
        places: "2",
        if_nobody: "tell_me",
        ..TaskChange::default()
    };
    let asked = app.change_task(&visit, town.circle, id, &wanted, town.receipt()).await?;
    if let ChangeOutcome::Asks(asks) = &asked {
        wanted.touching = Touching { promises: "change", seen: &asks.seen };
        app.change_task(&visit, town.circle, id, &wanted, town.receipt()).await?;
    }
    Ok(format!("{scope} from {} to {date} {start}", slot.wall(&london())))
}

async fn take_off(town: &Town, chance: &Chance) -> Result<String, Failure> {
    let Some(slot) = a_coming_slot(town, chance, true).await else { return Ok(nobody()) };
    let visit = town.visit(&town.carer).await;
    let (app, id) = (&town.world.app, SlotId::from_uuid(slot.id));
    let which = if chance.one_in(6) { TakeOff::Following } else { TakeOff::This };
    let nothing = Touching::default();
    let receipt = town.receipt();
    let asked = app.take_off_rota(&visit, town.circle, id, which, nothing, receipt).await?;
    if let ChangeOutcome::Asks(asks) = &asked {
        let touching = Touching { promises: "change", seen: &asks.seen };
        let receipt = town.receipt();
        app.take_off_rota(&visit, town.circle, id, which, touching, receipt).await?;
    }
    Ok(format!("{which:?} {}", slot.wall(&london())))
}

pub(crate) async fn add_task(town: &Town, chance: &Chance) -> Result<String, Failure> {
    let now = town.world.clock.now();
    let day = london().date(now).saturating_add(chance.between(1, 3).days());
    let hour = chance.between(6, 21);
    let (date, start) = (day.to_string(), format!("{hour:02}:{:02}", 5 * chance.up_to(11)));
    let end = format!("{:02}:55", hour + 1);
    let comes = *chance.pick(&["", "daily", "weekly"]).expect("three ways");
    let input = TaskInput {
        kind: "shopping",
        date: &date,
        start: &start,
        end: &end,
        places: "2",
        if_nobody: "tell_me",
        repeat: RepeatInput { comes, ..RepeatInput::default() },
        ..TaskInput::default()
    };
    let visit = town.visit(&town.carer).await;
    let ask = chance.one_in(2);
    town.world.app.add_task(&visit, town.circle, &input, ask, town.receipt()).await?;
    Ok(format!("{comes} {date} {start}"))
}

async fn pause_or_go_on(town: &Town, chance: &Chance) -> Result<String, Failure> {
    // Most of the time a circle is not paused.
    if chance.one_in(2) {
        return go_on(town).await;
    }
    let visit = town.visit(&town.carer).await;
    let app = &town.world.app;
    let pause = CircleChange::Pause;
    match app.change_circle_state(&visit, town.circle, pause, town.receipt()).await {
        Ok(state) => Ok(state.to_string()),
        Err(_) => go_on(town).await,
    }
}

/// The circle asks and reminds again.
pub(crate) async fn go_on(town: &Town) -> Result<String, Failure> {
    let visit = town.visit(&town.carer).await;
    let (app, resume) = (&town.world.app, CircleChange::Resume);
    let state = app.change_circle_state(&visit, town.circle, resume, town.receipt()).await?;
    Ok(state.to_string())
}

pub(crate) async fn remove(town: &Town, chance: &Chance) -> Result<String, Failure> {
    let Some(friend) = a_friend(town, chance) else { return Ok(nobody()) };
    let visit = town.visit(&town.carer).await;
    let place = friend.member.place.id;
    town.world.app.remove(&visit, town.circle, place, false, town.receipt()).await?;
    locked(&town.friends).retain(|other| other.member.place.id != place);
    Ok(friend.member.address)
}

async fn choose(town: &Town, chance: &Chance) -> Result<String, Failure> {
    let Some(friend) = a_friend(town, chance) else { return Ok(nobody()) };
    let or_none = |hour: i64| if chance.one_in(4) { String::new() } else { hour.to_string() };
    let day_before = or_none(chance.between(8, 19));
    let hours_before = or_none(chance.between(1, 6));
    let daily = if chance.one_in(8) { chance.between(8, 19).to_string() } else { String::new() };
    let (from, until) = (chance.between(8, 12).to_string(), chance.between(16, 20).to_string());
    let form = MailForm {
        day_before: &day_before,
        morning: chance.one_in(2),
        hours_before: &hours_before,
        daily: &daily,
        from: &from,
        until: &until,
        week_ahead: chance.one_in(2),
        asked: !chance.one_in(6),
        confirmed: chance.one_in(3),
        calendar: true,
        stopped: chance.one_in(10),
    };
    let visit = town.visit(&friend).await;
    town.world.app.save_my_mail_settings(&visit, form, town.receipt()).await?;
    Ok(format!("{} {form:?}", friend.member.address))
}

async fn ask_code(town: &Town, chance: &Chance) -> Result<String, Failure> {
    let Some(friend) = a_friend(town, chance) else { return Ok(nobody()) };
    let visit = town.world.stranger().await;
    town.world.app.ask_code(&visit, &friend.member.address, false).await?;
    Ok(friend.member.address)
}
