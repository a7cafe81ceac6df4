//! Sends one request to the real router, in memory.

use std::sync::Arc;

use http::{HeaderMap, Request, header};
use http_body_util::{BodyExt as _, Full};
use kith_web::{Method, ROUTES, Route, WebSettings, router};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

use crate::forms;
use crate::house::{HOST, House, Things};
use crate::marks::{Marks, Task};
use crate::visitors::{Visitor, Who};

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or_default())
    }

    /// Values of the cookies that it sets.
    pub(crate) fn cookies(&self) -> impl Iterator<Item = &str> {
        let set = self.headers.get_all(header::SET_COOKIE).into_iter();
        set.filter_map(|value| value.to_str().ok()?.split(['=', ';']).nth(1))
    }
}

/// One way of asking a route: the same path for everybody, but for what is one's own.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) method: Method,
    pub(crate) route: &'static str,
    /// Which of several things it is about; empty where there is only one.
    pub(crate) about: &'static str,
}

impl Case {
    /// `GET /c/{circle}/rota/{slot} (needed)`.
    pub(crate) fn name(&self) -> String {
        let method = if self.method == Method::Get { "GET" } else { "POST" };
        let about =
            if self.about.is_empty() { String::new() } else { format!(" ({})", self.about) };
        format!("{method} {}{about}", self.route)
    }

    /// The slot it is about.
    const fn task(&self) -> Task {
        match self.about.as_bytes() {
            b"needed" => Task::Needed,
            b"promised" => Task::Promised,
            b"cover wanted" => Task::CoverWanted,
            b"ended" => Task::Ended,
            _ => Task::Open,
        }
    }
}

/// Every route, once for each thing that it can be about.
pub(crate) fn cases() -> Vec<Case> {
    ROUTES.iter().flat_map(cases_of).collect()
}

fn cases_of(route: &'static Route) -> Vec<Case> {
    let case = |about: &&'static str| Case { method: route.method, route: route.path, about };
    abouts(route).iter().map(case).collect()
}

/// What a route is asked about: the things on which it answers most.
fn abouts(route: &Route) -> &'static [&'static str] {
    let last = route.path.rsplit('/').next().unwrap_or_default();
    match (route.path, last) {
        ("/i/{token}", _) => &["invitation", "card"],
        (path, _) if path.starts_with("/c/{circle}/set-up/") => &["forming", "active"],
        (path, _) if path.starts_with("/s/{mail}") => &["needed", "promised"],
        (_, "{slot}") => &["open", "needed", "promised", "cover wanted", "ended"],
        (_, "address" | "entry") if route.path.contains("{slot}") => &["open", "promised"],
        (_, "take") if route.path.contains("{slot}") => &["needed", "cover wanted"],
        (_, "ask" | "no") if route.path.contains("{slot}") => &["needed"],
        (
            _,
            "change" | "off" | "taken" | "undo" | "swap" | "answer" | "wait" | "move" | "every"
            | "there" | "said",
        ) => &["promised"],
        (_, "dates" | "for") => &["needed"],
        (_, "done" | "not-done" | "went" | "how" | "hand-over") => &["ended"],
        (_, "keep") => &["cover wanted"],
        (path, _) if path.contains("{slot}") => &["open"],
        ("/c/{circle}/people/words", _) => &[""],
        (_, "words") | ("/c/{circle}/people/{member}/address", _) => &["invited"],
        ("/c/{circle}/people/{member}" | "/c/{circle}/people/{member}/items", _) => {
            &["friend", "oneself"]
        }
        _ => &[""],
    }
}

