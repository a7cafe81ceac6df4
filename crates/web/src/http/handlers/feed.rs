//! One's own calendar, for calendar programs.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;

use super::{Answered, go};
use crate::http::answer::Answer;
use crate::http::caller::Caller;
use crate::http::fields::Fields;

/// GET by a calendar program, which has nothing but the address. It may keep what it got, and asks
/// each time whether it still is so (RFC 9110, section 13.1.2).
pub(crate) async fn feed(
    caller: Caller,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Answered {
    let secret = secret.strip_suffix(".ics").ok_or(Answer::NotHere)?;
    let file = caller.web.app.feed(&caller.visit, secret).await?;
    let etag = HeaderValue::from_str(&file.etag).map_err(|_| Answer::Internal)?;
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|tags| {
        let tags = tags.to_str().unwrap_or_default().split(',');
        tags.map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == file.etag)
    });
    let fixed = [
        (header::ETAG, etag),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
    ];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, fixed).into_response());
    }
    Ok((fixed, file.body).into_response())
}

/// Makes a calendar, or another one in its place.
pub(crate) async fn make(caller: Caller, fields: Fields) -> Answered {
    caller.web.app.make_feed(&caller.visit, fields.receipt()?).await?;
    go("/me/e-mails?said=saved")
}

/// Stops it.
pub(crate) async fn stop(caller: Caller, fields: Fields) -> Answered {
    caller.web.app.stop_feed(&caller.visit, fields.receipt()?).await?;
    go("/me/e-mails?said=saved")
}
