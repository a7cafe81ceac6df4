//! Signing in.

use crate::http::address::{Path, Query};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use kith_app::{CodeAccepted, Failure, NewCookies, Problem};
use serde::Deserialize;

use super::{Answered, again, go};
use crate::form_view::{FieldView, OtherWay};
use crate::http::answer::{Answer, safe_next};
use crate::http::caller::Caller;
use crate::http::cookies;
use crate::http::fields::Fields;
use crate::http::handlers::surer::carry_on;
use crate::http::problems::{field, secret};
use crate::page::carry_on::NotCarriedPage;
use crate::page::front::{CheckMailPage, MailLinkPage, SignInPage, WhichOnePage};
use crate::page::own_number::OwnNumberPage;

/// Where one was going.
#[derive(Deserialize)]
pub(crate) struct Going {
    next: Option<String>,
}

impl Going {
    fn fields(&self) -> Carried {
        Carried { next: self.next.clone(), carried: None }
    }
}

/// What travels through signing in: a path of ours, and what was typed, sealed.
#[derive(Clone, Default)]
pub(crate) struct Carried {
    pub(crate) next: Option<String>,
    pub(crate) carried: Option<String>,
}

impl Carried {
    pub(crate) fn of(fields: &Fields) -> Self {
        let some = |name| Some(fields.take(name)).filter(|value| !value.is_empty());
        Self { next: some("next"), carried: some("carried") }
    }
}

/// GET: the form. A device that is trusted already asks for the number instead of a mail.
pub(crate) async fn begin(caller: Caller, Query(going): Query<Going>) -> Answered {
    let people = caller.web.app.device_people(&caller.visit).await?;
    if !people.is_empty() {
        let next = going.next.map(|next| crate::http::answer::encoded(&next));
        return go(
            &next.map_or("/sign-in/here".to_owned(), |next| format!("/sign-in/here?next={next}"))
        );
    }
    super::page(&form(&caller, going.fields(), FieldView::default(), false))
}

fn form(caller: &Caller, carried: Carried, email: FieldView, shared_computer: bool) -> SignInPage {
    SignInPage {
        layout: caller.plain(),
        carried: carried.carried.is_some(),
        post: caller.post("/sign-in").with("next", carried.next).with("carried", carried.carried),
        email,
        shared_computer,
        invited: "/invited".to_owned(),
    }
}

/// The form for somebody whose session ended while typing something: on a device that is trusted for
/// somebody, the number, which the patient's own tablet has no other way than.
pub(crate) async fn page_for_carried(
    caller: &Caller,
    carried: Option<String>,
) -> Result<Response, Answer> {
    use askama::Template as _;
    let carried = Carried { next: None, carried };
    let html = match here(caller, None, carried.clone()).await? {
        Some(At::Number(page)) => page.render()?,
        Some(At::WhichOne(page)) => page.render()?,
        None => form(caller, carried, FieldView::default(), false).render()?,
    };
    Ok((StatusCode::UNAUTHORIZED, Html(html)).into_response())
}

/// POST: asks for a code.
pub(crate) async fn ask(caller: Caller, fields: Fields) -> Answered {
    let carried = Carried::of(&fields);
    let shared = fields.has("shared_computer");
    match caller.web.app.ask_code(&caller.visit, fields.get("email"), shared).await {
        Ok(secret) => {
            (caller.web.mail_waits)();
            let page = code_form(&caller, &fields, carried, &[]);
            let jar = cookies::keep_asking(caller.jar.clone(), &caller.web, secret.as_str());
            Ok((jar, super::page(&page)?).into_response())
        }
        Err(Failure::Invalid(problems)) => again(&form(
            &caller,
            carried,
            field(&fields, &problems, "email"),
            fields.has("shared_computer"),
        )),
        Err(other) => Err(other.into()),
    }
}

/// "t…@e…": enough to notice a slip, too little for whoever looks over one's shoulder.
fn masked(email: &str) -> String {
    let first = |text: &str| text.trim().chars().next().map(String::from).unwrap_or_default();
    email.split_once('@').map_or_else(
        || "your address".to_owned(),
        |(name, host)| format!("{}…@{}…", first(name), first(host)),
    )
}

fn code_form(
    caller: &Caller,
    fields: &Fields,
    carried: Carried,
    problems: &[Problem],
) -> CheckMailPage {
    let shared = fields.has("shared_computer").then(|| "yes".to_owned());
    let email = Some(fields.take("email"));
    let Carried { next, carried } = carried;
    let post = |action: &str| {
        caller
            .post(action)
            .with("next", next.clone())
            .with("carried", carried.clone())
            .with("shared_computer", shared.clone())
            .with("email", email.clone())
    };
    CheckMailPage {
        layout: caller.plain(),
        post: post("/sign-in/check"),
        masked: masked(fields.get("email")),
        code: secret(problems, "code"),
        again: post("/sign-in"),
        other_address: "/sign-in".to_owned(),
    }
}

