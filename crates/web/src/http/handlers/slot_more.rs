//! What a slot's page offers beside taking it: swaps, waiting for a place, taking back.

use crate::http::address::Path;
use kith_app::{
    Failure, SlotMore, SlotPage, SwapAnswer, SwapOutcome, SwapView, TakeOutcome, Waiting,
};
use kith_domain::TaskKind;
use kith_domain::ids::{CircleId, MembershipId, SlotId};

use super::slots::slot_path;
use super::{Answered, go};
use crate::form_view::{FieldView, Post};
use crate::http::answer::Answer;
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::http::problems::sentence_for;
use crate::page::slot_more::{More, Offered};
use crate::page::view::Choice;
use crate::words;

type Slot = Path<(CircleId, SlotId)>;

fn dated(kind: TaskKind, at: jiff::civil::DateTime) -> String {
    format!("{} on {}", words::task_kind(kind.as_str()), words::day_at(at))
}

/// The parts of the page.
pub(super) fn parts(caller: &Caller, view: &SlotPage, more: &SlotMore) -> More {
    let about = &view.about;
    let own = slot_path(about.circle, view.slot.id);
    let post = |word: &str| caller.post(format!("{own}/{word}"));
    let answer = |word: &str| post("swap/answer").with("answer", Some(word.to_owned()));
    let wait = |word: &str| post("wait").with("wait", Some(word.to_owned()));
    More {
        offered: more.offered.as_ref().map(|swap| Offered {
            sentence: offered(swap),
            yes: answer("yes"),
            no: answer("no"),
        }),
        offering: more.offering.as_ref().map(|swap| (offering(swap), answer("back"))),
        clash: more.clash.map(|(from, to)| {
            let times = words::times(from.time(), to.time());
            format!("You have promised something else from {times}, {}.", words::day(from.date()))
        }),
        take_back: more.may_take_back.then(|| post("take")),
        wait: (more.waiting == Waiting::MayWait).then(|| wait("yes")),
        waiting: match more.waiting {
            Waiting::Waits(1) => Some(("You are first in line.".to_owned(), wait("no"))),
            Waiting::Waits(place) => {
                let before = words::how_many(place - 1, "person is", "people are");
                let before = words::capital(&before);
                Some((format!("{before} in line before you."), wait("no")))
            }
            _ => None,
        },
        free: more.waiting == Waiting::Free,
        dates: (more.other_dates > 0).then(|| {
            let how_many = words::how_many(more.other_dates, "more date needs", "more dates need");
            (format!("{} someone", words::capital(&how_many)), format!("{own}/dates"))
        }),
        next_ring: more.next_ring.map(|at| {
            let at = words::day_at(about.zone.local(at));
            format!("We ask the closest first. The others are asked on {at}, if it is still free.")
        }),
        phone: more.door.phone.clone(),
        late: more.door.may_be_late.then(|| post("late")),
        hand_over: more.door.hand_over.as_ref().map(|left| {
            let today = about.zone.date(caller.visit.now());
            let by = left.by.as_deref().unwrap_or("somebody who was in the circle");
            let when = words::moment(about.zone.local(left.at), today);
            (left.text.clone(), format!("From {by}. {when}"))
        }),
        leave_word: more.door.may_hand_over.then(|| post("hand-over")),
        food: more.door.food.clone(),
        write_door: more
            .door
            .may_write
            .then(|| format!("{}/door", crate::http::caller::circle_path(about.circle))),
        take_for: (!more.for_whom.is_empty()).then(|| {
            let choice =
                |(id, name): &(MembershipId, String)| Choice::plain(id.to_string(), name.clone());
            let people = more.for_whom.iter().map(choice).collect();
            (post("for"), people, FieldView::default())
        }),
        for_each: more
            .comes
            .map(|comes| format!("And {comes} from then on, as long as you do not end it")),
        how: more.may_say_how_it_went.then(|| format!("{own}/how")),
        worried: view.slot.own.map(|_| format!("{own}/worried")),
    }
}

