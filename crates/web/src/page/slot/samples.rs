//! The page of one slot as the gallery and the tests show it.

use super::super::layout::Place;
use super::super::slot_more::{self, More};
use super::super::{Page, instead, sample};
use super::{NoteFrom, Opening, SlotDoing, SlotPage};
use crate::picture::Icon;

impl Page for SlotPage {
    const NAME: &'static str = "slot";

    fn samples() -> Vec<(&'static str, Self)> {
        let needed = needed();
        let link = from_a_mail(&needed);
        let mine = Self {
            layout: sample::done(sample::volunteer(Place::MyRota), "Thank you. It is yours."),
            state: promised(false),
            note: Some(note()),
            address: Opening::From { when: "Wednesday 25 November at 2pm".to_owned() },
            entry: Opening::From { when: "Wednesday 25 November at 2pm".to_owned() },
            ..needed.clone()
        };
        let cover = Self {
            state: SlotDoing::Mine {
                soon: "Tomorrow".to_owned(),
                calendar: None,
                cannot: None,
                with: String::new(),
                over: false,
                cover_wanted: true,
                keep: Some(sample::post("/c/heron-7f3a/rota/41/keep")),
                there: None,
                sure: false,
            },
            ..mine.clone()
        };
        let open = Self {
            layout: sample::volunteer(Place::MyRota),
            state: promised(true),
            address: Opening::Shown {
                words: "14 Quarry Lane\nOldbridge".to_owned(),
                until: "5.30pm today".to_owned(),
            },
            entry: Opening::Reveal(sample::post("/c/heron-7f3a/rota/41/entry")),
            ..mine.clone()
        };
        let carer = Self {
            layout: sample::carer(Place::Rota),
            state: SlotDoing::Needed {
                take: Some(sample::post("/c/heron-7f3a/rota/41/take")),
                ask: Some(sample::post("/c/heron-7f3a/rota/41/ask")),
                asked: "Still looking. Two have not answered.".to_owned(),
                sent_tomorrow: true,
                shown_as: "“Ruth”".to_owned(),
                no: "/c/heron-7f3a/rota".to_owned(),
                sorry: None,
                said_no: false,
            },
            history: sample::texts(&[
                "Ruth asked on Saturday at 9.15am",
                "Joan took it on Saturday at 11am",
                "Joan gave it back on Sunday at 6pm",
            ]),
            change: Some("/c/heron-7f3a/rota/41/change".to_owned()),
            if_nobody: Some(crate::words::if_nobody("must")),
            ..needed.clone()
        };
        let covered = Self {
            layout: sample::sorry(
                sample::friend(Place::Rota),
                "Someone took this a moment ago. Thank you both.",
            ),
            state: SlotDoing::Covered { who: "Joan".to_owned() },
            address: Opening::No,
            ..needed.clone()
        };
        let done = Self {
            state: SlotDoing::Done { who: "Joan".to_owned() },
            address: Opening::No,
            ..needed.clone()
        };
        let asked = Self { more: slot_more::everything(), ..needed.clone() };
        let waits = Self { more: slot_more::waiting(), ..covered.clone() };
        let wrong = Self { more: slot_more::wrong(), ..carer.clone() };
        let asked_instead = asked_instead(&mine, &carer);
        let settled = settled(&needed, &done);
        let mut all = vec![
            ("asked-by-name", asked),
            ("waiting", waits),
            ("error", wrong),
            ("", needed),
            ("from-a-mail", link),
            ("mine", mine),
            ("mine-cover-wanted", cover),
            ("mine-after", over(&open)),
            ("mine-open", open),
            ("carer", carer),
            ("too-late", covered),
            (
                "mine-missed",
                Self {
                    state: SlotDoing::Passed,
                    more: slot_more::after(Some("It did not happen.")),
                    ..done.clone()
                },
            ),
        ];
        all.extend(asked_instead);
        all.extend(settled);
        all
    }
}

/// Where there is nothing to do, or something was said or taken off.
fn settled(needed: &SlotPage, done: &SlotPage) -> Vec<(&'static str, SlotPage)> {
    let mut said_no = needed.clone();
    if let SlotDoing::Needed { sorry, said_no, .. } = &mut said_no.state {
        (*sorry, *said_no) = (None, true);
    }
    let arranged = SlotPage { state: SlotDoing::Arranged, ..done.clone() };
    let passed = SlotPage { state: SlotDoing::Passed, ..done.clone() };
    let cancelled = SlotPage { state: SlotDoing::Cancelled, ..done.clone() };
    let says = "Joan had promised it, and was told that there is no need to go. It is open then, and \
                    Joan is asked whether that suits after all.";
    let put_back = Some((sample::post("/c/heron-7f3a/rota/41/back"), says.to_owned()));
    let taken_off =
        SlotPage { put_back, comes: Some("every Thursday".to_owned()), ..cancelled.clone() };
    vec![
        ("done", done.clone()),
        ("arranged", arranged),
        ("passed", passed),
        ("cancelled", cancelled),
        ("taken-off", taken_off),
        ("said-no", said_no),
    ]
}

