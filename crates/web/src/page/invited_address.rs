//! Another address for an invitation that nobody has accepted.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};

/// "Wrong address? Change it".
#[derive(Clone, Debug, Template)]
#[template(path = "pages/invited_address.html")]
pub(crate) struct InvitedAddressPage {
    pub(crate) layout: Layout,
    /// "Grace".
    pub(crate) name: String,
    /// An invitation was sent before.
    pub(crate) by_mail: bool,
    pub(crate) post: Post,
    pub(crate) email: FieldView,
    pub(crate) phone: FieldView,
    /// The person's own page.
    pub(crate) back: String,
}

impl InvitedAddressPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("email", &self.email), ("phone", &self.phone)])
    }
}

impl Page for InvitedAddressPage {
    const NAME: &'static str = "invited-address";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::carer(Place::People),
            name: "Grace".to_owned(),
            by_mail: true,
            post: sample::post("/c/heron-7f3a/people/7/address"),
            email: FieldView::default(),
            phone: FieldView::default(),
            back: "/c/heron-7f3a/people/7".to_owned(),
        };
        let first = Self { by_mail: false, ..page.clone() };
        let wrong = Self {
            email: FieldView::wrong(
                "grace at home",
                "Enter an e-mail address, like grace@example.com",
            ),
            phone: FieldView::wrong("next door", "Enter a phone number, like 01632 960 001"),
            ..page.clone()
        };
        vec![("", page), ("first", first), ("error", wrong)]
    }
}
