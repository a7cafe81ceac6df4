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
    /// When the reader is away, or will be, in order.
    pub(crate) away: Vec<AwayRow>,
}

/// A time for which somebody is away.
#[derive(Clone, Debug)]
pub(crate) struct AwayRow {
    /// "from 1 to 14 December".
    pub(crate) when: String,
    /// It has begun.
    pub(crate) now: bool,
    /// Ends it.
    pub(crate) post: Post,
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
            away: Vec::new(),
        };
        let wrong = Self { from: FieldView::wrong("", "Choose one"), ..page.clone() };
        let row = |when: &str, now| AwayRow {
            when: when.to_owned(),
            now,
            post: sample::post("/me/away/end"),
        };
        let away = Self {
            away: vec![row("from 1 to 14 December", true), row("on 26 December", false)],
            ..page.clone()
        };
        vec![("", page), ("error", wrong), ("now", away)]
    }
}
