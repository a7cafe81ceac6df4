//! One person: what she may see, by preset or item by item.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::{Choice, Patient, SlotRow, SlotState};
use super::{Page, presets, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;

/// One person of the circle, for the patient and carers.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/person.html")]
pub(crate) struct PersonPage {
    pub(crate) layout: Layout,
    pub(crate) patient: Patient,
    /// "Joan".
    pub(crate) name: String,
    /// "Named by Margaret on 18 November."
    pub(crate) named: String,
    pub(crate) people: String,
    pub(crate) post: Post,
    /// From [`presets::choices`].
    pub(crate) choices: Vec<Choice>,
    /// A word of the domain's presets, or `pick`.
    pub(crate) see: FieldView,
    /// *And how to get in.*
    pub(crate) entry: bool,
    pub(crate) items: String,
    /// Promised by her, still to come.
    pub(crate) tasks: Vec<SlotRow>,
    /// While its address can be corrected: she has not said yes, or others have for her.
    pub(crate) invitation: Option<Unanswered>,
    /// E-mails to her come back: says that they would not now.
    pub(crate) comes_back: Option<Post>,
    /// "Alan gets no e-mail from us: we have no address. Please ring."
    pub(crate) unreached: Option<String>,
    /// What is said for her, where no e-mail reaches her.
    pub(crate) spoken_for: SpokenFor,
    pub(crate) devices: String,
    pub(crate) remove: String,
}

/// What is said for somebody whom no e-mail reaches.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpokenFor {
    /// "Alan said yes to me": while he is invited.
    pub(crate) yes: Option<String>,
    /// Where it is noted that he is away.
    pub(crate) away: Option<String>,
    /// "from 1 to 14 December", as it was noted for him.
    pub(crate) away_when: Option<String>,
    /// "You said for Alan today at 2pm that Alan would like to help."
    pub(crate) said: Vec<String>,
}

/// An invitation that she has not answered herself.
#[derive(Clone, Debug)]
pub(crate) struct Unanswered {
    /// It went by e-mail.
    pub(crate) by_mail: bool,
    /// Others said yes for her, and no e-mail has ever reached her.
    pub(crate) is_in: bool,
    /// Where its address is changed.
    pub(crate) href: String,
}

/// Six ticks and the two that are never ticked by a preset alone.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/items.html")]
pub(crate) struct ItemsPage {
    pub(crate) layout: Layout,
    pub(crate) patient: Patient,
    pub(crate) name: String,
    /// Her own page.
    pub(crate) back: String,
    pub(crate) post: Post,
    /// In the order of the page; ids are words of the domain's categories.
    pub(crate) items: Vec<Item>,
    /// Error of the whole list, at the first item: "Joan needs the rota to help with it".
    pub(crate) rota: FieldView,
}

/// One kind of information.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// `rota`, `task`, `help`, `address`, `news`, `people`, `care`, `entry`.
    pub(crate) id: &'static str,
    pub(crate) ticked: bool,
}

impl PersonPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("see", &self.see)])
    }
}

impl ItemsPage {
    /// What can be chosen, all off.
    pub(crate) fn none() -> Vec<Item> {
        const IDS: [&str; 8] =
            ["rota", "task", "help", "address", "news", "people", "care", "entry"];
        IDS.map(|id| Item { id, ticked: false }).into()
    }

    fn errors(&self) -> FormErrors {
        FormErrors::of([("rota", &self.rota)])
    }
}

impl Item {
    fn label(&self) -> &'static str {
        match self.id {
            "rota" => "The rota",
            "task" => "Notes on tasks",
            "help" => "Who to call",
            "address" => "The address",
            "news" => "News and kind words",
            "people" => "Who is in the circle",
            "care" => "Care and comfort",
            _ => "How to get in",
        }
    }

    fn meaning(&self, patient: &Patient) -> String {
        match self.id {
            "rota" => "What needs doing and when, with first names.".to_owned(),
            "task" => "What you write beside a task.".to_owned(),
            "help" => "The numbers to ring when something is wrong.".to_owned(),
            "address" => "Always, not only around a task.".to_owned(),
            "news" => format!("Your news about {}, and what the others write.", patient.how()),
            "people" => "First names of everyone. Not what they may see.".to_owned(),
            "care" => format!("What helps, and what matters to {}.", patient.named()),
            _ => "The key safe and the alarm. Each look is recorded.".to_owned(),
        }
    }
}

