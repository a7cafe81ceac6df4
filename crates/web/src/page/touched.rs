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
    /// "Tom" and "Joan".
    pub(crate) who: Vec<String>,
    /// "Tuesday 24 November, 2pm to 3pm".
    pub(crate) was: String,
    /// When it would be; `None` when it would be taken off.
    pub(crate) will_be: Option<String>,
    /// "Tom": whom no e-mail reaches.
    pub(crate) to_ring: Option<String>,
}

impl TouchedPage {
    /// "This touches what Tom and Joan promised".
    fn heading(&self) -> String {
        format!("This touches what {} promised", words::list(&self.names()))
    }

    /// Those who promised, each once.
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.rows.iter().flat_map(|row| &row.who) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// What becomes of it if one goes on.
    fn lede(&self) -> String {
        match (self.is_off(), self.one()) {
            (true, Some(who)) => format!("If you go on, {who} hears that there is no need to go."),
            (true, None) => "If you go on, they hear that there is no need to go.".to_owned(),
            (false, one) => {
                let whom = one.unwrap_or("them");
                let say = one.map_or_else(|| "they say".to_owned(), |who| format!("{who} says"));
                format!(
                    "If you go on, we ask {whom} by e-mail whether the new time suits. Until {say} yes, \
                     it stays as it was promised."
                )
            }
        }
    }

    /// "Ask Tom", or what is taken off with it.
    fn go_on(&self) -> String {
        let whom = self.one().unwrap_or("them");
        if self.is_off() {
            let what = if self.rows.len() == 1 { "it" } else { "them all" };
            let whom = self.one().unwrap_or("whoever promised");
            return format!("Take {what} off, and tell {whom}");
        }
        match self.rows.iter().filter(|row| row.will_be.is_none()).count() {
            0 => format!("Ask {whom}"),
            _ => format!("Ask {whom}, and take off what goes"),
        }
    }

    /// The only one who promised.
    fn one(&self) -> Option<&str> {
        match self.names().as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    fn is_off(&self) -> bool {
        self.rows.iter().all(|row| row.will_be.is_none())
    }
}

impl Page for TouchedPage {
    const NAME: &'static str = "rota-touched";

    fn samples() -> Vec<(&'static str, Self)> {
        let row = |who: &str, was: &str, will_be: Option<&str>| TouchedRow {
            who: vec![who.to_owned()],
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
