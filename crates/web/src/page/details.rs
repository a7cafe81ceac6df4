//! One's own details, reminders, and signing out everywhere.

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
    /// How one comes in; not changed here.
    pub(crate) email: Option<String>,
    /// Optional.
    pub(crate) phone: FieldView,
    pub(crate) reminders: Reminders,
    pub(crate) devices: String,
    /// Ends every session of this person.
    pub(crate) sign_out_everywhere: Post,
    /// Circles one may leave: name, and where the page that asks is.
    pub(crate) leave: Vec<(String, String)>,
}

/// When one wants to be reminded; neither is fine too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reminders {
    pub(crate) day_before: bool,
    pub(crate) two_hours: bool,
    /// No mail at all but sign-in codes.
    pub(crate) no_mail: bool,
}

impl DetailsPage {
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
            phone: FieldView::default(),
            reminders: Reminders { day_before: true, two_hours: true, no_mail: false },
            devices: "/me/devices".to_owned(),
            sign_out_everywhere: sample::post("/me/sign-out-everywhere"),
            leave: vec![("Heron circle".to_owned(), "/me/leave/heron-7f3a".to_owned())],
        };
        let wrong = Self {
            layout: sample::volunteer(Place::Details),
            name: FieldView::wrong("", "Tell us the name that the circle should see"),
            phone: FieldView::wrong("next door", "Enter a phone number, like 01632 960 001"),
            ..filled.clone()
        };
        vec![("", filled), ("error", wrong)]
    }
}

impl Page for LeavePage {
    const NAME: &'static str = "leave";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = Self {
            layout: sample::volunteer(Place::Details),
            circle: "Heron".to_owned(),
            tasks: sample::texts(&["visit on Tuesday", "shopping on 5 December"]),
            post: sample::post("/me/leave/heron-7f3a"),
            stay: "/me/details".to_owned(),
        };
        vec![("", filled.clone()), ("no-tasks", Self { tasks: Vec::new(), ..filled })]
    }
}
