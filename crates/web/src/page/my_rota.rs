//! What one has promised, and what still needs someone.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::{SlotRow, SlotState, kind_icon};
use super::{Page, sample};
use crate::form_view::Post;
use crate::picture::Icon;

/// A friend's or volunteer's own page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/my_rota.html")]
pub(crate) struct MyRotaPage {
    pub(crate) layout: Layout,
    pub(crate) reader: String,
    pub(crate) next: Option<NextSlot>,
    /// What the reader promised and whose time has come, newest first.
    pub(crate) lately: Vec<LatelyRow>,
    pub(crate) later: Vec<SlotRow>,
    /// "Shopping, Heron circle: at 10am, every Tuesday, until 24 December 2026", and where it ends.
    pub(crate) every: Vec<(String, String)>,
    pub(crate) needed: Needed,
    /// E-mails to the reader come back: says that they would not now.
    pub(crate) comes_back: Option<Post>,
    /// Nobody has shown yet that the reader's address is read: sends a code there.
    pub(crate) prove: Option<Post>,
    /// Where one says that one is away, or needs a rest.
    pub(crate) rest: Option<String>,
    /// The reader rests until "14 December": nothing is asked.
    pub(crate) resting_until: Option<String>,
    /// The circles one may open on this device: name and address.
    pub(crate) circles: Vec<(String, String)>,
}

/// Something that the reader had promised, lately.
#[derive(Clone, Debug)]
pub(crate) struct LatelyRow {
    pub(crate) icon: Icon,
    /// "A visit, Heron circle".
    pub(crate) what: String,
    /// "yesterday, 2pm to 3pm".
    pub(crate) when: String,
    /// The slot's page, where one says how it was.
    pub(crate) href: String,
    /// "It was done. Thank you.", once it is said.
    pub(crate) known: Option<&'static str>,
    /// "I have done this", as long as nothing is said.
    pub(crate) done: Option<Post>,
}

/// What still needs someone, by itself.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/help_needed.html")]
pub(crate) struct HelpNeededPage {
    pub(crate) layout: Layout,
    pub(crate) needed: Needed,
}

/// Slots that need someone in the coming two weeks, in circles of the reader.
#[derive(Clone, Debug)]
pub(crate) struct Needed {
    /// "Twelve tasks need somebody"; or why there is none.
    pub(crate) words: String,
    pub(crate) rows: Vec<SlotRow>,
    /// "Heron circle", and its rota: more of them are there.
    pub(crate) more: Vec<(String, String)>,
    /// "Nobody is asked for anything in the Owl circle while it is paused."
    pub(crate) paused: Option<String>,
}

/// The next slot as a ticket.
#[derive(Clone, Debug)]
pub(crate) struct NextSlot {
    pub(crate) icon: Icon,
    /// "Tomorrow".
    pub(crate) soon: String,
    /// "Tuesday 24 November".
    pub(crate) day: String,
    /// "2pm to 3pm".
    pub(crate) times: String,
    /// "Visit Margaret", or "Visit, Heron circle" where the name must not appear.
    pub(crate) what: String,
    /// "The address opens here on Monday 23 November at 2pm", or the address itself.
    pub(crate) place: Option<String>,
    pub(crate) note: Option<String>,
    /// The circle is paused: no need to go.
    pub(crate) paused: bool,
    /// "Could it be Thursday 26 November at 2pm instead?"
    pub(crate) instead: Option<String>,
    /// The slot's page.
    pub(crate) href: String,
    pub(crate) calendar: String,
    /// "I can't make it"; not while somebody else is looked for already.
    pub(crate) cannot: Option<String>,
    /// "I’ll be there", where the task asks for it and it is not said.
    pub(crate) there: Option<Post>,
    /// It was said.
    pub(crate) sure: bool,
}

impl Page for MyRotaPage {
    const NAME: &'static str = "my-rota";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = filled();
        let empty = Self { next: None, lately: Vec::new(), later: Vec::new(), ..filled.clone() };
        let covered = Self { needed: Needed::covered(), ..filled.clone() };
        let paused = Self { needed: Needed::paused(), ..filled.clone() };
        let cancelled = Self {
            layout: sample::sorry(
                sample::volunteer(Place::MyRota),
                "Tuesday’s visit was cancelled. No need to go.",
            ),
            resting_until: Some("14 December".to_owned()),
            rest: None,
            needed: Needed::covered(),
            ..empty.clone()
        };
        let comes_back = Some(sample::post("/me/address-works"));
        let prove = Some(sample::post("/sign-in"));
        let unreached = Self { comes_back, prove, ..filled.clone() };
        vec![
            ("", filled),
            ("empty", empty),
            ("covered", covered),
            ("paused", paused),
            ("resting", cancelled),
            ("mail-comes-back", unreached),
        ]
    }
}

