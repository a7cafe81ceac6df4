//! The own number, asked again before what is most private.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, OtherWay, Post};

/// Give it before something very private opens. The page is the same for every member, whatever
/// her grants.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/own_number.html")]
pub(crate) struct OwnNumberPage {
    pub(crate) layout: Layout,
    pub(crate) post: Post,
    /// Something was typed before the number was asked for, and is kept.
    pub(crate) carried: bool,
    pub(crate) number: FieldView,
    /// Where to go when it is forgotten.
    pub(crate) forgotten: OtherWay,
    pub(crate) back: String,
}

impl OwnNumberPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("number", &self.number)])
    }
}

impl Page for OwnNumberPage {
    const NAME: &'static str = "own-number";

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            layout: sample::carer(Place::Elsewhere),
            post: sample::post("/own-number"),
            carried: false,
            number: FieldView::default(),
            forgotten: OtherWay::Link("/own-number/forgotten".to_owned()),
            back: "/c/heron-7f3a/".to_owned(),
        };
        let wrong = Self {
            carried: true,
            forgotten: OtherWay::Post(sample::post("/sign-in/here")),
            number: FieldView::wrong("", "That is not your number. You have three tries left"),
            ..empty.clone()
        };
        vec![("", empty), ("error", wrong)]
    }
}