impl Page for PersonPage {
    const NAME: &'static str = "person";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = Self {
            layout: sample::carer(Place::People),
            patient: sample::margaret(),
            name: "Joan".to_owned(),
            named: "Named by Margaret on 18 November.".to_owned(),
            people: "/c/heron-7f3a/people".to_owned(),
            post: sample::post("/c/heron-7f3a/people/3"),
            choices: presets::choices(&sample::margaret()),
            see: FieldView::filled("private_page"),
            entry: true,
            items: "/c/heron-7f3a/people/3/items".to_owned(),
            tasks: vec![SlotRow {
                icon: Icon::Cup,
                what: "Visit".to_owned(),
                when: "Monday 23 November, 2pm".to_owned(),
                href: "/c/heron-7f3a/rota/41".to_owned(),
                state: SlotState::Covered { who: "Joan".to_owned(), mine: false },
            }],
            invitation: None,
            comes_back: None,
            unreached: None,
            spoken_for: SpokenFor::default(),
            devices: "/c/heron-7f3a/people/3/devices".to_owned(),
            remove: "/c/heron-7f3a/people/3/remove".to_owned(),
        };
        let wrong = Self {
            see: FieldView::wrong("", "Choose what Joan may see"),
            entry: false,
            tasks: Vec::new(),
            ..filled.clone()
        };
        let comes_back = Some(sample::post("/c/heron-7f3a/people/3/address-works"));
        let comes_back = Self { comes_back, ..filled.clone() };
        let unreached = Some(crate::words::unreached("Joan", "stopped"));
        let unreached = Self { unreached, ..filled.clone() };
        let spoken_for = SpokenFor {
            yes: None,
            away: Some("/c/heron-7f3a/people/3/away".to_owned()),
            away_when: Some("from 1 to 14 December".to_owned()),
            said: sample::texts(&["You said for Joan today at 2pm that Joan would like to help."]),
        };
        let unreached = Self { spoken_for, ..unreached };
        let href = "/c/heron-7f3a/people/3/address".to_owned();
        let unanswered = |by_mail| Self {
            invitation: Some(Unanswered { by_mail, is_in: false, href: href.clone() }),
            tasks: Vec::new(),
            ..filled.clone()
        };
        let (invited, no_mail) = (unanswered(true), unanswered(false));
        let invitation = Some(Unanswered { by_mail: true, is_in: true, href: href.clone() });
        let never_reached = Self { invitation, ..comes_back.clone() };
        let yes = Some("/c/heron-7f3a/people/3/yes".to_owned());
        let no_mail = Self { spoken_for: SpokenFor { yes, ..SpokenFor::default() }, ..no_mail };
        vec![
            ("", filled),
            ("invited", invited),
            ("no-mail", no_mail),
            ("error", wrong),
            ("mail-comes-back", comes_back),
            ("never-reached", never_reached),
            ("unreached", unreached),
        ]
    }
}

impl Page for ItemsPage {
    const NAME: &'static str = "items";

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            layout: sample::carer(Place::People),
            patient: sample::margaret(),
            name: "Joan".to_owned(),
            back: "/c/heron-7f3a/people/3".to_owned(),
            post: sample::post("/c/heron-7f3a/people/3/items"),
            items: Self::none(),
            rota: FieldView::default(),
        };
        let ticked = |item: Item| Item { ticked: matches!(item.id, "task" | "news"), ..item };
        let wrong = Self {
            items: Self::none().into_iter().map(ticked).collect(),
            rota: FieldView::wrong("", "Joan needs the rota to help with it"),
            ..empty.clone()
        };
        vec![("", empty), ("error", wrong)]
    }
}
