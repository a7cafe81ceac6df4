//! Being surer: the own number, and enrolling a device. The pages look the same for every member,
//! whatever may then be seen.

use crate::http::address::{Path, Query};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use kith_app::{Failure, Problem};
use kith_domain::Tier;
use kith_domain::ids::{CircleId, PersonId};
use serde::Deserialize;

use super::invitation::{admission, joining};
use super::sign_in::{Carried, let_in};
use super::{Answered, again, page};
use crate::form_view::OtherWay;
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::{field, secret};
use crate::page::carry_on::CarryOnPage;
use crate::page::invitation::{WordsFor, WordsInPage};
use crate::page::own_number::OwnNumberPage;
use crate::words;

#[derive(Deserialize)]
pub(crate) struct Going {
    next: Option<String>,
}

/// The page that a form which needs a surer session is answered with; what was typed is in it.
pub(crate) fn page_for_carried(
    caller: &Caller,
    circle: Option<CircleId>,
    tier: Tier,
    carried: Option<String>,
) -> Result<Response, Answer> {
    use askama::Template as _;
    let carried = Carried { next: None, carried };
    let html = if tier == Tier::Fresh {
        number_form(caller, circle, carried, &[]).render()?
    } else {
        enrol_form(caller, circle, carried, &Fields::default(), &[]).render()?
    };
    Ok((StatusCode::FORBIDDEN, Html(html)).into_response())
}

fn base(circle: Option<CircleId>) -> String {
    circle.map_or_else(String::new, circle_path)
}

fn number_form(
    caller: &Caller,
    circle: Option<CircleId>,
    carried: Carried,
    problems: &[Problem],
) -> OwnNumberPage {
    let base = base(circle);
    OwnNumberPage {
        layout: caller.plain(),
        carried: carried.carried.is_some(),
        post: caller
            .post(format!("{base}/number"))
            .with("next", carried.next)
            .with("carried", carried.carried),
        number: secret(problems, "number"),
        forgotten: OtherWay::Link(format!("{base}/enrol")),
        back: if circle.is_some() { format!("{base}/") } else { "/me".to_owned() },
    }
}

fn enrol_form(
    caller: &Caller,
    circle: Option<CircleId>,
    carried: Carried,
    fields: &Fields,
    problems: &[Problem],
) -> WordsInPage {
    WordsInPage {
        layout: caller.plain(),
        purpose: WordsFor::Device,
        post: caller
            .post(format!("{}/enrol", base(circle)))
            .with("next", carried.next)
            .with("carried", carried.carried),
        words: field(fields, problems, "words"),
        joining: joining(fields, problems),
    }
}

/// What `person` typed before a check, ready to be sent once more by a button.
pub(crate) fn carry_on(caller: &Caller, person: PersonId, parcel: &str) -> Option<CarryOnPage> {
    let bytes = caller.web.app.unpack_form(&caller.visit, person, parcel)?;
    let text = String::from_utf8(bytes).ok()?;
    let (action, typed) = text.split_once('\n')?;
    let fields: Vec<(String, String)> = serde_urlencoded::from_str(typed).ok()?;
    let what = words::what_was_typed(action);
    let pressed = words::what_was_pressed(action, &fields);
    Some(CarryOnPage { layout: caller.plain(), what, pressed, action: action.to_owned(), fields })
}

async fn give(caller: Caller, circle: Option<CircleId>, fields: Fields) -> Answered {
    match caller.web.app.give_number(&caller.visit, circle, fields.get("number")).await {
        Ok(new) => {
            let home = if circle.is_some() { format!("{}/", base(circle)) } else { "/me".into() };
            let_in(&caller, new, &Carried::of(&fields), &home)
        }
        Err(Failure::Invalid(problems)) => {
            again(&number_form(&caller, circle, Carried::of(&fields), &problems))
        }
        Err(other) => Err(other.into()),
    }
}

async fn enrol_device(caller: Caller, circle: Option<CircleId>, fields: Fields) -> Answered {
    match caller.web.app.enrol(&caller.visit, circle, &admission(&fields)).await {
        Ok(new) => {
            let home = if circle.is_some() { format!("{}/", base(circle)) } else { "/h".into() };
            let_in(&caller, new, &Carried::of(&fields), &home)
        }
        Err(Failure::Invalid(problems)) => {
            again(&enrol_form(&caller, circle, Carried::of(&fields), &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

/// Somebody must be signed in for either page to make sense.
async fn signed_in(caller: &Caller) -> Result<(), Answer> {
    caller.web.app.who(&caller.visit).await?.map(|_| ()).ok_or(Answer::SignIn)
}

fn going(next: Option<String>) -> Carried {
    Carried { next, carried: None }
}

pub(crate) async fn number_page(
    caller: Caller,
    Path(circle): Path<CircleId>,
    Query(query): Query<Going>,
) -> Answered {
    signed_in(&caller).await?;
    page(&number_form(&caller, Some(circle), going(query.next), &[]))
}

pub(crate) async fn number(
    caller: Caller,
    Path(circle): Path<CircleId>,
    fields: Fields,
) -> Answered {
    give(caller, Some(circle), fields).await
}

pub(crate) async fn number_page_own(caller: Caller, Query(query): Query<Going>) -> Answered {
    signed_in(&caller).await?;
    page(&number_form(&caller, None, going(query.next), &[]))
}

pub(crate) async fn number_own(caller: Caller, fields: Fields) -> Answered {
    give(caller, None, fields).await
}

pub(crate) async fn enrol_page(
    caller: Caller,
    Path(circle): Path<CircleId>,
    Query(query): Query<Going>,
) -> Answered {
    signed_in(&caller).await?;
    page(&enrol_form(&caller, Some(circle), going(query.next), &Fields::default(), &[]))
}

pub(crate) async fn enrol(
    caller: Caller,
    Path(circle): Path<CircleId>,
    fields: Fields,
) -> Answered {
    enrol_device(caller, Some(circle), fields).await
}

pub(crate) async fn enrol_page_own(caller: Caller, Query(query): Query<Going>) -> Answered {
    signed_in(&caller).await?;
    page(&enrol_form(&caller, None, going(query.next), &Fields::default(), &[]))
}

pub(crate) async fn enrol_own(caller: Caller, fields: Fields) -> Answered {
    enrol_device(caller, None, fields).await
}
