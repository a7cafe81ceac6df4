//! What the link that stops e-mails opens.

use askama::Template;

use super::layout::Layout;
use super::{Page, sample};
use crate::form_view::Post;

/// One button, and nothing before it: mail scanners follow links.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/stop_mail.html")]
pub(crate) struct StopMailPage {
    pub(crate) layout: Layout,
    /// `None` once the mails are stopped.
    pub(crate) stop: Option<Post>,
    /// Where one chooses fewer of them.
    pub(crate) settings: String,
}

impl Page for StopMailPage {
    const NAME: &'static str = "stop-mail";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::nobody(),
            stop: Some(sample::post("/stop/1/token")),
            settings: "/e-mails/1/token".to_owned(),
        };
        let stopped = Self { stop: None, ..page.clone() };
        vec![("", page), ("stopped", stopped)]
    }
}
