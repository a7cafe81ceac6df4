//! Pages that say the same to everybody.

use askama::Template;

use super::layout::Layout;
use super::{Page, sample};
use crate::picture::Icon;

/// Who sees what, in plain words.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/privacy.html")]
pub(crate) struct PrivacyPage {
    pub(crate) layout: Layout,
}

/// Missing, or not for this reader: the two answer alike.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/not_here.html")]
pub(crate) struct NotHerePage {
    pub(crate) layout: Layout,
    /// The way home.
    pub(crate) home: String,
}

/// Something that is ours to mend, or that went wrong on the way.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/error.html")]
pub(crate) struct ErrorPage {
    pub(crate) layout: Layout,
    /// "That did not work": from the list of problems.
    pub(crate) heading: String,
    /// What to do, in a sentence.
    pub(crate) sentence: String,
    /// To quote on the phone.
    pub(crate) reference: Option<String>,
    pub(crate) home: String,
}

/// How to use Kith, and where to say that something is wrong.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/help.html")]
pub(crate) struct HelpPage {
    pub(crate) layout: Layout,
}

/// Accessibility.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/accessibility.html")]
pub(crate) struct AccessibilityPage {
    pub(crate) layout: Layout,
}

/// What to do with an invitation or a card.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/invited.html")]
pub(crate) struct InvitedPage {
    pub(crate) layout: Layout,
    pub(crate) sign_in: String,
}

impl Page for PrivacyPage {
    const NAME: &'static str = "privacy";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self { layout: sample::nobody() })]
    }
}

impl Page for NotHerePage {
    const NAME: &'static str = "not-here";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self { layout: sample::nobody(), home: "/".to_owned() })]
    }
}

impl Page for ErrorPage {
    const NAME: &'static str = "error";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::nobody(),
            heading: "That did not work".to_owned(),
            sentence: "It is our mistake. Please try again in a minute.".to_owned(),
            reference: Some("7f3a-41c2".to_owned()),
            home: "/".to_owned(),
        };
        vec![("", page.clone()), ("without-reference", Self { reference: None, ..page })]
    }
}

impl Page for HelpPage {
    const NAME: &'static str = "help";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self { layout: sample::nobody() })]
    }
}

impl Page for AccessibilityPage {
    const NAME: &'static str = "accessibility";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self { layout: sample::nobody() })]
    }
}

impl Page for InvitedPage {
    const NAME: &'static str = "invited";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self { layout: sample::nobody(), sign_in: "/sign-in".to_owned() };
        vec![("", page)]
    }
}
