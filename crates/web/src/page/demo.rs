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
    /// "Monday 23 November, 9am".
    pub(crate) time: String,
    /// Steps through the instants at which something is due.
    pub(crate) forward: Vec<DemoStep>,
    pub(crate) mails: String,
    /// Begins anew.
    pub(crate) reset: Post,
}

/// One person to be.
#[derive(Clone, Debug)]
pub(crate) struct DemoDoor {
    /// "Ruth", or "Somebody with Tom’s mailbox only".
    pub(crate) name: String,
    /// "Margaret’s daughter. She set up the circle."
    pub(crate) about: String,
    pub(crate) enter: Post,
}

/// How far to let time pass.
#[derive(Clone, Debug)]
pub(crate) struct DemoStep {
    /// "To the next e-mail, Monday at 6pm".
    pub(crate) words: String,
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
    pub(crate) from: String,
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
        let door = |name: &str, about: &str| DemoDoor {
            name: name.to_owned(),
            about: about.to_owned(),
            enter: sample::post("/demo/be"),
        };
        let step =
            |words: &str| DemoStep { words: words.to_owned(), go: sample::post("/demo/forward") };
        let page = Self {
            layout: sample::demo(sample::nobody()),
            doors: vec![
                door("Ruth", "Margaret’s daughter. She set up the circle and keeps the rota."),
                door("Margaret", "It is her circle. She decides who sees what."),
                door("Derek", "A neighbour. He sees just the rota."),
                door("Joan", "An old friend. She may open the private page."),
                door("Tom", "A volunteer. He took a visit tomorrow."),
                door("Amira", "A coordinator. She sees gaps, and no names."),
                door("Somebody with Tom’s mailbox only", "What a wrong reader of his mail gets."),
            ],
            time: "Monday 23 November, 9am".to_owned(),
            forward: vec![
                step("To the next e-mail: Monday at 6pm"),
                step("To tomorrow at 8am"),
                step("On by a week"),
            ],
            mails: "/demo/mails".to_owned(),
            reset: sample::post("/demo/reset"),
        };
        vec![("", page)]
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
        };
        let empty = Self { mailbox: Some("Tom".to_owned()), mails: Vec::new(), ..filled.clone() };
        vec![("", filled), ("empty", empty)]
    }
}

impl Page for DemoMailPage {
    const NAME: &'static str = "demo-mail";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::demo(sample::nobody()),
            back: "/demo/mails".to_owned(),
            mail: mail(),
            from: "Kith <kith@example.org>".to_owned(),
            text:
                "Tomorrow\n\nTuesday 24 November, 2pm to 3pm\nA visit, Heron circle\n\nOpen your \
                   task:\nhttps://kith.example/s/4fJd8Kq2\n\nWe leave names and addresses out on \
                   purpose."
                    .to_owned(),
            links: vec![("Open your task".to_owned(), "/s/4fJd8Kq2".to_owned())],
            html: Some("/demo/mails/1/html".to_owned()),
        };
        vec![("", page)]
    }
}

fn mail() -> DemoMailRow {
    DemoMailRow {
        to: "Tom".to_owned(),
        subject: "Something you promised".to_owned(),
        when: "Monday 23 November, 6pm".to_owned(),
        href: "/demo/mails/1".to_owned(),
    }
}
