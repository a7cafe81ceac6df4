//! Asking to join by a link that somebody sent: asking, waiting, and coming in. Nothing of the patient.

use askama::Template;

use super::invitation::Joining;
use super::layout::Layout;
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;

/// Who are you?
#[derive(Clone, Debug, Template)]
#[template(path = "pages/join.html")]
pub(crate) struct AskToJoinPage {
    pub(crate) layout: Layout,
    /// "Heron".
    pub(crate) circle: String,
    pub(crate) post: Post,
    pub(crate) name: FieldView,
    pub(crate) email: FieldView,
    pub(crate) shares_mailbox: bool,
    pub(crate) shared_computer: bool,
}

impl AskToJoinPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("name", &self.name), ("email", &self.email)])
    }
}

/// The two words to say, until somebody answers.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/join_waiting.html")]
pub(crate) struct WaitingPage {
    pub(crate) layout: Layout,
    /// "Heron".
    pub(crate) circle: String,
    /// "blue teapot".
    pub(crate) words: String,
    /// "29 November".
    pub(crate) until: String,
    /// The same page.
    pub(crate) again: String,
    /// The address that was typed here, if any.
    pub(crate) address: Option<String>,
    /// Takes another.
    pub(crate) post: Post,
    pub(crate) email: FieldView,
    /// For somebody else who uses the same device, while the link counts.
    pub(crate) another: Option<String>,
}

impl WaitingPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("email", &self.email)])
    }
}

/// Yes: a number of one's own, and in.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/join_number.html")]
pub(crate) struct ChooseNumberPage {
    pub(crate) layout: Layout,
    /// "Heron".
    pub(crate) circle: String,
    pub(crate) post: Post,
    pub(crate) joining: Joining,
}

impl ChooseNumberPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([
            ("number", &self.joining.number),
            ("number_again", &self.joining.again),
            ("already_here", &self.joining.already_here),
        ])
    }
}

impl Page for AskToJoinPage {
    const NAME: &'static str = "join";

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            layout: sample::nobody(),
            circle: "Heron".to_owned(),
            post: sample::post("/join/a"),
            name: FieldView::default(),
            email: FieldView::default(),
            shares_mailbox: false,
            shared_computer: false,
        };
        let wrong = Self {
            name: FieldView::wrong("", "Tell us the name they like"),
            email: FieldView::wrong(
                "grace at home",
                "Enter an e-mail address, like grace@example.com",
            ),
            ..empty.clone()
        };
        vec![("", empty), ("error", wrong)]
    }
}

impl Page for WaitingPage {
    const NAME: &'static str = "join-waiting";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::nobody(),
            circle: "Heron".to_owned(),
            words: "blue teapot".to_owned(),
            until: "29 November".to_owned(),
            again: "/join/a".to_owned(),
            address: Some("nina@example.com".to_owned()),
            post: sample::post("/join/a/address"),
            email: FieldView::filled("nina@example.com"),
            another: Some("/join/a?another=yes".to_owned()),
        };
        let none = Self { address: None, email: FieldView::default(), ..page.clone() };
        let wrong = "Enter an e-mail address, like grace@example.com";
        let wrong = Self { email: FieldView::wrong("nina at home", wrong), ..page.clone() };
        let full = Self { another: None, ..page.clone() };
        vec![("", page), ("no-mail", none), ("error", wrong), ("full", full)]
    }
}

impl Page for ChooseNumberPage {
    const NAME: &'static str = "join-number";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::nobody(),
            circle: "Heron".to_owned(),
            post: sample::post("/join/a/in"),
            joining: Joining::default(),
        };
        let wrong = Self {
            joining: Joining {
                number: FieldView::wrong("", "That is easy to guess. Choose another number"),
                ..Joining::default()
            },
            ..page.clone()
        };
        let here = Self {
            joining: Joining { here: Some("Tom".to_owned()), ..Joining::default() },
            ..page.clone()
        };
        vec![("", page), ("error", wrong), ("here", here)]
    }
}
