//! One circle as staff see it: starting it, its card, and its page. Never a name but the lead
//! carer's, never a note.

use askama::Template;

use kith_app::PlannedCover;

use super::layout::{Layout, Place};
use super::view::Choice;
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::{Heat, HeatCell, HeatDay, HeatRow, Icon, Qr};

/// Start a circle with a family.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/start_circle.html")]
pub(crate) struct StartCirclePage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    pub(crate) post: Post,
    /// `carer` or `patient`.
    pub(crate) who: FieldView,
    /// First name of whoever it is.
    pub(crate) name: FieldView,
    /// The number at which the hospice knows them.
    pub(crate) phone: FieldView,
    /// Part of town; may be empty.
    pub(crate) area: FieldView,
}

/// The card for the family, to print.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/card.html")]
pub(crate) struct CardPage {
    pub(crate) layout: Layout,
    /// "Heron".
    pub(crate) circle: String,
    /// `None` when the address is too long for a code.
    pub(crate) qr: Option<Qr>,
    /// "kith.example/i/7k3d-9xqm", to type.
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
    /// "Going on", "Frozen".
    pub(crate) state: String,
    /// `None` while only the patient reads.
    pub(crate) detail: Option<OversightDetail>,
    /// The card that was handed out, while it works.
    pub(crate) card: Option<String>,
    /// A new card: the earlier one was lost, or the carer lost everything.
    pub(crate) new_card: Option<Post>,
    /// The patient lost her tablet: ends her devices, so that a carer shows her another.
    pub(crate) lost_devices: Option<Post>,
    /// Safeguarding: only the patient reads.
    pub(crate) freeze: Option<Post>,
    pub(crate) unfreeze: Option<Post>,
}

/// What the coordinator works from.
#[derive(Clone, Debug)]
pub(crate) struct OversightDetail {
    /// "9 people".
    pub(crate) people: String,
    /// "Yesterday", or "9 days ago".
    pub(crate) last_seen: String,
    /// The lead carer; none when the patient runs the circle, whose name staff do not see.
    pub(crate) contact: Option<String>,
    pub(crate) phone: Option<String>,
    /// E-mails to the lead carer come back.
    pub(crate) comes_back: bool,
    /// Four weeks.
    pub(crate) cover: Heat,
    /// Kind, time, covered or not.
    pub(crate) slots: Vec<OversightSlot>,
}

/// One slot without words or names.
#[derive(Clone, Debug)]
pub(crate) struct OversightSlot {
    pub(crate) icon: Icon,
    /// "Shopping".
    pub(crate) kind: String,
    /// "Thursday 26 November, 2pm to 3pm".
    pub(crate) when: String,
    pub(crate) cover: PlannedCover,
    /// What was noted of it: "You noted at 10am today: nobody can come."
    pub(crate) noted: Option<Noted>,
    /// Notes that somebody is coming, and that nobody can; where somebody has to.
    pub(crate) coming: Option<Post>,
    pub(crate) nobody: Option<Post>,
}

impl OversightSlot {
    /// Whether it is still to be settled who comes.
    fn is_open(&self) -> bool {
        match &self.noted {
            Some(noted) => !noted.coming,
            None => self.cover != PlannedCover::Covered,
        }
    }
}

/// What was noted of a slot.
#[derive(Clone, Debug)]
pub(crate) struct Noted {
    /// Somebody comes; else nobody can.
    pub(crate) coming: bool,
    /// "You noted it at 10am today."
    pub(crate) when: String,
}

impl StartCirclePage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([
            ("who", &self.who),
            ("name", &self.name),
            ("phone", &self.phone),
            ("area", &self.area),
        ])
    }

    fn runners() -> Vec<Choice> {
        vec![
            Choice::plain("carer", "Somebody who cares for the patient"),
            Choice::explained(
                "patient",
                "The patient",
                "Then you know the circle by its nature name only.",
            ),
        ]
    }
}

impl Page for StartCirclePage {
    const NAME: &'static str = "start-circle";

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            layout: sample::staff(Place::Start),
            back: "/h".to_owned(),
            post: sample::post("/h/start"),
            who: FieldView::default(),
            name: FieldView::default(),
            phone: FieldView::default(),
            area: FieldView::default(),
        };
        let wrong = Self {
            who: FieldView::wrong("", "Choose who will run the circle"),
            name: FieldView::filled("Ruth"),
            phone: FieldView::wrong("12", "Enter a phone number, like 01632 960 123"),
            ..empty.clone()
        };
        vec![("", empty), ("error", wrong)]
    }
}