/// After it has ended, with nothing said.
fn over(open: &SlotPage) -> SlotPage {
    SlotPage {
        state: SlotDoing::Mine {
            soon: "Yesterday".to_owned(),
            calendar: None,
            cannot: None,
            with: String::new(),
            over: true,
            cover_wanted: false,
            keep: None,
            there: None,
            sure: false,
        },
        address: Opening::No,
        entry: Opening::No,
        more: slot_more::after(None),
        ..open.clone()
    }
}

/// Opened by the link of a mail.
fn from_a_mail(needed: &SlotPage) -> SlotPage {
    SlotPage {
        layout: sample::nobody(),
        back: None,
        patient: None,
        note: None,
        who_to_call: None,
        also: Vec::new(),
        address: Opening::No,
        own_page: Some(("Sign in to see more", "/c/heron-7f3a/rota/41".to_owned())),
        ..needed.clone()
    }
}

/// While another time is asked for, or the circle is paused.
fn asked_instead(mine: &SlotPage, carer: &SlotPage) -> Vec<(&'static str, SlotPage)> {
    let each_time = vec![(
        "You do this every Thursday, until 24 December 2026.".to_owned(),
        Some("/c/heron-7f3a/rota/41/every".to_owned()),
    )];
    let asked = SlotPage { instead: vec![instead::asks_you()], each_time, ..mine.clone() };
    let by_mail = SlotPage {
        layout: sample::nobody(),
        back: None,
        patient: None,
        note: None,
        who_to_call: None,
        address: Opening::No,
        entry: Opening::No,
        instead: vec![instead::asks_you(), instead::answered()],
        yes_to_all: Some(sample::post("/s/1/token/move")),
        own_page: Some(("Open your task", "/c/heron-7f3a/rota/41".to_owned())),
        ..mine.clone()
    };
    let asked_them = SlotPage {
        state: SlotDoing::Covered { who: "Tom and Alan".to_owned() },
        history: Vec::new(),
        address: Opening::No,
        each_time: vec![("Tom does this every Thursday.".to_owned(), None)],
        instead: vec![instead::asked_them()],
        ..carer.clone()
    };
    let declined = SlotPage {
        state: SlotDoing::Covered { who: "Tom".to_owned() },
        instead: vec![instead::declined()],
        ..asked_them.clone()
    };
    let resting = SlotPage { paused: true, ..mine.clone() };
    vec![
        ("mine-paused", resting),
        ("mine-asked-instead", asked),
        ("from-a-mail-asked-instead", by_mail),
        ("carer-asked-instead", asked_them),
        ("carer-declined", declined),
    ]
}

fn needed() -> SlotPage {
    SlotPage {
        layout: sample::volunteer(Place::HelpNeeded),
        back: Some("/me".to_owned()),
        patient: Some(sample::margaret()),
        circle: "Heron".to_owned(),
        icon: Icon::Basket,
        what: "Shopping".to_owned(),
        day: "Thursday 26 November".to_owned(),
        times: "2pm to 3.30pm".to_owned(),
        lasts: Some("About an hour and a half.".to_owned()),
        comes: Some("every Thursday".to_owned()),
        each_time: Vec::new(),
        if_nobody: None,
        paused: false,
        state: SlotDoing::Needed {
            take: Some(sample::post("/c/heron-7f3a/rota/41/take")),
            ask: None,
            asked: String::new(),
            sent_tomorrow: false,
            shown_as: "“Tom”".to_owned(),
            no: "/me".to_owned(),
            sorry: Some(sample::post("/c/heron-7f3a/rota/41/no")),
            said_no: false,
        },
        note: Some(note()),
        address: Opening::AfterTaking { from: "Wednesday 25 November at 2pm".to_owned() },
        help_opens: Some("Wednesday 25 November at 2pm".to_owned()),
        entry: Opening::No,
        history: Vec::new(),
        change: None,
        put_back: None,
        who_to_call: Some("/c/heron-7f3a/who-to-call".to_owned()),
        also: Vec::new(),
        instead: Vec::new(),
        yes_to_all: None,
        more: More::default(),
        own_page: None,
    }
}

fn note() -> NoteFrom {
    NoteFrom {
        words: "Milk, bread, soft fruit, dog biscuits. Keep the receipt.".to_owned(),
        by: "Ruth".to_owned(),
    }
}

fn promised(begun: bool) -> SlotDoing {
    SlotDoing::Mine {
        soon: if begun { "Today" } else { "In three days" }.to_owned(),
        calendar: Some("/me/calendar/41.ics".to_owned()),
        cannot: Some("/c/heron-7f3a/rota/41/cannot".to_owned()),
        with: if begun { "Arthur".to_owned() } else { String::new() },
        over: false,
        cover_wanted: false,
        keep: None,
        there: (!begun).then(|| sample::post("/s/1/token/there")),
        sure: begun,
    }
}
