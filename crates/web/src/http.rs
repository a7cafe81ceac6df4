//! Routes, requests and answers.

mod address;
mod answer;
mod caller;
mod cookies;
mod fields;
mod files;
mod guard;
mod handlers;
mod problems;
mod routes;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use kith_app::App;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

pub use routes::{Method, ROUTES, Route};

/// Largest body of a request: forms are small.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;
/// A request that takes longer is given up.
const REQUEST_TIME: Duration = Duration::from_secs(30);

/// What the web needs.
#[derive(Clone)]
pub struct WebSettings {
    /// The use cases.
    pub app: Arc<App>,
    /// `https://kith.example`, without a slash at the end.
    pub base_url: String,
    /// Networks (address and prefix length) whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<(IpAddr, u8)>,
    /// Called when a mail was written that should leave at once.
    pub mail_waits: Arc<dyn Fn() + Send + Sync>,
    /// The doors of the demonstration; absent otherwise.
    pub demo: Option<Arc<dyn DemoDoors>>,
}

impl std::fmt::Debug for WebSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebSettings").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// One mail that the demonstration kept instead of sending it.
#[derive(Clone, Debug)]
pub struct KeptMail {
    /// Names it in an address.
    pub id: String,
    /// Recipient.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// When it was sent, by the demonstration's clock.
    pub at: kith_domain::Timestamp,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// What only the demonstration can do: read its own mails and move its own clock.
pub trait DemoDoors: Send + Sync + 'static {
    /// Mails, newest first; at most `limit` from `skip` on.
    fn mails(&self, skip: usize, limit: usize) -> Vec<KeptMail>;
    /// One mail.
    fn mail(&self, id: &str) -> Option<KeptMail>;
    /// Moves the clock forward to this instant; never back.
    fn move_to(&self, at: kith_domain::Timestamp);
}

/// What handlers share.
#[derive(Clone)]
pub(crate) struct Web(Arc<WebSettings>);

impl std::ops::Deref for Web {
    type Target = WebSettings;
    fn deref(&self) -> &WebSettings {
        &self.0
    }
}

impl Web {
    /// Whether people come over https: then cookies are bound to it.
    pub(crate) fn is_secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

/// The whole web side.
pub fn router(settings: WebSettings) -> Router {
    let demo = settings.demo.is_some();
    let web = Web(Arc::new(settings));
    let mut router: Router<Web> = Router::new();
    for route in ROUTES.iter().filter(|route| demo || !route.demo_only) {
        router = router.route(route.path, (route.handler)());
    }
    router
        .fallback(handlers::front::nothing)
        .method_not_allowed_fallback(handlers::front::nothing)
        .layer(axum::middleware::from_fn_with_state(web.clone(), answer::render))
        .layer(axum::middleware::from_fn_with_state(web.clone(), guard::same_origin))
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIME))
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(CompressionLayer::new())
        .layer(axum::middleware::from_fn_with_state(web.clone(), guard::headers))
        .layer(axum::middleware::from_fn(guard::log))
        .with_state(web)
}
