//! The demonstration: be somebody, let time pass, read the mails that would have been sent.

use askama::Template;

use super::layout::Layout;
use super::{Page, sample};
use crate::form_view::Post;
use crate::picture::Icon;

/// Where one chooses who to be.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/demo_front.html")]
pub(crate) struct DemoFrontPage {
    pub(crate) layout: Layout,
    pub(crate) doors: Vec<DemoDoor>,
    /// Everybody's own number.
    pub(crate) number: String,
    /// "Monday 23 November, 9am".
    pub(crate) time: String,
    /// Steps through the instants at which something is due.
    pub(crate) forward: Vec<DemoStep>,
    pub(crate) mails: String,
    /// The newest mails.
    pub(crate) latest: Vec<DemoMailRow>,
}

/// One person to be.
#[derive(Clone, Debug)]
pub(crate) struct DemoDoor {
    /// "Ruth", or "Somebody with Tom’s mailbox only".
    pub(crate) name: String,
    /// "Margaret’s daughter. She set up the circle."
    pub(crate) about: String,
    pub(crate) enter: Post,
    /// The mails this person would have got.
    pub(crate) mailbox: Option<String>,
}

/// How far to let time pass.
#[derive(Clone, Debug)]
pub(crate) struct DemoStep {
    /// "To the next e-mail".
    pub(crate) words: &'static str,
    pub(crate) go: Post,
}

/// All mails of the demonstration.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/demo_mails.html")]
pub(crate) struct DemoMailsPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    /// `None` for all, or whose mailbox this is.
    pub(crate) mailbox: Option<String>,
    pub(crate) mails: Vec<DemoMailRow>,
    /// All of them, when this is one mailbox.
    pub(crate) all: Option<String>,
    pub(crate) older: Option<String>,
    pub(crate) newer: Option<String>,
}

/// One mail in the list.
#[derive(Clone, Debug)]
pub(crate) struct DemoMailRow {
    pub(crate) to: String,
    pub(crate) subject: String,
    /// "Monday 23 November, 6pm".
    pub(crate) when: String,
    pub(crate) href: String,
}

/// One mail.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/demo_mail.html")]
pub(crate) struct DemoMailPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    pub(crate) mail: DemoMailRow,
    /// The text part, as it is.
    pub(crate) text: String,
    /// The links in it, as paths of ours: words and address.
    pub(crate) links: Vec<(String, String)>,
    /// The HTML part on a page of its own.
    pub(crate) html: Option<String>,
}

impl Page for DemoFrontPage {
    const NAME: &'static str = "demo-front";

    fn samples() -> Vec<(&'static str, Self)> {
        let door = |name: &str, about: &str, mailbox: bool| DemoDoor {
            name: name.to_owned(),
            about: about.to_owned(),
            enter: sample::post("/demo/be"),
            mailbox: mailbox.then(|| "/demo/mailbox?to=tom".to_owned()),
        };
        let step = |words| DemoStep { words, go: sample::post("/demo/forward") };
        let page = Self {
            layout: sample::demo(sample::nobody()),
            doors: vec![
                door("Ruth", "Margaret’s daughter. She set up the circle.", true),
                door("Margaret", "It is her circle. She decides who sees what.", false),
                door("Joan", "An old friend. She may open the private page.", true),
                door("Tom", "A neighbour. He sees just the rota.", true),
                door("Derek", "A patient who runs his own circle, Otter.", true),
                door("Amira", "A coordinator. She sees gaps, and no names.", true),
                door("Somebody with Tom’s mailbox only", "A wrong reader of his mail.", false),
            ],
            number: "7359".to_owned(),
            time: "Monday 23 November, 9am".to_owned(),
            forward: vec![
                step("To the next e-mail"),
                step("To tomorrow at 8am"),
                step("On by a day"),
                step("On by a week"),
            ],
            mails: "/demo/mailbox".to_owned(),
            latest: vec![mail()],
        };
        let first = Self { latest: Vec::new(), ..page.clone() };
        vec![("", page), ("first", first)]
    }
}

impl Page for DemoMailsPage {
    const NAME: &'static str = "demo-mails";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = Self {
            layout: sample::demo(sample::nobody()),
            back: "/demo".to_owned(),
            mailbox: None,
            mails: vec![mail(), mail()],
            all: None,
            older: Some("/demo/mailbox?page=3".to_owned()),
            newer: Some("/demo/mailbox?page=1".to_owned()),
        };
        let empty = Self {
            mailbox: Some("Tom".to_owned()),
            mails: Vec::new(),
            all: Some("/demo/mailbox".to_owned()),
            older: None,
            newer: None,
            ..filled.clone()
        };
        vec![("", filled), ("empty", empty)]
    }
}

impl Page for DemoMailPage {
    const NAME: &'static str = "demo-mail";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::demo(sample::nobody()),
            back: "/demo/mailbox".to_owned(),
            mail: mail(),
            text:
                "Tomorrow\n\nTuesday 24 November, 2pm to 3pm\nA visit, Heron circle\n\nOpen your \
                   task:\nhttps://kith.example/s/4fJd8Kq2\n\nWe leave names and addresses out on \
                   purpose."
                    .to_owned(),
            links: vec![("Open your task".to_owned(), "/s/4fJd8Kq2".to_owned())],
            html: Some("/demo/mailbox/1/html".to_owned()),
        };
        vec![("", page)]
    }
}

fn mail() -> DemoMailRow {
    DemoMailRow {
        to: "Tom".to_owned(),
        subject: "Something you promised".to_owned(),
        when: "Monday 23 November, 6pm".to_owned(),
        href: "/demo/mailbox/1".to_owned(),
    }
}
