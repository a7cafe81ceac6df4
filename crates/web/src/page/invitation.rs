//! An invitation, and the two words that go with it.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;

/// What the link in an invitation opens. It says who asked, and nothing of the patient.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/invitation.html")]
pub(crate) struct InvitationPage {
    pub(crate) layout: Layout,
    /// First name of whoever asked, if she agreed to be named.
    pub(crate) by: Option<String>,
    /// `None` when it was used, taken back or has run out.
    pub(crate) open: Option<OpenInvitation>,
    /// A card for somebody who was in already, and whose mailbox is not known: what to do instead.
    pub(crate) needs_mailbox: bool,
}

/// An invitation that can be answered.
#[derive(Clone, Debug)]
pub(crate) struct OpenInvitation {
    pub(crate) yes: Post,
    /// Says no. None by an address typed from paper, which may be guessed.
    pub(crate) no: Option<Post>,
    /// The welcome words, if she has them.
    pub(crate) words: FieldView,
    pub(crate) joining: Joining,
    /// Goes on without the words.
    pub(crate) without: Option<Post>,
}

/// What makes a device one's own, asked together with the words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Joining {
    /// The own number that is chosen; never shown again.
    pub(crate) number: FieldView,
    pub(crate) again: FieldView,
    /// "Somebody else reads my e-mail too."
    pub(crate) shares_mailbox: bool,
    /// "Somebody else uses this phone, tablet or computer too."
    pub(crate) shared_computer: bool,
    /// First name of whoever is signed in here and may be the invited person.
    pub(crate) here: Option<String>,
    /// "I am Tom, and have a number here."
    pub(crate) already_here: FieldView,
}

fn errors(words: &FieldView, joining: &Joining) -> FormErrors {
    FormErrors::of([
        ("words", words),
        ("number", &joining.number),
        ("number_again", &joining.again),
        ("already_here", &joining.already_here),
    ])
}

impl InvitationPage {
    fn errors(&self) -> FormErrors {
        self.open
            .as_ref()
            .map_or_else(FormErrors::default, |open| errors(&open.words, &open.joining))
    }

    fn heading(&self) -> String {
        match &self.by {
            Some(by) => format!("{by} has asked for your help"),
            None => "Somebody has asked for your help".to_owned(),
        }
    }
}

/// Two words typed on a device: from a card, for the patient's own tablet, or for a further device.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/words_in.html")]
pub(crate) struct WordsInPage {
    pub(crate) layout: Layout,
    pub(crate) purpose: WordsFor,
    pub(crate) post: Post,
    pub(crate) words: FieldView,
    pub(crate) joining: Joining,
}

/// What the words are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WordsFor {
    /// The coordinator's card: the family's first carer begins a circle.
    Card,
    /// The code that the carer showed: the patient's own tablet.
    OwnTablet,
    /// A device that is to open a circle.
    Device,
}

impl WordsInPage {
    fn errors(&self) -> FormErrors {
        errors(&self.words, &self.joining)
    }
}

/// The carer's side: the words, until they are used.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/words.html")]
pub(crate) struct WordsPage {
    pub(crate) layout: Layout,
    pub(crate) people: String,
    /// "Grace".
    pub(crate) name: String,
    /// "blue teapot"; `None` once used or run out.
    pub(crate) words: Option<String>,
    /// "kith.example/i/7k3d-9xqm": where they are typed. None for somebody who signs in first.
    pub(crate) address: Option<String>,
    /// "until 4 December", or "Used on Saturday at 11am".
    pub(crate) until: String,
    /// Where the address of the invitation is changed, while it is not answered.
    pub(crate) wrong_address: Option<String>,
    /// Makes new words; the old ones stop counting.
    pub(crate) renew: Post,
}

impl Page for InvitationPage {
    const NAME: &'static str = "invitation";

    fn samples() -> Vec<(&'static str, Self)> {
        let open = OpenInvitation {
            yes: sample::post("/i/yes"),
            no: Some(sample::post("/i/no")),
            words: FieldView::default(),
            joining: Joining::default(),
            without: Some(sample::post("/i/without")),
        };
        let page = Self {
            layout: sample::nobody(),
            by: Some("Ruth".to_owned()),
            open: Some(open.clone()),
            needs_mailbox: false,
        };
        let wrong = Self {
            open: Some(OpenInvitation {
                words: FieldView::wrong("blue teaspoon", "Those are not the words. Ask Ruth again"),
                ..open.clone()
            }),
            ..page.clone()
        };
        let here = Self {
            open: Some(OpenInvitation {
                joining: Joining { here: Some("Tom".to_owned()), ..Joining::default() },
                ..open.clone()
            }),
            ..page.clone()
        };
        let typed = Self {
            by: None,
            open: Some(OpenInvitation { no: None, without: None, ..open.clone() }),
            ..page.clone()
        };
        let used = Self { by: None, open: None, ..page.clone() };
        let card = Self { needs_mailbox: true, ..used.clone() };
        vec![
            ("", page),
            ("error", wrong),
            ("here", here),
            ("typed", typed),
            ("used", used),
            ("card-needs-mailbox", card),
        ]
    }
}

impl Page for WordsInPage {
    const NAME: &'static str = "words-in";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = |purpose, words| Self {
            layout: sample::nobody(),
            purpose,
            post: sample::post("/w/words"),
            words,
            joining: Joining::default(),
        };
        vec![
            ("card", page(WordsFor::Card, FieldView::default())),
            ("own-tablet", page(WordsFor::OwnTablet, FieldView::default())),
            ("device", page(WordsFor::Device, FieldView::default())),
            ("error", page(WordsFor::Card, FieldView::wrong("", "Type the two words"))),
        ]
    }
}

impl Page for WordsPage {
    const NAME: &'static str = "words";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::carer(Place::People),
            people: "/c/heron-7f3a/people".to_owned(),
            name: "Grace".to_owned(),
            words: Some("blue teapot".to_owned()),
            address: Some("kith.example/i/7k3d-9xqm".to_owned()),
            until: "until 4 December".to_owned(),
            wrong_address: Some("/c/heron-7f3a/people/7/address".to_owned()),
            renew: sample::post("/c/heron-7f3a/people/7/words"),
        };
        let used =
            Self { words: None, until: "Used on Saturday at 11am".to_owned(), ..page.clone() };
        vec![("", page), ("used", used)]
    }
}
