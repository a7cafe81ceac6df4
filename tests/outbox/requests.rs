//! Requests to the real router, in memory, with exactly the headers that a test gives.

use std::sync::Arc;

use http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use kith_tests::World;
use kith_web::{WebSettings, router};
use tower::ServiceExt as _;

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Headers of a form that is sent from our own page.
pub(crate) const OWN_FORM: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];

/// Sends one request; with a body it is a form.
pub(crate) async fn send(
    world: &World,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> Answer {
    let router = router(WebSettings {
        app: Arc::clone(&world.app),
        base_url: "https://kith.example".to_owned(),
        trusted_proxies: Vec::new(),
        mail_waits: Arc::new(|| {}),
        demo: None,
    });
    let mut request =
        Request::builder().method(method).uri(path).header(header::HOST, "kith.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    let body = Full::from(body.unwrap_or_default().to_owned());
    let response = router.oneshot(request.body(body).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// Path of an absolute link into `https://kith.example`.
pub(crate) fn path_of(link: &str) -> &str {
    link.strip_prefix("https://kith.example").expect("a link of ours")
}
