//! What stands in the address of a page, parsed at the edge.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::answer::Answer;

/// The named parts of a path. One that cannot be what it stands for is a page that is not here:
/// axum's own answer would tell in plain text what we had expected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Answer;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Answer> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(named)| Self(named))
            .map_err(|_| Answer::NotHere)
    }
}

/// What stands behind the question mark; refused like a [`Path`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Answer;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Answer> {
        axum::extract::Query::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(asked)| Self(asked))
            .map_err(|_| Answer::NotHere)
    }
}
