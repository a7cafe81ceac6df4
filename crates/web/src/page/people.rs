//! The people of a circle, and taking one of them out.

use askama::Template;

use super::home::{Around, around};
use super::layout::{Layout, Place};
use super::view::{LookRow, Patient};
use super::{Page, sample};
use crate::form_view::Post;
use crate::picture::{Icon, Ring};

/// Everybody in the circle.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/people.html")]
pub(crate) struct PeoplePage {
    pub(crate) layout: Layout,
    pub(crate) patient: Patient,
    pub(crate) people: Vec<PersonRow>,
    /// For the patient and carers only; friends see names.
    pub(crate) around: Option<Around>,
    /// The page with a link to send; for the patient and carers.
    pub(crate) link: Option<String>,
    /// The page for naming several in one go; for the patient and carers.
    pub(crate) several: Option<String>,
    /// Where all the words are that wait to be said.
    pub(crate) all_words: Option<String>,
    /// Somebody asks to join.
    pub(crate) asking: Option<AskingNote>,
}

/// That somebody asks to join.
#[derive(Clone, Debug)]
pub(crate) struct AskingNote {
    /// "Two people ask".
    pub(crate) how_many: String,
    pub(crate) href: String,
}

/// One person of the circle.
#[derive(Clone, Debug)]
pub(crate) struct PersonRow {
    pub(crate) name: String,
    /// 1 to 3 as on the ring picture; 0 where the reader may not know, or for the patient.
    pub(crate) ring: u8,
    /// "You – daughter", "Friend, named by Margaret on 18 November". May be empty.
    pub(crate) about: String,
    /// Her own page; for the patient and carers.
    pub(crate) href: Option<String>,
    /// The patient's own tablet; for carers.
    pub(crate) tablet: Option<String>,
    /// Her welcome words, until they are used; for the patient and carers.
    pub(crate) words: Option<String>,
    /// Something to see to: "E-mails to Grace come back"; for the patient and carers.
    pub(crate) problem: Option<String>,
}

/// Take somebody out of the circle.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/remove.html")]
pub(crate) struct RemovePage {
    pub(crate) layout: Layout,
    pub(crate) patient: Patient,
    /// "Joan".
    pub(crate) name: String,
    /// Her own page.
    pub(crate) keep: String,
    pub(crate) looks: String,
    /// "visit today", "meal on Friday": tasks that are open again.
    pub(crate) tasks: Vec<String>,
    pub(crate) seen: Vec<LookRow>,
    /// She has seen how to get in, so that it may want changing.
    pub(crate) saw_entry: bool,
    /// `None` for the last person in charge, who cannot be taken out by anybody but the patient.
    pub(crate) post: Option<Post>,
    /// There is an address that can be kept out from now on.
    pub(crate) has_address: bool,
}

impl Page for PeoplePage {
    const NAME: &'static str = "people";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = Self {
            layout: sample::done(sample::carer(Place::People), "Grace has been invited."),
            patient: sample::margaret(),
            people: vec![
                person("Margaret", 0, "It is Margaret’s circle"),
                person("Ruth", 1, "You – daughter"),
                person("Joan", 1, "Friend, named by Margaret on 18 November"),
                person("Priya", 2, "Friend, named by Ruth on 19 November"),
                PersonRow {
                    words: Some("/c/heron-7f3a/people/7/words".to_owned()),
                    ..person("Grace", 0, "Asked on Friday, not answered yet")
                },
                PersonRow {
                    problem: Some(crate::words::comes_back("Alan")),
                    ..person("Alan", 0, "Asked on Thursday")
                },
            ],
            around: Some(around()),
            link: Some("/c/heron-7f3a/people/link".to_owned()),
            several: Some("/c/heron-7f3a/people/several".to_owned()),
            all_words: Some("/c/heron-7f3a/people/words".to_owned()),
            asking: Some(AskingNote {
                how_many: "Two people ask".to_owned(),
                href: "/c/heron-7f3a/people/asking".to_owned(),
            }),
        };
        let friend = Self {
            layout: sample::friend(Place::People),
            people: ["Margaret", "Ruth", "Joan", "Priya", "Derek"]
                .map(|name| PersonRow { href: None, tablet: None, ..person(name, 0, "") })
                .into(),
            around: None,
            link: None,
            several: None,
            all_words: None,
            asking: None,
            ..filled.clone()
        };
        let empty = Self {
            layout: sample::carer(Place::People),
            people: vec![person("Margaret", 0, ""), person("Ruth", 1, "You")],
            around: Some(Around {
                ring: Ring { centre: "Margaret".to_owned(), ..Ring::default() },
                ..around()
            }),
            asking: None,
            ..filled.clone()
        };
        vec![("", filled), ("friend", friend), ("empty", empty)]
    }
}

impl Page for RemovePage {
    const NAME: &'static str = "remove";

    fn samples() -> Vec<(&'static str, Self)> {
        let look = |did: &str, when: &str| LookRow {
            who: "Joan".to_owned(),
            did: did.to_owned(),
            when: when.to_owned(),
        };
        let filled = Self {
            layout: sample::carer(Place::People),
            patient: sample::margaret(),
            name: "Joan".to_owned(),
            keep: "/c/heron-7f3a/people/3".to_owned(),
            looks: "/c/heron-7f3a/looks".to_owned(),
            tasks: sample::texts(&["visit today", "meal on Friday"]),
            seen: vec![
                look("saw how to get in", "Today, 7.50am"),
                look("opened the private page", "Today, 7.48am"),
            ],
            saw_entry: true,
            post: Some(sample::post("/c/heron-7f3a/people/3/remove")),
            has_address: true,
        };
        let nothing = Self {
            patient: sample::herself(),
            layout: sample::patient(Place::People),
            tasks: Vec::new(),
            seen: Vec::new(),
            saw_entry: false,
            has_address: false,
            ..filled.clone()
        };
        let last = Self { name: "Ruth".to_owned(), post: None, ..nothing.clone() };
        vec![("", filled), ("nothing-seen", nothing), ("last-carer", last)]
    }
}

fn person(name: &str, ring: u8, about: &str) -> PersonRow {
    PersonRow {
        name: name.to_owned(),
        ring,
        about: about.to_owned(),
        href: (name != "Margaret" && name != "Ruth").then(|| "/c/heron-7f3a/people/3".to_owned()),
        tablet: (name == "Margaret").then(|| "/c/heron-7f3a/tablet".to_owned()),
        words: None,
        problem: None,
    }
}