impl Page for CardPage {
    const NAME: &'static str = "card";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::staff(Place::Start),
            circle: "Heron".to_owned(),
            qr: Qr::new("https://kith.example/i/q7Kd93hfPzZs2mXw"),
            address: "kith.example/i/7k3d-9xqm".to_owned(),
            words: "blue teapot".to_owned(),
            until: "Monday 7 December".to_owned(),
            back: "/h/circles/heron-7f3a".to_owned(),
        };
        vec![("", page)]
    }
}

impl Page for OversightPage {
    const NAME: &'static str = "oversight";

    fn samples() -> Vec<(&'static str, Self)> {
        let slot = |icon, kind: &str, when: &str, cover| OversightSlot {
            icon,
            kind: kind.to_owned(),
            when: when.to_owned(),
            cover,
            noted: None,
            coming: None,
            nobody: None,
        };
        let post = |id: u8| Some(sample::post(&format!("/h/circles/heron-7f3a/slots/{id}/said")));
        let open = |id, slot| OversightSlot { coming: post(id), nobody: post(id), ..slot };
        let noted = |coming, slot| {
            let noted = Noted { coming, when: "You noted it at 10.05am today.".to_owned() };
            let (post_coming, nobody) = if coming { (None, post(1)) } else { (post(1), None) };
            OversightSlot { noted: Some(noted), coming: post_coming, nobody, ..slot }
        };
        let week = |name: &str| HeatRow {
            name: name.to_owned(),
            href: None,
            cells: [HeatCell { covered: 2, gaps: 1 }; 7].into(),
        };
        let page = Self {
            layout: sample::staff(Place::Circles),
            back: "/h".to_owned(),
            circle: "Heron".to_owned(),
            state: "Going on, in Oldbridge".to_owned(),
            detail: Some(OversightDetail {
                people: "9 people".to_owned(),
                last_seen: "Yesterday".to_owned(),
                contact: Some("Ruth".to_owned()),
                phone: Some("07700 900 123".to_owned()),
                comes_back: true,
                cover: Heat {
                    rows_are: "Week",
                    days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
                        .map(|name| HeatDay { name: name.to_owned(), date: String::new() })
                        .into(),
                    rows: ["23 Nov", "30 Nov", "7 Dec", "14 Dec"].map(week).into(),
                },
                slots: vec![
                    slot(Icon::Cup, "A visit", "today, 2pm to 3pm", PlannedCover::Covered),
                    slot(Icon::Dog, "Walk the dog", "today, 4pm to 5pm", PlannedCover::Gap),
                    open(
                        1,
                        slot(Icon::Cup, "A visit", "tomorrow, 2pm to 3pm", PlannedCover::NoWord),
                    ),
                    slot(Icon::Cup, "A visit", "tomorrow, 6pm to 7pm", PlannedCover::CoverWanted),
                    noted(
                        true,
                        slot(Icon::Car, "A lift", "tomorrow, 8pm to 9pm", PlannedCover::Gap),
                    ),
                    noted(
                        false,
                        slot(Icon::Car, "A lift", "tomorrow, 9pm to 10pm", PlannedCover::Covered),
                    ),
                ],
            }),
            card: None,
            new_card: Some(sample::post("/h/circles/heron-7f3a/card")),
            lost_devices: Some(sample::post("/h/circles/heron-7f3a/lost-devices")),
            freeze: Some(sample::post("/h/circles/heron-7f3a/freeze")),
            unfreeze: None,
        };
        let forming = Self {
            state: "Being set up".to_owned(),
            detail: page.detail.clone().map(|detail| OversightDetail {
                contact: None,
                phone: None,
                slots: Vec::new(),
                ..detail
            }),
            card: Some("/h/circles/heron-7f3a/card".to_owned()),
            lost_devices: None,
            ..page.clone()
        };
        let frozen = Self {
            state: "Frozen".to_owned(),
            detail: None,
            new_card: None,
            lost_devices: None,
            freeze: None,
            unfreeze: Some(sample::post("/h/circles/heron-7f3a/unfreeze")),
            ..page.clone()
        };
        vec![("", page), ("forming", forming), ("frozen", frozen)]
    }
}
