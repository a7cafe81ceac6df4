//! What a slot's page offers beside taking it: swaps, waiting for a place, taking back.

use crate::http::address::Path;
use kith_app::{
    About, Clash, DoorText, Failure, RunningLate, SlotMore, SlotPage, SwapAnswer, SwapChoices,
    SwapOutcome, SwapView, Waiting,
};
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use kith_domain::{ClaimState, TaskKind};

use super::slots::slot_path;
use super::taking_for::ForThem;
use super::{Answered, go};
use crate::form_view::{FieldView, Post};
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::sentence_for;
use crate::page::slot_more::{After, More, Offered};
use crate::page::view::Choice;
use crate::words;

/// The form that asks somebody by name: where it goes, whom, and what was chosen.
pub(super) type Swap = (Post, Vec<Choice>, FieldView);

type Slot = Path<(CircleId, SlotId)>;

fn dated(kind: TaskKind, at: jiff::civil::DateTime) -> String {
    format!("{} on {}", words::task_kind(kind.as_str()), words::day_at(at))
}

/// What was typed into the forms of the page, when something was wrong with it.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    /// A word for whoever comes next.
    pub(super) left: FieldView,
    /// For whom it is taken, and how often.
    pub(super) for_them: ForThem,
    /// A kind word.
    pub(super) kind: FieldView,
}

/// What was left to say, and "From Joan. Yesterday, 3pm".
pub(super) fn left_word(caller: &Caller, about: &About, word: &DoorText) -> (String, String) {
    let today = about.zone.date(caller.visit.now());
    let by = word.by.as_deref().unwrap_or("somebody who was in the circle");
    let when = words::moment(about.zone.local(word.at), today);
    (word.text.clone(), format!("From {by}. {when}"))
}

