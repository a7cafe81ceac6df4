//! What is answered when a page is not: one place for people and for machines (RFC 9457).

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use kith_app::Failure;
use kith_domain::Tier;
use kith_domain::ids::CircleId;

use super::caller::{Caller, circle_path};
use super::{BODY_LIMIT, Web, handlers};
use crate::page::plain::{ErrorPage, NotHerePage};

/// An answer that is not the page asked for.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Not there, or not for this person: the same bytes.
    NotHere,
    /// Sign in first; what was typed is carried.
    SignIn,
    /// Be surer first; what was typed is carried.
    StepUp { circle: Option<CircleId>, tier: Tier },
    /// Sent from another site.
    OtherSite,
    /// A form that we did not make, or made too long ago.
    OldForm,
    /// Wrong fields that the handler did not show beside their form.
    Invalid,
    /// Too many tries.
    TooMany,
    /// Changed in between.
    Changed,
    /// The database did not answer.
    Busy,
    /// Our fault.
    Internal,
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotHere => Self::NotHere,
            Failure::SignIn => Self::SignIn,
            Failure::StepUp { circle, tier } => Self::StepUp { circle, tier },
            Failure::Invalid(_) => Self::Invalid,
            Failure::TooMany => Self::TooMany,
            Failure::Changed => Self::Changed,
            Failure::Busy => Self::Busy,
            Failure::Internal(cause) => {
                tracing::error!(cause, "a use case broke");
                Self::Internal
            }
        }
    }
}

impl From<askama::Error> for Answer {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page did not render");
        Self::Internal
    }
}

impl Answer {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotHere => StatusCode::NOT_FOUND,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::StepUp { .. } | Self::OtherSite => StatusCode::FORBIDDEN,
            Self::OldForm => StatusCode::BAD_REQUEST,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Changed => StatusCode::CONFLICT,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The last part of the problem's `type`, its title, and what to do: sentences of ours, never
    /// anything that was sent or that went wrong inside.
    const fn sentences(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NotHere => ("not-here", "This page is not here", "Go back to the first page."),
            Self::SignIn => ("sign-in", "Please sign in", "Sign in, and carry on."),
            Self::StepUp { .. } => {
                ("surer", "Please show that it is you", "Open this page in a browser.")
            }
            Self::OtherSite => (
                "other-site",
                "This came from another site",
                "Nothing was changed. Open Kith itself and try again there.",
            ),
            Self::OldForm => (
                "old-form",
                "We could not read that form",
                "Nothing was changed. Go back, load the page again, and send it once more.",
            ),
            Self::Invalid => (
                "invalid",
                "Something in the form needs another look",
                "Nothing was changed. Go back and check what you typed.",
            ),
            Self::TooMany => {
                ("too-many", "That was a lot of tries", "Please wait some minutes, then try again.")
            }
            Self::Changed => (
                "changed",
                "Somebody changed this a moment ago",
                "Nothing of yours was saved. Go back, load the page again, and look.",
            ),
            Self::Busy => (
                "busy",
                "We are busy for a moment",
                "Nothing was changed. Please try again in a minute.",
            ),
            Self::Internal => (
                "internal",
                "Something went wrong here",
                "It is our fault, not yours. Nothing was changed. Please try again, or ring.",
            ),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A panic becomes the same page as any fault of ours.
pub(crate) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    let (_, title, detail) = Answer::Internal.sentences();
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{title}. {detail}")).into_response()
}

/// Turns an [`Answer`] into a page or a problem document, with the layout of the organisation; and
/// keeps what was typed when somebody must sign in or give a number first.
pub(crate) async fn render(State(web): State<Web>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_LIMIT).await else {
        return problem(&web, parts, &Answer::OldForm, &[]).await;
    };
    let kept = parts.clone();
    let typed = bytes.clone();
    let request = |parts: Parts| Request::from_parts(parts, Body::from(typed.clone()));
    let mut response = next.clone().run(request(parts)).await;
    // Of a form that is sent twice at the same moment, the second loses the race and changes
    // nothing. Once more, it finds what the first one did, and answers the same.
    if matches!(response.extensions().get::<Answer>(), Some(Answer::Changed)) {
        response = next.run(request(kept.clone())).await;
    }
    match response.extensions_mut().remove::<Answer>() {
        None => response,
        Some(answer) => problem(&web, kept, &answer, &typed).await,
    }
}

