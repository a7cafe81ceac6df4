//! What a link that was handed out opens.

use crate::http::address::Path;
use axum::response::{IntoResponse, Redirect};
use kith_app::{AdmissionForm, Failure, Problem, WelcomePage};
use kith_domain::WelcomeKind;

use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::caller::{Caller, circle_path};
use crate::http::cookies;
use crate::http::fields::Fields;
use crate::http::problems::{field, secret, sentence_for};
use crate::page::invitation::{InvitationPage, Joining, OpenInvitation, WordsFor, WordsInPage};

/// What was typed, for the use case.
pub(crate) fn admission(fields: &Fields) -> AdmissionForm {
    AdmissionForm {
        words: fields.take("words"),
        number: fields.take("number"),
        number_again: fields.take("number_again"),
        shares_mailbox: fields.has("shares_mailbox"),
        shared_computer: fields.has("shared_computer"),
        already_here: fields.has("already_here"),
    }
}

/// What was typed, to be shown again. Numbers never are.
pub(crate) fn joining(fields: &Fields, problems: &[Problem]) -> Joining {
    Joining {
        number: secret(problems, "number"),
        again: secret(problems, "number_again"),
        shares_mailbox: fields.has("shares_mailbox"),
        shared_computer: fields.has("shared_computer"),
        here: None,
        already_here: FieldView {
            value: fields.take("already_here"),
            error: sentence_for(problems, "already_here"),
        },
    }
}

fn invitation(
    caller: &Caller,
    token: &str,
    welcome: WelcomePage,
    fields: &Fields,
    problems: &[Problem],
) -> InvitationPage {
    let open = (!welcome.answered || welcome.words_work).then(|| OpenInvitation {
        yes: caller.post(format!("/i/{token}")),
        no: (!welcome.typed).then(|| caller.post(format!("/i/{token}/no"))),
        words: field(fields, problems, "words"),
        joining: Joining { here: welcome.here.clone(), ..joining(fields, problems) },
        without: (!welcome.answered && !welcome.typed)
            .then(|| caller.post(format!("/i/{token}/without"))),
    });
    InvitationPage { layout: caller.plain(), by: welcome.inviter, open, needs_mailbox: false }
}

/// It opens nothing: it was used or ended, or it is a card that needs a mailbox which is not known.
pub(crate) fn closed(caller: &Caller, needs_mailbox: bool) -> InvitationPage {
    InvitationPage { layout: caller.plain(), by: None, open: None, needs_mailbox }
}

async fn show(caller: &Caller, token: &str, fields: &Fields, problems: &[Problem]) -> Answered {
    let welcome = match caller.web.app.welcome_page(&caller.visit, token).await {
        Ok(welcome) => welcome,
        Err(Failure::NotHere) => return page(&closed(caller, false)),
        Err(Failure::Invalid(_)) => return page(&closed(caller, true)),
        Err(other) => return Err(other.into()),
    };
    let purpose = match welcome.kind {
        WelcomeKind::Invitation => None,
        WelcomeKind::Card => Some(WordsFor::Card),
        WelcomeKind::Tablet => Some(WordsFor::OwnTablet),
        WelcomeKind::Device | WelcomeKind::OwnDevice | WelcomeKind::Staff => Some(WordsFor::Device),
    };
    let Some(purpose) = purpose else {
        let html = invitation(caller, token, welcome, fields, problems);
        return if problems.is_empty() { page(&html) } else { again(&html) };
    };
    if !welcome.words_work {
        return page(&closed(caller, false));
    }
    let html = WordsInPage {
        layout: caller.plain(),
        purpose,
        post: caller.post(format!("/i/{token}")),
        words: field(fields, problems, "words"),
        joining: joining(fields, problems),
    };
    if problems.is_empty() { page(&html) } else { again(&html) }
}

/// GET: changes nothing, however often a mail scanner fetches it.
pub(crate) async fn open(caller: Caller, Path(token): Path<String>) -> Answered {
    show(&caller, &token, &Fields::default(), &[]).await
}

/// POST: yes, with the words.
pub(crate) async fn yes(caller: Caller, Path(token): Path<String>, fields: Fields) -> Answered {
    let form = admission(&fields);
    let receipt = fields.receipt()?;
    match caller.web.app.admit_by_words(&caller.visit, &token, &form, receipt).await {
        Ok(admitted) => {
            // A friend comes to what needs somebody, the patient to her circle.
            let next = match admitted.circle {
                Some(circle) if admitted.set_up => {
                    format!("{}/set-up/person", circle_path(circle))
                }
                Some(_) => "/me".to_owned(),
                None => "/h".to_owned(),
            };
            let jar = cookies::keep(caller.jar.clone(), &caller.web, admitted.cookies);
            Ok((jar, Redirect::to(&next)).into_response())
        }
        Err(Failure::Invalid(problems)) => show(&caller, &token, &fields, &problems).await,
        Err(Failure::NotHere) => page(&closed(&caller, false)),
        Err(other) => Err(other.into()),
    }
}

/// POST: yes, without the words.
pub(crate) async fn without(caller: Caller, Path(token): Path<String>) -> Answered {
    caller.web.app.say_yes(&caller.visit, &token).await?;
    go("/sign-in/mail?said=yes")
}

/// POST: no, thank you.
pub(crate) async fn no(caller: Caller, Path(token): Path<String>) -> Answered {
    caller.web.app.say_no(&caller.visit, &token).await?;
    go("/?said=no")
}