/// GET: the code's form for somebody who came back to it.
pub(crate) async fn check_page(caller: Caller) -> Answered {
    super::page(&code_form(&caller, &Fields::default(), Carried::default(), &[]))
}

/// POST: checks a code.
pub(crate) async fn check(caller: Caller, fields: Fields) -> Answered {
    let asking = caller.asking.clone().unwrap_or_default();
    let shared = fields.has("shared_computer");
    let checked =
        caller.web.app.check_code(&caller.visit, &asking, fields.get("code"), shared).await;
    match checked {
        Ok(accepted) => accept(&caller, accepted, &Carried::of(&fields)),
        Err(Failure::Invalid(problems)) => {
            again(&code_form(&caller, &fields, Carried::of(&fields), &problems))
        }
        Err(other) => Err(other.into()),
    }
}

fn accept(caller: &Caller, accepted: CodeAccepted, carried: &Carried) -> Answered {
    match accepted {
        CodeAccepted::In(cookies) => let_in(caller, cookies, carried, "/me"),
        CodeAccepted::Choose { people, proof } => {
            let people = people
                .into_iter()
                .map(|who| {
                    let post = caller
                        .post("/sign-in/who")
                        .with("person", Some(who.person.to_string()))
                        .with("proof", Some(proof.clone()))
                        .with("next", carried.next.clone())
                        .with("carried", carried.carried.clone());
                    (who.name, post)
                })
                .collect();
            super::page(&WhichOnePage {
                layout: caller.plain(),
                people,
                carried: carried.carried.is_some(),
                neither: OtherWay::Link("/sign-in".to_owned()),
            })
        }
    }
}

/// Sets the cookies and goes on: to what was typed before, to where one was going, or to `home`.
pub(crate) fn let_in(caller: &Caller, new: NewCookies, carried: &Carried, home: &str) -> Answered {
    let person = new.person;
    let jar = cookies::keep(caller.jar.clone(), &caller.web, new);
    let next = carried.next.as_deref().and_then(safe_next).unwrap_or(home);
    let Some(parcel) = &carried.carried else {
        return Ok((jar, Redirect::to(next)).into_response());
    };
    let page = match carry_on(caller, person, parcel) {
        Some(page) => super::page(&page)?,
        None => super::page(&NotCarriedPage { layout: caller.plain(), next: next.to_owned() })?,
    };
    Ok((jar, page).into_response())
}

/// POST: "I am Tom".
pub(crate) async fn choose(caller: Caller, fields: Fields) -> Answered {
    let asking = caller.asking.clone().unwrap_or_default();
    let person = fields.get("person").parse().map_err(|_| Answer::OldForm)?;
    let proof = fields.get("proof");
    let new = caller.web.app.choose_person(&caller.visit, &asking, proof, person).await?;
    let_in(&caller, new, &Carried::of(&fields), "/me")
}

/// GET: what the link in the mail opens. A button, and nothing before it.
pub(crate) async fn link_page(caller: Caller, Path(token): Path<String>) -> Answered {
    let asking = caller.asking.as_deref();
    let works = caller.web.app.sign_in_link(&caller.visit, asking, &token).await?;
    super::page(&MailLinkPage {
        layout: caller.plain(),
        post: works.then(|| caller.post(format!("/sign-in/link/{token}"))),
        sign_in: "/sign-in".to_owned(),
    })
}

/// POST: the button.
pub(crate) async fn link(caller: Caller, Path(token): Path<String>, fields: Fields) -> Answered {
    let asking = caller.asking.as_deref();
    match caller.web.app.use_sign_in_link(&caller.visit, asking, &token).await {
        Ok(accepted) => accept(&caller, accepted, &Carried::of(&fields)),
        Err(Failure::Invalid(_)) => super::page(&MailLinkPage {
            layout: caller.plain(),
            post: None,
            sign_in: "/sign-in".to_owned(),
        }),
        Err(other) => Err(other.into()),
    }
}

/// What a device asks that is trusted for somebody.
enum At {
    /// The number of the only one, or of whoever said who they are.
    Number(OwnNumberPage),
    /// "Are you Tom or Jean?"
    WhichOne(WhichOnePage),
}

