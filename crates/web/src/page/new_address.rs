//! Changing the address at which one reads mail.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};

/// "Another e-mail address".
#[derive(Clone, Debug, Template)]
#[template(path = "pages/new_address.html")]
pub(crate) struct NewAddressPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    /// The address that counts now.
    pub(crate) now: Option<String>,
    pub(crate) post: Post,
    pub(crate) email: FieldView,
    /// Once a code was asked for here.
    pub(crate) confirm: Option<TypeCode>,
}

/// Where the code is typed.
#[derive(Clone, Debug)]
pub(crate) struct TypeCode {
    /// The address that it was asked for.
    pub(crate) to: String,
    pub(crate) post: Post,
    pub(crate) code: FieldView,
}

impl NewAddressPage {
    fn label(&self) -> &'static str {
        if self.now.is_some() { "Your new e-mail address" } else { "Your e-mail address" }
    }

    fn errors(&self) -> FormErrors {
        let code = self.confirm.as_ref().map(|confirm| ("code", &confirm.code));
        FormErrors::of(code.into_iter().chain([("email", &self.email)]))
    }
}

impl Page for NewAddressPage {
    const NAME: &'static str = "new-address";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::volunteer(Place::Details),
            back: "/me/details".to_owned(),
            now: Some("tom@example.com".to_owned()),
            post: sample::post("/me/address"),
            email: FieldView::default(),
            confirm: None,
        };
        let typed = |code| TypeCode {
            to: "tom.baker@example.org".to_owned(),
            post: sample::post("/me/address/code"),
            code,
        };
        let first = Self { now: None, ..page.clone() };
        let waits = Self { confirm: Some(typed(FieldView::default())), ..page.clone() };
        let wrong = Self {
            email: FieldView::wrong("tom", "Enter an e-mail address, like grace@example.com"),
            ..page.clone()
        };
        let wrong_code = FieldView::wrong("", "This code does not fit");
        let misread = Self { confirm: Some(typed(wrong_code)), ..page.clone() };
        vec![("", page), ("first", first), ("code", waits), ("error", wrong), ("misread", misread)]
    }
}
