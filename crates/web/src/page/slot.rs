//! One slot: take it, or see what one promised.

use askama::Template;

use super::instead::{self, InsteadPart};
use super::layout::{Layout, Place};
use super::slot_more::{self, More};
use super::view::Patient;
use super::{Page, sample};
use crate::form_view::{FormErrors, Post};
use crate::picture::Icon;

/// One slot in full. Which parts are there is for the handler to say: a link from a mail brings the
/// kind, the time and the nature name, and nothing else.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/slot.html")]
pub(crate) struct SlotPage {
    pub(crate) layout: Layout,
    /// Where "Back" leads, for somebody who came from a page of ours.
    pub(crate) back: Option<String>,
    /// `None` where the patient's name must not appear.
    pub(crate) patient: Option<Patient>,
    /// "Heron".
    pub(crate) circle: String,
    pub(crate) icon: Icon,
    /// "Shopping", or what the carer called it.
    pub(crate) what: String,
    /// "Thursday 26 November".
    pub(crate) day: String,
    /// "2pm to 3.30pm".
    pub(crate) times: String,
    /// "About an hour and a half."
    pub(crate) lasts: Option<String>,
    /// "every Tuesday, until 24 December 2026", for what comes again.
    pub(crate) comes: Option<String>,
    /// "Tom does this every Tuesday, until 24 December 2026.", and where one's own ends.
    pub(crate) each_time: Vec<(String, Option<String>)>,
    /// What follows when nobody takes it; for those who may change the task.
    pub(crate) if_nobody: Option<&'static str>,
    /// The reader has promised it, and the circle is paused: no need to go.
    pub(crate) paused: bool,
    pub(crate) state: SlotDoing,
    pub(crate) note: Option<NoteFrom>,
    pub(crate) address: Opening,
    /// When it says who to call: "Wednesday 25 November at 2pm".
    pub(crate) help_opens: Option<String>,
    pub(crate) entry: Opening,
    /// Who promised it before, and what became of it; for the patient and carers.
    pub(crate) history: Vec<String>,
    /// Change the task; for those who may.
    pub(crate) change: Option<String>,
    /// It was taken off: puts it back, and what that means for those who had promised it.
    pub(crate) put_back: Option<(Post, String)>,
    /// Who to call; for those who may see it.
    pub(crate) who_to_call: Option<String>,
    /// What else a mail asked for: words and where it is.
    pub(crate) also: Vec<(String, String)>,
    /// Other times that are asked for.
    pub(crate) instead: Vec<InsteadPart>,
    /// Says yes to all of them.
    pub(crate) yes_to_all: Option<Post>,
    /// Swaps, waiting, other dates.
    pub(crate) more: More,
    /// "Open your task", and where it is, for whoever came by a mail.
    pub(crate) own_page: Option<(&'static str, String)>,
}

/// Free text of the task.
#[derive(Clone, Debug)]
pub(crate) struct NoteFrom {
    pub(crate) words: String,
    /// "Ruth".
    pub(crate) by: String,
}

/// What the slot's page offers.
#[derive(Clone, Debug)]
pub(crate) enum SlotDoing {
    /// Nobody does it yet.
    Needed {
        /// Takes it. `None` for those who may only look.
        take: Option<Post>,
        /// Asks the circle; for those who may.
        ask: Option<Post>,
        /// "Still looking. Two have not answered."
        asked: String,
        /// "Sent tomorrow at 8am", when something was asked at night.
        sent_tomorrow: bool,
        /// What the circle will see: "“Tom”", or "your first name".
        shown_as: String,
        /// Where "Not this time" leads.
        no: String,
        /// "Not this time" from somebody who was asked: is not asked for it again.
        sorry: Option<Post>,
        /// That was said.
        said_no: bool,
    },
    /// The reader has promised it.
    Mine {
        /// "Tomorrow", or "In two weeks".
        soon: String,
        /// A file for calendars; it says "Busy" and the time.
        calendar: Option<String>,
        /// "I can't make it."
        cannot: Option<String>,
        /// Who comes along: "Arthur". Empty where the reader comes alone.
        with: String,
        /// It has ended.
        over: bool,
        /// The reader asked for cover, and is still responsible.
        cover_wanted: bool,
        /// "I can make it after all", once cover is asked for.
        keep: Option<Post>,
        /// "I’ll be there", until it is said.
        there: Option<Post>,
        /// It was said.
        sure: bool,
    },
    /// Somebody else does it.
    Covered { who: String },
    /// Arranged already.
    Arranged,
    /// It was done.
    Done { who: String },
    /// It has passed, and nobody had promised it.
    Passed,
    /// It will not happen.
    Cancelled,
}

/// The address, or how to get in.
#[derive(Clone, Debug)]
pub(crate) enum Opening {
    /// Not told for this task, or not to this reader.
    No,
    /// Told to whoever takes it.
    AfterTaking {
        /// "Wednesday 25 November at 2pm".
        from: String,
    },
    /// The reader has taken it: it opens by itself.
    From {
        /// "Wednesday 25 November at 2pm".
        when: String,
    },
    /// May be seen now, after a button, and the look is recorded.
    Reveal(Post),
    /// Open.
    Shown {
        words: String,
        /// "4pm tomorrow".
        until: String,
    },
}

impl SlotPage {
    fn errors(&self) -> FormErrors {
        self.more.errors()
    }

    fn heading(&self) -> &str {
        match &self.state {
            SlotDoing::Needed { said_no: true, .. } => "You said: not this time",
            SlotDoing::Needed { take: Some(_), .. } => "Could you do this?",
            SlotDoing::Needed { .. } => "Needs someone",
            SlotDoing::Mine { over: true, .. } => "How was it?",
            SlotDoing::Mine { .. } => "You are doing this",
            SlotDoing::Covered { .. } => "Somebody is doing this",
            SlotDoing::Arranged => "Arranged already",
            SlotDoing::Done { .. } => "Done",
            SlotDoing::Passed => "This has passed",
            SlotDoing::Cancelled => "This was cancelled",
        }
    }

    fn whose(&self) -> String {
        match &self.patient {
            Some(patient) => patient.possessive(),
            None => "the".to_owned(),
        }
    }
}

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
        let arranged = Self { state: SlotDoing::Arranged, ..done.clone() };
        let passed = Self { state: SlotDoing::Passed, ..done.clone() };
        let cancelled = Self { state: SlotDoing::Cancelled, ..done.clone() };
        let says = "Joan had promised it, and was told that there is no need to go. It is open then, and \
                    Joan is asked whether that suits after all.";
        let put_back = Some((sample::post("/c/heron-7f3a/rota/41/back"), says.to_owned()));
        let taken_off =
            Self { put_back, comes: Some("every Thursday".to_owned()), ..cancelled.clone() };
        let asked = Self { more: slot_more::everything(), ..needed.clone() };
        let mut said_no = needed.clone();
        if let SlotDoing::Needed { sorry, said_no, .. } = &mut said_no.state {
            (*sorry, *said_no) = (None, true);
        }
        let waits = Self { more: slot_more::waiting(), ..covered.clone() };
        let wrong = Self { more: slot_more::wrong(), ..carer.clone() };
        let asked_instead = asked_instead(&mine, &carer);
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
                Self { more: slot_more::after(Some("It did not happen.")), ..passed.clone() },
            ),
            ("done", done),
            ("arranged", arranged),
            ("passed", passed),
            ("cancelled", cancelled),
            ("taken-off", taken_off),
            ("said-no", said_no),
        ];
        all.extend(asked_instead);
        all
    }
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
