//! Whose promises a change of the rota touches, before anything is written.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::Post;
use crate::words;

/// Asks what becomes of promises before a change touches them.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/touched.html")]
pub(crate) struct TouchedPage {
    pub(crate) layout: Layout,
    pub(crate) cancel: String,
    /// By slot.
    pub(crate) rows: Vec<TouchedRow>,
    /// Sends the change again, with the answer.
    pub(crate) post: Post,
}

/// The promises for one slot.
#[derive(Clone, Debug)]
pub(crate) struct TouchedRow {
    /// "Tom and Joan".
    pub(crate) who: String,
    /// "Tuesday 24 November, 2pm to 3pm".
    pub(crate) was: String,
    /// When it would be; `None` when it would be taken off.
    pub(crate) will_be: Option<String>,
    /// "Tom": whom no e-mail reaches.
    pub(crate) to_ring: Option<String>,
}

impl TouchedPage {
    /// "Tom has promised one of these".
    fn heading(&self) -> String {
        let mut who: Vec<String> = Vec::new();
        for row in &self.rows {
            if !who.contains(&row.who) {
                who.push(row.who.clone());
            }
        }
        format!("This touches what {} promised", words::list(&who))
    }

    /// "Ask Tom", or what is taken off with it.
    fn ask_words(&self) -> String {
        let any_off = self.rows.iter().any(|row| row.will_be.is_none());
        if any_off { "Ask them, and take off what goes" } else { "Ask them" }.to_owned()
    }

    fn is_off(&self) -> bool {
        self.rows.iter().all(|row| row.will_be.is_none())
    }
}

impl Page for TouchedPage {
    const NAME: &'static str = "rota-touched";

    fn samples() -> Vec<(&'static str, Self)> {
        let row = |who: &str, was: &str, will_be: Option<&str>| TouchedRow {
            who: who.to_owned(),
            was: was.to_owned(),
            will_be: will_be.map(str::to_owned),
            to_ring: (who == "Joan").then(|| who.to_owned()),
        };
        let moved = Self {
            layout: sample::carer(Place::Rota),
            cancel: "/c/heron-7f3a/rota".to_owned(),
            rows: vec![
                row(
                    "Tom",
                    "Tuesday 24 November, 2pm to 3pm",
                    Some("Wednesday 25 November, 3pm to 4pm"),
                ),
                row("Joan", "Tuesday 1 December, 2pm to 3pm", None),
            ],
            post: sample::post("/c/heron-7f3a/rota/41/change"),
        };
        let off = Self {
            rows: vec![row("Tom", "Tuesday 24 November, 2pm to 3pm", None)],
            post: sample::post("/c/heron-7f3a/rota/41/off"),
            ..moved.clone()
        };
        vec![("", moved), ("off", off)]
    }
}
