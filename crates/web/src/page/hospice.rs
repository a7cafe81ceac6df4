//! What coordinators look at first. Never a patient's name, a friend's name, a note or a private
//! page.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::picture::{Heat, HeatCell, HeatDay, HeatRow, Icon};

/// The coordinator's morning.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/today.html")]
pub(crate) struct TodayPage {
    pub(crate) layout: Layout,
    /// "Amira".
    pub(crate) reader: String,
    /// "Monday 23 November".
    pub(crate) date: String,
    /// Whether there is no circle at all.
    pub(crate) empty: bool,
    pub(crate) gaps_today: usize,
    /// Those of them where somebody has to come.
    pub(crate) gaps: Vec<GapRow>,
    /// How many others each circle has, for the circle to settle.
    pub(crate) other_gaps: Vec<CheckRow>,
    /// In the six days after today.
    pub(crate) gaps_ahead: usize,
    /// "Three e-mails of the last seven days did not arrive."
    pub(crate) unsent: Option<String>,
    /// "One worry waits for you."; for coordinators.
    pub(crate) worries: Option<String>,
    /// "E-mails to you come back."
    pub(crate) unreached: Vec<String>,
    pub(crate) check: Vec<CheckRow>,
    pub(crate) heat: Heat,
    /// The next circles of the heat map.
    pub(crate) more: Option<String>,
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
    /// The page of the circle, where the lead carer's phone is. Asking the circle is for the
    /// family, so ringing is the coordinator's next step.
    pub(crate) ring: String,
    /// What was told on the telephone is noted: there is nobody left to ring.
    pub(crate) noted: bool,
}

/// A circle that should be looked at, and why.
#[derive(Clone, Debug)]
pub(crate) struct CheckRow {
    pub(crate) circle: String,
    /// "10 gaps this week. Two people do nearly everything."
    pub(crate) reason: String,
    pub(crate) href: String,
}

/// All circles.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/circles.html")]
pub(crate) struct CirclesPage {
    pub(crate) layout: Layout,
    pub(crate) circles: Vec<CircleRow>,
    /// The next page.
    pub(crate) more: Option<String>,
    /// This is not the first page.
    pub(crate) first: Option<String>,
    pub(crate) start: String,
}

/// One circle of the list.
#[derive(Clone, Debug)]
pub(crate) struct CircleRow {
    /// "Heron".
    pub(crate) name: String,
    pub(crate) href: String,
    /// "Oldbridge"; may be empty.
    pub(crate) area: String,
    /// "Going on".
    pub(crate) state: &'static str,
    /// Whether anything is asked in it.
    pub(crate) active: bool,
    pub(crate) people: String,
    /// Tasks of the next seven days.
    pub(crate) week: HeatCell,
    /// "yesterday", "9 days ago", "not yet".
    pub(crate) seen: String,
}

impl Page for TodayPage {
    const NAME: &'static str = "today";

    fn samples() -> Vec<(&'static str, Self)> {
        let gap = |circle: &str, what: &str, asked: &str| GapRow {
            circle: circle.to_owned(),
            what: what.to_owned(),
            asked: asked.to_owned(),
            ring: "/h/circles/maple-22b1".to_owned(),
            noted: false,
        };
        let noted = |row| GapRow { noted: true, ..row };
        let check = |circle: &str, reason: &str| CheckRow {
            circle: circle.to_owned(),
            reason: reason.to_owned(),
            href: "/h/circles/maple-22b1".to_owned(),
        };
        let filled = Self {
            layout: sample::staff(Place::Today),
            reader: "Amira".to_owned(),
            date: "Monday 23 November".to_owned(),
            empty: false,
            gaps_today: 3,
            gaps: vec![
                gap("Maple", "shopping, 11am", "Asked yesterday. No answer yet."),
                gap("Maple", "a visit, 3pm", "A helper gave it back at 7.10am."),
                noted(gap("Maple", "a lift, 5pm", "You noted at 9am today: nobody can come.")),
            ],
            other_gaps: vec![check("Heron", "One gap.")],
            gaps_ahead: 14,
            unsent: Some("Three e-mails of the last seven days did not arrive.".to_owned()),
            worries: Some("One worry waits for you.".to_owned()),
            unreached: sample::texts(&["E-mails to one of your colleagues come back."]),
            check: vec![
                check("Maple", "10 gaps this week. Two people do nearly everything."),
                check("Wren", "Two e-mails did not arrive this week."),
                check("Rowan", "No visit in 9 days. Nobody in charge was here for 8 days."),
            ],
            heat: heat(),
            more: Some("/h?after=Wren#heat".to_owned()),
            start: "/h/start".to_owned(),
        };
        let covered = Self {
            gaps_today: 0,
            gaps: Vec::new(),
            other_gaps: Vec::new(),
            check: Vec::new(),
            gaps_ahead: 0,
            unsent: None,
            worries: None,
            unreached: Vec::new(),
            more: None,
            ..filled.clone()
        };
        let empty =
            Self { empty: true, heat: Heat { rows: Vec::new(), ..heat() }, ..covered.clone() };
        let no_must = Self { gaps_today: 1, gaps: Vec::new(), ..filled.clone() };
        vec![("", filled), ("no-must", no_must), ("covered", covered), ("empty", empty)]
    }
}

impl Page for CirclesPage {
    const NAME: &'static str = "circles";

    fn samples() -> Vec<(&'static str, Self)> {
        let row = |name: &str, state, active, covered, gaps| CircleRow {
            name: name.to_owned(),
            href: "/h/circles/heron-7f3a".to_owned(),
            area: "Oldbridge".to_owned(),
            state,
            active,
            people: "9 people".to_owned(),
            week: HeatCell { covered, gaps },
            seen: "yesterday".to_owned(),
        };
        let filled = Self {
            layout: sample::staff(Place::Circles),
            circles: vec![
                row("Heron", "Going on", true, 12, 3),
                row("Wren", "Paused", false, 0, 0),
            ],
            more: Some("/h/circles?after=Wren".to_owned()),
            first: None,
            start: "/h/start".to_owned(),
        };
        let last = Self { more: None, first: Some("/h/circles".to_owned()), ..filled.clone() };
        let empty = Self { circles: Vec::new(), more: None, ..filled.clone() };
        vec![("", filled), ("last", last), ("empty", empty)]
    }
}

fn heat() -> Heat {
    let names = ["Today", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = |(name, number): (&str, u8)| HeatDay {
        name: name.to_owned(),
        date: format!("{number} Nov"),
    };
    let row = |name: &str, cells: [(usize, usize); 7]| HeatRow {
        name: name.to_owned(),
        href: Some("/h/circles/heron-7f3a".to_owned()),
        cells: cells.map(|(covered, gaps)| HeatCell { covered, gaps }).into(),
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