async fn problem(web: &Web, mut parts: Parts, answer: &Answer, typed: &[u8]) -> Response {
    if wants_problem(&parts) {
        return document(answer, &parts);
    }
    let is_post = parts.method == Method::POST;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let Ok(caller) = Caller::from_request_parts(&mut parts, web).await else {
        return document(answer, &parts);
    };
    match answer {
        Answer::SignIn if is_post => {
            let carried = carry(&caller, &path, typed).await;
            handlers::sign_in::page_for_carried(&caller, carried).await.unwrap_or_else(sorry)
        }
        Answer::SignIn => {
            Redirect::to(&format!("/sign-in?next={}", encoded(&path))).into_response()
        }
        Answer::StepUp { circle, tier } => {
            let base = circle.map_or_else(String::new, circle_path);
            if is_post {
                let carried = carry(&caller, &path, typed).await;
                handlers::surer::page_for_carried(&caller, *circle, *tier, carried)
                    .unwrap_or_else(sorry)
            } else {
                let page = if *tier == Tier::Fresh { "number" } else { "enrol" };
                Redirect::to(&format!("{base}/{page}?next={}", encoded(&path))).into_response()
            }
        }
        other => page(&caller, other).unwrap_or_else(sorry),
    }
}

fn sorry(_: Answer) -> Response {
    panicked(Box::new(()))
}

fn page(caller: &Caller, answer: &Answer) -> Result<Response, Answer> {
    use askama::Template as _;
    let layout = caller.plain();
    let home = "/".to_owned();
    let html = if matches!(answer, Answer::NotHere) {
        NotHerePage { layout, home }.render()?
    } else {
        let (_, heading, sentence) = answer.sentences();
        let reference = matches!(answer, Answer::Internal)
            .then(|| caller.web.app.new_receipt().0.simple().to_string());
        if let Some(reference) = &reference {
            tracing::error!(reference, "shown to a person");
        }
        ErrorPage {
            layout,
            heading: heading.to_owned(),
            sentence: sentence.to_owned(),
            reference,
            home,
        }
        .render()?
    };
    Ok((answer.status(), Html(html)).into_response())
}

/// What was typed, sealed for this browser and for whoever typed it. Where the database does not
/// answer, the page says nothing of it.
async fn carry(caller: &Caller, path: &str, typed: &[u8]) -> Option<String> {
    let typed = std::str::from_utf8(typed).ok()?;
    let form = format!("{path}\n{typed}");
    caller.web.app.pack_form(&caller.visit, form.as_bytes()).await.ok().flatten()
}

fn wants_problem(parts: &Parts) -> bool {
    let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("json") && !accept.contains("text/html"))
}

fn document(answer: &Answer, parts: &Parts) -> Response {
    let (kind, title, detail) = answer.sentences();
    let body = serde_json::json!({
        "type": format!("/problems/{kind}"),
        "title": title,
        "status": answer.status().as_u16(),
        "detail": detail,
    });
    let _ = parts;
    let mut response = (answer.status(), body.to_string()).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// Percent-encodes a path for the value of a query (RFC 3986, section 2.3).
pub(crate) fn encoded(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// A path of ours to go on to: never another site, whatever the query says.
pub(crate) fn safe_next(next: &str) -> Option<&str> {
    let ours =
        ["/c/", "/me", "/h", "/s/", "/i/", "/devices"].iter().any(|start| next.starts_with(start));
    let plain = next.chars().all(|letter| {
        letter.is_ascii_alphanumeric() || matches!(letter, '/' | '-' | '_' | '.' | '?' | '=' | '&')
    });
    (ours && plain && !next.contains("//") && next.len() <= 300).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_paths_are_gone_on_to() {
        assert_eq!(safe_next("/c/1/private"), Some("/c/1/private"));
        for hostile in [
            "//evil.example",
            "https://evil.example",
            "/\\evil",
            "/c//x",
            "/%2f",
            "",
            "/c/\n",
            "/x",
        ] {
            assert_eq!(safe_next(hostile), None, "{hostile}");
        }
    }

    #[test]
    fn a_path_survives_being_a_value() {
        assert_eq!(encoded("/c/1/rota?week=2&x"), "/c/1/rota%3Fweek%3D2%26x");
    }
}
