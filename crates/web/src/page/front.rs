//! Coming in: welcome, sign in, which one are you.

use askama::Template;

use super::layout::Layout;
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, OtherWay, Post};
use crate::picture::Icon;

/// The first page, without any circle or count on it.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/welcome.html")]
pub(crate) struct WelcomePage {
    pub(crate) layout: Layout,
    pub(crate) sign_in: String,
    /// What to do with an invitation or a card.
    pub(crate) invited: String,
    /// Where somebody who is signed in already goes.
    pub(crate) mine: Option<String>,
    /// Only in the demonstration: come in as somebody.
    pub(crate) demo: Option<String>,
}

/// Ask for a code.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/sign_in.html")]
pub(crate) struct SignInPage {
    pub(crate) layout: Layout,
    /// The session ended while something was typed; it is kept.
    pub(crate) carried: bool,
    pub(crate) post: Post,
    pub(crate) email: FieldView,
    /// A computer that others use too.
    pub(crate) shared_computer: bool,
    /// For those who have an invitation or a card instead.
    pub(crate) invited: String,
}

/// Type the code. Says the same whether the address is known or not.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/check_mail.html")]
pub(crate) struct CheckMailPage {
    pub(crate) layout: Layout,
    pub(crate) post: Post,
    /// "t…@e…".
    pub(crate) masked: String,
    pub(crate) code: FieldView,
    /// Sends another code.
    pub(crate) again: Post,
    pub(crate) other_address: String,
}

/// What the link in the mail opens: nothing happens before the button.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/mail_link.html")]
pub(crate) struct MailLinkPage {
    pub(crate) layout: Layout,
    /// `None` when the link has run out or was used.
    pub(crate) post: Option<Post>,
    pub(crate) sign_in: String,
}

/// Two people share a mailbox or a tablet.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/which_one.html")]
pub(crate) struct WhichOnePage {
    pub(crate) layout: Layout,
    /// First names, each with the form that says "I am this one".
    pub(crate) people: Vec<(String, Post)>,
    /// Something was typed before this was asked, and is kept.
    pub(crate) carried: bool,
    /// By mail.
    pub(crate) neither: OtherWay,
}

/// Somebody who is several things goes where she wants.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/places.html")]
pub(crate) struct PlacesPage {
    pub(crate) layout: Layout,
    /// Words, a line about it, and the address.
    pub(crate) places: Vec<(String, String, String)>,
}

impl WhichOnePage {
    /// "Tom or Jean".
    fn names(&self) -> String {
        let names: Vec<&str> = self.people.iter().map(|(name, _)| name.as_str()).collect();
        names.join(" or ")
    }
}

impl SignInPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("email", &self.email)])
    }
}

impl CheckMailPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("code", &self.code)])
    }
}

impl Page for WelcomePage {
    const NAME: &'static str = "welcome";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::nobody(),
            sign_in: "/sign-in".to_owned(),
            invited: "/invited".to_owned(),
            mine: None,
            demo: None,
        };
        let demo = Self {
            layout: sample::demo(sample::nobody()),
            demo: Some("/demo".to_owned()),
            ..page.clone()
        };
        let known =
            Self { layout: sample::plain("Tom"), mine: Some("/me".to_owned()), ..page.clone() };
        vec![("", page), ("demo", demo), ("signed-in", known)]
    }
}

impl Page for SignInPage {
    const NAME: &'static str = "sign-in";

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            layout: sample::nobody(),
            carried: false,
            post: sample::post("/sign-in"),
            email: FieldView::default(),
            shared_computer: false,
            invited: "/invited".to_owned(),
        };
        let wrong = Self {
            email: FieldView::wrong("tom", "Enter an e-mail address, like tom@example.com"),
            ..empty.clone()
        };
        vec![("", empty), ("error", wrong)]
    }
}

impl Page for CheckMailPage {
    const NAME: &'static str = "check-mail";

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            layout: sample::nobody(),
            post: sample::post("/sign-in/check"),
            masked: "t…@e…".to_owned(),
            code: FieldView::default(),
            again: sample::post("/sign-in/again"),
            other_address: "/sign-in".to_owned(),
        };
        let wrong = Self {
            code: FieldView::wrong("", "That code has run out. We have sent a new one"),
            ..empty.clone()
        };
        vec![("", empty), ("error", wrong)]
    }
}

impl Page for MailLinkPage {
    const NAME: &'static str = "mail-link";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::nobody(),
            post: Some(sample::post("/sign-in/link")),
            sign_in: "/sign-in".to_owned(),
        };
        vec![("", page.clone()), ("used", Self { post: None, ..page })]
    }
}

impl Page for WhichOnePage {
    const NAME: &'static str = "which-one";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::nobody(),
            people: ["Tom", "Jean"]
                .map(|name| (name.to_owned(), sample::post("/which-one")))
                .into(),
            carried: false,
            neither: OtherWay::Link("/sign-in".to_owned()),
        };
        let carried = Self {
            carried: true,
            neither: OtherWay::Post(sample::post("/sign-in/here")),
            ..page.clone()
        };
        vec![("", page), ("carried", carried)]
    }
}

impl Page for PlacesPage {
    const NAME: &'static str = "places";

    fn samples() -> Vec<(&'static str, Self)> {
        let place = |name: &str, about: &str, href: &str| {
            (name.to_owned(), about.to_owned(), href.to_owned())
        };
        let page = Self {
            layout: sample::plain("Joan"),
            places: vec![
                place("Margaret’s circle", "You are a friend here", "/c/heron-7f3a/"),
                place("My rota", "What you have promised", "/me"),
            ],
        };
        vec![("", page)]
    }
}
