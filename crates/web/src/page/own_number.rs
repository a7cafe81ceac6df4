//! The own number: chosen at enrolment, asked again before what is most private.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::page::view::Choice;
use crate::picture::Icon;

/// Choose a number, on a device that is becoming one's own.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/choose_number.html")]
pub(crate) struct ChooseNumberPage {
    pub(crate) layout: Layout,
    pub(crate) post: Post,
    pub(crate) number: FieldView,
    pub(crate) again: FieldView,
}

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
    pub(crate) forgotten: String,
    pub(crate) back: String,
}

/// Asked once, when somebody joins.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/shared.html")]
pub(crate) struct SharedPage {
    pub(crate) layout: Layout,
    pub(crate) post: Post,
    /// `no` or `yes`: somebody else reads this mailbox.
    pub(crate) mailbox: FieldView,
    /// `no` or `yes`: somebody else uses this device.
    pub(crate) device: FieldView,
}

impl ChooseNumberPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("number", &self.number), ("again", &self.again)])
    }
}

impl OwnNumberPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("number", &self.number)])
    }
}

impl SharedPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("mailbox", &self.mailbox), ("device", &self.device)])
    }

    fn mailbox_answers() -> Vec<Choice> {
        vec![
            Choice::plain("no", "Only I read it"),
            Choice::explained(
                "yes",
                "Somebody else reads it too",
                "Then our e-mails to you say even less: no time and no kind of task.",
            ),
        ]
    }

    fn device_answers() -> Vec<Choice> {
        vec![
            Choice::plain("no", "Only I use it"),
            Choice::explained(
                "yes",
                "Somebody else uses it too",
                "Then we ask for your own number each time you come back.",
            ),
        ]
    }
}

impl Page for ChooseNumberPage {
    const NAME: &'static str = "choose-number";

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            layout: sample::plain("Grace"),
            post: sample::post("/enrol/number"),
            number: FieldView::default(),
            again: FieldView::default(),
        };
        let wrong = Self {
            number: FieldView::wrong("", "1234 is easy to guess. Choose another number"),
            ..empty.clone()
        };
        vec![("", empty), ("error", wrong)]
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
            forgotten: "/own-number/forgotten".to_owned(),
            back: "/c/heron-7f3a/".to_owned(),
        };
        let wrong = Self {
            carried: true,
            number: FieldView::wrong("", "That is not your number. You have three tries left"),
            ..empty.clone()
        };
        vec![("", empty), ("error", wrong)]
    }
}

impl Page for SharedPage {
    const NAME: &'static str = "shared";

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            layout: sample::plain("Grace"),
            post: sample::post("/enrol/shared"),
            mailbox: FieldView::default(),
            device: FieldView::default(),
        };
        let wrong = Self {
            mailbox: FieldView::filled("yes"),
            device: FieldView::wrong("", "Choose who uses this device"),
            ..empty.clone()
        };
        vec![("", empty), ("error", wrong)]
    }
}
