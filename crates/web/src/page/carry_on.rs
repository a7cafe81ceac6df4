//! After a check: what was typed before it, ready to be sent, or gone.

use askama::Template;

use super::layout::Layout;
use super::{Page, sample};

/// One button that sends what was typed.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/carry_on.html")]
pub(crate) struct CarryOnPage {
    pub(crate) layout: Layout,
    /// "News for the circle", so that nobody saves what they do not know of.
    pub(crate) what: &'static str,
    /// "Pause the circle", where a button was pressed and nothing was typed.
    pub(crate) pressed: Option<&'static str>,
    /// Path that takes the POST.
    pub(crate) action: String,
    /// Names and values as they were typed.
    pub(crate) fields: Vec<(String, String)>,
}

/// What was typed cannot go on: somebody else typed it, or it was too long ago.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/not_carried.html")]
pub(crate) struct NotCarriedPage {
    pub(crate) layout: Layout,
    /// Where whoever came in goes on to.
    pub(crate) next: String,
}

impl Page for NotCarriedPage {
    const NAME: &'static str = "not-carried";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self { layout: sample::plain("Tom"), next: "/me".to_owned() })]
    }
}

impl Page for CarryOnPage {
    const NAME: &'static str = "carry-on";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::plain("Ruth"),
            what: crate::words::what_was_typed("/c/heron-7f3a/news"),
            pressed: None,
            action: "/c/heron-7f3a/news".to_owned(),
            fields: [("receipt", "1"), ("news", "A quiet day.")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        };
        vec![("", page)]
    }
}
