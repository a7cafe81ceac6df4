//! Asking to join by the link that a carer sent, and coming in by her yes.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use kith_app::{Failure, JoinForm, JoinPage, Problem, What};
use serde::Deserialize;

use super::invitation::{admission, closed, joining};
use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::address::{Path, Query};
use crate::http::caller::Caller;
use crate::http::cookies;
use crate::http::fields::Fields;
use crate::http::problems::field;
use crate::page::invitation::Joining;
use crate::page::joining::{AskToJoinPage, ChooseNumberPage, WaitingPage};
use crate::words;

/// Who looks at a link.
#[derive(Deserialize)]
pub(crate) struct Who {
    /// Not whoever asked here before.
    another: Option<String>,
}

/// `browser` is the secret of who asked here before; none for somebody else on the same device.
async fn show(
    caller: &Caller,
    browser: Option<&str>,
    token: &str,
    fields: &Fields,
    problems: &[Problem],
) -> Answered {
    let another = (browser.is_none() && caller.joining.is_some()).then(|| "yes".to_owned());
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
                post: caller.post(format!("/join/{token}")).with("another", another),
                name: field(fields, problems, "name"),
                email: field(fields, problems, "email"),
                shares_mailbox: fields.has("shares_mailbox"),
                shared_computer: fields.has("shared_computer"),
            };
            if problems.is_empty() { page(&html) } else { again(&html) }
        }
        JoinPage::Waiting { nature_name, words, until, email, others_may } => {
            let typed = match &email {
                Some(email) if problems.is_empty() => FieldView::filled(email),
                _ => field(fields, problems, "email"),
            };
            let html = WaitingPage {
                layout: caller.plain(),
                circle: nature_name,
                words,
                until: words::day_month(caller.visit.organisation.zone.date(until)),
                again: format!("/join/{token}"),
                address: email,
                post: caller.post(format!("/join/{token}/address")),
                email: typed,
                another: others_may.then(|| format!("/join/{token}?another=yes")),
            };
            if problems.is_empty() { page(&html) } else { again(&html) }
        }
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
pub(crate) async fn open(
    caller: Caller,
    Path(token): Path<String>,
    Query(who): Query<Who>,
) -> Answered {
    let browser = caller.joining.as_deref().filter(|_| who.another.is_none());
    show(&caller, browser, &token, &Fields::default(), &[]).await
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
    let browser = caller.joining.as_deref().filter(|_| !fields.has("another"));
    match caller.web.app.ask_to_join(&caller.visit, browser, &token, &form, receipt).await {
        Ok(secret) => {
            let to = Redirect::to(&format!("/join/{token}"));
            let secret = match &secret {
                Some(secret) => secret.as_str(),
                None => browser.unwrap_or_default(),
            };
            let shared = form.shared_computer;
            let jar = cookies::keep_joining(caller.jar.clone(), &caller.web, secret, shared);
            Ok((jar, to).into_response())
        }
        // It asked before, and waits; or the link does nothing: its page says which.
        Err(Failure::NotHere) => go(&format!("/join/{token}")),
        Err(Failure::Invalid(problems)) => show(&caller, browser, &token, &fields, &problems).await,
        // The seventh friend of a group that was sent the link keeps what they typed.
        Err(Failure::TooMany) => {
            let later = Problem { field: "name", what: What::TooSoon };
            let mut response = show(&caller, browser, &token, &fields, &[later]).await?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}

/// POST: another address, or none, until somebody has answered.
pub(crate) async fn address(caller: Caller, Path(token): Path<String>, fields: Fields) -> Answered {
    let browser = caller.joining.as_deref();
    let receipt = fields.receipt()?;
    let app = &caller.web.app;
    match app
        .correct_join_address(&caller.visit, browser, &token, fields.get("email"), receipt)
        .await
    {
        Ok(()) => {
            (caller.web.mail_waits)();
            go(&format!("/join/{token}?said=saved"))
        }
        // Answered meanwhile, or not asked for here: its page says which.
        Err(Failure::NotHere | Failure::Changed) => go(&format!("/join/{token}")),
        Err(Failure::Invalid(problems)) => show(&caller, browser, &token, &fields, &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// POST: in, with a number of one's own.
pub(crate) async fn come_in(caller: Caller, Path(token): Path<String>, fields: Fields) -> Answered {
    let form = admission(&fields);
    let browser = caller.joining.as_deref();
    let receipt = fields.receipt()?;
    match caller.web.app.join(&caller.visit, browser, &token, &form, receipt).await {
        Ok(admitted) => {
            let jar = cookies::keep(caller.jar.clone(), &caller.web, admitted.cookies);
            Ok((jar, Redirect::to("/me")).into_response())
        }
        Err(Failure::NotHere) => go(&format!("/join/{token}")),
        Err(Failure::Invalid(problems)) => show(&caller, browser, &token, &fields, &problems).await,
        Err(other) => Err(other.into()),
    }
}
