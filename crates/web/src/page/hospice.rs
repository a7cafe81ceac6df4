//! What coordinators work from. Never a patient's name, a friend's name, a note or a private page.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::{Heat, HeatCell, HeatDay, HeatRow, Icon, Qr};

/// The coordinator's morning.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/today.html")]
pub(crate) struct TodayPage {
    pub(crate) layout: Layout,
    pub(crate) reader: String,
    /// "Monday 23 November".
    pub(crate) date: String,
    pub(crate) circles: usize,
    pub(crate) gaps: Vec<GapRow>,
    /// In the six days after today.
    pub(crate) gaps_ahead: usize,
    pub(crate) check: Vec<CheckRow>,
    pub(crate) heat: Heat,
    /// "These figures are from 8.05am", when they could not be read anew.
    pub(crate) stale: Option<String>,
    pub(crate) start: String,
}

/// A slot of today that nobody does.
#[derive(Clone, Debug)]
pub(crate) struct GapRow {
    /// Nature name.
    pub(crate) circle: String,
    /// "shopping, 11am".
    pub(crate) what: String,
    /// "Asked yesterday. No answer yet."
    pub(crate) asked: String,
    pub(crate) next: Rung,
}

/// What to do next about a gap.
#[derive(Clone, Debug)]
pub(crate) enum Rung {
    AskCircle(Post),
    AskVolunteers(Post),
    /// The page of the circle, where the lead carer's phone is.
    Ring(String),
}

/// A circle that should be looked at, and why.
#[derive(Clone, Debug)]
pub(crate) struct CheckRow {
    pub(crate) circle: String,
    /// "10 gaps this week. Two people do nearly everything."
    pub(crate) reason: String,
    pub(crate) href: String,
}

/// Start a circle with a family.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/start_circle.html")]
pub(crate) struct StartCirclePage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    pub(crate) post: Post,
    /// The number at which the family's first carer is known; may be empty.
    pub(crate) phone: FieldView,
}

/// The card for the family, to print. The words are shown this once.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/card.html")]
pub(crate) struct CardPage {
    pub(crate) layout: Layout,
    /// "Heron".
    pub(crate) circle: String,
    /// `None` when the address is too long for a code.
    pub(crate) qr: Option<Qr>,
    pub(crate) address: String,
    /// "blue teapot".
    pub(crate) words: String,
    /// "Monday 7 December".
    pub(crate) until: String,
    pub(crate) back: String,
}

/// One circle, as staff see it. Each opening is recorded where the patient reads it.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/oversight.html")]
pub(crate) struct OversightPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    pub(crate) circle: String,
    /// "Going on", "Frozen since Friday".
    pub(crate) state: String,
    /// "9 people, 2 of them do most".
    pub(crate) people: String,
    /// "Yesterday", or "9 days ago".
    pub(crate) last_seen: String,
    /// First name is not shown; the number was given to the organisation.
    pub(crate) phone: Option<String>,
    /// Four weeks.
    pub(crate) cover: Heat,
    /// Kind, time, covered or not.
    pub(crate) slots: Vec<OversightSlot>,
    /// A new card, when the lead carer lost everything.
    pub(crate) new_card: Option<Post>,
    /// Safeguarding: only the patient reads.
    pub(crate) freeze: Option<Post>,
    pub(crate) unfreeze: Option<Post>,
}

/// One slot without words or names.
#[derive(Clone, Debug)]
pub(crate) struct OversightSlot {
    pub(crate) icon: Icon,
    /// "Shopping".
    pub(crate) kind: String,
    /// "Thursday 26 November, 2pm".
    pub(crate) when: String,
    pub(crate) covered: bool,
}

impl StartCirclePage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("phone", &self.phone)])
    }
}

impl Page for TodayPage {
    const NAME: &'static str = "today";

    fn samples() -> Vec<(&'static str, Self)> {
        let gap = |circle: &str, what: &str, asked: &str, next| GapRow {
            circle: circle.to_owned(),
            what: what.to_owned(),
            asked: asked.to_owned(),
            next,
        };
        let check = |circle: &str, reason: &str| CheckRow {
            circle: circle.to_owned(),
            reason: reason.to_owned(),
            href: "/h/circles/maple-22b1".to_owned(),
        };
        let filled = Self {
            layout: sample::staff(Place::Today),
            reader: "Amira".to_owned(),
            date: "Monday 23 November".to_owned(),
            circles: 4,
            gaps: vec![
                gap(
                    "Maple",
                    "shopping, 11am",
                    "Asked yesterday. No answer yet.",
                    Rung::AskVolunteers(sample::post("/h/gaps/1/volunteers")),
                ),
                gap(
                    "Maple",
                    "visit, 3pm",
                    "A helper dropped out at 7.10am. Volunteers were asked.",
                    Rung::Ring("/h/circles/maple-22b1".to_owned()),
                ),
                gap(
                    "Heron",
                    "dog walk, 4pm",
                    "Not asked yet.",
                    Rung::AskCircle(sample::post("/h/gaps/3/circle")),
                ),
            ],
            gaps_ahead: 14,
            check: vec![
                check("Maple", "10 gaps this week. Two people do nearly everything."),
                check("Rowan", "No visit in 9 days. Nobody has signed in."),
            ],
            heat: heat(),
            stale: None,
            start: "/h/circles/start".to_owned(),
        };
        let covered = Self {
            gaps: Vec::new(),
            check: Vec::new(),
            gaps_ahead: 0,
            stale: Some("These figures are from 8.05am. We are trying again.".to_owned()),
            ..filled.clone()
        };
        let empty = Self {
            circles: 0,
            heat: Heat { rows: Vec::new(), ..heat() },
            stale: None,
            ..covered.clone()
        };
        vec![("", filled), ("covered", covered), ("empty", empty)]
    }
}

