//! After a check: what was typed before it, ready to be sent.

use askama::Template;

use super::layout::Layout;
use super::{Page, sample};

/// One button that sends what was typed.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/carry_on.html")]
pub(crate) struct CarryOnPage {
    pub(crate) layout: Layout,
    /// Path that takes the POST.
    pub(crate) action: String,
    /// Names and values as they were typed.
    pub(crate) fields: Vec<(String, String)>,
}

impl Page for CarryOnPage {
    const NAME: &'static str = "carry-on";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::plain("Ruth"),
            action: "/c/heron-7f3a/news".to_owned(),
            fields: vec![("news".to_owned(), "A quiet day.".to_owned())],
        };
        vec![("", page)]
    }
}
