//! Handlers: extract, one use case, a page or a redirect.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::answer::Answer;

pub(crate) mod acting;
pub(crate) mod after;
pub(crate) mod away;
pub(crate) mod cards;
pub(crate) mod circle_settings;
pub(crate) mod concerns;
pub(crate) mod dates;
pub(crate) mod demo;
pub(crate) mod devices;
pub(crate) mod door;
pub(crate) mod every_time;
pub(crate) mod feed;
pub(crate) mod front;
pub(crate) mod health;
pub(crate) mod help_needed;
pub(crate) mod home;
pub(crate) mod hospice;
pub(crate) mod instead;
pub(crate) mod invitation;
pub(crate) mod invited_address;
pub(crate) mod joining;
pub(crate) mod link;
pub(crate) mod looks;
pub(crate) mod mail_settings;
pub(crate) mod me;
pub(crate) mod new_address;
pub(crate) mod news;
pub(crate) mod people;
pub(crate) mod private;
pub(crate) mod rota;
pub(crate) mod set_up;
pub(crate) mod several;
pub(crate) mod share_link;
pub(crate) mod sign_in;
pub(crate) mod slot;
pub(crate) mod slot_history;
pub(crate) mod slot_more;
pub(crate) mod slots;
pub(crate) mod stop;
pub(crate) mod surer;
pub(crate) mod tablet;
pub(crate) mod taken;
pub(crate) mod taking_for;
pub(crate) mod task;
pub(crate) mod traces;

/// What a handler returns.
pub(crate) type Answered = Result<Response, Answer>;

/// A page.
pub(crate) fn page(page: &impl Template) -> Answered {
    Ok(Html(page.render()?).into_response())
}

/// The same form again, with what is wrong beside its fields.
pub(crate) fn again(page: &impl Template) -> Answered {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

/// On to another page, by GET.
#[expect(clippy::unnecessary_wraps, reason = "handlers end with it")]
pub(crate) fn go(path: &str) -> Answered {
    Ok(Redirect::to(path).into_response())
}