impl Page for StartCirclePage {
    const NAME: &'static str = "start-circle";

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            layout: sample::staff(Place::Start),
            back: "/h".to_owned(),
            post: sample::post("/h/circles/start"),
            phone: FieldView::default(),
        };
        let wrong = Self {
            phone: FieldView::wrong("12", "Enter a phone number, like 01632 960 123"),
            ..empty.clone()
        };
        vec![("", empty), ("error", wrong)]
    }
}

impl Page for CardPage {
    const NAME: &'static str = "card";

    fn samples() -> Vec<(&'static str, Self)> {
        let address = "https://kith.example/t/q7Kd93hfPzZs2mXw";
        let page = Self {
            layout: sample::staff(Place::Start),
            circle: "Heron".to_owned(),
            qr: Qr::new(address),
            address: address.to_owned(),
            words: "blue teapot".to_owned(),
            until: "Monday 7 December".to_owned(),
            back: "/h".to_owned(),
        };
        vec![("", page)]
    }
}

impl Page for OversightPage {
    const NAME: &'static str = "oversight";

    fn samples() -> Vec<(&'static str, Self)> {
        let slot = |icon, kind: &str, when: &str, covered| OversightSlot {
            icon,
            kind: kind.to_owned(),
            when: when.to_owned(),
            covered,
        };
        let page = Self {
            layout: sample::staff(Place::Today),
            back: "/h".to_owned(),
            circle: "Heron".to_owned(),
            state: "Going on".to_owned(),
            people: "9 people".to_owned(),
            last_seen: "Yesterday".to_owned(),
            phone: Some("07700 900 123".to_owned()),
            cover: Heat {
                rows_are: "Week",
                days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
                    .map(|name| HeatDay { name: name.to_owned(), date: String::new() })
                    .into(),
                rows: ["23 November", "30 November", "7 December", "14 December"]
                    .map(|week| HeatRow { href: None, ..row(week, [(2, 1); 7]) })
                    .into(),
            },
            slots: vec![
                slot(Icon::Cup, "Visit", "Today, 2pm to 3pm", true),
                slot(Icon::Dog, "Dog walk", "Today, 4pm to 5pm", false),
            ],
            new_card: Some(sample::post("/h/circles/heron-7f3a/card")),
            freeze: Some(sample::post("/h/circles/heron-7f3a/freeze")),
            unfreeze: None,
        };
        let frozen = Self {
            state: "Frozen since Friday".to_owned(),
            phone: None,
            slots: Vec::new(),
            new_card: None,
            freeze: None,
            unfreeze: Some(sample::post("/h/circles/heron-7f3a/unfreeze")),
            ..page.clone()
        };
        vec![("", page), ("frozen", frozen)]
    }
}

fn row(name: &str, cells: [(usize, usize); 7]) -> HeatRow {
    HeatRow {
        name: name.to_owned(),
        href: Some("/h/circles/heron-7f3a".to_owned()),
        cells: cells.map(|(covered, gaps)| HeatCell { covered, gaps }).into(),
    }
}

fn heat() -> Heat {
    let names = ["Today", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = |(name, number): (&str, u8)| HeatDay {
        name: name.to_owned(),
        date: format!("{number} Nov"),
    };
    Heat {
        rows_are: "Circle",
        days: names.into_iter().zip(23..).map(day).collect(),
        rows: vec![
            row("Heron", [(2, 1), (2, 0), (2, 0), (1, 1), (2, 0), (1, 0), (1, 1)]),
            row("Maple", [(0, 2), (0, 2), (1, 1), (2, 0), (0, 2), (0, 1), (0, 2)]),
            row("Wren", [(2, 0), (2, 0), (1, 0), (0, 0), (2, 0), (2, 0), (1, 0)]),
            row("Rowan", [(0, 0), (0, 0), (1, 0), (0, 0), (0, 0), (0, 0), (1, 0)]),
        ],
    }
}
