//! "I'm away": when, and what happens to what was promised.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};

/// When somebody is away.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/away.html")]
pub(crate) struct AwayPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    pub(crate) post: Post,
    pub(crate) from: FieldView,
    pub(crate) until: FieldView,
    pub(crate) hand_on: bool,
    /// "from 1 to 14 December", and the form that ends it.
    pub(crate) away: Option<(String, Post)>,
}

impl AwayPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("away_from", &self.from), ("away_until", &self.until)])
    }
}

impl Page for AwayPage {
    const NAME: &'static str = "away";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::volunteer(Place::MyRota),
            back: "/me/rota".to_owned(),
            post: sample::post("/me/away"),
            from: FieldView::default(),
            until: FieldView::default(),
            hand_on: false,
            away: None,
        };
        let wrong = Self { from: FieldView::wrong("", "Choose one"), ..page.clone() };
        let away = Self {
            away: Some(("from 1 to 14 December".to_owned(), sample::post("/me/away/end"))),
            ..page.clone()
        };
        vec![("", page), ("error", wrong), ("now", away)]
    }
}
