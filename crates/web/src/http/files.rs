//! Style sheet, fonts and mark.

use crate::http::address::Path;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::answer::Answer;
use crate::assets::Asset;

/// One asset, compressed as the browser likes it. Its address holds its hash, so it never changes.
pub(crate) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = Asset::find(&format!("/assets/{name}")) else {
        return Answer::NotHere.into_response();
    };
    if headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag == asset.etag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let accepts = |coding: &str| {
        headers
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|list| list.split(',').any(|item| item.trim().starts_with(coding)))
    };
    let (bytes, coding) = match (asset.br, asset.gz) {
        (Some(bytes), _) if accepts("br") => (bytes, Some("br")),
        (_, Some(bytes)) if accepts("gzip") => (bytes, Some("gzip")),
        _ => (asset.bytes, None),
    };
    let mut response = Body::from(bytes).into_response();
    let set = response.headers_mut();
    set.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(asset.content_type));
    set.insert(header::ETAG, header::HeaderValue::from_static(asset.etag));
    set.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    set.insert(header::VARY, header::HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        set.insert(header::CONTENT_ENCODING, header::HeaderValue::from_static(coding));
    }
    response
}

/// Nothing here is for search engines.
pub(crate) async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /\n"
}
