//! What every request passes and every answer carries.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Web;
use super::answer::Answer;
use super::caller::host;

/// Refuses requests from other sites that would change something: Fetch Metadata where the browser
/// sends it, the `Origin` header otherwise (OWASP, Cross-Site Request Forgery Prevention).
pub(crate) async fn same_origin(State(web): State<Web>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    // RFC 8058: the mail program posts from nowhere. The token in the address is the only right
    // that is used; no cookie is read.
    let one_click = request.uri().path().starts_with("/stop/");
    if safe || one_click || is_same_origin(&web, request.headers()).await {
        next.run(request).await
    } else {
        Answer::OtherSite.into_response()
    }
}

/// An organisation's pages are one site, and those of another organisation are another.
async fn is_same_origin(web: &Web, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => web.app.is_origin_of(&host(headers), origin).await.unwrap_or(false),
        (None, None) => false,
    }
}

const CONTENT_SECURITY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; \
     img-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Headers of every answer. What is not an asset is never stored.
pub(crate) async fn headers(State(web): State<Web>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 8] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Other sites learn nothing. `no-referrer` would also blank the `Origin` header of our own
        // forms, which browsers without Fetch Metadata are recognised by.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
        ),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
        (HeaderName::from_static("x-frame-options"), "DENY"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if web.is_secure() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
    response
}

/// One line a request: the route's template, never its address, which may hold a token.
pub(crate) async fn log(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%method, route, status = response.status().as_u16(), milliseconds, "answered");
    response
}
