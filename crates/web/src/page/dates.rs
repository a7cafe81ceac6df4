//! Taking several dates of one task at once.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};

/// "Take more dates."
#[derive(Clone, Debug, Template)]
#[template(path = "pages/dates.html")]
pub(crate) struct DatesPage {
    pub(crate) layout: Layout,
    /// The slot's own page.
    pub(crate) back: String,
    /// "Shopping".
    pub(crate) what: String,
    pub(crate) post: Post,
    /// Dates that need somebody.
    pub(crate) dates: Vec<DateTick>,
    /// What is wrong with the choice, if something is.
    pub(crate) chosen: FieldView,
    /// The day until which every one is taken, as it was typed.
    pub(crate) until: FieldView,
    /// "The rota reaches to 14 February. Later ones become yours as they are put on it."
    pub(crate) reaches: String,
    /// "every Tuesday", where it goes on: every one may be taken until one says otherwise.
    pub(crate) comes: Option<String>,
    /// That was ticked.
    pub(crate) open: bool,
    /// Two letters, name, and whether it is ticked, of the weekdays of which only some may be taken.
    pub(crate) on: Vec<(&'static str, &'static str, bool)>,
    /// What is wrong with those.
    pub(crate) on_error: FieldView,
    /// "every Tuesday": what the reader does each time now.
    pub(crate) promised: Option<String>,
}

/// One date.
#[derive(Clone, Debug)]
pub(crate) struct DateTick {
    /// What the form sends.
    pub(crate) value: String,
    /// "Tuesday 1 December, 2pm to 3pm".
    pub(crate) when: String,
    /// "You have promised something else at that time."
    pub(crate) hint: String,
    pub(crate) ticked: bool,
}

impl DatesPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([
            ("dates-1", &self.chosen),
            ("on-1", &self.on_error),
            ("all_until", &self.until),
        ])
    }
}

impl Page for DatesPage {
    const NAME: &'static str = "dates";

    fn samples() -> Vec<(&'static str, Self)> {
        let date = |when: &str, hint: &str| DateTick {
            value: when.to_owned(),
            when: when.to_owned(),
            hint: hint.to_owned(),
            ticked: false,
        };
        let page = Self {
            layout: sample::volunteer(Place::MyRota),
            back: "/c/heron-7f3a/rota/41".to_owned(),
            what: "Shopping".to_owned(),
            post: sample::post("/c/heron-7f3a/rota/41/dates"),
            dates: vec![
                date("Tuesday 1 December, 2pm to 3pm", ""),
                date(
                    "Tuesday 8 December, 2pm to 3pm",
                    "You have promised something else at that time.",
                ),
            ],
            chosen: FieldView::default(),
            until: FieldView::default(),
            reaches: "The rota reaches to Tuesday 9 February. Later ones become yours as they are \
                      put on it."
                .to_owned(),
            comes: Some("every Tuesday".to_owned()),
            open: false,
            on: Vec::new(),
            on_error: FieldView::default(),
            promised: None,
        };
        let wrong = Self { chosen: FieldView::wrong("", "Choose one"), ..page.clone() };
        let none = Self { dates: Vec::new(), ..page.clone() };
        let some = Self {
            comes: Some("every Tuesday and Thursday".to_owned()),
            on: vec![("TU", "Tuesday", true), ("TH", "Thursday", false)],
            promised: Some("every Tuesday, until 24 December 2026".to_owned()),
            ..page.clone()
        };
        vec![("", page), ("error", wrong), ("none", none), ("some-weekdays", some)]
    }
}
