//! At the door: late, a word for whoever comes next, what whoever comes needs, whether somebody came.

use crate::http::address::Path;
use kith_app::{DoorForm, Failure, Late, Problem, Promise};
use kith_domain::ClaimState;
use kith_domain::ids::{CircleId, SlotId};

use super::slot_more::Typed;
use super::slots::slot_path;
use super::{Answered, again, go, page};
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::field;
use crate::page::door::{DoorPage, HowPage, PromiseRow};
use crate::page::layout::Place;

type Slot = Path<(CircleId, SlotId)>;

/// "I'm running late."
pub(crate) async fn late(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let outcome = caller.web.app.running_late(&caller.visit, circle, slot, receipt).await?;
    (caller.web.mail_waits)();
    let said = if outcome == Late::Told { "late" } else { "not-late" };
    go(&format!("{}?said={said}", slot_path(circle, slot)))
}

/// A word for whoever comes next.
pub(crate) async fn hand_over(
    caller: Caller,
    Path((circle, slot)): Slot,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let text = fields.get("hand_over");
    let own = slot_path(circle, slot);
    match caller.web.app.leave_word(&caller.visit, circle, slot, text, receipt).await {
        Ok(()) => go(&format!("{own}?said=handed-over")),
        Err(Failure::Invalid(problems)) => {
            let left = field(&fields, &problems, "hand_over");
            let typed = Typed { left, ..Typed::default() };
            super::slot::once_more(&caller, circle, slot, &typed).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Whether something is written down for whoever comes.
pub(super) const fn known(known: bool) -> &'static str {
    if known { "written down" } else { "not said yet" }
}

fn door(caller: &Caller, view: &DoorForm, fields: &Fields, problems: &[Problem]) -> DoorPage {
    let base = circle_path(view.about.circle);
    DoorPage {
        layout: caller.family(&view.about, Place::Rota),
        back: format!("{base}/rota"),
        post: caller.post(format!("{base}/door")),
        phone: field(fields, problems, "phone"),
        food: field(fields, problems, "food"),
        own: false,
    }
}

pub(crate) async fn door_page(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let view = caller.web.app.door_form(&caller.visit, circle).await?;
    let own = match view.phone {
        None => caller.web.app.my_details(&caller.visit).await?.phone,
        Some(_) => None,
    };
    let fields = Fields::filled(&[
        ("phone", view.phone.as_deref().or(own.as_deref()).unwrap_or_default()),
        ("food", view.food.as_deref().unwrap_or_default()),
    ]);
    page(&DoorPage { own: own.is_some(), ..door(&caller, &view, &fields, &[]) })
}

pub(crate) async fn write_door(
    caller: Caller,
    Path(circle): Path<CircleId>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let texts = (fields.get("phone"), fields.get("food"));
    match caller.web.app.write_door(&caller.visit, circle, texts, receipt).await {
        Ok(()) => go(&format!("{}/door?said=saved", circle_path(circle))),
        Err(Failure::Invalid(problems)) => {
            let view = caller.web.app.door_form(&caller.visit, circle).await?;
            again(&door(&caller, &view, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

/// Whether somebody came.
pub(crate) async fn how_page(caller: Caller, Path((circle, slot)): Slot) -> Answered {
    let view = caller.web.app.how_it_went(&caller.visit, circle, slot).await?;
    let own = slot_path(circle, slot);
    let post = |promise: &Promise, done: bool| {
        let word = if done { "done" } else { "missed" };
        caller
            .post(format!("{own}/how"))
            .with("claim", Some(promise.claim.to_string()))
            .with("went", Some(word.to_owned()))
    };
    let row = |promise: &Promise| PromiseRow {
        name: promise.name.clone().unwrap_or_else(|| "Somebody".to_owned()),
        known: match promise.state {
            ClaimState::Done => "It was done.",
            ClaimState::Missed => "It did not happen.",
            _ => "Nobody has said how it went.",
        }
        .to_owned(),
        done: (promise.state != ClaimState::Done).then(|| post(promise, true)),
        missed: (promise.state != ClaimState::Missed).then(|| post(promise, false)),
    };
    page(&HowPage {
        layout: caller.family(&view.about, Place::Rota),
        promises: view.promises.iter().map(row).collect(),
        back: own,
    })
}

pub(crate) async fn how(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let claim = fields.get("claim").parse().map_err(|_| Answer::NotHere)?;
    let done = fields.get("went") == "done";
    let app = &caller.web.app;
    app.say_how_it_went(&caller.visit, circle, slot, (claim, done), receipt).await?;
    go(&format!("{}/how?said=saved", slot_path(circle, slot)))
}