fn offered(swap: &SwapView) -> String {
    let who = swap.with.as_deref().unwrap_or("Somebody in the circle");
    match swap.in_return {
        None => format!("{who} asks whether you could take this."),
        Some((kind, at)) => format!(
            "{who} asks whether you could take this. In return {who} would do this one of yours: {}.",
            dated(kind, at)
        ),
    }
}

fn offering(swap: &SwapView) -> String {
    let who = swap.with.as_deref().unwrap_or("somebody");
    match swap.in_return {
        None => format!("You have asked {who} to take this."),
        Some((kind, at)) => {
            format!("You have asked {who} to take this, and you would do: {}.", dated(kind, at))
        }
    }
}

/// Whom one may ask by name, and for what in return; nobody where it is not sure who asks.
pub(super) async fn choices(
    caller: &Caller,
    view: &SlotPage,
    field: FieldView,
) -> Result<Option<(Post, Vec<Choice>, FieldView)>, Answer> {
    let (circle, slot) = (view.about.circle, view.slot.id);
    let found = caller.web.app.swap_choices(&caller.visit, circle, slot).await?;
    let mut choices = vec![Choice::plain("", "Choose")];
    for with in &found.people {
        let (id, name) = (with.membership, &with.name);
        choices.push(Choice::plain(id.to_string(), format!("{name} takes it")));
        for (slot, kind, at) in &with.slots {
            let label = format!("{name} takes it, and I do {}", dated(*kind, *at));
            choices.push(Choice::plain(format!("{id}:{slot}"), label));
        }
    }
    let post = caller.post(format!("{}/swap", slot_path(circle, slot)));
    Ok((choices.len() > 1).then_some((post, choices, field)))
}

/// Asks somebody by name.
pub(crate) async fn offer(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let (to, in_return) = match fields.get("to").split_once(':') {
        Some((to, slot)) => (to, slot.parse::<SlotId>().ok()),
        None => (fields.get("to"), None),
    };
    let chosen = (to.parse::<MembershipId>().ok(), in_return);
    match caller.web.app.offer_swap(&caller.visit, circle, slot, chosen, receipt).await {
        Ok(()) => {
            (caller.web.mail_waits)();
            go(&format!("{}?said=swap-asked", slot_path(circle, slot)))
        }
        Err(Failure::Invalid(problems)) => {
            let wrong =
                FieldView { value: fields.take("to"), error: sentence_for(&problems, "to") };
            super::slot::cannot_again(&caller, circle, slot, wrong).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Yes, no, or taken back.
pub(crate) async fn answer(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let answer = match fields.get("answer") {
        "yes" => SwapAnswer::Yes,
        "back" => SwapAnswer::TakeBack,
        _ => SwapAnswer::No,
    };
    let app = &caller.web.app;
    let outcome = app.answer_swap(&caller.visit, circle, slot, answer, receipt).await?;
    (caller.web.mail_waits)();
    let said = match (outcome, answer) {
        (SwapOutcome::Swapped, _) => "swapped",
        (SwapOutcome::Over, _) => "gone",
        (SwapOutcome::Declined, SwapAnswer::TakeBack) => "swap-back",
        (SwapOutcome::Declined, _) => return go("/me/rota?said=sorry"),
    };
    go(&format!("{}?said={said}", slot_path(circle, slot)))
}

/// Takes it for somebody without e-mail.
pub(crate) async fn take_for(
    caller: Caller,
    Path((circle, slot)): Slot,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let member = fields.get("member").parse().ok();
    let app = &caller.web.app;
    let whom = (member, fields.has("each_time"));
    let said = match app.take_for(&caller.visit, circle, slot, whom, receipt).await {
        Ok(TakeOutcome::Yours) => "for-them",
        Ok(TakeOutcome::Full) => "taken",
        Ok(TakeOutcome::Gone) | Err(Failure::Invalid(_)) => "gone",
        Err(other) => return Err(other.into()),
    };
    go(&format!("{}?said={said}", slot_path(circle, slot)))
}

/// Waits for a place, or no more.
pub(crate) async fn wait(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let wait = fields.get("wait") == "yes";
    caller.web.app.wait_for_slot(&caller.visit, circle, slot, wait, receipt).await?;
    let said = if wait { "waits" } else { "waits-not" };
    go(&format!("{}?said={said}", slot_path(circle, slot)))
}
