//! "I'm worried": who is told, and the inbox of the organisation.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;

/// "I'm worried": first the number to ring.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/worried.html")]
pub(crate) struct WorriedPage {
    pub(crate) layout: Layout,
    /// The own rota.
    pub(crate) back: String,
    pub(crate) post: Post,
    pub(crate) worry: FieldView,
    pub(crate) callback: FieldView,
}

/// What was told to the organisation, without what was told.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/concerns.html")]
pub(crate) struct InboxPage {
    pub(crate) layout: Layout,
    pub(crate) rows: Vec<InboxRow>,
}

/// One line of the inbox.
#[derive(Clone, Debug)]
pub(crate) struct InboxRow {
    /// "Heron".
    pub(crate) circle: String,
    /// "Today, 3pm".
    pub(crate) when: String,
    pub(crate) settled: bool,
    pub(crate) href: String,
}

/// One worry.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/concern.html")]
pub(crate) struct ConcernPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    /// "Heron".
    pub(crate) circle: String,
    /// The circle's page.
    pub(crate) circle_href: String,
    /// "Today, 3pm".
    pub(crate) when: String,
    pub(crate) note: String,
    pub(crate) callback: Option<String>,
    /// Says that it was dealt with; none once it was.
    pub(crate) settle: Option<Post>,
}

impl WorriedPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("worry", &self.worry), ("callback", &self.callback)])
    }
}

impl Page for WorriedPage {
    const NAME: &'static str = "worried";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::volunteer(Place::MyRota),
            back: "/me/rota".to_owned(),
            post: sample::post("/c/heron-7f3a/worried"),
            worry: FieldView::default(),
            callback: FieldView::default(),
        };
        let wrong =
            Self { worry: FieldView::wrong("", "Please write something here"), ..page.clone() };
        vec![("", page), ("error", wrong)]
    }
}

impl Page for InboxPage {
    const NAME: &'static str = "concerns";

    fn samples() -> Vec<(&'static str, Self)> {
        let row = |circle: &str, when: &str, settled| InboxRow {
            circle: circle.to_owned(),
            when: when.to_owned(),
            settled,
            href: "/h/concerns/1".to_owned(),
        };
        let page = Self {
            layout: sample::staff(Place::Concerns),
            rows: vec![row("Heron", "Today, 3pm", false), row("Wren", "Yesterday, 9am", true)],
        };
        vec![("", page.clone()), ("empty", Self { rows: Vec::new(), ..page })]
    }
}

impl Page for ConcernPage {
    const NAME: &'static str = "concern";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::staff(Place::Concerns),
            back: "/h/concerns".to_owned(),
            circle: "Heron".to_owned(),
            circle_href: "/h/circles/heron".to_owned(),
            when: "Today, 3pm".to_owned(),
            note: "She seemed frightened when the door opened.".to_owned(),
            callback: Some("01632 960 044, after 5pm".to_owned()),
            settle: Some(sample::post("/h/concerns/1/settled")),
        };
        let settled = Self { settle: None, callback: None, ..page.clone() };
        vec![("", page), ("settled", settled)]
    }
}
