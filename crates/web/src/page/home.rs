//! Circle home: today, the week, kind words, and the people around the patient.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::{Patient, SlotRow, SlotState};
use super::{Page, sample};
use crate::form_view::Post;
use crate::picture::{Icon, Invited, Ring, Strip, StripDay};

/// Circle home.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/home.html")]
pub(crate) struct HomePage {
    pub(crate) layout: Layout,
    /// First name of the reader: "Hello, Ruth".
    pub(crate) reader: String,
    pub(crate) patient: Patient,
    /// Nature name: "Heron".
    pub(crate) circle: String,
    /// "Monday 23 November".
    pub(crate) date: String,
    pub(crate) today: Vec<SlotRow>,
    pub(crate) rota: String,
    pub(crate) strip: Strip,
    /// Add a task; for those who may.
    pub(crate) add: Option<String>,
    /// Write news; for the patient and carers.
    pub(crate) tell: Option<String>,
    /// For those who may see the news.
    pub(crate) news: Option<News>,
    /// For the patient and carers only.
    pub(crate) around: Option<Around>,
    /// What whoever was there last left to say, and "From Tom. Today, 3pm". For the patient and carers
    /// only.
    pub(crate) left_to_say: Option<(String, String)>,
    /// "An e-mail to Tom did not arrive. You could ring Tom." For the patient and carers only.
    pub(crate) unsent: Vec<String>,
    /// Who to call; for those who may see it.
    pub(crate) who_to_call: Option<String>,
    /// How the circle runs; for the patient and carers.
    pub(crate) settings: Option<String>,
    /// Nobody is asked or reminded.
    pub(crate) paused: bool,
    /// "In e-mails, Margaret's circle is called Heron", until the reader has said "All right".
    pub(crate) naming_note: Option<Post>,
}

/// The latest news and kind words.
#[derive(Clone, Debug)]
pub(crate) struct News {
    /// All of them, and where one writes.
    pub(crate) href: String,
    pub(crate) latest: Option<NoteRow>,
    pub(crate) kind_words: Vec<NoteRow>,
}

/// A few words and who wrote them.
#[derive(Clone, Debug)]
pub(crate) struct NoteRow {
    pub(crate) words: String,
    /// "Joan, Saturday".
    pub(crate) by: String,
    /// Takes it away; for whoever wrote it, and for those in charge.
    pub(crate) erase: Option<Post>,
}

/// The ring, and what the patient and carers do about it.
#[derive(Clone, Debug)]
pub(crate) struct Around {
    pub(crate) ring: Ring,
    pub(crate) name_friend: String,
    pub(crate) looks: String,
}

impl Page for HomePage {
    const NAME: &'static str = "home";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = filled();
        let patient = Self {
            layout: sample::patient(Place::Home),
            reader: "Margaret".to_owned(),
            patient: sample::herself(),
            ..filled.clone()
        };
        let friend = Self {
            layout: sample::friend(Place::Home),
            reader: "Derek".to_owned(),
            add: None,
            tell: None,
            news: None,
            around: None,
            settings: None,
            left_to_say: None,
            unsent: Vec::new(),
            ..filled.clone()
        };
        let empty = Self {
            today: Vec::new(),
            strip: Strip { days: week([(0, 0); 7]) },
            news: Some(News {
                href: "/c/heron-7f3a/news".to_owned(),
                latest: None,
                kind_words: Vec::new(),
            }),
            around: Some(Around {
                ring: Ring { centre: "Margaret".to_owned(), ..Ring::default() },
                ..around()
            }),
            left_to_say: None,
            unsent: Vec::new(),
            naming_note: None,
            ..filled.clone()
        };
        vec![("", filled), ("patient", patient), ("friend", friend), ("empty", empty)]
    }
}

fn filled() -> HomePage {
    HomePage {
        layout: sample::carer(Place::Home),
        reader: "Ruth".to_owned(),
        patient: sample::margaret(),
        circle: "Heron".to_owned(),
        date: "Monday 23 November".to_owned(),
        today: vec![
            slot(
                Icon::Cup,
                "Visit and a cup of tea",
                "2pm to 3pm",
                SlotState::Covered { who: "Joan".to_owned(), mine: false },
            ),
            slot(
                Icon::Meal,
                "Evening meal",
                "about 6pm",
                SlotState::Covered { who: "You".to_owned(), mine: true },
            ),
            slot(
                Icon::Dog,
                "Walk Biscuit",
                "before dark",
                SlotState::Needed {
                    asked: "Still looking. Two have not answered.".to_owned(),
                    take: None,
                    ask: None,
                },
            ),
            slot(
                Icon::Basket,
                "Shopping",
                "about 4pm",
                SlotState::Needed {
                    asked: String::new(),
                    take: None,
                    ask: Some(sample::post("/c/heron-7f3a/rota/41/ask")),
                },
            ),
        ],
        rota: "/c/heron-7f3a/rota".to_owned(),
        strip: Strip { days: week([(2, 4), (2, 2), (2, 2), (1, 2), (2, 2), (1, 1), (1, 2)]) },
        add: Some("/c/heron-7f3a/rota/add".to_owned()),
        tell: Some("/c/heron-7f3a/news".to_owned()),
        news: Some(News {
            href: "/c/heron-7f3a/news".to_owned(),
            latest: Some(NoteRow {
                words: "A good night. She would love a visitor who talks about the garden."
                    .to_owned(),
                by: "Ruth, yesterday".to_owned(),
                erase: None,
            }),
            kind_words: vec![
                NoteRow {
                    words: "Lovely hour with Margaret. We did the crossword and she beat me."
                        .to_owned(),
                    by: "Joan, Saturday".to_owned(),
                    erase: None,
                },
                NoteRow {
                    words: "Soup is in the blue tub. Just warm it through.".to_owned(),
                    by: "Priya, Friday".to_owned(),
                    erase: None,
                },
            ],
        }),
        around: Some(around()),
        left_to_say: Some((
            "She ate very little. The back door sticks.".to_owned(),
            "From Joan. Yesterday, 3pm".to_owned(),
        )),
        unsent: sample::texts(&["An e-mail to Tom did not arrive. You could ring Tom."]),
        who_to_call: Some("/c/heron-7f3a/who-to-call".to_owned()),
        settings: Some("/c/heron-7f3a/settings".to_owned()),
        paused: false,
        naming_note: Some(sample::post("/c/heron-7f3a/naming-note")),
    }
}

fn slot(icon: Icon, what: &str, when: &str, state: SlotState) -> SlotRow {
    SlotRow {
        icon,
        what: what.to_owned(),
        when: when.to_owned(),
        href: "/c/heron-7f3a/rota/41".to_owned(),
        state,
    }
}

fn week(tasks: [(usize, usize); 7]) -> Vec<StripDay> {
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let days = names.into_iter().zip(23..).zip(tasks);
    days.map(|((weekday, number), (covered, tasks))| StripDay {
        weekday,
        number,
        is_today: number == 23,
        covered,
        tasks,
    })
    .collect()
}

pub(super) fn around() -> Around {
    Around {
        ring: Ring {
            centre: "Margaret".to_owned(),
            private: sample::texts(&["Ruth", "Sam", "Joan"]),
            news: sample::texts(&["Priya", "Mo"]),
            rota: sample::texts(&["Tom", "Dev", "Sheila", "Derek"]),
            invited: vec![Invited {
                name: "Grace".to_owned(),
                since: "asked on Friday".to_owned(),
            }],
        },
        name_friend: "/c/heron-7f3a/people/name".to_owned(),
        looks: "/c/heron-7f3a/looks".to_owned(),
    }
}
