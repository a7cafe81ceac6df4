//! The week: what is planned, who does it, and what still needs someone. And the same on paper.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::{Patient, SlotState, kind_icon};
use super::{Page, sample};
use crate::form_view::Post;
use crate::picture::Icon;

/// The week by day and part of the day.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/rota.html")]
pub(crate) struct RotaPage {
    pub(crate) layout: Layout,
    pub(crate) patient: Patient,
    /// "23 to 29 November".
    pub(crate) week: String,
    /// The week before, unless it is too long ago to be kept.
    pub(crate) before: Option<String>,
    /// The week after, unless it is too far ahead to be planned.
    pub(crate) after: Option<String>,
    pub(crate) print: String,
    /// Nothing that is promised holds until the circle goes on.
    pub(crate) paused: bool,
    /// Seven days.
    pub(crate) days: Vec<RotaDay>,
    /// "Joan and Tom have six of these eight."; for the patient and carers.
    pub(crate) carrying: Option<String>,
    /// Add a task; for those who may.
    pub(crate) add: Option<String>,
    /// Puts the same tasks on the week after; for those who may.
    pub(crate) copy: Option<Post>,
}

/// One day.
#[derive(Clone, Debug)]
pub(crate) struct RotaDay {
    /// "Monday".
    pub(crate) weekday: String,
    /// "23 November".
    pub(crate) date: String,
    pub(crate) is_today: bool,
    /// In the order of the day.
    pub(crate) morning: Vec<RotaSlot>,
    pub(crate) afternoon: Vec<RotaSlot>,
    pub(crate) evening: Vec<RotaSlot>,
}

/// One slot in the week.
#[derive(Clone, Debug)]
pub(crate) struct RotaSlot {
    pub(crate) icon: Icon,
    /// "Walk Biscuit".
    pub(crate) what: String,
    /// "2pm to 3pm".
    pub(crate) when: String,
    pub(crate) href: String,
    /// "Asked: Thursday 26 November at 2pm?"
    pub(crate) instead: Option<String>,
    pub(crate) state: SlotState,
}

impl RotaDay {
    /// "23 Nov".
    fn short_date(&self) -> String {
        match self.date.split_once(' ') {
            Some((number, month)) => {
                format!("{number} {}", month.chars().take(3).collect::<String>())
            }
            None => self.date.clone(),
        }
    }

    /// The three parts of the day with their names.
    pub(crate) fn parts(&self) -> [(&'static str, &[RotaSlot]); 3] {
        [("Morning", &self.morning), ("Afternoon", &self.afternoon), ("Evening", &self.evening)]
    }
}

impl RotaPage {
    fn slots(&self) -> impl Iterator<Item = &RotaSlot> {
        self.days.iter().flat_map(RotaDay::parts).flat_map(|(_, slots)| slots)
    }

    fn gaps(&self) -> usize {
        self.slots().filter(|slot| slot.state.is_gap()).count()
    }

    fn covered(&self) -> usize {
        let covered = |slot: &&RotaSlot| {
            matches!(slot.state, SlotState::Covered { .. } | SlotState::Done { .. })
        };
        self.slots().filter(covered).count()
    }

    fn is_empty(&self) -> bool {
        self.slots().next().is_none()
    }

    /// An empty week is filled from the one before; any other fills the one after.
    fn copy_words(&self) -> &'static str {
        if self.is_empty() {
            "Copy the week before to this one"
        } else {
            "Copy this week to next week"
        }
    }

    /// Where "3 need someone" leads.
    fn is_first_gap(&self, slot: &RotaSlot) -> bool {
        self.slots().find(|slot| slot.state.is_gap()).is_some_and(|gap| std::ptr::eq(gap, slot))
    }
}

/// The week on one sheet for the fridge door: first names, tasks, times, the advice line; no name,
/// address or health of the patient. The reader is named as the others are, never "You".
#[derive(Clone, Debug, Template)]
#[template(path = "pages/print_rota.html")]
pub(crate) struct PrintRotaPage {
    pub(crate) layout: Layout,
    /// The same week on the screen.
    pub(crate) back: String,
    /// "Heron".
    pub(crate) circle: String,
    /// "23 to 29 November".
    pub(crate) week: String,
    /// Nothing that is promised holds until the circle goes on.
    pub(crate) paused: bool,
    /// "Monday 23 November at 8.05am".
    pub(crate) printed: String,
    pub(crate) days: Vec<RotaDay>,
    /// A card with who to call; for those who may see that.
    pub(crate) card: Option<String>,
}

