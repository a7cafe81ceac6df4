//! One's own details, and signing out everywhere.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;

/// My details.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/details.html")]
pub(crate) struct DetailsPage {
    pub(crate) layout: Layout,
    pub(crate) post: Post,
    /// The name that circles see.
    pub(crate) name: FieldView,
    /// How one comes in.
    pub(crate) email: Option<String>,
    /// Where it is changed.
    pub(crate) address: String,
    /// Nobody has shown yet that it is read: sends a code there.
    pub(crate) prove: Option<Post>,
    /// E-mails there come back: says that they would not now.
    pub(crate) comes_back: Option<Post>,
    /// Optional.
    pub(crate) phone: FieldView,
    /// The reader runs a circle, and the hospice rings that number about it.
    pub(crate) hospice_rings: bool,
    /// Where one chooses which e-mails come.
    pub(crate) mails: String,
    pub(crate) devices: String,
    /// Ends every session of this person.
    pub(crate) sign_out_everywhere: Post,
    /// Circles about which one may write to the coordinators: name, and where that is.
    pub(crate) worried: Vec<(String, String)>,
    /// Circles one may leave: name, and where the page that asks is.
    pub(crate) leave: Vec<(String, String)>,
}

impl DetailsPage {
    fn phone_hint(&self) -> &'static str {
        if self.hospice_rings {
            "Only the hospice sees it, and rings it only when it matters."
        } else {
            "Kept with your details. Nobody in the circle sees it."
        }
    }

    fn errors(&self) -> FormErrors {
        FormErrors::of([("name", &self.name), ("phone", &self.phone)])
    }
}

/// Leave a circle, or stop being asked.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/leave.html")]
pub(crate) struct LeavePage {
    pub(crate) layout: Layout,
    /// "Heron".
    pub(crate) circle: String,
    /// "visit on Tuesday": tasks that become open again.
    pub(crate) tasks: Vec<String>,
    /// Where one shows first that it is oneself, on a device that is not trusted in the circle.
    pub(crate) surer: Option<String>,
    pub(crate) post: Post,
    pub(crate) stay: String,
}

impl Page for DetailsPage {
    const NAME: &'static str = "details";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = Self {
            layout: sample::volunteer(Place::Details),
            post: sample::post("/me/details"),
            name: FieldView::filled("Tom"),
            email: Some("tom@example.com".to_owned()),
            address: "/me/address".to_owned(),
            prove: None,
            comes_back: None,
            phone: FieldView::default(),
            hospice_rings: false,
            mails: "/me/e-mails".to_owned(),
            devices: "/me/devices".to_owned(),
            sign_out_everywhere: sample::post("/me/sign-out-everywhere"),
            worried: vec![("Heron circle".to_owned(), "/c/heron-7f3a/worried".to_owned())],
            leave: vec![("Heron circle".to_owned(), "/me/leave/heron-7f3a".to_owned())],
        };
        let wrong = Self {
            layout: sample::volunteer(Place::Details),
            name: FieldView::wrong("", "Tell us the name that the circle should see"),
            comes_back: Some(sample::post("/me/address-works")),
            hospice_rings: true,
            phone: FieldView::wrong("next door", "Enter a phone number, like 01632 960 001"),
            ..filled.clone()
        };
        let unproved = Self { prove: Some(sample::post("/sign-in")), ..filled.clone() };
        let no_mail = Self { email: None, ..filled.clone() };
        vec![("", filled), ("error", wrong), ("unproved", unproved), ("no-mail", no_mail)]
    }
}

impl Page for LeavePage {
    const NAME: &'static str = "leave";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = Self {
            layout: sample::volunteer(Place::Details),
            circle: "Heron".to_owned(),
            tasks: sample::texts(&["visit on Tuesday", "shopping on 5 December"]),
            surer: None,
            post: sample::post("/me/leave/heron-7f3a"),
            stay: "/me/details".to_owned(),
        };
        let surer = Some("/c/heron-7f3a/enrol?next=/me/leave/heron-7f3a".to_owned());
        vec![
            ("", filled.clone()),
            ("no-tasks", Self { tasks: Vec::new(), ..filled.clone() }),
            ("unknown-device", Self { surer, ..filled }),
        ]
    }
}
