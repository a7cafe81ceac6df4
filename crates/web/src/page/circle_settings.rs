//! How a circle runs: whether it asks and reminds, and how much its mails say.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::Patient;
use super::{Page, sample};
use crate::form_view::Post;
use crate::picture::Icon;

/// Pause, go on, quiet mail; for the patient and carers.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/circle_settings.html")]
pub(crate) struct CircleSettingsPage {
    pub(crate) layout: Layout,
    pub(crate) patient: Patient,
    /// "Heron".
    pub(crate) circle: String,
    pub(crate) home: String,
    pub(crate) state: Running,
    /// Sets quiet mail; for those who may.
    pub(crate) quiet: Option<Post>,
    pub(crate) is_quiet: bool,
    /// What is written down for whoever comes; for those who may write it.
    pub(crate) door: Option<DoorLines>,
    /// From now on only the patient reads; hers alone.
    pub(crate) freeze: Option<Post>,
}

/// "not said yet", or "written down".
#[derive(Clone, Debug)]
pub(crate) struct DoorLines {
    /// A number to ring from the door.
    pub(crate) phone: &'static str,
    /// Food and allergies.
    pub(crate) food: &'static str,
    /// Where both are written down.
    pub(crate) href: String,
}

/// What the circle does now, and the button that changes it.
#[derive(Clone, Debug)]
pub(crate) enum Running {
    /// It asks and reminds; the button pauses it.
    Active(Option<Post>),
    /// Paused; the button goes on.
    Paused(Option<Post>),
    /// Only the patient reads; the button opens it again, paused.
    Frozen(Option<Post>),
    /// Being set up, or ended.
    Other,
}

impl Page for CircleSettingsPage {
    const NAME: &'static str = "circle-settings";

    fn samples() -> Vec<(&'static str, Self)> {
        let post = || Some(sample::post("/c/heron-7f3a/settings/state"));
        let active = Self {
            layout: sample::carer(Place::Elsewhere),
            patient: sample::margaret(),
            circle: "Heron".to_owned(),
            home: "/c/heron-7f3a/".to_owned(),
            state: Running::Active(post()),
            quiet: Some(sample::post("/c/heron-7f3a/settings/quiet-mail")),
            is_quiet: false,
            door: Some(DoorLines {
                phone: "not said yet",
                food: "written down",
                href: "/c/heron-7f3a/door".to_owned(),
            }),
            freeze: None,
        };
        let patient = Self {
            layout: sample::patient(Place::Elsewhere),
            patient: sample::herself(),
            state: Running::Paused(post()),
            is_quiet: true,
            freeze: post(),
            ..active.clone()
        };
        let frozen =
            Self { state: Running::Frozen(post()), freeze: None, quiet: None, ..patient.clone() };
        let forming = Self { state: Running::Other, ..active.clone() };
        vec![("", active), ("paused", patient), ("frozen", frozen), ("forming", forming)]
    }
}
