//! The link that a carer sends by her own phone, and those who ask to join by it.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::Choice;
use super::{Page, presets, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;

/// Make a link, send it, stop it.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/share_link.html")]
pub(crate) struct ShareLinkPage {
    pub(crate) layout: Layout,
    pub(crate) people: String,
    /// Makes a link; the one before does nothing any more.
    pub(crate) make: Post,
    pub(crate) link: Option<ReadyText>,
}

/// A link with the text to send it with.
#[derive(Clone, Debug)]
pub(crate) struct ReadyText {
    /// The whole text, the address in it.
    pub(crate) text: String,
    /// "6 December".
    pub(crate) until: String,
    /// "20 people".
    pub(crate) asks_left: String,
    pub(crate) stop: Post,
}

impl ReadyText {
    /// Opens the program for text messages, with the text in it and nobody to send it to yet. Both
    /// kinds of telephone read it so.
    fn sms(&self) -> String {
        format!("sms:?&body={}", escaped(&self.text))
    }

    /// Opens one's own mail program.
    fn mail(&self) -> String {
        format!(
            "mailto:?subject={}&body={}",
            escaped("Would you like to help?"),
            escaped(&self.text)
        )
    }
}

/// Bytes that an address may not hold, as RFC 3986 writes them.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// Everybody who asks.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/asking.html")]
pub(crate) struct AskingPage {
    pub(crate) layout: Layout,
    pub(crate) people: String,
    pub(crate) waiting: Vec<WhoAsks>,
    /// The page with the link.
    pub(crate) link: String,
    /// No to everybody.
    pub(crate) clear: Post,
}

/// Somebody who asks.
#[derive(Clone, Debug)]
pub(crate) struct WhoAsks {
    /// As they typed it.
    pub(crate) name: String,
    /// "blue teapot".
    pub(crate) words: String,
    /// "today at 7.50am".
    pub(crate) asked: String,
    pub(crate) href: String,
}

/// One of them, to answer.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/asking_one.html")]
pub(crate) struct OneAskingPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    pub(crate) asking: Asking,
    pub(crate) post: Post,
    pub(crate) no: Post,
    pub(crate) choices: Vec<Choice>,
    pub(crate) see: FieldView,
    /// *And how to get in.*
    pub(crate) entry: bool,
}

/// What there is to know before the answer.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) who: WhoAsks,
    /// They gave a mail address, and get reminders.
    pub(crate) has_email: bool,
    /// "29 November".
    pub(crate) until: String,
}

impl OneAskingPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("see", &self.see)])
    }
}

impl Page for ShareLinkPage {
    const NAME: &'static str = "share-link";

    fn samples() -> Vec<(&'static str, Self)> {
        let none = Self {
            layout: sample::carer(Place::People),
            people: "/c/heron-7f3a/people".to_owned(),
            make: sample::post("/c/heron-7f3a/people/link"),
            link: None,
        };
        let made = Self {
            link: Some(ReadyText {
                text: crate::words::ready_text("Heron", "https://kith.example/join/AbCdEf"),
                until: "6 December".to_owned(),
                asks_left: "20 people".to_owned(),
                stop: sample::post("/c/heron-7f3a/people/link/stop"),
            }),
            ..none.clone()
        };
        vec![("", made), ("none", none)]
    }
}

impl Page for AskingPage {
    const NAME: &'static str = "asking";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = Self {
            layout: sample::carer(Place::People),
            people: "/c/heron-7f3a/people".to_owned(),
            waiting: vec![tom(), WhoAsks { name: "Bea".to_owned(), ..tom() }],
            link: "/c/heron-7f3a/people/link".to_owned(),
            clear: sample::post("/c/heron-7f3a/people/asking/clear"),
        };
        let empty = Self { waiting: Vec::new(), ..filled.clone() };
        vec![("", filled), ("empty", empty)]
    }
}

impl Page for OneAskingPage {
    const NAME: &'static str = "asking-one";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::carer(Place::People),
            back: "/c/heron-7f3a/people/asking".to_owned(),
            asking: Asking { who: tom(), has_email: true, until: "29 November".to_owned() },
            post: sample::post("/c/heron-7f3a/people/asking/1"),
            no: sample::post("/c/heron-7f3a/people/asking/1/no"),
            choices: presets::choices(&sample::margaret()),
            see: FieldView::default(),
            entry: false,
        };
        let wrong = Self { see: FieldView::wrong("", "Choose what they may see"), ..page.clone() };
        vec![("", page), ("error", wrong)]
    }
}

fn tom() -> WhoAsks {
    WhoAsks {
        name: "Tom".to_owned(),
        words: "blue teapot".to_owned(),
        asked: "today at 10am".to_owned(),
        href: "/c/heron-7f3a/people/asking/1".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_text_fits_into_an_address() {
        assert_eq!(escaped("a b? https://x/y"), "a%20b%3F%20https%3A%2F%2Fx%2Fy");
        assert_eq!(escaped("é’"), "%C3%A9%E2%80%99");
    }
}
