//! At the door: what whoever comes needs; and whether somebody came.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};

/// What whoever comes needs to know, as the patient or a carer writes it.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/door.html")]
pub(crate) struct DoorPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    pub(crate) post: Post,
    pub(crate) phone: FieldView,
    pub(crate) food: FieldView,
    /// The number is the reader's own, and not written down here yet.
    pub(crate) own: bool,
}

/// Whether somebody came: first whether they are all right.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/how.html")]
pub(crate) struct HowPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    pub(crate) promises: Vec<PromiseRow>,
}

/// One promise.
#[derive(Clone, Debug)]
pub(crate) struct PromiseRow {
    /// "Tom".
    pub(crate) name: String,
    /// "It was done."
    pub(crate) known: String,
    /// Says that it was done; none where that is known.
    pub(crate) done: Option<Post>,
    /// Says that it was not; none where that is known.
    pub(crate) missed: Option<Post>,
}

impl DoorPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("phone", &self.phone), ("food", &self.food)])
    }
}

impl Page for DoorPage {
    const NAME: &'static str = "door";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::carer(Place::Rota),
            back: "/c/heron-7f3a/rota".to_owned(),
            post: sample::post("/c/heron-7f3a/door"),
            phone: FieldView::filled("01632 960 044"),
            food: FieldView::filled("No nuts. Likes fish pie."),
            own: false,
        };
        let own = Self { own: true, ..page.clone() };
        let wrong = Self {
            phone: FieldView::wrong("ring me", "Enter a phone number, like 01632 960 001"),
            ..page.clone()
        };
        vec![("", page), ("error", wrong), ("own-number", own)]
    }
}

impl Page for HowPage {
    const NAME: &'static str = "how";

    fn samples() -> Vec<(&'static str, Self)> {
        let post = || Some(sample::post("/c/heron-7f3a/rota/41/how"));
        let row = |name: &str, known: &str, done, missed| PromiseRow {
            name: name.to_owned(),
            known: known.to_owned(),
            done,
            missed,
        };
        let page = Self {
            layout: sample::carer(Place::Rota),
            back: "/c/heron-7f3a/rota/41".to_owned(),
            promises: vec![
                row("Tom", "Nobody has said how it went.", post(), post()),
                row("Joan", "It was done.", None, post()),
            ],
        };
        vec![("", page)]
    }
}