/// What this device asks; `None` where it is trusted for nobody.
async fn here(caller: &Caller, who: Option<&str>, carried: Carried) -> Result<Option<At>, Answer> {
    let people = caller.web.app.device_people(&caller.visit).await?;
    let chosen = match (who, people.as_slice()) {
        (_, []) => return Ok(None),
        (None, [only]) => Some(only.person.to_string()),
        (who, _) => who.map(str::to_owned),
    };
    if let Some(person) = chosen {
        return Ok(Some(At::Number(here_form(caller, &person, carried, &[]))));
    }
    let people = people
        .into_iter()
        .map(|who| {
            let post = caller
                .post("/sign-in/here")
                .with("person", Some(who.person.to_string()))
                .with("ask", Some("number".to_owned()))
                .with("next", carried.next.clone())
                .with("carried", carried.carried.clone());
            (who.name, post)
        })
        .collect();
    Ok(Some(At::WhichOne(WhichOnePage {
        layout: caller.plain(),
        people,
        carried: carried.carried.is_some(),
        neither: by_mail_instead(caller, carried),
    })))
}

/// The way by mail, with what was typed, if there is something.
fn by_mail_instead(caller: &Caller, carried: Carried) -> OtherWay {
    if carried.carried.is_none() {
        return OtherWay::Link("/sign-in/mail".to_owned());
    }
    let post = caller
        .post("/sign-in/here")
        .with("ask", Some("mail".to_owned()))
        .with("next", carried.next)
        .with("carried", carried.carried);
    OtherWay::Post(post)
}

/// GET: "Are you Tom or Jean?", or the number of the only one.
pub(crate) async fn here_page(caller: Caller, Query(going): Query<Here>) -> Answered {
    let carried = Carried { next: going.next.clone(), carried: None };
    match here(&caller, going.who.as_deref(), carried).await? {
        Some(At::Number(number)) => super::page(&number),
        Some(At::WhichOne(which)) => super::page(&which),
        None => go("/sign-in"),
    }
}

/// Who, on a device that several people use.
#[derive(Deserialize)]
pub(crate) struct Here {
    next: Option<String>,
    who: Option<String>,
}

fn here_form(
    caller: &Caller,
    person: &str,
    carried: Carried,
    problems: &[Problem],
) -> OwnNumberPage {
    OwnNumberPage {
        layout: caller.plain(),
        post: caller
            .post("/sign-in/here")
            .with("person", Some(person.to_owned()))
            .with("next", carried.next.clone())
            .with("carried", carried.carried.clone()),
        carried: carried.carried.is_some(),
        number: secret(problems, "number"),
        forgotten: by_mail_instead(caller, carried),
        back: "/".to_owned(),
    }
}

/// POST: the own number on a trusted device; or who one is, or that it is to go by mail.
pub(crate) async fn number_here(caller: Caller, fields: Fields) -> Answered {
    let person = fields.get("person");
    let by_mail = || form(&caller, Carried::of(&fields), FieldView::default(), false);
    match fields.get("ask") {
        "" => {}
        "mail" => return super::page(&by_mail()),
        _ => return super::page(&here_form(&caller, person, Carried::of(&fields), &[])),
    }
    let id = person.parse().map_err(|_| Answer::OldForm)?;
    let number = fields.get("number");
    match caller.web.app.enter_by_number(&caller.visit, id, number, false).await {
        Ok(new) => let_in(&caller, new, &Carried::of(&fields), "/me"),
        Err(Failure::Invalid(problems)) => {
            again(&here_form(&caller, person, Carried::of(&fields), &problems))
        }
        // The device is not trusted for them any more.
        Err(Failure::SignIn) => super::page(&by_mail()),
        Err(other) => Err(other.into()),
    }
}

/// GET: by mail, even on a trusted device.
pub(crate) async fn by_mail(caller: Caller, Query(going): Query<Going>) -> Answered {
    super::page(&form(&caller, going.fields(), FieldView::default(), false))
}

/// POST: signs out here.
pub(crate) async fn out(caller: Caller) -> Answered {
    caller.web.app.sign_out(&caller.visit).await?;
    Ok(out_of_here(&caller))
}

/// POST: signs out on every device.
pub(crate) async fn out_everywhere(caller: Caller) -> Answered {
    caller.web.app.sign_out_everywhere(&caller.visit).await?;
    Ok(out_of_here(&caller))
}

fn out_of_here(caller: &Caller) -> Response {
    let jar = cookies::forget_session(caller.jar.clone(), &caller.web);
    let mut response = (jar, Redirect::to("/?said=out")).into_response();
    // The cookies stay: the device is still trusted, and asks for the number (SES-04).
    response
        .headers_mut()
        .insert("clear-site-data", axum::http::HeaderValue::from_static("\"cache\", \"storage\""));
    response
}
