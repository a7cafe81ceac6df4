//! The private page: care and comfort, what matters, getting in, who to call. And changing it.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::{LookRow, Patient};
use super::{Page, looks, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::{DotPlot, Icon};

/// The private page. To anyone not named for it, it does not exist.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/private.html")]
pub(crate) struct PrivatePage {
    pub(crate) layout: Layout,
    pub(crate) patient: Patient,
    pub(crate) care: Option<Written>,
    pub(crate) matters: Option<Written>,
    pub(crate) entry: EntryPart,
    pub(crate) address: Option<Written>,
    pub(crate) help: Option<Written>,
    /// "You can see how to get in until 4pm": when a window, not a grant, opens something.
    pub(crate) opens: Option<String>,
    /// For those who may change it.
    pub(crate) change: Option<String>,
    pub(crate) who: Vec<WhoSees>,
    /// Let someone else see it; for the patient and carers.
    pub(crate) share: Option<String>,
    /// For the patient and carers.
    pub(crate) looked: Option<Looked>,
    /// Every visit; a friend sees her own.
    pub(crate) looks: String,
}

/// Words and who wrote them.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// Lines are kept.
    pub(crate) words: String,
    /// "Ruth, yesterday at 9.15pm".
    pub(crate) by: String,
}

/// How to get in.
#[derive(Clone, Debug)]
pub(crate) enum EntryPart {
    /// Not for this reader.
    No,
    /// Nothing written yet.
    Nothing,
    /// Behind a button: the look is recorded.
    Hidden(Post),
    /// Shown this once.
    Shown(String),
}

/// One person who may open the page.
#[derive(Clone, Debug)]
pub(crate) struct WhoSees {
    pub(crate) name: String,
    /// "It is her page", "You – daughter", "Friend, named 18 November".
    pub(crate) about: String,
    /// Her own page, where one stops sharing; for the patient and carers.
    pub(crate) stop: Option<String>,
}

/// Who has looked, as the private page sums it up.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    pub(crate) plot: Option<DotPlot>,
    /// Looks of others in the last 14 days.
    pub(crate) latest: Vec<LookRow>,
}

impl PrivatePage {
    fn is_empty(&self) -> bool {
        self.care.is_none() && self.matters.is_none() && self.help.is_none()
    }
}

/// Change the private page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/edit_private.html")]
pub(crate) struct EditPrivatePage {
    pub(crate) layout: Layout,
    pub(crate) patient: Patient,
    pub(crate) post: Post,
    pub(crate) cancel: String,
    /// "Margaret, Ruth, Sam and Joan".
    pub(crate) readers: String,
    /// Each part only for those who may change it.
    pub(crate) comfort: Option<FieldView>,
    pub(crate) matters: Option<FieldView>,
    /// Never filled with what is stored: empty keeps it as it is.
    pub(crate) entry: Option<FieldView>,
    /// Something is stored, so that it can be taken away.
    pub(crate) has_entry: bool,
    pub(crate) forget_entry: bool,
    pub(crate) address: Option<FieldView>,
    pub(crate) help: Option<FieldView>,
}

impl EditPrivatePage {
    fn errors(&self) -> FormErrors {
        let fields = [
            ("comfort", &self.comfort),
            ("matters", &self.matters),
            ("help", &self.help),
            ("address", &self.address),
            ("entry", &self.entry),
        ];
        FormErrors::of(fields.into_iter().filter_map(|(id, field)| Some((id, field.as_ref()?))))
    }
}

/// Who to call: for everybody who sees the rota.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/who_to_call.html")]
pub(crate) struct WhoToCallPage {
    pub(crate) layout: Layout,
    pub(crate) home: String,
    pub(crate) help: Option<Written>,
    /// For those who may change it.
    pub(crate) change: Option<String>,
    /// The same on a card to print.
    pub(crate) card: Option<String>,
}

/// Who to call, on paper: a card beside the telephone.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/print_help.html")]
pub(crate) struct PrintHelpPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    /// Its own address, to which the size is added.
    pub(crate) own: String,
    pub(crate) size: PaperSize,
    pub(crate) help: Option<String>,
}

/// How large the card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaperSize {
    A4,
    A5,
    A6,
}

impl PaperSize {
    const ALL: [Self; 3] = [Self::A6, Self::A5, Self::A4];

    const fn word(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::A5 => "a5",
            Self::A6 => "a6",
        }
    }

    const fn says(self) -> &'static str {
        match self {
            Self::A4 => "A4, large print",
            Self::A5 => "A5, half a sheet",
            Self::A6 => "A6, a postcard",
        }
    }
}