impl Page for RotaPage {
    const NAME: &'static str = "rota-week";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = Self {
            layout: sample::carer(Place::Rota),
            patient: sample::margaret(),
            week: "23 to 29 November".to_owned(),
            before: Some("/c/heron-7f3a/rota?week=2026-11-16".to_owned()),
            after: Some("/c/heron-7f3a/rota?week=2026-11-30".to_owned()),
            carrying: Some("Joan and Tom have six of these eight.".to_owned()),
            print: "/c/heron-7f3a/print/rota".to_owned(),
            paused: false,
            days: days(),
            add: Some("/c/heron-7f3a/rota/add".to_owned()),
            copy: Some(sample::post("/c/heron-7f3a/rota/copy")),
        };
        let empty_day = |day: RotaDay| RotaDay {
            morning: Vec::new(),
            afternoon: Vec::new(),
            evening: Vec::new(),
            ..day
        };
        let empty = Self { days: days().into_iter().map(empty_day).collect(), ..filled.clone() };
        let friend = Self {
            layout: sample::sorry(
                sample::friend(Place::Rota),
                "Someone took this a moment ago. Thank you both.",
            ),
            add: None,
            copy: None,
            before: None,
            ..filled.clone()
        };
        vec![("", filled), ("empty", empty), ("friend-too-late", friend)]
    }
}

impl Page for PrintRotaPage {
    const NAME: &'static str = "print-rota";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::carer(Place::Rota),
            back: "/c/heron-7f3a/rota?week=2026-11-23".to_owned(),
            week: "23 to 29 November".to_owned(),
            paused: false,
            circle: "Heron".to_owned(),
            printed: "Monday 23 November at 8.05am".to_owned(),
            card: Some("/c/heron-7f3a/print/who-to-call".to_owned()),
            days: days()
                .into_iter()
                .map(|day| RotaDay { evening: by_name(day.evening), ..day })
                .collect(),
        };
        vec![("", page)]
    }
}

fn slot(kind: &str, what: &str, when: &str, who: &str) -> RotaSlot {
    let state = match who {
        "" => SlotState::Needed { asked: String::new(), take: None, ask: None },
        "-" => SlotState::Arranged,
        "x" => SlotState::Cancelled,
        "Sheila, done" => SlotState::Done { who: "Sheila".to_owned() },
        "Priya?" => SlotState::CoverWanted {
            who: "Priya".to_owned(),
            with: "Joan".to_owned(),
            may_take: true,
        },
        who => SlotState::Covered { who: who.to_owned(), mine: who == "You" },
    };
    RotaSlot {
        icon: kind_icon(kind),
        what: what.to_owned(),
        when: when.to_owned(),
        href: "/c/heron-7f3a/rota/41".to_owned(),
        instead: (who == "Tom").then(|| "Asked: Wednesday 25 November at 2pm?".to_owned()),
        state,
    }
}

fn by_name(slots: Vec<RotaSlot>) -> Vec<RotaSlot> {
    let named = |slot: RotaSlot| match slot.state {
        SlotState::Covered { mine: true, .. } => {
            RotaSlot { state: SlotState::Covered { who: "Ruth".to_owned(), mine: false }, ..slot }
        }
        _ => slot,
    };
    slots.into_iter().map(named).collect()
}

/// Thirty tasks in seven days, as the carer sees them.
pub(crate) fn full_week() -> RotaPage {
    let filled = RotaPage::samples().into_iter().map(|(_, page)| page).next();
    let mut page = filled.unwrap_or_else(|| unreachable!("the usual sample is the first"));
    let full = slot("visit", "Visit", "10am to 11am", "Joan");
    let missing = 30_usize.saturating_sub(page.slots().count());
    let days = page.days.len().max(1);
    for (n, day) in page.days.iter_mut().enumerate() {
        let share = missing / days + usize::from(n < missing % days);
        day.morning.extend(std::iter::repeat_n(full.clone(), share));
    }
    page
}

fn days() -> Vec<RotaDay> {
    let day = |weekday: &str, number: u8, morning, afternoon, evening| RotaDay {
        weekday: weekday.to_owned(),
        date: format!("{number} November"),
        is_today: number == 23,
        morning,
        afternoon,
        evening,
    };
    let dog = || slot("dog_walk", "Walk Biscuit", "4pm to 5pm", "");
    let visit = |who| slot("visit", "Visit", "2pm to 3pm", who);
    let meal = |who| slot("meal", "Evening meal", "6pm", who);
    vec![
        day("Monday", 23, vec![], vec![visit("Joan"), dog()], vec![meal("Priya")]),
        day("Tuesday", 24, vec![visit("x")], vec![visit("Tom")], vec![meal("Sheila, done")]),
        day(
            "Wednesday",
            25,
            vec![slot("arranged", "The nurse comes", "10am", "-")],
            vec![],
            vec![slot("evening", "Sit in the evening", "7pm to 9pm", "You")],
        ),
        day(
            "Thursday",
            26,
            vec![slot("lift", "Lift to clinic", "9.30am", "Dev")],
            vec![slot("shopping", "Shopping", "2pm to 3.30pm", "")],
            vec![],
        ),
        day("Friday", 27, vec![], vec![visit("Mo")], vec![meal("Joan")]),
        day("Saturday", 28, vec![slot("shopping", "Shopping", "10am", "Derek")], vec![], vec![]),
        day("Sunday", 29, vec![], vec![dog()], vec![meal("Priya?")]),
    ]
}
