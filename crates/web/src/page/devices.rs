//! Phones and tablets: which ones open a circle, and how another one comes to.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::Post;
use crate::picture::{Icon, Qr};

/// The devices of one person: for herself, and for the carer.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/devices.html")]
pub(crate) struct DevicesPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    /// `None` when the reader looks at her own.
    pub(crate) name: Option<String>,
    pub(crate) devices: Vec<DeviceRow>,
    /// The pages that make words for a further device, by nature name of the circle.
    pub(crate) another: Vec<(String, String)>,
    /// Takes back that somebody else uses this device too, where that was said.
    pub(crate) shared: Option<Post>,
}

/// One enrolled device.
#[derive(Clone, Debug)]
pub(crate) struct DeviceRow {
    /// "Phone, Safari": what the browser says of itself, in plain words.
    pub(crate) what: String,
    /// "Since 18 November, last used today". `Opens Heron circle` where there are several.
    pub(crate) about: String,
    /// The one that shows this page.
    pub(crate) this_one: bool,
    /// "That's odd: stop it."
    pub(crate) stop: Post,
}

/// A further device is approved from an enrolled one: new words, shown in one answer only.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/approve_device.html")]
pub(crate) struct ApproveDevicePage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    /// Once they were made.
    pub(crate) made: Option<OwnWordsView>,
    pub(crate) make: Post,
    pub(crate) devices: String,
}

/// Words for the new device, and where they are typed.
#[derive(Clone, Debug)]
pub(crate) struct OwnWordsView {
    /// "green kettle".
    pub(crate) words: String,
    /// "until 4 December".
    pub(crate) until: String,
    /// Opens the page for the words.
    pub(crate) qr: Option<Qr>,
    /// The same address, to type.
    pub(crate) address: String,
    /// She signs in by e-mail first; not for somebody without e-mail.
    pub(crate) by_mail: bool,
}

/// The carer's side of the patient's own tablet: a code to scan and two words.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/own_tablet.html")]
pub(crate) struct OwnTabletPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    /// "Margaret".
    pub(crate) name: String,
    /// `None` until they were made.
    pub(crate) code: Option<TabletCode>,
    /// She has one already, and words for another come from there.
    pub(crate) has_device: bool,
    pub(crate) make: Post,
}

/// What is shown to the tablet.
#[derive(Clone, Debug)]
pub(crate) struct TabletCode {
    pub(crate) qr: Qr,
    /// The same address, to type.
    pub(crate) address: String,
    /// "blue teapot".
    pub(crate) words: String,
    /// "until 4 December".
    pub(crate) until: String,
}

impl Page for DevicesPage {
    const NAME: &'static str = "devices";

    fn samples() -> Vec<(&'static str, Self)> {
        let device = |what: &str, about: &str, this_one| DeviceRow {
            what: what.to_owned(),
            about: about.to_owned(),
            this_one,
            stop: sample::post("/me/devices/1/stop"),
        };
        let own = Self {
            layout: sample::volunteer(Place::Details),
            back: "/me/details".to_owned(),
            name: None,
            devices: vec![
                device("Phone, Safari", "Heron circle. Since 18 November, used today", true),
                device("Tablet, Firefox", "Heron circle. Since 2 November, used on Friday", false),
            ],
            another: ["Heron", "Wren"]
                .map(|name| (name.to_owned(), "/c/heron-7f3a/devices/another".to_owned()))
                .into(),
            shared: Some(sample::post("/devices/alone")),
        };
        let of_joan = Self {
            layout: sample::carer(Place::People),
            back: "/c/heron-7f3a/people/3".to_owned(),
            name: Some("Joan".to_owned()),
            devices: vec![device("Phone, Chrome", "Since 18 November, used today", false)],
            another: Vec::new(),
            shared: None,
        };
        let empty = Self { devices: Vec::new(), ..of_joan.clone() };
        vec![("", own), ("of-a-friend", of_joan), ("empty", empty)]
    }
}

impl Page for ApproveDevicePage {
    const NAME: &'static str = "approve-device";

    fn samples() -> Vec<(&'static str, Self)> {
        let asked = Self {
            layout: sample::volunteer(Place::Details),
            back: "/c/heron-7f3a/devices".to_owned(),
            made: None,
            make: sample::post("/c/heron-7f3a/devices/another"),
            devices: "/devices".to_owned(),
        };
        let address = "https://kith.example/c/heron-7f3a/enrol";
        let made = OwnWordsView {
            words: "green kettle".to_owned(),
            until: "until 4 December".to_owned(),
            qr: Qr::new(address),
            address: address.to_owned(),
            by_mail: true,
        };
        let shown = Self { made: Some(made.clone()), ..asked.clone() };
        let no_mail = Self { made: Some(OwnWordsView { by_mail: false, ..made }), ..asked.clone() };
        vec![("", shown), ("no-mail", no_mail), ("asked", asked)]
    }
}

impl Page for OwnTabletPage {
    const NAME: &'static str = "own-tablet";

    fn samples() -> Vec<(&'static str, Self)> {
        let address = "https://kith.example/t/q7Kd93hfPzZs2mXw";
        let code = Qr::new(address).map(|qr| TabletCode {
            qr,
            address: address.to_owned(),
            words: "blue teapot".to_owned(),
            until: "until 4 December".to_owned(),
        });
        let shown = Self {
            layout: sample::carer(Place::People),
            back: "/c/heron-7f3a/people".to_owned(),
            name: "Margaret".to_owned(),
            code,
            has_device: false,
            make: sample::post("/c/heron-7f3a/own-tablet"),
        };
        vec![
            ("", shown.clone()),
            ("asked", Self { code: None, ..shown.clone() }),
            ("has-one", Self { code: None, has_device: true, ..shown }),
        ]
    }
}