impl Page for PrintHelpPage {
    const NAME: &'static str = "print-who-to-call";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::friend(Place::Elsewhere),
            back: "/c/heron-7f3a/who-to-call".to_owned(),
            own: "/c/heron-7f3a/print/who-to-call".to_owned(),
            size: PaperSize::A5,
            help: filled().help.map(|help| help.words),
        };
        let a6 = Self { size: PaperSize::A6, ..page.clone() };
        let a4 = Self { size: PaperSize::A4, ..page.clone() };
        let empty = Self { help: None, ..page.clone() };
        vec![("", page), ("a6", a6), ("a4", a4), ("empty", empty)]
    }
}

impl Page for WhoToCallPage {
    const NAME: &'static str = "who-to-call";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::friend(Place::Elsewhere),
            home: "/c/heron-7f3a/".to_owned(),
            help: filled().help,
            change: None,
            card: Some("/c/heron-7f3a/print/who-to-call".to_owned()),
        };
        let carer = Self {
            layout: sample::carer(Place::Elsewhere),
            help: None,
            change: Some("/c/heron-7f3a/private/edit".to_owned()),
            ..page.clone()
        };
        vec![("", page), ("carer-empty", carer)]
    }
}

impl Page for PrivatePage {
    const NAME: &'static str = "private";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = filled();
        let revealed = Self {
            layout: sample::patient(Place::Private),
            patient: sample::herself(),
            entry: EntryPart::Shown("4071, under the bird table".to_owned()),
            ..filled.clone()
        };
        let friend = Self {
            entry: EntryPart::No,
            opens: Some(
                "You took a task on Thursday. How to get in opens here on Wednesday at 2pm."
                    .to_owned(),
            ),
            change: None,
            share: None,
            who: filled.who.iter().map(|one| WhoSees { stop: None, ..one.clone() }).collect(),
            looked: None,
            ..filled.clone()
        };
        let empty = Self {
            care: None,
            matters: None,
            entry: EntryPart::Nothing,
            address: None,
            help: None,
            who: filled.who.iter().take(2).cloned().collect(),
            looked: Some(Looked { plot: None, latest: Vec::new() }),
            ..filled.clone()
        };
        vec![("", filled), ("revealed", revealed), ("friend", friend), ("empty", empty)]
    }
}

impl Page for EditPrivatePage {
    const NAME: &'static str = "private-edit";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = Self {
            layout: sample::carer(Place::Private),
            patient: sample::margaret(),
            post: sample::post("/c/heron-7f3a/private/edit"),
            cancel: "/c/heron-7f3a/private".to_owned(),
            readers: "Margaret, Ruth, Sam and Joan".to_owned(),
            comfort: Some(FieldView::filled(CARE)),
            matters: Some(FieldView::filled(MATTERS)),
            entry: Some(FieldView::default()),
            has_entry: true,
            forget_entry: false,
            address: Some(FieldView::filled("14 Quarry Lane\nOldbridge")),
            help: Some(FieldView::filled("Sam (son): 07700 900 456")),
        };
        let wrong = Self {
            comfort: Some(FieldView::wrong(
                "…",
                "That is 40 words too long. A few lines are enough",
            )),
            ..filled.clone()
        };
        let outside =
            Self { comfort: None, matters: None, entry: None, has_entry: false, ..filled.clone() };
        vec![("", filled), ("error", wrong), ("not-care", outside)]
    }
}

const CARE: &str = "Gets breathless after the stairs. Sit her up, open the window and wait with \
                    her. If it does not ease in ten minutes, ring the nurse.";
const MATTERS: &str = "To be at home. The window open a little. Radio 3, not the television. \
                       Please call her Margaret, never Maggie.";

fn filled() -> PrivatePage {
    let written = |words: &str| {
        Some(Written { words: words.to_owned(), by: "Ruth, yesterday at 9.15pm".to_owned() })
    };
    let who = |name: &str, about: &str, stop: bool| WhoSees {
        name: name.to_owned(),
        about: about.to_owned(),
        stop: stop.then(|| "/c/heron-7f3a/people/3".to_owned()),
    };
    PrivatePage {
        layout: sample::carer(Place::Private),
        patient: sample::margaret(),
        care: written(CARE),
        matters: written(MATTERS),
        entry: EntryPart::Hidden(sample::post("/c/heron-7f3a/private/entry")),
        address: written("14 Quarry Lane\nOldbridge"),
        help: written(
            "Fernhill Hospice nurse: 01632 960 123, day or night.\nSam (son): 07700 900 456",
        ),
        opens: None,
        change: Some("/c/heron-7f3a/private/edit".to_owned()),
        who: vec![
            who("Margaret", "It is Margaret’s page", false),
            who("Ruth", "You – daughter", false),
            who("Sam", "Son", true),
            who("Joan", "Friend, named 18 November", true),
        ],
        share: Some("/c/heron-7f3a/people".to_owned()),
        looked: Some(Looked { plot: Some(looks::plot()), latest: looks::latest() }),
        looks: "/c/heron-7f3a/looks".to_owned(),
    }
}