/// The path of a case for a visitor. A parameter that has no value here ends the test.
pub(crate) fn path(case: &Case, visitor: &Visitor, things: &Things) -> String {
    let (mail, mail_token) = match case.about {
        "promised" => &things.slot_links[&Task::Promised],
        _ => &things.slot_links[&Task::Needed],
    };
    let link = match (case.route, case.about) {
        (route, _) if route.starts_with("/s/") => mail_token,
        (route, _) if route.starts_with("/stop/") => &things.mail_links["stop"],
        (route, _) if route.starts_with("/e-mails/") => &things.mail_links["e-mails"],
        (route, _) if route.starts_with("/sign-in/") => &things.sign_in_link,
        (route, _) if route.starts_with("/join/") => &things.share_link,
        (_, "card") => &things.card,
        _ => &things.invitation,
    };
    let circle = if case.about == "forming" { things.forming } else { things.circle };
    let member = match case.about {
        "invited" => Who::Invited,
        "oneself" if things.places.contains_key(&visitor.who) => visitor.who,
        // Whom no e-mail reaches is spoken for.
        _ if ["/for/{member}", "/{member}/away"].iter().any(|part| case.route.contains(part)) => {
            Who::Volunteer
        }
        _ => Who::FriendNews,
    };
    let enrolment = match case.route {
        "/devices/{enrolment}/stop" => visitor.enrolment.unwrap_or(things.enrolment),
        _ => things.enrolment,
    };
    let mut path = case.route.to_owned();
    for (name, value) in [
        ("{circle}", circle.to_string()),
        ("{member}", things.places[&member].to_string()),
        ("{slot}", things.slots[&case.task()].to_string()),
        ("{enrolment}", enrolment.to_string()),
        ("{words}", things.kind_word.to_string()),
        ("{concern}", things.concern.to_string()),
        ("{request}", things.join_request.to_string()),
        ("{mail}", mail.to_string()),
        ("{token}", link.clone()),
        ("{secret}", format!("{}.ics", things.feed)),
        ("{name}", "nothing.css".to_owned()),
        ("{id}", "1".to_owned()),
    ] {
        path = path.replace(name, &value);
    }
    assert!(!path.contains('{'), "{} has a parameter that this test knows nothing of", case.route);
    path
}

/// The whole web side.
pub(crate) struct Web(BoxCloneSyncService<Request<Full<bytes::Bytes>>, Answer, String>);

impl Web {
    pub(crate) fn new(house: &House) -> Self {
        let router = router(WebSettings {
            app: Arc::clone(&house.app),
            base_url: format!("https://{HOST}"),
            trusted_proxies: Vec::new(),
            mail_waits: Arc::new(|| {}),
            demo: None,
        });
        let service = tower::service_fn(move |request: Request<Full<bytes::Bytes>>| {
            let router = router.clone();
            async move {
                let response = router.oneshot(request).await.map_err(|error| error.to_string())?;
                let (parts, body) = response.into_parts();
                let body = body.collect().await.map_err(|error| error.to_string())?;
                let (status, headers) = (parts.status.as_u16(), parts.headers);
                Ok(Answer { status, headers, body: body.to_bytes().to_vec() })
            }
        });
        Self(BoxCloneSyncService::new(service))
    }

    /// Asks a case as a visitor. Answers with what was typed as well.
    pub(crate) async fn ask(
        &self,
        case: &Case,
        visitor: &Visitor,
        things: &Things,
        marks: &Marks,
    ) -> (Answer, String) {
        let path = path(case, visitor, things);
        let typed = match case.method {
            Method::Get => None,
            Method::Post => Some(forms::body(case, things, marks)),
        };
        let answer = self.send(case.method, &path, visitor, typed.clone()).await;
        (answer, typed.unwrap_or_default())
    }

    /// Sends a request as a browser does.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        visitor: &Visitor,
        body: Option<String>,
    ) -> Answer {
        let request = Request::builder()
            .uri(path)
            .header(header::HOST, visitor.host)
            .header(header::COOKIE, &visitor.cookies)
            .header(header::ACCEPT, "text/html");
        let request = match method {
            Method::Get => request.method("GET"),
            Method::Post => request
                .method("POST")
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
        };
        let request = request.body(Full::from(body.unwrap_or_default())).unwrap();
        self.0.clone().oneshot(request).await.unwrap()
    }
}