/// The parts of the page.
pub(super) fn parts(caller: &Caller, view: &SlotPage, more: &SlotMore, typed: &Typed) -> More {
    let about = &view.about;
    let own = slot_path(about.circle, view.slot.id);
    let over = view.slot.ends <= caller.visit.now();
    let post = |word: &str| caller.post(format!("{own}/{word}"));
    let answer = |word: &str| post("swap/answer").with("answer", Some(word.to_owned()));
    let wait = |word: &str| post("wait").with("wait", Some(word.to_owned()));
    // Once it is over, everything that is left to say is one form.
    let with_done = over && more.how_it_was.is_some_and(|was| was.state != ClaimState::Done);
    More {
        offered: more.offered.as_ref().map(|swap| Offered {
            sentence: offered(swap),
            yes: answer("yes"),
            no: answer("no"),
        }),
        offering: more.offering.as_ref().map(|swap| (offering(swap), answer("back"))),
        clash: more.clash.map(clash).filter(|_| {
            !view.slot.own.is_some_and(ClaimState::is_live) && view.slot.ends > caller.visit.now()
        }),
        take_back: more.may_take_back.then(|| super::slot::take_knowing(caller, &own)),
        wait: (more.waiting == Waiting::MayWait).then(|| wait("yes")),
        waiting: match more.waiting {
            Waiting::Waits(0) => {
                Some(("You wait for a place. We ask you before the others.".to_owned(), wait("no")))
            }
            Waiting::Waits(others) => {
                let others = words::how_many(others, "other waits", "others wait");
                let said = format!(
                    "You wait for a place, and {others} too. You are all asked at once, before the \
                     rest of the circle."
                );
                Some((said, wait("no")))
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
        late: (more.door.may_be_late && !view.late.iter().any(|late| late.is_you))
            .then(|| post("late")),
        late_said: view.late.iter().map(|late| running_late(about, late)).collect(),
        swap_back: more.may_swap_back.then(|| post("undo")),
        hand_over: more.door.hand_over.as_ref().map(|word| left_word(caller, about, word)),
        leave_word: (more.door.may_hand_over && !with_done)
            .then(|| (post("hand-over"), typed.left.clone())),
        food: more.door.food.clone(),
        write_door: more.door.may_write.then(|| format!("{}/door", circle_path(about.circle))),
        take_for: super::taking_for::form(caller, &own, more, &typed.for_them),
        speak_for: more
            .spoken_for
            .iter()
            .map(|(id, name)| {
                (format!("{name} rang? Say it for {name}"), format!("{own}/for/{id}"))
            })
            .collect(),
        hospice: view.hospice_words.last().filter(|(.., counts)| *counts).map(|(what, at, _)| {
            let said = super::slot_history::hospice_word(caller, about, *what, *at);
            format!("{said}. Nobody’s promise has changed by that.")
        }),
        how: more.may_say_how_it_went.then(|| format!("{own}/how")),
        worried: (view.slot.own.is_some() || more.how_it_was.is_some())
            .then(|| format!("{}/worried", circle_path(about.circle))),
        after: more.how_it_was.map(|was| After {
            known: said_of(was.state),
            done: (was.state != ClaimState::Done).then(|| post("done")),
            kind: was.may_add.then(|| typed.kind.clone()),
            hand_over: (more.door.may_hand_over && with_done).then(|| typed.left.clone()),
            readers: about.patient.clone().unwrap_or_else(|| "The circle".to_owned()),
            not_done: (over && was.state != ClaimState::Missed).then(|| post("not-done")),
            over,
        }),
    }
}

/// What whoever promised it has said of it, or somebody in charge has.
pub(super) const fn said_of(state: ClaimState) -> Option<&'static str> {
    match state {
        ClaimState::Done => Some("It was done. Thank you."),
        ClaimState::Missed => Some("It did not happen. That is all right."),
        ClaimState::Claimed | ClaimState::CoverWanted | ClaimState::Dropped => None,
    }
}

/// "You said at 2.40pm that you’re running late."
fn running_late(about: &About, late: &RunningLate) -> String {
    let at = words::time(about.zone.local(late.at).time());
    match (late.is_you, &late.name) {
        (true, _) => format!("You said at {at} that you’re running late."),
        (false, Some(name)) => format!("{name} said at {at}: running late, and on the way."),
        (false, None) => format!("Whoever comes said at {at}: running late, and on the way."),
    }
}

/// What else the reader has promised around that time.
fn clash(other: Clash) -> String {
    let (from, to) = (other.starts, other.ends);
    let times = words::times(from.time(), to.time());
    let day = words::day(from.date());
    if other.overlaps {
        format!("You have promised something else from {times}, {day}.")
    } else {
        format!(
            "You have promised something else, and elsewhere, from {times}, {day}. Is there time to \
             get there?"
        )
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

/// Whom one may ask by name, and for what in return; nobody where it is not sure who asks. And whom one
/// rings instead.
pub(super) async fn choices(
    caller: &Caller,
    view: &SlotPage,
    field: FieldView,
) -> Result<(Option<Swap>, Option<String>), Answer> {
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
    Ok(((choices.len() > 1).then_some((post, choices, field)), to_ring(&found)))
}

/// "Alan gets no e-mail from us: ring Alan, and take it for Alan on the page of the task."
fn to_ring(found: &SwapChoices) -> Option<String> {
    let who = words::list(&found.to_ring);
    match found.to_ring.len() {
        0 => found.some_to_ring.then(|| {
            "Whoever gets no e-mail from us is not in this list. You could ring them: whoever runs the \
             circle can put down what they say."
                .to_owned()
        }),
        1 => Some(format!("{who} gets no e-mail from us: please ring {who}.")),
        _ => Some(format!("{who} get no e-mail from us: please ring them.")),
    }
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

/// Waits for a place, or no more.
pub(crate) async fn wait(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let wait = fields.get("wait") == "yes";
    caller.web.app.wait_for_slot(&caller.visit, circle, slot, wait, receipt).await?;
    let said = if wait { "waits" } else { "waits-not" };
    go(&format!("{}?said={said}", slot_path(circle, slot)))
}