impl Needed {
    fn covered() -> Self {
        let words = "Everything in the coming two weeks is covered. Thank you.".to_owned();
        Self { words, rows: Vec::new(), more: Vec::new(), paused: None }
    }

    fn paused() -> Self {
        let paused =
            "The Heron circle is paused. Nobody is asked for anything there until it goes on.";
        Self { words: String::new(), paused: Some(paused.to_owned()), ..Self::covered() }
    }
}

impl Page for HelpNeededPage {
    const NAME: &'static str = "help-needed";

    fn samples() -> Vec<(&'static str, Self)> {
        let layout = sample::volunteer(Place::HelpNeeded);
        let page = Self { layout, needed: filled().needed };
        vec![("", page.clone()), ("covered", Self { needed: Needed::covered(), ..page })]
    }
}

fn filled() -> MyRotaPage {
    let needed = |kind: &str, what: &str, when: &str| SlotRow {
        icon: kind_icon(kind),
        what: what.to_owned(),
        when: when.to_owned(),
        href: "/c/heron-7f3a/rota/43".to_owned(),
        state: SlotState::Needed {
            asked: String::new(),
            take: Some(sample::post("/c/heron-7f3a/rota/43/take")),
            ask: None,
        },
    };
    MyRotaPage {
        layout: sample::volunteer(Place::MyRota),
        reader: "Tom".to_owned(),
        next: Some(NextSlot {
            icon: Icon::Cup,
            soon: "Tomorrow".to_owned(),
            day: "Tuesday 24 November".to_owned(),
            times: "2pm to 3pm".to_owned(),
            what: "Visit Margaret".to_owned(),
            place: Some("The address opens on the task’s page at 2pm today.".to_owned()),
            instead: Some("Could it be Wednesday 25 November at 2pm instead?".to_owned()),
            note: Some("Ring twice and wait a little. Biscuit is friendly.".to_owned()),
            paused: true,
            href: "/c/heron-7f3a/rota/41".to_owned(),
            calendar: "/me/calendar/41.ics".to_owned(),
            cannot: Some("/c/heron-7f3a/rota/41/cannot".to_owned()),
            there: Some(sample::post("/c/heron-7f3a/rota/41/there")),
            sure: false,
        }),
        lately: vec![
            LatelyRow {
                icon: Icon::Cup,
                what: "A visit, Heron circle".to_owned(),
                when: "yesterday, 2pm to 3pm".to_owned(),
                href: "/c/heron-7f3a/rota/39".to_owned(),
                known: None,
                done: Some(sample::post("/c/heron-7f3a/rota/39/done")),
            },
            LatelyRow {
                icon: Icon::Dog,
                what: "Walk the dog, Heron circle".to_owned(),
                when: "Thursday 19 November, 4pm to 5pm".to_owned(),
                href: "/c/heron-7f3a/rota/38".to_owned(),
                known: Some("It was done. Thank you."),
                done: None,
            },
        ],
        later: vec![SlotRow {
            icon: Icon::Basket,
            what: "Shopping".to_owned(),
            when: "Saturday 5 December, 10am to 11.30am".to_owned(),
            href: "/c/heron-7f3a/rota/42".to_owned(),
            state: SlotState::Covered { who: "You".to_owned(), mine: true },
        }],
        every: vec![(
            "Shopping, Heron circle: at 10am, every Saturday".to_owned(),
            "/c/heron-7f3a/rota/42/every".to_owned(),
        )],
        needed: Needed {
            words: "12 tasks in the coming two weeks need somebody. Only take what suits you."
                .to_owned(),
            rows: vec![
                needed("shopping", "Shopping for Margaret", "Thursday 26 November, 2pm"),
                needed("dog_walk", "Walk Biscuit", "Sunday 29 November, 4pm"),
            ],
            more: vec![("Heron circle".to_owned(), "/c/heron-7f3a/rota".to_owned())],
            paused: None,
        },
        comes_back: None,
        prove: None,
        rest: Some("/me/away".to_owned()),
        resting_until: None,
        circles: vec![("Margaret’s circle".to_owned(), "/c/heron-7f3a/".to_owned())],
    }
}
