//! Who has looked at what.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::{LookRow, Patient};
use super::{Page, sample};
use crate::picture::{DotPlot, DotRow, Icon};

/// Every opening, the unusual first.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/looks.html")]
pub(crate) struct LooksPage {
    pub(crate) layout: Layout,
    pub(crate) patient: Patient,
    /// `None` for a friend, who sees her own looks.
    pub(crate) plot: Option<DotPlot>,
    /// At night, the first time, how to get in, after a long while.
    pub(crate) unusual: Vec<LookRow>,
    /// The rest; empty until asked for.
    pub(crate) rest: Vec<LookRow>,
    /// Shows the rest.
    pub(crate) all: Option<String>,
    /// The rest before these.
    pub(crate) older: Option<String>,
    /// Days that the picture and the hospice's part go back.
    pub(crate) days: i32,
    /// By somebody of the hospice, at what staff may open.
    pub(crate) staff: Vec<LookRow>,
    /// "14 days" or "60 days", whichever is not shown, and its address.
    pub(crate) other_span: Option<(String, String)>,
}

impl LooksPage {
    fn is_empty(&self) -> bool {
        self.unusual.is_empty() && self.rest.is_empty() && self.all.is_none()
    }
}

impl Page for LooksPage {
    const NAME: &'static str = "looks";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = Self {
            layout: sample::carer(Place::Private),
            patient: sample::margaret(),
            plot: Some(plot()),
            unusual: latest().into_iter().take(2).collect(),
            rest: Vec::new(),
            all: Some("/c/heron-7f3a/looks?all".to_owned()),
            older: None,
            days: 14,
            staff: vec![look(
                "Fernhill Hospice",
                "saw how many tasks are covered",
                "Friday, 10.20am",
            )],
            other_span: Some(("60 days".to_owned(), "/c/heron-7f3a/looks?days=60".to_owned())),
        };
        let older = Some("/c/heron-7f3a/looks?before=40".to_owned());
        let all = Self { rest: latest(), all: None, older, ..filled.clone() };
        let empty = Self {
            plot: None,
            unusual: Vec::new(),
            rest: Vec::new(),
            all: None,
            staff: Vec::new(),
            other_span: None,
            ..filled.clone()
        };
        vec![("", filled), ("all", all), ("empty", empty)]
    }
}

fn look(who: &str, did: &str, when: &str) -> LookRow {
    LookRow { who: who.to_owned(), did: did.to_owned(), when: when.to_owned() }
}

pub(super) fn latest() -> Vec<LookRow> {
    vec![
        look("Joan", "saw how to get in", "Today, 7.50am"),
        look("Joan", "opened the private page", "Today, 7.48am"),
        look("You", "changed “Care and comfort”", "Yesterday, 9.15pm"),
        look("You", "opened the private page", "Yesterday, 4.12pm"),
        look("Sam", "opened the private page", "Thursday, 6.30pm"),
    ]
}

pub(super) fn plot() -> DotPlot {
    let row = |name: &str, days: &str| DotRow {
        name: name.to_owned(),
        opened: days.chars().map(|day| day == 'x').collect(),
    };
    DotPlot {
        what: "the private page",
        span: "10 to 23 November".to_owned(),
        first_day: "10 Nov".to_owned(),
        rows: vec![
            row("Margaret", "x..x...x...x.."),
            row("Ruth (you)", "xxx.xxxx.xxxxx"),
            row("Sam", "..x...x..x...."),
            row("Joan", "...........x.x"),
        ],
    }
}
