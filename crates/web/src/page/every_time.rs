//! Ending what one does each time.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::Choice;
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};

/// "Stop doing this each time?"
#[derive(Clone, Debug, Template)]
#[template(path = "pages/every_time.html")]
pub(crate) struct StopEveryPage {
    pub(crate) layout: Layout,
    /// The slot's own page.
    pub(crate) back: String,
    /// "Shopping, every Tuesday, until 24 December 2026".
    pub(crate) what: String,
    /// "Three dates are on your rota now: 24 November, 1 December and 8 December."
    pub(crate) dates: Option<String>,
    /// First name of the member without e-mail for whom it is ended.
    pub(crate) name: Option<String>,
    pub(crate) post: Post,
    /// The last day that one does it.
    pub(crate) last: FieldView,
    /// What becomes of later dates that are the reader's already.
    pub(crate) then: FieldView,
}

impl StopEveryPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("last", &self.last)])
    }

    fn thens(&self) -> Vec<Choice> {
        let (keep, back) = match &self.name {
            None => (
                "I still do those that are on my rota".to_owned(),
                "I hand them back, and the others are asked",
            ),
            Some(name) => (
                format!("{name} still does those"),
                "They are handed back, and the others are asked",
            ),
        };
        vec![Choice::plain("keep", keep), Choice::plain("back", back)]
    }

    fn last_label(&self) -> String {
        let who = self.name.as_deref().map_or("you do".to_owned(), |name| format!("{name} does"));
        format!("The last day that {who} it")
    }

    fn then_label(&self) -> String {
        let whose = self.name.as_deref().map_or("yours".to_owned(), |name| format!("{name}’s"));
        format!("And the dates after that which are {whose} already?")
    }
}

impl Page for StopEveryPage {
    const NAME: &'static str = "every-time";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::volunteer(Place::MyRota),
            back: "/c/heron-7f3a/rota/41".to_owned(),
            what: "Shopping, every Tuesday, until 24 December 2026".to_owned(),
            dates: Some(
                "Three dates are on your rota now, the last on Tuesday 8 December.".to_owned(),
            ),
            name: None,
            post: sample::post("/c/heron-7f3a/rota/41/every"),
            last: FieldView::filled("2026-11-24"),
            then: FieldView::filled("keep"),
        };
        let last = FieldView::wrong("2026-11-01", "Choose today, or a day that is still to come");
        let wrong = Self { last, dates: None, ..page.clone() };
        let alans = Self {
            name: Some("Alan".to_owned()),
            dates: Some(
                "Three dates are on Alan’s rota now, the last on Tuesday 8 December.".to_owned(),
            ),
            ..page.clone()
        };
        vec![("", page), ("error", wrong), ("for-somebody", alans)]
    }
}
