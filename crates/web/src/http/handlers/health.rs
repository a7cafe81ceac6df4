//! Whether the service does its work, for whoever watches it. Answers on every host name, and says
//! nothing but words of a short list.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::http::Web;

/// GET: the process answers.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// GET: the database, its schema, the ticks and the mails are well.
pub(crate) async fn ready(State(web): State<Web>) -> Response {
    let health = web.app.health().await;
    let words = health.troubles();
    if words.is_empty() {
        (StatusCode::OK, "ok\n".to_owned()).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, words.join("\n") + "\n").into_response()
    }
}
