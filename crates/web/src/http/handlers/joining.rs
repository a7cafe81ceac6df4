//! Asking to join by the link that a carer sent, and coming in by her yes.

use axum::response::{IntoResponse, Redirect};
use kith_app::{Failure, JoinForm, JoinPage, Problem};

use super::invitation::{admission, closed, joining};
use super::{Answered, again, go, page};
use crate::http::address::Path;
use crate::http::caller::Caller;
use crate::http::cookies;
use crate::http::fields::Fields;
use crate::http::problems::field;
use crate::page::invitation::Joining;
use crate::page::joining::{AskToJoinPage, ChooseNumberPage, WaitingPage};
use crate::words;

async fn show(caller: &Caller, token: &str, fields: &Fields, problems: &[Problem]) -> Answered {
    let browser = caller.joining.as_deref();
    let found = match caller.web.app.join_page(&caller.visit, browser, token).await {
        Ok(found) => found,
        // Run out, taken back, never made, or answered with no: nobody is told which.
        Err(Failure::NotHere) => return page(&closed(caller, false)),
        Err(other) => return Err(other.into()),
    };
    match found {
        JoinPage::Ask { nature_name } => {
            let html = AskToJoinPage {
                layout: caller.plain(),
                circle: nature_name,
                post: caller.post(format!("/join/{token}")),
                name: field(fields, problems, "name"),
                email: field(fields, problems, "email"),
                shares_mailbox: fields.has("shares_mailbox"),
                shared_computer: fields.has("shared_computer"),
            };
            if problems.is_empty() { page(&html) } else { again(&html) }
        }
        JoinPage::Waiting { nature_name, words, until } => page(&WaitingPage {
            layout: caller.plain(),
            circle: nature_name,
            words,
            until: words::day_month(caller.visit.organisation.zone.date(until)),
            again: format!("/join/{token}"),
        }),
        JoinPage::Admitted { nature_name, here } => {
            let html = ChooseNumberPage {
                layout: caller.plain(),
                circle: nature_name,
                post: caller.post(format!("/join/{token}/in")),
                joining: Joining { here, ..joining(fields, problems) },
            };
            if problems.is_empty() { page(&html) } else { again(&html) }
        }
    }
}

/// GET: changes nothing, however often the preview of a message fetches it.
pub(crate) async fn open(caller: Caller, Path(token): Path<String>) -> Answered {
    show(&caller, &token, &Fields::default(), &[]).await
}

/// POST: asks.
pub(crate) async fn ask(caller: Caller, Path(token): Path<String>, fields: Fields) -> Answered {
    let form = JoinForm {
        name: fields.take("name"),
        email: fields.take("email"),
        shares_mailbox: fields.has("shares_mailbox"),
        shared_computer: fields.has("shared_computer"),
    };
    let receipt = fields.receipt()?;
    let browser = caller.joining.as_deref();
    match caller.web.app.ask_to_join(&caller.visit, browser, &token, &form, receipt).await {
        Ok(secret) => {
            let to = Redirect::to(&format!("/join/{token}"));
            let secret = match &secret {
                Some(secret) => secret.as_str(),
                None => browser.unwrap_or_default(),
            };
            let jar = cookies::keep_joining(caller.jar.clone(), &caller.web, secret);
            Ok((jar, to).into_response())
        }
        // It asked before, and waits; or the link does nothing: its page says which.
        Err(Failure::NotHere) => go(&format!("/join/{token}")),
        Err(Failure::Invalid(problems)) => show(&caller, &token, &fields, &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// POST: in, with a number of one's own.
pub(crate) async fn come_in(caller: Caller, Path(token): Path<String>, fields: Fields) -> Answered {
    let form = admission(&fields);
    let browser = caller.joining.as_deref();
    match caller.web.app.join(&caller.visit, browser, &token, &form).await {
        Ok(admitted) => {
            let jar = cookies::keep(caller.jar.clone(), &caller.web, admitted.cookies);
            Ok((jar, Redirect::to("/me")).into_response())
        }
        Err(Failure::NotHere) => go(&format!("/join/{token}")),
        Err(Failure::Invalid(problems)) => show(&caller, &token, &fields, &problems).await,
        Err(other) => Err(other.into()),
    }
}
