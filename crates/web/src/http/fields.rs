//! What a form sent: names and values, as typed, so that nothing is lost when something is wrong.

use axum::extract::{FromRequest, Request};
use axum_extra::extract::Form;
use kith_app::Receipt;
use uuid::Uuid;

use super::answer::Answer;

/// The fields of a form, in the order in which they were sent.
#[derive(Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Fields that nobody has sent yet: what a form is filled with at first.
    pub(crate) fn filled(fields: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(fields.iter().map(owned).collect())
    }

    /// The first value of a field; empty when it was not sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field, such as the boxes that were ticked.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Another value in place of those that there are.
    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.0.retain(|(field, _)| field != name);
        self.add(name, value);
    }

    /// One more value of a field.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// An owned copy of [`Self::get`].
    pub(crate) fn take(&self, name: &str) -> String {
        self.get(name).to_owned()
    }

    /// Whether a box was ticked.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, value)| field == name && !value.is_empty())
    }

    /// Every field, to be carried through a check.
    pub(crate) fn list(&self) -> &[(String, String)] {
        &self.0
    }

    /// The form's hidden number.
    pub(crate) fn receipt(&self) -> Result<Receipt, Answer> {
        Uuid::try_parse(self.get("receipt")).map(Receipt).map_err(|_| Answer::OldForm)
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Answer;

    async fn from_request(request: Request, state: &S) -> Result<Self, Answer> {
        Form::<Vec<(String, String)>>::from_request(request, state)
            .await
            .map(|Form(fields)| Self(fields))
            .map_err(|_| Answer::OldForm)
    }
}
