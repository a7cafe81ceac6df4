//! Name a friend: in set-up, and at any time after.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::{Choice, Patient};
use super::{Page, presets, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;

/// Who, how to reach her, and what she may see. No answer is chosen for a new person.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/name_friend.html")]
pub(crate) struct NameFriendPage {
    pub(crate) layout: Layout,
    pub(crate) patient: Patient,
    /// Third of the four steps of set-up.
    pub(crate) in_set_up: bool,
    pub(crate) back: String,
    pub(crate) post: Post,
    pub(crate) name: FieldView,
    /// Empty for somebody without e-mail, who gets a card with words.
    pub(crate) email: FieldView,
    /// From [`presets::choices`].
    pub(crate) choices: Vec<Choice>,
    pub(crate) see: FieldView,
    /// *And how to get in.*
    pub(crate) entry: bool,
    /// "Ruth has asked for your help" may stand in the invitation.
    pub(crate) say_who: bool,
    /// Goes on, or home.
    pub(crate) skip: String,
    /// First names of those named already, in set-up.
    pub(crate) named: Vec<String>,
}

impl NameFriendPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("name", &self.name), ("email", &self.email), ("see", &self.see)])
    }

    fn name_hint(&self) -> String {
        if self.patient.is_reader {
            "The name you know them by.".to_owned()
        } else {
            format!("The name {} knows them by.", self.patient.name)
        }
    }

    /// "Grace", once typed; "they" before.
    fn friend(&self) -> &str {
        if self.name.value.is_empty() { "they" } else { &self.name.value }
    }
}

impl Page for NameFriendPage {
    const NAME: &'static str = "name-friend";

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            layout: sample::carer(Place::People),
            patient: sample::margaret(),
            in_set_up: false,
            back: "/c/heron-7f3a/people".to_owned(),
            post: sample::post("/c/heron-7f3a/people/name"),
            name: FieldView::default(),
            email: FieldView::default(),
            choices: presets::choices(&sample::margaret()),
            see: FieldView::default(),
            entry: false,
            say_who: true,
            skip: "/c/heron-7f3a/people".to_owned(),
            named: Vec::new(),
        };
        let set_up = Self {
            in_set_up: true,
            layout: sample::plain("Ruth"),
            named: sample::texts(&["Joan", "Priya"]),
            ..empty.clone()
        };
        let wrong = Self {
            name: FieldView::filled("Grace"),
            email: FieldView::wrong(
                "grace at home",
                "Enter an e-mail address, like grace@example.com",
            ),
            see: FieldView::wrong("", "Choose what Grace may see"),
            ..set_up.clone()
        };
        vec![("", empty), ("set-up", set_up), ("error", wrong)]
    }
}
